"""The users file of a batch: which models it asks for, read and checked whole before anything starts."""

import dataclasses
import difflib
import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub import card
from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidInputError
from huggingtweets_hub.core.names import REPO_ID, model_name, parse_handle
from huggingtweets_hub.hub import access
from huggingtweets_hub.model.base import SCRATCH
from huggingtweets_hub.model.tracking import tracker
from huggingtweets_hub.model.training import recipes
from huggingtweets_hub.pipeline import options
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.budget import Budget

if TYPE_CHECKING:
    import yaml

_MOST_SHOWN = 50
_LONGEST_MESSAGE = 300  # the value in it may be as long as the file
_SURROGATES = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\.", re.IGNORECASE | re.DOTALL)
_NULL = "tag:yaml.org,2002:null"


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
        return model_name(self.order.handles)


def read(path: Path, defaults: Order, *, require_consent: bool = False) -> list[Entry]:
    """The entries of a users file, none with a fault that shows without a network.

    Args:
        path: Lines of handles; or, where it ends in .yaml, .yml or .json, entries with options, whose
            paths are relative to the file's folder.
        defaults: What an entry does not say itself.
        require_consent: Refuse entries that do not say on what grounds their tweets are used.

    Raises:
        InvalidInputError: All findings, each with its line; or the defaults are wrong, or the file is
            unreadable or empty.
    """
    _require_sound(defaults)
    _require_span(defaults)
    users = _Users(path, defaults)
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        users.add_tree(_text_of(path))
    else:
        users.add_lines(_text_of(path))
    if require_consent:
        users.note_missing_consent()
    users.raise_findings()
    if not users.entries:
        raise InvalidInputError(
            f"{path.name} names no account.", "Give each model a line with its handle, or with up to three."
        )
    return users.entries


def _text_of(path: Path) -> str:
    try:
        content = files.read_whole(path)
    except (OSError, ValueError) as error:  # the latter of a name that no file can have
        raise InvalidInputError(
            f"The users file {str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}.",
            "Check the path and its permissions.",
        ) from error
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(
            f"{path.name} is not UTF-8: the byte 0x{content[error.start]:02x} at offset {error.start}, in "
            f"line {line}, is none of its characters.",
            "Save the file as UTF-8 and run the same command again; nothing was started.",
        ) from error


# --- the options ----------------------------------------------------------------------------------


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


_WANTED: dict[Callable[[str], Any], str] = {
    int: "a whole number, such as 100",
    float: "a number, such as 0.0003",
    _day: "a day, such as 2024-12-31",
    _flag: "true or false",
}
_OPTIONS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("from", "base-model", "recipe", "template", "prompt", "consent", "tracker"), str),
    **dict.fromkeys(("namespace", "repo-id"), str),
    **dict.fromkeys(("max-tweets", "epochs", "seed", "samples", "min-new"), int),
    **dict.fromkeys(("learning-rate",), float),
    **dict.fromkeys(("since", "until"), _day),
    **dict.fromkeys(("no-replies", "track-texts", "private", "create-pr"), _flag),
    **dict.fromkeys(("force", "rebuy", "overwrite"), _flag),
}
_FIELDS = {"from": "source", "no-replies": "replies"}  # the others have the option's own name
_HANDLES = ("handle", "handles")
_ELSEWHERE = {
    **dict.fromkeys(("output", "dry-run", "device", "max-cost"), "to the command: it is for the whole batch"),
    **dict.fromkeys(_HANDLES, "to an entry of 'models'"),
}
# What may stand for something else than a path.
_WORDS = {"from": ("x", "sample"), "base-model": (SCRATCH,), "template": tuple(card.TEMPLATES)}


