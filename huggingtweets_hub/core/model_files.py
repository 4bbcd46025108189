"""The JSON files of a model's folder, in the form that most clients read.

What transformers 5 writes is read whole by itself alone. Older versions, browsers (transformers.js) and the
converters of llama.cpp and MLX look in other places for the same facts; here they stand in all of them.
"""

import json
from collections.abc import Mapping
from typing import Any

from huggingtweets_hub.core.serialization import as_object, mapping

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
_LEAKED = ("local_files_only", "is_local", "backend")
"""What transformers 5 knows of how it has loaded a tokenizer, and saves along with it."""
_NEW_CLASS = "TokenizersBackend"
"""The class of transformers 5 for a tokenizer of no class of its own; transformers 4 cannot load it."""
_PLAIN_CLASS = "PreTrainedTokenizerFast"
"""What every version takes for it: a class that does what `tokenizer.json` says."""


def portable(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of a model's JSON files that have to change, by name, in their new form.

    What a text is encoded as stays the same, as does every setting that a file holds already.

    Args:
        files: What the folder holds; files of other names are skipped.
    """
    found = {name: mapping(files[name]) for name in (CONFIG, TOKENIZER, TOKENIZER_CONFIG) if name in files}
    tokenizer = found.get(TOKENIZER, {})
    written = {
        CONFIG: _config(found.get(CONFIG, {})),
        TOKENIZER: _with_plain_merges(tokenizer),
        TOKENIZER_CONFIG: _tokenizer_config(found.get(TOKENIZER_CONFIG, {}), tokenizer),
    }
    new = {
        name: (_compact if name == TOKENIZER else indented)(content)
        for name, content in written.items()
        if content and (content != found[name] or name == TOKENIZER)
    }
    return {name: content for name, content in new.items() if content != files[name]}


def of_plain_class(tokenizer_config: bytes) -> bytes:
    """A tokenizer's settings, with a class that does nothing but what `tokenizer.json` says."""
    return indented({**mapping(tokenizer_config), "tokenizer_class": _PLAIN_CLASS})


def indented(content: Mapping[str, Any]) -> bytes:
    """JSON as the libraries write it."""
    return _encoded(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _compact(content: Mapping[str, Any]) -> bytes:
    return _encoded(json.dumps(content, ensure_ascii=False, separators=(",", ":")))


def _encoded(text: str) -> bytes:
    """UTF-8, with half of a character as its JSON escape, as it was read."""
    return text.encode("utf-8", "backslashreplace")


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The old names of a context length and of rotary positions, and no length that another contradicts."""
    new = dict(config)
    rope = as_object(new.get("rope_parameters"))
    if isinstance(rope.get("rope_theta"), int | float):
        # Transformers 4 and MLX would take 10,000 in its place, and no error would tell.
        if new.get("rope_theta") is None:
            new["rope_theta"] = rope["rope_theta"]
        if rope.get("rope_type", "default") != "default":
            others = {name: value for name, value in rope.items() if name != "rope_theta"}
            new["rope_scaling"] = new.get("rope_scaling") or others
    if new.get("model_type") == "gpt2" and isinstance(new.get("n_positions"), int):
        new.setdefault("n_ctx", new["n_positions"])
    tasks = as_object(new.get("task_specific_params"))
    told = as_object(tasks.get("text-generation"))
    if "max_new_tokens" in told:
        kept = {name: value for name, value in told.items() if name != "max_length"}
        new["task_specific_params"] = {**tasks, "text-generation": kept}
    return new


def _tokenizer_config(config: Mapping[str, Any], tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """How the tokenizer is to be used, for those that do not read it from `tokenizer.json`."""
    if not config:
        return {}
    new = {name: value for name, value in config.items() if name not in _LEAKED}
    if new.get("chat_template", "") is None:
        del new["chat_template"]
    if (first := _puts_in_front(tokenizer)) is not None and first == _text(new.get("bos_token")):
        new["add_bos_token"] = True
    new["padding_side"] = "left"  # a decoder goes on from the end of its prompt
    if _is_bpe(tokenizer) or new.get("clean_up_tokenization_spaces") is None:
        # Older versions and browsers would take the blank in "merci !" away, as transformers 5 does not.
        new["clean_up_tokenization_spaces"] = False
    if new.get("tokenizer_class") == _NEW_CLASS:
        new["tokenizer_class"] = "GPT2Tokenizer" if _is_of_gpt2(tokenizer) else _PLAIN_CLASS
    return new


def _with_plain_merges(tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """Merges as "a b", which every version of `tokenizers` reads; before 0.20 none reads pairs."""
    model = as_object(tokenizer.get("model"))
    merges = model.get("merges")
    if not isinstance(merges, list) or not all(_is_plain_pair(merge) for merge in merges):
        return dict(tokenizer)
    return {**tokenizer, "model": {**model, "merges": [" ".join(pair) for pair in merges]}}


def _is_bpe(tokenizer: Mapping[str, Any]) -> bool:
    return as_object(tokenizer.get("model")).get("type") == "BPE"


def _is_plain_pair(merge: object) -> bool:
    return isinstance(merge, list) and len(merge) == 2 and all(_is_plain(part) for part in merge)


def _is_plain(part: object) -> bool:
    return isinstance(part, str) and " " not in part


def _puts_in_front(tokenizer: Mapping[str, Any]) -> str | None:
    """The token that a tokenizer puts in front of every text."""
    single = as_object(tokenizer.get("post_processor")).get("single")
    first = as_object(single[0]) if isinstance(single, list) and single else {}
    token = as_object(first.get("SpecialToken")).get("id")
    return token if isinstance(token, str) else None


def _is_of_gpt2(tokenizer: Mapping[str, Any]) -> bool:
    """Whether it cuts texts just as GPT-2's does, so that its class may be that one."""
    cuts = as_object(tokenizer.get("pre_tokenizer"))
    return (
        _is_bpe(tokenizer)
        and (cuts.get("type"), cuts.get("add_prefix_space")) == ("ByteLevel", False)
        and cuts.get("use_regex", True) is True
        and tokenizer.get("normalizer") is None
    )


def _text(token: object) -> str | None:
    """A token, which is written as a string or as an object with its content."""
    content = token.get("content") if isinstance(token, dict) else token
    return content if isinstance(content, str) else None
