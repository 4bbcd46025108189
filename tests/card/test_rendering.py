"""The card as a function of its facts."""

import dataclasses
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from huggingtweets_hub import card
from huggingtweets_hub.core import clients
from huggingtweets_hub.core.errors import InvalidFactsError, TemplateError
from huggingtweets_hub.core.records import AccountFacts, CardFacts, Statistics
from huggingtweets_hub.core.serialization import from_json, to_json

GOLDEN = Path(__file__).parents[1] / "golden"
COUNTS = {"downloaded": 9, "retweets": 2, "short": 1, "kept": 6}
SCORE = {"tweets": 12, "tokens": 300, "loss": 3.5, "perplexity": 33.1, "bits_per_byte": 1.2}


def facts(**changes: Any) -> CardFacts:
    least = {"accounts": [{"handle": "ada", "statistics": COUNTS}], "repo_id": "huggingtweets/ada"}
    return from_json(CardFacts, {**least, **changes})


def account(handle: str = "ada", **changes: Any) -> dict[str, Any]:
    return {"handle": handle, "statistics": COUNTS, **changes}


def metadata(text: str) -> dict[str, Any]:
    return card.check(text)


FULL = facts(
    accounts=[account(name="Ada | Lamp", avatar_url="https://pbs.twimg.com/a_400x400.jpg")],
    prompt="My dream is",
    base_model="openai-community/gpt2",
    base={"name": "openai-community/gpt2", "kind": "hub", "revision": "abc", "license": "mit"},
    language=["en"],
    recipe={"name": "original", "epochs": 4, "learning_rate": 1.372e-4, "seed": 7},
    training={"seconds": 300, "steps": 40, "tokens": 40960, "device": "CPU", "parameters": 124439808},
    evaluation={"base": {**SCORE, "perplexity": 99.0}, "tuned": SCORE},
    versions={"python": "3.11.7", "transformers": "5.24.0"},
    source={"kind": "x_archive", "digest": "d" * 64},
    fingerprint="f" * 64,
    consent="self",
)


def test_the_classic_card_of_the_seed_is_reproduced_byte_for_byte() -> None:
    seed = card.read_facts(GOLDEN / "seed_facts.json")
    assert card.render(seed, "classic").encode() == (GOLDEN / "seed_card.md").read_bytes()


def test_the_default_card_has_the_sections_of_the_classic_in_their_order() -> None:
    classic = re.findall(r"^## .*", card.render(facts(), "classic"), re.MULTILINE)
    assert re.findall(r"^## .*", card.render(FULL), re.MULTILINE) == classic


def test_the_metadata_says_what_the_hub_asks_for() -> None:
    assert metadata(card.render(FULL)) == {
        "language": "en",
        "license": "mit",
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "base_model": "openai-community/gpt2",
        "tags": ["huggingtweets"],
        "widget": [{"text": "My dream is"}],
        "model-index": [
            {
                "name": "ada",
                "results": [
                    {
                        "task": {"type": "text-generation", "name": "Text generation"},
                        "dataset": {"type": "tweets", "name": "Held-out tweets of @ada"},
                        "metrics": [
                            {
                                "type": "perplexity",
                                "value": 33.1,
                                "name": "Perplexity per token; lower is better",
                            },
                            {"type": "bits_per_byte", "value": 1.2, "name": "Bits per byte; lower is better"},
                        ],
                    }
                ],
            }
        ],
    }


def test_the_card_says_what_was_measured() -> None:
    text = card.render(FULL)
    for said in ("33.1", "99.0", "0.0001372", "124,439,808", "transformers 5.24.0", "f" * 64, "Seed | 7 |"):
        assert said in text


def test_the_card_says_first_that_it_is_a_bot_and_with_whose_consent() -> None:
    first = card.render(FULL).split("## ")[0]
    assert "AI bot, not @ada" in first
    assert "Consent: the account holder published this model." in first
    assert "not affiliated" not in first
    unstated = card.render(facts()).split("## ")[0]
    assert "It is not affiliated with the account holder. Consent: not stated." in unstated


def test_the_bot_is_none_of_its_accounts() -> None:
    several = facts(accounts=[account("ada"), account("bob"), account("eve")])
    text = card.render(several)
    assert "AI bot, not @ada, @bob or @eve.**" in text and "the words of @ada, @bob or @eve, or" in text
    assert "fine-tuned on @ada, @bob and @eve's tweets" in text


