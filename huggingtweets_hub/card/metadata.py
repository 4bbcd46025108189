"""The metadata between a card's fences, read exactly as written, whoever wrote it."""

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.card.layouts import unreadable

if TYPE_CHECKING:
    import yaml

_LONGEST = 256 * 1024  # far more than any card has; YAML is slow
_DEEPEST = 100
_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)


def split(text: str) -> tuple[str | None, str]:
    """A card's metadata without its fences (None if it has none), and its body; with LF line ends."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n ")
    end = _FENCE.search(text, 4) if text.startswith("---\n") else None
    return (text[4 : end.start()], text[end.end() + 1 :]) if end else (None, text)


def metadata_of(front: str | None) -> dict[str, Any]:
    """The metadata with every scalar as the text that was written, except null as None.

    A language `no`, a handle `1e3` and a date stay text, and tags and merge keys have no effect.

    Raises:
        InvalidFactsError: It is not a YAML mapping, is nested more deeply than any card, or has anchors: a
            few aliases can make it any size.
    """
    import yaml

    if front is None:
        return {}
    if len(front) > _LONGEST:
        raise unreadable(f"its metadata is {len(front):,} characters long")
    try:
        require_plain(front)
        found = yaml.load(front, Loader=_words())  # builds only strings, lists and mappings
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise unreadable(f"its metadata is not valid YAML ({said})") from error
    if found is not None and not isinstance(found, dict):
        raise unreadable("its metadata is not a mapping")
    return found or {}


def require_plain(front: str) -> None:
    """Make sure that the metadata can be read whole, by the parser in C too, which does not count levels.

    Raises:
        ValueError: They are nested more deeply than any card, or have anchors.
        yaml.YAMLError: They are not valid YAML.
    """
    import yaml

    depth = 0
    for event in yaml.parse(front, Loader=_words()):
        if getattr(event, "anchor", None):
            raise ValueError("it has an anchor or alias")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")


def typed() -> Any:
    """The loader that understands metadata as the Hub does: a language `no` is False, and a date is one."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # many times as fast, where it was built


def overlooked(front: str) -> Iterator[str]:
    """What valid metadata say and `metadata_of` does not: comments, and all but the last of equal keys."""
    import yaml

    front = front.removeprefix("\ufeff")  # which YAML's parser in C does not count
    end = 0
    for token in yaml.scan(front, Loader=_words()):
        yield from _comments(front[end : token.start_mark.index])
        end = token.end_mark.index
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            yield from _comments(front[token.start_mark.index : end].partition("\n")[0])
    yield from _repeated(yaml.compose(front, Loader=_words()), front)


def _comments(between: str) -> list[str]:
    return [line[line.index("#") :].strip() for line in between.split("\n") if "#" in line]


def _repeated(node: "yaml.Node | None", text: str) -> Iterator[str]:
    import yaml

    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item, text)
    elif isinstance(node, yaml.MappingNode):
        last = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        for key, value in node.value:
            if last.get(key.value, value) is not value:
                yield text[key.start_mark.index : value.end_mark.index].strip()
            yield from _repeated(value, text)


def at(found: Any, *keys: str) -> Any:
    """The value under these nested keys; None if there is none."""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def items(found: Any, *keys: str) -> list[Any]:
    """The list under these nested keys; empty if there is none."""
    value = at(found, *keys)
    return value if isinstance(value, list) else []


def words(found: object) -> list[str]:
    """One word or several, as a list; anything that is not a string is left out."""
    return [
        word for word in (found if isinstance(found, list) else [found]) if isinstance(word, str) and word
    ]


@functools.cache
def _words() -> Any:
    import yaml

    base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

    class Words(base):  # type: ignore[misc]
        """Strings, lists, mappings and null."""

    null = "tag:yaml.org,2002:null"
    Words.add_implicit_resolver(null, re.compile(r"(~|null|Null|NULL)?\Z"), ["~", "n", "N", ""])
    Words.add_constructor(null, lambda loader, node: None)
    return Words
