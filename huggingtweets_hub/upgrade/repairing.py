"""Give published models the small files that clients read, so that they sample as they were made to.

Models of 2021 have their sampling settings under `task_specific_params` in `config.json`, which transformers
5 ignores: it samples at temperature 0.7, without top-p, and without the separator that begins a tweet. Later
ones lack what older versions, browsers and converters look for (see `core.model_files`). Only small JSON
files are read and written; weights, in any format, are never touched.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any

from huggingtweets_hub.core import model_files
from huggingtweets_hub.core.model_files import CONFIG, TOKENIZER, TOKENIZER_CONFIG, indented
from huggingtweets_hub.core.serialization import as_object, mapping
from huggingtweets_hub.core.settings import SAMPLING, SEPARATOR

GENERATION = "generation_config.json"
_TASK = "text-generation"
_SPECIAL_TOKENS = "special_tokens_map.json"
_SEPARATOR_ID = 50256
_CONTEXT = 1024
"""GPT-2's context length, which its configuration may leave out."""
_TOP_K = 50
"""What transformers uses by default, in 2021 and now."""
_PROMPT_TOKENS = 3
"""The length of "My dream is"; lengths of 2021 included the prompt, current ones do not."""


def repaired(files: Container[str], read: Callable[[str], bytes]) -> dict[str, bytes]:
    """The files to write, by name; none if they are what clients read, or if it is not a model of ours.

    Only the tokenizer adds the separator: each `prefix` in `config.json` that is the separator is removed,
    because the pipelines of transformers up to 5.0 would otherwise add two.

    Args:
        files: The names of the repository's files.
        read: Returns the content of one of them.
    """
    there = [name for name in (CONFIG, TOKENIZER, TOKENIZER_CONFIG) if name in files]
    found = {name: read(name) for name in there}
    old = _once(found) if GENERATION in files else _of_2021(files, found, read)
    return old | model_files.portable(found | old)


def _of_2021(
    files: Container[str], found: Mapping[str, bytes], read: Callable[[str], bytes]
) -> dict[str, bytes]:
    """The files of a GPT-2 that was saved before there was a file for sampling settings."""
    config = mapping(found.get(CONFIG, b""))
    if config.get("model_type") != "gpt2":
        return {}
    special = mapping(read(_SPECIAL_TOKENS)) if _SPECIAL_TOKENS in files else {}
    tokenizer_config = mapping(found.get(TOKENIZER_CONFIG, b""))
    separator = _token(tokenizer_config.get("eos_token") or special.get("eos_token")) or SEPARATOR
    separator_id = int(_number(config.get("eos_token_id"), 0, _SEPARATOR_ID))

    settings = generation_config(config, separator_id)
    changed = {GENERATION: indented(settings)}
    changed[TOKENIZER_CONFIG] = indented({**tokenizer_config, "bos_token": separator, "add_bos_token": True})
    tokenizer = mapping(found.get(TOKENIZER, b""))
    if tokenizer:  # it takes precedence: transformers then ignores `add_bos_token`
        changed[TOKENIZER] = indented({**tokenizer, "post_processor": _in_front(separator, separator_id)})
    tasks = as_object(config.get("task_specific_params"))
    told = {
        name: value
        for name, value in as_object(tasks.get(_TASK)).items()
        if name not in ("max_length", "min_length")
    }
    told |= {name: settings[name] for name in SAMPLING}  # which 4.57 and 5.0 read nowhere else
    new = _without_prefix({**config, "task_specific_params": {**tasks, _TASK: told}}, separator)
    return {**changed, CONFIG: indented(new)}


def _once(found: Mapping[str, bytes]) -> dict[str, bytes]:
    """The configuration of a model whose tokenizer adds the separator, if it says so a second time."""
    config, tokenizer_config = (mapping(found.get(name, b"")) for name in (CONFIG, TOKENIZER_CONFIG))
    separator = _token(tokenizer_config.get("bos_token"))
    if not separator or tokenizer_config.get("add_bos_token") is not True:
        return {}
    new = _without_prefix(config, separator)
    return {CONFIG: indented(new)} if new != config else {}


def _without_prefix(config: Mapping[str, Any], separator: str) -> dict[str, Any]:
    """The configuration, with the separator in front of nothing, for any task or for text generation."""

    def less(settings: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in settings.items() if (name, value) != ("prefix", separator)}

    new = less(config)
    if isinstance(told := as_object(new.get("task_specific_params")).get(_TASK), dict):
        new["task_specific_params"] = {**new["task_specific_params"], _TASK: less(told)}
    return new


def generation_config(config: dict[str, Any], separator_id: int) -> dict[str, Any]:
    """The settings of `task_specific_params.text-generation` in current form.

    Lengths become numbers of new tokens. The temperature is spelled out even if it is 1, because the
    pipeline would otherwise use 0.7.
    """
    told = as_object(config.get("task_specific_params")).get(_TASK)
    settings: dict[str, Any] = dict(SAMPLING)
    if isinstance(told, dict):
        context = int(_number(config.get("n_positions"), 2, _CONTEXT))
        longest = int(_number(told.get("max_length"), 1, settings["max_new_tokens"]))
        shortest = int(_number(told.get("min_length"), 0, 0)) - _PROMPT_TOKENS
        settings |= {
            "temperature": float(_number(told.get("temperature"), 0.01, 1.0)),
            "top_k": int(_number(told.get("top_k"), 0, _TOP_K)),
            "top_p": float(min(1.0, _number(told.get("top_p"), 0.01, 1.0))),
            # Half of the context is left to the prompt.
            "max_new_tokens": min(longest, context // 2),
            "min_new_tokens": min(max(1, shortest), longest, context // 2),
        }
    return {
        **settings,
        "bos_token_id": separator_id,
        "eos_token_id": separator_id,
        "pad_token_id": separator_id,
    }


def _in_front(separator: str, separator_id: int) -> dict[str, Any]:
    """A post-processor for the tokenizers library that puts the separator in front of a text."""
    first, second = ({"Sequence": {"id": name, "type_id": place}} for place, name in enumerate("AB"))
    before = {"SpecialToken": {"id": separator, "type_id": 0}}
    between = {"SpecialToken": {"id": separator, "type_id": 1}}
    token = {"id": separator, "ids": [separator_id], "tokens": [separator]}
    return {
        "type": "TemplateProcessing",
        "single": [before, first],
        "pair": [before, first, between, second],
        "special_tokens": {separator: token},
    }


def _token(written: object) -> str | None:
    """A token, which is written as a string or as an object with its content."""
    content = written.get("content") if isinstance(written, dict) else written
    return content if isinstance(content, str) else None


def _number(value: Any, least: float, otherwise: float) -> float:
    """The value if it is a number of at least `least`; these files may have been edited by hand."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and value >= least else otherwise