def test_the_sample_is_a_fictional_account_without_being_told() -> None:
    text = card.render(facts(source={"kind": "sample", "digest": "d"}))
    assert "Consent: not needed, because the account is fictional." in text
    assert "twitter.com/ada" not in text


def test_the_card_says_that_texts_may_repeat_tweets_unless_none_was_found_to() -> None:
    def measured(overlapping: float) -> str:
        writing = {"texts": 9, "repeated": 0.0, "distinct_1": 0.5, "distinct_2": 0.9, "mean_length": 90.0}
        writing |= {"overlapping": overlapping, "ended": 1.0}
        return card.render(facts(evaluation={"base": SCORE, "tuned": SCORE, "tuned_samples": writing}))

    assert "may repeat real tweets" in card.render(facts())
    assert "may repeat real tweets" in measured(0.1)
    assert "may repeat real tweets" not in measured(0.0)


def test_samples_that_were_all_left_out_are_counted() -> None:
    def shown(**changes: Any) -> str:
        return card.render(facts(samples={"prompt": "x", "seed": 1, "free": [], **changes}))

    assert "What it writes" not in shown(replaced=32) and "\nSamples, seeded" in shown(replaced=32)
    assert "8 words in a row from one, so none without a prompt is shown." in shown(replaced=32)
    assert "32 were left out for repeating a tweet" in shown(replaced=30, prompted_replaced=2)
    assert "1 sample, seeded" in shown(free=["A lamp."]) and "None was left out" in shown(free=["A lamp."])
    assert '<div dir="auto"># A heading</div>' in shown(free=["# A heading"])


@pytest.mark.parametrize("template", ["default", "classic"])
def test_facts_that_are_missing_leave_nothing_empty_behind(template: str) -> None:
    text = card.render(facts(), template)
    card.check(text)
    assert "None" not in text
    assert "wandb.ai/wandb/huggingtweets/runs" not in text
    assert not re.search(r"\n{3,}", text)


def optional(record: type[Any]) -> dict[str, None]:
    """All keys that need not be there, as null."""
    return {
        field.name: None
        for field in dataclasses.fields(record)
        if (field.default, field.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)
    }


def test_facts_that_are_null_are_missing() -> None:
    given = facts(accounts=[account(**optional(AccountFacts))], **optional(CardFacts))
    assert "name" in optional(AccountFacts) and "versions" in optional(CardFacts)
    assert given == facts()


@pytest.mark.parametrize(
    ("handle", "network", "known"),
    [
        ("ada", None, "x"),
        ("ada", "twitter", "x"),
        ("ada.bsky.social", "Bluesky", "bluesky"),
        ("ada@mastodon.example", "mastodon", "fediverse"),
        ("reddit:ada", "reddit", "reddit"),
        ("other:ada", "Tumblr", "other"),
    ],
)
def test_an_account_may_carry_its_network(handle: str, network: str | None, known: str) -> None:
    (read,) = facts(accounts=[account(handle, network=network)]).accounts
    assert to_json(read)["network"] == known


def test_an_account_is_not_linked_on_another_network_than_its_own() -> None:
    with pytest.raises(InvalidFactsError, match="'ada' is a handle of 'x', not of 'reddit'") as refused:
        card.render(facts(accounts=[account(network="reddit")]))
    assert "`reddit:ann`" in refused.value.next_step


def test_a_fictional_account_is_not_linked_to_whoever_has_its_name() -> None:
    assert "twitter.com/ada" in card.render(facts())
    assert "twitter.com/ada" not in card.render(facts(consent="fictional"))


def test_tables_are_tables() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(card.render(FULL))
    assert sum(token.type == "table_open" for token in tokens) == 3


def test_several_accounts_have_a_column_each() -> None:
    text = card.render(facts(accounts=[account("ada", name="Ada"), account("bob", name="B | b")]))
    assert "| Data | Ada | B \\| b |" in text
    assert "<div>@ada · @bob</div>" in text


def test_only_a_model_of_the_hub_is_named_as_base_model() -> None:
    scratch = facts(base_model="scratch", base={"name": "scratch", "kind": "scratch", "revision": "1"})
    folder = facts(base={"name": "my-model", "kind": "folder", "revision": "1"})
    tiny = facts(base_model="tiny", base={"name": "tiny", "kind": "tiny", "revision": "1"})
    for local in (scratch, folder, tiny):
        assert "base_model" not in metadata(card.render(local))


