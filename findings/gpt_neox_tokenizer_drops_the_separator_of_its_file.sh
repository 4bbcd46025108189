#!/usr/bin/env bash
# transformers 5.24.0 (tokenizers 0.23); 30 November 2026, Python 3.11 on Linux.
#
# A `tokenizer.json` says what stands in front of each text: its template here puts <s> there, and
# `tokenizer_config.json` says `add_bos_token: true` besides. A good guess would be that AutoTokenizer then puts <s> in
# front, whichever class the settings name.
#
# Seen: with GPTNeoXTokenizer, the class of Pythia and many others, <s> is gone once the tokenizer is loaded. Where there
# is a `tokenizer.json`, loading leaves `add_bos_token` out of what the class is given; the class then takes its own
# default, False, and builds the template anew. PreTrainedTokenizerFast and GPT2Tokenizer keep it. Output:
#   PreTrainedTokenizerFast: <s> a b
#   GPT2Tokenizer: <s> a b
#   GPTNeoXTokenizer: a b
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q transformers==5.24.0 "tokenizers==0.23.*"

cat > "$work/ask.py" <<'PYTHON'
import json, sys
from pathlib import Path
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoTokenizer

letters = {token: number for number, token in enumerate(["<s>", *sorted(pre_tokenizers.ByteLevel.alphabet())])}
tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
tokenizer.add_special_tokens(["<s>"])
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
for kind in ("PreTrainedTokenizerFast", "GPT2Tokenizer", "GPTNeoXTokenizer"):
    folder = Path(sys.argv[1]) / kind
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": kind, "bos_token": "<s>", "eos_token": "<s>", "add_bos_token": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    loaded = AutoTokenizer.from_pretrained(folder)
    print(f"{kind}: {' '.join(loaded.convert_ids_to_tokens(loaded('ab').input_ids))}")
PYTHON

found=$("$work/venv/bin/python" "$work/ask.py" "$work" 2> /dev/null)
echo "$found"
expected="PreTrainedTokenizerFast: <s> a b
GPT2Tokenizer: <s> a b
GPTNeoXTokenizer: a b"
[ "$found" = "$expected" ]
