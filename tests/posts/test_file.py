"""Files of tweets: what is read, in which order, and what is said of a bad one."""

import gzip
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Silent, Timeline
from huggingtweets_hub.core.errors import (
    EmptyTimelineError,
    SourceError,
    UnreadableFileError,
    WrongAccountError,
)
from huggingtweets_hub.posts import source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.file import TweetFile
from huggingtweets_hub.posts.reading import Reading
from tests.posts.archives import Told

ROWS: list[dict[str, Any]] = [
    {"id": str(n), "text": f"tweet, number {n}\nof Ada", "created_at": f"2024-03-0{n}T12:00:00Z"}
    for n in (3, 1, 2)
]


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    import csv
    import io

    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    import io

    import datasets

    file = io.BytesIO()
    datasets.Dataset.from_list(rows).to_parquet(file)
    return file.getvalue()


def as_pages(rows: list[dict[str, Any]]) -> bytes:
    users = {"users": [{"id": "9", "username": "ada", "name": "Ada"}]}
    pages = [{"data": [{**row, "author_id": "9"}], "includes": users, "meta": {}} for row in rows]
    return json.dumps(pages).encode()


CONTENTS = {
    "a.jsonl": as_jsonl(ROWS),
    "a.csv": as_csv(ROWS),
    "semicolons.csv": as_csv(ROWS, ";"),
    "a.parquet": as_parquet(ROWS),
    "pages.json": as_pages(ROWS),
    "tweets.json": json.dumps(ROWS).encode(),
    "pages.jsonl": as_jsonl([{"data": ROWS, "meta": {}}]),
    "concatenated.json": b"".join(json.dumps(row).encode() for row in ROWS),
    "bom.csv": b"\xef\xbb\xbf" + as_csv(ROWS),
}


def read(path: Path, handle: str = "ada") -> Timeline:
    return source.open(path, Budget(0)).fetch(handle, max_tweets=None, since=None, progress=Silent())


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", CONTENTS)
def test_every_kind_gives_the_same_tweets_newest_first(tmp_path: Path, name: str, packed: bool) -> None:
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(CONTENTS[name]) if packed else CONTENTS[name])
    timeline = read(path)
    assert [tweet.id for tweet in timeline.tweets] == ["3", "2", "1"]
    assert timeline.tweets[0].text == "tweet, number 3\nof Ada"
    assert timeline.tweets[0].created_at is not None
    assert timeline.source == "file"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_repeated_ids_count_once(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(as_jsonl(ROWS + ROWS))
    assert len(read(tmp_path / "a.jsonl").tweets) == 3


def test_without_ids_time_decides_and_without_time_the_file(tmp_path: Path) -> None:
    (tmp_path / "timed.jsonl").write_bytes(
        as_jsonl([{k: r[k] for k in ("text", "created_at")} for r in ROWS])
    )
    assert [t.text[14] for t in read(tmp_path / "timed.jsonl").tweets] == ["3", "2", "1"]
    (tmp_path / "plain.jsonl").write_bytes(as_jsonl([{"text": r["text"]} for r in ROWS]))
    assert [t.text[14] for t in read(tmp_path / "plain.jsonl").tweets] == ["3", "1", "2"]


def test_only_the_accounts_own_tweets_are_taken(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "username": "Ada"}, {**ROWS[1], "username": "bob"}]
    (tmp_path / "a.jsonl").write_bytes(as_jsonl(rows))
    timeline = read(tmp_path / "a.jsonl")
    assert [tweet.id for tweet in timeline.tweets] == ["3"]
    assert timeline.account.handle == "Ada"
    assert source.open(tmp_path / "a.jsonl", Budget(0)).account() is None
    with pytest.raises(WrongAccountError, match="posts of @Ada, @bob, but none of @eve"):
        read(tmp_path / "a.jsonl", "eve")


