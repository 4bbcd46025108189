"""Train the same accounts by several recipes, on one split, with one evaluation, and compare.

    python tests/benchmarks/training.py --base openai-community/gpt2 --account NASA=nasa-archive.zip

Each run has a process to itself. Results are added to a file, and what is in it already is not run again, so
that a long comparison can be cut short and gone on with. Without an account the embedded sample is taken.
`trl` and its variants need `pip install trl`.
"""

import argparse
import dataclasses
import itertools
import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from huggingtweets_hub import fetch_timeline

# As the command line sets it, before torch is loaded.
from huggingtweets_hub.core import bars
from huggingtweets_hub.core.progress import Silent, Terminal
from huggingtweets_hub.core.records import Corpus, Recipe
from huggingtweets_hub.model import base as base_models
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import drawing, evaluation, scoring, text_measures, training
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.training import curve as training_curve
from huggingtweets_hub.model.training import recipes
from huggingtweets_hub.posts import corpus

# What each variant changes of a recipe; of the default, one thing at a time.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "original": ("original", {}),
    "original, bf16": ("original", {"bf16": True}),
    "default": ("default", {}),
    "default, float32": ("default", {"bf16": False}),
    "default, tweets in blocks": ("default", {"layout": "blocks", "batch_size": 1}),
    "default, 1,024 tokens a step": ("default", {"block_size": 1024, "learning_rate": 6e-4}),
    "default, two epochs": ("default", {"epochs": 2}),
    "default, embeddings trained": ("default", {"freeze_embeddings": False}),
    "default, adapters": ("default", {"lora": True}),
}
# Learning rate and epochs for TRL; None are its own.
TRL: dict[str, tuple[float | None, float | None]] = {
    "trl": (None, None),
    "trl, 1e-4": (1e-4, 1),
    "trl, 3e-4": (3e-4, 1),
    "trl, 1e-4, 3 epochs": (1e-4, 3),
}
SAMPLES = 64


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--base", default="openai-community/gpt2", help="a Hub id, a folder or scratch")
    parser.add_argument("--account", action="append", metavar="NAME=SOURCE", help="as for publish --from")
    parser.add_argument("--variant", action="append", choices=[*VARIANTS, *TRL])
    parser.add_argument("--seed", action="append", type=int)
    parser.add_argument("--max-tweets", type=int)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--results", type=Path, default=Path("training.jsonl"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(**json.loads(arguments.one))))
        return
    done = results(arguments.results)
    for account in arguments.account or ["sample=sample"]:
        for seed in arguments.seed or [1]:
            for variant in arguments.variant or ["original", "default"]:
                wanted = {
                    "account": account, "seed": seed, "variant": variant, "base": arguments.base,
                    "max_tweets": arguments.max_tweets, "device": arguments.device,
                }  # fmt: skip
                if any(wanted.items() <= run.items() for run in done):
                    continue
                print(f"{account}, seed {seed}: {variant}", file=sys.stderr)
                command = [sys.executable, __file__, "--one", json.dumps(wanted)]
                said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                line = said.splitlines(keepends=True)[-1]  # others may have printed something before
                with arguments.results.open("a") as file:
                    file.write(line)
                done.append(json.loads(line))
    print(table(done))


