"""The users file of a batch: which models it asks for, read and checked whole before anything starts."""

import dataclasses
import functools
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from huggingtweets_hub.batch import yaml_nodes
from huggingtweets_hub.batch.trust import FROM, Trust
from huggingtweets_hub.batch.yaml_nodes import line_of, shape, text_of
from huggingtweets_hub.core import accounts, files, options, settings
from huggingtweets_hub.core.accounts import model_name, parse_handle
from huggingtweets_hub.core.errors import HubError, HuggingTweetsError, InvalidInputError
from huggingtweets_hub.core.options import Spec
from huggingtweets_hub.core.wishes import Consent
from huggingtweets_hub.hub import access
from huggingtweets_hub.pipeline.opening import readers
from huggingtweets_hub.pipeline.options import Options, Order
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.tables import names
from huggingtweets_hub.posts.tables.meanings import Meaning

if TYPE_CHECKING:
    import yaml

_COMMENT = re.compile(r"(?<!\S)#.*")  # a # inside a word is part of a file's name or an address
_MOST_NEAREST = 50  # names that are looked for, which takes time
_LONGEST_LOOK_SECONDS = 30.0  # into the files that entries read
_LONGEST_MESSAGE = 300  # the value in it may be as long as the file
_HANDLES = ("handle", "handles")
_HEADS = (Meaning.AUTHOR, Meaning.NAME, Meaning.LINK)
_SOURCES = sources.WORDS
OPTIONS: Mapping[str, Spec] = {
    name: spec for name, spec in options.by_flag(Options).items() if not spec.about.is_for_all
}
_ELSEWHERE = {
    **{
        name: "to the command: it is for the whole batch"
        for name, spec in options.by_flag(Options).items()
        if spec.about.is_for_all
    },
    **dict.fromkeys(_HANDLES, "to an entry of 'models'"),
    "output": "to 'publish': a batch keeps no folders",
}


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


def read(path: Path, defaults: Order, *, require_consent: bool = False, trusted: bool = False) -> list[Entry]:
    """The entries of a users file, none with a fault that shows without a network.

    Args:
        path: Lines of handles; or, where it ends in .yaml, .yml or .json, entries with options, whose
            paths are relative to the file's folder.
        defaults: What an entry does not say itself.
        require_consent: Refuse entries that do not say on what grounds their tweets are used.
        trusted: Take options that can do harm, and paths that lead out of the file's folder.

    Raises:
        InvalidInputError: All findings, each with its line; or the defaults are wrong, or the file is
            unreadable or empty.
    """
    users = _Users(path, defaults, trusted=trusted)
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        users.add_tree(_text_of(path))
    else:
        users.add_lines(_text_of(path))
    users.note_clashes()
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
            f"The users file {str(path)!r} could not be read: {getattr(error, 'strerror', None) or error}.",
            "Check the path and its permissions.",
        ) from error
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(
            f"{path.name} is not UTF-8: the byte 0x{content[error.start]:02x} at offset {error.start}, in "
            f"line {line}, is not part of a character.",
            "Save the file as UTF-8 and run the same command again; nothing was started.",
        ) from error


# --- the options ----------------------------------------------------------------------------------


def _namespace(order: Order) -> str:
    return settings.namespace(order.namespace)


def _option(name: str) -> str:
    return name.replace("_", "-")


def _unknown(name: str, *, has_time: bool) -> InvalidInputError:
    if name in _ELSEWHERE:
        return InvalidInputError(f"'{name}' cannot stand here.", f"Give it {_ELSEWHERE[name]}.")
    near = _nearest(name) if has_time else None
    return InvalidInputError(
        f"There is no option {name!r:.60}.",
        f"Did you mean {near!r}?" if near else "Take those of 'publish', without their dashes.",
    )


@functools.lru_cache(maxsize=256)  # the same mistake may stand in every entry
def _nearest(name: str) -> str | None:
    return options.nearest(name, [FROM, *OPTIONS, *_HANDLES])


# --- the entries ----------------------------------------------------------------------------------


