"""Pre-train the small English base model that the package carries (`--base-model tiny`).

    python tools/pretrain_tiny.py --corpus classics.txt.gz --out work --hours 2     # go on until then
    python tools/pretrain_tiny.py --out work --decay-steps 400                      # finish what is there
    python tools/pretrain_tiny.py --out work --samples 32                           # look at it
    python tools/pretrain_tiny.py --out work --export huggingtweets_hub/model/tiny  # 8 bits, for the wheel

The corpus is a text, gzipped or not: a paragraph a line, an empty line between books. It stays where it is.
`work` receives the tokenizer, the corpus as token ids, `loss.csv` and two checkpoints:

- `stable.pt`, every five minutes: its learning rate stays up, so training can go on from it at any time, and
  does after a kill;
- `decayed.pt`: the stable one after `--decay-steps` more steps, in which the learning rate falls to zero: the
  model to use. The stable checkpoint is not touched, so that training may go on later.

Posts are short, so it learns short texts: paragraphs and parts of them, up to 400 characters, each after the
separator. A line of speech loses its quotation marks. It is a GPT-2 of transformers; Muon moves its
matrices, AdamW the rest.
"""

import argparse
import copy
import csv
import gzip
import json
import os
import queue
import random
import re
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from huggingtweets_hub.core.settings import SEPARATOR

VOCABULARY = 8_192
POSITIONS = 256
ROW, EVERY_WIDE = 128, 8  # every eighth step sees whole contexts
HEAD = 64
WORKERS = 2  # one for each core
PART = 1_024  # tokens that a worker takes at once
WARMUP = 100
CHECKPOINT_SECONDS = 300
HELD_OUT = 47  # one book of so many
SCORED_BYTES = 60_000
LONGEST = 400

_TYPOGRAPHIC = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "′": "'", "–": "—", "\u00a0": " ", "_": None, "*": None}
    | dict.fromkeys("\ufeff\u200b\u2060\u00ad")
)
_SENTENCE = re.compile(r".+?(?:(?<!Mr)(?<!Mrs)(?<!Dr)(?<!St)[.!?][\"')]*(?=\s)|$)")
_SPOILED = re.compile("[Ã¦©¨¶¯ª\x80-\x9f�]")


# --- texts ----------------------------------------------------------------------------------------


