"""What a visitor does on the page: each action ends in what the page shows then."""

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from huggingtweets_hub.app.jobs import Jobs, NotYoursError
from huggingtweets_hub.app.seen import Seen
from huggingtweets_hub.app.web import pieces, words
from huggingtweets_hub.app.web.view import Part, Problem, view
from huggingtweets_hub.core.errors import InvalidInputError, NotLoggedInError
from huggingtweets_hub.core.files import understood
from huggingtweets_hub.core.tokens import redacted, traceback_of
from huggingtweets_hub.hub.access import ME

TEXTS = 5
_OWNER = re.compile(r"[\w-]{22,64}", re.ASCII)
_GONE: Problem = (
    "posts_problem",
    "These posts and their bot are no longer here.",
    "They were deleted, or the app was restarted. Read the posts again; a finished training is not repeated.",
)


Doing = tuple[str, str]
"""The part of the page that says it, and what is being done."""


class Visitor(TypedDict):
    """What the browser keeps: a secret that tells whose its jobs are, and the job that it shows."""

    owner: str
    job: str | None


class Memory(TypedDict, total=False):
    """What the page shows in this tab, so that only what changes is sent."""

    parts: dict[str, Part]
    problem: Problem | None
    doing: Doing | None
    written: str


Answer = tuple[Visitor, Memory, dict[str, Part]]
"""What the browser keeps, what its tab shows then, and the parts of the page that change."""


def known(kept: Any) -> Visitor:
    """The visitor that a browser says it is; a new one if it says nothing that can be one."""
    if isinstance(kept, dict) and isinstance(kept.get("owner"), str) and _OWNER.fullmatch(kept["owner"]):
        job = kept.get("job")
        return {"owner": kept["owner"], "job": job if isinstance(job, str) else None}
    return {"owner": secrets.token_urlsafe(32), "job": None}


