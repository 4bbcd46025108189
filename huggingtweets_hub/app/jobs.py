"""What visitors of the app have under way: a job each, with a process and a folder of its own.

A page only looks at a job and tells it what to do next, so that a reload or a closed tab changes nothing.
What is private lies in one folder, which is deleted at the end, or by the next start where this one was
killed; a training lies where `publish` keeps its work, so that the same choices go on from there.
"""

import hmac
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from huggingtweets_hub.app.job import Heard, Job, Machine
from huggingtweets_hub.app.line import Line
from huggingtweets_hub.app.process import Process
from huggingtweets_hub.app.seen import Seen
from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidInputError
from huggingtweets_hub.pipeline import home

_ROOT, _UPLOADS = "app", "uploads"
_READINGS, _TRAININGS = 2, 1
"""How many run at once; the others wait for their turn."""
_MOST_JOBS = 200
_MOST_RESTING = 4
"""Processes that keep their memory though nothing is under way."""
_RESTING_SECONDS, _UPLOADED_SECONDS, _KEPT_SECONDS = 900.0, 3600.0, 7 * 86_400.0
"""How long such a process is kept unused, a file unread, and a job that nobody looks at."""
_ROUND_SECONDS = 60.0


class NotYoursError(HuggingTweetsError):
    """There is no such job, or it is somebody else's: nobody learns which."""


