"""From a card back to its facts: our templates, the layouts before them, and what is no card at all."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huggingtweets_hub import card
from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidFactsError
from huggingtweets_hub.core.records import AccountFacts, BaseModel, CardFacts, Samples, Statistics
from huggingtweets_hub.core.serialization import from_json
from tests.effort import at_most

GOLDEN = Path(__file__).parents[1] / "golden"
SHARED = Path(__file__).parents[2].parent / "shared" / "golden"
COUNTS = Statistics(downloaded=9, retweets=2, short=1, kept=6)
TEMPLATES = ("default", "classic")
often = settings(max_examples=300)


# --- facts as odd as they come ---------------------------------------------------------------------

# fmt: off
PIECES = st.sampled_from([
    " & ", " 🤖 AI Bot ", "🤖 AI BOT 🤖", "](", "](https://x.com)", "|", " | ", "\\", "\\|", "&lt;",
    "&amp;", "&#39;", "&copy", "<b>", "</div>", "<script>", "'", '"', "`", "```", "*", "__x__",
    "~~", "$$", "---", "# ", "> ", "- ", "{{ x }}", "{%", "@ada", "@ada's tweets",
    "url('https://x.com/a.jpg')", "ليلى", "👩\u200d👩\u200d👧", "✝\ufe0f", "\u202e", "\u2066",
    "\u00a0", "\u2028", "\u0085", "\n", "\r\n", "\x00", "\uffff", "\ufeff", "\ud800", "e\u0301", ": ", " #",
    "no", "1e3", "null", "Quantity", "| Tweets downloaded | 3 |", "\n## Training data\n",
])
FLOODS = [
    "a", "\n", "<div", "</div>", "<div>x</div>\n", "url('", "url(&#39;", "<img src=", "| ", " | ",
    "\\|", "&#", " & ", "## ", "```", "---\n", "- a\n", "[[", "@a", "1,000", "[Explore the data",
    "| Tweets downloaded |\n",
]
# fmt: on
NAMES = st.one_of(
    st.text(st.characters(), max_size=40), st.lists(PIECES, max_size=5).map("".join), st.just("x" * 1000)
)
HANDLES = st.one_of(
    st.sampled_from(["__x__", "_", "1e3", "no", "Ada", "null", "x" * 15]),
    st.from_regex(r"[A-Za-z0-9_]{1,15}", fullmatch=True),
)
URLS = st.one_of(
    st.sampled_from(
        ["", "#", "javascript:alert(1)", "http://x.com/a", "HTTPS://x.com/a", "https://x.com/a b(c)"]
    ),
    st.sampled_from(
        ["https://x.com/?a=1&b=2#c", "https://x.com/&lt;'\"", "https://wandb.ai/x/runs/1/artifacts"]
    ),
    st.text(st.characters(), max_size=30).map("https://x.com/".__add__),
)
COUNTED = st.tuples(*[st.integers(0, 10**7)] * 3).map(
    lambda n: Statistics(downloaded=sum(n), retweets=n[0], short=n[1], kept=n[2])
)
ACCOUNTS = st.builds(
    AccountFacts,
    handle=HANDLES,
    name=NAMES,
    statistics=COUNTED,
    avatar_url=st.none() | URLS,
    avatar_file=st.none() | st.just("avatar.jpg"),
)
BASES = st.builds(
    BaseModel,
    name=st.sampled_from(
        ["gpt2", "scratch", "tiny", "ns/small", "a small GPT-2 that started with random weights"]
    ),
    kind=st.sampled_from(["hub", "folder"]),
    revision=st.just("1"),
)
FACTS = st.builds(
    CardFacts,
    accounts=st.lists(ACCOUNTS, min_size=1, max_size=3).map(tuple),
    repo_id=st.sampled_from(["huggingtweets/ada", "a/b", "1e3/no", "A.b-c_d/__x__"]),
    thumbnail=st.none() | URLS,
    prompt=st.none() | NAMES,
    data_run_url=st.none() | URLS,
    training_run_url=st.none() | URLS,
    base_model=st.sampled_from(
        [None, "", "gpt2", "openai-community/gpt2", "scratch", "tiny", "ns/small", "1e3"]
    )
    | NAMES,
    base=st.none() | BASES,
    language=st.none()
    | st.lists(st.sampled_from(["en", "no", "null", "1e3", "", "zh-Hant"]) | NAMES, max_size=3).map(tuple),
    consent=st.sampled_from([None, "self", "fictional"]),
    samples=st.none()
    | st.builds(Samples, prompt=NAMES, seed=st.just(1), free=st.lists(NAMES, min_size=1).map(tuple)),
)


@given(FACTS)
@often
def test_the_default_card_gives_back_what_it_was_made_of(facts: CardFacts) -> None:
    assert card.parse(card.render(facts, "default")) == card.normalised(facts, "default")


@given(FACTS)
@often
def test_the_classic_card_gives_back_what_it_was_made_of(facts: CardFacts) -> None:
    facts = dataclasses.replace(facts, base_model="gpt2", base=None)
    assert card.parse(card.render(facts, "classic")) == card.normalised(facts, "classic")


@pytest.mark.parametrize("template", TEMPLATES)
def test_facts_that_are_missing_stay_missing(template: str) -> None:
    least = CardFacts(accounts=(AccountFacts(handle="ada", statistics=COUNTS),), repo_id="huggingtweets/ada")
    named = dataclasses.replace(least, accounts=(dataclasses.replace(least.accounts[0], name="ada"),))
    base_model = {"default": None, "classic": "gpt2"}[template]
    assert card.parse(card.render(least, template)) == dataclasses.replace(named, base_model=base_model)


@pytest.mark.parametrize("base_model", ["gpt2", "openai-community/gpt2", "ns/small"])
def test_the_base_model_is_read_from_the_text_where_the_metadata_have_none(base_model: str) -> None:
    facts = dataclasses.replace(card.read_facts(GOLDEN / "seed_facts.json"), base_model=base_model)
    text = card.render(facts)
    line = f'base_model: "{base_model}"\n'
    assert line in text and card.parse(text.replace(line, "")) == facts


@given(FACTS)
@often
def test_normalised_facts_make_the_same_card_and_stay_as_they_are(facts: CardFacts) -> None:
    once = card.normalised(facts)
    assert card.normalised(once) == once
    assert card.parse(card.render(once)) == once


# --- the cards of 2020 to 2023 ---------------------------------------------------------------------


def test_the_seed_card_gives_the_seed_facts() -> None:
    text = (GOLDEN / "seed_card.md").read_text("utf-8")
    assert card.parse(text) == card.read_facts(GOLDEN / "seed_facts.json")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published cards are not here")
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_published_cards_are_read(line_end: str) -> None:
    one, two = (
        card.parse((SHARED / f"{name}.md").read_text("utf-8").replace("\n", line_end))
        for name in ("t2scania", "ai_hexcrawl-gptmicrofic")
    )
    assert one == CardFacts(
        accounts=(
            AccountFacts(
                handle="t2scania",
                name="сканиjа",
                avatar_url="https://pbs.twimg.com/profile_images/1369733589982732288/Vuoyvl4Y_400x400.jpg",
                statistics=Statistics(downloaded=689, retweets=36, short=320, kept=333),
            ),
        ),
        repo_id="huggingtweets/t2scania",
        prompt="My dream is",
        data_run_url="https://wandb.ai/wandb/huggingtweets/runs/45jzlgo2",
        training_run_url="https://wandb.ai/wandb/huggingtweets/runs/24fm87zi",
        base_model="gpt2",
    )
    assert [(account.handle, account.name, account.statistics.kept) for account in two.accounts] == [
        ("ai_hexcrawl", "AI Hexcrawl", 710),
        ("gptmicrofic", "GPT2-Microfic", 1109),
    ]
    assert [str(account.avatar_url).rsplit("/", 1)[1] for account in two.accounts] == [
        "lmEKl2ZQ_400x400.jpg",
        "r6vOZGoH_400x400.jpg",
    ]
    assert two.repo_id == "huggingtweets/ai_hexcrawl-gptmicrofic"
    assert (two.thumbnail, two.language) == (None, None)


def seed(changes: dict[str, str]) -> str:
    """The seed card with some of its text replaced; nothing was escaped in its day."""
    text = (GOLDEN / "seed_card.md").read_text("utf-8")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def later(*names: str, handles: str, title: str = "🤖 AI CYBORG 🤖", columns: str | None = None) -> str:
    """A card of the later layout, in our own words around its structure."""
    urls = [f"https://pbs.twimg.com/{i}_400x400.jpg" for i in range(len(names))]
    avatars = "\n".join(
        f'<div\n\t\tstyle="display:{shown}; background-image: url(&#39;{url}&#39;)">\n</div>'
        for shown, url in [*(("inherit", url) for url in urls), ("none", ""), ("none", "")][:3]
    )
    rows = "\n".join(
        f"| {label} |" + f" {count} |" * len(names)
        for label, count in (
            ("Tweets downloaded", 9),
            ("Retweets", 2),
            ("Short tweets", 1),
            ("Tweets kept", 6),
        )
    )
    return f"""
