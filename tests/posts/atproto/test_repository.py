"""A repository of Bluesky in a file: what of it is posts, and what is wrong with a file that is not whole."""

import base64
import gzip
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import libipld
import pytest

from huggingtweets_hub import (
    Account,
    EmptyTimelineError,
    InvalidInputError,
    OptedOutError,
    Post,
    Timeline,
    UnreadableFileError,
    WrongAccountError,
    fetch_timeline,
)
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.atproto import repository
from huggingtweets_hub.posts.tables import memory
from tests.servers import repositories
from tests.servers.repositories import (
    DID,
    OTHER,
    POST,
    PROFILE,
    REPOST,
    Builder,
    cid_of,
    framed,
    header,
    link,
    of_posts,
    post,
    reply,
    tid,
    varint,
)

INTENTS = "org.user-intents.declaration"
ANN = "ann.bsky.social"


class Heard(Silent):
    """What is said."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def written(folder: Path, content: bytes, name: str = "repo.car") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def read(
    folder: Path, builder: Builder | bytes, progress: Progress | None = None, **options: Any
) -> Timeline:
    content = builder if isinstance(builder, bytes) else builder.car()
    path = written(folder, content)
    return fetch_timeline(ANN, source=path, progress=progress or Silent(), **options)


def texts(timeline: Timeline) -> list[str]:
    return [one.text for one in timeline.tweets]


def only(folder: Path, record: Any, **options: Any) -> Post:
    """What a single record becomes, beside a post that makes a timeline of it."""
    builder = Builder().add(record, rkey=tid(1)).add(post("a post of its own"), rkey=tid(2))
    _, found = read(folder, builder, **options).tweets
    return found


# --- what is there ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_posts_come_newest_first_whatever_the_order_of_blocks(tmp_path: Path, seed: int) -> None:
    said = [f"Post {number}" for number in range(300)]
    builder = of_posts(said, profile={"displayName": "Ann"})
    timeline = read(tmp_path, builder.car(order=builder.shuffled(seed)))
    assert texts(timeline) == said[::-1]
    assert timeline.account == Account(handle=ANN, name="Ann", id=DID)
    assert timeline.source == "bluesky_repo" and timeline.account.network == "bluesky"
    assert timeline.tweets[-1].created_at == datetime(2024, 4, 24, 23, 6, 40, tzinfo=UTC)


def test_a_file_without_a_handle_names_its_account_by_its_id(tmp_path: Path) -> None:
    path = written(tmp_path, of_posts(["one", "two"]).car())
    assert fetch_timeline(source=path, progress=Silent()).account == Account(handle=DID, id=DID)


def test_the_content_tells_a_repository_not_the_name(tmp_path: Path) -> None:
    path = written(tmp_path, of_posts(["one"]).car(), "download")
    assert texts(fetch_timeline(ANN, source=path, progress=Silent())) == ["one"]


def test_what_the_tree_does_not_name_is_dead(tmp_path: Path) -> None:
    builder = of_posts(["alive"])
    builder.put(post("deleted"))
    assert texts(read(tmp_path, builder)) == ["alive"]


def test_records_that_share_a_block_count_each(tmp_path: Path) -> None:
    builder = Builder()
    for number in range(3):
        builder.add(post("good morning"), rkey=tid(number))
    assert texts(read(tmp_path, builder)) == ["good morning"] * 3


def test_records_of_other_apps_are_not_posts(tmp_path: Path) -> None:
    builder = of_posts(["mine"])
    for collection in (
        "app.bsky.feed.postgate",
        "app.bsky.feed.like",
        "blue.linkat.board",
        "app.bsky.feed.pos",
    ):
        builder.add(post("not mine"), collection)
    assert texts(read(tmp_path, builder)) == ["mine"]


def test_version_2_reads_the_same(tmp_path: Path) -> None:
    assert texts(read(tmp_path, Builder(version=2).add(post("old")))) == ["old"]


def test_reposts_count_and_have_no_words(tmp_path: Path) -> None:
    builder = of_posts(["mine"])
    builder.add({"subject": {"uri": f"at://{OTHER}/{POST}/3k"}, "createdAt": "2024-06-01T00:00:00Z"}, REPOST)
    found = read(tmp_path, builder).tweets
    assert [(one.text, one.is_retweet) for one in found] == [("", True), ("mine", False)]


def test_a_blob_and_other_kinds_of_block_do_no_harm(tmp_path: Path) -> None:
    content = of_posts(["mine"]).car() + framed(cid_of(b"a picture's bytes", 0x55), b"a picture's bytes")
    assert texts(read(tmp_path, content)) == ["mine"]


def test_names_that_are_no_times_are_sorted_by_the_dates(tmp_path: Path) -> None:
    builder = Builder()
    builder.add(post("second", at="2024-02-01T00:00:00Z"), rkey="a-name")
    builder.add(post("third", at="2024-03-01T00:00:00Z"), rkey="self")
    builder.add(post("first", at="2024-01-01T00:00:00Z"), rkey="zzz")
    builder.add(post("never", at="soon"), rkey="b")
    assert texts(read(tmp_path, builder)) == ["third", "second", "first", "never"]


def test_a_post_with_another_name_stands_where_its_date_puts_it(tmp_path: Path) -> None:
    builder = of_posts(["one", "two", "three"])  # a minute apart, from 23:06:40 on
    builder.add(post("between", at="2024-04-24T23:08:10Z"), rkey="a-name")
    builder.add(post("imported", at="2019-01-01T00:00:00Z"), rkey=tid(1_714_000_200_000_000))
    builder.add(post("never", at="soon"), rkey="zzz")
    assert texts(read(tmp_path, builder)) == ["imported", "three", "between", "two", "one", "never"]


# --- a post -----------------------------------------------------------------------------------------

URL = "https://example.com/a/very/long/address?x=1"
SHORT = "example.com/a/very/lon..."


@pytest.mark.parametrize(
    ("text", "facets", "trained"),
    [
        (f"Read {SHORT} now", [link(5, 5 + len(SHORT), URL)], "Read now"),
        (f"日本 🌊 {SHORT}", [link(12, 12 + len(SHORT), URL)], "日本 🌊"),
        ("see x.org and y.org", [link(14, 19, "https://y.org"), link(4, 9, "https://x.org")], "see and"),
        ("read this piece today", [link(5, 15, URL)], "read this piece today"),
        # Not one of these is a link that can be cut out.
        ("see x.org now", [link(4, 99, URL)], "see x.org now"),
        ("see x.org now", [link(-1, 9, URL)], "see x.org now"),
        ("see x.org now", [link(9, 4, URL)], "see x.org now"),
        ("日x.org", [link(1, 8, URL)], "日x.org"),
        ("see x.org now", [link(4, 9, "javascript:alert(1)")], "see x.org now"),
        ("see x.org now", [{"index": {"byteStart": "4"}, "features": []}, 1, None], "see x.org now"),
        ("see x.org now", "no list", "see x.org now"),
        ("@bob.bsky.social hello there", [{"index": {"byteStart": 0, "byteEnd": 16}, "features": [
            {"$type": "app.bsky.richtext.facet#mention", "did": OTHER}]}], "@bob.bsky.social hello there"),
        # Two that overlap: the first of them.
        ("see x.org/abc now", [link(4, 13, "https://x.org/abc"), link(6, 9, "https://y.org")], "see now"),
    ],
)  # fmt: skip
def test_links_are_cut_by_their_bytes(tmp_path: Path, text: str, facets: Any, trained: str) -> None:
    found = only(tmp_path, post(text, facets=facets))
    assert corpus.clean(found.text, is_escaped=False) == trained


def test_links_of_2023_count_in_utf_16(tmp_path: Path) -> None:
    entities = [
        {"type": "link", "index": {"start": 3, "end": 8}, "value": "https://x.org"},
        {"type": "link", "index": {"start": 1, "end": 8}, "value": "https://cut.org"},  # within a letter
        {"type": "mention", "index": {"start": 0, "end": 2}, "value": "did:plc:x"},
    ]
    assert only(tmp_path, post("🌊 x.org", entities=entities)).text == "🌊 https://x.org"


def test_no_post_has_so_many_links_that_looking_for_them_takes_long(tmp_path: Path) -> None:
    text = "x.org " * 150
    facets = [link(6 * number, 6 * number + 5, "https://x.org") for number in range(150)]
    entities = [
        {"type": "link", "index": {"start": 6 * number, "end": 6 * number + 5}, "value": "https://x.org"}
        for number in range(150)
    ]
    for links in ({"facets": facets}, {"entities": entities}):
        assert only(tmp_path, post(text, **links)).text.count("https://") == 100
        assert only(tmp_path, post(text + "x" * 10_000, **links)).text.count("https://") == 0


def test_a_text_is_not_unescaped(tmp_path: Path) -> None:
    assert only(tmp_path, post("write &amp;lt; for &lt;")).text == "write &amp;lt; for &lt;"


@pytest.mark.parametrize(
    ("fields", "is_reply", "is_quote"),
    [
        ({}, False, False),
        ({"reply": reply(OTHER)}, True, False),
        ({"reply": reply(DID)}, False, False),
        ({"reply": "odd"}, True, False),
        ({"reply": None}, False, False),
        ({"embed": {"$type": "app.bsky.embed.record",
                    "record": {"uri": f"at://{OTHER}/{POST}/3k"}}}, False, True),
        ({"embed": {"$type": "app.bsky.embed.recordWithMedia", "media": {},
                    "record": {"record": {"uri": f"at://{OTHER}/{POST}/3k"}}}}, False, True),
        ({"embed": {"$type": "app.bsky.embed.record",
                    "record": {"uri": f"at://{OTHER}/app.bsky.graph.list/3k"}}}, False, False),
        ({"embed": {"$type": "app.bsky.embed.external", "external": {"title": "Not mine"}}}, False, False),
        ({"embed": 5}, False, False),
    ],
)  # fmt: skip
def test_replies_and_quotes(tmp_path: Path, fields: dict[str, Any], is_reply: bool, is_quote: bool) -> None:
    found = only(tmp_path, post("own words", **fields))
    assert (found.text, found.is_reply, found.is_quote) == ("own words", is_reply, is_quote)


TOMORROW = (datetime.now(UTC) + timedelta(hours=12)).isoformat()


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2024-05-01T12:00:00.123456-07:00", "2024-05-01"),
        ("2024-05-01T12:00:00Z", "2024-05-01"),
        pytest.param(TOMORROW, TOMORROW[:10], id="in half a day"),
        ("1970-01-01T00:00:00Z", None),
        ("2022-10-31T23:59:59Z", None),
        ("2077-01-01T00:00:00Z", None),
        ("yesterday", None),
        (1714000000, None),
        (None, None),
    ],
)
def test_a_date_that_cannot_be_true_is_none(tmp_path: Path, at: Any, day: str | None) -> None:
    found = only(tmp_path, {**post("a text"), "createdAt": at})
    assert (found.created_at.date().isoformat() if found.created_at else None) == day


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="only POSIX lets a process move to another zone")
def test_a_date_without_a_zone_is_not_that_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        found = only(tmp_path, post("a text", at="2024-05-01T12:00:00"))
    time.tzset()
    assert found.created_at == datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("langs", "lang"),
    [(["pt-BR", "en"], "pt-BR"), ([], None), ("en", None), ([1], None), (None, None), (["e" * 65], None)],
)
def test_the_first_language_counts(tmp_path: Path, langs: Any, lang: str | None) -> None:
    assert only(tmp_path, post("a text", langs=langs)).lang == lang


def test_records_without_a_text_are_passed_over_and_counted(tmp_path: Path) -> None:
    builder = of_posts(["one", ""])
    for record in ({"text": None}, {"text": 5}, [], "text", None, {}):
        builder.add(record)
    heard = Heard()
    assert texts(read(tmp_path, builder, heard)) == ["", "one"]
    assert "repo.car: skipped 6 posts without a text." in heard.notes


def test_posts_behind_a_warning_are_dropped_unless_they_are_asked_for(tmp_path: Path) -> None:
    builder = of_posts(["plain"])
    builder.add(post("warned of", labels={"values": [{"val": "sexual"}]}), rkey=tid(1))
    heard = Heard()
    assert texts(read(tmp_path, builder, heard)) == ["plain"]
    assert "repo.car: skipped 1 post behind a content warning." in heard.notes
    assert texts(read(tmp_path, builder, content_warnings="keep")) == ["plain", "warned of"]


# --- what an account wishes -------------------------------------------------------------------------


def declared(**intents: Any) -> Builder:
    return of_posts(["a post"]).add({"$type": INTENTS, **intents}, INTENTS, "self")


@pytest.mark.parametrize("key", ["syntheticContentGeneration", "org.user-intents.syntheticContentGeneration"])
@pytest.mark.parametrize("consent", [None, "fictional"])
def test_whoever_forbids_generated_texts_is_left_alone(tmp_path: Path, key: str, consent: Any) -> None:
    builder = declared(**{key: {"allow": False, "updatedAt": "2025-01-01T00:00:00Z"}})
    with pytest.raises(OptedOutError, match="does not allow text to be generated") as caught:
        read(tmp_path, builder, consent=consent)
    assert "--consent self or --consent written" in caught.value.next_step
    for agreed in ("self", "written"):
        assert read(tmp_path, builder, consent=agreed).wishes == ("synthetic-content-not-allowed",)


@pytest.mark.parametrize(
    ("intents", "wishes"),
    [
        ({"syntheticContentGeneration": {"allow": True}}, ("synthetic-content-allowed",)),
        ({"syntheticContentGeneration": {}}, ()),
        ({"syntheticContentGeneration": {"allow": "no"}}, ()),
        ({"bulkDataset": {"allow": False}}, ("bulk-datasets-not-allowed",)),
        (
            {"publicAccessArchive": {"allow": False}, "protocolBridging": {"allow": False}},
            ("archiving-not-allowed",),
        ),
    ],
)
def test_other_intents_are_noted(tmp_path: Path, intents: Any, wishes: tuple[str, ...]) -> None:
    assert read(tmp_path, declared(**intents)).wishes == wishes


def test_of_two_spellings_that_contradict_each_other_the_no_counts(tmp_path: Path) -> None:
    key, allowed, forbidden = "syntheticContentGeneration", {"allow": True}, {"allow": False}
    for plain, prefixed in ((allowed, forbidden), (forbidden, allowed)):
        builder = declared(**{key: plain, f"org.user-intents.{key}": prefixed})
        assert read(tmp_path, builder, consent="self").wishes == ("synthetic-content-not-allowed",)


def test_an_account_for_people_who_are_signed_in_needs_its_owners_consent(tmp_path: Path) -> None:
    builder = of_posts(["one"], profile={"labels": {"values": [{"val": "!no-unauthenticated"}]}})
    for consent in (None, "written"):
        with pytest.raises(OptedOutError, match="only signed-in people"):
            read(tmp_path, builder, consent=consent)  # type: ignore[arg-type]
    assert read(tmp_path, builder, consent="self").wishes == ("signed-in-only",)


def test_a_bot_and_a_profile_against_bots_are_noted_in_a_file_of_ones_own(tmp_path: Path) -> None:
    labels = {"values": [{"val": "bot"}, {"val": 5}, None]}
    builder = of_posts(["one"], profile={"labels": labels, "description": "Sailor. #NoBot", "displayName": 5})
    assert read(tmp_path, builder).wishes == ("bot", "no-bots")
    assert read(tmp_path, of_posts(["one"], profile={"displayName": "Ann #no-bots"})).wishes == ("no-bots",)


# --- whose it is ------------------------------------------------------------------------------------


def test_a_name_is_of_bearable_length(tmp_path: Path) -> None:
    assert read(tmp_path, of_posts(["one"], profile={"displayName": "A" * 5000})).account.name == "A" * 300


def test_the_picture_is_known_by_either_form_of_its_record(tmp_path: Path) -> None:
    cid = cid_of(b"a picture", 0x55)
    text = "b" + base64.b32encode(cid).decode().lower().rstrip("=")
    new = {"$type": "blob", "ref": cid, "mimeType": "image/png", "size": 9}
    forms = (new, {"cid": text, "mimeType": "image/png"})
    odd = ({"cid": "../../etc"}, {"cid": 5}, {"ref": b"x"}, "x", None)
    found = []
    for avatar in (*forms, *odd):
        path = written(tmp_path, of_posts(["one"], profile={"avatar": avatar}).car())
        found.append(repository.read(path).avatar)
    assert found == [text, text, *[None] * len(odd)]


def test_a_file_of_another_account_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, of_posts(["one"], OTHER).car())
    with pytest.raises(WrongAccountError, match=f"is the repository of {OTHER}, not of {DID}"):
        fetch_timeline(DID, source=path, progress=Silent())
    for handle in ("ann", "ann@m.example", "reddit:ann"):
        with pytest.raises(InvalidInputError, match="is from Bluesky"):
            fetch_timeline(handle, source=path, progress=Silent())


@pytest.mark.parametrize("did", ["", "did:plc:short", "ann.bsky.social", 5, None])
def test_a_commit_that_names_no_account_is_damaged(tmp_path: Path, did: Any) -> None:
    with pytest.raises(UnreadableFileError, match="not the commit of a repository"):
        read(tmp_path, Builder(did).add(post("one")))


# --- files that are not whole -----------------------------------------------------------------------


def test_a_file_that_is_cut_off_is_never_read_as_a_shorter_one(tmp_path: Path) -> None:
    builder = of_posts([f"Post {number}" for number in range(40)])
    whole = builder.car()
    for size in sorted(
        {*range(0, 120), *random.Random(0).sample(range(120, len(whole)), 60), len(whole) - 1}
    ):
        with pytest.raises(
            UnreadableFileError, match="cut off|incomplete|not a Bluesky repository|is empty|part of a repo"
        ):
            read(tmp_path, whole[:size])


def test_a_letter_that_was_changed_is_noticed(tmp_path: Path) -> None:
    whole = of_posts(["a lamp", "a ship"]).car()
    assert whole.count(b"a lamp") == 1
    with pytest.raises(UnreadableFileError, match="does not have the digest"):
        read(tmp_path, whole.replace(b"a lamp", b"a lump"))


def test_any_byte_that_was_changed_is_an_error_or_does_no_harm(tmp_path: Path) -> None:
    builder = of_posts([f"Post {number}" for number in range(8)])
    whole = builder.car()
    good = texts(read(tmp_path, whole))
    chance = random.Random(1)
    for place in chance.sample(range(len(whole)), 150):
        damaged = bytearray(whole)
        damaged[place] ^= chance.randrange(1, 256)
        try:
            assert texts(read(tmp_path, bytes(damaged))) == good
        except (UnreadableFileError, EmptyTimelineError):
            continue


def test_a_part_of_a_repository_is_not_a_short_timeline(tmp_path: Path) -> None:
    builder = of_posts([f"Post {number}" for number in range(60)])
    builder.commit()
    records = [*builder.keys.values()]
    nodes = [cid for cid in builder.blocks if cid not in records and cid not in (builder.root, builder.data)]
    assert nodes
    for gone in (records[0], records[-1], nodes[0], builder.data):
        with pytest.raises(UnreadableFileError, match="is incomplete") as caught:
            read(tmp_path, builder.car(leave_out=[gone]))
        assert "Use the whole" in caught.value.next_step
    with pytest.raises(UnreadableFileError, match="incomplete"):
        read(tmp_path, builder.car(leave_out=[builder.root]))


def test_what_is_missing_of_other_collections_is_not_missed(tmp_path: Path) -> None:
    builder = of_posts(["one"])
    builder.add({"$type": "app.bsky.feed.like"}, "app.bsky.feed.like", "3kb")
    like = builder.keys[b"app.bsky.feed.like/3kb"]
    assert texts(read(tmp_path, builder.car(leave_out=[like]))) == ["one"]


def test_a_small_file_cannot_name_a_large_record_without_end(tmp_path: Path) -> None:
    large = libipld.encode_dag_cbor({"text": None, "of": b"x" * (1 << 20)})
    builder = of_posts(["one"])
    for _ in range(70):
        builder.add(large)
    with pytest.raises(UnreadableFileError, match="the same records again and again"):
        read(tmp_path, builder)


def with_tree(node: Callable[[Builder, bytes], Any]) -> bytes:
    """A repository whose tree is a node of one's own, over one post."""
    builder = Builder()
    record = builder.put(post("one"))
    data = builder.put(node(builder, record))
    builder.root = builder.put({"did": DID, "version": 3, "data": data, "rev": "", "prev": None, "sig": b""})
    return builder.car()


