#!/usr/bin/env bash
# tokenizers 0.23.3; 1 December 2026, Python 3.11 on Linux.
#
# A tokenizer is trained twice on the same texts with the same settings. There is no seed to give, since nothing is
# drawn, and WordPieceTrainer is BpeTrainer with another way to write the pieces. A good guess would be that both times
# give the same tokenizer, whichever kind it is.
#
# Seen: only with plain BPE. Where pairs are as frequent as each other, the numbers of their parts decide which is
# merged first, and the letters inside words (##a, ##b, ...) are numbered in the order of a hash table, which differs
# from call to call, also in one process and on one thread. So WordPiece, and BPE with such a prefix, merge other pairs,
# end with another vocabulary, and cut the texts of their own training otherwise. Whoever trains again with all that is
# recorded gets a tokenizer that does not fit the model. Output, for six trainings of each:
#   BPE: one vocabulary, the same ids, the same tokens
#   BPE with ##: several vocabularies, other ids, other tokens
#   WordPiece: several vocabularies, other ids, other tokens
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q tokenizers==0.23.3

cat > "$work/ask.py" <<'PYTHON'
import random

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

chance = random.Random(0)
letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
words = ["".join(chance.choices(letters, k=chance.randint(2, 7))) for _ in range(1500)]
texts = [" ".join(words[start : start + 10]) for start in range(0, len(words), 10)] * 2
same = {"vocab_size": 500, "show_progress": False}
inside = {"continuing_subword_prefix": "##"}
kinds = {
    "BPE": (models.BPE, trainers.BpeTrainer, {}, {}),
    "BPE with ##": (models.BPE, trainers.BpeTrainer, inside, inside),
    "WordPiece": (models.WordPiece, trainers.WordPieceTrainer, {}, {}),
}


def train(model, trainer, for_model, for_trainer):
    tokenizer = Tokenizer(model(**for_model))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(texts, trainer(**same, **for_trainer))
    return tokenizer


for name, kind in kinds.items():
    trained = [train(*kind) for _ in range(6)]
    vocabularies = {frozenset(one.get_vocab()) for one in trained}
    numbered = {tuple(sorted(one.get_vocab().items())) for one in trained}
    cut = {tuple(tuple(one.encode(text).tokens) for text in texts) for one in trained}
    print(
        f"{name}: {'one vocabulary' if len(vocabularies) == 1 else 'several vocabularies'}, "
        f"{'the same' if len(numbered) == 1 else 'other'} ids, {'the same' if len(cut) == 1 else 'other'} tokens"
    )
PYTHON

TOKENIZERS_PARALLELISM=false "$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" ||
    { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
BPE: one vocabulary, the same ids, the same tokens
BPE with ##: several vocabularies, other ids, other tokens
WordPiece: several vocabularies, other ids, other tokens
SEEN
