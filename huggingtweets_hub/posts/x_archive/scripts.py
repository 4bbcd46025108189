"""An archive's files: JavaScript that assigns JSON to a variable, also where an editor has rewritten it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.posts.containers import Container
from huggingtweets_hub.posts.encodings import decoded
from huggingtweets_hub.posts.json_cursor import DEEP, INVALID, BadJsonError
from huggingtweets_hub.posts.json_stream import JsonStream
from huggingtweets_hub.posts.x_archive.literals import AsJson

_BEGINNING = 1 << 10  # characters
_VARIABLE = re.compile(r"""[^{]*?\bYTD(?:\.|\[["'])(?P<kind>\w+)""")


def kind(container: Container, name: str) -> str | None:
    """What a file says that it holds, such as `deleted_tweets`; None if it does not say it.

    Raises:
        ValueError: It is not text.
    """
    with container.open(name) as stream:
        found = _VARIABLE.match(decoded(stream).read(_BEGINNING))
    return found["kind"].lower() if found else None


def items(container: Container, name: str) -> Iterator[dict[str, Any]]:
    """The records of a file, one at a time.

    Raises:
        ValueError: It is damaged; a `BadJsonError` says whether only its end is missing.
    """
    is_first = True
    try:
        for item in _items(container, name):
            is_first = False
            yield item
    except BadJsonError as error:
        if not is_first or error.is_cut or error.why != INVALID:
            raise
        yield from _formatted(container, name, error)


def _formatted(container: Container, name: str, error: BadJsonError) -> Iterator[dict[str, Any]]:
    """The records of a file whose first one is not JSON, but may be JavaScript."""
    is_first = True
    try:
        for item in _items(container, name, is_formatted=True):
            is_first = False
            yield item
    except BadJsonError as other:
        if is_first:
            raise error from other
        raise


def _items(container: Container, name: str, *, is_formatted: bool = False) -> Iterator[dict[str, Any]]:
    with _reading(container, name, is_formatted=is_formatted) as stream:
        for item in stream.items():
            if not isinstance(item, dict):
                raise ValueError(f"{str(item)[:60]!r} is not a record")
            yield item


def first(container: Container, name: str | None, progress: Progress) -> dict[str, Any]:
    """The first record of a file; empty, with a warning, if it cannot be read."""
    return _tolerant(container, name, progress, is_list=True)


def assigned(container: Container, name: str | None, progress: Progress) -> dict[str, Any]:
    """The object of a file; empty, with a warning, if it cannot be read."""
    return _tolerant(container, name, progress, is_list=False)


def at(value: Any, *keys: str) -> Any:
    """The value under these nested keys; None if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _tolerant(container: Container, name: str | None, progress: Progress, *, is_list: bool) -> dict[str, Any]:
    if name is None:
        return {}
    try:
        if is_list:
            return next(items(container, name), {})
        with _reading(container, name) as stream:
            return stream.object()
    except (ValueError, OSError) as error:
        progress.warn(f"{name} in {container.path.name} was skipped because it could not be read: {error}.")
        return {}


@contextmanager
def _reading(container: Container, name: str, *, is_formatted: bool = False) -> Iterator[JsonStream]:
    with container.open(name) as stream:
        script = decoded(stream)
        try:
            yield JsonStream(AsJson(script) if is_formatted else script)
        except RecursionError as error:
            raise ValueError(DEEP) from error
