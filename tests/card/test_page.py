"""The page that shows a card: whole in itself, harmless, and with all that the metadata say."""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huggingtweets_hub import card
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import from_json

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "golden"
EXAMPLE = json.loads((ROOT / "huggingtweets_hub" / "card" / "example.json").read_text("utf-8"))
OWN = "https://huggingface.co/example/example/resolve/main/"


def shown(files: dict[str, bytes] | None = None, **changes: Any) -> str:
    return card.page(card.render(from_json(CardFacts, {**EXAMPLE, **changes})), files or {})


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it, of #rgb or #rrggbb."""

    def luminance(color: str) -> float:
        digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class Tags(HTMLParser):
    """Every element of a page, in its order, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.depth = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.depth += tag not in ("meta", "br", "hr", "img")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1


def boxes(page: str) -> dict[str, str]:
    """The text of each box beside the card, by its title."""
    found = re.findall(r'<section class="box.*?<h2>(.*?)</h2>(.*?)</section>', page, re.DOTALL)
    text = re.compile(r"(\s*<[^>]*>\s*)+")
    return {text.sub(" ", title).strip(): text.sub(" ", content).strip() for title, content in found}


def test_the_page_has_what_the_hub_shows() -> None:
    page = shown()
    assert "<title>example/example</title>" in page
    pills = re.findall(r'<span class="pill">(.*?)</span>', page)
    assert pills == [
        "Text Generation",
        "Transformers",
        "<i>Language:</i>en",
        "huggingtweets",
        "<i>License:</i>mit",
    ]
    assert "<h2>Training data</h2>" in page
    assert "<th" in page and "<blockquote>" in page and '<code class="language-python">' not in page


def test_the_boxes_hold_prompt_and_output_results_base_and_social_preview() -> None:
    found = boxes(shown())
    assert found["Text Generation examples"] == "My dream is My dream is ."
    assert found["Evaluation results self-reported"].startswith(
        "Held-out tweets of @example Perplexity per token; lower is better 2.70"
    )
    assert found["Model tree"] == "Base model gpt2 Fine-tuned example/example"
    assert found["Shared as"] == "huggingface.co example/example"


def test_boxes_without_content_are_left_out() -> None:
    least = {"accounts": [{"handle": "ada", "statistics": EXAMPLE["accounts"][0]["statistics"]}]}
    assert boxes(card.page(card.render(from_json(CardFacts, {**least, "repo_id": "a/ada"})), {})) == {}


def test_pictures_of_the_model_are_in_the_page() -> None:
    files = {"preview.png": b"\x89PNG one", "training.png": b"\x89PNG two", "avatar.jpg": b"\xff\xd8 three"}
    account = {**EXAMPLE["accounts"][0], "avatar_file": "avatar.jpg"}
    page = shown(files, accounts=[account], thumbnail=f"{OWN}preview.png")
    sources = [attributes["src"] or "" for tag, attributes in Tags(page).found if tag == "img"]
    assert [base64.b64decode(source.split(",")[1]) for source in sources] == [
        files["avatar.jpg"],  # at the top, and beside what it wrote
        files["avatar.jpg"],
        files["training.png"],
        files["preview.png"],
    ]
    assert sources[0].startswith("data:image/jpeg;base64,")
    assert OWN not in page.replace(f'href="{OWN}', "")


def test_the_picture_of_a_classic_card_is_in_the_page_where_it_is_the_models() -> None:
    facts = {**EXAMPLE, "accounts": [{**EXAMPLE["accounts"][0], "avatar_url": f"{OWN}a.jpg"}]}
    page = card.page(card.render(from_json(CardFacts, facts), "classic"), {"a.jpg": b"\xff\xd8"})
    assert "background-image: url(&#x27;data:image/jpeg;base64,/9g=&#x27;)" in page


def test_a_picture_that_is_not_there_leaves_its_name() -> None:
    assert '<span class="missing">training.png</span>' in shown()


def test_metadata_are_text() -> None:
    odd = '<script>alert("1")</script>'
    page = shown(prompt=odd, language=[odd], base={**EXAMPLE["base"], "license": odd})
    assert "<script" not in page.lower()
    assert "&lt;script&gt;" in page


def test_metadata_that_are_no_yaml_are_pointed_out() -> None:
    assert "metadata is not valid YAML" in card.page("---\na: [\n---\n\n# A card", {})


def test_aliases_do_not_make_a_page_of_any_size() -> None:
    bomb = 'a0: &a0 ["xxxxxxxx"]\n'
    bomb += "".join(f"a{i + 1}: &a{i + 1} [{f'*a{i}, ' * 9}]\n" for i in range(6))
    results = "model-index:\n- results:\n  - metrics:\n    - value: *a6\n"
    page = card.page(f"---\n{bomb}{results}---\n\n# A card", {})
    assert "an anchor or alias" in page and "<h1>A card</h1>" in page
    assert len(page) < 100_000


def test_a_card_of_another_kind_is_shown_too() -> None:
    page = card.page("# Mine\n\nText.", {})
    assert "<h1>Mine</h1>" in page and "<title>Model card</title>" in page


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published cards are not here")
def test_a_published_card_keeps_its_form() -> None:
    page = card.page((SHARED / "ai_hexcrawl-gptmicrofic.md").read_text("utf-8"), {})
    assert page.count("border-radius: 50%") == 3
    assert "AI Hexcrawl &amp; GPT2-Microfic" in page
    assert Tags(page).depth == 0


HARMFUL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<meta http-equiv="refresh" content="0;url=https://x.com">',
    '<base href="https://x.com">',
    '<iframe src="https://x.com"></iframe>',
    '<form action="https://x.com"><input name="a"><button>x</button></form>',
    '<link rel="stylesheet" href="https://x.com">',
    "<style>body { display: none }</style>",
    '<div style="position: fixed; inset: 0">x</div>',
    "<svg onload=alert(1)><script>1</script></svg>",
    '<img alt=">" src="https://x.com/a.png" onerror="x()">',
    "<!-- <script> --><![CDATA[<script>]]><?x <script> ?>",
    "</main></div></body><div",
    "<details ontoggle=x() open>",
    '<object data="https://x.com"></object><embed src="https://x.com">',
]
ALLOWED = {"align", "alt", "class", "colspan", "height", "href", "open", "rel", "rowspan", "src", "start"}
ALLOWED |= {"dir", "style", "title", "valign", "width"}


def body_of(page: str) -> str:
    """What was made of the card's text."""
    return page.split('<main class="card">\n')[1].rsplit("\n</main>\n<aside", 1)[0]


