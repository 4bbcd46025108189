"""Every parser meets rubbish: only our own errors come out, and no file is written but where it may be.

FUZZ_INPUTS is the number of inputs for each parser, 100 where it is not set.
"""

import contextlib
import gzip
import json
import os
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import huggingtweets_hub
from huggingtweets_hub import Silent, card
from huggingtweets_hub.batch import users_file
from huggingtweets_hub.batch.ledger import Attempt, Ledger
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import from_json
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.tables.record import has_text
from tests.effort import at_most

INPUTS = int(os.environ.get("FUZZ_INPUTS", "100"))
GOLDEN = Path(__file__).parents[1] / "golden"
fuzzed = settings(max_examples=INPUTS, database=None)

NAMES = [
    "tweet", "text", "full_text", "id", "id_str", "created_at", "lang", "user", "username", "screen_name",
    "name", "author", "author_id", "data", "meta", "includes", "users", "note_tweet", "extended_tweet",
    "reply_to", "referenced_tweets", "type", "date", "time", "timezone", "account", "accounts", "handle",
    "statistics", "downloaded", "retweets", "short", "kept", "repo_id", "thumbnail", "prompt",
    "base_model", "language", "recipe", "evaluation", "samples", "training", "curve", "noteTweet", "core",
    "createdAt", "dataTypes", "files", "count", "profile", "avatarMediaUrl", "accountDisplayName",
    "is_retweet", "models", "defaults", "seed", "from",
]  # fmt: skip
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["ada", "@bob", "1e400", "9" * 20, "9" * 5000, "2024-03-05T12:00:00Z", "Tue Mar 05 12:00:00 +0000 2024",
     "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "NaN", "RT @x", "\ud800", "\0", "\u2028",
     "hub/ada"]
)  # fmt: skip
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**30), 2**63, 1e308])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | TEXTS, inner, max_size=6)
    ),
    max_leaves=20,
)
MARKS = [
    "{", "}", "[", "]", ",", ":", '"', "\\", "\\u", "\\ud83d", "\n", "\r", "\r\n", ";", "\t", " ", "0",
    "-", "1e999", "null", "true", "NaN", '{"data": [', '{"text": "a"}', '"text"', "text,id\n", 'a,"b',
    "\ufeff", "\x00", "é", "&a ", "*a", "- ", "? ", "|", "---\n", "## Training data\n", "| Data | a |\n",
    "@ada", "window.YTD.tweets.part0 = [",
]  # fmt: skip
RUBBISH = st.one_of(
    st.binary(max_size=80),
    st.lists(st.sampled_from([*MARKS, *(json.dumps(name) for name in NAMES)]), max_size=30).map(
        lambda marks: "".join(marks).encode()
    ),
)


def as_json(value: Any) -> bytes:
    with contextlib.suppress(ValueError):  # an int of thousands of digits
        return json.dumps(value).encode()
    return b"9" * 5000


