#!/usr/bin/env bash
# onnxruntime-genai 0.18.0 (onnxruntime 1.32.0, onnx 1.23.2), beside tokenizers 0.23.3; 1 December 2026, Python 3.11 on
# Linux.
#
# tokenizer.json says everything about how a text is cut: how it is normalized first, whether a blank is put in front,
# how it is split, what stands around it. onnxruntime-genai reads the file. A good guess would be that it follows all of
# it, or refuses what it does not know.
#
# Seen: it follows the patterns by which words are split, and passes over the rest in silence. Digits, which splits
# numbers first, as SmolLM2's does, is left out. Lowercase and NFC do not happen, so that a model of lower-case letters
# gets capitals that it has never seen, and é written as two characters gives other tokens. A ByteLevel with
# `add_prefix_space` puts no blank in front of the first word. No special token is put in front as the template has it;
# with the option `add_special_tokens` one is, and another after the text, where the template has none: a prompt then
# ends before the model has said a word. Output:
#   ByteLevel, 'a 123': tokenizers a|Ġ|12|3, onnxruntime-genai a|Ġ|12|3
#   Digits, 'a 123': tokenizers a|Ġ|1|2|3, onnxruntime-genai a|Ġ|12|3
#   Split, 'a 123': tokenizers a|Ġ|1|2|3, onnxruntime-genai a|Ġ|1|2|3
#   Lowercase, 'Hi': tokenizers h|i, onnxruntime-genai H|i
#   NFC, 'e\u0301': tokenizers Ã|©, onnxruntime-genai e|Ì|ģ
#   add_prefix_space, 'hi': tokenizers Ġ|h|i, onnxruntime-genai h|i
#   template <s> $A, 'hi': tokenizers <s>|h|i, onnxruntime-genai h|i
#   template <s> $A, add_special_tokens, 'hi': tokenizers <s>|h|i, onnxruntime-genai <s>|h|i|<s>
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q onnxruntime-genai==0.18.0 onnxruntime==1.32.0 onnx==1.23.2 \
    tokenizers==0.23.3 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import json, sys
from pathlib import Path

import onnx
import onnxruntime_genai as genai
from onnx import TensorProto, helper
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

words = ["<s>", *sorted(pre_tokenizers.ByteLevel.alphabet()), "12"]
vocabulary = {token: number for number, token in enumerate(words)}
# As models of the Qwen family have it.
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def byte_level(**options):
    return pre_tokenizers.ByteLevel(**{"add_prefix_space": False, **options})


def put_model(folder):
    """A model that hands its input on: it is only there because a tokenizer is made of a model."""
    names = {"input_ids": "logits", "past_key_values.0.key": "present.0.key"}
    names["past_key_values.0.value"] = "present.0.value"
    nodes = [helper.make_node("Identity", [one], [other]) for one, other in names.items()]
    shape = ["batch", 1, "length", 1]
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in some]
        for some in (names, names.values())
    )
    graph = helper.make_graph(nodes, "nothing", inputs, outputs)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "model.onnx"
    )
    decoder = {
        "filename": "model.onnx", "hidden_size": 1, "head_size": 1, "num_attention_heads": 1, "num_key_value_heads": 1,
        "num_hidden_layers": 1, "session_options": {"provider_options": []},
        "inputs": {
            "input_ids": "input_ids", "past_key_names": "past_key_values.%d.key",
            "past_value_names": "past_key_values.%d.value",
        },
        "outputs": {
            "logits": "logits", "present_key_names": "present.%d.key", "present_value_names": "present.%d.value",
        },
    }
    about = {
        "type": "llama", "vocab_size": len(words), "context_length": 64, "bos_token_id": 0, "eos_token_id": [0],
        "pad_token_id": 0, "decoder": decoder,
    }
    (folder / "genai_config.json").write_text(json.dumps({"model": about, "search": {"max_length": 64}}))


def ask(title, text, option=None, *, pre=None, **parts):
    folder = Path(sys.argv[1]) / f"{title}{option}"
    folder.mkdir()
    right = Tokenizer(models.BPE(vocab=vocabulary, merges=[("1", "2")]))
    right.add_special_tokens(["<s>"])
    right.pre_tokenizer = pre or byte_level()
    for part, value in parts.items():
        setattr(right, part, value)
    right.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "GPT2Tokenizer", "bos_token": "<s>", "eos_token": "<s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    put_model(folder)
    found = genai.Tokenizer(genai.Model(str(folder)))
    if option:
        found.update_options(**{option: "true"})
    tokens = {
        "tokenizers": right.encode(text).tokens,
        "onnxruntime-genai": [right.id_to_token(number) for number in found.encode(text).tolist()],
    }
    said = ", ".join(f"{name} {'|'.join(each)}" for name, each in tokens.items())
    print(f"{title}{option and f', {option}' or ''}, {ascii(text)}: {said}")


split = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN), "isolated"), byte_level(use_regex=False)])
digits = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level()])
template = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
ask("ByteLevel", "a 123")
ask("Digits", "a 123", pre=digits)
ask("Split", "a 123", pre=split)
ask("Lowercase", "Hi", normalizer=normalizers.Lowercase())
ask("NFC", "e\u0301", normalizer=normalizers.NFC())
ask("add_prefix_space", "hi", pre=byte_level(add_prefix_space=True))
ask("template <s> $A", "hi", post_processor=template)
ask("template <s> $A", "hi", "add_special_tokens", post_processor=template)
PYTHON

"$work/venv/bin/python" "$work/ask.py" "$work" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
ByteLevel, 'a 123': tokenizers a|Ġ|12|3, onnxruntime-genai a|Ġ|12|3
Digits, 'a 123': tokenizers a|Ġ|1|2|3, onnxruntime-genai a|Ġ|12|3
Split, 'a 123': tokenizers a|Ġ|1|2|3, onnxruntime-genai a|Ġ|1|2|3
Lowercase, 'Hi': tokenizers h|i, onnxruntime-genai H|i
NFC, 'e\u0301': tokenizers Ã|©, onnxruntime-genai e|Ì|ģ
add_prefix_space, 'hi': tokenizers Ġ|h|i, onnxruntime-genai h|i
template <s> $A, 'hi': tokenizers <s>|h|i, onnxruntime-genai h|i
template <s> $A, add_special_tokens, 'hi': tokenizers <s>|h|i, onnxruntime-genai <s>|h|i|<s>
SEEN