def entry(key: bytes, value: Any, *, shared: Any = 0, right: Any = None) -> dict[str, Any]:
    return {"p": shared, "k": key, "v": value, "t": right}


KEY = f"{POST}/3kaaaaaaaaa22".encode()


def deep(builder: Builder, record: bytes) -> Any:
    node: Any = {"l": None, "e": [entry(KEY, record)]}
    for _ in range(100):
        node = {"l": builder.put(node), "e": []}
    return node


def wide(builder: Builder, record: bytes) -> Any:
    """A node of a few bytes a key, each of which is a thousand letters."""
    start = f"{POST}/".encode() + b"a" * 990
    rest = [entry(b"%04d" % n, record, shared=len(start)) for n in range(1, 1001)]
    return {"l": None, "e": [entry(start + b"0000", record), *rest]}


def twice(builder: Builder, record: bytes) -> Any:
    """A node that hangs from two places."""
    inner = builder.put({"l": None, "e": [entry(KEY, record)]})
    return {"l": inner, "e": [entry(f"{POST}/3kb".encode(), record, right=inner)]}


@pytest.mark.parametrize(
    "node",
    [
        lambda b, r: {"e": []},
        lambda b, r: {"l": None, "e": {}},
        lambda b, r: {"l": 5, "e": []},
        lambda b, r: [],
        lambda b, r: {"l": None, "e": [5]},
        lambda b, r: {"l": None, "e": [entry(KEY, None)]},
        lambda b, r: {"l": None, "e": [entry(KEY, r, shared=7)]},
        lambda b, r: {"l": None, "e": [entry(KEY, r, shared=-1)]},
        lambda b, r: {"l": None, "e": [entry(KEY, r, shared="0")]},
        lambda b, r: {"l": None, "e": [entry(b"no-slash", r)]},
        lambda b, r: {"l": None, "e": [entry(f"{POST}/é".encode(), r)]},
        lambda b, r: {"l": None, "e": [entry(f"{POST}/".encode(), r)]},
        lambda b, r: {"l": None, "e": [entry(f"{POST}/a/b".encode(), r)]},
        lambda b, r: {"l": None, "e": [entry(f"{POST}/\x1b[2J".encode(), r)]},
        lambda b, r: {"l": None, "e": [entry(KEY + b"\n", r)]},
        lambda b, r: {"l": None, "e": [entry(KEY + b"b", r), entry(KEY, r)]},
        lambda b, r: {"l": None, "e": [entry(KEY, r), entry(KEY, r)]},
        lambda b, r: {"l": None, "e": [entry(KEY + b"x" * 2000, r)]},
        twice,
        deep,
        wide,
    ],
)
def test_a_tree_that_is_none_is_damaged(tmp_path: Path, node: Callable[[Builder, bytes], Any]) -> None:
    with pytest.raises(UnreadableFileError, match=r"repo\.car is damaged"):
        read(tmp_path, with_tree(node))


