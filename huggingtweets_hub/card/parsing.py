"""From a published card to its facts: ours, and the layouts of the models that came before.

Read is what a card holds in its structure (metadata, header, table, links, snippet), whatever prose stands
around it. Three layouts are known:

- `classic`: `NAME 🤖 AI Bot` over `@handle bot`, the first cards and our `classic` template;
- `later`: `🤖 AI BOT 🤖` or `🤖 AI CYBORG 🤖`, then the names, joined by ` & `, and the handles, by `-`;
- `default`: our `default` template, the names over that title.
"""

import dataclasses
import functools
import json
import re
from dataclasses import dataclass
from html.entities import html5
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.card import escaping, variables
from huggingtweets_hub.errors import InvalidFactsError
from huggingtweets_hub.records import AccountFacts, CardFacts, Statistics, model_name
from huggingtweets_hub.serialization import to_json

if TYPE_CHECKING:
    import yaml

_CONTRACT = ("thumbnail", "repo_id", "prompt", "data_run_url", "training_run_url", "base_model", "language")
_BOT = " 🤖 AI Bot"
_TITLES = ("🤖 AI BOT 🤖", "🤖 AI CYBORG 🤖")
_ROWS = ("Tweets downloaded", "Retweets", "Short tweets", "Tweets kept")
_MAX_METADATA = 256 * 1024  # far beyond any card's; YAML takes its time

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_AVATAR = re.compile(r"url\((?:'|&#39;)([^'()\s]*?)(?:'|&#39;)\)" + r'|<img src="([^"]*)"')
_MENTION = re.compile(r"@(\w{1,15})", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3}")
_DATA_RUN = re.compile(r"\[Explore the data[^\[\]]{0,40}\]\(([^()\s]+)\)")
_TRAINING_RUN = re.compile(r"\[(?:W&B )?training run\]\(([^()\s]+)\)")
_GPT2 = re.compile(r"\[GPT-2\]\(https://huggingface\.co/(gpt2|openai-community/gpt2)\)")
_SCRATCH = re.compile(r"^The model is based on a small GPT-2 ", re.MULTILINE)
_REPO = re.compile(r"""\bmodel\s?=\s?(['"])([\w./-]{1,200})\1""", re.ASCII)
_PROMPT = re.compile(r"""^generator\(("(?:[^"\\\n]|\\.)*")""", re.MULTILINE)
_ENTITY = r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_HTML = re.compile(_ENTITY)
_MARKDOWN = re.compile(r"\\([!-/:-@\[-`{-~])|" + _ENTITY)


def parse(text: str) -> CardFacts:
    """The facts of a published card; what it does not say is None.

    Raises:
        InvalidFactsError: An unknown layout, or a needed part that is missing or contradicts another.
    """
    front, body = split(text)
    metadata = _metadata(front)
    parts = _sections(body)
    header = _header(parts[""])
    counts, columns = _table(parts.get("Training data", []))
    handles = _handles(header, len(counts), parts.get("Training data", []))
    names = _names(header.names, columns, len(counts))
    # Cards leave out the pictures that they lack: fewer than accounts could be anybody's.
    avatars = header.avatars if len(header.avatars) == len(counts) else [None] * len(counts)
    procedure = "\n".join(parts.get("Training procedure", []))
    snippet = "\n".join(parts.get("How to use", []))
    data_run = _DATA_RUN.search("\n".join(parts.get("Training data", [])))
    training_run = _TRAINING_RUN.search(procedure)
    repo = _REPO.search(snippet)
    if repo is None:
        raise _unreadable("it has no snippet with model='namespace/name' under 'How to use'")
    return CardFacts(
        accounts=tuple(_account(*account) for account in zip(handles, names, avatars, counts, strict=True)),
        repo_id=repo[2],
        thumbnail=_thumbnail(metadata.get("thumbnail")),
        prompt=_widget(metadata.get("widget")) if front is not None else _snippet_prompt(snippet),
        # Only the default card links the run itself; the others link what it logged.
        data_run_url=_link(data_run[1], "" if header.layout == "default" else "/artifacts")
        if data_run
        else None,
        training_run_url=_link(training_run[1]) if training_run else None,
        base_model=_base_model(metadata.get("base_model"), header.layout, procedure),
        language=_language(metadata.get("language")),
    )


