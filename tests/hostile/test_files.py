"""Files that were made to do harm, or damaged: every one is read, or refused by an error that says why."""

import gzip
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from huggingtweets_hub import Silent, Timeline, card
from huggingtweets_hub.batch import users_file
from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidInputError, UnreadableFileError
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import json_cursor, source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.tables import csv_records
from tests.effort import at_most

MEGABYTE = 1 << 20


def read(path: Path) -> Timeline:
    return source.open(path, Budget(0)).fetch("ada", max_tweets=None, since=None, progress=Silent())


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.jsonl.gz", "a.parquet", "a.zip"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_makes_no_one_wait(tmp_path: Path, name: str, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(UnreadableFileError, match="not a regular file"):
        read(tmp_path / name)


@pytest.mark.parametrize("kind", ["pipe", "device", "large"])
def test_facts_and_users_files_have_an_end(tmp_path: Path, kind: str) -> None:
    for name in ("users.txt", "users.yaml", "facts.json"):
        path = tmp_path / name
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "device":
            path.symlink_to("/dev/zero")
        else:
            with path.open("wb") as file:
                file.truncate(1 << 40)  # a terabyte of nothing
        with pytest.raises(HuggingTweetsError, match="not a regular file|larger than 16 MiB"):
            card.read_facts(path) if name == "facts.json" else users_file.read(path, Order())


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
@pytest.mark.parametrize("encoding", ["latin-1", "mac-roman", "cp850"])
def test_another_encoding_is_refused(tmp_path: Path, name: str, encoding: str) -> None:
    text = "text\nnaïve\n" if name == "a.csv" else '{"text": "naïve"}'
    (tmp_path / name).write_bytes(text.encode(encoding))
    with pytest.raises(UnreadableFileError):
        read(tmp_path / name)


def test_half_surrogates_become_valid_and_nuls_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('\ufeff{"text": "a\\ud800b\\u0000c"}\n', "utf-8")
    assert read(tmp_path / "a.jsonl").tweets[0].text == "a\ufffdb\0c"


def test_a_line_end_of_any_kind_may_stand_in_a_field(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'id,text\r\n1,"a\rb\r\nc\nd"\r\n2,"e"\r\n')
    assert [tweet.text for tweet in read(tmp_path / "a.csv").tweets] == ["e", "a\rb\r\nc\nd"]


@pytest.mark.parametrize(
    ("name", "beginning", "filling"),
    [
        ("a.jsonl.gz", b'{"text": "', b"a"),
        ("a.json.gz", b'[{"text": "', b"a"),
        ("a.json.gz", b'{"data": [{"text": "', b"a"),
        ("a.csv.gz", b'text\n"', b"a"),
        ("a.csv.gz", b'text\n"', b"a\n"),
        ("a.csv.gz", b"text\n", b"a"),
        ("a.csv.gz", b"text", b"a"),
        ("a.csv.gz", b"text", b","),
        ("a.txt.gz", b"one post\n", b"a"),
    ],
)
def test_a_record_without_end_is_refused_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, beginning: bytes, filling: bytes
) -> None:
    monkeypatch.setattr(json_cursor, "LONGEST", MEGABYTE)
    monkeypatch.setattr(csv_records, "LONGEST", MEGABYTE)
    with gzip.open(tmp_path / name, "wb", compresslevel=1) as file:
        file.write(beginning)
        for _ in range(25):
            file.write(filling * (MEGABYTE // len(filling)))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFileError):
            read(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "content", [b"[" * 1_000_000, b'{"a":' * 1_000_000, b'[{"data":' * 300_000, b'{"data":[' * 300_000]
)
def test_json_of_any_depth_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UnreadableFileError, match="is not valid JSON"):
        read(tmp_path / "a.json")


@pytest.mark.parametrize("columns", [10_001, 300_000])
def test_a_table_of_columns_without_end_is_refused(tmp_path: Path, columns: int) -> None:
    (tmp_path / "a.csv").write_text("text" + "," * (columns - 1) + "\na\n", "utf-8")
    with pytest.raises(UnreadableFileError, match="columns or more"):
        read(tmp_path / "a.csv")


def posts(number: int) -> list[dict[str, str]]:
    words = "the lamp the sea and the bread of the house by the shore " * 3
    return [
        {
            "id": str(10**18 + n),
            "text": f"{n} {words}",
            "created_at": "2024-03-05T12:00:00.000Z",
            "lang": "en",
        }
        for n in range(number)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["lines", "list", "page", "csv"])
def test_a_post_takes_little_more_than_its_text(tmp_path: Path, shape: str) -> None:
    number = 8_000
    rows = posts(number)
    path = tmp_path / {"lines": "a.jsonl", "csv": "a.csv"}.get(shape, "a.json")
    if shape == "lines":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    elif shape == "csv":
        path.write_text(
            "id,text,created_at,lang\n" + "".join(",".join(row.values()) + "\n" for row in rows), "utf-8"
        )
    else:
        path.write_text(json.dumps(rows if shape == "list" else {"data": rows, "meta": {}}), "utf-8")
    text = sum(len(row["text"]) + 49 for row in rows) / number
    del rows
    tracemalloc.start()
    try:
        assert len(read(path).tweets) == number
        peak = (tracemalloc.get_traced_memory()[1] - 6 * MEGABYTE) / number  # the chunks
    finally:
        tracemalloc.stop()
    assert peak < text + 450


@pytest.mark.slow
@pytest.mark.parametrize("name", ["users.txt", "users.yaml"])
def test_a_hundred_thousand_bad_lines_are_said_in_fifty(tmp_path: Path, name: str) -> None:
    bad = "o'brien {0}\n" if name == "users.txt" else "- {{handle: ada{0}, opt{0}: 3}}\n"
    number = 100_000 if name == "users.txt" else 30_000
    (tmp_path / name).write_text("".join(bad.format(n) for n in range(number)), "utf-8")
    with at_most(30), pytest.raises(InvalidInputError) as refused:
        users_file.read(tmp_path / name, Order())
    assert len(refused.value.message.split("\n")) == 52 and len(str(refused.value)) < 20_000


BOMBS = {
    "laughs": "models:\n- &a [x,x,x]\n" + "".join(f"- &b{n} [*a,*a,*a]\n" for n in range(20)),
    "nested": "[" * 1_000_000,
    "mappings": "{a: " * 500_000,
    "keys": "? " * 100_000,
    "blocks": "- " * 200_000,
    "number": "- {handle: ada, seed: " + "9" * 100_000 + "}",
    "twice": "- {" + ",".join(["seed: 1"] * 10_000) + "}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_yaml_that_was_made_to_do_harm_is_refused_in_a_moment(tmp_path: Path, name: str) -> None:
    (tmp_path / "users.yaml").write_text(BOMBS[name], "utf-8")
    with at_most(10), pytest.raises(InvalidInputError):
        users_file.read(tmp_path / "users.yaml", Order())