@pytest.mark.parametrize("collection", [POST, REPOST])
def test_names_count_towards_the_memory_that_posts_may_take_up(
    tmp_path: Path, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_LARGEST", 500_000)
    for length, is_too_much in ((10, False), (500, True)):
        builder = Builder().add(post("one"))
        for number in range(1_000):
            builder.add(post(""), collection, f"{number:0{length}}")
        if is_too_much:
            with pytest.raises(UnreadableFileError, match="MiB of posts"):
                read(tmp_path, builder)
        else:
            assert len(read(tmp_path, builder).tweets) == 1_001


NESTED = b"\x81" * 5000 + b"\x00"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>Not found</html>", "is a web page, not a Bluesky repository"),
        (b'{"error": "RepoNotFound"}', "is not a Bluesky repository"),
        (gzip.compress(of_posts(["one"]).car(), mtime=0), "is compressed with gzip"),
        (b"\x00" * 100, "is not a Bluesky repository"),
        (header(cid_of(b"x"))[:1] + b"\xff" * 60, "is not a Bluesky repository"),
        (header(cid_of(b"x")), "incomplete"),
        (header(cid_of(b"x"), version=2), "is not a Bluesky repository"),
        (header(cid_of(b"x"), roots=[]), "is not a Bluesky repository"),
        (header(cid_of(b"x"), roots=["x"]), "is not a Bluesky repository"),
        (header(cid_of(b"x")) + b"\x80" * 20, "has no length"),
        (header(cid_of(b"x")) + varint(5 << 20) + b"x" * (5 << 20), "a block of"),
        (header(cid_of(b"x")) + varint(1 << 60), "cut off"),
        (header(cid_of(b"x")) + varint(3) + b"abc", "a block of 3 bytes"),
        (header(cid_of(b"junk")) + framed(cid_of(b"junk"), b"junk"), "cannot be decoded"),
        (header(cid_of(NESTED)) + framed(cid_of(NESTED), NESTED), "is damaged"),
        (header(cid_of(b"\xa0")) + framed(cid_of(b"\xa0"), b"\xa0"), "not the commit"),
    ],
)
def test_what_is_no_repository_is_told_what_it_is(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why) as caught:
        read(tmp_path, content)
    assert caught.value.next_step and "Traceback" not in str(caught.value)


@pytest.mark.parametrize("records", [0, 1])
def test_a_repository_without_posts_is_said(tmp_path: Path, records: int) -> None:
    builder = Builder()
    for _ in range(records):
        builder.add({"createdAt": "2024-06-01T00:00:00Z"}, REPOST)
    with pytest.raises(EmptyTimelineError, match=f"holds no posts of @{ANN}"):
        read(tmp_path, builder)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="There is no file"):
        fetch_timeline(ANN, source=tmp_path / "repo.car", progress=Silent())


def test_the_builder_makes_the_trees_that_the_network_makes() -> None:
    """By the published test vectors: where keys lie, and the root of a tree without records."""
    depths = {
        "2653ae71": 0,
        "blue": 1,
        "app.bsky.feed.post/454397e440ec": 4,
        "app.bsky.feed.post/9adeb165882c": 8,
    }
    assert {key: repositories._depth(key.encode()) for key in depths} == depths
    assert (
        libipld.encode_cid(Builder().commit().data)
        == "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"
    )
    assert PROFILE  # the name that `of_posts` writes