class Visit:
    """The actions of visitors; each takes what the browser keeps and what its tab shows.

    Args:
        jobs: The jobs of this server, which check whose they are.
        place: Where the page runs.
    """

    def __init__(self, jobs: Jobs, place: words.Place) -> None:
        self._jobs, self._place = jobs, place

    def look(self, kept: Any, memory: Memory) -> Answer:
        """Show what has changed; a problem stays until the next action."""
        return self._answer(known(kept), memory, memory.get("problem"), memory.get("doing"))

    def arrive(self, kept: Any, memory: Memory) -> Answer:
        """Show everything: the page was opened or loaded again.

        A button may have been pressed before; what came of that stays.
        """
        return self.look(kept, {**memory, "parts": {}})

    def read(self, kept: Any, memory: Memory, file: str | None, account: str) -> Answer:
        """Begin a job with a file or an account."""
        visitor, account = known(kept), account.strip()

        def begin() -> None:
            if not file and not account:
                raise InvalidInputError(
                    "There is no file yet.", "Drop one and wait until its size is shown, or name an account."
                )
            if file:
                self._begin(visitor, Path(file), account or None)
            else:
                self._begin(visitor, account, None)

        return self._do(visitor, memory, "posts_problem", begin)

    def sample(self, kept: Any, memory: Memory) -> Answer:
        """Begin a job with the account that ships with the package."""
        visitor = known(kept)
        return self._do(visitor, memory, "posts_problem", lambda: self._begin(visitor, "sample", None))

    def train(self, kept: Any, memory: Memory, consent: str | None, base: str | None) -> Answer:
        """Train with these choices, or go on with it."""
        visitor = known(kept)

        def begin() -> None:
            owner, job = self._mine(visitor)
            self._jobs.seen(owner, job)  # before anything is said of it
            if consent is None:
                raise InvalidInputError("Whose posts are these?", "Choose an answer in step 2.")
            if base is None:
                raise InvalidInputError("There is no model to train yet.", "Choose one in step 3.")
            self._jobs.choose(owner, job, consent=consent, base_model=base)
            self._jobs.train(owner, job)
            memory["written"] = ""

        return self._do(visitor, memory, "train_problem", begin)

    def cancel(self, kept: Any, memory: Memory) -> Answer:
        """Stop the training; the same choices go on from there."""
        visitor = known(kept)
        return self._do(visitor, memory, "train_problem", lambda: self._jobs.cancel(*self._mine(visitor)))

    def write(self, kept: Any, memory: Memory, beginning: str) -> Iterator[Answer]:
        """Let the bot write."""
        visitor, memory, changes = self._answer(known(kept), memory, None, ("bot_problem", words.WRITING))
        yield visitor, memory, changes

        def generate() -> None:
            texts = self._jobs.generate(*self._mine(visitor), beginning, TEXTS)
            handle = self._jobs.seen(*self._mine(visitor)).handle
            memory["written"] = pieces.told(pieces.posts(texts, handle))

        yield self._do(visitor, memory, "bot_problem", generate)

    def pack(self, kept: Any, memory: Memory) -> Iterator[Answer]:
        """Offer the finished folder as a zip."""
        visitor, memory, changes = self._answer(known(kept), memory, None, ("pack_problem", words.PACKING))
        yield visitor, memory, changes | {"zip": {"value": None}}
        packed: dict[str, Part] = {}

        def pack() -> None:
            packed["zip"] = {"value": str(self._jobs.download(*self._mine(visitor)))}

        visitor, memory, changes = self._do(visitor, memory, "pack_problem", pack)
        yield visitor, memory, changes | packed

    def publish(self, kept: Any, memory: Memory, namespace: str, token: str | None) -> Answer:
        """Publish the bot under a name that the token may write to."""
        visitor = known(kept)

        def begin() -> None:
            if token is None:
                raise NotLoggedInError(*self._place.no_token)
            self._jobs.publish(*self._mine(visitor), _namespace(namespace), token)

        return self._do(visitor, memory, "publish_problem", begin)

    def forget(self, kept: Any, memory: Memory, is_sure: bool) -> Answer:
        """Delete the job and all that was made of it."""
        visitor = known(kept)
        if not is_sure or visitor["job"] is None:
            return self.look(visitor, memory)

        def forget() -> None:
            owner, job = self._mine(visitor)
            visitor["job"] = None
            self._jobs.forget(owner, job)

        return self._do(visitor, memory, "posts_problem", forget)

    def _begin(self, visitor: Visitor, source: Path | str, handle: str | None) -> None:
        before = self._mine(visitor)
        visitor["job"] = self._jobs.open(visitor["owner"], source, handle)
        with suppress(NotYoursError):  # not earlier: it may be the same file, which goes with its last job
            self._jobs.forget(*before)

    def _do(self, visitor: Visitor, memory: Memory, where: str, action: Callable[[], None]) -> Answer:
        """Run an action, and show what came of it."""
        try:
            action()
        except NotYoursError:
            visitor["job"] = None
            return self._answer(visitor, memory, _GONE)
        except Exception as error:  # noqa: BLE001  # what is not said on the page is said to nobody
            if os.environ.get("HF_DEBUG") == "1":
                print(traceback_of(error), file=sys.stderr)
            known = understood(error)
            return self._answer(visitor, memory, (where, redacted(known.message), redacted(known.next_step)))
        return self._answer(visitor, memory, None)

    def _mine(self, visitor: Visitor) -> tuple[str, str]:
        return visitor["owner"], visitor["job"] or ""

    def _answer(
        self, visitor: Visitor, memory: Memory, problem: Problem | None, doing: Doing | None = None
    ) -> Answer:
        seen: Seen | None = None
        if visitor["job"] is not None:
            try:
                seen = self._jobs.seen(*self._mine(visitor))
            except NotYoursError:
                visitor["job"], problem = None, _GONE
        parts, before = view(seen, problem, self._place), memory.get("parts", {})
        written = memory.get("written", "") if seen is not None else ""
        if written:
            parts["samples"] = {"value": written}
        if doing is not None:
            where, said = doing
            parts[where] = {"value": pieces.status(said)}
        changes = {name: part for name, part in parts.items() if before.get(name) != part}
        remembered: Memory = {"parts": parts, "problem": problem, "doing": doing, "written": written}
        return visitor, remembered, changes


def _namespace(typed: str) -> str:
    """The namespace that is meant: nothing is the account of the token."""
    name = typed.strip().removeprefix("@")
    return name if name and f"@{name}" != ME else ME
