#!/usr/bin/env bash
# @huggingface/transformers 4.3.2 (transformers.js) in Node 20, beside transformers 5.24.0 (tokenizers 0.23.3), which
# writes the folder; 1 December 2026.
#
# The template in tokenizer.json puts <s> in front of each text, and the tokenizers of both libraries follow it. A good
# guess would be that pipeline("text-generation") gives a prompt to the model as its tokenizer writes it, as it does in
# Python.
#
# Seen: the pipeline of transformers.js does not ask the template. It leaves all special tokens out unless
# tokenizer_config.json says `add_bos_token` or `add_eos_token`, and transformers 5 does not write these: it takes them
# into the template, even where somebody sets `add_bos_token=True`, and forgets them. So a model that was trained with
# <s> in front of each text begins without it in browsers, without a word, and only there. The key, put into the file by
# hand, or `add_special_tokens: true` in each call brings it back. Output:
#   Python: AutoTokenizer: <s> a b
#   Python: add_bos_token in the folder: None
#   JavaScript: AutoTokenizer: <s> a b
#   JavaScript: pipeline: a b
#   JavaScript: pipeline, add_special_tokens: <s> a b
#   JavaScript: pipeline, add_bos_token in the folder: <s> a b
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export ONNXRUNTIME_NODE_INSTALL=skip HF_HOME=$work/hf HF_HUB_OFFLINE=1
python3 -m venv venv
venv/bin/python -m pip install -q transformers==5.24.0 tokenizers==0.23.3
npm install --silent --no-fund --no-audit --prefix "$work" @huggingface/transformers@4.3.2

cat > save.py <<'PYTHON'
import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoTokenizer, GPT2Tokenizer

letters = {token: number for number, token in enumerate(["<s>", *sorted(pre_tokenizers.ByteLevel.alphabet())])}
tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
tokenizer.add_special_tokens(["<s>"])
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
tokenizer.decoder = decoders.ByteLevel()
special = dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<s>")
GPT2Tokenizer(tokenizer_object=tokenizer, add_bos_token=True, **special).save_pretrained("plain")
loaded = AutoTokenizer.from_pretrained("plain")
print("Python: AutoTokenizer:", *loaded.convert_ids_to_tokens(loaded("ab").input_ids))
settings = json.loads(Path("plain/tokenizer_config.json").read_text())
print("Python: add_bos_token in the folder:", settings.get("add_bos_token"))
loaded.save_pretrained("told")
Path("told/tokenizer_config.json").write_text(json.dumps({**settings, "add_bos_token": True}))
PYTHON

cat > ask.mjs <<'JS'
import { AutoTokenizer, TextGenerationPipeline, env } from '@huggingface/transformers';
env.allowRemoteModels = false;
env.localModelPath = '.';
let given;
const model = { config: {}, generate: async ({ input_ids }) => (given = input_ids) };  // says what it is given
const show = (title, tokenizer, ids) =>
  console.log(`JavaScript: ${title}:`, ...ids.map((id) => tokenizer.decode([Number(id)])));
const ask = async (title, tokenizer, options) => {
  await new TextGenerationPipeline({ task: 'text-generation', model, tokenizer })('ab', options);
  show(title, tokenizer, [...given.data]);
};
const plain = await AutoTokenizer.from_pretrained('plain');
const told = await AutoTokenizer.from_pretrained('told');
show('AutoTokenizer', plain, plain.encode('ab'));
await ask('pipeline', plain);
await ask('pipeline, add_special_tokens', plain, { add_special_tokens: true });
await ask('pipeline, add_bos_token in the folder', told);
JS
{ venv/bin/python save.py && node ask.mjs; } 2> stderr > seen || { cat stderr; exit 1; }
cat seen
diff seen - <<'SEEN'
Python: AutoTokenizer: <s> a b
Python: add_bos_token in the folder: None
JavaScript: AutoTokenizer: <s> a b
JavaScript: pipeline: a b
JavaScript: pipeline, add_special_tokens: <s> a b
JavaScript: pipeline, add_bos_token in the folder: <s> a b
SEEN
