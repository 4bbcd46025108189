"""How fast a repository of Bluesky is read, and in how much memory, compared with libipld's own reader.

python tests/benchmarks/repositories.py [POSTS]
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def built(posts: int) -> bytes:
    """A repository as people have them: three likes and a third of a repost for each post."""
    tests = ModuleType("tests")
    tests.__path__ = [str(ROOT / "tests")]
    sys.modules["tests"] = tests
    from tests.servers.repositories import POST, REPOST, Builder, link, post, tid

    builder = Builder()
    began = 1_714_000_000_000_000
    for number in range(posts):
        text = (
            f"Post {number} of the keeper, who lit the lamp and wrote of the sea: example.com/{number % 97}"
        )
        start = text.index("example")
        facets = [link(start, len(text), f"https://example.com/{number % 97}")] if number % 5 == 0 else []
        record = post(text, langs=["en"], facets=facets)
        builder.add(record, POST, tid(began + 60_000_000 * number))
        for like in range(3):
            uri = f"at://did:plc:bbbbbbbbbbbbbbbbbbbbbbbb/{POST}/{tid(began + 60_000_000 * number + like)}"
            subject = {"uri": uri, "cid": "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"}
            like_of = {
                "$type": "app.bsky.feed.like",
                "createdAt": "2024-05-01T12:00:00.000Z",
                "subject": subject,
            }
            builder.add(like_of, "app.bsky.feed.like", tid(began + 60_000_000 * number + like))
        if number % 3 == 0:
            builder.add({"createdAt": "2024-05-01T12:00:00.000Z"}, REPOST, tid(began + 60_000_000 * number))
    return builder.car()


def ours(path: Path) -> int:
    """As `publish` reads it: every digest checked, the tree walked."""
    from huggingtweets_hub.posts.atproto import repository

    return len(repository.read(path).posts)


def theirs(path: Path) -> int:
    """`libipld.decode_car`, and a walk over the tree that it gives: no digest is checked."""
    import libipld

    header, blocks = libipld.decode_car(path.read_bytes())
    todo, found = [blocks[header["roots"][0]]["data"]], 0
    while todo:
        node = blocks[todo.pop()]
        key = b""
        todo += [node["l"]] if node["l"] else []
        for entry in node["e"]:
            key = key[: entry["p"]] + entry["k"]
            todo += [entry["t"]] if entry["t"] else []
            if key.startswith((b"app.bsky.feed.post/", b"app.bsky.feed.repost/")):
                found += "createdAt" in blocks[entry["v"]]
    return found


def measured(way: str, path: Path) -> dict[str, float]:
    """One reading in a process of its own, without its imports."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", way, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return dict(json.loads(done.stdout))


def one(way: str, path: Path) -> None:
    """Read a file, and print what that took."""
    import libipld  # noqa: F401

    from huggingtweets_hub.posts.atproto import repository  # noqa: F401

    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    posts = {"ours": ours, "theirs": theirs}[way](path)
    seconds = time.perf_counter() - start
    rise = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"posts": posts, "seconds": seconds, "MB": rise}))


def main() -> None:
    """Build one repository and read it both ways, three times in turn; the fastest of each counts."""
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "repo.car"
        # In a process of its own, whose memory those that are measured do not begin with.
        subprocess.run([sys.executable, __file__, "--build", str(posts), str(path)], check=True, cwd=ROOT)
        size = path.stat().st_size / 1e6
        runs = [(measured("ours", path), measured("theirs", path)) for _ in range(3)]
    mine, other = (min(way, key=lambda run: run["seconds"]) for way in zip(*runs, strict=True))
    assert mine["posts"] == other["posts"] == posts + (posts + 2) // 3
    print(f"{posts:,} posts, {size:.0f} MB")
    for name, run in (("ours, digests checked", mine), ("libipld.decode_car, unchecked", other)):
        print(f"{name:32} {run['seconds']:6.2f} s {run['MB']:6.0f} MB above the start")
    time_by, memory_by = (other[what] / mine[what] for what in ("seconds", "MB"))
    print(f"theirs by ours: time {time_by:.1f}x, memory {memory_by:.1f}x")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        Path(sys.argv[3]).write_bytes(built(int(sys.argv[2])))
    elif sys.argv[1:2] == ["--one"]:
        sys.path.insert(0, str(ROOT))
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
