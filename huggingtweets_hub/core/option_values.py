"""One option: what is said of it, which values it takes, and in which words it refuses the others."""

import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import arguments
from huggingtweets_hub.core.errors import InvalidInputError

NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What is said of an option besides its name, type and default.

    Attributes:
        help: One sentence.
        off: The same for the flag that turns off what is on by default.
        short: The letter that also stands for it on the command line.
        metavar: What stands for its value in help.
        least, most: The smallest and the largest number.
        above, below: Numbers that it must lie between.
        words: What may stand where a path is expected.
        is_for_all: In a batch, it is given to the command, not to an entry of the users file.
        keys: It is pairs of KEY=VALUE with these keys; it may be repeated.
        several: It is one or more of these words, separated by commas; `none` is none of them.
    """

    help: str
    off: str = ""
    short: str = ""
    metavar: str | None = None
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    words: tuple[str, ...] = ()
    is_for_all: bool = False
    keys: tuple[str, ...] = ()
    several: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """An option as every door needs it: its field, its type and what is said of it.

    Attributes:
        name: The field's name, as Python has it.
        kind: The type of its values, `str` for choices.
        choices: The words that it may be; empty where it may be any.
        protocol: What an object of the user's own that stands for a word has to be; None if none may.
        is_optional: It may be None.
    """

    name: str
    kind: type
    choices: tuple[str, ...]
    protocol: type | None
    is_optional: bool
    default: Any
    about: Option

    @property
    def is_negated(self) -> bool:
        """Whether it is on by default, so that its flag turns it off."""
        return self.kind is bool and self.default is True

    @property
    def flag(self) -> str:
        """Its name on the command line and in a users file, without dashes in front."""
        name = self.name.replace("_", "-")
        return f"no-{name}" if self.is_negated else name

    def read(self, text: str) -> Any:
        """The value that a user has written.

        Raises:
            InvalidInputError: It is not one of the choices, not of the type, or out of bounds.
        """
        value: Any = text
        try:
            if self.kind in (int, float):
                value = self.kind(text)
            elif self.kind is bool:
                value = {"true": True, "false": False}[text.lower()] is not self.is_negated
        except (ValueError, KeyError):
            raise self._wrong(text) from None
        return self.check(value)

    def check(self, value: Any) -> Any:
        """The value, a day as a date; refused where it cannot be used.

        Raises:
            InvalidInputError: What it is, and what it may be.
        """
        if value is None and self.is_optional:
            return None
        if self.about.keys:
            return self._pairs(value)
        if self.about.several:
            return self._words(value)
        if self.kind is date and isinstance(value, str):
            try:
                return datetime.strptime(value, "%Y-%m-%d").date()
            except ValueError:
                raise self._wrong(value) from None
        if self.protocol is not None and not isinstance(value, str):
            arguments.require_object(self.flag, value, self.protocol)
        elif not self._fits(value):
            raise self._wrong(value)
        return value

    def _pairs(self, value: Any) -> dict[str, str]:
        """KEY=VALUE pairs, from a mapping, from one text or from several."""
        if not isinstance(value, Mapping):
            texts = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else [""]
            between = re.compile(rf",\s*(?=(?:{'|'.join(self.about.keys)})\s*=)")
            pairs = [part.partition("=") for text in texts for part in between.split(str(text))]
            if not all(equals for _, equals, _ in pairs):
                raise self._wrong(value)
            value = {key.strip(): name.strip() for key, _, name in pairs}
        for key, name in value.items():
            if key not in self.about.keys or not isinstance(name, str):
                raise self._wrong(f"{key}={name}")
        return dict(value)

    def _words(self, value: Any) -> tuple[str, ...]:
        """Words in the order of the choices, from one text or from several."""
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, Collection) or not all(isinstance(text, str) for text in texts):
            raise self._wrong(value)
        given = [word.strip().lower() for text in texts for word in text.split(",")]
        if not given or given == [NONE]:
            return ()
        for word in given:
            if word not in self.about.several:
                raise self._wrong(word)
        return tuple(word for word in self.about.several if word in given)

    def _fits(self, value: Any) -> bool:
        if self.choices:
            return value in self.choices
        if self.kind is Path:
            return isinstance(value, str | Path) and value != ""
        if self.kind in (int, float):
            is_number = isinstance(value, int | self.kind) and not isinstance(value, bool)
            return is_number and abs(value) <= sys.float_info.max and self._is_in_bounds(value)
        if self.kind is date:
            return isinstance(value, date) and not isinstance(value, datetime)
        return isinstance(value, self.kind)

    def _is_in_bounds(self, value: float) -> bool:
        about = self.about
        return (
            (about.least is None or value >= about.least)
            and (about.most is None or value <= about.most)
            and (about.above is None or value > about.above)
            and (about.below is None or value < about.below)
        )

    def _wrong(self, value: Any) -> InvalidInputError:
        return InvalidInputError(f"{self.flag} cannot be {value!r:.80}.", f"Give {self._wanted()}.")

    def _wanted(self) -> str:
        """What it may be, in words."""
        if self.about.keys:
            *first, last = self.about.keys
            key = (self.about.metavar or "").partition("=")[0]
            return f"{self.about.metavar}, where {key} is {', '.join(first)} or {last}"
        if self.about.several:
            return f"{' or '.join(self.about.several)} (separate several with commas), or {NONE}"
        if self.choices:
            *first, last = self.choices
            return f"{', '.join(first)} or {last}"
        if self.kind in (int, float):
            number = "a whole number" if self.kind is int else "a number"
            about = self.about
            if about.above is not None:
                upper = f" and below {about.below:g}" if about.below is not None else ""
                most = f" and at most {about.most:g}" if about.most is not None else ""
                return f"{number} above {about.above:g}{upper}{most}"
            if about.most is not None:
                return f"{number} from {about.least:,} to {about.most:,}"
            return number if about.least is None else f"{number} of {about.least:g} or more"
        if self.kind is date:
            return "a day such as 2024-12-31"
        if self.kind is bool:
            return "true or false"
        if self.kind is Path:
            repo_id = ["a repo id"] if "ID" in (self.about.metavar or "").split("|") else []
            *first, last = (*self.about.words, *repo_id, "a path")
            return f"{', '.join(first)} or {last}" if first else last
        return "a string"