def test_the_author_is_known_where_the_file_names_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(as_jsonl([{**row, "username": "Ada"} for row in ROWS]))
    account = source.open(tmp_path / "a.jsonl", Budget(0)).account()
    assert account is not None and account.handle == "Ada"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b'{"text": "a"}\n{"text": }\n', r"Line 2 of a\.jsonl is not valid JSON"),
        ("a.json", b"[{", "is not valid JSON"),
        ("a.jsonl", b"\xff\xff\x00", "is not UTF-8 text"),
        (
            "a.csv",
            b"PK\x03\x04\x14\x00\x06\x00",
            "is not text; by its content it should end in '.xlsx' or '.zip'",
        ),
        ("a.json", b"\x1f\x8b\x08\x00", "is not text; by its content it should end in '.gz'"),
        ("a.txt", b"SQLite format 3\x00", "is not text; by its content it should end in '.sqlite'"),
        ("a.jsonl.gz", b"no gzip", "could not be read"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "a"}' * 99, mtime=0)[:12], "could not be read"),
        ("a.txt.gz", gzip.compress(b"words\n" * 99, mtime=0)[:-9], "could not be read"),
        ("a.csv", b"id,when\n1,now\n", "no column with the text. Its columns are: id, when"),
        ("a.csv", b'text,id\n"never closed,1\nb,2\n', "is not valid CSV in line 3 or before"),
        ("a.csv", b"text\nhello\nhello, you\n", "line 3 or before: more fields than columns"),
        ("a.json", b'[\n{"text": "a"},\n{"text":}\n]', r"Line 3 of a\.json is not valid JSON"),
        ("a.jsonl", b"[" * 100_000, "is not valid JSON"),
        (
            "a.json",
            b'{"data": {"id": "9", "username": "ada"}}',
            "is not a post: its fields are id, username",
        ),
        ("a.parquet", b"no parquet", "could not be read|not a Parquet"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFileError, match=said) as refused:
        read(tmp_path / name)
    assert refused.value.next_step


LINES = '{"id": "1", "text": "one"}\n{"id": "2", "text": "two"}\n'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (LINES + '{"id": "3", "te', 3),
        (LINES + '{"id": "3", "text": "thr', 3),
        (LINES + '{"id": "3", "text": "three \\u00', 3),
        (LINES + '{"id": "3", "text": "three", "lang": nul', 3),
        (LINES + '{"id": "3", "text": "three", "entities": {"urls": [{"text": "a li', 3),
        (LINES + '{"id": "3", "text": "three", "user"', 3),
        (LINES + '{"id": "3", "text": "three", "score": 1.', 3),
        (LINES + '{"id": "3", "text": "three", "at": [-1.5e', 3),
        (LINES + "{", 3),
        ("[" + LINES.replace("\n", ",\n"), 3),
        ("[" + LINES.replace("\n", ",\n") + '{"id": "3", "text": "th', 3),
        ('{"handle": "ada", "tweets": [' + LINES.replace("\n", ",\n") + '{"id": "3", "text": "th', 3),
        ('{"tweets": [' + LINES.replace("\n", ",\n")[:-2] + '], "inclu', 2),
        ('[{"handle": "ada", "tweets": [' + LINES.replace("\n", ",\n") + '{"id": "3", "text": "th', 3),
        ('{"tweets": {"1": {"text": "one"}, "2": {"text": "two"},\n"3": {"text": "th', 2),
        ('{"columns": ["id", "text"], "data": [["1", "one"], ["2", "two"], ["3", "th', 1),
        (LINES.encode() + '{"id": "3", "text": "thré'.encode()[:-1], 3),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_of_a_file_that_is_cut_off_the_records_before_are_read(
    tmp_path: Path, content: str | bytes, line: int, packed: bool
) -> None:
    plain = content.encode() if isinstance(content, str) else content
    path = tmp_path / ("a.json.gz" if packed else "a.json")
    path.write_bytes(gzip.compress(plain) if packed else plain)
    told = Told()
    timeline = source.open(path, Budget(0)).fetch("ada", max_tweets=None, since=None, progress=told)
    assert [tweet.text for tweet in timeline.tweets] == ["two", "one"]
    assert (
        f"{path.name}: it is cut off in line {line}: only the first 2 posts were read. Download or copy it "
        "again to have all of them."
    ) in told.warnings
    assert not timeline.recognised or not timeline.recognised.passed_over


