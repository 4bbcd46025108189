"""One visitor's job: reads posts, trains, writes and publishes in a process of its own."""

import secrets
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from huggingtweets_hub.app import seen, worker
from huggingtweets_hub.app.line import Line, Turn
from huggingtweets_hub.app.process import Process
from huggingtweets_hub.app.seen import Failure, Seen, State
from huggingtweets_hub.app.upload import Upload
from huggingtweets_hub.core import files, wishes
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidInputError
from huggingtweets_hub.core.records import CurvePoint
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.core.wishes import Consent

Heard = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What jobs share.

    Attributes:
        process: Makes what works on a job.
        uploads: Where a page puts files, and takes them from.
        readings, trainings: Whose turn it is.
        rest: Called when a process has worked: others that have nothing to do may have to end.
    """

    process: Callable[[Heard], Process]
    uploads: Path
    readings: Line
    trainings: Line
    rest: Callable[[], None]


class Job:
    """The way of one visitor's posts to a bot.

    A thread waits for each thing that is under way. What was cancelled meanwhile changes nothing any more,
    whatever still comes of it: each thing has a number, and each process says whose it is.

    Args:
        owner: A secret of the visitor.
        folder: Its own, for the posts and the bot.
    """

    def __init__(self, owner: str, folder: Path, machine: Machine) -> None:
        self.owner = owner
        self.seen = Seen(state="reading")
        self.source: Path | None = None
        """The uploaded file that it reads."""
        self.used = time.monotonic()
        """When its owner looked at it."""
        self.worked = 0.0
        """When its process has last done something."""
        self._folder, self._machine = files.folder(folder), machine
        self._lock = threading.RLock()
        self._run, self._asking = 0, 0
        self._turn: Turn | None = None
        self._process = self._new_process()
        self._is_file = True
        self._upload: Upload | None = None
        self._made: Mapping[str, Any] = {}
        self._packed: Path | None = None

    def read(self, source: Path | str, handle: str | None) -> None:
        """Read a file, or an account."""
        self.source = source if isinstance(source, Path) else None
        asked = {"account": str(source)}
        if self.source is not None:
            self._upload = Upload(self.source, self._folder)
            asked = {"file": str(self._upload.path)}
        self._begin("reading", "read", seen.read, self._machine.readings, handle=handle, **asked)

    def choose(self, consent: str, base_model: str) -> None:
        """Say on what grounds the posts are used, and what to train."""
        with self._lock:
            self._require_free()
            given: Consent | None = next((known for known in get_args(Consent) if known == consent), None)
            if given is None:
                raise InvalidInputError(f"{consent!r:.40} is not a consent.", "Choose one of the answers.")
            if base_model not in {base.id for base in self.seen.bases}:
                raise InvalidInputError(
                    f"{base_model!r:.80} is not offered here.", "Choose one of the models."
                )
            wishes.require(self.seen.wishes, self.seen.handle, given, is_file=self._is_file)
            if (consent, base_model) != (self.seen.consent, self.seen.base_model):
                self.seen = replace(self.seen, consent=consent, base_model=base_model, points=())

    def train(self) -> None:
        """Train with what was chosen, or go on with it."""
        with self._lock:
            self._require_free()
            if self.seen.consent is None or self.seen.base_model is None:
                raise InvalidInputError(
                    "Nothing was chosen yet.", "Say whose posts these are, and choose a model."
                )
            chosen = {"consent": self.seen.consent, "base_model": self.seen.base_model}
            self._begin("training", "train", seen.trained, self._machine.trainings, **chosen)

    def cancel(self) -> None:
        """Stop the training."""
        with self._lock:
            if self.seen.state != "training":
                return
            self._run += 1
            self._now("cancelled")
            process, self._process = self._process, self._new_process()
            turn = self._turn
        process.close()
        if turn is not None:
            turn.leave()

    def generate(self, beginning: str, number: int) -> list[str]:
        """Texts of the bot that begin like this."""
        with self._lock:
            self._require_bot()
            process = self._process
        answer = self._ask(process, "write", beginning=beginning, number=number)
        return [str(text) for text in answer["texts"]]

    def download(self) -> Path:
        """The finished folder as a zip, where the page may take it from."""
        with self._lock:
            self._require_bot()
            if self._packed is None:
                place = files.folder(self._machine.uploads / secrets.token_urlsafe(16))
                self._packed = place / f"{model_name([self.seen.handle])}.zip"
            if not self._packed.is_file():
                _pack(self._folder / worker.BOT, self._packed)
            return self._packed

    def publish(self, namespace: str, token: str) -> None:
        """Publish what was trained last."""
        with self._lock:
            self._require_bot()
            again = {"namespace": namespace, "token": token, "is_first": self.seen.url is None}
            self._begin("publishing", "publish", seen.published, None, **self._made, **again)

    def rest(self) -> bool:
        """End the process if nothing is under way; its memory is free then, and nothing is lost."""
        with self._lock:
            if self.seen.is_under_way or self._asking:
                return False
            self._process.end()
            return True

    @property
    def has_process(self) -> bool:
        """Whether there is a process."""
        return self._process.is_running

    def end(self) -> None:
        """End it for good and delete its files, but the one that it reads."""
        with self._lock:
            self._run += 1
            process, turn = self._process, self._turn
        process.close()
        if turn is not None:
            turn.leave()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._unpack()

    def _begin(
        self,
        state: State,
        do: str,
        found: Callable[[dict[str, Any]], dict[str, Any]],
        line: Line | None,
        **asked: Any,
    ) -> None:
        """Do something in a thread: what it finds, or what it fails with, is seen in the job."""
        with self._lock:
            self._run += 1
            run, process = self._run, self._process
            turn = self._turn = line.join() if line is not None else None
            self._wait(run, state, 0)

        def work() -> None:
            try:
                if turn is None or turn.comes(lambda ahead: self._wait(run, state, ahead)):
                    self._wait(run, state, 0)
                    self._done(run, found(self._ask(process, do, **asked)))
            except Exception as error:  # noqa: BLE001  # else the page would show it as under way for ever
                self._fail(run, files.understood(error))
            finally:
                if turn is not None:
                    turn.leave()

        # On shared hardware, the context says on whose time.
        threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()

    def _ask(self, process: Process, do: str, **asked: Any) -> dict[str, Any]:
        with self._lock:
            self._asking += 1
        try:
            return process.ask(do, folder=str(self._folder), **asked)
        finally:
            if self._upload is not None:
                self._upload.leave()
            with self._lock:
                self._asking -= 1
                self.worked = time.monotonic()
            self._machine.rest()

    def _wait(self, run: int, state: State, ahead: int) -> None:
        what = "training" if state == "training" else "reading"
        verb = "comes" if ahead == 1 else "come"
        stage = "Reading" if state == "reading" else "Starting"
        if ahead:
            stage = f"Waiting: {counted(ahead, what)} of others {verb} first"
        with self._lock:
            if run == self._run:
                self._now(state, stage=stage)

    def _done(self, run: int, changes: dict[str, Any]) -> None:
        with self._lock:
            if run != self._run:
                return
            self._is_file = changes.pop("is_file", self._is_file)
            if changes["state"] == "trained":
                self._made = {"consent": self.seen.consent, "base_model": self.seen.base_model}
            if "card" in changes:
                self._unpack()
            self._now(**changes)

    def _fail(self, run: int, error: HuggingTweetsError) -> None:
        with self._lock:
            if run == self._run:
                state: State = "trained" if self.seen.state == "publishing" else "failed"
                self._now(state, error=Failure(message=error.message, next_step=error.next_step))

    def _now(self, state: State, **changes: Any) -> None:
        """Show another state; what was said of the last one does not hold any more."""
        new = {"stage": "", "share": None, "seconds_left": None, "error": None} | changes
        self.seen = replace(self.seen, state=state, **new)

    def _new_process(self) -> Process:
        made: list[Process] = []

        def hear(said: dict[str, Any]) -> None:
            with self._lock:
                if self._process in made:
                    self._hear(said)

        made.append(self._machine.process(hear))
        return made[0]

    def _hear(self, said: dict[str, Any]) -> None:
        """Take in what the process says besides its answers."""
        now = self.seen
        if not now.is_under_way:
            return
        if "stage" in said:
            self.seen = replace(now, stage=said["stage"], share=said["share"], seconds_left=said["left"])
        elif "note" in said and now.share is None:
            self.seen = replace(now, stage=said["note"])
        elif "warning" in said and said["warning"] not in now.warnings:
            self.seen = replace(now, warnings=(*now.warnings, said["warning"]))
        elif "point" in said:
            point = CurvePoint(seconds=0.0, **{"loss": None, "validation_loss": None, **said["point"]})
            earlier = tuple(other for other in now.points if other.step < point.step)
            self.seen = replace(now, points=(*earlier, point))

    def _require_free(self) -> None:
        if self.seen.is_under_way:
            raise InvalidInputError(
                "Something is already running.", "Wait until it is done, or cancel the training."
            )
        if self.seen.counts is None:
            raise InvalidInputError("There are no posts yet.", "Give a file or an account first.")

    def _require_bot(self) -> None:
        self._require_free()
        if self.seen.card is None:
            raise InvalidInputError("There is no bot yet.", "Train one first.")

    def _unpack(self) -> None:
        """Delete the zip, which is out of date."""
        packed, self._packed = self._packed, None
        if packed is not None:
            shutil.rmtree(packed.parent, ignore_errors=True)


def _pack(folder: Path, place: Path) -> None:
    """Weights hardly get smaller, so nothing is compressed."""
    with files.explained(place), files.whole(place) as file, zipfile.ZipFile(file, "w") as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, path.relative_to(folder))
