r"""No value leaves its place on a card, whatever it holds.

A card is read as its readers read it: the metadata by two YAML parsers, the body by two Markdown parsers,
HTML blocks by an HTML parser, Python fences by Python's own. What they find, texts aside, is the card's
*skeleton*; with a hostile value it must be the same as with a harmless one.
"""

import ast
import copy
import dataclasses
import functools
import importlib.util
import json
import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from huggingtweets_hub import card
from huggingtweets_hub.card import escaping, variables
from huggingtweets_hub.card.variables import shown_name
from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.records import AccountFacts, CardFacts, Statistics
from huggingtweets_hub.core.serialization import from_json, to_json
from tests.servers import hub

often = settings(max_examples=250)

# --- the values -----------------------------------------------------------------------------------

PAYLOADS = {
    "HTML": [
        "</div>", "</div></div><h1>x</h1>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
        "<b", "<!-- x", "<!-- x -->", "<![CDATA[x]]>", "<?php x ?>", "<!DOCTYPE html>", "<Gallery />",
        "<Gallery/>", "</b></div>\n\n# x", "<style>*{display:none}</style>",
        "<details><summary>x</summary>", "<svg/onload=alert(1)>", '" onload="x', "<", "<pre>",
        "</textarea>", "<div\n\n>", "<https://evil.example>", "<a@evil.example>",
    ],
    "entities": [
        "&lt;b&gt;", "&#60;b&#62;", "&#x3c;b", "&lt", "&copyright", "&notit;", "&#96;&#96;&#96;",
        "&NewLine;", "&Tab;", "&", "&amp;lt;", "&#0;", "&#x110000;", "&vert;",
        "&dollar;&dollar;x&dollar;&dollar;", "AT&T; B&B",
    ],
    "blocks": [
        "# x", "####### x", "> x", "- x", "+ x", "* x", "1. x", "1) x", "123456789. x", "0. x", "---",
        "***", "___", "===", "- - -", "```", "```python\nx", "~~~", "    x", "\tx", "- [ ] x", "- [x] x",
        "[x]: https://evil.example", ": x", "[^1]: x", "| a | b |", "|---|---|", "a | b\n--- | ---",
        "\n\n# x\n\n", "\r\n\r\nx", "x\n===", "x\n---\n", "\n", "", "= x", "-", "1.", "#", ">",
    ],
    "inline Markdown": [
        "*x*", "**x**", "_x_", "__x__", "~x~", "~~x~~", "`x`", "``x", "`", "[x](https://evil.example)",
        "![x](y)", "[x]", "[x][y]", "]()", "x](https://evil.example", "url('')", "^x^", "==x==", "!", "\\",
        "\\\\", "x\\", "\\|", "\\\\|", "\\`", "|", "||", "*", "_", "a_b_c", "a__b__c", "*_~`[<|",
        "¯\\_(ツ)_/¯", ":smile:", "@ada", "#1", "x  ",
    ],
    "addresses": [
        "https://evil.example", "http://evil.example/x?y=z#a", "www.evil.example", "WWW.evil.com",
        "evil.com", "//evil.com", "ftp://evil.example", "a@evil.com", "mailto:a@evil.com",
        "xmpp:a@evil.com", "https://arxiv.org/abs/1706.03762", "arxiv.org/abs/1706.03762",
        "hf.co/papers/1706.03762", "https://huggingface.co/papers/1706.03762", "пример.рф",
        "HTTPS://EVIL.EXAMPLE", "http://localhost", "//localhost",
    ],
    "KaTeX": [
        "$$x$$", "$$", "$", "$$$", "\\(x\\)", "\\\\(x\\\\)", "\\[x\\]", "\\\\[x\\\\]", "$x$", "\\$$x",
        "$\\$",
    ],
    "YAML": [
        "no", "null", "~", "0x1F", "1_000", "1e3", "2020-01-01", "12:30", "true", "y", "...", "x: y",
        "x #y", "- x", "!!python/none", "&a", "*a", "? x", "|", ">-", "{x: y}", "[x, y]", "%TAG", "@x",
        "x\nlicense: evil", '"', "'", '"\nx: y\n"', "'''", "\\x41", "x\n---\ny: z", "x\n...\n", "<<", "=",
        ".inf", ".nan", "0o7", "\\N{DIGIT ONE}",
    ],
    "Jinja": [
        "{{ 7 * 7 }}", "{% raw %}", "{# x #}", "{{", "}}", "{{ ''.__class__ }}", "{% include 'x' %}",
        "# for x in y",
    ],
    "Python": [
        '")\nimport os\n("', '"""', "'''", "\\", '\\"', "\\u0041", "\\N{X}", '", num_return_sequences=9)#',
        "f{x}", "%s",
    ],
    "BibTeX": ["}", "{", "\\input{x}"],
    "Unicode": [
        "\u202ex", "\u2066x\u2069", "\u061cx\u200e\u200f", "a" + "\u0301" * 99, "\u0338x", "\u200d",
        "\u200b", "\u00ad", "\u3164", "\u2800", "\u00a0", "\u3000", "a\u2028b", "a\u2029b", "a\u0085b",
        "a\vb", "a\fb", "\x00", "\x1b[31mx", "\x7f", "\x9f", "\ud800", "x\udfff", "\ud83d\ude00",
        "\ude00\ud83d", "\ufffe", "\uffff", "\U0001ffff", "\ufdd0", "\ufeffx", "\ufff9x",
        "\U000e0041\U000e0042", "\ufffd",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "\u206ax", "\U0001d159",
        "\ue000", "\U000e0100", "\u1fef\u1fef\u1fef", "\uff1cb\uff1e", "x" * 5000, "ก" + "\u0e47" * 60,
        "a\u0301\u200d" * 40, "\u0301 " * 99,
    ],
    "paths": ["../../x", "/etc/passwd", "..\\x", "C:\\x", "%2e%2e/x", "x\x00.png"],
}  # fmt: skip
"""By what they try to open or close."""