@pytest.mark.parametrize("end", ["[", "hello", "}", '{"text": }', '{"text": "a"', '"a'])
def test_what_is_not_cut_off_or_is_no_record_is_refused(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.json").write_text(end)
    with pytest.raises(UnreadableFileError, match="Line 1 of a.json is not valid JSON"):
        read(tmp_path / "a.json")


@pytest.mark.parametrize(
    "end", ["hello", "failed", "}", '{"text": }', '{"text": "a"]', "Traceback (most recent"]
)
def test_a_line_that_is_not_json_is_not_taken_for_a_cut(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.jsonl").write_text(LINES + end)
    with pytest.raises(UnreadableFileError, match=r"Line 3 of a\.jsonl is not valid JSON"):
        read(tmp_path / "a.jsonl")


def test_what_is_nested_too_deeply_is_said_to_be_so(tmp_path: Path) -> None:
    for depth in range(600, 1010, 25):  # deep for the parser, or only for what looks into its objects
        (tmp_path / "a.json").write_text('{"result":' * depth + '{"text": "a word or two"}' + "}" * depth)
        with pytest.raises(UnreadableFileError) as refused:
            read(tmp_path / "a.json")
        assert "damaged" not in str(refused.value) and "recursion" not in str(refused.value)
    with pytest.raises(UnreadableFileError, match="nested too deeply"):
        read(tmp_path / "a.json")


def test_columns_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"text": {"0": "one", "1": "two"}, "is_retweet": {"0": true, "1": tr')
    with pytest.raises(UnreadableFileError, match="is not valid JSON"):
        read(tmp_path / "a.json")


def test_a_packed_file_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"tweet number {n}, {hash(str(n))}"} for n in range(1, 2000)]
    path = tmp_path / "a.jsonl.gz"
    packed = gzip.compress(as_jsonl(rows))
    for end in (len(packed) // 2, len(packed) - 3):  # within the records, and after them
        path.write_bytes(packed[:end])
        told = Told()
        tweets = source.open(path, Budget(0)).fetch("ada", max_tweets=None, since=None, progress=told).tweets
        assert {tweet.text for tweet in tweets} <= {row["text"] for row in rows} and len(tweets) > 500
        assert any(f"only the first {len(tweets):,} posts were read" in said for said in told.warnings)


@pytest.mark.parametrize("ends", ["\n", ",\n", ",", " , \n\n"])
def test_lines_may_end_in_commas_and_texts_hold_what_belongs_escaped(tmp_path: Path, ends: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"id": "1", "text": "one\ttab"}}{ends}{{"id": "2", "text": "two\nlines"}}{ends}')
    assert [tweet.text for tweet in read(path).tweets] == ["two\nlines", "one\ttab"]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda folder: read(folder / "missing.csv"), UnreadableFileError),
        (lambda folder: read(folder / "missing.parquet"), UnreadableFileError),
        (
            lambda folder: (folder / "a.jsonl").write_bytes(b"\n") and read(folder / "a.jsonl"),
            EmptyTimelineError,
        ),
        (lambda folder: source.open("tweets.doc", Budget(0)), UnreadableFileError),
    ],
)
def test_no_file_and_no_tweets(tmp_path: Path, act: Callable[[Path], Any], error: type[SourceError]) -> None:
    with pytest.raises(error, match=re.compile(r"no file|holds no posts|not a source of posts")):
        act(tmp_path)


