"""What happened to each repository, one line each: a record, and where to continue from."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import InvalidFactsError, InvalidInputError
from huggingtweets_hub.core.serialization import from_json, to_json
from huggingtweets_hub.hub.repo import Published

T = TypeVar("T")
State = Literal["upgraded", "unchanged", "differs", "skipped", "failed", "reverted"]
_FINISHED = ("upgraded", "unchanged")
_SETTLED = (*_FINISHED, "reverted")
"""The states in which it is known what the repository holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to one repository.

    Attributes:
        state: `upgraded`; `unchanged` (it is already up to date); `differs` (an upgrade would change it);
            `skipped` (it must not be touched); `failed`; `reverted`.
        why: Why it was skipped or failed.
        before, after: The commits before and after ours; with a pull request, `after` is its commit.
        pull_request: Its address, if one was opened.
        files: The files that were written, or would be.
        diff: The changes to text files, if nothing was written.
        card_sha256: The digest of the card in a commit that may or may not have arrived; `before` and
            `files` are then those of that commit.
        traceback: Where in the code it failed, if the reason is unknown.
    """

    repo: str
    state: State
    why: str | None = None
    before: str | None = None
    after: str | None = None
    pull_request: str | None = None
    files: tuple[str, ...] = ()
    diff: str = ""
    card_sha256: str | None = None
    traceback: str | None = None

    @property
    def begun(self) -> "Begun | None":
        """The commit that may or may not have arrived."""
        if self.before is None or self.card_sha256 is None:
            return None
        return Begun(repo=self.repo, before=self.before, files=self.files, card_sha256=self.card_sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A commit that is about to be made, recorded so that nothing is lost if the process is killed after it.

    Attributes:
        card_sha256: The digest of the new card.
    """

    repo: str
    before: str
    files: tuple[str, ...]
    card_sha256: str

    @property
    def unknown(self) -> Outcome:
        """The outcome for the repository until that is known."""
        return Outcome(
            repo=self.repo,
            state="failed",
            before=self.before,
            files=self.files,
            card_sha256=self.card_sha256,
        )

    def has_landed(self, published: Published) -> bool:
        """Whether the commit arrived: it was made before a kill, or its reply was lost."""
        return (
            self.before != published.head
            and self.card_sha256 == published.card_sha256
            and set(self.files) <= set(published.files)
        )

    def landed(self, published: Published) -> Outcome:
        """The outcome for the repository."""
        return Outcome(
            repo=self.repo, state="upgraded", before=self.before, after=published.head, files=self.files
        )


class Report:
    """The lines so far, in a file or, without one, in memory.

    A line that was cut off by a kill is ignored. The commit in progress is in a file next to the report.

    Raises:
        InvalidInputError: The file is something else.
        UnwritableError: Nothing can be written there.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._last: dict[str, Outcome] = {}
        self._begun: Begun | None = None
        if path is None:
            return
        if not path.parent.is_dir():
            raise InvalidInputError(
                f"There is no folder {str(path.parent)!r} for the report.", "Create it, then try again."
            )
        core_files.require_writable(path, "give --report another file")
        try:
            lines = path.read_bytes().split(b"\n") if path.exists() else []
        except OSError as error:
            raise InvalidInputError(
                f"The report {str(path)!r} could not be read: {error.strerror or error}.", "Use another file."
            ) from error
        for line in lines:
            outcome = _read(Outcome, line)
            if outcome is not None:
                self._last[outcome.repo] = outcome
        if any(lines) and not self._last and not (len(lines) == 1 and lines[0].startswith(b'{"repo"')):
            raise InvalidInputError(f"{str(path)!r} is not the report of an upgrade.", "Use another file.")
        if self._pending.exists():
            self._begun = _read(Begun, self._pending.read_bytes())

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The last outcome of each repository."""
        return tuple(self._last.values())

    def unfinished(self, repos: Iterable[str]) -> tuple[str, ...]:
        """The repositories that are still to be done: new ones, and skipped, failed or restored ones."""
        return tuple(
            repo for repo in repos if repo not in self._last or self._last[repo].state not in _FINISHED
        )

    def begin(self, begun: Begun) -> None:
        """Record what is about to be committed."""
        self._begun = begun
        if self._path is not None:
            core_files.write_whole(self._pending, json.dumps(to_json(begun), ensure_ascii=False))

    @property
    def unsettled(self) -> tuple[Begun, ...]:
        """The commits that were started and whose outcome is not known."""
        repos = dict.fromkeys([*self._last, *([self._begun.repo] if self._begun else [])])
        return tuple(begun for repo in repos if (begun := self.begun(repo)) is not None)

    def begun(self, repo: str) -> Begun | None:
        """The commit to this repository that was started and whose outcome is not known."""
        if self._begun is not None and self._begun.repo == repo:
            return self._begun
        return self._last[repo].begun if repo in self._last else None

    def add(self, outcome: Outcome) -> None:
        """Append a line; it is on disk when this returns.

        A commit that was started stays in the line until its outcome is known.
        """
        begun = self.begun(outcome.repo)
        if begun is not None and outcome.state not in _SETTLED:
            outcome = replace(outcome, before=begun.before, files=begun.files, card_sha256=begun.card_sha256)
        self._last[outcome.repo] = outcome
        if self._path is not None:
            written = {name: value for name, value in to_json(replace(outcome, diff="")).items() if value}
            with self._path.open("a+b") as file:
                if file.tell() and not _ends_a_line(file.tell(), self._path):
                    file.write(b"\n")
                file.write(json.dumps(written, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        if self._begun is not None and self._begun.repo == outcome.repo:
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