def test_a_model_from_tiny_says_what_it_learned_english_from() -> None:
    base = {"name": "tiny", "kind": "tiny", "revision": "1", "license": "mit"}
    text = card.render(facts(base_model="tiny", base=base))
    assert "the toolkit's own small GPT-2 (pre-trained on public-domain English prose)" in text
    assert "The base model is pre-trained on books published by 1928" in text
    assert metadata(text)["license"] == "mit"
    assert card.parse(text).base_model == "tiny"


@pytest.mark.parametrize("name", ["tiny", "scratch"])
def test_a_folder_with_the_name_of_an_own_base_is_not_taken_for_it(name: str) -> None:
    text = card.render(facts(base_model=None, base={"name": name, "kind": "folder", "revision": "1"}))
    assert f"based on the pre-trained {name}," in text
    assert card.parse(text).base_model is None


def test_the_classic_card_is_refused_for_another_base() -> None:
    with pytest.raises(TemplateError, match="classic card says that the model is a GPT-2") as refused:
        card.render(facts(base_model="HuggingFaceTB/SmolLM2-135M"), "classic")
    assert "--base-model" not in refused.value.next_step  # which `card upgrade` does not have


def test_scripts_without_blanks_are_explained_where_they_were_counted() -> None:
    assert "fewer than 6 letters" in card.render(facts(counted_by_letters=3))
    assert "fewer than 6 letters" not in card.render(facts())


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:image/png;base64,AA", "http://x.com/a.jpg"])
def test_an_avatar_that_is_not_https_is_left_out(url: str) -> None:
    text = card.render(facts(accounts=[account(avatar_url=url)]))
    assert url not in text


def test_languages_that_yaml_misreads_are_quoted() -> None:
    assert metadata(card.render(facts(language=["no"])))["language"] == "no"
    assert metadata(card.render(facts(language=["en", "no"])))["language"] == ["en", "no"]


def test_a_template_of_ones_own_extends_ours(tmp_path: Path) -> None:
    mine = tmp_path / "mine.md.jinja"
    mine.write_text(
        '{% extends "model_card.md.jinja" %}{% block about %}By {{ name | markdown }}.\n{% endblock %}'
    )
    assert card.render(FULL, mine).endswith("## About\n\nBy Ada \\| Lamp.\n")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ misspelt }}", "'misspelt' is undefined"),
        ("{% block a %}", "could not be rendered"),
        ("no metadata", "does not begin with metadata"),
        ("---\ntags: [huggingtweets]\n---\n[a]({{ thumbnail or '' }})", "link or picture without a target"),
        ("{{ ''.__class__.__mro__ }}", "could not be rendered"),
        ("---\ntags: [huggingtweets]\ndate: 2021-13-45\n---\n", "is not valid YAML"),
        ("---\ntags: " + "[" * 5000 + "\n---\n", "is not valid YAML"),
        ("---\ntags: 5\n---\n", "does not begin with metadata"),
    ],
)
def test_a_faulty_template_shows_before_any_work(tmp_path: Path, source: str, said: str) -> None:
    mine = tmp_path / "mine.jinja"
    mine.write_text(source)
    with pytest.raises(TemplateError, match=re.escape(said)):
        card.rehearse(mine)


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(TemplateError, match="no template 'fancy'"):
        card.rehearse("fancy")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "could not be read"),
        ("[]", "must be an object"),
        ("[" * 100_000, "could not be read"),
        ("9" * 5000, "could not be read"),
        (
            json.dumps({"repo_id": "a/b", "accounts": [account(avatar_file="model.safetensors")]}),
            "is not a valid name for a picture",
        ),
        ('{"repo_id": "a/b"}', "'accounts' is missing"),
        (json.dumps({"repo_id": "a/b", "accounts": [{"handle": "ada"}]}), "accounts[0].statistics"),
        (json.dumps({"repo_id": "../b", "accounts": [account()]}), "is not a repo id"),
        (json.dumps({"repo_id": "a/b", "accounts": [account("a b")]}), "is not a valid X handle"),
        (json.dumps({"repo_id": "a/b", "accounts": [account()] * 4}), "one to 3 accounts"),
        (
            json.dumps({"repo_id": "a/b", "accounts": [account(statistics={**COUNTS, "kept": 7})]}),
            "not add up",
        ),
        (
            json.dumps({"repo_id": "a/b", "accounts": [account(statistics={**COUNTS, "kept": "6"})]}),
            "whole number",
        ),
        (
            json.dumps(
                {
                    "repo_id": "a/b",
                    "accounts": [account()],
                    "evaluation": {
                        "base": SCORE,
                        "tuned": SCORE,
                        "tuned_samples": {
                            "texts": 3,
                            "repeated": 0.0,
                            "overlapping": 0.0,
                            "distinct_1": 0.5,
                            "distinct_2": 0.9,
                            "mean_length": 60.0,
                        },
                    },
                }
            ),
            "evaluation: 'tuned_samples.ended' is missing",
        ),
    ],
)
def test_facts_that_are_wrong_are_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=re.escape(said)):
        card.read_facts(path)