def results(path: Path) -> list[dict[str, Any]]:
    """The runs of a file of results, none where there is no file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def measured(
    account: str, seed: int, variant: str, base: str, max_tweets: int | None, device: str
) -> dict[str, Any]:
    """One training and what came of it."""
    bars.hush()
    name, _, source = account.partition("=")
    timeline = fetch_timeline(
        "" if source == "sample" else name, source=source, max_tweets=max_tweets, progress=Silent()
    )
    texts = corpus.build([timeline])
    asked, device = device, hardware.pick(device)
    peaks = {kind: multiplications(device, kind) for kind in {"float32", hardware.half_precision(device)}}
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        if variant in TRL:
            found = trained_by_trl(texts, base, *TRL[variant], seed, device, Path(folder) / "model")
        else:
            found = trained(texts, base, variant, seed, device, Path(folder) / "model")
        found["wall"] = round(time.perf_counter() - began, 1)
        found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        model, tokenizer = evaluation.tuned(Path(folder) / "model", device)
        held_out = scoring.score(model, tokenizer, texts.held_out).loss
        drawn = [text.text for text in drawing.draw(model, tokenizer, [""] * SAMPLES, seed=seed)]
    copied = text_measures.copies(drawn, texts.train).overlapping
    overlapping = sum(text in copied for text in drawn) / SAMPLES
    found["share_of_peak"] = round(found.pop("operations") / found["seconds"] / peaks[found["precision"]], 3)
    return {
        "account": account, "seed": seed, "variant": variant, "base": base, "max_tweets": max_tweets,
        "device": asked, "machine": hardware.name(device), "python": platform.python_version(),
        "tweets": len(texts.train), "held_out_loss": round(held_out, 4), "overlapping": overlapping,
        "peaks": peaks, **found,
    }  # fmt: skip


def trained(texts: Corpus, base: str, variant: str, seed: int, device: str, folder: Path) -> dict[str, Any]:
    """A training by one of our recipes."""
    checkpoint = base_models.resolve(base)
    name, changes = VARIANTS[variant]
    lora, others = changes.get("lora", False), {key: v for key, v in changes.items() if key != "lora"}
    characters = sum(map(len, texts.train))
    chosen = recipes.choose(name, base=checkpoint.model.kind, characters=characters, seed=seed, lora=lora)
    recipe: Recipe = dataclasses.replace(chosen, **others)
    if name == "original":  # to its end, since that is looked at, but with its best weights
        training_curve._PATIENCE = sys.maxsize
        recipe = dataclasses.replace(recipe, keep_best=True)
    found = training.train(
        texts, checkpoint, recipe, folder, context=Context(device=device, progress=Terminal())
    ).training
    return {
        "seconds": found.seconds,
        "steps": found.steps,
        "tokens": found.tokens,
        "precision": found.precision,
        "operations": 6 * found.parameters * found.tokens,
        "curve": [
            (p.seconds, p.step, p.validation_loss) for p in found.curve if p.validation_loss is not None
        ],
    }


def trained_by_trl(
    texts: Corpus, base: str, rate: float | None, epochs: float | None, seed: int, device: str, folder: Path
) -> dict[str, Any]:
    """The same tweets through TRL's SFTTrainer, all else by its own defaults."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    location = base_models.resolve(base).location
    tokenizer = AutoTokenizer.from_pretrained(location)
    tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(location, dtype="float32")
    given = {"learning_rate": rate, "num_train_epochs": epochs}
    points: list[tuple[float, int, float]] = []

    class Curve(TrainerCallback):  # type: ignore[misc]
        paused = 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.every = max(1, state.max_steps // 10)
            self.started = time.perf_counter()
            self.measure(0)

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step % self.every == 0 or state.global_step == state.max_steps:
                self.measure(state.global_step)

        def measure(self, step: int) -> None:
            began = time.perf_counter()
            seen = scoring.score(
                model, tokenizer, texts.validation, precision=hardware.half_precision(device)
            )
            points.append((round(began - self.started - self.paused, 3), step, seen.loss))
            self.paused += time.perf_counter() - began

    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder.with_name("trl")), save_strategy="no", report_to="none", seed=seed,
            use_cpu=device == "cpu", disable_tqdm=True, include_num_input_tokens_seen="non_padding",
            **{key: value for key, value in given.items() if value is not None},
        ),
        train_dataset=Dataset.from_dict({"text": list(texts.train)}),
        processing_class=tokenizer,
        callbacks=[Curve()],
    )  # fmt: skip
    with hardware.memory_kept(device):
        trainer.train()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    seconds, steps, _ = points[-1]
    tokens = int(trainer.state.num_input_tokens_seen)
    return {
        "seconds": seconds, "steps": steps, "tokens": tokens, "curve": points,
        "precision": hardware.half_precision(device) if trainer.args.bf16 else "float32",
        "operations": 6 * model.num_parameters() * tokens,
    }  # fmt: skip


