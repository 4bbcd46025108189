"""What a card says beyond its facts: someone added it, and an upgrade would lose it."""

import dataclasses
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from huggingtweets_hub import card
from huggingtweets_hub.card import escaping, layouts, variables
from huggingtweets_hub.card.metadata import metadata_of, overlooked, split, words
from huggingtweets_hub.core.errors import InvalidFactsError, TemplateError
from huggingtweets_hub.core.names import PREVIEW
from huggingtweets_hub.core.records import CardFacts

_DIV = re.compile(r'</?div(?:\s+(?:class|style)="[^"]*")*\s*>|\A<div\Z|\A(?:class|style)="[^"]*">\Z')
_PICTURE = re.compile(r"url\((?:'|&#39;|)([^'()&\s]+)")
_HANDLES = re.compile(r"@(\w{1,15}(?:-\w{1,15}){1,2})", re.ASCII)
_THUMBNAIL = re.compile(
    r"https?://(?:(?:www\.)?huggingtweets\.com|github\.com/borisdayma/huggingtweets)/"
    rf"|https?://.*/resolve/main/{re.escape(PREVIEW)}\Z",
    re.IGNORECASE,
)
_REPORT = re.compile(r"(?<=\[w&b report\])\(https://(?:app\.)?wandb\.ai/[^()\s]*\)")


def additions(text: str, facts: CardFacts, upgraded: str) -> list[str]:
    """The metadata and lines that neither this toolkit nor the original project would write for these facts.

    Empty lines and the form of the header do not count. A license counts if the new card has a different
    one. A section that is missing counts: someone has deleted it.

    Args:
        text: The current card.
        facts: The facts on it.
        upgraded: The card that would replace it.
    """
    front, body = split(text)
    usual = _usual(facts)
    found = [*_in_metadata(front, usual, upgraded), *_in_body(body, facts, usual), *_missing(body, usual)]
    return [line for line in dict.fromkeys(map(escaping.one_line, found)) if line]


def is_own_thumbnail(url: str) -> bool:
    """Whether someone chose this picture: it is neither the original project's nor this toolkit's."""
    return not _THUMBNAIL.match(url)


def _usual(facts: CardFacts) -> list[str]:
    """The cards that are made from these facts; cards of 2021 always had the same prompt in their snippet."""
    of_gpt2 = dataclasses.replace(facts, base_model=variables.GPT2[0], base=None)
    cards = []
    for stated, template in ((facts, "default"), (of_gpt2, "classic")):
        for prompt in (facts.prompt, None):
            with suppress(TemplateError):  # the classic one is for accounts of X
                cards.append(card.render(dataclasses.replace(stated, prompt=prompt), template))
    return cards


# --- the metadata ---------------------------------------------------------------------------------


def _in_metadata(front: str | None, usual: list[str], upgraded: str) -> Iterator[str]:
    new = metadata_of(split(upgraded)[0])
    known = [new, *(metadata_of(split(text)[0]) for text in usual)]
    for key, value in metadata_of(front).items():
        if key == "thumbnail" and isinstance(value, str) and not is_own_thumbnail(value):
            continue
        if key == "language":
            value = list(variables.shown_languages(words(value)))
        # Who may use the weights must not change unnoticed, not even from one of our cards to another.
        cards = [new] if key == "license" else known
        said = [each for metadata in cards for each in _each(metadata.get(key))]
        yield from (f"{key}: {each}" for each in _each(value) if each not in said)
    yield from overlooked(front or "")


def _each(value: Any) -> list[Any]:
    """One value or several, as a list of what they show."""
    return [_shown(each) for each in (value if isinstance(value, list) else [value]) if each]


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return escaping.one_line(value) if isinstance(value, str) else value


# --- the body -------------------------------------------------------------------------------------


def _in_body(body: str, facts: CardFacts, usual: list[str]) -> Iterator[str]:
    known = {_plain(line) for text in usual for line in split(text)[1].split("\n")}
    names = [variables.shown_name(account) for account in facts.accounts]
    handle = "@" + "-".join(account.handle for account in facts.accounts)
    joined = " & ".join(names)
    header = [f"{joined}{layouts.BOT}", f"{handle} bot", *layouts.TITLES, joined, handle, ""]
    boxed = set(map(_plain, header))
    # The later layout has names where the first layout has links and `Quantity`.
    listed = " & ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    sentences = (f"The model was trained on tweets from {some}." for some in (joined, listed))
    known |= set(map(_plain, [*sentences, f"| Data | {' | '.join(names)} |"]))

    pictures = []
    for line in map(str.strip, body.split("\n")):
        is_box = bool(_DIV.search(line))
        pictures += _PICTURE.findall(line) if is_box else []
        if _plain(line) not in known and not (is_box and _plain(_DIV.sub("", line)) in boxed):
            yield line
    yield from pictures[len(names) :]


def _missing(body: str, usual: list[str]) -> Iterator[str]:
    """The sections that every card of this layout has but this one."""
    layout = "default"
    with suppress(InvalidFactsError):  # of a body in words of somebody's own
        layout = layouts.read(body).layout
    like = usual[0 if layout == "default" else -1]
    there = body.split("\n")
    for line in split(like)[1].split("\n"):
        if line.startswith("## ") and line not in map(str.strip, there):
            yield f"(no section {line[3:]!r})"


def _plain(line: str) -> str:
    """A line as a reader sees it, ignoring escapes, layout and case, and the address of the report."""
    line = " ".join(layouts.markdown_text(escaping.one_line(line)).split()).casefold()
    line = _HANDLES.sub(lambda found: "@" + "-".join(sorted(found[1].split("-"))), line)
    return _REPORT.sub("", line)