def test_a_page_may_describe_the_author_of_the_pages_before_it(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    pages: list[dict[str, Any]] = [{"data": [{**row, "author_id": "9"}]} for row in ROWS]
    pages[-1]["includes"] = {"users": [{"id": "9", "username": "Ada"}, {"id": "8", "username": "bob"}, None]}
    path.write_bytes(as_jsonl(pages))
    account = source.open(path, Budget(0)).account()
    assert account is not None and account.handle == "Ada"
    assert len(read(path).tweets) == 3
    with pytest.raises(WrongAccountError):
        read(path, "bob")


def test_several_authors_without_names_are_not_mixed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(as_jsonl([{**row, "author_id": row["id"]} for row in ROWS]))
    with pytest.raises(UnreadableFileError, match="3 accounts and names none"):
        read(path)


@pytest.mark.parametrize(
    "name",
    ["likes.jsonl", "like (1).json", "my-favorites.csv", "ada_bookmarks_2024.jsonl", "likedTweets.json",
     "my-mentions.csv", "Recommendations_Received.csv"],
)  # fmt: skip
def test_a_file_without_authors_is_refused_where_it_is_called_likes(tmp_path: Path, name: str) -> None:
    def require_usable(rows: list[dict[str, Any]], **columns: str) -> None:
        (tmp_path / name).write_bytes(as_csv(rows) if name.endswith("csv") else as_jsonl(rows))
        TweetFile(tmp_path / name, reading=Reading(columns=columns)).require_usable("ada")

    for columns in ({}, {"author": ""}):
        with pytest.raises(UnreadableFileError, match="is named like a") as refused:
            require_usable(ROWS, **columns)
        assert "another name" in refused.value.next_step
    require_usable([{**row, "username": "ada"} for row in ROWS])


PRIVATE = ("deleted-tweets.json", "deleted_tweets.csv", "drafts.csv", "direct-messages.json", "dms.txt",
           "twitter-circle-tweet.json", "community-tweet.json", "messages.json", "chat_history.csv",
           "message_1.json")  # fmt: skip


@pytest.mark.parametrize("name", PRIVATE)
def test_a_file_that_is_called_messages_or_drafts_is_refused_whoever_wrote_them(
    tmp_path: Path, name: str
) -> None:
    rows = [{**row, "username": "ada"} for row in ROWS]
    (tmp_path / name).write_bytes(as_csv(rows) if name.endswith(("csv", "txt")) else as_jsonl(rows))
    with pytest.raises(UnreadableFileError, match="never used") as refused:
        TweetFile(tmp_path / name).require_usable("ada")
    assert "another name" in refused.value.next_step


def test_a_spreadsheets_columns_are_known_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\ufeffID;Text;Username\r\n1;a, b;Ada\r\n2;c;Ada\r\n", "utf-8")
    timeline = read(path)
    assert [(tweet.id, tweet.text) for tweet in timeline.tweets] == [("2", "c"), ("1", "a, b")]
    assert timeline.account.handle == "Ada"


def test_a_parquet_file_is_read_without_network_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    import datasets

    looked_up: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: looked_up.append(args) or [])
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "odd [1]*.parquet"
    path.write_bytes(as_parquet(ROWS))
    assert len(read(path).tweets) == 3
    assert not looked_up
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("posts.7z", "Unpack it"),
        ("posts.jsonl.zst", "Unpack it"),
        ("Posts.XLSX", "'CSV UTF-8'"),
        ("posts.ods", "'CSV UTF-8'"),
        ("tweets.db", "sqlite3 -header -csv"),
        ("tweets.sql", "as CSV"),
        ("your_posts.html", "as JSON or CSV"),
        ("posts.docx", "ends in .txt"),
        ("feed.atom", "a blog's feed"),
    ],
)
def test_a_file_in_a_form_that_is_not_read_says_what_to_do(tmp_path: Path, name: str, step: str) -> None:
    assert source.is_file(name)
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    with pytest.raises(UnreadableFileError, match="is not a source of posts") as refused:
        source.open(tmp_path / name, Budget(0))
    assert step in refused.value.next_step