class _Users:
    """What a users file asks for, and what is wrong with it.

    Attributes:
        entries: Also those with findings, where it is known what they are about: others may clash with them.
    """

    def __init__(self, path: Path, defaults: Order, *, trusted: bool) -> None:
        self.entries: list[Entry] = []
        self._file = path.name
        self._is_json = path.suffix.lower() == ".json"
        folder = Path(os.path.abspath(path)).parent
        self._trust = Trust(folder=folder, namespace=_namespace(defaults), is_full=trusted, defaults=defaults)
        self._defaults = defaults
        self._each = Order(consent="self")  # to try a single option with: nothing in it excludes any
        self._findings: list[tuple[int, str]] = []
        self._unread: set[tuple[int, str]] = set()  # options that are given but wrong, by their entry's line
        self._until = time.monotonic() + _LONGEST_LOOK_SECONDS
        self._opened = {sources.X: sources.open(sources.X, Budget(0))}

    def raise_findings(self) -> None:
        """Say all that was found, in the order of the lines."""
        if not self._findings:
            return
        found = sorted(self._findings, key=lambda finding: finding[0])
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
                self._note(
                    entry.line,
                    f"This goes to {target}, as the entry in line {first.line} does.",
                    "Keep one, or send one elsewhere.",
                )

    def note_missing_consent(self) -> None:
        """One finding for all entries, or it would hide all others where no entry has one."""
        lines = [
            entry.line
            for entry in self.entries
            if entry.order.consent is None and (entry.line, "consent") not in self._unread
        ]
        if lines:
            others = [*map(str, lines[1:10]), *(["…"] if len(lines) > 10 else [])]
            also = f", nor in line {', '.join(others)}" if others else ""
            self._note(
                lines[0],
                f"No consent is given here{also}.",
                f"Give --consent to the command or 'consent' to the entry: {', '.join(get_args(Consent))}.",
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
        is_first = True
        for line, content in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
            content = _COMMENT.sub("", content)
            is_head, is_first = is_first and _is_head(content), is_first and not content.strip()
            if is_head:
                self._note(
                    line,
                    f"{content.strip()!r} looks like the head of a column, not like an account.",
                    "Delete the line; put an @ before it if it is an account.",
                )
                continue
            if not self._file.lower().endswith(".csv"):  # a table's other columns are not accounts
                content = content.replace(",", " ")
            if words := content.split():
                self._add(line, [(line, word) for word in words], {})

    def _add(self, line: int, words: list[tuple[int, str]], own: Mapping[str, Any]) -> None:
        """An entry of these handles, each with its line, and with options of its own."""
        order = self._defaults
        if own:
            with self._at(line):  # options that do not go together
                order = dataclasses.replace(self._defaults, **own)
        with self._at(line):
            order, words = self._with_file(order, words)
        handles = []
        for place, word in words:
            with self._at(place):
                handles.append(parse_handle(word))
        if (
            len(handles) < len(words) or order.source == "" or (own and order is self._defaults)
        ):  # a finding: what else is wrong cannot be known
            return
        with self._at(line):
            if not handles and order.source == sources.X:
                raise InvalidInputError("No account is named.", "Give its handle, or 'from' with an archive.")
            found = readers(handles, order.source, Budget(0), order.reading, opened=self._opened)
            self._look(found)
            accounts = tuple(found)
            self.entries.append(Entry(line=line, order=dataclasses.replace(order, handles=accounts)))

    def _with_file(self, order: Order, words: list[tuple[int, str]]) -> tuple[Order, list[tuple[int, str]]]:
        """An order whose source stands among its handles, and what is left of these."""
        paths = [word for _, word in words if sources.is_file(word)]
        if not paths:
            return order, words
        source = self._trust.place(FROM, sources.lone(paths, order.source), _SOURCES)
        left = [(place, word) for place, word in words if word not in paths]
        return dataclasses.replace(order, source=source), left

    def _look(self, found: Mapping[str, sources.TimelineSource]) -> None:
        """Check the files that are read; what there is no time for is checked when its turn comes."""
        for handle, reader in found.items():
            if sources.is_free(reader) and time.monotonic() < self._until:
                sources.require_usable(reader, handle)

    # --- YAML and JSON ----------------------------------------------------------------------------

    def add_tree(self, text: str) -> None:
        """A list of entries, or a mapping that holds it and the defaults."""
        models = root = yaml_nodes.composed(text, self._note, is_json=self._is_json)
        if root is not None and shape(root) == "mapping":
            models = None
            for name, key, value in sorted(self._pairs(root, str), key=lambda pair: pair[0]):
                with self._at(line_of(key)):
                    if name == "defaults":  # before 'models', by the alphabet
                        self._defaults = dataclasses.replace(self._defaults, **self._options(value, None))
                    elif name == "models":
                        models = value
                    else:
                        form = _form(key, value) or "Write 'models', a list, and 'defaults'."
                        raise InvalidInputError(f"{name!r:.60} cannot stand here.", form)
        if models is not None and shape(models) != "sequence":
            self._note(line_of(models), "This is not a list.", "Write a list of entries here.")
        elif models is not None:
            for node in models.value:
                self._add_node(node)

    def _add_node(self, node: "yaml.Node") -> None:
        if shape(node) == "mapping":
            words: list[tuple[int, str]] = []
            own = self._options(node, words)
            self._add(line_of(node), words, own)
        else:
            self._add(line_of(node), yaml_nodes.words(node, is_json=self._is_json), {})

    def _pairs(
        self, node: "yaml.Node", same: Callable[[str], str]
    ) -> list[tuple[str, "yaml.Node", "yaml.Node"]]:
        """Names with their keys and values; two names are one where `same` makes them so."""
        if shape(node) != "mapping":
            raise InvalidInputError("This is not a mapping.", "Write a line of 'name: value' for each.")
        pairs = {}
        for key, value in node.value:
            with self._at(line_of(key)):
                name = same(text_of(key))
                if name in pairs:
                    raise InvalidInputError(f"{key.value!r:.60} stands here twice.", "Keep one of them.")
                pairs[name] = (key, value)
        return [(name, key, value) for name, (key, value) in pairs.items()]

    def _options(self, node: "yaml.Node", words: list[tuple[int, str]] | None) -> dict[str, Any]:
        """The fields of an order that options give; `words` is filled with the handles, where it may be."""
        own: dict[str, Any] = {}
        pairs = self._pairs(node, _option)
        names_nobody = words is not None and not any(name in _HANDLES for name, _, _ in pairs)
        for name, key, value in pairs:
            with self._at(line_of(key)):
                if name in _HANDLES and words is not None:
                    words += yaml_nodes.words(value, is_json=self._is_json)
                    continue
                if name == FROM:
                    own["source"] = ""  # what cannot be read is not missing
                    own["source"] = self._source(value)
                elif name in OPTIONS:
                    spec = OPTIONS[name]
                    self._unread.add((line_of(node), spec.name))
                    read = self._value(spec, value)
                    # By itself: those that do not go together are looked for in the whole entry.
                    dataclasses.replace(self._each, **{spec.name: read})
                    self._unread.remove((line_of(node), spec.name))
                    own[spec.name] = read
                    self._trust.require(spec.name, read)
                elif names_nobody and _nearest(name) != FROM and (form := _form(key, value)):
                    raise InvalidInputError(f"There is no option {name!r:.60}.", form)
                else:
                    raise _unknown(name, has_time=len(self._findings) < _MOST_NEAREST)
        if "repo_id" in own:
            own.setdefault("namespace", None)  # that of the command is for those that do not say otherwise
        return own

    def _value(self, spec: Spec, node: "yaml.Node") -> Any:
        _require_value(spec.flag, node, may_be_empty=spec.name == "prompt")
        text = text_of(node)
        return self._trust.place(spec.flag, text, spec.about.words) if spec.about.words else spec.read(text)

    def _source(self, node: "yaml.Node") -> str | Path | dict[str, str | Path]:
        _require_value(FROM, node)
        if shape(node) != "mapping":
            return self._trust.place(FROM, text_of(node), _SOURCES)
        pairs = self._pairs(node, lambda handle: handle.removeprefix("@").lower())
        return {
            parse_handle(key.value): self._trust.place(FROM, text_of(value), _SOURCES)
            for _, key, value in pairs
        }


def _is_head(line: str) -> bool:
    """Whether a table's program or owner would call a column of accounts so."""
    cell = re.split("[,;\t]", line.strip())[0]
    folded = names.fold(cell)
    return not cell.startswith("@") and any(
        sense.meaning in _HEADS for name in (folded, folded.removesuffix("s")) for sense in names.senses(name)
    )


def _form(key: "yaml.Node", value: "yaml.Node") -> str | None:
    """How an account and its source are written, where somebody has written `HANDLE: SOURCE`."""
    handle, given = (str(node.value) if shape(node) == "scalar" else "" for node in (key, value))
    if accounts.is_handle(handle) and (given in _SOURCES or sources.is_file(given)):
        return f"Write an entry with 'handle: {handle}' and 'from: {given:.60}'."
    return None


def _require_value(name: str, node: "yaml.Node", *, may_be_empty: bool = False) -> None:
    if node.tag == yaml_nodes.NULL or not (node.value or may_be_empty):
        raise InvalidInputError(f"'{name}' has no value.", "Give it one, or leave it out.")
