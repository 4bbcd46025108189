"""What became of each repository, one line each: a record to read, and the place to go on from."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from huggingtweets_hub import workspace
from huggingtweets_hub.errors import InvalidFactsError, InvalidInputError
from huggingtweets_hub.hub import Published
from huggingtweets_hub.serialization import from_json, to_json

T = TypeVar("T")
_FINISHED = ("upgraded", "unchanged", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one repository.

    Attributes:
        state: `upgraded`; `unchanged` (it is today's already); `differs` (an upgrade would change it);
            `skipped` (it must not be touched); `failed`; `reverted`.
        why: Why it was skipped or has failed.
        before, after: The commits before and after ours; with a pull request, `after` is its commit.
        pull_request: Its address, where one was opened.
        files: The files that were written, or would be.
        diff: The change of the texts, where nothing was written.
        traceback: Where in the code it failed, if for no known reason.
    """

    repo: str
    state: str
    why: str | None = None
    before: str | None = None
    after: str | None = None
    pull_request: str | None = None
    files: tuple[str, ...] = ()
    diff: str = ""
    traceback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A commit that is about to be made, written down so that a kill right after it loses nothing.

    Attributes:
        card_sha256: Of the card as it will be.
    """

    repo: str
    before: str
    files: tuple[str, ...]
    card_sha256: str

    def has_landed(self, published: Published) -> bool:
        """Whether the repository holds it: it was made before a kill, or the reply to it was lost."""
        return (
            self.before != published.head
            and self.card_sha256 == published.card_sha256
            and set(self.files) <= set(published.files)
        )

    def landed(self, published: Published) -> Outcome:
        """What became of the repository."""
        return Outcome(
            repo=self.repo, state="upgraded", before=self.before, after=published.head, files=self.files
        )


class Report:
    """The lines so far, in a file or, without one, in memory.

    A line that a kill has cut short is passed over. The commit in the making stands in a file beside it.

    Raises:
        InvalidInputError: The file is something else.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._last: dict[str, Outcome] = {}
        self._begun: Begun | None = None
        if path is None:
            return
        if not path.parent.is_dir():
            raise InvalidInputError(f"There is no folder {str(path.parent)!r} for the report.", "Create it.")
        lines = path.read_bytes().split(b"\n") if path.exists() else []
        for line in lines:
            outcome = _read(Outcome, line)
            if outcome is not None:
                self._last[outcome.repo] = outcome
        if any(lines) and not self._last and not (len(lines) == 1 and lines[0].startswith(b'{"repo"')):
            raise InvalidInputError(f"{str(path)!r} is no report of an upgrade.", "Name another file.")
        if self._pending.exists():
            self._begun = _read(Begun, self._pending.read_bytes())

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The last outcome of each repository."""
        return tuple(self._last.values())

    def unfinished(self, repos: Iterable[str]) -> tuple[str, ...]:
        """Those that are still to be done: new ones, those that failed, and those that were put back."""
        return tuple(
            repo for repo in repos if repo not in self._last or self._last[repo].state not in _FINISHED
        )

    def begin(self, begun: Begun) -> None:
        """Write down what is about to be committed."""
        self._begun = begun
        if self._path is not None:
            workspace.write_whole(self._pending, json.dumps(to_json(begun), ensure_ascii=False))

    @property
    def unknown(self) -> Begun | None:
        """The commit that was begun and has no line yet."""
        return self._begun

    def begun(self, repo: str) -> Begun | None:
        """The commit to this repository that was begun and whose outcome is not known."""
        return self._begun if self._begun and self._begun.repo == repo else None

    def add(self, outcome: Outcome) -> None:
        """Append a line; it is on the disk when this returns."""
        self._last[outcome.repo] = outcome
        if self._path is not None:
            written = {name: value for name, value in to_json(replace(outcome, diff="")).items() if value}
            with self._path.open("a+b") as file:
                if file.tell() and not _ends_a_line(file.tell(), self._path):
                    file.write(b"\n")
                file.write(json.dumps(written, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        if self.begun(outcome.repo) is not None:
            self._begun = None
            if self._path is not None:
                self._pending.unlink(missing_ok=True)

    @property
    def _pending(self) -> Path:
        path = self._path or Path()
        return path.with_name(f"{path.name}.pending")


def _ends_a_line(size: int, path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"


def _read(kind: type[T], line: bytes) -> T | None:
    try:
        return from_json(kind, json.loads(line))
    except (ValueError, InvalidFactsError):
        return None
