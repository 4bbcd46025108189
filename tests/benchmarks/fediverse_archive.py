"""How long it takes to read an archive of the Fediverse, and how much memory beside the posts themselves.

    python tests/benchmarks/fediverse_archive.py [POSTS]

Each reading runs in a process of its own, since a process does not give back the memory of its peak.
Nothing here is collected by pytest: a speed depends on the machine and on what else it does.
"""

import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "servers")]

POSTS = 100_000
ROUNDS = 3
SAID = "the lamp was lit again and the sea went down before the boat came home with bread, "


def write(path: Path, number: int) -> None:
    """An outbox with posts of about 150 letters, a mention and a link; one in ten is a boost."""
    from fediverse_archives import CONTEXT, boost, post

    link = (
        '<a href="https://www.example.com/a/{0}" rel="nofollow noopener"><span class="invisible">https://www.'
        '</span><span class="ellipsis">example.com/a</span><span class="invisible">/{0}</span></a>'
    )
    with path.open("w", encoding="utf-8") as file:
        context = json.dumps(CONTEXT)
        file.write(f'{{"@context":{context},"id":"outbox.json","type":"OrderedCollection","orderedItems":[')
        for index in range(number):
            said = (SAID * 3)[index % 50 :][:150]
            entry = post(index, f"<p>{said}</p><p>{link.format(index)}</p>") if index % 10 else boost(index)
            file.write("," * bool(index) + json.dumps(entry, separators=(",", ":")))
        file.write("]}")


def all_at_once(path: Path) -> None:
    """What takes the whole file into memory, for comparison."""
    with path.open(encoding="utf-8") as file:
        json.load(file)


def entry_by_entry(path: Path) -> None:
    """Every post, none of which is kept."""
    from fediverse_archives import ME

    from huggingtweets_hub.posts.fediverse import members
    from huggingtweets_hub.posts.fediverse.outbox import Outbox
    from huggingtweets_hub.posts.reading import Reading

    with members.opened(path, needed=(members.OUTBOX,)) as found:
        for _ in Outbox(path.name, found, "ann@m.example", ME, Reading()).posts():
            pass


def whole(path: Path) -> None:
    """The timeline, as a source gives it."""
    from huggingtweets_hub import Silent
    from huggingtweets_hub.posts.fediverse import FediverseArchive
    from huggingtweets_hub.posts.reading import Reading

    source = FediverseArchive(path, Reading())
    source.fetch("ann@m.example", max_tweets=None, since=None, progress=Silent())


WAYS: dict[str, Callable[[Path], None]] = {one.__name__: one for one in (all_at_once, entry_by_entry, whole)}


def measure(way: str, path: Path) -> tuple[float, float]:
    """Seconds, and megabytes above what the process had before."""
    code = f"import runpy; runpy.run_path({__file__!r})['report']({way!r}, {str(path)!r})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def report(way: str, path: str) -> None:
    """Print what one reading takes; the imports are not counted."""
    import huggingtweets_hub.posts.fediverse.archive  # noqa: F401

    before, start = peak(), time.perf_counter()
    WAYS[way](Path(path))
    print(time.perf_counter() - start, peak() - before)


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    """Print one line for each way of reading."""
    from fediverse_archives import actor

    number = int(sys.argv[1]) if len(sys.argv) > 1 else POSTS
    print(f"{platform.platform()}, {platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "outbox.json")
        write(path, number)
        Path(folder, "actor.json").write_bytes(actor())
        print(f"{number:,} entries, {path.stat().st_size / 1e6:.0f} MB, the best of {ROUNDS}")
        print(f"{'way':16} {'seconds':>8} {'MB above the start':>20} {'of json.load':>13}")
        took: dict[str, float] = {}
        for way in WAYS:
            rounds = [measure(way, path) for _ in range(ROUNDS)]
            took[way] = min(seconds for seconds, _ in rounds)
            memory = min(megabytes for _, megabytes in rounds)
            print(f"{way:16} {took[way]:8.2f} {memory:20.0f} {took[way] / took['all_at_once']:13.2f}")


if __name__ == "__main__":
    main()
