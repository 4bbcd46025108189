"""The three layouts of a card's body, and where each keeps its values.

- `classic`: `NAME 🤖 AI Bot` over `@handle bot`, the first cards and our `classic` template;
- `later`: `🤖 AI BOT 🤖` or `🤖 AI CYBORG 🤖`, then the names joined by ` & ` and the handles joined by `-`;
- `default`: our `default` template, the names over that title.
"""

import re
from dataclasses import dataclass
from html.entities import html5

from huggingtweets_hub.core import accounts as core_accounts
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.records import Statistics

UNREADABLE = "This card cannot be read"
BOT = " 🤖 AI Bot"
TITLES = ("🤖 AI BOT 🤖", "🤖 AI CYBORG 🤖")
# By the nouns of each network, the longest first: that of X.
_TABLES = tuple(
    (
        f"{post.capitalize()}s downloaded",
        f"{repost.capitalize()}s",
        f"Short {post}s",
        f"{post.capitalize()}s kept",
    )
    for post, repost in dict.fromkeys((one.post, one.repost) for one in core_accounts.NETWORKS.values())
)
_AVATAR = re.compile(r"url\((?:'|&#39;)([^'()\s]*?)(?:'|&#39;)\)" + r'|<img src="([^"]*)"')
_MENTION = re.compile(r"@(\w{1,15})", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3}")
_ENTITY = r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_HTML = re.compile(_ENTITY)
_MARKDOWN = re.compile(r"\\([!-/:-@\[-`{-~])|" + _ENTITY)


@dataclass(frozen=True, slots=True)
class WrittenAccount:
    """What a card says about one account; the name is unescaped, the avatar's address is unchanged."""

    handle: str
    name: str
    avatar: str | None
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class Body:
    """The content of a card's body.

    Attributes:
        layout: `classic`, `later` or `default`.
        sections: The text under each heading of the second level.
    """

    layout: str
    accounts: tuple[WrittenAccount, ...]
    sections: dict[str, str]


def read(text: str) -> Body:
    """Read a body in one of the layouts.

    Raises:
        InvalidFactsError: The layout is unknown, or a required part is missing or contradicts another.
    """
    sections = _sections(text)
    header = _header(sections[""])
    data = sections.get("Training data", [])
    counts, columns = _table(data)
    handles = _handles(header, len(counts), data)
    names = _names(header.names, columns, len(counts))
    # Cards leave out missing pictures: if there are fewer than accounts, it is unknown whose they are.
    avatars = header.avatars if len(header.avatars) == len(counts) else [None] * len(counts)
    return Body(
        header.layout,
        tuple(WrittenAccount(*account) for account in zip(handles, names, avatars, counts, strict=True)),
        {title: "\n".join(lines) for title, lines in sections.items()},
    )


@dataclass(frozen=True, slots=True)
class _Header:
    """The header above the text: joined names and handles, as written.

    Attributes:
        handles: Each of them, where they are told apart.
    """

    layout: str
    names: str
    handle: str
    avatars: list[str | None]
    handles: tuple[str, ...] = ()


def _sections(body: str) -> dict[str, list[str]]:
    """The lines under each second-level heading, the header's under ``; the first of each heading counts."""
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
    if first.endswith(BOT) and second.endswith(" bot"):
        layout, names, handle = "classic", first.removesuffix(BOT), second.removesuffix(" bot")
    elif first in TITLES:
        layout, names, handle = "later", second, third
    elif second in TITLES:
        return _default(
            first.removeprefix("<b>").removesuffix("</b>"), third, [url for url in pictures if url]
        )
    else:
        raise unreadable(f"its header has no line with '{BOT.strip()}' or '{TITLES[0]}'")
    if not handle.startswith("@"):
        raise unreadable(f"its header has {handle!r:.60} in place of a handle")
    return _Header(layout, names, handle[1:], [url for url in pictures if url])


def _default(names: str, mentions: str, pictures: list[str | None]) -> _Header:
    handles = tuple(map(core_accounts.mentioned, mentions.split(" · ")))
    if None in handles:
        raise unreadable(f"its header has {mentions!r:.60} in place of a handle")
    known = tuple(filter(None, handles))
    return _Header("default", names, "-".join(known), pictures, known)