def books(path: Path) -> list[list[str]]:
    """The paragraphs of each book."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [book.split("\n") for book in file.read().split("\n\n") if book.strip()]


def texts(book: list[str], rng: random.Random) -> Iterator[str]:
    """The book as short texts: headings, brackets and typography removed."""
    for paragraph in book:
        text = paragraph.translate(_TYPOGRAPHIC)
        text = re.sub(r"\[[^\]]*\]", "", text)
        text = re.sub(r" +([.,;:!?])(?!\.)", r"\1", " ".join(text.split()))
        is_heading = text.isupper() and len(text) > 12
        if is_heading or _SPOILED.search(text) or sum(map(str.isalpha, text)) < 2:
            continue
        yield from _parts(text, rng)


def _parts(text: str, rng: random.Random) -> Iterator[str]:
    """Whole sentences, together as long as a post."""
    part, room = "", rng.randint(60, LONGEST)
    for sentence in _SENTENCE.findall(text):
        if part and len(part) + len(sentence) > room:
            yield _unquoted(part)
            part, room = "", rng.randint(60, LONGEST)
        part += sentence
    if part.strip():
        yield _unquoted(part)


def _unquoted(text: str) -> str:
    """Without the quotation marks around the whole of it, or one that has no partner."""
    text = text.strip()
    if text.count('"') == 1 or (text.count('"') == 2 and text[0] == text[-1] == '"'):
        text = text.strip('"')
    return text


# --- preparing ------------------------------------------------------------------------------------


def prepare(corpus: Path, out: Path, seed: int) -> None:
    """Write the tokenizer, the token ids of the training books and the texts of the others."""
    import numpy
    from tokenizers import ByteLevelBPETokenizer

    rng = random.Random(seed)
    parts = [list(texts(book, rng)) for book in books(corpus)]
    held_out = [text for i, book in enumerate(parts) if i % HELD_OUT == HELD_OUT // 2 for text in book]
    train = [text for i, book in enumerate(parts) if i % HELD_OUT != HELD_OUT // 2 for text in book]
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(train, VOCABULARY, special_tokens=[SEPARATOR], show_progress=False)
    separator = bpe.token_to_id(SEPARATOR)
    ids = [token for encoded in bpe.encode_batch(train) for token in (separator, *encoded.ids)]
    numpy.save(out / "tokens.npy", numpy.array(ids, dtype=numpy.uint16))
    (out / "held_out.json").write_text(json.dumps(held_out))
    bpe.save(str(out / "tokenizer.json"))
    print(f"{len(train):,} texts, {len(ids):,} tokens; {len(held_out):,} texts held out", flush=True)


class Rows:
    """The rows of each pass: each begins with a text, and the next where a text begins that was cut.

    Attributes:
        place: The pass, and the row in it; to go on from there, set it.
    """

    def __init__(self, tokens: Any, separator: int, seed: int) -> None:
        import numpy

        self._tokens, self._seed, self.place = tokens, seed, (0, 0)
        self._begins = numpy.flatnonzero(tokens[: -POSITIONS - 1] == separator)
        self._made: tuple[int, Any] = (-1, None)

    def take(self, number: int, width: int) -> Any:
        """The next `number` rows of `width` tokens and the one after."""
        import numpy
        import torch

        turn, first = self.place
        rows = self._pass(turn)
        if first + number > len(rows):
            turn, first = turn + 1, 0
            rows = self._pass(turn)
        self.place = (turn, first + number)
        ids = self._tokens[rows[first : first + number, None] + numpy.arange(width + 1)]
        return torch.from_numpy(ids.astype(numpy.int64))

    def _pass(self, turn: int) -> Any:
        import numpy

        if self._made[0] != turn:
            rng = numpy.random.default_rng((self._seed, turn))
            index, starts = int(rng.integers(16)), []
            while index < len(self._begins):
                starts.append(self._begins[index])
                last = int(numpy.searchsorted(self._begins, starts[-1] + ROW, "right")) - 1
                index = max(last, index + 1)
            self._made = turn, rng.permutation(numpy.array(starts))
        return self._made[1]


# --- training -------------------------------------------------------------------------------------


def build(layers: int, width: int, separator: int) -> Any:
    """A GPT-2 with random weights and no dropout."""
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY,
            n_positions=POSITIONS,
            n_embd=width,
            n_layer=layers,
            n_head=width // HEAD,
            activation_function="gelu_pytorch_tanh",  # GPT-2's own, in one operation
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=separator,
            eos_token_id=separator,
            attn_implementation="eager",  # the fastest for short rows on a CPU
        )
    )


def optimizers(model: Any, rate: float, adamw_rate: float) -> list[Any]:
    """Muon for the matrices inside the layers, one for each worker, and AdamW for all else."""
    import torch

    inside = [w for name, w in model.named_parameters() if ".h." in name and w.dim() == 2]
    tables = [w for name, w in model.named_parameters() if ".h." not in name and w.dim() == 2]
    vectors = [w for w in model.parameters() if w.dim() == 1]
    shares = [inside[first::WORKERS] for first in range(WORKERS)]
    return [
        *(
            torch.optim.Muon(share, lr=rate, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
            for share in shares
        ),
        torch.optim.AdamW(
            [{"params": tables}, {"params": vectors, "weight_decay": 0.0}],
            lr=adamw_rate, betas=(0.9, 0.95), weight_decay=0.1, fused=True,
        ),
    ]  # fmt: skip


class Workers:
    """Threads that compute the gradients of parts of a step, each on one core with a copy of the model.

    On a machine that others use, torch's own threads wait for each other in every operation; these meet
    once a step. The copies share the weights, and have gradients of their own.
    """

    def __init__(self, model: Any) -> None:
        import torch

        from huggingtweets_hub.model import loss

        self._model = model
        self._copies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(WORKERS, initializer=torch.set_num_threads, initargs=(1,))
        self._all = [copy.deepcopy(model) for _ in range(WORKERS)]
        for one in self._all:
            for weight, shared in zip(one.parameters(), model.parameters(), strict=True):
                weight.data = shared.data
            self._copies.put((one, loss.by_text(one)))

    def gradients(self, ids: Any) -> float:
        """Give the model the gradients of these rows; the loss in nats a token."""
        import torch

        predicted = ids[:, 1:].numel()
        parts = ids.split(max(1, PART // ids.shape[1]))
        nats = sum(self._pool.map(lambda part: self._nats(part, predicted), parts))
        for weight, *same in zip(
            self._model.parameters(), *(one.parameters() for one in self._all), strict=True
        ):
            weight.grad = torch.stack([one.grad for one in same if one.grad is not None]).sum(0)
            for one in same:
                one.grad = None
        return float(nats)

    def run(self, tasks: list[Callable[[], Any]]) -> None:
        """Run each of these."""
        list(self._pool.map(lambda task: task(), tasks))

    def _nats(self, ids: Any, predicted: int) -> float:
        import torch

        model, nats = self._copies.get()
        with torch.autocast("cpu", torch.bfloat16):
            loss = nats(ids[:, :-1], ids[:, 1:]).sum() / predicted
        loss.backward()
        self._copies.put((model, nats))
        return float(loss.detach())


class Trainer:
    """A model in training, with all that a checkpoint holds."""

    def __init__(self, out: Path, options: argparse.Namespace) -> None:
        import numpy

        from huggingtweets_hub.model import loading

        self.out, self.options = out, options
        self.bpe = (out / "tokenizer.json").read_text("utf-8")
        self.tokenizer = loading.gpt2_tokenizer(self.bpe, POSITIONS)
        self.held_out = _up_to(json.loads((out / "held_out.json").read_text()), SCORED_BYTES)
        separator = self.tokenizer.eos_token_id
        self.rows = Rows(numpy.load(out / "tokens.npy"), separator, options.seed)
        self.model = build(options.layers, options.width, separator)
        self.optimizers = optimizers(self.model, options.rate, options.adamw_rate)
        self.rates = [[g["lr"] for g in each.param_groups] for each in self.optimizers]
        self.workers = Workers(self.model)
        self.step, self.tokens, self.seconds = 0, 0, 0.0

    def take(self, factor: float) -> float:
        """One step, at this part of the learning rate; its loss in nats a token."""
        import torch

        width = POSITIONS if self.step % EVERY_WIDE == EVERY_WIDE - 1 else ROW
        ids = self.rows.take(self.options.tokens // width, width)
        loss = self.workers.gradients(ids)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer, rates in zip(self.optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
        self.workers.run([optimizer.step for optimizer in self.optimizers])
        self.step += 1
        self.tokens += ids[:, 1:].numel()
        return loss

    def score(self) -> float:
        """Bits per byte of the held-out books, each text alone after the separator."""
        from huggingtweets_hub.model import scoring

        return scoring.score(self.model, self.tokenizer, self.held_out, precision="bf16").bits_per_byte

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        import torch

        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.rows.place = tuple(state["place"])
        self.step, self.tokens, self.seconds = state["step"], state["tokens"], state["seconds"]

    def save(self, name: str) -> None:
        """Write a checkpoint, whole or not at all."""
        import torch

        state = {
            "model": self.model.state_dict(),
            "optimizers": [each.state_dict() for each in self.optimizers],
            "place": self.rows.place,
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
        }
        torch.save(state, self.out / f"{name}.new")
        os.replace(self.out / f"{name}.new", self.out / name)

    def log(self, phase: str, losses: list[float]) -> None:
        """Add a line to `loss.csv`."""
        path = self.out / "loss.csv"
        line = {
            "phase": phase,
            "step": self.step,
            "tokens": self.tokens,
            "seconds": round(self.seconds),
            "loss": round(statistics.mean(losses), 4),
            "bits_per_byte": round(self.score(), 4),
        }
        is_new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, line)
            if is_new:
                writer.writeheader()
            writer.writerow(line)
        print(time.strftime("%H:%M:%S"), line, flush=True)


def _up_to(held_out: list[str], size: int) -> list[str]:
    """Texts from all over the books, about so many bytes of them."""
    every = max(1, sum(len(text.encode()) for text in held_out) // size)
    return held_out[::every]


def train(trainer: Trainer, *, steps: int | None, hours: float | None) -> None:
    """Go on at the full learning rate, until so many steps or hours of this model's training are done."""
    losses: list[float] = []
    noted = time.perf_counter()
    while not (steps and trainer.step >= steps) and not (hours and trainer.seconds >= hours * 3600):
        began = time.perf_counter()
        losses.append(trainer.take(min(1.0, (trainer.step + 1) / WARMUP)))
        trainer.seconds += time.perf_counter() - began
        if time.perf_counter() - noted > CHECKPOINT_SECONDS:
            trainer.save("stable.pt")
            trainer.log("stable", losses)
            losses, noted = [], time.perf_counter()
    trainer.save("stable.pt")
    if losses:
        trainer.log("stable", losses)


