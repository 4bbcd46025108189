"""What is wrong with a card or missing from it: metadata, counts, links, pictures, snippet, leftovers."""

import ast
import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from huggingtweets_hub.card import layouts, metadata_rules
from huggingtweets_hub.card.metadata import metadata_of, split
from huggingtweets_hub.card.metadata_rules import Finding, error, warning
from huggingtweets_hub.card.parsing import parse
from huggingtweets_hub.card.variables import HUB, OWN
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.names import CARD, FACTS, REPO_ID
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import from_json

if TYPE_CHECKING:
    from markdown_it.token import Token

_LONGEST = 256 * 1024
_TAG = re.compile(r"<([A-Za-z][\w:-]*)([^<>]*)")
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_STYLE_URL = re.compile(r"""url\(['"]?([^'"()]*)""")
_SCRIPT_LINK = re.compile(r"(?<!\\)\]\(\s*<?\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_LIVE_TAGS = {"script", "iframe", "object", "embed", "form", "meta", "base"}
_LEFTOVER = re.compile(r"\{\{|\{%")
_NOTHING = re.compile(r"(?<=\|)[ *]*(None|nan|NaN|inf|undefined)[ *]*(?=\|)")


def findings(
    text: str,
    files: Collection[str] | None = None,
    facts: Mapping[str, Any] | None = None,
    repo_id: str | None = None,
) -> tuple[Finding, ...]:
    """All problems of a card, errors first.

    Args:
        files: The names of the files next to the card, if they are known.
        facts: The content of `huggingtweets.json`, which must match the card.
        repo_id: The card's repository.
    """
    if len(text) > _LONGEST:
        return (
            error(
                CARD,
                f"The card is {len(text):,} characters long.",
                "Shorten it: the Hub does not show it.",
            ),
        )
    front, body = split(text)
    found: list[Finding] = []
    try:
        read = parse(text)
    except HuggingTweetsError as why:
        read = None
        # A user's own template may have any layout, but what it says must still be true.
        level = warning if why.message.startswith(layouts.UNREADABLE) else error
        found.append(level(CARD, why.message, why.next_step))
    if front is None:
        found.append(warning("metadata", "The card has no metadata.", "Render it again, or add metadata."))
    else:
        based_on_hub = read is not None and read.base_model not in (None, *OWN)
        found += metadata_rules.findings(front, based_on_hub=based_on_hub)
    if read is not None and facts is not None:
        found += contradictions(read, facts)
    repo_id = repo_id or (read.repo_id if read else None)
    above = text.count("\n") - body.count("\n")
    found += _in_body(body, above, files, repo_id)
    if front is not None and files is not None:
        found += _thumbnail(front, files, repo_id)
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: finding.level))


def contradictions(read: CardFacts, facts: Mapping[str, Any]) -> list[Finding]:
    """Where the card and `huggingtweets.json` say different things."""
    try:
        recorded = from_json(CardFacts, facts)
    except HuggingTweetsError as why:
        return [error(FACTS, why.message, why.next_step)]
    found = []
    if recorded.repo_id != read.repo_id:
        found.append(f"It belongs to {recorded.repo_id}, but the card to {read.repo_id}.")
    said = [(account.handle, account.statistics) for account in read.accounts]
    if said != [(account.handle, account.statistics) for account in recorded.accounts]:
        found.append("Its accounts or counts differ from those on the card.")
    return [error(FACTS, message, "Publish the model again.") for message in found]


def _thumbnail(front: str, files: Collection[str], repo_id: str | None) -> Iterator[Finding]:
    try:
        address = metadata_of(front).get("thumbnail")
    except HuggingTweetsError:
        return
    if isinstance(address, str) and _own_file(address, repo_id):
        yield from _target(address, "thumbnail", files, repo_id)


# --- the body -------------------------------------------------------------------------------------


def _in_body(body: str, above: int, files: Collection[str] | None, repo_id: str | None) -> Iterator[Finding]:
    from huggingtweets_hub.card import markdown

    line = 0
    has_snippet = False
    for token in _flat(markdown.parser().parse(body)):
        line = token.map[0] if token.map else line
        place = f"line {line + above + 1}"
        if token.type == "fence":
            if token.info.strip() == "python":
                has_snippet = True
                yield from _snippet(token.content, place, repo_id)
            continue
        if token.type in ("link_open", "image"):
            yield from _target(
                str(token.attrGet("href") or token.attrGet("src") or ""), place, files, repo_id
            )
        elif token.type in ("html_block", "html_inline"):
            yield from _html(token.content, place, files, repo_id)
        elif token.type == "inline":
            yield from _written(token.content, place)
    if not has_snippet:
        yield warning(CARD, "The card has no Python snippet.", "Add one that shows how to use the model.")
    for i, row in enumerate(body.split("\n")):
        if row.startswith("|") and not row.startswith("| Data") and (nothing := _NOTHING.search(row)):
            yield error(
                f"line {i + above + 1}", f"A table cell holds {nothing[1]!r}.", "Leave out unknown values."
            )


