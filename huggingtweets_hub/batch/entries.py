"""The models that a users file asks for, each checked by itself and beside the others."""

import dataclasses
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from huggingtweets_hub.batch.trust import FROM, Trust
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.accounts import model_name, parse_handle
from huggingtweets_hub.core.errors import HubError, HuggingTweetsError, InvalidInputError
from huggingtweets_hub.core.wishes import Consent
from huggingtweets_hub.hub import access
from huggingtweets_hub.pipeline.opening import readers
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.budget import Budget

_LONGEST_LOOK_SECONDS = 30.0  # into the files that entries read
_LONGEST_MESSAGE = 300  # the value in it may be as long as the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model of a batch.

    Attributes:
        line: Where it stands in the users file, counted from 1.
        order: The defaults with the entry's own options, and its handles, sorted.
    """

    line: int
    order: Order

    @property
    def name(self) -> str:
        """The model's name, such as `ada-bob`."""
        return model_name(self.order.names)

    @property
    def target(self) -> str:
        """Where it goes: its repo id, with `@me` as it was written."""
        return self.order.repo_id or f"{_namespace(self.order)}/{self.name}"


class Entries:
    """What a users file asks for, and what is wrong with it.

    Args:
        path: The users file, for messages and for the folder whose files may be read.
        defaults: What an entry does not say itself.
        trusted: Take options that can do harm, and paths that lead out of the file's folder.

    Attributes:
        entries: Also those with findings, where it is known what they are about: others may clash with them.
        findings: What is wrong, each with its line.
        unread: Options that are given but wrong, by the line of their entry.
    """

    def __init__(self, path: Path, defaults: Order, *, trusted: bool) -> None:
        self.entries: list[Entry] = []
        self._file = path.name
        folder = Path(os.path.abspath(path)).parent
        self.trust = Trust(folder=folder, namespace=_namespace(defaults), is_full=trusted, defaults=defaults)
        self.defaults = defaults
        self.findings: list[tuple[int, str]] = []
        self.unread: set[tuple[int, str]] = set()
        self._until = time.monotonic() + _LONGEST_LOOK_SECONDS
        self._opened = {sources.X: sources.open(sources.X, Budget(0))}

    def raise_findings(self) -> None:
        """Say all that was found, in the order of the lines."""
        if not self.findings:
            return
        found = sorted(self.findings, key=lambda finding: finding[0])
        raise InvalidInputError.of_findings(
            self._file,
            [(f"line {line}", what) for line, what in found],
            "Fix them and run the same command again; nothing was started.",
        )

    def note_clashes(self) -> None:
        """A finding for each entry that goes where an earlier one goes, however that is written."""
        targets = [entry.target for entry in self.entries]
        names = {target.split("/")[0].lower() for target in targets}
        me = access.ME
        if me in names and len(names) > 1:
            with suppress(HubError):  # which is said before anything is started
                me = access.named(me)
        firsts: dict[str, Entry] = {}
        for entry, target in zip(self.entries, targets, strict=True):
            target = target.replace(access.ME, me)
            first = firsts.setdefault(target.lower(), entry)
            if first is not entry:
                self.note(
                    entry.line,
                    f"This goes to {target}, as the entry in line {first.line} does.",
                    "Keep one, or send one elsewhere.",
                )

    def note_missing_consent(self) -> None:
        """One finding for all entries, or it would hide all others where no entry has one."""
        lines = [
            entry.line
            for entry in self.entries
            if entry.order.consent is None and (entry.line, "consent") not in self.unread
        ]
        if lines:
            others = [*map(str, lines[1:10]), *(["…"] if len(lines) > 10 else [])]
            also = f", nor in line {', '.join(others)}" if others else ""
            self.note(
                lines[0],
                f"No consent is given here{also}.",
                f"Give --consent to the command or 'consent' to the entry: {', '.join(get_args(Consent))}.",
            )

    def note(self, line: int, message: str, next_step: str) -> None:
        """Keep a finding."""
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[: _LONGEST_MESSAGE - 1]}…"
        self.findings.append((line, " ".join(f"{message} {next_step}".split())))

    @contextmanager
    def at(self, line: int) -> Iterator[None]:
        """Keep what is raised as a finding, and go on."""
        try:
            yield
        except HuggingTweetsError as error:
            self.note(line, error.message, error.next_step)

    def add(self, line: int, words: list[tuple[int, str]], own: Mapping[str, Any]) -> None:
        """An entry of these handles, each with its line, and with options of its own."""
        order = self.defaults
        if own:
            with self.at(line):  # options that do not go together
                order = dataclasses.replace(self.defaults, **own)
        with self.at(line):
            order, words = self._with_file(order, words)
        handles = []
        for place, word in words:
            with self.at(place):
                handles.append(parse_handle(word))
        if (
            len(handles) < len(words) or order.source == "" or (own and order is self.defaults)
        ):  # a finding: what else is wrong cannot be known
            return
        with self.at(line):
            if not handles and order.source == sources.X:
                raise InvalidInputError(
                    "No account was given.", "Give its handle, or 'from' with an archive."
                )
            found = readers(handles, order.source, Budget(0), order.reading, opened=self._opened)
            self._look(found)
            accounts = tuple(found)
            self.entries.append(Entry(line=line, order=dataclasses.replace(order, handles=accounts)))

    def _with_file(self, order: Order, words: list[tuple[int, str]]) -> tuple[Order, list[tuple[int, str]]]:
        """An order whose source stands among its handles, and what is left of these."""
        paths = [word for _, word in words if sources.is_file(word)]
        if not paths:
            return order, words
        source = self.trust.place(FROM, sources.lone(paths, order.source), sources.WORDS)
        left = [(place, word) for place, word in words if word not in paths]
        return dataclasses.replace(order, source=source), left

    def _look(self, found: Mapping[str, sources.TimelineSource]) -> None:
        """Check the files that are read; what there is no time for is checked when its turn comes."""
        for handle, reader in found.items():
            if sources.is_free(reader) and time.monotonic() < self._until:
                sources.require_usable(reader, handle)


def _namespace(order: Order) -> str:
    return settings.namespace(order.namespace)
