"""The parts of a users file that go to machines of their own, as JSON: ["1/4", "2/4", …].

There are no more parts than entries, and none where the file has none. Whether the entries are right is
for `batch` to say, with their lines: a file that cannot be understood here is one part.

usage: shards.py USERS_FILE PARTS
"""

import json
import sys
from pathlib import Path

MOST_JOBS = 256  # of a matrix on GitHub


def shards(users: Path, wanted: int) -> list[str]:
    """`K/N` for each part."""
    parts = min(max(wanted, 1), MOST_JOBS, entries(users))
    return [f"{part}/{parts}" for part in range(1, parts + 1)]


def entries(users: Path) -> int:
    """How many entries a users file has."""
    text = users.read_text("utf-8-sig", "replace")
    if users.suffix.lower() not in (".yaml", ".yml", ".json"):
        return sum(bool(line.partition("#")[0].strip()) for line in text.splitlines())
    import yaml

    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError:
        return 1
    models = tree.get("models", tree) if isinstance(tree, dict) else tree
    return len(models) if isinstance(models, list) else 0 if models is None else 1


if __name__ == "__main__":
    print(json.dumps(shards(Path(sys.argv[1]), int(sys.argv[2]))))