URLS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", " javascript:alert(1)",
    "\x01javascript:x", "vbscript:x", "data:text/html,<script>", "data:image/png;base64,AA",
    "file:///etc/passwd", "//other.example/a", "/a", "a", "", " ", "https:", "https://",
    "https:///other.example", "https:other.example", "https:/other.example", "http://[", "https://[::1",
    "blob:https://x", "https://ada@other.example/", "https://evil.example@other.example",
    "https://ada:secret@other.example/", "about:blank", "https://@/", "https://evil.example/');x:y('",
    'https://evil.example/" onerror="x', "https://evil.example/)](https://other.example",
    "https://evil.example/a b", "https://evil.example/<script>", "https://evil.example/\n\n# x",
    "https://evil.example/`x`", "https://evil.example/&quot;&#39;)",
    "https://evil.example/?a=1&copy;=2&lt=3", "https://evil.example/\\", "https://evil.example/|",
    "https://evil.example/\u202e", "https://evil.example/\ud800", "https://evil.example/\u2028",
    "https://evil.example/*_~`[]()!$$", "https://evil.example/*/x//y", "https://evil.example/{{ 7 * 7 }}",
    "https://evil.example/\x00", "https://evil.example/%0a%27%22", "https://evil.example/\\(x\\)",
    "https://evil.example/" + "x" * 9000, "HTTPS://evil.example/", "https://evil.example/: x #y",
    "https://evil.example/é漢字🌐", "https://evil.example:99999/",
    "https://evil.example/\"\nlicense: evil\n\"", "https://evil.example/';",
]  # fmt: skip
"""Either dropped, or a link to evil.example, which is where the harmless ones lead."""

