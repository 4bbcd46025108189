"""A base model may read its own files alone: what else it read would be published with what is made of it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.files import read_whole
from huggingtweets_hub.core.names import stays_inside
from huggingtweets_hub.core.serialization import as_object

_INDEX = "model.safetensors.index.json"
_ADAPTER = "adapter_config.json"
_OF_TOKENIZER = ("tokenizer_config.json", "special_tokens_map.json")
# Where a tokenizer was saved, which is not read again.
_REMARKS = ("name_or_path", "special_tokens_map_file")


def require(location: str, revision: str | None = None) -> None:
    """Make sure that the settings of a base model do not lead to files that are not its own.

    Args:
        location: A folder, or a Hub id with its revision.

    Raises:
        BaseModelError: They do, or cannot be read.
        OSError: The Hub refuses to send them.
    """
    weights = _settings(location, _INDEX, revision).get("weight_map", {})
    names = weights.values() if isinstance(weights, dict) else [weights]
    for name in names:
        if not isinstance(name, str) or not stays_inside(name):
            raise _refused(location, _INDEX, name)
    if base := _settings(location, _ADAPTER, revision).get("base_model_name_or_path"):
        raise _refused(location, _ADAPTER, base)
    for file in _OF_TOKENIZER:
        said = _settings(location, file, revision)
        for text in _texts([value for name, value in said.items() if name not in _REMARKS]):
            if os.path.isfile(text):
                raise _refused(location, file, text)


def _settings(location: str, name: str, revision: str | None) -> dict[str, Any]:
    """What a file of settings says; empty where there is none."""
    from transformers.utils.hub import cached_file

    path = cached_file(
        location,
        name,
        revision=revision,
        _raise_exceptions_for_missing_entries=False,
    )
    if path is None:
        return {}
    try:
        found = json.loads(read_whole(Path(path)))
    except (OSError, ValueError, RecursionError) as error:
        raise BaseModelError(
            f"{name} of the base model {location!r} cannot be read: {error}.", "Use another model."
        ) from error
    return as_object(found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _refused(location: str, file: str, name: object) -> BaseModelError:
    return BaseModelError(
        f"{file} of the base model {location!r} leads to {str(name)!r:.200}, which is not a file of its own.",
        "Use a whole model, saved by save_pretrained(), whose settings name no files elsewhere.",
    )