def test_facts_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFactsError, match=r"There is no file .*facts\.json") as raised:
        card.read_facts(tmp_path / "facts.json")
    assert "Errno" not in str(raised.value) and "card render --help" in raised.value.next_step


def test_a_number_beyond_all_measure_is_no_fact(tmp_path: Path) -> None:
    training = {"seconds": 10**400, "steps": 1, "tokens": 1, "device": "CPU", "parameters": 1}
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({"repo_id": "a/b", "accounts": [account()], "training": training}))
    with pytest.raises(InvalidFactsError):
        card.read_facts(path)


def whole_numbers(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where whole numbers stand in JSON values."""
    if isinstance(found, dict | list):
        for key, value in found.items() if isinstance(found, dict) else enumerate(found):
            yield from whole_numbers(value, (*path, key))
    elif type(found) is int:
        yield path


@pytest.mark.parametrize("path", list(whole_numbers(to_json(FULL))), ids=str)
def test_no_count_is_too_large_to_be_refused_or_rendered(path: tuple[Any, ...]) -> None:
    for number in (10**400, -(10**400), 10**5000):  # no float; more digits than Python prints
        values = changed(path, number)
        with pytest.raises(InvalidFactsError, match=f"{path[-1]}' is a whole number of "):
            card.render(values)
    with suppress(InvalidFactsError):
        card.render(changed(path, 2**64))


@pytest.mark.parametrize("path", list(whole_numbers(to_json(FULL))), ids=str)
def test_no_count_is_below_zero(path: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidFactsError, match=rf"{path[-1]}' must be a number that is not below zero"):
        card.render(changed(path, -1))


def test_a_training_did_not_take_longer_than_a_life() -> None:
    with pytest.raises(InvalidFactsError, match=r"cannot have taken 1e\+300 seconds"):
        card.render(changed(("training", "seconds"), 1e300))


def texts(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where texts stand in JSON values."""
    if isinstance(found, dict | list):
        for key, value in found.items() if isinstance(found, dict) else enumerate(found):
            yield from texts(value, (*path, key))
    elif isinstance(found, str):
        yield path


@pytest.mark.parametrize("path", list(texts(to_json(FULL))), ids=str)
def test_no_text_is_too_long_for_a_card(path: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidFactsError) as refused:
        card.render(changed(path, "rain " * 10_000))
    assert len(refused.value.message) < 500 and refused.value.next_step


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_no_fact_is_a_number_that_cannot_be_written(number: float) -> None:
    with pytest.raises(InvalidFactsError, match=r"'recipe\.learning_rate' must be a finite number"):
        card.render(changed(("recipe", "learning_rate"), number))


@pytest.mark.parametrize("value", [10**400, float("nan"), ["gpt2"]], ids=["huge", "nan", "list"])
def test_a_record_made_by_hand_is_checked_as_its_json_is(value: Any) -> None:
    with pytest.raises(InvalidFactsError, match="'base_model'"):
        card.render(dataclasses.replace(FULL, base_model=value))


def changed(path: tuple[Any, ...], value: Any) -> Any:
    """The full facts as JSON, with another value at one place."""
    values = inner = to_json(FULL)
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return values


@pytest.mark.parametrize("number", [10**13, 10**400, 10**5000], ids=["10^13", "10^400", "10^5000"])
def test_statistics_of_more_tweets_than_any_account_has_are_refused(number: int) -> None:
    with pytest.raises(InvalidFactsError, match="more than any account has"):
        Statistics(downloaded=number, retweets=0, short=0, kept=number)


def test_facts_survive_json() -> None:
    assert from_json(CardFacts, json.loads(json.dumps(to_json(FULL)))) == FULL


def test_the_publication_is_known_by_facts_and_template_but_not_by_timings() -> None:
    assert FULL.training is not None
    slower = dataclasses.replace(FULL, training=dataclasses.replace(FULL.training, seconds=900.0))
    digest = card.publication_digest(FULL, "default")
    assert card.publication_digest(slower, "default") == digest
    assert card.publication_digest(dataclasses.replace(FULL, prompt="I am"), "default") != digest
    assert card.publication_digest(FULL, "classic") != digest


def test_facts_error_is_a_value_error() -> None:
    with pytest.raises(InvalidFactsError):
        facts(accounts=[])


def test_the_front_matter_of_an_odd_name_is_yaml() -> None:
    text = card.render(facts(thumbnail="https://x.com/a b: c #d"))
    assert yaml.safe_load(text.split("---\n")[1])["thumbnail"] == "https://x.com/a b: c #d"


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0"), (0.0001, "< 0.1"), (0.031, "3.1"), (0.0625, "6.2"), (0.5, "50"), (1, "100")],
)
def test_a_share_is_shown_as_a_percentage(share: float, shown: str) -> None:
    assert card.escaping.percent(share) == f"{shown}%"