NAMES = [
    "Sevag 🌐✝️", "Beyoncé", "Zoë Ångström", "Nguyễn Phước Vĩnh Lộc", "Nguye\u0302\u0303n", "李小龍",
    "葛󠄀城ユキ", "ナナ・ムスクーリ", "김연아", "Фёдор Достоевский", "Ελλάδα Νῦν", "ليلى مراد", "محمّد",
    "דָּוִד בֶּן־גּוּרְיוֹן", "בְּרֵאשִׁ֖ית", "สุทธิ์ ณ เชียงใหม่", "น้ำ", "བོད་ལྗོངས།", "ཧཱུྃ",
    "ཧྐྵྨླྺྼྻྂ", "श्रीकृष्ण", "সৌরভ গঙ্গোপাধ্যায়", "මහේල", "မြန်မာ", "ខ្មែរ", "ქეთი", "Հայաստան",
    "አበበ ቢቂላ", "ᏣᎳᎩ", "O'Brien", "Dwayne “The Rock”", 'Weird "Al"', "Tom & Jerry", "AT&T", "R&B | Soul",
    "Ada | Lamp", "👩‍👩‍👧‍👦 Family", "👩🏽‍💻 Dev", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Scot", "🇨🇭 Urs", "🏳️‍🌈", "❤️‍🔥",
    "1️⃣ First", "*️⃣", "¯\\_(ツ)_/¯", "(╯°□°)╯︵ ┻━┻", "A$AP Rocky", "Ke$ha", "will.i.am", "Booking.com",
    "deadmau5", "C++ > C#", "100% real", "~ nova ~", "[redacted]", "*sighs*", "~*~xX_Sk8r_Xx~*~", "𝕱𝖗𝖆𝖐𝖙𝖚𝖗",
    "ｆｕｌｌ　ｗｉｄｔｈ", "ᴮᴵᴳ", "𓂀 Horus", "Z͑ͫ̓ȃlgo lite", "no", "null", "2020-01-01", "-", "#1 fan",
    "Mr. #hash; & co", "🫨", "می‌خواهم",
]  # fmt: skip
"""As people write them on X. Each stays what it is, byte for byte."""

COUNTS = {"downloaded": 9, "retweets": 2, "short": 1, "kept": 6}
SCORE = {"tweets": 12, "tokens": 300, "loss": 3.5, "perplexity": 33.1, "bits_per_byte": 1.2}
WRITING = {
    "texts": 9,
    "repeated": 0.0,
    "overlapping": 0.1,
    "distinct_1": 0.5,
    "distinct_2": 0.9,
    "mean_length": 9.0,
}
URL = "https://evil.example/harmless"
EVERYTHING: dict[str, Any] = {
    "accounts": [
        {"handle": handle, "name": name, "avatar_url": URL, "statistics": COUNTS, "first_day": "2020-06-11",
         "last_day": "2020-06-12"}
        for handle, name in (("__ada__", "Ada"), ("1e3", "Bob"))
    ],
    "repo_id": "huggingtweets/1e3-__ada__", "prompt": "My dream is", "thumbnail": URL, "data_run_url": URL,
    "training_run_url": None, "base_model": None, "language": ["en", "de"], "consent": "self",
    "base": {"name": "a-folder", "kind": "folder", "revision": "1", "license": "mit"},
    "counted_by_letters": 1,
    "kept_sha256": "f" * 64, "fingerprint": "f" * 64, "source": {"kind": "x_archive", "digest": "d"},
    "tracked": {"tracker": "wandb", "data": {"id": "1"}, "training": {"id": "2"}},
    "versions": {"python": "3.11"},
    "recipe": {"name": "original", "epochs": 4, "learning_rate": 1e-4, "seed": 1},
    "training": {"seconds": 1.0, "steps": 1, "tokens": 9, "device": "CPU", "parameters": 9,
                 "curve": [{"seconds": 0.0, "step": n, "loss": 1.0} for n in (1, 2)]},
    "evaluation": {"base": SCORE, "tuned": SCORE, "base_samples": {**WRITING, "ended": 1.0},
                   "tuned_samples": {**WRITING, "ended": 1.0}, "tweets": WRITING},
    "samples": {"prompt": "My dream is", "seed": 1, "free": ["A sample.", "Another."],
    "prompted": ["My dream is."], "prompted_base": ["My dream is mine."]},
}  # fmt: skip
"""Facts of two accounts that fill every place of a card."""

