"""What the Hub asks of a card's metadata, and what YAML makes of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from huggingtweets_hub.card import escaping
from huggingtweets_hub.card.metadata import at, items
from huggingtweets_hub.core.names import REPO_ID

if TYPE_CHECKING:
    import yaml

# The form of the Hub's ids; whether it knows one, it says itself before a push.
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}|code|multilingual", re.ASCII)
# X labels tweets with these; ISO 639-1 has dropped them.
_RETIRED = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro"}
_MODEL = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_ENGINEERING = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a card lacks (`warning`), or that is wrong with it (`error`).

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
    """What is wrong with the metadata between a card's fences, and what they lack.

    Args:
        based_on_hub: The card says that its model began as one of the Hub.
    """
    import yaml

    try:
        root = yaml.compose(front, Loader=yaml.SafeLoader)
        found = _Tree().values(root)
    except (yaml.YAMLError, ValueError, RecursionError) as why:
        said = " ".join(str(why).split())[:200]
        yield error("metadata", f"The metadata is no YAML that a card may have: {said}.", "Mend it.")
        return
    if not isinstance(found, dict):
        yield error("metadata", "The metadata is no mapping.", "Write it as 'key: value'.")
        return
    yield from _traps(root, "metadata")
    yield from _missing(found, based_on_hub=based_on_hub)
    for key, rule in _RULES.items():
        if found.get(key) is not None:
            yield from rule(found[key])
    if found.get("license") == "other" and not (found.get("license_name") and found.get("license_link")):
        yield warning(
            "license",
            "The license is 'other', without its name or link.",
            "Add license_name and license_link.",
        )


class _Tree:
    """YAML nodes as plain values; each node once, or a few aliases would make a card of any size."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def values(self, node: "yaml.Node | None") -> Any:
        import yaml

        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self._seen:
            raise ValueError("it has an alias")
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.values(item) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {str(self.values(key)): self.values(value) for key, value in node.value}
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
    """Values that one reader of YAML takes for something else than another does."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _traps(item, place)
    elif isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if key.value in keys if isinstance(key.value, str) else False:
                yield error(
                    place, f"The key {key.value!r} stands there twice.", "Keep one: the Hub refuses both."
                )
            keys.add(str(key.value))
            yield from _traps(value, str(key.value) if place == "metadata" else place)
    elif isinstance(node, yaml.ScalarNode) and node.style is None:
        word, kind = node.value, node.tag.removeprefix(_TAG)
        other = None
        if kind == "bool" and word.lower() not in ("true", "false"):
            other = "yes or no rather than a word"
        elif kind == "str" and _ENGINEERING.fullmatch(word):
            other = "a word in some programs, a number in others"
        elif kind in ("int", "float") and ":" in word:
            other = "a count of seconds"
        elif word in ("None", "nan", "NaN", ".nan", ".NaN", ".inf", "-.inf"):
            other = "a value that was never there"
        if other:
            yield error(place, f"{word!r} stands without quotes, which is {other}.", f'Write "{word}".')


def _missing(found: dict[str, Any], *, based_on_hub: bool) -> Iterator[Finding]:
    wanted = {
        "language": "Add the ISO 639 codes of the tweets' languages.",
        "license": "Add the license of the weights: 'mit' is GPT-2's.",
        "library_name": "Add 'library_name: transformers', or the Hub counts no downloads.",
        "pipeline_tag": "Add 'pipeline_tag: text-generation', or the Hub guesses it.",
        "thumbnail": "Add the address of a picture of 1200×630 pixels.",
        "widget": "Add a prompt as '- text: \"…\"'.",
        **(
            {"base_model": "Add 'base_model: openai-community/gpt2', or what it began as."}
            if based_on_hub
            else {}
        ),
    }
    for key, next_step in wanted.items():
        if found.get(key) in (None, "", []):
            yield warning(key, f"The metadata has no {key}.", next_step)
    if found.get("tags") is None:
        yield from _tags([])


# --- one rule a key -------------------------------------------------------------------------------


def _language(value: Any) -> Iterator[Finding]:
    for word in value if isinstance(value, list) else [value]:
        if isinstance(word, bool):
            continue  # `no` and the like are traps already
        if isinstance(word, str) and word in _RETIRED:
            yield error("language", f"ISO 639 has dropped {word!r}.", f"Write '{_RETIRED[word]}'.")
        elif not isinstance(word, str) or not _LANGUAGE.fullmatch(word):
            yield error("language", f"{word!r:.40} is no ISO 639 code.", "Write two or three small letters.")


def _license(value: Any) -> Iterator[Finding]:
    for name in value if isinstance(value, list) else [value]:
        if not isinstance(name, str) or not _LICENSE.fullmatch(name):
            yield error(
                "license", f"{name!r:.40} is no license id.", "Write one of the Hub's list, or 'other'."
            )


def _word(key: str, wanted: str) -> Callable[[Any], Iterator[Finding]]:
    def rule(value: Any) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield error(key, f"{key} is {value!r:.40}, no word.", f"Write '{key}: {wanted}'.")
        elif value != wanted:
            yield warning(key, f"{key} is {value!r:.40}.", f"These models are '{wanted}'.")

    return rule


def _models(key: str) -> Callable[[Any], Iterator[Finding]]:
    def rule(value: Any) -> Iterator[Finding]:
        for name in value if isinstance(value, list) else [value]:
            if not isinstance(name, str) or not (REPO_ID.fullmatch(name) or _MODEL.fullmatch(name)):
                yield error(key, f"{name!r:.60} is no id of the Hub.", "Write it as 'namespace/name'.")

    return rule


def _tags(value: Any) -> Iterator[Finding]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        yield error(
            "tags", "tags is no list of words.", "Write each in a line of its own, '- huggingtweets'."
        )
    elif "huggingtweets" not in value:
        yield error(
            "tags", "The tag 'huggingtweets' is missing: nothing here will touch the model.", "Add it."
        )


def _thumbnail(value: Any) -> Iterator[Finding]:
    if not isinstance(value, str) or escaping.link(value) == "#":
        yield error("thumbnail", f"{value!r:.60} is no absolute https address.", "Write it whole: https://…")
    elif not value.startswith("https://"):
        yield warning("thumbnail", f"{value!r:.60} is not https: few will load it.", "Use an https address.")


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
        yield error("model-index", "model-index is no list.", "Write '- name: …' and its results.")
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
            yield error("model-index", f"A result lacks {', '.join(lacks)}: the Hub shows none.", "Add it.")


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
