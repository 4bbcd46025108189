"""The ledger: one row for each account and attempt, in SQLite, so that a kill at any point loses nothing."""

import dataclasses
import json
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import InvalidFactsError, InvalidInputError, Remedy
from huggingtweets_hub.core.serialization import from_json

State = Literal[
    "waiting", "running", "interrupted", "published", "unchanged", "made", "failed", "orphaned", "excluded"
]
STATES: tuple[State, ...] = get_args(State)
DONE = ("published", "unchanged")
HELD_BACK = ""
"""In the place of an order's digest: it differs from every one, so that the next batch looks again."""
_SCHEMA = 1
_BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to publish one model.

    Attributes:
        order: A digest of what was asked for (`stamps.digest`); None where the Hub had the model before,
            `HELD_BACK` where it was not trained as was asked for.
        state: `waiting`; `running`, in the ledger also where a kill cut it short, which `status` calls
            `interrupted`; `published` with a commit, `unchanged` without; `made` by a dry run; `failed`;
            `orphaned`, public although its account is gone; `excluded` because its owner opted out, or the
            model was taken down here since.
        stage: The stage it is in, or ended in.
        commit, url: What the Hub holds, also where this attempt failed; None if that is nothing.
        stages: Seconds of each stage.
        began, ended: Seconds since 1970.
        kind, remedy: The error's stable name, and what becomes of it (`HuggingTweetsError.remedy`).
        traceback: Of an error that nobody foresaw.
    """

    repo_id: str
    number: int
    handles: tuple[str, ...] = ()
    order: str | None = None
    state: State = "waiting"
    stage: str | None = None
    fingerprint: str | None = None
    commit: str | None = None
    url: str | None = None
    stages: dict[str, float] = field(default_factory=dict)
    tweets_bought: int = 0
    cost_usd: float = 0.0
    began: float | None = None
    ended: float | None = None
    kind: str | None = None
    remedy: Remedy | None = None
    message: str | None = None
    next_step: str | None = None
    traceback: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took, the waiting between its stages included."""
        if self.began is None or self.ended is None:
            return None
        return round(max(0.0, self.ended - self.began), 2)  # the clock may have been put back

    @property
    def is_done(self) -> bool:
        """Whether the Hub holds the model as it was asked for."""
        return self.state in DONE

    @property
    def needs_answer(self) -> bool:
        """Whether the model is public although its account is gone, or has opted out."""
        return self.state == "orphaned" or (self.state == "excluded" and self.commit is not None)


_COLUMNS = tuple(f.name for f in dataclasses.fields(Attempt))
_JSON = ("handles", "stages")