def _table(lines: list[str]) -> tuple[list[Statistics], str]:
    """The counts of each account, and the table's head next to `Data`."""
    rows = [line.strip().strip("|").replace("*", "").split("|") for line in lines]
    labels = tuple(row[0].strip() for row in rows)
    start = next((n for n in range(2, len(labels)) if labels[n : n + 4] in _TABLES), 0)
    if not start:
        raise unreadable(f"it has no table with the rows {', '.join(_TABLES[0])} under 'Training data'")
    counts = [
        [_count(cell.strip(), label) for cell in row[1:]]
        for label, row in zip(labels[start:], rows[start : start + 4], strict=False)
    ]
    if len({len(row) for row in counts}) > 1 or not counts[0]:
        raise unreadable("the rows of its table do not have the same number of columns")
    head = lines[start - 2].strip().removeprefix("|").removesuffix("|")
    accounts = zip(*counts, strict=True)
    return [
        Statistics(downloaded=downloaded, retweets=retweets, short=short, kept=kept)
        for downloaded, retweets, short, kept in accounts
    ], head.partition("|")[2].strip()


def _count(cell: str, label: str) -> int:
    if not _COUNT.fullmatch(cell):
        raise unreadable(f"its table has {cell!r:.40} for '{label}', which is not a number")
    return int(cell.replace(",", ""))


def _handles(header: _Header, accounts: int, lines: list[str]) -> list[str]:
    """Each account's handle, in the table's order."""
    if len(header.handles) == accounts:
        return list(header.handles)
    table = next((i for i, line in enumerate(lines) if line.startswith("|")), 0)
    # Before March 2021 and in our cards, the text links each account; the later layout names it in any form.
    linked = _MENTION.findall(markdown_text("\n".join(lines[:table])))
    if header.layout != "later" and model_name(linked) == header.handle.lower() and len(linked) == accounts:
        return [header.handle] if accounts == 1 else linked
    handles = header.handle.split("-")
    if len(handles) != accounts:
        raise unreadable(
            f"its header has {len(handles)} handles ({header.handle!r:.60}), but its table has {accounts}"
        )
    return handles


def _names(header: str, columns: str, accounts: int) -> list[str]:
    """Each account's name: the header joins them by ` & `, the table has each in its own column."""
    shown = html_text(header)
    if accounts == 1:
        return [shown]
    cells = [markdown_text(cell.strip()) for cell in re.split(r"(?<!\\)\|", columns)]
    if len(cells) == accounts and " & ".join(cells) == shown:
        return cells
    # A name may contain ` & ` itself, unescaped: the two lines differ only where a name ends.
    ends = [i for i, pair in enumerate(zip(header, columns, strict=False)) if pair[0] != pair[1]]
    if (
        len(header) == len(columns)
        and len(ends) == accounts - 1
        and all(header[i - 1 : i + 2] == " & " and columns[i - 1 : i + 2] == " | " for i in ends)
    ):
        bounds = zip([-2, *ends], [*ends, len(header) + 1], strict=True)
        return [html_text(header[start + 2 : end - 1]) for start, end in bounds]
    names = shown.split(" & ")
    if len(names) != accounts:
        raise unreadable(f"{shown!r:.80} in its header cannot be split into {accounts} names")
    return names


def html_text(written: str) -> str:
    """The text that HTML shows for this markup."""
    return _HTML.sub(lambda found: _character(found[1], found[0]), written)


def markdown_text(written: str) -> str:
    """The text that Markdown shows for this markup; emphasis and links are left as they are."""
    return _MARKDOWN.sub(lambda found: found[1] or _character(found[2], found[0]), written)


def _character(entity: str, written: str) -> str:
    """What an HTML entity stands for; unchanged if it is not one."""
    if not entity.startswith("#"):
        return html5.get(f"{entity};", written)
    code = int(entity[2:], 16) if entity[1] in "xX" else int(entity[1:])
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def unreadable(why: str) -> InvalidFactsError:
    """The error for a card that cannot be read, with the reason."""
    return InvalidFactsError(
        f"{UNREADABLE}: {why}.",
        "Use a card made by huggingtweets or this toolkit, or write its facts by hand; "
        "'huggingtweets card render --help' shows how.",
    )