Place = tuple[str | int, ...]
TEXTS: list[Place] = [
    ("accounts", 0, "name"), ("accounts", 1, "name"), ("accounts", 0, "first_day"),
    ("accounts", 1, "last_day"),
    ("prompt",), ("language", 0), ("base", "name"), ("base", "kind"), ("base", "revision"),
    ("base", "license"),
    ("base_model",), ("consent",), ("kept_sha256",), ("fingerprint",), ("source", "kind"),
    ("source", "digest"),
    ("tracked", "tracker"), ("tracked", "data", "id"), ("tracked", "training", "id"), ("versions", "python"),
    ("versions", "*"), ("recipe", "name"), ("recipe", "schedule"), ("recipe", "optimizer"),
    ("training", "device"),
    ("samples", "prompt"), ("samples", "free", 0), ("samples", "free", 1), ("samples", "prompted", 0),
    ("samples", "prompted_base", 0),
]  # fmt: skip
"""Every text of the facts; `*` stands for a key."""
ALONE: list[Place] = [
    ("accounts", 0, "name"), ("accounts", 1, "name"), ("accounts", 0, "first_day"), ("prompt",),
    ("language", 0),
    ("base", "name"), ("base", "license"), ("fingerprint",), ("versions", "*"), ("recipe", "name"),
    ("samples", "free", 0), ("samples", "prompted", 0), ("samples", "prompted_base", 0),
]  # fmt: skip
"""One of each kind of place: header, table's head and cell, snippet, metadata, sentence, code, quotation."""
ADDRESSES: list[Place] = [
    ("accounts", 0, "avatar_url"), ("accounts", 1, "avatar_url"), ("thumbnail",), ("data_run_url",),
    ("training_run_url",),
]  # fmt: skip
TEMPLATES = ("default", "classic")


def changed(values: dict[Place, Any], template: str = "default") -> CardFacts:
    """Everything, with these values in their places; for the classic card, of GPT-2."""
    facts = copy.deepcopy(EVERYTHING)
    for (*way, last), value in values.items():
        inner: Any = functools.reduce(lambda found, key: found[key], way, facts)
        inner[value if last == "*" else last] = value
    if template == "classic":  # which is for GPT-2 alone
        facts |= {"base_model": "gpt2", "base": None}
    return from_json(CardFacts, facts)


# --- the skeleton ---------------------------------------------------------------------------------

MARKDOWN = {"commonmark": MarkdownIt("commonmark").enable(["table", "strikethrough"])}
if importlib.util.find_spec("linkify_it"):
    MARKDOWN["gfm"] = MarkdownIt("gfm-like")


