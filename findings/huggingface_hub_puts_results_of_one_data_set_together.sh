#!/usr/bin/env bash
# huggingface_hub 2.4.0; 1 December 2026, Python 3.11 on Linux.
#
# A card's `model-index` lists results, each with its task, its data, its metrics and its source. A program loads the
# card with ModelCard, changes the license, and writes it back. A good guess would be that the results stay what they
# were.
#
# Seen: results of one type of task whose data agree in type, config, split and revision become one. What else tells
# them apart (the name of the data, `args` such as the number of examples shown, the source) is that of the first, so
# that the metrics of the others stand under data on which they were not measured. Where the index names several
# models, the last name stands over the results of all. Nothing says so. Output:
#   before: bot, 2025, 0 shots, source a: 17.2
#   before: bot, 2026, 5 shots, source b: 90.5
#   before: base model, 2025, 0 shots, source c: 60.1
#   after: base model, 2025, 0 shots, source a: 17.2 90.5 60.1
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q huggingface_hub==2.4.0 pyyaml

cat > "$work/ask.py" <<'PYTHON'
import yaml
from huggingface_hub import ModelCard

CARD = """---
license: mit
model-index:
- name: bot
  results:
  - task: {type: text-generation}
    dataset: {type: posts, name: 2025, args: {shots: 0}}
    metrics: [{type: perplexity, value: 17.2}]
    source: {name: a, url: https://example.org/a}
  - task: {type: text-generation}
    dataset: {type: posts, name: 2026, args: {shots: 5}}
    metrics: [{type: perplexity, value: 90.5}]
    source: {name: b, url: https://example.org/b}
- name: base model
  results:
  - task: {type: text-generation}
    dataset: {type: posts, name: 2025, args: {shots: 0}}
    metrics: [{type: perplexity, value: 60.1}]
    source: {name: c, url: https://example.org/c}
---
# A bot
"""


def show(when, text):
    for model in yaml.safe_load(text.split("---")[1])["model-index"]:
        for result in model["results"]:
            data, source = result["dataset"], result["source"]["name"]
            values = " ".join(str(metric["value"]) for metric in result["metrics"])
            print(f"{when}: {model['name']}, {data['name']}, {data['args']['shots']} shots, source {source}: {values}")


show("before", CARD)
card = ModelCard(CARD)
card.data.license = "apache-2.0"
show("after", str(card))
PYTHON

HF_HOME=$work/hf HF_HUB_OFFLINE=1 "$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" ||
    { cat "$work/stderr"; exit 1; }
cat "$work/seen"
test ! -s "$work/stderr"
diff "$work/seen" - <<'SEEN'
before: bot, 2025, 0 shots, source a: 17.2
before: bot, 2026, 5 shots, source b: 90.5
before: base model, 2025, 0 shots, source c: 60.1
after: base model, 2025, 0 shots, source a: 17.2 90.5 60.1
SEEN