def normalised(facts: CardFacts, template: str = "default") -> CardFacts:
    """The contract's facts, as far as a card of this template carries them.

    `parse(render(facts, template)) == normalised(facts, template)`. What is lost:

    - the toolkit's own facts (recipe, evaluation, samples, …), which `huggingtweets.json` holds;
    - in every text: control, direction and line-separating characters, blanks at its ends;
    - a name that shows nothing: the card shows the handle; an empty prompt or language code;
    - an address that is not http(s), of an avatar not https; what an address cannot hold is quoted;
    - of several accounts of which only some have a picture: whose the pictures are, so all of them;
    - on the default card: an avatar's address where its file is kept, which is linked instead; a base model
      from a folder;
    - on the classic card: the base model's name, which is always `gpt2`.

    Args:
        template: `default` or `classic`.
    """
    seen = variables.of(facts)
    pictures = [account["picture" if template == "default" else "avatar_url"] for account in seen["accounts"]]
    quoted = escaping.link if template == "default" else escaping.css_url
    avatars = [_picture(quoted(picture)) for picture in pictures if picture]
    if len(avatars) < len(pictures):
        avatars = [None] * len(pictures)
    base_model = "gpt2" if template == "classic" else seen["base_id"] and escaping.one_line(seen["base_id"])
    if template == "default" and (facts.base_model or (facts.base and facts.base.name)) == "scratch":
        base_model = "scratch"
    return CardFacts(
        accounts=tuple(
            _account(account.handle, account.name, avatar, account.statistics)
            for account, avatar in zip(facts.accounts, avatars, strict=True)
        ),
        repo_id=facts.repo_id,
        thumbnail=_thumbnail(facts.thumbnail),
        prompt=escaping.one_line(facts.prompt or "") or None,
        data_run_url=_link(escaping.link(facts.data_run_url or "")),
        training_run_url=_link(escaping.link(facts.training_run_url or "")),
        base_model=base_model or None,
        language=_language([escaping.one_line(word) for word in facts.language or ()]),
    )


def contract_facts(facts: CardFacts) -> dict[str, Any]:
    """The contract's facts as JSON values, as `card parse` prints and `card render` reads them."""
    accounts = [
        {
            "handle": account.handle,
            "name": account.name,
            "avatar_url": account.avatar_url,
            "statistics": to_json(account.statistics),
        }
        for account in facts.accounts
    ]
    return {"accounts": accounts, **{key: to_json(getattr(facts, key)) for key in _CONTRACT}}