class _Tags(HTMLParser):
    """A piece of HTML: its tags with the names of their attributes, its comments, and apart its text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        style = re.sub(
            r"url\('([^'()\\]*)'\)",
            lambda url: f"{urlsplit(url[1]).scheme}://{urlsplit(url[1]).hostname}",
            values.get("style") or "",
        )
        host = urlsplit(values.get("src") or "").hostname
        self.found.append(f"<{tag} {' '.join(name for name, _ in attrs)} {style} {host}>")

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("instruction")

    unknown_decl = handle_decl


def skeleton(text: str, parsers: Collection[str] = MARKDOWN) -> tuple[Any, ...]:
    """What readers find in a card, texts aside."""
    text.encode("utf-8")
    front = hub.FRONT_MATTER.match(text)
    assert front is not None
    assert len(text.splitlines()) == text.count("\n")
    for live in (
        "$$",
        "\\\\(",
        "\\\\[",
        "<gallery",
        "arxiv.org",
        "hf.co/papers",
        "huggingface.co/papers",
        "]()",
        "url('')",
    ):
        assert live not in text.lower(), live
    body = text[front.end() :]
    return (metadata_skeleton(front[0]), *(body_skeleton(body, parser) for parser in parsers))


@functools.lru_cache(maxsize=256)
def metadata_skeleton(front: str) -> str:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read = yaml.load(hub.FRONT_MATTER.match(front)[1], Loader=loader)  # type: ignore[index]
    assert read == hub.front_matter(front)  # YAML 1.1 and 1.2 see the same values
    return json.dumps(_shape(read), sort_keys=True)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        assert all(isinstance(key, str) for key in value)
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


@functools.lru_cache(maxsize=4)
def tokens(body: str, parser: str) -> list[Token]:
    return MARKDOWN[parser].parse(body)


@functools.lru_cache(maxsize=256)
def body_skeleton(body: str, parser: str) -> tuple[str, ...]:
    return tuple(_pieces(tokens(body, parser)))


def _pieces(found: list[Token]) -> Iterator[str]:
    for token in found:
        if token.type == "inline":
            yield from _pieces(token.children or [])
        elif token.type in ("html_block", "html_inline"):
            yield f"{token.type}: {_Tags(token.content).found}"
        elif token.type == "fence" and token.info == "python":
            yield f"python: {_python_shape(token.content)}"
        elif token.type in ("link_open", "image"):
            target = str(token.attrs.get("href") or token.attrs.get("src"))
            yield f"{token.type} to {urlsplit(target).scheme}://{urlsplit(target).hostname}"
        elif token.type not in ("text", "text_special"):
            yield f"{token.type} {token.info} {token.attrs.get('style', '')}"


def _python_shape(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def visible_text(text: str) -> str:
    """What a reader of the card sees, the snippet's string as its value."""
    body = text[hub.FRONT_MATTER.match(text).end() :]  # type: ignore[union-attr]
    seen = []
    for token in tokens(body, "commonmark"):
        if token.type == "html_block":
            seen.append(_Tags(token.content).text)
        elif token.type == "fence" and token.info == "python":
            seen += [str(c.value) for c in ast.walk(ast.parse(token.content)) if isinstance(c, ast.Constant)]
        else:
            seen += [child.content for child in token.children or [token]]
            if token.type == "inline":
                seen.append("".join(c.content for c in token.children or [] if c.type.startswith("text")))
    return "\n".join(seen)


def harmless(
    template: str, *values: tuple[Place, Any], parsers: Collection[str] = MARKDOWN
) -> tuple[Any, ...]:
    """The skeleton of harmless facts, some of them replaced."""
    return _harmless(template, values, tuple(parsers))


@functools.cache
def _harmless(
    template: str, values: tuple[tuple[Place, Any], ...], parsers: tuple[str, ...]
) -> tuple[Any, ...]:
    return skeleton(card.render(changed(dict(values), template), template), parsers)


# --- texts ----------------------------------------------------------------------------------------

OPTIONAL = {("prompt",), ("fingerprint",), ("base", "license")}
"""Left out where they show nothing; so are the days, where no account has any."""
DAYS: list[Place] = [("accounts", 0, "first_day"), ("accounts", 1, "last_day")]


