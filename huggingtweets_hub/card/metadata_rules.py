"""What the Hub requires of a card's metadata, and how YAML reads it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from huggingtweets_hub.card import escaping
from huggingtweets_hub.card.metadata import at, items, require_plain, typed
from huggingtweets_hub.core import languages
from huggingtweets_hub.core.names import REPO_ID

if TYPE_CHECKING:
    import yaml

# The format of the Hub's ids; the Hub itself says before a push whether it knows one.
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_NOT_A_LANGUAGE = ("code", "multilingual")  # which the Hub takes for one
_MODEL = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_ENGINEERING = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is missing from a card (`warning`) or wrong with it (`error`).

    Attributes:
        place: A key of the metadata, a line, or a file.
    """

    level: Literal["error", "warning"]
    place: str
    message: str
    next_step: str


def error(place: str, message: str, next_step: str) -> Finding:
    """Something that is wrong."""
    return Finding(level="error", place=place, message=message, next_step=next_step)


def warning(place: str, message: str, next_step: str) -> Finding:
    """Something that is missing, or may be wrong."""
    return Finding(level="warning", place=place, message=message, next_step=next_step)


def findings(front: str, *, based_on_hub: bool) -> Iterator[Finding]:
    """What is wrong with the metadata between a card's fences, or missing from it.

    Args:
        based_on_hub: The card says that its model is based on one from the Hub.
    """
    import yaml

    try:
        require_plain(front)
        root = yaml.compose(front, Loader=typed())
        found = _value(root)
    except (yaml.YAMLError, ValueError, RecursionError) as why:
        said = " ".join(str(why).split())[:200]
        yield error("metadata", f"The metadata is not valid YAML for a card: {said}.", "Fix it.")
        return
    if not isinstance(found, dict):
        yield error("metadata", "The metadata is not a mapping.", "Write it as 'key: value'.")
        return
    yield from _traps(root, "metadata")
    yield from _missing(found, based_on_hub=based_on_hub)
    for key, rule in _RULES.items():
        if found.get(key) is not None:
            yield from rule(found[key])
    if found.get("license") == "other" and not (found.get("license_name") and found.get("license_link")):
        yield warning(
            "license",
            "The license is 'other', but its name or link is missing.",
            "Add license_name and license_link.",
        )


def _value(node: "yaml.Node | None") -> Any:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(_value(key)): _value(value) for key, value in node.value}
    return None


