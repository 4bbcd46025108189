"""YAML and JSON as nodes that know their lines; nothing is made of what they hold."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import InvalidInputError

if TYPE_CHECKING:
    import yaml

NULL = "tag:yaml.org,2002:null"
_SURROGATES = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\.", re.IGNORECASE | re.DOTALL)

Finding = Callable[[int, str, str], None]
"""Takes a finding: its line, what is wrong, and what to do."""


def composed(text: str, note: Finding, *, is_json: bool) -> "yaml.Node | None":
    """The root of a file; None if it cannot be read, which is noted."""
    import yaml

    text = _as_yaml(text) if is_json else text
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader) if "*" in text else ():
            if isinstance(event, yaml.AliasEvent):
                note(line_of(event), "This is an alias.", "Write the value itself.")
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
        return root
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark: Any = getattr(error, "problem_mark", None)
        before = text.encode("utf-8", "replace")[: getattr(error, "position", 0)]
        line = min(mark.line if mark else before.count(b"\n"), text.count("\n"))  # not beyond the end
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        kind = "JSON" if is_json else "YAML"
        note(line + 1, f"This is not valid {kind}: {what}.", "What follows was not looked at.")
        return None


def shape(node: Any) -> str:
    """Whether a node is a `scalar`, a `sequence` or a `mapping`."""
    found: str = node.id
    return found


def line_of(node: Any) -> int:
    """Where a node, or an event, begins, counted from 1."""
    return int(node.start_mark.line) + 1


def text_of(node: "yaml.Node") -> str:
    """What a scalar holds, as it is written."""
    if shape(node) != "scalar":
        raise InvalidInputError(f"This is a {shape(node)}.", "Give a single value.")
    return str(node.value)


def words(node: "yaml.Node", *, is_json: bool) -> list[tuple[int, str]]:
    """Handles as they are written, each with its line: `no`, `1e5` and `null` are some."""
    parts = node.value if shape(node) == "sequence" and node.value else [node]
    found = []
    for part in parts:
        text = part.value if shape(part) == "scalar" else "[…]"
        if is_json and not getattr(part, "style", None) and text in ("null", "true", "false"):
            text = ""  # in JSON, whose texts have quotes, a handle that is missing
        found += [(line_of(part), word) for word in text.replace(",", " ").split() or [""]]
    return found


def _as_yaml(json: str) -> str:
    """JSON as YAML has it: without tabs, and a character instead of its two surrogates."""
    return _SURROGATES.sub(
        lambda pair: bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be") if pair[1] else pair[0],
        json.replace("\t", " "),
    )
