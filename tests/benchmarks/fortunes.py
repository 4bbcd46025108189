"""Turn files of fortune(6) into an account's posts: texts of other styles that anyone can install.

python tests/benchmarks/fortunes.py /usr/share/games/fortunes/zippy > zippy.jsonl
"""

import argparse
import json
import random
import re
import sys
from pathlib import Path


def posts(files: list[Path], limit: int) -> list[str]:
    """The entries that would fit into a tweet, each once, in one random order."""
    found: dict[str, None] = {}
    for path in files:
        for entry in re.split(r"\n%.*\n", path.read_text("utf-8", "replace")):
            text = " ".join(entry.split())
            if 30 <= len(text) <= 280:
                found[text] = None
    return random.Random(1).sample(list(found), min(limit, len(found)))


def main() -> None:
    """Write JSON lines to stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=1_500)
    arguments = parser.parse_args()
    for number, text in enumerate(posts(arguments.files, arguments.limit)):
        sys.stdout.write(json.dumps({"id": str(1_000_000 + number), "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