def multiplications(device: str, precision: str, size: int = 2048) -> float:
    """The most operations a second in products of large matrices: the best of five."""
    import torch

    kinds = {"float32": torch.float32, "bf16": torch.bfloat16, "float16": torch.float16}
    matrix = torch.rand(size, size, device=device, dtype=kinds[precision])
    seconds = []
    for _ in range(6):
        began = time.perf_counter()
        (matrix @ matrix).sum().item()
        seconds.append(time.perf_counter() - began)
    return 2 * size**3 / min(seconds[1:])


def table(runs: list[dict[str, Any]]) -> str:
    """A table in Markdown, one row an account and variant, the means of its seeds."""
    head = [
        "account (tweets)", "variant", "seeds", "s", "steps", "tokens", "of peak", "validation", "held-out",
        "shared", "MB", "to the original's best", "to its end",
    ]  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "| :--- | :--- |" + " ---: |" * (len(head) - 2)]
    kinds: dict[tuple[Any, ...], dict[str, list[dict[str, Any]]]] = {}
    for run in runs:
        kind = tuple(run[key] for key in ("base", "machine", "account", "max_tweets"))
        kinds.setdefault(kind, {}).setdefault(run["variant"], []).append(run)
    for variants in kinds.values():
        for variant, group in variants.items():
            account = group[0]["account"].partition("=")[0]
            cells = [
                f"{account} ({group[0]['tweets']:,})", variant, str(len(group)),
                f"{mean(run['seconds'] for run in group):,.0f}",
                f"{mean(run['steps'] for run in group):,.0f}",
                f"{mean(run['tokens'] for run in group):,.0f}",
                f"{mean(run['share_of_peak'] for run in group):.0%}",
                spread([best(run)[2] for run in group]),
                spread([run["held_out_loss"] for run in group]),
                f"{mean(run['overlapping'] for run in group):.1%}",
                f"{max(run['peak_mb'] for run in group):,}",
                *(sooner(group, variants.get("original", []), which) for which in (best, end)),
            ]  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def sooner(group: list[dict[str, Any]], original: list[dict[str, Any]], which: Any) -> str:
    """How many times as fast as the original to its loss at the point that `which` names, seed by seed."""
    ratios = []
    for run in group:
        for other in original:
            if other["seed"] == run["seed"]:
                seconds, _, target = which(other)
                ratios.append(seconds / time_to(target, run["curve"]))
    if not ratios or min(ratios) == 0:  # some run never came so far
        return "–"
    return f"{mean(ratios):.1f}×"


def time_to(loss: float, curve: list[tuple[float, int, float]]) -> float:
    """The seconds to a validation loss, straight between the points of the curve; infinite for never."""
    for (before, _, higher), (after, _, lower) in itertools.pairwise(curve):
        if lower <= loss:
            return before + (after - before) * (higher - loss) / (higher - lower)
    return math.inf


def best(run: dict[str, Any]) -> tuple[float, int, float]:
    """The point of a run's curve with the smallest validation loss: seconds, step, loss."""
    return min(run["curve"], key=lambda point: point[2])


def end(run: dict[str, Any]) -> tuple[float, int, float]:
    """The last point of a run's curve."""
    return run["curve"][-1]


def mean(numbers: Any) -> float:
    """Their arithmetic mean."""
    listed = list(numbers)
    return sum(listed) / len(listed)


def spread(numbers: list[float]) -> str:
    """Their mean, and from the smallest to the largest where there are several."""
    if len(numbers) == 1:
        return f"{numbers[0]:.3f}"
    return f"{mean(numbers):.3f} ({min(numbers):.3f}–{max(numbers):.3f})"


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    main()