def _require_sound(order: Order) -> None:
    """The rules for each option by itself."""
    options.require_known(order.consent, order.device, order.samples)
    options.require_prompt(order.prompt)
    recipes.require_known(order.recipe, epochs=order.epochs, learning_rate=order.learning_rate)
    if order.max_tweets is not None and order.max_tweets < 1:
        raise InvalidInputError(f"{order.max_tweets} tweets are none to learn from.", "Take one or more.")
    if order.min_new < 0:
        raise InvalidInputError(f"{order.min_new} new tweets are no number to wait for.", "Take 0 or more.")
    if isinstance(order.tracker, str) and order.tracker not in tracker.TRACKERS:
        raise InvalidInputError(
            f"There is no tracker {order.tracker!r}.", f"Choose from: {', '.join(tracker.TRACKERS)}."
        )
    if order.repo_id is not None or _namespace(order) != access.ME:  # whose name only the Hub knows
        access.destination(["name"], namespace=order.namespace, repo_id=order.repo_id)


def _require_span(order: Order) -> None:
    if order.since and order.until and order.since > order.until:
        raise InvalidInputError(
            f"No day is both since {order.since} and until {order.until}.", "Let 'since' be the earlier one."
        )


def _namespace(order: Order) -> str:
    return order.namespace or settings.namespace()


def _option(name: str) -> str:
    return name.replace("_", "-")


def _unknown(name: str, *, has_time: bool) -> InvalidInputError:
    if name in _ELSEWHERE:
        return InvalidInputError(f"'{name}' cannot stand here.", f"Give it {_ELSEWHERE[name]}.")
    near = _nearest(name) if has_time else None
    return InvalidInputError(
        f"There is no option {name!r:.60}.",
        f"Did you mean '{near}'?" if near else "Take those of 'publish', without their dashes.",
    )


@functools.lru_cache(maxsize=256)  # the same mistake may stand in every entry
def _nearest(name: str) -> str | None:
    return next(iter(difflib.get_close_matches(name, [*_OPTIONS, *_HANDLES], 1)), None)


# --- the entries ----------------------------------------------------------------------------------


