"""Time whole publications, stage by stage, beside those of an older checkout.

    python tests/benchmarks/publish.py OLD_CHECKOUT --base FOLDER --account NASA=nasa-archive.zip --tweets 300

Old and new take turns, each `publish --dry-run` in a process and with a home of its own: first an account
whose base model is new to the machine, then the same account as the next one would be, with only what is kept
of the base model. CPU seconds are those of the process and its children; compare the ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

HERE = Path(__file__).resolve().parents[2]
WHO = ("old", "new")


class Run(NamedTuple):
    """What one publication took: seconds, and megabytes at its peak."""

    cpu: float
    wall: float
    peak: float
    stages: dict[str, float]


def main() -> None:
    """Run and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, help="a checkout of the version to compare with")
    parser.add_argument("--base", required=True, help="a base model's folder or id")
    parser.add_argument("--account", required=True, metavar="HANDLE=FILE")
    parser.add_argument("--tweets", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--seed", default="1")
    parser.add_argument(
        "--option", action="append", default=[], help="of publish, such as --option=--epochs=1"
    )
    asked = parser.parse_args()
    handle, _, source = asked.account.partition("=")
    command = [
        *("publish", handle, "--from", str(Path(source).resolve()), "--base-model", asked.base),
        *(
            "--max-tweets",
            str(asked.tweets),
            "--seed",
            asked.seed,
            "--tracker",
            "none",
            "--dry-run",
            "--json",
        ),
        *asked.option,
    ]
    found: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for number in range(asked.rounds):
        with TemporaryDirectory() as folder:
            for which in ("first", "next"):
                for who in WHO if number % 2 == 0 else reversed(WHO):
                    checkout = HERE if who == "new" else asked.old.resolve()
                    run = timed(command, checkout, Path(folder), f"{who}-{which}", f"{who}-hf", asked.threads)
                    found[who, which].append(run)
                    print(f"{who}, {which}: {run}", file=sys.stderr)
    for which in ("first", "next"):
        old, new = (found[who, which] for who in WHO)
        print(f"\n{asked.tweets} tweets, {which} account: ratio of new to old, {asked.rounds} rounds")
        for name in ("cpu", "wall", "peak"):
            pairs = [
                (getattr(before, name), getattr(after, name)) for before, after in zip(old, new, strict=True)
            ]
            ratios = [after / before for before, after in pairs]
            print(f"| {name} | {pairs[0][0]:.1f} | {pairs[0][1]:.1f} | {statistics.median(ratios):.2f} |")
        for stage in new[0].stages:
            print(f"| {stage} | {old[0].stages.get(stage, 0.0):.1f} | {new[0].stages[stage]:.1f} | |")


def timed(command: list[str], checkout: Path, folder: Path, home: str, cache: str, threads: str) -> Run:
    """One publication in a process of its own."""
    output = folder / f"{home}-output"
    environment = {
        **os.environ,
        "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": threads, "HUGGINGTWEETS_HOME": str(folder / home),
        "HF_HOME": str(folder / cache), "HF_HUB_OFFLINE": "1",
    }  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "huggingtweets_hub", *command, "--output", str(output)],
        env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = process.stderr.read() if process.stderr else ""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(said)
    stages = json.loads((output / "huggingtweets.json").read_text("utf-8"))["stages"]
    wall = time.perf_counter() - began
    return Run(round(used.ru_utime + used.ru_stime, 1), round(wall, 1), used.ru_maxrss / 1024, stages)


if __name__ == "__main__":
    main()