EACH = [
    pytest.param(text, id=f"{kind} {number}")
    for kind in PAYLOADS
    for number, text in enumerate(PAYLOADS[kind])
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("payload", EACH)
def test_a_text_in_all_places_changes_nothing_around_it(payload: str, template: str) -> None:
    for value in (payload, f"Ada {payload} Lamp"):
        text = card.render(changed(dict.fromkeys(TEXTS, value), template), template)
        assert skeleton(text) == harmless(template, *left_out(dict.fromkeys(TEXTS, value), template)), value
        assert_prompt_is(escaping.one_line(value), text)
    # As often as harmless texts: nothing that stands beside a hostile one is swallowed.
    if len(value) < 100 and template == "default":
        assert len(re.findall("Ada .*Lamp", visible_text(text))) == times_shown()


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("payload", EACH)
def test_a_text_in_one_place_changes_nothing_around_it(payload: str, template: str) -> None:
    for place in ALONE:
        values = {place: payload}
        text = card.render(changed(values, template), template)
        found = skeleton(text, list(MARKDOWN)[-1:])
        assert found == harmless(template, *left_out(values, template), parsers=list(MARKDOWN)[-1:]), place


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("payload", EACH)
def test_the_hub_accepts_a_card_whatever_people_wrote(payload: str, template: str) -> None:
    written: list[Place] = [
        ("accounts", 0, "name"),
        ("prompt",),
        ("samples", "free", 0),
        ("samples", "prompted", 0),
    ]
    text = card.render(changed(dict.fromkeys(written, payload), template), template)
    assert hub.check_card(text) == ([], [])


def left_out(values: dict[Place, str], template: str) -> list[tuple[Place, Any]]:
    """The facts among them that a card leaves out, since they show nothing or, as a source, mean nothing.

    A word that does mean a source stands on the harmless card as well.
    """
    places = [place for place in OPTIONAL if place in values and not escaping.one_line(values[place])]
    if {*DAYS} <= {*values} and not any(escaping.one_line(values[day]) for day in DAYS):
        places += DAYS
    kind = values.get(("source", "kind"))
    source = kind if kind in variables._SURE else "x"
    unknown: list[tuple[Place, Any]] = [(("source", "kind"), source)] if kind is not None else []
    if not escaping.one_line(values.get(("language", 0), "en")):
        unknown.append((("language",), ("de",)))
    return unknown + [(place, None) for place in places if template == "default" or place[0] != "base"]


@functools.cache
def times_shown() -> int:
    text = card.render(changed(dict.fromkeys(TEXTS, "Ada x Lamp")))
    return len(re.findall("Ada .*Lamp", visible_text(text)))


def assert_prompt_is(prompt: str, text: str) -> None:
    widget = hub.front_matter(text).get("widget", [{"text": ""}])
    assert {entry["text"] for entry in widget} == {prompt}
    (snippet,) = re.findall(r"^```python\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)
    call = ast.parse(snippet).body[-1]
    assert isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)
    assert [ast.literal_eval(argument) for argument in call.value.args] == [prompt or "My dream is"]


@pytest.mark.parametrize("payload", EACH)
def test_a_base_model_is_linked_where_it_may_be_one(payload: str) -> None:
    bare: tuple[tuple[Place, Any], ...] = ((("base",), None),)
    facts = changed({("base",): None, ("base_model",): payload})
    shapes = [harmless("default", *bare, (("base_model",), name)) for name in ("ada/lamp", "no id", None)]
    assert skeleton(card.render(facts)) in shapes


SYNTAX = st.sampled_from(
    [text for texts in PAYLOADS.values() for text in texts if len(text) < 40] + ["\n", "\n\n", " "]
)
ODD = st.one_of(
    st.text(st.characters(), max_size=30),  # all of Unicode, half surrogates too
    st.lists(st.one_of(SYNTAX, st.text(max_size=2)), max_size=8).map("".join),
)
MANY = st.fixed_dictionaries(dict.fromkeys(TEXTS, ODD))


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
@given(values=MANY)
@often
def test_no_texts_change_anything_around_them(values: dict[Place, str], template: str) -> None:
    text = card.render(changed(dict(values), template), template)
    assert skeleton(text) == harmless(template, *left_out(values, template))
    assert_prompt_is(escaping.one_line(values["prompt",]), text)


@pytest.mark.parametrize(
    "handle", ["__init__", "_", "___", "a_", "_a", "a__b", "1e3", "no", "null", "0x1F", "1_000", "true", "Y"]
)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_handle_is_a_word_whatever_it_looks_like(handle: str, template: str) -> None:
    repo_id = f"huggingtweets/{handle.lower()}"
    values: dict[Place, Any] = {("accounts", 0, "handle"): handle, ("repo_id",): repo_id}
    text = card.render(changed(values, template), template)
    assert skeleton(text) == harmless(template)
    assert f"@{handle}'s tweets" in visible_text(text)
    alone = card.render(
        dataclasses.replace(changed(values, template), accounts=changed(values, template).accounts[:1]),
        template,
    )
    assert f"<div>@{handle}" in alone or f">@{handle} bot</div>" in alone


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("url", URLS, ids=range(len(URLS)))
def test_an_address_leads_where_it_says_or_is_left_out(url: str, template: str) -> None:
    for place in ADDRESSES:
        found = skeleton(card.render(changed({place: url}, template), template))
        wanted = [harmless(template, (place, None))]
        if url.lower().startswith("https://evil.example") and "@" not in url:
            wanted.append(harmless(template, (place, URL)))
        assert found in wanted, place


@pytest.mark.parametrize("template", TEMPLATES)
@given(
    values=st.fixed_dictionaries(
        dict.fromkeys(ADDRESSES, st.one_of(ODD, ODD.map("https://evil.example/".__add__)))
    )
)
@often
def test_no_address_changes_anything_around_it(values: dict[Place, str], template: str) -> None:
    shown = {
        place: URL
        if (escaping.css_url if place[-1] == "avatar_url" else escaping.link)(url) not in ("", "#")
        else None
        for place, url in values.items()
    }
    for place, url in values.items():
        # Elsewhere is where the address says that it leads.
        found = urlsplit(escaping.one_line(url)) if shown[place] else urlsplit(URL)
        assume((found.scheme, found.hostname) == ("https", "evil.example"))
        assume("arxiv" not in url and "papers" not in url)
    assert skeleton(card.render(changed(dict(values), template), template)) == harmless(
        template, *shown.items()
    )


@pytest.mark.parametrize("filter", [escaping.link, escaping.css_url])
@given(url=st.one_of(ODD, ODD.map("https://x.example/".__add__)))
@often
def test_an_address_is_quoted_once(filter: Any, url: str) -> None:
    assert filter(filter(url)) == filter(url)


# --- real names -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_real_name_keeps_its_bytes(name: str) -> None:
    assert escaping.one_line(name) == escaping.html(name) == name
    assert json.loads(escaping.yaml_string(name)) == yaml.safe_load(escaping.yaml_string(name)) == name
    assert escaping.yaml_string(name) == json.dumps(name, ensure_ascii=False)
    assert shown_name(account(name=name)) == name


@pytest.mark.parametrize("parser", MARKDOWN)
@pytest.mark.parametrize("filter", [escaping.markdown, escaping.paragraph])
@pytest.mark.parametrize("name", [*NAMES, "I <3 U", "a&lt;b", "x\\", "https://x.com", "www.x.com", "a@b.com"])
def test_a_real_name_is_read_as_it_is_written(name: str, filter: Any, parser: str) -> None:
    before = "" if filter is escaping.paragraph else "I am "
    paragraph, inline, _ = MARKDOWN[parser].parse(before + filter(name))
    assert paragraph.type == "paragraph_open"
    assert [child.type for child in inline.children or []] == ["text"]
    assert (inline.children or [])[0].content == before + name


@pytest.mark.parametrize(
    "name", ["I <3 U", "a&lt;b", "&copyright", "&#60", "$$", "\\\\(x", "arxiv.org", "<Gallery />", "]()"]
)
def test_what_html_must_escape_is_read_as_it_is_written(name: str) -> None:
    tags = _Tags(escaping.html(name))
    assert (tags.text, tags.found) == (name, [])


def account(**changes: Any) -> AccountFacts:
    return AccountFacts(handle="ada", statistics=Statistics(**COUNTS), **changes)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u200d",
        "\u3164",
        "\u2800",
        "\u0301",
        "\ue000",
        "\ud800",
        "\u202e",
        "\ufe0f",
        "\U000e0041",
        " " * 200 + "x",
    ],
)
def test_a_name_that_shows_nothing_gives_way_to_the_handle(name: str) -> None:
    assert shown_name(account(name=name)) == ("x" if name.endswith("x") else "ada")