class Jobs:
    """All jobs of one server; a context that ends every process and deletes every file of theirs.

    Args:
        process: Makes what works on a job.
        kept_seconds: How long a job is kept that nobody looks at.

    Raises:
        UnwritableError: The folder for them cannot be made.
    """

    def __init__(
        self, process: Callable[[Heard], Process] = Process, *, kept_seconds: float = _KEPT_SECONDS
    ) -> None:
        root = files.folder(settings.home() / _ROOT)
        _sweep(root)
        name = secrets.token_hex(8)
        self._held = files.lock(root / f"{name}.lock")
        self._held.acquire()  # before there is a folder that another start would delete
        self._folder = files.folder(root / name)
        self.uploads = files.folder(self._folder / _UPLOADS)
        """Where a page may put what is uploaded, and takes what is downloaded from."""
        self._machine = Machine(
            process=process, uploads=self.uploads, readings=Line(_READINGS), trainings=Line(_TRAININGS),
            rest=self._rest,
        )  # fmt: skip
        self._kept_seconds = kept_seconds
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        self._is_over = threading.Event()
        threading.Thread(target=self._tidy, daemon=True).start()

    def __enter__(self) -> "Jobs":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes and delete the folder; a training that was under way can be gone on with."""
        self._is_over.set()
        with self._lock:
            jobs = list(self._jobs.values())
            self._jobs.clear()
        for job in jobs:
            job.end()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._held.release()
        Path(self._held.lock_file).unlink(missing_ok=True)

    def open(self, owner: str, source: Path | str, handle: str | None = None) -> str:
        """Begin a job by reading posts.

        Args:
            source: A file in `uploads`, which is deleted once it is read, or cannot be; only one that does
                not say whose posts it holds stays a while, to be given again with a handle. As a text,
                `sample` or the name of an account of Bluesky or the Fediverse.
            handle: Whose posts they are, where a file does not say.

        Returns:
            The job's id: a secret of 128 bits.

        Raises:
            InvalidInputError: There is no such upload, or there are too many jobs.
        """
        if isinstance(source, Path):
            self._require_uploaded(source)
        job = Job(owner, self._folder / secrets.token_hex(8), self._machine)
        id = secrets.token_urlsafe(16)
        with self._lock:
            if self._is_over.is_set() or len(self._jobs) >= _MOST_JOBS:
                job.end()
                raise InvalidInputError("There is no room for another job here.", "Try again later.")
            self._jobs[id] = job
        try:
            job.read(source, handle)
        except OSError:  # else it would be under way for ever
            self.forget(owner, id)
            raise
        return id

    def seen(self, owner: str, id: str) -> Seen:
        """The job as it is now.

        Raises:
            NotYoursError: There is no such job of this owner.
        """
        return self._of(owner, id).seen

    def choose(self, owner: str, id: str, *, consent: str, base_model: str) -> None:
        """Say on what grounds the posts are used, and what to train.

        Raises:
            NotYoursError: There is no such job of this owner.
            InvalidInputError: It is under way, has no posts yet, or there is no such choice.
            OptedOutError: The account has said that it does not want this.
        """
        self._of(owner, id).choose(consent, base_model)

    def train(self, owner: str, id: str) -> None:
        """Train with what was chosen, or go on with it, as soon as it is this job's turn.

        Raises:
            NotYoursError: There is no such job of this owner.
            InvalidInputError: It is under way, or nothing was chosen.
        """
        self._of(owner, id).train()

    def cancel(self, owner: str, id: str) -> None:
        """Stop the training; the same choices go on from where it was.

        Raises:
            NotYoursError: There is no such job of this owner.
        """
        self._of(owner, id).cancel()

    def generate(self, owner: str, id: str, beginning: str, number: int) -> list[str]:
        """Texts of the bot that begin like this.

        Raises:
            NotYoursError: There is no such job of this owner.
            HuggingTweetsError: There is no bot yet, or it cannot write.
        """
        return self._of(owner, id).generate(beginning, number)

    def download(self, owner: str, id: str) -> Path:
        """The finished folder as a zip, among the uploads.

        Raises:
            NotYoursError: There is no such job of this owner.
            InvalidInputError: There is no bot yet.
            UnwritableError: The disk has no room for it.
        """
        return self._of(owner, id).download()

    def publish(self, owner: str, id: str, namespace: str, token: str) -> None:
        """Publish the bot under a name that the token may write to; it is not trained again.

        Raises:
            NotYoursError: There is no such job of this owner.
            InvalidInputError: There is no bot yet.
        """
        self._of(owner, id).publish(namespace, token)

    def forget(self, owner: str, id: str) -> None:
        """End the job and delete all that was made of it here; what was published stays published.

        Raises:
            NotYoursError: There is no such job of this owner.
        """
        job = self._of(owner, id)
        with self._lock:
            self._jobs.pop(id, None)
        self._end(job)

    def _end(self, job: Job) -> None:
        """Delete what is a job's alone: another may have the same file or the same account."""
        job.end()
        with self._lock:
            sources = {other.source for other in self._jobs.values()}
            handles = {other.seen.handle.lower() for other in self._jobs.values()}
        if job.source is not None and job.source not in sources:
            with suppress(OSError):
                job.source.unlink()
        if (handle := job.seen.handle) and handle.lower() not in handles:
            name = model_name([handle])
            with suppress(HuggingTweetsError):
                home.prune(item for item in home.to_prune(older_than=0) if item.name == name)

    def _of(self, owner: str, id: str) -> Job:
        with self._lock:
            job = self._jobs.get(id)
            if job is None or not hmac.compare_digest(job.owner.encode(), owner.encode()):
                raise NotYoursError(
                    "There is no such job.",
                    "Read the posts again; a finished training is not repeated.",
                )
            job.used = time.monotonic()
            return job

    def _require_uploaded(self, path: Path) -> None:
        """What a visitor names must not be another file of this machine: it is deleted once it is read."""
        place = path.resolve()
        if not (place.is_relative_to(self.uploads.resolve()) and place.is_file()):
            raise InvalidInputError(
                f"The upload {path.name!r:.80} is no longer here.", "Drop the file on the page again."
            )

    def _rest(self) -> None:
        """End all but the few processes that have worked last; those that work are left alone."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.has_process]
        jobs.sort(key=lambda job: job.worked, reverse=True)
        for job in jobs[_MOST_RESTING:]:
            job.rest()

    def _tidy(self) -> None:
        """End what nobody uses, and delete what nobody asks for, until the server ends."""
        while not self._is_over.wait(min(_ROUND_SECONDS, self._kept_seconds)):
            now = time.monotonic()
            with self._lock:
                jobs = dict(self._jobs)
                left = [
                    id
                    for id, job in jobs.items()
                    if now - job.used > self._kept_seconds and not job.seen.is_under_way
                ]
                for id in left:
                    del self._jobs[id]
            for id, job in jobs.items():
                if id in left:
                    self._end(job)
                elif now - job.worked > _RESTING_SECONDS:
                    job.rest()
            read = {job.source for job in jobs.values() if job.seen.is_under_way}
            _delete_old(self.uploads, keep=read)


def _delete_old(folder: Path, keep: set[Path | None]) -> None:
    for path in folder.rglob("*"):
        with suppress(OSError):
            is_old = time.time() - path.stat().st_mtime > _UPLOADED_SECONDS
            if is_old and path.is_file() and path not in keep:
                path.unlink()


def _sweep(root: Path) -> None:
    """Delete what servers have left that were killed."""
    from filelock import Timeout

    for name in {path.stem for path in root.iterdir()}:
        held = files.lock(root / f"{name}.lock")
        try:
            with held.acquire(timeout=0):
                shutil.rmtree(root / name, ignore_errors=True)
        except Timeout:
            continue
        Path(held.lock_file).unlink(missing_ok=True)
