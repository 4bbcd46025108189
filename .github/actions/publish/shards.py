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
    except (yaml.YAMLError, ValueError, RecursionError):  # the second of a day that no month has
        return 1
    models = tree.get("models", tree) if isinstance(tree, dict) else tree
    return len(models) if isinstance(models, list) else 0 if models is None else 1


def main(users: str, parts: str) -> None:
    """Print the parts, or end with what is wrong with the inputs."""
    if not parts.isdecimal():
        sys.exit(f"::error title=huggingtweets::{parts!r} is not a number of machines. Give 'shards' as 4.")
    try:
        print(json.dumps(shards(Path(users), int(parts))))
    except OSError as error:
        sys.exit(
            f"::error title=huggingtweets::The users file {users!r} could not be read ({error.strerror}). "
            "Give 'users' a file of the repository, by its path in it."
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