def split(text: str) -> tuple[str | None, str]:
    """A card's metadata without its fences, None where it has none, and its body; with LF line ends."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n ")
    end = _FENCE.search(text, 4) if text.startswith("---\n") else None
    return (text[4 : end.start()], text[end.end() + 1 :]) if end else (None, text)


# --- the metadata ---------------------------------------------------------------------------------


def _metadata(front: str | None) -> dict[str, Any]:
    """The metadata with every scalar as the text that was written, but null as None.

    A language `no`, a handle `1e3` and a day stay words, and no tag or merge key does any work.
    """
    import yaml

    if front is None:
        return {}
    if len(front) > _MAX_METADATA:
        raise _unreadable(f"its metadata is {len(front):,} characters long")
    try:
        found = yaml.load(front, Loader=_words())  # builds texts, lists and mappings only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise _unreadable(f"its metadata is no YAML ({said})") from error
    if found is not None and not isinstance(found, dict):
        raise _unreadable("its metadata is no mapping")
    return found or {}


@functools.cache
def _words() -> "type[yaml.BaseLoader]":
    import yaml

    class Words(yaml.BaseLoader):
        """Texts, lists, mappings and null."""

    null = "tag:yaml.org,2002:null"
    Words.add_implicit_resolver(null, re.compile(r"(~|null|Null|NULL)?\Z"), ["~", "n", "N", ""])
    Words.add_constructor(null, lambda loader, node: None)
    return Words


def _thumbnail(found: object) -> str | None:
    url = escaping.one_line(found) if isinstance(found, str) else ""
    return url if _link(url) else None


def _widget(found: object) -> str | None:
    first = found[0] if isinstance(found, list) and found else None
    text = first.get("text") if isinstance(first, dict) else None
    return text or None if isinstance(text, str) else None


def _language(found: object) -> tuple[str, ...] | None:
    words = found if isinstance(found, list) else [found]
    return tuple(word for word in words if isinstance(word, str) and word) or None


def _base_model(found: object, layout: str, procedure: str) -> str | None:
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if isinstance(found, str) and found:
        return found
    if layout == "default":
        return "scratch" if _SCRATCH.search(procedure) else None
    gpt2 = _GPT2.search(procedure)
    return gpt2[1] if gpt2 else None


# --- the header and the table ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Header:
    """What stands above the text: names and handles joined, each as it is written."""

    layout: str
    names: str
    handle: str
    avatars: list[str | None]


def _sections(body: str) -> dict[str, list[str]]:
    """The lines under each heading of the second level, the header's under ``; the first counts."""
    sections: dict[str, list[str]] = {"": []}
    lines = sections[""]
    for line in body.split("\n"):
        if line.startswith("## "):
            lines = []
            sections.setdefault(line[3:].strip(), lines)
        else:
            lines.append(line)
    return sections


def _header(lines: list[str]) -> _Header:
    texts = []
    pictures = []
    for line in map(str.strip, lines):
        if (
            line.startswith("<div")
            and line.endswith("</div>")
            and (text := line.partition(">")[2][:-6].strip())
        ):
            texts.append(text)
        elif not texts:
            pictures += [styled or shown for styled, shown in _AVATAR.findall(line)]
    first, second, third = [*texts, "", "", ""][:3]
    if first.endswith(_BOT) and second.endswith(" bot"):
        layout, names, handle = "classic", first.removesuffix(_BOT), second.removesuffix(" bot")
    elif first in _TITLES:
        layout, names, handle = "later", second, third
    elif second in _TITLES:
        layout, names, handle = "default", first.removeprefix("<b>").removesuffix("</b>"), third
    else:
        raise _unreadable(f"its header has no line with '{_BOT.strip()}' or '{_TITLES[0]}'")
    if not handle.startswith("@"):
        raise _unreadable(f"where its header should have a handle, it has {handle!r:.60}")
    return _Header(layout, names, handle[1:], [_picture(url) for url in pictures if url])


def _table(lines: list[str]) -> tuple[list[Statistics], str]:
    """The counts of each account, and what the table's head has beside `Data`."""
    rows = [line.strip().strip("|").replace("*", "").split("|") for line in lines]
    labels = tuple(row[0].strip() for row in rows)
    start = labels.index(_ROWS[0]) if _ROWS[0] in labels else 0
    if start < 2 or labels[start : start + 4] != _ROWS:
        raise _unreadable(f"it has no table with the rows {', '.join(_ROWS)} under 'Training data'")
    counts = [
        [_count(cell.strip(), label) for cell in row[1:]]
        for label, row in zip(_ROWS, rows[start : start + 4], strict=True)
    ]
    if len({len(row) for row in counts}) > 1 or not counts[0]:
        raise _unreadable("the rows of its table do not have the same number of columns")
    head = lines[start - 2].strip().removeprefix("|").removesuffix("|")
    accounts = zip(*counts, strict=True)
    return [
        Statistics(downloaded=downloaded, retweets=retweets, short=short, kept=kept)
        for downloaded, retweets, short, kept in accounts
    ], head.partition("|")[2].strip()


