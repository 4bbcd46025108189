"""A model's JSON files say the same in all the places where clients look."""

import json
from typing import Any

import pytest

from huggingtweets_hub.core import model_files

SEPARATOR = "<|endoftext|>"
IN_FRONT = {
    "type": "TemplateProcessing",
    "single": [
        {"SpecialToken": {"id": SEPARATOR, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
    ],
}  # fmt: skip
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def tokenizer(**changes: Any) -> dict[str, Any]:
    model = {"type": "BPE", "vocab": {"a": 0, "é": 1, "aé": 2}, "merges": [["a", "é"]]}
    return {
        "normalizer": None, "pre_tokenizer": BYTE_LEVEL, "post_processor": IN_FRONT, "model": model,
    } | changes  # fmt: skip


def portable(name: str, content: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    """The new content of one file; the old if it stays."""
    files = {name: content, **{f"{other}.json": said for other, said in others.items()}}
    written = {file: json.dumps(said, indent=2).encode() for file, said in files.items()}
    new = model_files.portable(written)
    assert not model_files.portable({**written, **new}), "once is enough"
    found: dict[str, Any] = json.loads(new.get(name, written[name]))
    return found


def test_gpt2_has_its_context_length_by_both_names() -> None:
    assert portable("config.json", {"model_type": "gpt2", "n_positions": 512})["n_ctx"] == 512
    assert portable("config.json", {"model_type": "gpt2", "n_positions": 512, "n_ctx": 256})["n_ctx"] == 256
    assert "n_ctx" not in portable("config.json", {"model_type": "llama", "n_positions": 512})


def test_rotary_positions_stand_where_transformers_4_reads_them() -> None:
    plain = portable("config.json", {"rope_parameters": {"rope_theta": 100000.0, "rope_type": "default"}})
    assert plain["rope_theta"] == 100000.0 and "rope_scaling" not in plain
    scaled = portable(
        "config.json", {"rope_parameters": {"rope_theta": 5e5, "rope_type": "linear", "factor": 2.0}}
    )
    assert scaled["rope_theta"] == 5e5
    assert scaled["rope_scaling"] == {"rope_type": "linear", "factor": 2.0}
    rope = {"rope_theta": 5e5, "rope_type": "linear", "factor": 2.0}
    unsaid = {"rope_parameters": rope, "rope_theta": None, "rope_scaling": None}
    assert portable("config.json", unsaid) == scaled


def test_a_length_of_the_task_contradicts_no_other() -> None:
    both = {"task_specific_params": {"text-generation": {"max_length": 160, "max_new_tokens": 160}}}
    alone = {"task_specific_params": {"text-generation": {"max_length": 160}}, "other": 1}
    assert portable("config.json", both) == {
        "task_specific_params": {"text-generation": {"max_new_tokens": 160}}
    }
    assert portable("config.json", alone) == alone


def test_merges_are_written_as_every_version_reads_them() -> None:
    assert portable("tokenizer.json", tokenizer())["model"]["merges"] == ["a é"]
    with_blank = tokenizer(model={"type": "BPE", "merges": [["a", " b"]]})
    assert portable("tokenizer.json", with_blank) == with_blank
    (written,) = model_files.portable({"tokenizer.json": json.dumps(tokenizer()).encode()}).values()
    assert b"\n" not in written and "é".encode() in written


def test_the_separator_is_named_and_what_leaked_is_left_out() -> None:
    said = {
        "bos_token": SEPARATOR, "local_files_only": False, "is_local": True, "backend": "tokenizers",
        "chat_template": None, "tokenizer_class": "GPT2Tokenizer",
    }  # fmt: skip
    assert portable("tokenizer_config.json", said, tokenizer=tokenizer()) == {
        "bos_token": SEPARATOR, "tokenizer_class": "GPT2Tokenizer", "add_bos_token": True,
        "padding_side": "left", "clean_up_tokenization_spaces": False,
    }  # fmt: skip
    kept = portable("tokenizer_config.json", {"chat_template": "{{ messages }}"}, tokenizer=tokenizer())
    assert kept["chat_template"] == "{{ messages }}"


@pytest.mark.parametrize("processor", [None, {"type": "ByteLevel"}, {"single": [{"Sequence": {}}]}])
def test_a_tokenizer_that_puts_nothing_in_front_does_not_say_so(processor: dict[str, Any] | None) -> None:
    said = portable(
        "tokenizer_config.json", {"bos_token": {"content": SEPARATOR}},
        tokenizer=tokenizer(post_processor=processor),
    )  # fmt: skip
    assert "add_bos_token" not in said
    for files in ({"tokenizer": tokenizer(post_processor=processor)}, {}):
        assert "add_bos_token" not in portable("tokenizer_config.json", {"pad_token": "a"}, **files)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "GPT2Tokenizer"),
        ({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [BYTE_LEVEL]}}, "PreTrainedTokenizerFast"),
        ({"normalizer": {"type": "NFC"}}, "PreTrainedTokenizerFast"),
        ({"model": {"type": "Unigram"}}, "PreTrainedTokenizerFast"),
        ({"pre_tokenizer": None}, "PreTrainedTokenizerFast"),
    ],
)
def test_a_class_that_transformers_4_knows_takes_the_place_of_a_new_one(
    changes: dict[str, Any], name: str
) -> None:
    said = {"tokenizer_class": "TokenizersBackend"}
    assert portable("tokenizer_config.json", said, tokenizer=tokenizer(**changes))["tokenizer_class"] == name


@pytest.mark.parametrize(
    ("said", "model", "cleans"),
    [(None, "BPE", False), (True, "BPE", False), (None, "Unigram", False), (True, "WordPiece", True)],
)
def test_no_client_takes_blanks_out_of_texts_that_have_them(
    said: bool | None, model: str, cleans: bool
) -> None:
    given = {} if said is None else {"clean_up_tokenization_spaces": said}
    written = portable(
        "tokenizer_config.json", {"bos_token": SEPARATOR, **given}, tokenizer=tokenizer(model={"type": model})
    )
    assert written["clean_up_tokenization_spaces"] is cleans


def test_a_class_can_be_replaced_by_one_that_adds_nothing() -> None:
    said = {"bos_token": SEPARATOR, "tokenizer_class": "GPTNeoXTokenizer"}
    plain = json.loads(model_files.of_plain_class(json.dumps(said).encode()))
    assert plain == {**said, "tokenizer_class": "PreTrainedTokenizerFast"}
    assert portable("tokenizer_config.json", plain)["tokenizer_class"] == "PreTrainedTokenizerFast"


def test_half_a_character_stays_as_it_was_read() -> None:
    said = {"model_type": "gpt2", "n_positions": 4, "name": "\ud83d"}
    assert portable("config.json", said) == {**said, "n_ctx": 4}


@pytest.mark.parametrize("content", [b"", b"[]", b"no JSON", b"{}", b"[" * 100_000])
def test_files_that_are_not_understood_are_left(content: bytes) -> None:
    names = ("config.json", "tokenizer.json", "tokenizer_config.json", "other.json")
    assert model_files.portable(dict.fromkeys(names, content)) == {}