def decay(trainer: Trainer, steps: int) -> None:
    """Let the learning rate fall to zero."""
    losses: list[float] = []
    for number in range(steps):
        began = time.perf_counter()
        losses.append(trainer.take(1 - (number / steps) ** 0.5))
        trainer.seconds += time.perf_counter() - began
    trainer.save("decayed.pt")
    trainer.log("decayed", losses)


def show(trainer: Trainer, number: int) -> None:
    """Print what it writes after the separator, and how well it predicts."""
    from huggingtweets_hub.model import generation

    print(f"{trainer.score():.4f} bits per byte of the held-out books")
    for sample in generation.draw(trainer.model, trainer.tokenizer, number, seed=trainer.options.seed):
        print(f"- {sample.text}{'' if sample.ended else ' …'}")


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line says."""
    import torch

    from huggingtweets_hub.model import device, tiny

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--decay-steps", type=int)
    parser.add_argument("--samples", type=int)
    parser.add_argument("--export", type=Path)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--tokens", type=int, default=8_192, help="per step")
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--adamw-rate", type=float, default=3e-3)
    options = parser.parse_args(arguments)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    if not (options.out / "tokenizer.json").exists():  # what is written last
        if options.corpus is None:
            parser.error("--corpus is needed the first time")
        prepare(options.corpus, options.out, options.seed)
    trainer = Trainer(options.out, options)
    stable, decayed = options.out / "stable.pt", options.out / "decayed.pt"
    trains = options.decay_steps or options.steps or options.hours
    newest = decayed if decayed.exists() and not trains else stable
    if newest.exists():
        trainer.load(newest)
    with device.memory_kept("cpu"):
        if options.decay_steps:
            decay(trainer, options.decay_steps)
        elif trains:
            train(trainer, steps=options.steps, hours=options.hours)
    if options.samples:
        show(trainer, options.samples)
    if options.export:
        tiny.save(trainer.model, trainer.bpe, options.export)
        shutil.copy(options.out / "loss.csv", options.export)


if __name__ == "__main__":
    main()