@pytest.mark.parametrize("name", ["posts.txt", "posts.csv", "posts.jsonl", "posts.json", "posts.txt.gz"])
@pytest.mark.parametrize(
    ("beginning", "step"),
    [
        ('<?xml version="1.0"?>\n<rss><item>The lamp is lit again</item>\n</rss>\n', "a blog's feed"),
        ("\n<!DOCTYPE html>\n<p>Log in, to see this</p>\n", "as JSON or CSV"),
        ('<html lang="en">\n<body>Log in, to see this</body>\n</html>\n', "as JSON or CSV"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>\n', "a blog's feed"),
    ],
)
def test_a_page_or_feed_under_another_name_is_not_taken_for_posts(
    tmp_path: Path, name: str, beginning: str, step: str
) -> None:
    content = beginning.encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with pytest.raises(UnreadableFileError, match="a page or a feed") as refused:
        read(tmp_path / name)
    assert step in refused.value.next_step


@pytest.mark.parametrize("first", ["<html> is no language", "<feed me> said the cat", "<rss>!"])
def test_a_post_that_begins_with_a_word_in_brackets_is_no_page(tmp_path: Path, first: str) -> None:
    (tmp_path / "posts.txt").write_text(f"{first}\nThe lamp is lit again\n")
    assert {post.text for post in read(tmp_path / "posts.txt").tweets} == {first, "The lamp is lit again"}


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("data/tweets.xlsx", "'CSV UTF-8'"),
        ("tweets.7z", "Unpack it"),
        ("posts/1.html", "as JSON or CSV"),
        ("feed.atom", "a blog's feed"),
    ],
)
def test_what_a_zip_holds_in_a_form_that_is_not_read_is_named(tmp_path: Path, name: str, step: str) -> None:
    with zipfile.ZipFile(tmp_path / "posts.zip", "w") as archive:
        archive.writestr(name, b"PK")
        archive.writestr("README.html", "<html>")
    with pytest.raises(UnreadableFileError, match=re.escape(f"but it holds {name}.")) as refused:
        source.open(tmp_path / "posts.zip", Budget(0)).account()
    assert step in refused.value.next_step and refused.value.next_step.count("Unpack it") <= 1


def test_of_xs_archive_without_its_posts_a_new_one_is_asked_for(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "posts.zip", "w") as archive:
        archive.writestr("Your archive.html", "<html>")
    with pytest.raises(UnreadableFileError, match="not an X archive") as refused:
        source.open(tmp_path / "posts.zip", Budget(0)).account()
    assert "Request a new one from X" in refused.value.next_step


@pytest.mark.parametrize("form", ["zip", "folder"])
@pytest.mark.parametrize(
    ("names", "step"),
    [
        (("account/user.json", "messages/c1/messages.json", "messages/index.json"), "Discord's package"),
        (
            ("posts/your_posts_1.json", "comments/comments.json"),
            "Use the one that has the posts of the account",
        ),
        (("p/1/post.json", "p/2/post.json"), "put these into one file: cat *.json > all.json"),
        (("posts/posts_1.json", "messages/message_1.json"), "Use the one that has the posts"),
        (("tweets.csv", "likes.json"), "Use the one that has the posts of the account with --from."),
    ],
)
def test_of_several_tables_it_is_said_which_one_to_use(
    tmp_path: Path, names: tuple[str, ...], step: str, form: str
) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "[]")
    if form == "folder":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(path := tmp_path / "export")
    with pytest.raises(UnreadableFileError, match=names[-1]) as refused:
        source.open(path, Budget(0)).account()
    assert step in refused.value.next_step
    assert "cat" not in refused.value.next_step or "message" not in names[-1]
    assert ", with --from" not in refused.value.next_step  # which the page leaves out


@pytest.mark.parametrize(
    "handle", ["instagram:ann.doc", "threads:ann.text", "other:my.log", "threads:ann.js"]
)
def test_a_handle_that_names_its_network_is_no_file_whatever_it_ends_in(handle: str) -> None:
    assert not source.is_file(handle)