def _flat(tokens: list["Token"]) -> Iterator["Token"]:
    """The tokens, each followed by its children."""
    for token in tokens:
        yield token
        yield from token.children or ()


def _written(content: str, place: str) -> Iterator[Finding]:
    if _SCRIPT_LINK.search(content):
        yield error(place, "A link runs a script or embeds data.", "Link to an https address.")
    if leftover := _LEFTOVER.search(content):
        yield warning(
            place,
            f"{leftover[0]!r} may be left over from a template.",
            "Fill it in, unless it is there on purpose.",
        )
    if "]()" in content:
        yield error(place, "A link or picture has no target.", "Leave it out if its target is unknown.")


def _html(content: str, place: str, files: Collection[str] | None, repo_id: str | None) -> Iterator[Finding]:
    for name, rest in _TAG.findall(content):
        if name.lower() in _LIVE_TAGS:
            yield error(place, f"The card contains a <{name.lower()}>.", "Remove it; the Hub does so anyway.")
        attributes = {
            key.lower(): layouts.html_text(value.strip("\"'")) for key, value in _ATTRIBUTE.findall(rest)
        }
        style = attributes.pop("style", "")
        for key, value in attributes.items():
            if key.startswith("on"):
                yield error(place, f"<{name}> runs a script ({key}).", "Remove it; the Hub does so anyway.")
            elif key in ("href", "src"):
                yield from _target(value, place, files, repo_id)
        if "display:none" not in style.replace(" ", ""):  # cards of 2021 hid their missing pictures
            for url in _STYLE_URL.findall(style):
                yield from _target(url, place, files, repo_id)


def _target(url: str, place: str, files: Collection[str] | None, repo_id: str | None) -> Iterator[Finding]:
    """What is wrong with the target of a link or picture."""
    url = url.strip()
    if url in ("", "#"):
        yield error(place, "A link or picture has no target.", "Leave it out if its target is unknown.")
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        yield error(place, f"{url!r:.80} is not a valid address.", "Write the full address: https://…")
        return
    if parts.scheme in ("http", "https"):
        path = _own_file(url, repo_id)
        if path is not None and files is not None and path not in files:
            yield error(
                place, f"{path!r:.80} is not among the model's files.", "Add the file, or remove the link."
            )
        if "None" in parts.path.split("/"):
            yield warning(
                place, f"{url!r:.80} seems to be made from a missing value.", "If so, leave it out."
            )
    elif parts.scheme in ("javascript", "vbscript", "data"):
        yield error(place, "A link runs a script or embeds data.", "Link to an https address.")
    elif not parts.scheme and not url.startswith("//") and files is not None:
        path = unquote(parts.path.removeprefix("./"))
        if path and path not in files:
            yield error(
                place, f"{path!r:.80} is not among the model's files.", "Add the file, or link to https://…"
            )
    elif not url.startswith("#") and parts.scheme != "mailto":
        yield error(place, f"{url!r:.80} is not an absolute address.", "Write the full address: https://…")


def _own_file(url: str, repo_id: str | None) -> str | None:
    """Which of the model's own files an address points to; None for other addresses."""
    for kind in ("resolve", "raw", "blob"):
        start = f"{HUB}/{repo_id}/{kind}/main/"
        if repo_id and url.startswith(start):
            return unquote(url.removeprefix(start).split("?")[0].split("#")[0])
    return None


def _snippet(code: str, place: str, repo_id: str | None) -> Iterator[Finding]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as why:
        yield error(
            place, f"The snippet is not valid Python: {str(why)[:80]}.", "Fix it so that it runs as is."
        )
        return
    named = {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "model" and isinstance(keyword.value, ast.Constant)
    }
    models = {str(name) for name in named if REPO_ID.fullmatch(str(name))}
    if not models:
        yield error(place, "The snippet does not name a model.", "Write model='namespace/name'.")
    elif repo_id is not None and models != {repo_id}:
        yield error(
            place,
            f"The snippet uses {', '.join(sorted(models))}, but this is the card of {repo_id}.",
            f"Write model='{repo_id}'.",
        )