<div class="flex">
{avatars}
    <div style="text-align: center;">{title}</div>
    <div style="text-align: center;">{" & ".join(names)}</div>
    <div style="text-align: center;">@{handles}</div>
</div>

## Training data

Tweets from {" & ".join(names)}.

| Data | {columns or " | ".join(names)} |
| --- |{" --- |" * len(names)}
{rows}

## How to use

```python
generator = pipeline('text-generation',
                     model='huggingtweets/{handles}')
```
"""


def test_the_older_report_link_changes_nothing() -> None:
    older = seed({"https://wandb.ai/wandb/huggingtweets/reports/": "https://app.wandb.ai/x/reports/Old-"})
    assert older != seed({}) and card.parse(older) == card.parse(seed({}))


@pytest.mark.parametrize("name", ["Ada | Lamp", "a & b", "I <3 you", "*a* \\_ `", "x 🤖 AI Bot ", "AT&T"])
def test_a_name_that_nobody_escaped_is_read_from_the_first_layout(name: str) -> None:
    assert card.parse(seed({"Sevag 🌐✝️": name})).accounts[0].name == name.strip()


@pytest.mark.parametrize(
    "names",
    [
        ("Ada",),
        ("Ada | the lamp",),
        ("Ada", "Bob"),
        ("Ada | x", "Bob & y"),
        ("a & b", "c | d", "e & f | g"),
        ("*a*", "b\\_"),
        ("🤖 AI BOT 🤖", "x"),
        (" | ", " & ", "Ada"),
    ],
)
def test_names_are_told_apart_by_the_columns_of_the_table(names: tuple[str, ...]) -> None:
    handles = ["ada", "bob", "eve"][: len(names)]
    facts = card.parse(later(*names, handles="-".join(handles)))
    assert [account.name for account in facts.accounts] == [name.strip() or name for name in names]
    assert [account.handle for account in facts.accounts] == handles
    assert [account.avatar_url for account in facts.accounts] == [
        f"https://pbs.twimg.com/{i}_400x400.jpg" for i in range(len(names))
    ]
    assert facts.accounts[0].statistics == COUNTS


def test_names_come_from_the_header_where_the_table_has_others() -> None:
    text = later("Ada", "Bob", handles="ada-bob", columns="one | two")
    assert [account.name for account in card.parse(text).accounts] == ["Ada", "Bob"]


def test_an_avatar_is_nobodys_where_some_have_none() -> None:
    text = later("Ada", "Bob", handles="ada-bob").replace("https://pbs.twimg.com/0_400x400.jpg", "")
    assert [account.avatar_url for account in card.parse(text).accounts] == [None, None]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://pbs.twimg.com/a.jpg", "https://["])
def test_an_address_that_a_card_may_not_show_is_none(url: str) -> None:
    avatar = "https://pbs.twimg.com/profile_images/1328422822692093953/6g1ZsaQQ_400x400.jpg"
    assert card.parse(seed({avatar: url})).accounts[0].avatar_url is None


@pytest.mark.parametrize(("written", "language"), [("no", "no"), ("null", None), ("[en, no]", ("en", "no"))])
def test_metadata_are_words(written: str, language: object) -> None:
    facts = card.parse(seed({"language: en": f"language: {written}"}))
    assert facts.language == ((language,) if isinstance(language, str) else language)


def test_long_metadata_take_a_moment() -> None:
    tags = "- tag\n" * 30_000
    with at_most(0.5):
        card.parse(seed({"tags:\n": f"tags:\n{tags}"}))


# --- what is no card -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"🤖 AI Bot": "robot"}, "its header has no line"),
        ({"@locosherman2 bot": "locosherman2 bot"}, "in place of a handle"),
        ({"@locosherman2 bot": "@loco-sherman bot"}, "2 handles"),
        ({"@locosherman2 bot": "@loco!sherman bot"}, "not a valid X handle"),
        ({"| Tweets kept | 1890 |": "| Tweets kept | 1891 |"}, "do not add up"),
        ({"| Tweets kept | 1890 |": "| Tweets kept | lots |"}, "'lots' for 'Tweets kept'"),
        ({"| Tweets kept | 1890 |": "| Tweets kept | 1890 | 1890 |"}, "same number of columns"),
        ({"| Tweets kept | 1890 |": ""}, "no table with the rows"),
        ({"## Training data": "## Data"}, "no table with the rows"),
        ({"model='huggingtweets/locosherman2'": "model=name"}, "no snippet"),
        ({'- text: "My dream is"': '- text: "My dream'}, "not valid YAML"),
        ({"language: en": "language: " + "[" * 5000}, "not valid YAML"),
        ({"language: en": f"language: {'[' * 101}{']' * 101}"}, "nested too deeply"),
        ({"language: en": "language: &a [en]"}, "an anchor or alias"),
    ],
)
def test_a_part_that_is_missing_or_wrong_is_named(change: dict[str, str], said: str) -> None:
    with pytest.raises(HuggingTweetsError, match=said) as raised:
        card.parse(seed(change))
    assert raised.value.next_step


def test_aliases_are_never_unfolded() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [{f'*a{i}, ' * 9}]\n" for i in range(20))
    for text in (seed({"tags:": f"{bomb}tags:"}), seed({"tags:": "a: &a [*a]\ntags:"})):
        with pytest.raises(InvalidFactsError, match="an anchor or alias"):
            card.parse(text)


@pytest.mark.parametrize(
    "text", ["", "# Another model\n\nIts card.", "---\ntags: [gpt2]\n---\n", "\x00" * 99]
)
def test_another_card_is_refused(text: str) -> None:
    with pytest.raises(InvalidFactsError, match="This card cannot be read"):
        card.parse(text)


def parsed_or_refused(text: str) -> CardFacts | None:
    try:
        return card.parse(text)
    except HuggingTweetsError:
        return None


CARDS = [
    seed({}),
    card.render(card.read_facts(GOLDEN / "seed_facts.json")),
    later("Ada | x", "Bob & y", handles="ada-bob"),
]


@given(
    st.text(max_size=300)
    | st.lists(PIECES | st.sampled_from("".join(CARDS).split("\n")), max_size=60).map("\n".join)
)
@often
def test_any_text_is_parsed_or_refused(text: str) -> None:
    parsed_or_refused(text)


@given(
    st.sampled_from(CARDS), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 80), PIECES), max_size=4)
)
@often
def test_a_damaged_card_is_parsed_or_refused(text: str, damages: list[tuple[int, int, str]]) -> None:
    for start, length, put in damages:
        text = text[:start] + put + text[start + length :]
    facts = parsed_or_refused(text)
    if facts is not None:  # what was read can be told again
        assert from_json(CardFacts, card.contract_facts(facts)) == facts


@pytest.mark.slow
@pytest.mark.parametrize("unit", FLOODS)
def test_a_megabyte_takes_a_moment(unit: str) -> None:
    flood = unit * (1_000_000 // len(unit))
    floods = [
        flood,
        f"---\n{flood}\n---\n",
        *(seed({place: place + flood}) for place in ("Sevag", "kept", "My")),
    ]
    with at_most(10):
        for text in floods:
            parsed_or_refused(text)