def test_a_name_longer_than_any_on_x_is_cut() -> None:
    assert shown_name(account(name="x" * 100)) == "x" * 100
    assert shown_name(account(name="x" * 101)) == "x" * 99 + "…"
    assert shown_name(account(name="x" * 98 + "👩\u200d👩")) == "x" * 98 + "👩…"


def test_of_piled_marks_as_many_stay_as_the_deepest_letters_have() -> None:
    assert escaping.one_line("a" + "\u0301" * 99 + "b") == "a" + "\u0301" * 8 + "b"


@given(ODD)
@example("\u0301 \u0301x")
@often
def test_cleaning_a_text_twice_is_cleaning_it_once(text: str) -> None:
    assert escaping.one_line(escaping.one_line(text)) == escaping.one_line(text)
    once = shown_name(account(name=text))
    assert shown_name(account(name=once)) == once
    assert escaping.code(escaping.code(text)) == escaping.code(text)


@given(ODD)
@often
def test_a_filter_says_what_the_line_says(text: str) -> None:
    line = escaping.one_line(text)
    assert ast.literal_eval(escaping.python_string(text)) == line
    assert yaml.safe_load(escaping.yaml_string(text)) == json.loads(escaping.yaml_string(text)) == line
    assert _Tags(escaping.html(text)).text == line


