"""The process behind a job of the app: reads posts, trains on them, writes, publishes.

It gets requests as lines of JSON by stdin and answers with lines of JSON on stdout. Whatever a file or a
training does to it, the page goes on; and it ends with the process that started it, whatever it is doing.
"""

import json
import os
import pickle
import queue
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from huggingtweets_hub.app import bases, reading, telling
from huggingtweets_hub.core import files
from huggingtweets_hub.core.bars import hush
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.names import FACTS, PAGE, PREVIEW
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.core.serialization import to_json
from huggingtweets_hub.core.tokens import traceback_of
from huggingtweets_hub.core.wishes import Consent

TIMELINE, BOT = "timeline.pickle", "bot"
"""In a job's folder: the posts that were read, and the finished folder."""
SAMPLE = "sample"


def main() -> None:
    """Do what comes in by stdin, in its order, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides when it ends
    hush(models=False)  # before torch is loaded
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not mix with answers
    inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    questions = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
    threading.Thread(target=_listen, args=(questions, inbox), daemon=True).start()
    tell = telling.Telling(answers)
    work = _Work(tell)
    while True:
        _do(work, inbox.get(), tell)


def in_this_process(asked: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> None:
    """Do one thing here, where that cannot be done in a process of its own.

    Args:
        say: Is given what a worker would say, its answer last.
    """

    def tell(**said: Any) -> None:
        say(said)

    hush()
    _do(_Work(tell), dict(asked), tell)


def _do(work: "_Work", asked: dict[str, Any], tell: telling.Tell) -> None:
    try:
        tell(done=getattr(work, asked.pop("do"))(**asked))
    except Exception as error:  # noqa: BLE001  # the page is told
        if os.environ.get("HF_DEBUG") == "1" and not isinstance(error, HuggingTweetsError):
            print(traceback_of(error), file=sys.stderr)
        known = files.understood(error)
        tell(failed={"message": known.message, "next_step": known.next_step})


def _listen(questions: TextIO, inbox: "queue.SimpleQueue[dict[str, Any]]") -> None:
    for line in questions:
        inbox.put(json.loads(line))
    os._exit(0)


@dataclass(frozen=True, eq=False)  # sources are looked up by what they are, and timelines have no hash
class _Read:
    """A source whose posts were read before."""

    timeline: Timeline

    def account(self) -> Account:
        return self.timeline.account

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        return self.timeline


class _Work:
    """What can be asked for; each answers with what the page shows of it."""

    def __init__(self, tell: telling.Tell) -> None:
        self._tell = tell
        self._bots: dict[str, Any] = {}

    def read(
        self, folder: str, handle: str | None, file: str | None = None, account: str = ""
    ) -> dict[str, Any]:
        """Read the posts of a file or an account and keep them in the folder.

        Args:
            handle: Whose posts they are, where the file does not say.
            file: It is deleted when it is read or cannot be, unless it only lacks a handle.
            account: `sample`, or the name of an account of Bluesky or the Fediverse.
        """
        from huggingtweets_hub.posts import corpus

        tempfile.tempdir = folder  # so that what is unpacked goes with it, even if this process is killed
        progress = telling.Shown(self._tell)
        if file is not None:
            timeline = reading.of_file(Path(file), handle, progress)
        elif account == SAMPLE:
            timeline = reading.of_source([], SAMPLE, progress)
        else:
            timeline = reading.of_account(account, progress)
        texts = corpus.build([timeline])
        if corpus.is_little(texts):
            progress.warn("There is little text to learn from; expect a weaker bot.")
        files.write_whole(Path(folder) / TIMELINE, pickle.dumps(timeline))
        (counts,) = texts.statistics
        days = sorted(post.created_at.date().isoformat() for post in timeline.tweets if post.created_at)
        characters = sum(map(len, texts.train))
        return {
            "handle": timeline.account.handle,
            "source": timeline.source,
            "is_file": file is not None or account == SAMPLE,
            "counts": {
                "downloaded": counts.downloaded,
                "reposts": counts.retweets,
                "short": counts.short,
                "kept": counts.kept,
            },
            "warnings": progress.warnings,
            "wishes": list(timeline.wishes),
            "days": [days[0], days[-1]] if days else [],
            "bases": [to_json(base) for base in bases.choices(characters)],
        }

    def train(self, folder: str, consent: Consent, base_model: str) -> dict[str, Any]:
        """Train, measure and write the card into the folder; nothing is sent."""
        from huggingtweets_hub.hub import access

        bot = Path(folder) / BOT
        place = access.NOBODY if access.is_unnamed(access.ME) else access.ME  # else a note about it is shown
        self._publish(folder, consent, base_model, namespace=place, output=str(bot), dry_run=True)
        facts = json.loads((bot / FACTS).read_text("utf-8"))
        evaluation, samples = facts.get("evaluation") or {}, facts.get("samples") or {}
        return {
            "card": str(bot / PAGE),
            "picture": str(bot / PREVIEW) if (bot / PREVIEW).is_file() else None,
            "perplexity": [(evaluation.get(which) or {}).get("perplexity") for which in ("base", "tuned")],
            "samples": [*samples.get("free", ()), *samples.get("prompted", ())],
            "curve": (facts.get("training") or {}).get("curve") or [],
        }

    def publish(
        self, folder: str, consent: Consent, base_model: str, namespace: str, token: str, is_first: bool
    ) -> dict[str, Any]:
        """Publish what was trained, with the visitor's token.

        Args:
            is_first: It was not published yet, so its folder gets the card that is published.
        """
        from huggingtweets_hub.hub import client
        from huggingtweets_hub.pipeline.cards import preview_card

        bot = Path(folder) / BOT
        output = str(bot) if is_first else None
        os.environ["HF_TOKEN"] = token
        client.forget_who()
        try:
            made = self._publish(folder, consent, base_model, namespace=namespace, output=output)
        finally:
            del os.environ["HF_TOKEN"]
            client.forget_who()
        return {"url": made.url, "card": str(preview_card(bot, bot / PAGE)) if is_first else None}

    def write(self, folder: str, beginning: str, number: int) -> dict[str, Any]:
        """Let the bot in the folder write."""
        from huggingtweets_hub.core.bars import without_library_bars
        from huggingtweets_hub.pipeline.bot import Bot

        with without_library_bars():
            if folder not in self._bots:
                self._bots = {folder: Bot(Path(folder) / BOT)}
            return {"texts": list(self._bots[folder].write(beginning, number))}

    def _publish(self, folder: str, consent: Consent, base_model: str, **asked: Any) -> Any:
        from huggingtweets_hub.pipeline.publish import publish

        hush()
        self._bots = {}  # which is about to be made anew
        timeline: Timeline = pickle.loads((Path(folder) / TIMELINE).read_bytes())
        return publish(
            [timeline.account.handle],
            source=_Read(timeline),
            consent=consent,
            base_model=base_model,
            tracker=telling.Curve(self._tell),
            progress=telling.Shown(self._tell),
            **{"namespace": "@me", **asked},
        )
