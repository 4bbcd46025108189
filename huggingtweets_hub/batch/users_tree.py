"""A users file in YAML or JSON: its entries, with handles and options of their own, and its defaults."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.batch import yaml_nodes
from huggingtweets_hub.batch.entries import Entries
from huggingtweets_hub.batch.trust import FROM
from huggingtweets_hub.batch.yaml_nodes import line_of, shape, text_of
from huggingtweets_hub.core import accounts, options, spelling
from huggingtweets_hub.core.accounts import parse_handle
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.option_values import Spec
from huggingtweets_hub.pipeline.options import Options, Order
from huggingtweets_hub.posts import source as sources

if TYPE_CHECKING:
    import yaml

_MOST_NEAREST = 50  # names that are looked for, which takes time
_HANDLES = ("handle", "handles")
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


class UsersTree:
    """Adds the entries of a file that has a tree; what is wrong with it becomes a finding."""

    def __init__(self, entries: Entries, *, is_json: bool) -> None:
        self._entries = entries
        self._trust = entries.trust
        self._is_json = is_json
        self._each = Order(consent="self")  # to try a single option with: nothing in it excludes any

    def add(self, text: str) -> None:
        """A list of entries, or a mapping that holds it and the defaults."""
        models = root = yaml_nodes.composed(text, self._entries.note, is_json=self._is_json)
        if root is not None and shape(root) == "mapping":
            models = None
            for name, key, value in sorted(self._pairs(root, str), key=lambda pair: pair[0]):
                with self._entries.at(line_of(key)):
                    if name == "defaults":  # before 'models', by the alphabet
                        own = self._options(value, None)
                        self._entries.defaults = dataclasses.replace(self._entries.defaults, **own)
                    elif name == "models":
                        models = value
                    else:
                        form = _form(key, value) or "Write 'models', a list, and 'defaults'."
                        raise InvalidInputError(f"{name!r:.60} does not belong here.", form)
        if models is not None and shape(models) != "sequence":
            self._entries.note(line_of(models), "This is not a list.", "Write a list of entries here.")
        elif models is not None:
            for node in models.value:
                self._add_node(node)

    def _add_node(self, node: "yaml.Node") -> None:
        if shape(node) == "mapping":
            words: list[tuple[int, str]] = []
            own = self._options(node, words)
            self._entries.add(line_of(node), words, own)
        else:
            self._entries.add(line_of(node), yaml_nodes.words(node, is_json=self._is_json), {})

    def _pairs(
        self, node: "yaml.Node", same: Callable[[str], str]
    ) -> list[tuple[str, "yaml.Node", "yaml.Node"]]:
        """Names with their keys and values; two names are one where `same` makes them so."""
        if shape(node) != "mapping":
            raise InvalidInputError("This is not a mapping.", "Write one 'name: value' line for each.")
        pairs = {}
        for key, value in node.value:
            with self._entries.at(line_of(key)):
                name = same(text_of(key))
                if name in pairs:
                    raise InvalidInputError(f"{key.value!r:.60} appears twice.", "Keep one of them.")
                pairs[name] = (key, value)
        return [(name, key, value) for name, (key, value) in pairs.items()]

    def _options(self, node: "yaml.Node", words: list[tuple[int, str]] | None) -> dict[str, Any]:
        """The fields of an order that options give; `words` is filled with the handles, where it may be."""
        own: dict[str, Any] = {}
        pairs = self._pairs(node, _option)
        names_nobody = words is not None and not any(name in _HANDLES for name, _, _ in pairs)
        for name, key, value in pairs:
            with self._entries.at(line_of(key)):
                if name in _HANDLES and words is not None:
                    words += yaml_nodes.words(value, is_json=self._is_json)
                    continue
                if name == FROM:
                    own["source"] = ""  # what cannot be read is not missing
                    own["source"] = self._source(value)
                elif name in OPTIONS:
                    spec = OPTIONS[name]
                    self._entries.unread.add((line_of(node), spec.name))
                    read = self._value(spec, value)
                    # By itself: those that do not go together are looked for in the whole entry.
                    dataclasses.replace(self._each, **{spec.name: read})
                    self._entries.unread.remove((line_of(node), spec.name))
                    own[spec.name] = read
                    self._trust.require(spec.name, read)
                elif names_nobody and _nearest(name) != FROM and (form := _form(key, value)):
                    raise InvalidInputError(f"There is no option {name!r:.60}.", form)
                else:
                    raise _unknown(name, has_time=len(self._entries.findings) < _MOST_NEAREST)
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
            return self._trust.place(FROM, text_of(node), sources.WORDS)
        pairs = self._pairs(node, lambda handle: handle.removeprefix("@").lower())
        return {
            parse_handle(key.value): self._trust.place(FROM, text_of(value), sources.WORDS)
            for _, key, value in pairs
        }


def _option(name: str) -> str:
    return name.replace("_", "-")


def _unknown(name: str, *, has_time: bool) -> InvalidInputError:
    if name in _ELSEWHERE:
        return InvalidInputError(f"'{name}' does not belong here.", f"Give it {_ELSEWHERE[name]}.")
    near = _nearest(name) if has_time else None
    return InvalidInputError(
        f"There is no option {name!r:.60}.",
        f"Did you mean {near!r}?" if near else "Use those of 'publish', without the dashes.",
    )


@functools.lru_cache(maxsize=256)  # the same mistake may stand in every entry
def _nearest(name: str) -> str | None:
    return spelling.nearest(name, [FROM, *OPTIONS, *_HANDLES])


def _form(key: "yaml.Node", value: "yaml.Node") -> str | None:
    """How an account and its source are written, where somebody has written `HANDLE: SOURCE`."""
    handle, given = (str(node.value) if shape(node) == "scalar" else "" for node in (key, value))
    if accounts.is_handle(handle) and (given in sources.WORDS or sources.is_file(given)):
        return f"Write an entry with 'handle: {handle}' and 'from: {given:.60}'."
    return None


def _require_value(name: str, node: "yaml.Node", *, may_be_empty: bool = False) -> None:
    if node.tag == yaml_nodes.NULL or not (node.value or may_be_empty):
        raise InvalidInputError(f"'{name}' has no value.", "Give it one, or leave the line out.")