def test_the_card_says_how_much_of_an_account_repeats_itself() -> None:
    said = card.render(dataclasses.replace(FULL, near_copies=3))
    assert "50% of the kept tweets are near-copies of another" in said and "count once" in said
    divided = card.render(dataclasses.replace(FULL, near_copies=6, held_out_near_copies=2))
    assert "2 of 12 held-out tweets have near-copies among those that were trained on" in divided
    assert "count once" not in divided
    for none in (None, 0):
        assert "near-copies" not in card.render(dataclasses.replace(FULL, near_copies=none))
    with pytest.raises(InvalidFactsError, match="near-copies"):
        facts(near_copies=7)


@pytest.mark.parametrize("template", ["default", "classic"])
@pytest.mark.parametrize(
    ("kind", "is_linked"),
    [
        ("x_api", True),
        ("x_api + x_archive", True),
        ("diary", False),
        ("file", False),
        ("diary + x_api", False),
    ],
)
def test_an_account_is_linked_only_where_its_posts_are_from_x(
    template: str, kind: str, is_linked: bool
) -> None:
    made = facts(source={"kind": kind, "digest": "d"})
    assert ("https://twitter.com/ada" in card.render(made, template)) == is_linked
    assert card.parse(card.render(made, template)) == card.normalised(made, template)


def test_shares_of_samples_are_counts_that_say_which_way_is_good() -> None:
    texts = {"texts": 32, "repeated": 0.0, "overlapping": 0.03125, "distinct_1": 0.5, "distinct_2": 0.9}
    texts |= {"mean_length": 90.0, "ended": 1.0}
    measured = {"base": SCORE, "tuned": SCORE, "base_samples": texts, "tuned_samples": texts, "tweets": texts}
    text = card.render(facts(evaluation=measured))
    assert "| Repeat a training tweet (fewer is better) | 0 of 32 | 0 of 32 | 0 of 32 |\n| Share 8" in text
    assert "(fewer is better) | 1 of 32 | 1 of 32 | 1 of 32 |\n| Distinct" in text
    assert "| Came to an end by themselves (more is better) | 32 of 32 | 32 of 32 | – |" in text
    assert '"0 of 32 samples repeat a training tweet; fewer is better"' in text.replace("'", '"')


def test_scripts_without_spaces_are_explained_only_where_many_tweets_are_in_them() -> None:
    many = [account(statistics={"downloaded": 100, "retweets": 0, "short": 0, "kept": 100})]
    assert "without spaces" not in card.render(facts(accounts=many, counted_by_letters=4))
    assert "without spaces" in card.render(facts(accounts=many, counted_by_letters=5))


WRITTEN = {
    "prompt": "My dream is",
    "seed": 1,
    "free": ["A lamp | a <b>.", "Fog."],
    "prompted": ["My dream is fog.", "My dream is bread."],
}


def test_samples_come_first_and_look_like_tweets() -> None:
    text = card.render(facts(accounts=[account(name="Ada", avatar_file="avatar.jpg")], samples=WRITTEN))
    shown = text.split("### What it writes")[1].split("## How does it work?")[0]
    assert shown.count("<tr>") == 2 and shown.count("resolve/main/avatar.jpg") == 2
    assert '<b>Ada</b> 🤖 @ada bot<div dir="auto">A lamp | a &lt;b>.</div>' in shown
    assert "<img" not in card.render(facts(samples=WRITTEN))  # no hole where there is no picture


