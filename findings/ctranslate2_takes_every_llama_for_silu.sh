#!/usr/bin/env bash
# ctranslate2 4.8.5, transformers 5.24.0 (torch 2.13.0); 30 November 2026, Python 3.11 on Linux.
#
# The activation between a Llama's matrices is `hidden_act` in its config.json, "silu" unless it says otherwise.
# ctranslate2 knows several activations, and its converters of other models look the name up and refuse one that they
# do not know. A good guess would be that the one of Llama does either, too.
#
# Seen: it converts every Llama with SiLU, whatever its config says, without a word. A random model with "gelu" or
# "relu" is off by a tenth and a fifth of its largest logit, one with "silu" by a millionth. Output:
#   silu: off by less than 1e-5 of the largest logit
#   gelu: off by more than 5% of the largest logit
#   relu: off by more than 5% of the largest logit
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy transformers==5.24.0 ctranslate2==4.8.5 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import sys

import ctranslate2
import numpy
import torch
from tokenizers import Tokenizer, models
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

for act in ("silu", "gelu", "relu"):
    folder = f"{sys.argv[1]}/{act}"
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=64, initializer_range=0.3, hidden_act=act,
    )
    model = LlamaForCausalLM(config).eval()
    model.save_pretrained(folder)
    words = {str(number): number for number in range(62)} | {"<s>": 62, "</s>": 63}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="0"))
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "0"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    ctranslate2.converters.TransformersConverter(folder).convert(f"{folder}-converted")
    generator = ctranslate2.Generator(f"{folder}-converted")
    ids = [5, 9, 17, 33, 2]
    with torch.no_grad():
        right = model(torch.tensor([ids])).logits[0]
    seen = torch.from_numpy(numpy.array(generator.forward_batch([[str(number) for number in ids]])))[0]
    off = float((seen - right).abs().max() / right.abs().max())
    how = "less than 1e-5" if off < 1e-5 else "more than 5%" if off > 0.05 else f"{off:.2e}"
    print(f"{act}: off by {how} of the largest logit")
PYTHON
TRANSFORMERS_VERBOSITY=error "$work/venv/bin/python" "$work/ask.py" "$work" 2> /dev/null | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
silu: off by less than 1e-5 of the largest logit
gelu: off by more than 5% of the largest logit
relu: off by more than 5% of the largest logit
SEEN