def damaged(sound: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """What has been cut off, and where something else has got in."""
    return st.builds(
        lambda content, at, put, cut: content[: at % (len(content) + 1)]
        + put
        + content[at % (len(content) + 1) + cut :],
        sound, st.integers(0, 10_000), RUBBISH, st.integers(0, 40),
    )  # fmt: skip


JSON = VALUES.map(as_json)
LINES = st.lists(JSON, max_size=4).map(b"\n".join)
CONTENT = st.one_of(RUBBISH, JSON, LINES, damaged(JSON), damaged(LINES))
WRITTEN: list[str] = []
"""What was opened for writing, as long as `folder` watches."""
_WATCHED: list[Path] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHED and event == "open" and isinstance(arguments[0], str):
        is_written = (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if is_written and not Path(arguments[0]).is_relative_to(_WATCHED[0]):
            WRITTEN.append(arguments[0])


sys.addaudithook(_note)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder, beside which nothing is written."""
    WRITTEN.clear()
    with tempfile.TemporaryDirectory() as name:
        _WATCHED.append(Path(name))
        try:
            yield Path(name)
        finally:
            _WATCHED.clear()
    assert WRITTEN == []


def read_or_refused(act: Callable[[], Any]) -> Any:
    try:
        with at_most(5):
            return act()
    except HuggingTweetsError as error:
        assert error.message and error.kind
        return None


def fetched(path: Path) -> None:
    source = read_or_refused(lambda: posts_source.open(path, Budget(0)))
    read_or_refused(source.account)
    read_or_refused(lambda: source.fetch("ada", max_tweets=None, since=None, progress=Silent()))


def test_what_is_written_elsewhere_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), folder():
        (tmp_path / "outside").write_text("x", "utf-8")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.jsonl.gz"])
def test_a_file_is_read_or_refused(name: str) -> None:
    @fuzzed
    @given(CONTENT, st.booleans())
    def one(content: bytes, is_packed: bool) -> None:
        with folder() as here:
            is_packed = is_packed and name.endswith(".gz")
            (here / name).write_bytes(gzip.compress(content, 1) if is_packed else content)
            fetched(here / name)

    one()


ROWS = st.lists(st.lists(TEXTS | st.sampled_from(NAMES), max_size=4), max_size=5)


@fuzzed
@given(ROWS, st.sampled_from(",;\t"), RUBBISH, st.integers(0, 200))
def test_a_table_is_read_or_refused(rows: list[list[str]], mark: str, put: bytes, at: int) -> None:
    lines = [mark.join(row) for row in [["text", "id", "created_at"], *rows]]
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    with folder() as here:
        (here / "a.csv").write_bytes(content[:at] + put + content[at:] if at % 2 else content)
        fetched(here / "a.csv")


@fuzzed
@given(
    st.dictionaries(
        st.sampled_from(["account", "profile", "tweets", "tweets-part1", "note-tweet", "manifest"]), CONTENT
    ),
    st.booleans(),
)
def test_an_unpacked_archive_is_read_or_refused(members: dict[str, bytes], is_owned: bool) -> None:
    with folder() as here:
        (here / "data").mkdir()
        (here / "data" / "tweets.js").write_bytes(b'= [{"tweet": {"full_text": "a"}}]')
        for name, content in members.items():
            (here / "data" / f"{name}.js").write_bytes(b"= " + content)
        if is_owned:
            (here / "data" / "account.js").write_bytes(b'= [{"account": {"username": "ada"}}]')
        fetched(here)


@fuzzed
@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6), st.integers(0, 2000), CONTENT
)
def test_a_damaged_zip_is_read_or_refused(places: list[tuple[int, int]], end: int, content: bytes) -> None:
    with folder() as here:
        with zipfile.ZipFile(here / "a.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("data/account.js", '= [{"account": {"username": "ada"}}]')
            zipped.writestr("data/tweets.js", b"= " + content)
        packed = bytearray((here / "a.zip").read_bytes())
        for at, byte in places:
            packed[at % len(packed)] = byte
        (here / "a.zip").write_bytes(packed[:end] if end % 5 == 0 else packed)
        fetched(here / "a.zip")


@fuzzed
@given(st.dictionaries(st.sampled_from(NAMES) | TEXTS, VALUES, max_size=8))
def test_any_record_is_a_tweet_and_may_have_an_author(record: dict[str, Any]) -> None:
    tweet = formats.tweet(record)
    read_or_refused(lambda: formats.author(record))
    has_text(record)
    formats.newest_first([tweet, tweet])


@pytest.mark.parametrize("name", ["users.txt", "users.yaml", "users.json"])
def test_a_users_file_is_read_or_refused(name: str) -> None:
    @fuzzed
    @given(CONTENT)
    def one(content: bytes) -> None:
        with folder() as here:
            (here / name).write_bytes(content)
            read_or_refused(lambda: users_file.read(here / name, Order()))

    one()


SEED_CARD = (GOLDEN / "seed_card.md").read_bytes()


@fuzzed
@given(damaged(st.just(SEED_CARD)) | CONTENT)
def test_a_card_is_read_or_refused(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    read_or_refused(lambda: huggingtweets_hub.parse_card(text))
    card.findings(text)


@fuzzed
@given(CONTENT | damaged(st.just((GOLDEN / "seed_facts.json").read_bytes())))
def test_facts_are_rendered_or_refused(content: bytes) -> None:
    with folder() as here:
        (here / "facts.json").write_bytes(content)
        if facts := read_or_refused(lambda: card.read_facts(here / "facts.json")):
            read_or_refused(lambda: card.render(facts))


@fuzzed
@given(VALUES)
def test_json_is_a_record_or_refused(value: Any) -> None:
    read_or_refused(lambda: from_json(CardFacts, value))


def asked(path: Path) -> None:
    ledger = Ledger(path)
    try:
        for act in (ledger.latest, lambda: ledger.last("hub/ada"), lambda: ledger.attempts("hub/ada")):
            read_or_refused(act)
    finally:
        ledger.close()


@pytest.fixture(scope="module")
def sound_ledger(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    ledger = Ledger(path)
    ledger.add(Attempt(repo_id="hub/ada", number=n, handles=("ada",)) for n in range(40))
    ledger.close()
    return path.read_bytes()


def test_a_ledger_is_read_or_refused(sound_ledger: bytes) -> None:
    @fuzzed
    @example(None, [(sound_ledger.index(b"CREATE TABLE") + 4, b"\x80")])
    @given(RUBBISH | st.none(), st.lists(st.tuples(st.integers(0, len(sound_ledger)), RUBBISH), max_size=8))
    def one(content: bytes | None, places: list[tuple[int, bytes]]) -> None:
        found = bytearray(sound_ledger if content is None else content)
        for at, put in places:
            found[at : at + len(put)] = put
        with folder() as here:
            (here / "ledger.sqlite").write_bytes(found)
            read_or_refused(lambda: asked(here / "ledger.sqlite"))

    one()


@fuzzed
@given(
    st.sampled_from(["handles", "stages", "began", "tweets_bought", "message", "state"]),
    TEXTS | JSON | NUMBERS,
)
def test_a_row_that_something_else_has_written_is_read_or_refused(column: str, value: Any) -> None:
    with folder() as here:
        ledger = Ledger(here / "ledger.sqlite")
        ledger.add([Attempt(repo_id="hub/ada", number=1, handles=("ada",))])
        ledger.close()
        with contextlib.closing(sqlite3.connect(here / "ledger.sqlite")) as other:
            with contextlib.suppress(OverflowError, UnicodeEncodeError):
                other.execute(f"UPDATE attempts SET {column} = ?", [value])
            other.commit()
        read_or_refused(lambda: asked(here / "ledger.sqlite"))