def test_every_picture_of_an_account_says_what_it_is() -> None:
    text = card.render(
        facts(accounts=[account("ada", avatar_file="avatar.1.png"), account("bob", avatar_url="https://x/y")])
    )
    assert re.findall('<img src="([^"]*)" alt="([^"]*)"', text) == [
        ("https://huggingface.co/huggingtweets/ada/resolve/main/avatar.1.png", "@ada"),
        ("https://x/y", "@bob"),
    ]


def test_before_and_after_stand_side_by_side_where_both_are_known() -> None:
    before = ["My dream is a film of 2011.", "My dream is " + "a long road " * 50]
    text = card.render(facts(samples={**WRITTEN, "prompted_base": before}))
    shown = text.split("### Before and after")[1].split("</table>")[0]
    cells = re.findall('<div dir="auto">(.*)</div>', shown)
    assert cells[:2] == ["My dream is a film of 2011.", "My dream is fog."]
    assert len(cells[2]) <= 280 and cells[2].endswith("…") and cells[3] == "My dream is bread."
    assert "Before and after" not in card.render(facts(samples=WRITTEN))


def test_tables_are_folded_and_headline_numbers_are_not() -> None:
    texts = {"texts": 32, "repeated": 0.0, "overlapping": 0.0, "distinct_1": 0.5, "distinct_2": 0.9}
    texts |= {"mean_length": 90.0, "ended": 1.0}
    measured = {"base": SCORE, "tuned": SCORE, "base_samples": texts, "tuned_samples": texts, "tweets": texts}
    text = card.render(dataclasses.replace(FULL, evaluation=facts(evaluation=measured).evaluation))
    open_parts = re.sub("<details>.*?</details>", "", text, flags=re.DOTALL)
    assert text.count("<details>") == text.count("</details>") == 3
    for folded in ("| Tweets downloaded |", "| Learning rate |", "| Distinct words"):
        assert folded in text and folded not in open_parts
    for said in ("Of 9 tweets, **6** were kept", "| Perplexity per token |", "**0** repeat a training tweet"):
        assert said in open_parts


def test_the_weights_are_those_of_one_step() -> None:
    training = {"seconds": 300, "steps": 40, "tokens": 9, "device": "CPU", "parameters": 9}
    recipe = {"name": "original", "epochs": 4, "learning_rate": 1e-4, "seed": 7}
    last = card.render(facts(training=training, recipe=recipe))
    assert "| Weights | from step 40, the last |" in last
    best = card.render(facts(training={**training, "best_step": 30}, recipe=recipe))
    assert "| Weights | from step 30, which had the smallest validation loss |" in best


def test_the_card_says_that_adapters_were_trained() -> None:
    recipe = {"name": "default", "epochs": 1, "learning_rate": 1e-3, "seed": 7, "freeze_embeddings": True}
    full, lora = (card.render(facts(recipe={**recipe, "lora_rank": rank})) for rank in (None, 16))
    assert "LoRA" not in full and "| Embeddings | as in the base model |" in full
    assert "| Trained weights | low-rank adapters (LoRA, rank 16) beside the linear layers, merged" in lora
    assert "| Embeddings |" not in lora


def test_the_snippet_is_three_plain_lines() -> None:
    snippet = re.search("```python\n(.*?)```", card.render(FULL), re.DOTALL)
    assert snippet and snippet[1].splitlines() == [
        "from transformers import pipeline",
        f"generator = pipeline('text-generation', model='{FULL.repo_id}')",
        f'generator("{FULL.prompt}", num_return_sequences=5)',
    ]


def test_facts_of_a_measured_card_are_not_said_to_be_unmeasured() -> None:
    text = card.render(facts(fingerprint="f" * 64))
    assert "was not measured: both" not in text and "were not recorded" not in text
    assert "What was measured is in [huggingtweets.json](" in text
    assert "was not measured: both are unknown" in card.render(facts())


def test_a_card_names_the_versions_of_transformers_that_the_tests_run() -> None:
    """`tests/clients` takes them from the same place, and the last is the one that the others run with."""
    pinned = (Path(__file__).parents[2] / "constraints.txt").read_text("utf-8")
    assert f"\ntransformers=={clients.TRANSFORMERS[-1]}\n" in pinned
    said = card.render(FULL)
    numbers = [".".join(version.split(".")[:2]) for version in clients.TRANSFORMERS]
    tried = f"tried with transformers {', '.join(numbers[:-1])} and {numbers[-1]}; use {numbers[0]} or newer."
    assert said.count(tried) == 1 and said.index("num_return_sequences=5") < said.index(tried)
    assert "tried with" not in card.render(facts()), "of models of others nothing is known"
