"""What shows that a file or folder has changed, without reading it; each is looked at once."""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from huggingtweets_hub import card
from huggingtweets_hub.core import serialization
from huggingtweets_hub.core.errors import TemplateError
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.pipeline.options import BESIDE, Order

_MOST_FILES = 10_000


class Stamps:
    """Stamps of the files that the entries of one batch name, many of which name the same."""

    def __init__(self) -> None:
        self._known: dict[object, object] = {}

    def of(self, path: object) -> object:
        """The stamp of a file, or of all files below a folder; None for what is neither."""
        if not isinstance(path, str | Path):
            return None
        if path not in self._known:
            self._known[path] = _stamp(expanded(path))
        return self._known[path]

    def of_template(self, template: str | Path) -> object:
        """That of a template and of all that it reads; None for one of ours."""
        if str(template) in card.TEMPLATES:
            return None
        key = ("template", template)
        if key not in self._known:
            try:
                self._known[key] = card.rehearse(template)
            except TemplateError as error:  # which is said when its turn comes
                self._known[key] = str(error)
        return self._known[key]


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
        if not path.is_dir():
            return [found.st_size, found.st_mtime_ns]
        return [[str(file.relative_to(path)), _stamp(file)] for file in islice(_files(path), _MOST_FILES)]
    except (OSError, ValueError):
        return None


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder: its own before those of folders in it, always in the same order."""
    for place, inner, names in os.walk(folder):
        inner.sort()
        yield from (Path(place, name) for name in sorted(names))


def digest(order: Order, stamps: Stamps) -> str:
    """A digest of all that a publication depends on, as far as it is known before anything is read."""
    values = {f.name: getattr(order, f.name) for f in dataclasses.fields(order) if f.name not in BESIDE}
    files = [*map(stamps.of, (*order.sources, order.base_model)), stamps.of_template(order.template)]
    return serialization.digest({key: _plain(value) for key, value in values.items()}, files)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, tuple) else str(value)
