#!/usr/bin/env bash
# transformers 4.51.3, 4.57.6, 5.0.0 and 5.24.0, torch 2.13.0; 28 November 2026, Python 3.11 on Linux.
#
# A model folder says in generation_config.json how it is to be sampled. A good guess would be that
# pipeline("text-generation") follows it in every version, as 4.51 does and as the documentation says.
#
# Seen: in 4.57 and 5.0 the pipeline's own defaults come first (256 new tokens, a temperature of 0.7) and what the
# folder says of these is passed over in silence; top_k, of which the pipeline has no default, is followed.
# `task_specific_params` in config.json, which newer versions hardly mention, is stronger than both. 5.24
# follows the folder again. Whoever publishes a model for all versions writes both. Output:
#   4.51.3: 7 new tokens, temperature 1.3, top_k 5
#   4.57.6: 256 new tokens, temperature 0.7, top_k 5
#   5.0.0: 256 new tokens, temperature 0.7, top_k 5
#   5.24.0: 7 new tokens, temperature 1.3, top_k 5
#   5.0.0 with task_specific_params: 7 new tokens, temperature 1.3, top_k 5
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
python="$work/venv/bin/python"
"$python" -m pip install -q torch==2.13.0 numpy
export TRANSFORMERS_VERBOSITY=error HF_HUB_OFFLINE=1

cat > "$work/ask.py" <<'PYTHON'
import json, pathlib, sys
import torch, transformers
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, pipeline

folder, with_task = pathlib.Path(sys.argv[1]), len(sys.argv) > 2
torch.manual_seed(0)
words = {f"w{n}": n for n in range(40)}
config = GPT2Config(vocab_size=40, n_positions=512, n_embd=16, n_layer=1, n_head=2, bos_token_id=None, eos_token_id=None)
GPT2LMHeadModel(config).save_pretrained(folder)
said = {"do_sample": True, "temperature": 1.3, "top_k": 5, "max_new_tokens": 7, "pad_token_id": 0}
(folder / "generation_config.json").write_text(json.dumps(said))
if with_task:
    path = folder / "config.json"
    task = {"text-generation": {"do_sample": True, "temperature": 1.3, "max_new_tokens": 7}}
    path.write_text(json.dumps({**json.loads(path.read_text()), "task_specific_params": task}))
split = Tokenizer(models.WordLevel(words, unk_token="w0"))
split.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=split, pad_token="w0")
generator = pipeline("text-generation", model=str(folder), tokenizer=tokenizer, device="cpu")
used = {}
usual = generator.model.generate
def listening(*given, **options):
    config = options.get("generation_config") or generator.model.generation_config
    for name in ("temperature", "top_k"):
        used[name] = options.get(name, getattr(config, name))
    return usual(*given, **options)
generator.model.generate = listening
ids = generator("w1", return_tensors=True)[0]["generated_token_ids"]
print(f"{len(ids) - 1} new tokens, temperature {used['temperature']}, top_k {used['top_k']}")
PYTHON

seen() { # VERSION EXPECTED [with_task]
    "$python" -m pip install -q "transformers==$1"
    found=$("$python" "$work/ask.py" "$work/model-$1${3:-}" ${3:-} 2> "$work/stderr") || { cat "$work/stderr"; exit 1; }
    echo "$1${3:+ with task_specific_params}: $found"
    test "$found" = "$2"
}
theirs="7 new tokens, temperature 1.3, top_k 5"
its_own="256 new tokens, temperature 0.7, top_k 5"
seen 4.51.3 "$theirs"
seen 4.57.6 "$its_own"
seen 5.0.0 "$its_own"
seen 5.24.0 "$theirs"
seen 5.0.0 "$theirs" with_task