class _Users:
    """What a users file asks for, and what is wrong with it.

    Attributes:
        entries: Also those with findings, where it is known what they are about: others may clash with them.
    """

    def __init__(self, path: Path, defaults: Order) -> None:
        self.entries: list[Entry] = []
        self._file = path.name
        self._is_json = path.suffix.lower() == ".json"
        self._folder = Path(os.path.abspath(path)).parent
        self._defaults = defaults
        self._each = dataclasses.replace(defaults, since=None, until=None)  # to try a single option with
        self._findings: list[tuple[int, str]] = []
        self._targets: dict[str, Entry] = {}  # the first to go to each repository
        self._x = posts_source.open("x", Budget(0))

    def raise_findings(self) -> None:
        """Say all that was found, in the order of the lines."""
        if not self._findings:
            return
        number = len(self._findings)
        found = sorted(self._findings, key=lambda finding: finding[0])
        lines = [f"{self._file} has {number:,} finding{'s' if number > 1 else ''}:"]
        lines += [f"  line {line}: {what}" for line, what in found[:_MOST_SHOWN]]
        if number > _MOST_SHOWN:
            lines.append(f"  … and {number - _MOST_SHOWN:,} more")
        raise InvalidInputError(
            "\n".join(lines), "Mend them and run the same command again; nothing was started."
        )

    def note_missing_consent(self) -> None:
        """One finding for all entries, or it would hide all others where no entry has one."""
        lines = [entry.line for entry in self.entries if entry.order.consent is None]
        if lines:
            others = [*map(str, lines[1:10]), *(["…"] if len(lines) > 10 else [])]
            also = f", nor in line {', '.join(others)}" if others else ""
            self._note(
                lines[0],
                f"No consent is given here{also}.",
                f"Give --consent to the command or 'consent' to the entry: {', '.join(options.CONSENTS)}.",
            )

    def _note(self, line: int, message: str, next_step: str) -> None:
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[: _LONGEST_MESSAGE - 1]}…"
        self._findings.append((line, " ".join(f"{message} {next_step}".split())))

    @contextmanager
    def _at(self, line: int) -> Iterator[None]:
        """Keep what is raised as a finding, and go on."""
        try:
            yield
        except HuggingTweetsError as error:
            self._note(line, error.message, error.next_step)

    def add_lines(self, text: str) -> None:
        """An entry a line; `splitlines` would count more of them than an editor does."""
        for line, content in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
            if words := content.partition("#")[0].split():
                self._add(line, [(line, word) for word in words], {})

    def _add(self, line: int, words: list[tuple[int, str]], own: Mapping[str, Any]) -> None:
        """An entry of these handles, each with its line, and with options of its own."""
        order = dataclasses.replace(self._defaults, **own) if own else self._defaults
        if own.keys() & {"since", "until"}:
            with self._at(line):
                _require_span(order)
        handles = []
        for place, word in words:
            with self._at(place):
                handles.append(parse_handle(word))
        if len(handles) < len(words) or order.source == "":  # a finding: what else is wrong cannot be known
            return
        with self._at(line):
            if not handles and order.source == "x":
                raise InvalidInputError("No account is named.", "Give its handle, or 'from' with an archive.")
            source = self._x if order.source == "x" else order.source
            accounts = tuple(options.readers(handles, source, Budget(0)))
            entry = Entry(line=line, order=dataclasses.replace(order, handles=accounts))
            self.entries.append(entry)
            target = order.repo_id or f"{_namespace(order)}/{entry.name}"
            first = self._targets.setdefault(target.lower(), entry)
            if first is not entry:
                raise InvalidInputError(
                    f"This goes to {target}, as the entry in line {first.line} does.",
                    "Keep one, or send one elsewhere.",
                )

    # --- YAML and JSON ----------------------------------------------------------------------------

    def add_tree(self, text: str) -> None:
        """A list of entries, or a mapping that holds it and the defaults."""
        models = root = self._composed(_as_yaml(text) if self._is_json else text)
        if root is not None and _shape(root) == "mapping":
            models = None
            for name, key, value in sorted(self._pairs(root, str), key=lambda pair: pair[0]):
                with self._at(_line(key)):
                    if name == "defaults":  # before 'models', by the alphabet
                        self._defaults = dataclasses.replace(self._defaults, **self._options(value, None))
                        _require_span(self._defaults)
                    elif name == "models":
                        models = value
                    else:
                        raise InvalidInputError(
                            f"{name!r:.60} cannot stand here.", "Write 'models', a list, and 'defaults'."
                        )
        if models is not None and _shape(models) != "sequence":
            self._note(_line(models), "This is no list.", "Write a list of entries here.")
        elif models is not None:
            for node in models.value:
                self._add_node(node)

    def _add_node(self, node: "yaml.Node") -> None:
        if _shape(node) == "mapping":
            words: list[tuple[int, str]] = []
            own = self._options(node, words)
            self._add(_line(node), words, own)
        else:
            self._add(_line(node), self._words(node), {})

    def _composed(self, text: str) -> "yaml.Node | None":
        """The file as nodes, which know their lines; nothing is made of what they hold."""
        import yaml

        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader) if "*" in text else ():
                if isinstance(event, yaml.AliasEvent):
                    self._note(_line(event), "An alias stands here.", "Write the value itself.")
            root: yaml.Node | None = yaml.compose(text, Loader=loader)
            return root
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark: Any = getattr(error, "problem_mark", None)
            before = text.encode("utf-8", "replace")[: getattr(error, "position", 0)]
            line = min(mark.line if mark else before.count(b"\n"), text.count("\n"))  # not beyond the end
            what = getattr(error, "problem", None) or getattr(error, "reason", None) or error
            kind = "JSON" if self._is_json else "YAML"
            self._note(line + 1, f"This is no {kind}: {what}.", "What comes after it was not looked at.")
            return None

    def _pairs(
        self, node: "yaml.Node", same: Callable[[str], str]
    ) -> list[tuple[str, "yaml.Node", "yaml.Node"]]:
        """Names with their keys and values; two names are one where `same` makes them so."""
        if _shape(node) != "mapping":
            raise InvalidInputError("This is no mapping.", "Write a line of 'name: value' for each.")
        pairs = {}
        for key, value in node.value:
            with self._at(_line(key)):
                name = same(_text(key))
                if name in pairs:
                    raise InvalidInputError(f"{key.value!r:.60} stands here twice.", "Keep one of them.")
                pairs[name] = (key, value)
        return [(name, key, value) for name, (key, value) in pairs.items()]

    def _options(self, node: "yaml.Node", words: list[tuple[int, str]] | None) -> dict[str, Any]:
        """The fields of an order that options give; `words` is filled with the handles, where it may be."""
        own: dict[str, Any] = {}
        for name, key, value in self._pairs(node, _option):
            with self._at(_line(key)):
                if name in _HANDLES and words is not None:
                    words += self._words(value)
                    continue
                if name not in _OPTIONS:
                    raise _unknown(name, has_time=len(self._findings) < _MOST_SHOWN)
                field = _FIELDS.get(name, name.replace("-", "_"))
                own[field] = ""  # what cannot be read is not missing
                own[field] = self._value(name, value)
                _require_sound(dataclasses.replace(self._each, **{field: own[field]}))
        return own

    def _words(self, node: "yaml.Node") -> list[tuple[int, str]]:
        """Handles as they are written, each with its line: `no`, `1e5` and `null` are some."""
        parts = node.value if _shape(node) == "sequence" and node.value else [node]
        found = []
        for part in parts:
            text = part.value if _shape(part) == "scalar" else "[…]"
            if self._is_json and not getattr(part, "style", None) and text in ("null", "true", "false"):
                text = ""  # in JSON, whose texts have quotes, a handle that is missing
            found += [(_line(part), word) for word in text.split() or [""]]
        return found

    def _value(self, name: str, node: "yaml.Node") -> Any:
        if node.tag == _NULL or not (node.value or name == "prompt"):
            raise InvalidInputError(f"'{name}' has no value.", "Give it one, or leave it out.")
        if name == "from" and _shape(node) == "mapping":
            pairs = self._pairs(node, lambda handle: handle.removeprefix("@").lower())
            return {parse_handle(key.value): self._place(name, _text(value)) for _, key, value in pairs}
        text, read = _text(node), _OPTIONS[name]
        if name in _WORDS:
            return self._place(name, text)
        try:
            value = read(text)
        except ValueError as error:
            raise InvalidInputError(f"'{name}' is {text!r:.60}.", f"Write {_WANTED[read]}.") from error
        return not value if name == "no-replies" else value

    def _place(self, name: str, text: str) -> str | Path:
        """A word that is known, a Hub id, or what lies beside the users file."""
        if text in _WORDS[name]:
            return text
        path = self._folder / text
        with suppress(ValueError):  # of a home that no user can have
            path = self._folder / os.path.expanduser(text)
        is_id = REPO_ID.fullmatch(text if "/" in text else f"hub/{text}")
        if name == "base-model" and is_id and not os.path.isdir(path):
            return text
        needed = path / "config.json" if name == "base-model" else path
        if not (os.path.isfile(needed) or (name == "from" and os.path.isdir(path))):
            others = [*_WORDS[name], *(["a Hub id"] if name == "base-model" else [])]
            raise InvalidInputError(
                f"There is no file {str(needed)!r}.",
                f"Give '{name}' a path from the users file's folder, or: {', '.join(others)}.",
            )
        if name == "from":
            posts_source.open(path, Budget(0))  # which knows the kinds
        return path


def _as_yaml(json: str) -> str:
    """JSON as YAML has it: without tabs, and a character instead of its two surrogates."""
    return _SURROGATES.sub(
        lambda pair: bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be") if pair[1] else pair[0],
        json.replace("\t", " "),
    )


def _shape(node: Any) -> str:
    shape: str = node.id  # scalar, sequence or mapping
    return shape


def _line(node: Any) -> int:
    """Of a node, or of an event."""
    return int(node.start_mark.line) + 1


def _text(node: "yaml.Node") -> str:
    if _shape(node) != "scalar":
        raise InvalidInputError(f"A {_shape(node)} stands here.", "Give a single value.")
    return str(node.value)