class Ledger:
    """The attempts of this machine. Several threads and processes may write at once.

    Args:
        path: The file; made if it is missing.

    Raises:
        InvalidInputError: The file is not a ledger, or one of a newer version.
        UnwritableError: It, or its folder, cannot be written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or settings.home() / "ledger.sqlite"
        files.folder(self._path.parent)
        files.require_writable(self._path.parent)
        files.require_writable(self._path)
        self._lock = threading.Lock()
        with self._explained():
            self._connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._path.chmod(0o600)
            self._prepare()

    def latest(self) -> dict[str, Attempt]:
        """The last attempt of each model, by its repo id, in the order of their names."""
        last = (
            "SELECT * FROM attempts AS a WHERE number = "
            "(SELECT max(number) FROM attempts WHERE repo_id = a.repo_id) ORDER BY repo_id"
        )
        return {attempt.repo_id: attempt for attempt in self._read(last)}

    def last(self, repo_id: str) -> Attempt | None:
        """The last attempt of one model; None where there is none."""
        last = "SELECT * FROM attempts WHERE repo_id = ? ORDER BY number DESC LIMIT 1"
        return next(iter(self._read(last, repo_id)), None)

    def attempts(self, repo_id: str) -> list[Attempt]:
        """All attempts of one model, the first one first."""
        return self._read("SELECT * FROM attempts WHERE repo_id = ? ORDER BY number", repo_id)

    def published(self) -> dict[str, tuple[str, ...]]:
        """The accounts of each model that was ever published from here, by repo id."""
        sent = self._read('SELECT * FROM attempts WHERE "commit" IS NOT NULL')
        return {attempt.repo_id: attempt.handles for attempt in sent}

    def _read(self, query: str, *values: str) -> list[Attempt]:
        with self._explained():
            with self._lock:
                rows = self._connection.execute(query, values).fetchall()
            try:
                return [_attempt(row) for row in rows]
            # Something else wrote it.
            except (TypeError, ValueError, RecursionError, InvalidFactsError) as error:
                raise _damaged(self._path, error) from error

    def add(self, attempts: Iterable[Attempt]) -> None:
        """Write attempts, all or none; one that is there already is replaced."""
        self._insert("REPLACE", attempts)

    def add_new(self, attempts: Iterable[Attempt]) -> None:
        """Write attempts, all or none; one that is there already, maybe by another batch, stays."""
        self._insert("IGNORE", attempts)

    def _insert(self, otherwise: str, attempts: Iterable[Attempt]) -> None:
        marks = ", ".join("?" * len(_COLUMNS))
        with self._transaction():
            self._connection.executemany(
                f"INSERT OR {otherwise} INTO attempts ({_NAMES}) VALUES ({marks})", map(_row, attempts)
            )

    def change(self, attempt: Attempt, **values: Any) -> Attempt:
        """Write what has become of an attempt, and answer with it."""
        changed = dataclasses.replace(attempt, **values)
        self.add([changed])
        return changed

    def forget(self, repo_ids: Iterable[str]) -> None:
        """Delete all attempts of these models, of all or of none."""
        with self._transaction():
            self._connection.executemany(
                "DELETE FROM attempts WHERE repo_id = ?", [(repo_id,) for repo_id in repo_ids]
            )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained(), self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # of some errors SQLite has done it by itself
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite says of the file into an error of ours."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter of a damaged table's name
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            if not isinstance(error, sqlite3.OperationalError) or code == sqlite3.SQLITE_ERROR:
                raise _damaged(self._path, error) from error
            raise files.unwritable(error, self._path) or InvalidInputError(
                f"The ledger {str(self._path)!r} cannot be used right now ({error}).",
                "Make sure that its folder is writable and has space, then run the same command again.",
            ) from error

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA synchronous = NORMAL")  # with WAL, what is committed outlives a kill
        if self._is_made():
            return
        with files.lock(self._path.with_suffix(".lock")):  # a change to WAL does not wait for another process
            if self._is_made():
                return
            self._connection.execute("PRAGMA journal_mode = WAL")
            with self._transaction():
                self._connection.execute(
                    f"CREATE TABLE attempts ({_NAMES}, PRIMARY KEY (repo_id, number)) WITHOUT ROWID"
                )
                self._connection.execute(f"PRAGMA user_version = {_SCHEMA}")

    def _is_made(self) -> bool:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA:
            raise InvalidInputError(
                f"{str(self._path)!r} was written by a newer huggingtweets_hub.",
                "Run: pip install --upgrade huggingtweets_hub.",
            )
        return version == _SCHEMA


_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)


def number_after(last: Attempt | None) -> int:
    """The number of a further attempt; one that has not begun is taken over."""
    return 1 if last is None else last.number + (last.state != "waiting")


def without_taken_down(last: Attempt, down: Collection[str]) -> Attempt:
    """The last attempt of a model; `excluded`, if it was published and is among those taken down since."""
    if last.commit is None or last.state == "running" or last.repo_id.lower() not in down:
        return last
    return dataclasses.replace(
        last, state="excluded", commit=None, url=None, message="Its model was unpublished.", next_step=None
    )


def now() -> float:
    """Seconds since 1970, as the ledger has them."""
    return round(time.time(), 3)


def _row(attempt: Attempt) -> list[Any]:
    values = (getattr(attempt, name) for name in _COLUMNS)
    return [
        json.dumps(value) if name in _JSON else value for name, value in zip(_COLUMNS, values, strict=True)
    ]


def _attempt(row: tuple[Any, ...]) -> Attempt:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in _JSON:
        values[name] = json.loads(values[name])
    return from_json(Attempt, values)


def _damaged(path: Path, error: Exception) -> InvalidInputError:
    said = str(error).split("\n")[0][:200]
    return InvalidInputError(
        f"{str(path)!r} is not a ledger, or is damaged ({said}).",
        "Move it away: what is published is found on the Hub again.",
    )
