#!/usr/bin/env bash
# transformers 5.24.0, accelerate 1.15.0, torch 2.13.0 (CPU); 1 December 2026, Python 3.11 on Linux.
#
# Trainer adds up the losses of all predicted tokens of a step and divides by their number. The first token of a text
# is never predicted, which newer versions know: they do not count it. A good guess would be that the loss which Trainer
# reports of a model, in training and in evaluation, is the one that the model itself gives for the same batch.
#
# Seen: they know it of models whose class is named ...ForCausalLM. GPT-2's is named GPT2LMHeadModel, as are others of
# its time; it computes the same loss, and for it the first tokens are counted still. All losses, and all gradients with
# them, are too small by one token a text: by a twentieth for texts of 20 tokens, by a fifth for 5. A perplexity of 50
# is reported as 41 and 23. The two models below give each of 50 tokens the same chance. Output:
#   texts of 5 tokens, Llama: model 3.912, training 3.912, evaluation 3.912, perplexity 50.0
#   texts of 5 tokens, GPT2: model 3.912, training 3.130, evaluation 3.130, perplexity 22.9
#   texts of 20 tokens, Llama: model 3.912, training 3.912, evaluation 3.912, perplexity 50.0
#   texts of 20 tokens, GPT2: model 3.912, training 3.716, evaluation 3.716, perplexity 41.1
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy transformers==5.24.0 accelerate==1.15.0 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import math, sys

import torch
from transformers import (
    GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, Trainer, TrainerCallback, TrainingArguments,
)

SAME = {"vocab_size": 50, "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": False}
models = {
    "Llama": LlamaForCausalLM(
        LlamaConfig(hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, **SAME)
    ),
    "GPT2": GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=1, n_head=2, n_positions=64, **SAME)),
}
losses = []


class Listener(TrainerCallback):
    def on_log(self, args, state, control, logs=None, **others):
        losses.extend(value for name, value in logs.items() if name == "loss")


for length in (5, 20):
    rows = [{"input_ids": [1 + (start + at) % 49 for at in range(length)]} for start in range(8)]
    rows = [{**row, "labels": row["input_ids"]} for row in rows]
    for name, model in models.items():
        torch.nn.init.zeros_(model.lm_head.weight)
        options = TrainingArguments(
            sys.argv[1], per_device_train_batch_size=4, per_device_eval_batch_size=4, gradient_accumulation_steps=2,
            learning_rate=0.0, num_train_epochs=1, logging_steps=1, save_strategy="no", report_to="none", use_cpu=True,
            disable_tqdm=True,
        )
        trainer = Trainer(model, options, train_dataset=rows, eval_dataset=rows, callbacks=[Listener()])
        losses.clear()
        trainer.train()
        evaluated = trainer.evaluate()["eval_loss"]
        ids = torch.tensor([row["input_ids"] for row in rows])
        with torch.no_grad():
            own = model(ids, labels=ids).loss.item()
        (trained,) = losses
        found = f"model {own:.3f}, training {float(trained):.3f}, evaluation {evaluated:.3f}"
        print(f"texts of {length} tokens, {name}: {found}, perplexity {math.exp(evaluated):.1f}")
PYTHON

export HF_HOME=$work/hf HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error OMP_NUM_THREADS=1
"$work/venv/bin/python" "$work/ask.py" "$work/trainer" 2> "$work/stderr" > "$work/said" ||
    { cat "$work/stderr"; exit 1; }
grep "^texts" "$work/said" | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
texts of 5 tokens, Llama: model 3.912, training 3.912, evaluation 3.912, perplexity 50.0
texts of 5 tokens, GPT2: model 3.912, training 3.130, evaluation 3.130, perplexity 22.9
texts of 20 tokens, Llama: model 3.912, training 3.912, evaluation 3.912, perplexity 50.0
texts of 20 tokens, GPT2: model 3.912, training 3.716, evaluation 3.716, perplexity 41.1
SEEN
