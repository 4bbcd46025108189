"""Archives that were made to do harm: bombs, links, paths, and members that are nobody's business."""

import json
import os
import stat
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Silent, Timeline
from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import json_cursor, source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.tables import memory

ACCOUNT = 'window.YTD.account.part0 = [{"account": {"username": "ada", "accountDisplayName": "Ada"}}]'
POST = {"tweet": {"id_str": "7", "full_text": "the lamp is lit " * 15, "lang": "en"}}
TWEETS = f"window.YTD.tweets.part0 = [{json.dumps(POST)}]"
MEGABYTE = 1 << 20


def read(path: Path) -> Timeline:
    return source.open(path, Budget(0)).fetch("ada", max_tweets=None, since=None, progress=Silent())


def packed(folder: Path, pieces: Iterator[bytes], **more: str) -> Path:
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        zipped.writestr("data/account.js", ACCOUNT)
        for name, content in more.items():
            zipped.writestr(name, content)
        with zipped.open("data/tweets.js", "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
    return path


def unpacked(folder: Path) -> Path:
    (folder / "archive" / "data").mkdir(parents=True)
    (folder / "archive" / "data" / "account.js").write_text(ACCOUNT, "utf-8")
    (folder / "archive" / "data" / "tweets.js").write_text(TWEETS, "utf-8")
    return folder / "archive"


def repeated(megabytes: int) -> Iterator[bytes]:
    """A sound list of so many megabytes, of one post."""
    post = {"tweet": {**POST["tweet"], "source": "a" * 3000}}
    some = (json.dumps(post) + ",\n").encode() * 300
    yield b"window.YTD.tweets.part0 = ["
    for _ in range(megabytes * MEGABYTE // len(some) + 1):
        yield some
    yield json.dumps(POST).encode() + b"]"


def peak_of(act: Any) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_member_is_read_in_the_memory_of_a_few_records(tmp_path: Path) -> None:
    path = packed(tmp_path, repeated(20))
    assert path.stat().st_size < MEGABYTE // 2
    assert peak_of(lambda: read(path)) < 16 * MEGABYTE


def test_two_hundred_megabytes_of_one_post_are_one_post(tmp_path: Path) -> None:
    path = packed(tmp_path, repeated(200))
    assert len(read(path).tweets) == 1


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_member_of_five_gigabytes_is_read_in_the_memory_of_a_few_records(tmp_path: Path) -> None:
    import resource

    path = packed(tmp_path, repeated(5000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(read(path).tweets) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize(
    ("beginning", "filling"),
    [
        (b'[{"tweet": {"full_text": "', b"a"),  # one text
        (b'[{"tweet": {"full_text": "a", "x": [', b"[],"),  # one record
        (b'[{"tweet": {"full_text": "a"}}, ', b"\x00"),
        (b"", b"a"),  # no list at all
        (b"", b" "),
    ],
)
def test_a_value_without_end_is_refused_after_a_few_megabytes(
    tmp_path: Path, beginning: bytes, filling: bytes
) -> None:
    read_bytes = 0

    def endless() -> Iterator[bytes]:
        yield beginning
        for _ in range(30):
            yield filling * (MEGABYTE // len(filling))

    path = packed(tmp_path, endless())

    class Counting(zipfile.ZipExtFile):
        def read(self, n: int | None = -1) -> bytes:
            nonlocal read_bytes
            content = super().read(n)
            read_bytes += len(content)
            return content

        def read1(self, n: int | None) -> bytes:
            nonlocal read_bytes
            content = super().read1(n)
            read_bytes += len(content)
            return content

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile, "ZipExtFile", Counting)
        patch.setattr(json_cursor, "LONGEST", 2 * MEGABYTE)
        with pytest.raises(UnreadableFileError, match=r"tweets\.js in archive\.zip could not be read"):
            read(path)
    assert 0 < read_bytes <= 6 * MEGABYTE


def test_blanks_without_end_take_no_memory(tmp_path: Path) -> None:
    blanks = (b"[" if n == 0 else b" " * MEGABYTE for n in range(40))
    path = packed(tmp_path, blanks)

    def refused() -> None:
        with pytest.raises(UnreadableFileError, match="an unclosed list"):
            read(path)

    assert peak_of(refused) < 16 * MEGABYTE


def test_more_posts_than_fit_into_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_LARGEST", MEGABYTE)
    posts = ",".join(json.dumps({"tweet": {"full_text": ""}}) for _ in range(5000))
    with pytest.raises(UnreadableFileError, match="more than 1 MiB of posts"):
        read(packed(tmp_path, iter([f"[{posts}]".encode()])))


def test_members_with_paths_out_of_the_archive_are_never_touched(tmp_path: Path) -> None:
    outside = {name: "gotcha" for name in ("../x", "/tmp/absolute.js", "data/../../y", "..\\z", "C:\\w")}
    path = packed(tmp_path, iter([TWEETS.encode()]), **outside)
    before = sorted(tmp_path.rglob("*"))
    assert len(read(path).tweets) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_a_zip_is_read_as_what_it_is(tmp_path: Path) -> None:
    secret = tmp_path / "secret.js"
    secret.write_text(TWEETS, "utf-8")
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("data/account.js", ACCOUNT)
        link = zipfile.ZipInfo("data/tweets.js")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, str(secret))
    with pytest.raises(UnreadableFileError, match="could not be read"):
        read(path)


def test_a_link_beside_a_file_of_posts_is_refused(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    (folder / "data/account.js").rename(tmp_path / "elsewhere.js")
    (folder / "data/account.js").symlink_to(tmp_path / "elsewhere.js")
    with pytest.raises(UnreadableFileError, match="leads out of the archive"):
        read(folder / "data/tweets.js")


def test_links_in_a_circle_have_an_end(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    for name in ("data/again", "more"):
        (folder / name).symlink_to(folder)
    assert len(read(folder).tweets) == 1


@pytest.mark.parametrize("linked", ["data/tweets.js", "data/account.js", "data"])
def test_a_link_that_leads_out_of_an_unpacked_archive_is_refused(tmp_path: Path, linked: str) -> None:
    folder = unpacked(tmp_path)
    (folder / linked).rename(tmp_path / "elsewhere")
    (folder / linked).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnreadableFileError, match="leads out of the archive"):
        read(folder)


def test_an_archive_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(unpacked(tmp_path))
    assert len(read(tmp_path / "link").tweets) == 1


@pytest.mark.parametrize("name", ["data/tweets.js", "data/manifest.js", "data/note-tweet.js"])
def test_a_pipe_in_place_of_a_member_makes_no_one_wait(tmp_path: Path, name: str) -> None:
    folder = unpacked(tmp_path)
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    if name == "data/manifest.js":  # which nobody needs
        assert len(read(folder).tweets) == 1
    else:
        with pytest.raises(UnreadableFileError, match="not a regular file"):
            read(folder)


def test_what_is_private_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpacked(tmp_path)
    for name in (
        "direct-messages.js",
        "ip-audit.js",
        "direct-messages-group.js",
        "tweets.js.bak",
        "deleted-tweets.js",
        "deleted-tweet-headers.js",
        "deleted-note-tweet.js",
        "grok-chat-item.js",
        "phone-number.js",
        "direct-messages.zip",
        "messages.csv",
    ):
        (folder / "data" / name).write_text("secret", "utf-8")
    opened: list[str] = []
    really = files.regular

    def noted(path: str, flags: int) -> int:
        opened.append(Path(path).name)
        return really(path, flags)

    monkeypatch.setattr(files, "regular", noted)
    for path in (folder, folder.parent, folder / "data" / "tweets.js"):
        read(path)
        assert set(opened) == {"account.js", "tweets.js"}


def test_what_is_private_may_be_damaged_beyond_reading(tmp_path: Path) -> None:
    path = packed(tmp_path, iter([TWEETS.encode()]), **{"data/direct-messages.js": "secret " * 99})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as zipped:
        private = zipped.getinfo("data/direct-messages.js")
    content[private.header_offset + 30 + len(private.filename)] ^= 0xFF
    at = content.rindex(b"data/direct-messages.js") - 46
    content[at + 10 : at + 12] = b"\x63\x00"  # a compression that nobody knows
    path.write_bytes(content)
    assert len(read(path).tweets) == 1
    with zipfile.ZipFile(path) as zipped, pytest.raises(NotImplementedError):
        zipped.read("data/direct-messages.js")


def test_a_member_that_has_lost_its_name_is_passed_over(tmp_path: Path) -> None:
    path = packed(tmp_path, iter([TWEETS.encode()]), nameless="secret " * 99)
    path.write_bytes(path.read_bytes().replace(b"nameless", b"\0ameless"))
    with zipfile.ZipFile(path) as zipped:
        assert "" in zipped.namelist()
    assert len(read(path).tweets) == 1


def test_a_name_that_is_no_text_is_damage(tmp_path: Path) -> None:
    path = packed(tmp_path, iter([TWEETS.encode()]), **{"dät": "x"})
    path.write_bytes(path.read_bytes().replace("dät".encode(), b"d\xff\xfft"))
    with pytest.raises(UnreadableFileError, match="damaged or cut off"):
        read(path)


TABLE = "id,text\n" + "".join(f"{number},the lamp is lit on evening {number}\n" for number in range(300))
NOTE = {"type": "Create", "object": {"type": "Note", "content": "<p>the lamp is lit</p>"}}
CONTENTS = {
    "an archive of X": {"data/account.js": ACCOUNT, "data/tweets.js": TWEETS * 20},
    "a table": {"posts.csv": TABLE},
    "a table of JSON": {"posts.json": json.dumps([POST["tweet"]] * 300)},
    "Mastodon": {
        "actor.json": json.dumps({"type": "Person", "preferredUsername": "ada", "id": "https://a.example/ada"}),
        "outbox.json": json.dumps({"type": "OrderedCollection", "orderedItems": [NOTE] * 300}),
    },
    "Threads": {"threads/threads_and_replies.json": json.dumps({"text_post_app_text_posts": [{}] * 3000})},
}  # fmt: skip


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize(
    ("method", "spoil", "said"),
    [
        (zipfile.ZIP_LZMA, "content", "damaged"),
        (zipfile.ZIP_BZIP2, "content", "damaged"),
        (zipfile.ZIP_DEFLATED, "content", "damaged"),
        (zipfile.ZIP_DEFLATED, "encrypted", "is encrypted"),
        (zipfile.ZIP_DEFLATED, "deflate64", "uses a compression that cannot be read"),
    ],
)
def test_a_zip_file_that_cannot_be_unpacked_says_why(
    tmp_path: Path, kind: str, method: int, spoil: str, said: str
) -> None:
    path = tmp_path / "posts.zip"
    with zipfile.ZipFile(path, "w", method) as zipped:
        for name, content in CONTENTS[kind].items():
            zipped.writestr(name, content)
        central = zipped.start_dir
    content = bytearray(path.read_bytes())
    # A member's flags and method stand 6 and 8 bytes into its header of 30, and 8 and 10 bytes into its entry
    # of 46 in the list at the end; its name follows either.
    for member in zipped.infolist():
        head = member.header_offset
        listed = content.index(member.filename.encode(), central) - 46
        if spoil == "content":
            begins = head + 30 + len(member.filename)
            for place in range(begins + 20, begins + member.compress_size):
                content[place] ^= 0x5A
        elif spoil == "encrypted":
            content[head + 6] |= 1
            content[listed + 8] |= 1
        else:
            content[head + 8] = content[listed + 10] = 9
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=said):
        read(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data/account.js", '[{"account": 5}]'),
        ("data/account.js", '[{"account": [{"username": "ada"}]}]'),
        ("data/account.js", "[5]"),
        ("data/profile.js", '[{"profile": "x"}]'),
        ("data/manifest.js", '{"dataTypes": [1]}'),
        ("data/manifest.js", '{"dataTypes": {"tweets": {"files": {"a": 1}}}}'),
        ("data/manifest.js", '{"dataTypes": {"tweets": {"files": [1, {"count": "' + "9" * 9999 + '"}]}}}'),
        ("data/note-tweet.js", '[{"noteTweet": [1]}, {"noteTweet": {"createdAt": "2024-03-05", "core": 5}}]'),
        ("data/tweets.js", '[{"tweet": true}, {"tweet": [1]}, {"tweet": ["a"]}, {"tweet": ""}]'),
        ("data/tweets.js", "[" * 100_000),
        ("data/tweets.js", '[{"tweet": {"full_text": ' + "[" * 100_000),
        ("data/tweets.js", '[{"tweet": {"id": ' + "9" * 5000 + "}}]"),
    ],
)  # fmt: skip
def test_a_member_of_another_shape_is_read_or_refused(tmp_path: Path, name: str, content: str) -> None:
    folder = unpacked(tmp_path)
    (folder / name).write_text(content, "utf-8")
    try:
        assert read(folder).account.handle == "ada"
    except UnreadableFileError as error:
        assert error.next_step
