"""Time how posts become a corpus: cleaned, near-copies found, divided.

    python tests/benchmarks/corpus.py [OLD_CHECKOUT] --posts 100000

The posts are made from the words of the account that ships with the package: drawn one by one, or each after
one that it followed there, which gives many phrases in common. Versions take turns, each in a process of its
own.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parents[2]
_TIMED = """
import resource, sys, time
from huggingtweets_hub import Silent, fetch_timeline
try:
    from huggingtweets_hub.posts import corpus
except ImportError:  # as it was called once
    from huggingtweets_hub import corpus
timeline = fetch_timeline("made", source=sys.argv[1], progress=Silent())
began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
corpus.build([timeline])
print(time.process_time() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def main() -> None:
    """Run and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, nargs="?", help="a checkout of the version to compare with")
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    versions = {"old": asked.old.resolve(), "new": HERE} if asked.old else {"new": HERE}
    print("| words | version | CPU s, the least of the rounds | MB more |\n| :--- | :--- | ---: | ---: |")
    with TemporaryDirectory() as folder:
        for way in ("one by one", "as they follow"):
            file = Path(folder) / "made.jsonl"
            made = texts(asked.posts, are_chained=way == "as they follow")
            file.write_text("".join(json.dumps({"text": text}) + "\n" for text in made), "utf-8")
            found = defaultdict(list)
            for _ in range(asked.rounds):
                for version, checkout in versions.items():
                    found[version].append(timed(file, checkout))
            for version, runs in found.items():
                seconds, megabytes = min(runs)
                print(f"| {way} | {version} | {seconds:.1f} | {megabytes} |", flush=True)


def timed(file: Path, checkout: Path) -> tuple[float, int]:
    """CPU seconds of one version, and by how many MB its process grew."""
    with TemporaryDirectory() as home:
        environment = {**os.environ, "PYTHONPATH": str(checkout), "HUGGINGTWEETS_HOME": home}
        done = subprocess.run(
            [sys.executable, "-c", _TIMED, str(file)],
            env=environment, cwd=home, check=True, capture_output=True, text=True,
        )  # fmt: skip
    seconds, megabytes = done.stdout.split()
    return float(seconds), int(megabytes)


def texts(number: int, *, are_chained: bool) -> list[str]:
    """So many posts of 6 to 28 words, the same in each run."""
    lines = (HERE / "huggingtweets_hub/posts/sample.jsonl").read_text("utf-8").splitlines()
    words = [word for line in lines for word in json.loads(line)["text"].split() if "http" not in word]
    chance = random.Random(1)
    following = defaultdict(list)
    for one, other in pairwise(words):
        following[one].append(other)
    made = []
    for _ in range(number):
        text = [chance.choice(words)]
        for _ in range(chance.randint(5, 27)):
            text.append(chance.choice(following.get(text[-1], words) if are_chained else words))
        made.append(" ".join(text))
    return made


if __name__ == "__main__":
    main()
