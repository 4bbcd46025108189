#!/usr/bin/env bash
# @huggingface/transformers 4.3.2 (transformers.js) in Node 20, beside transformers 5.24.0 (tokenizers 0.23.3), which
# writes the folder; 1 December 2026.
#
# A byte-level tokenizer loses nothing: what is decoded is the text that was encoded. A good guess would be that both
# libraries decode the same tokens of the same folder to the same text.
#
# Seen: in transformers 5 `clean_up_tokenization_spaces` is off unless a folder says otherwise, and that key is not
# written into tokenizer_config.json unless someone sets it. transformers.js takes a folder without the key for one that
# wants it, and takes blanks out of posts: in "do n't", "you 're" and the like, and before punctuation, where French has
# them. `decode` with `clean_up_tokenization_spaces: false`, or the key in the folder, keeps them. Output:
#   key in the folder: none
#   'hello , world !': Python 'hello , world !', JavaScript 'hello, world!', told not to 'hello , world !'
#   "we do n't , you": Python "we do n't , you", JavaScript "we don't, you", told not to "we do n't , you"
#   'wait ... what ?': Python 'wait ... what ?', JavaScript 'wait... what?', told not to 'wait ... what ?'
#   'merci !': Python 'merci !', JavaScript 'merci!', told not to 'merci !'
#   'good morning': Python 'good morning', JavaScript 'good morning', told not to 'good morning'
#   with false in the folder: 'hello , world !'
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q transformers==5.24.0 tokenizers==0.23.3
cd "$work"
export ONNXRUNTIME_NODE_INSTALL=skip HF_HOME=$work/hf HF_HUB_OFFLINE=1
npm install --silent --no-fund --no-audit --prefix "$work" @huggingface/transformers@4.3.2

cat > save.py <<'PYTHON'
import json, pathlib

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
texts = ["hello , world !", "we do n't , you", "wait ... what ?", "merci !", "good morning"]
for name, options in {"plain": {}, "told": {"clean_up_tokenization_spaces": False}}.items():
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **options).save_pretrained(name)
    pathlib.Path(name, "config.json").write_text(json.dumps({"model_type": "gpt2"}))
loaded = AutoTokenizer.from_pretrained("plain")
said = json.loads(pathlib.Path("plain/tokenizer_config.json").read_text())
rows = [{"text": text, "ids": loaded(text).input_ids} for text in texts]
for row in rows:
    row["python"] = loaded.decode(row["ids"])
key = said.get("clean_up_tokenization_spaces", "none")
pathlib.Path("rows.json").write_text(json.dumps({"key": key, "rows": rows}))
PYTHON

cat > ask.mjs <<'JS'
import fs from 'fs';
import { AutoTokenizer, env } from '@huggingface/transformers';
env.allowRemoteModels = false;
env.localModelPath = process.cwd();
const { key, rows } = JSON.parse(fs.readFileSync('rows.json'));
const quoted = (text) => (text.includes("'") ? `"${text}"` : `'${text}'`);
const [plain, told] = [await AutoTokenizer.from_pretrained('plain'), await AutoTokenizer.from_pretrained('told')];
console.log(`key in the folder: ${key}`);
for (const { text, ids, python } of rows) {
  const kept = plain.decode(ids, { clean_up_tokenization_spaces: false });
  const texts = `Python ${quoted(python)}, JavaScript ${quoted(plain.decode(ids))}, told not to ${quoted(kept)}`;
  console.log(`${quoted(text)}: ${texts}`);
}
console.log(`with false in the folder: ${quoted(told.decode(rows[0].ids))}`);
JS
{ venv/bin/python save.py && node ask.mjs > seen; } 2> stderr || { cat stderr; exit 1; }
cat seen
diff seen - <<'SEEN'
key in the folder: none
'hello , world !': Python 'hello , world !', JavaScript 'hello, world!', told not to 'hello , world !'
"we do n't , you": Python "we do n't , you", JavaScript "we don't, you", told not to "we do n't , you"
'wait ... what ?': Python 'wait ... what ?', JavaScript 'wait... what?', told not to 'wait ... what ?'
'merci !': Python 'merci !', JavaScript 'merci!', told not to 'merci !'
'good morning': Python 'good morning', JavaScript 'good morning', told not to 'good morning'
with false in the folder: 'hello , world !'
SEEN