# --- facts that cannot be -------------------------------------------------------------------------

NAN, INFINITE = float("nan"), float("inf")


HUGE = 10**30
IMPOSSIBLE: dict[Place, list[Any]] = {
    ("repo_id",): ["../x", "x/..", "x/a..b", "x", "/x", "x/", "x/y/z", "x y/z", "x/y\n", "é/x", "x\\y", 1],
    ("accounts",): [[], {}, None, "ada"],
    ("accounts", 0, "avatar_file"): [
        "../a.png",
        "a/b.png",
        "a\\b.png",
        ".a",
        "",
        "a b",
        "a\n",
        "a..png",
        "é.png",
    ],
    ("accounts", 0, "handle"): ["", "@", "a b", "a" * 16, "é", "a\n", "../a", "</div>", "a-b", 1, None],
    ("accounts", 0, "statistics", "kept"): [7, -6, 6.0, "6", True, None, [6], HUGE, NAN],
    ("accounts", 0, "statistics"): [
        {"downloaded": HUGE, "retweets": 0, "short": 0, "kept": HUGE},
        {"downloaded": 0, "retweets": 1, "short": 0, "kept": -1},
    ],
    ("evaluation", "tuned", "perplexity"): [NAN, INFINITE, -1.0, "3", True],
    ("evaluation", "tuned_samples", "repeated"): [NAN, INFINITE, -0.1, 1.1, "0"],
    ("evaluation", "tuned_samples", "mean_length"): [NAN, INFINITE, -0.1],
    **{(name,): [1, True, ["x"], {"x": "y"}] for name in ("prompt", "thumbnail", "consent")},
    ("language",): [1, True, [1], [None], {"en": 1}],
    ("versions",): [[], "x", {"x": 1}],
}


@pytest.mark.parametrize(
    ("place", "value"), [(place, value) for place, values in IMPOSSIBLE.items() for value in values]
)
def test_a_fact_that_cannot_be_is_refused(place: Place, value: Any) -> None:
    with pytest.raises(ValueError) as refused:
        changed({place: value})
    assert getattr(refused.value, "message", "") and getattr(refused.value, "next_step", "")


def test_the_error_names_the_value_and_the_next_step() -> None:
    with pytest.raises(
        InvalidFactsError, match=r"'\.\./a\.png' is not a valid name for a picture.*such as 'avatar\.jpg'"
    ):
        account(avatar_file="../a.png")


@pytest.mark.parametrize("value", [1e15, 1.01e304, 700])
def test_an_enormous_measurement_stays_a_number(value: float) -> None:
    text = card.render(changed({("evaluation", "tuned", "perplexity"): value}))
    assert skeleton(text) == harmless("default")
    metrics = hub.front_matter(text)["model-index"][0]["results"][0]["metrics"]
    assert metrics[0]["value"] == pytest.approx(value, rel=0.01)


@given(MANY)
@often
def test_hostile_facts_survive_json(values: dict[Place, str]) -> None:
    facts = changed(dict(values))
    again = from_json(CardFacts, json.loads(json.dumps(to_json(facts))))
    assert card.render(again) == card.render(facts)
    assert card.publication_digest(again, "default") == card.publication_digest(facts, "default")
