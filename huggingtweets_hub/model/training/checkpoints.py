"""What is kept of a training under way, so that one that was stopped goes on from there.

A checkpoint holds all that the rest depends on: the trained weights (frozen ones stand in the base model),
the optimizer, random numbers, the curve and its best weights. With as many threads on the same machine, the
training ends with the very weights of an undisturbed run. Where the versions or the device have changed, it
goes on all the same, which is better than to begin anew: only the last digits may differ, and a note says so.
"""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnwritableError
from huggingtweets_hub.core.progress import Clock, Progress
from huggingtweets_hub.core.records import Corpus
from huggingtweets_hub.core.serialization import digest
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.training import saving, states
from huggingtweets_hub.model.training.batches import Batch
from huggingtweets_hub.model.training.states import State
from huggingtweets_hub.model.training.stepper import Stepper

_COMPUTING = ("torch", "transformers")  # whose versions may change the last digits
_FORMAT = 4  # of the values and tensors in it: increase it where they change
# One is due a minute after the last, or a tenth of the training where that is shorter; yet all of them
# together take at most this share of the time so far: where writing is slow, they are further apart.
_SHARE = 0.025
_SECONDS_APART, _PART_APART, _CLOSEST = 60.0, 0.1, 1.0
# At a Ctrl-C, one is written if more would be lost than this, and than writing takes.
_WORTH_SECONDS = 3.0
# What writing is taken to need until it was measured, which for a large file is tried first.
_BYTES_A_SECOND, _SECONDS_A_FILE, _LARGE = 100e6, 0.02, 64e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a checkpoint is bound to.

    Attributes:
        identity: The digest of what the training depends on; a checkpoint of another is of no use.
        device: The kind of device.
        made_by: Versions and the device's name; where they differ, the last digits may.
    """

    identity: str
    device: str
    made_by: dict[str, str]

    @classmethod
    def to(cls, checkpoint: Checkpoint, corpus: Corpus, steps: list[Batch], stepper: Stepper) -> Self:
        """All that decides on the weights of this training, and what decides on their last digits."""
        versions = {name: version for name, version in saving.versions().items() if name in _COMPUTING}
        return cls(
            identity=digest(
                _FORMAT,
                stepper.recipe,
                checkpoint.model,
                files.sha256(json.dumps(steps).encode()),
                corpus.validation,
                stepper.form,
            ),
            device=stepper.device,
            made_by={**versions, "device": hardware.name(stepper.device)},
        )


class Checkpoints:
    """The checkpoint of one training, and when it is written.

    Args:
        path: The file; without one nothing is kept.
        room: Bytes that must stay free on the disk.
        clock: Takes the seconds of the stages.
    """

    def __init__(
        self, path: Path | None, bound: Bound, *, room: int, progress: Progress, clock: Clock
    ) -> None:
        self._path, self._bound, self._room = path, bound, room
        self._progress, self._clock = progress, clock
        self._step: int | None = None  # up to where the training is kept
        self._steps = 0
        self._earlier = self._spent = 0.0  # seconds of training in runs before; of writing, in all
        self._bytes, self._bytes_a_second, self._is_measured = 0, _BYTES_A_SECOND, False
        self._began = self._last = time.perf_counter()

    def find(self) -> State | None:
        """The state to go on from; None where there is none, or it cannot be used."""
        if self._path is None:
            return None
        files.remove_partial(self._path)
        if not self._path.exists():
            return None
        found = states.read(self._path)
        if found is None or found.values.get("identity") != self._bound.identity:
            files.remove(self._path)
            self._progress.note("The checkpoint of this training is damaged or outdated; it starts over.")
            return None
        if found.values["made_by"] != self._bound.made_by:
            self._progress.note(
                "This training was started with other versions or on another device, so the last digits of "
                "its weights may differ from those of an uninterrupted run."
            )
        return found

    def is_of_this_device(self, state: State) -> bool:
        """Whether a state was made on a device of this kind."""
        return bool(state.values["device"] == self._bound.device)

    def begin(self, steps: int, *, size: int, found: State | None) -> None:
        """Start to count the seconds.

        Args:
            steps: How many the training has.
            size: The bytes of a state, roughly.
            found: The state that it goes on from. Its seconds count; what was lost after it does not.
        """
        self._steps, self._bytes = steps, size
        if found is not None:
            self._step, self._spent = found.values["step"], found.values["spent"]
            self._earlier = found.values["stages"]["training"]
            for stage, seconds in found.values["stages"].items():
                self._clock.seconds[stage] = round(self._clock.seconds.get(stage, 0.0) + seconds, 2)
        self._began = self._last = time.perf_counter()

    def keep_if_due(self, step: int, state: Callable[[], State]) -> None:
        """Write a checkpoint, if it is time to."""
        apart = min(_SECONDS_APART, max(_CLOSEST, _PART_APART * self._seconds * self._steps / step))
        if self._path is None or time.perf_counter() - self._last < apart:
            return
        with self._without_if_refused():
            if self._bytes > _LARGE and not self._is_measured:
                began = time.perf_counter()
                self._bytes_a_second = states.bytes_a_second(self._path.with_suffix(".tried"))
                self._is_measured = True
                self._spent += time.perf_counter() - began
            if self._spent + self._needed <= _SHARE * self._seconds:
                self._keep(self._path, step, state)

    def stop(self, step: int, state: Callable[[], State]) -> None:
        """Write a checkpoint where it is worth the time, and end.

        Raises:
            KeyboardInterrupt: Always.
        """
        lost = time.perf_counter() - self._last
        if self._path is not None and lost > max(_WORTH_SECONDS, self._needed):
            self._progress.note("Saving what is trained so far. Press Ctrl-C again to stop at once.")
            with self._without_if_refused():
                self._keep(self._path, step, state)
        raise KeyboardInterrupt

    @contextmanager
    def told(self) -> Iterator[None]:
        """Have a KeyboardInterrupt say up to where the training is kept."""
        try:
            yield
        except KeyboardInterrupt as end:
            if self._step is None:
                raise
            raise KeyboardInterrupt(f"step {self._step:,} of {self._steps:,}") from end

    @property
    def _seconds(self) -> float:
        return self._earlier + time.perf_counter() - self._began

    @property
    def _needed(self) -> float:
        return _SECONDS_A_FILE + self._bytes / self._bytes_a_second

    @contextmanager
    def _without_if_refused(self) -> Iterator[None]:
        """Where the disk takes no more, warn and go on without checkpoints; an earlier one stays."""
        try:
            yield
        except (UnwritableError, OSError) as error:
            self._path = None
            reason = getattr(files.unwritable(error) or error, "message", str(error))
            self._progress.warn(f"{reason.rstrip('.')}. Training continues without further checkpoints.")

    def _keep(self, path: Path, step: int, state: Callable[[], State]) -> None:
        began = time.perf_counter()
        parts = state()
        stages = {"rehearsal": self._clock.seconds.get("rehearsal", 0.0), "training": self._seconds}
        about = {
            **dataclasses.asdict(self._bound),
            "step": step,
            "stages": stages,
            "spent": self._spent + self._needed,
        }
        files.require_room(path.parent, parts.bytes + self._room)
        states.write(path, parts.joined(State(about, {})))
        self._step, self._last = step, time.perf_counter()
        took = self._last - began
        self._spent += took
        self._bytes, self._is_measured = parts.bytes, True
        self._bytes_a_second = parts.bytes / max(took - _SECONDS_A_FILE, 1e-3)