def _count(cell: str, label: str) -> int:
    if not _COUNT.fullmatch(cell):
        raise _unreadable(f"its table has {cell!r:.40} for '{label}', which is no number")
    return int(cell.replace(",", ""))


def _handles(header: _Header, accounts: int, lines: list[str]) -> list[str]:
    """Each account's handle, in the table's order."""
    table = next((i for i, line in enumerate(lines) if line.startswith("|")), 0)
    # Before March 2021 and in our cards, the text links each account; the later layout names it freely.
    linked = _MENTION.findall(_markdown_text("\n".join(lines[:table])))
    if header.layout != "later" and model_name(linked) == header.handle.lower() and len(linked) == accounts:
        return [header.handle] if accounts == 1 else linked
    handles = header.handle.split("-")
    if len(handles) != accounts:
        raise _unreadable(
            f"its header has {len(handles)} handles ({header.handle!r:.60}), its table {accounts}"
        )
    return handles


def _names(header: str, columns: str, accounts: int) -> list[str]:
    """Each account's name: the header joins them by ` & `, the table has each in its column."""
    shown = _html_text(header)
    if accounts == 1:
        return [shown]
    cells = [_markdown_text(cell.strip()) for cell in re.split(r"(?<!\\)\|", columns)]
    if len(cells) == accounts and " & ".join(cells) == shown:
        return cells
    # A name may hold the joint itself, unescaped: the two lines differ only where a name ends.
    ends = [i for i, pair in enumerate(zip(header, columns, strict=False)) if pair[0] != pair[1]]
    if (
        len(header) == len(columns)
        and len(ends) == accounts - 1
        and all(header[i - 1 : i + 2] == " & " and columns[i - 1 : i + 2] == " | " for i in ends)
    ):
        bounds = zip([-2, *ends], [*ends, len(header) + 1], strict=True)
        return [_html_text(header[start + 2 : end - 1]) for start, end in bounds]
    names = shown.split(" & ")
    if len(names) != accounts:
        raise _unreadable(f"{shown!r:.80} in its header cannot be told apart into {accounts} names")
    return names


# --- one value ------------------------------------------------------------------------------------


def _account(handle: str, name: str, avatar_url: str | None, statistics: Statistics) -> AccountFacts:
    account = AccountFacts(handle=handle, name=name, avatar_url=avatar_url, statistics=statistics)
    return dataclasses.replace(account, name=variables.shown_name(account))


def _picture(url: str) -> str | None:
    """An avatar's address, where a card may show it."""
    url = _html_text(url)
    try:
        return escaping.link(url) if escaping.css_url(url) else None
    except ValueError:  # brackets that are no address
        return None


def _link(url: str, suffix: str = "") -> str | None:
    """A link's target, where a browser may be sent there."""
    try:
        target = escaping.link(_html_text(url))
    except ValueError:
        return None
    return None if target == "#" else target.removesuffix(suffix)


def _snippet_prompt(snippet: str) -> str | None:
    found = _PROMPT.search(snippet)
    try:
        return str(json.loads(found[1])) or None if found else None
    except ValueError:
        return None


def _html_text(written: str) -> str:
    return _HTML.sub(lambda found: _character(found[1], found[0]), written)


def _markdown_text(written: str) -> str:
    return _MARKDOWN.sub(lambda found: found[1] or _character(found[2], found[0]), written)


def _character(entity: str, written: str) -> str:
    """What an HTML entity stands for; itself where it is none."""
    if not entity.startswith("#"):
        return html5.get(f"{entity};", written)
    code = int(entity[2:], 16) if entity[1] in "xX" else int(entity[1:])
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _unreadable(why: str) -> InvalidFactsError:
    return InvalidFactsError(
        f"This card cannot be read: {why}.",
        "Give a card of huggingtweets or of this toolkit, or write its facts by hand ('card render --help').",
    )