def _scalar(node: "yaml.ScalarNode") -> Any:
    kind = node.tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() in ("true", "yes", "on")
    if kind in ("int", "float"):
        try:
            return float(node.value.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:  # hexadecimal, or 1:30
            return node.value
    return node.value


def _traps(node: "yaml.Node | None", place: str) -> Iterator[Finding]:
    """Values that different YAML readers understand differently."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _traps(item, place)
    elif isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if key.value in keys if isinstance(key.value, str) else False:
                yield error(
                    place, f"The key {key.value!r} appears twice.", "Keep one: the Hub refuses duplicates."
                )
            keys.add(str(key.value))
            yield from _traps(value, str(key.value) if place == "metadata" else place)
    elif isinstance(node, yaml.ScalarNode) and not node.style:
        word, kind = node.value, node.tag.removeprefix(_TAG)
        other = None
        if kind == "bool" and word.lower() not in ("true", "false"):
            other = "yes or no instead of a word"
        elif kind == "str" and _ENGINEERING.fullmatch(word):
            other = "a number by some programs"
        elif kind in ("int", "float") and ":" in word:
            other = "a number of seconds"
        elif word in ("None", "nan", "NaN", ".nan", ".NaN", ".inf", "-.inf"):
            other = "a missing value"
        if other:
            yield error(place, f"{word!r} has no quotes, so it may be read as {other}.", f'Write "{word}".')


def _missing(found: dict[str, Any], *, based_on_hub: bool) -> Iterator[Finding]:
    wanted = {
        "language": "Add the ISO 639 codes of the tweets' languages.",
        "license": "Add the license of the weights; GPT-2's is 'mit'.",
        "library_name": "Add 'library_name: transformers'; without it the Hub does not count downloads.",
        "pipeline_tag": "Add 'pipeline_tag: text-generation'; without it the Hub guesses.",
        "thumbnail": "Add the address of a picture with 1200×630 pixels.",
        "widget": "Add a prompt as '- text: \"…\"'.",
        **(
            {"base_model": "Add 'base_model: openai-community/gpt2', or the actual base model."}
            if based_on_hub
            else {}
        ),
    }
    for key, next_step in wanted.items():
        if found.get(key) in (None, "", []):
            yield warning(key, f"The metadata has no {key}.", next_step)
    if found.get("tags") is None:
        yield from _tags([])


# --- one rule per key -------------------------------------------------------------------------------


def _language(value: Any) -> Iterator[Finding]:
    for word in value if isinstance(value, list) else [value]:
        if isinstance(word, bool):
            continue  # `no` and similar are reported as traps already
        if not isinstance(word, str) or not (word in _NOT_A_LANGUAGE or languages.is_code(word)):
            meant = languages.code(word)
            is_old = meant is not None and len(word) == 2 and word.islower()
            yield error(
                "language",
                f"ISO 639 has dropped {word!r}." if is_old else f"{word!r:.40} is not an ISO 639 code.",
                f"Write '{meant}'." if meant else "Write two or three lower-case letters, such as 'en'.",
            )


def _license(value: Any) -> Iterator[Finding]:
    for name in value if isinstance(value, list) else [value]:
        if not isinstance(name, str) or not _LICENSE.fullmatch(name):
            yield error(
                "license", f"{name!r:.40} is not a license id.", "Use one from the Hub's list, or 'other'."
            )


def _word(key: str, wanted: str) -> Callable[[Any], Iterator[Finding]]:
    def rule(value: Any) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield error(key, f"{key} is {value!r:.40}, which is not a word.", f"Write '{key}: {wanted}'.")
        elif value != wanted:
            yield warning(key, f"{key} is {value!r:.40}.", f"For these models it should be '{wanted}'.")

    return rule


def _models(key: str) -> Callable[[Any], Iterator[Finding]]:
    def rule(value: Any) -> Iterator[Finding]:
        for name in value if isinstance(value, list) else [value]:
            if not isinstance(name, str) or not (REPO_ID.fullmatch(name) or _MODEL.fullmatch(name)):
                yield error(key, f"{name!r:.60} is not a Hub id.", "Write it as 'namespace/name'.")

    return rule


def _tags(value: Any) -> Iterator[Finding]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        yield error("tags", "tags is not a list of words.", "Write one per line, such as '- huggingtweets'.")
    elif "huggingtweets" not in value:
        yield error(
            "tags", "The tag 'huggingtweets' is missing, so this toolkit will not touch the model.", "Add it."
        )


def _thumbnail(value: Any) -> Iterator[Finding]:
    if not isinstance(value, str) or escaping.link(value) == "#":
        yield error(
            "thumbnail",
            f"{value!r:.60} is not an absolute https address.",
            "Write the full address: https://…",
        )
    elif not value.startswith("https://"):
        yield warning(
            "thumbnail",
            f"{value!r:.60} is not https, so most sites will not load it.",
            "Use an https address.",
        )


def _widget(value: Any) -> Iterator[Finding]:
    if value is False:
        return
    for i, entry in enumerate(value if isinstance(value, list) else [value]):
        if (
            not isinstance(value, list)
            or not isinstance(entry, dict)
            or not isinstance(entry.get("text"), str)
        ):
            yield error("widget", f"Entry {i + 1} of widget has no text.", "Write '- text: \"…\"'.")
            continue
        output = entry.get("output")
        if output is not None and not (isinstance(output, dict) and isinstance(output.get("text"), str)):
            yield error(
                "widget", f"The output of entry {i + 1} has no text.", "Write 'output:' and 'text: \"…\"'."
            )


def _model_index(value: Any) -> Iterator[Finding]:
    if not isinstance(value, list) or not value:
        yield error("model-index", "model-index is not a list.", "Write '- name: …' and its results.")
        return
    for result in (result for model in value for result in items(model, "results") or [None]):
        lacks = [
            f"{part}.{key}"
            for part, key in (("task", "type"), ("dataset", "type"), ("dataset", "name"))
            if not isinstance(at(result, part, key), str)
        ]
        metrics = items(result, "metrics")
        lacks += [] if metrics else ["metrics"]
        lacks += [] if all(isinstance(at(metric, "type"), str) for metric in metrics) else ["metrics.type"]
        if not all(isinstance(at(metric, "value"), float) for metric in metrics):
            lacks.append("a number as metrics.value")
        if lacks:
            yield error(
                "model-index",
                f"A result lacks {', '.join(lacks)}, so the Hub shows none.",
                "Add what is missing.",
            )


_RULES: dict[str, Callable[[Any], Iterator[Finding]]] = {
    "language": _language,
    "license": _license,
    "library_name": _word("library_name", "transformers"),
    "pipeline_tag": _word("pipeline_tag", "text-generation"),
    "base_model": _models("base_model"),
    "datasets": _models("datasets"),
    "tags": _tags,
    "thumbnail": _thumbnail,
    "widget": _widget,
    "model-index": _model_index,
}