def is_harmless(page: str) -> bool:
    tags = Tags(body_of(page))
    return (
        tags.depth == 0
        and "script" not in {tag for tag, _ in tags.found}
        and not {"meta", "base", "iframe", "form", "link", "style", "svg", "object", "input", "embed", "main"}
        & {tag for tag, _ in tags.found}
        and all(set(attributes) <= ALLOWED for _, attributes in tags.found)
        and all(
            (attributes.get("href") or "https:").startswith(("https:", "http:", "mailto:"))
            and (attributes.get("src") or "https:").startswith(("https:", "data:image/"))
            and "position" not in (attributes.get("style") or "")
            for _, attributes in tags.found
        )
    )


@pytest.mark.parametrize("html", HARMFUL)
@pytest.mark.parametrize(
    "place", ["{}", "Some text {} in a line.", "> {}", "| a |\n| - |\n| {} |", "<div>\n{}\n</div>"]
)
def test_what_a_card_brings_along_does_nothing(html: str, place: str) -> None:
    assert is_harmless(card.page(place.format(html), {}))


@given(
    st.lists(
        st.sampled_from([*HARMFUL, "<", ">", "</div>", "<div ", '"', "\n\n", "`", "<b", "&lt;", "<!--"]),
        max_size=9,
    )
)
@settings(max_examples=200)
def test_nor_does_it_in_any_order(pieces: list[str]) -> None:
    assert is_harmless(card.page("".join(pieces), {}))


def test_the_page_forbids_scripts_and_forms_and_loads_pictures_alone() -> None:
    page = shown()
    policies = [
        attributes["content"]
        for tag, attributes in Tags(page).found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert [(policy or "").split("; ") for policy in policies] == [
        [
            "default-src 'none'",
            "img-src data: https:",
            "style-src 'unsafe-inline'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    ]
    assert "<script" not in page and "<link" not in page and "@import" not in page


def test_the_same_card_gives_the_same_page() -> None:
    assert shown() == shown()


def test_the_page_can_be_read_in_the_light_and_in_the_dark() -> None:
    style = shown().split("<style>")[1].split("</style>")[0]
    assert "color-scheme: light dark;" in style
    light, dark = (
        dict(re.findall("--([a-z]+): (#[0-9a-f]{3,6})", part))
        for part in style.split("* {")[0].split("@media (prefers-color-scheme: dark)")
    )
    assert light.keys() == dark.keys()
    for colors in (light, dark):
        for text in ("ink", "soft", "link", "made", "pill"):
            assert contrast(colors[text], colors["page"]) >= 4.5
            assert contrast(colors[text], colors["wash"]) >= 4.5
    assert not re.search("#[0-9a-f]{6}[^0-9a-f]", style.split("* {", 1)[1])  # all colors have a name
