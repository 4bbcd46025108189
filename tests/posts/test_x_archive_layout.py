"""Archives as people keep them: packed again, renamed, copied, or only one file of them."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import containers, source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.x_archive import lone_table
from tests.posts.archives import (
    ACCOUNT,
    PLAIN,
    TWEETS,
    Told,
    archive,
    ids,
    js,
    manifest,
    read,
    tweets,
    unpacked,
)

OTHERS = {"data/account.js": ACCOUNT, "data/tweets.js": js("YTD.tweets.part0", tweets(7))}


def inside(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def tarred(path: Path, files: dict[str, str]) -> Path:
    mode = "w" if path.suffix == ".tar" else "w:gz"
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            tar.addfile(member, io.BytesIO(content.encode()))
    return path


# --- where the files are ----------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["twitter", "twitter/twitter", "a/b/twitter-2024", "a b/ü"])
def test_under_any_folders(tmp_path: Path, folder: str) -> None:
    told = Told()
    assert ids(read(archive(tmp_path, inside(folder, PLAIN)), told=told)) == [5, 2, 1]
    assert ids(read(unpacked(tmp_path / "x", inside(folder, PLAIN)), told=told)) == [5, 2, 1]
    assert told.warnings == told.notes == []


@pytest.mark.parametrize("folder", ["", "twitter-2024\\"])
def test_names_with_backslashes_in_a_zip_made_on_windows(tmp_path: Path, folder: str) -> None:
    names = {folder + name.replace("/", "\\"): content for name, content in PLAIN.items()}
    timeline = read(archive(tmp_path, names))
    assert ids(timeline) == [5, 2, 1] and timeline.account.name == "Ada 🔦"


def test_names_in_any_case(tmp_path: Path) -> None:
    names = {"Data/Account.js": ACCOUNT, "Data/Tweets.js": TWEETS, "Data/TWEETS-PART1.JS": "[]"}
    assert ids(read(archive(tmp_path, names))) == [5, 2, 1]
    assert ids(read(unpacked(tmp_path / "x", names))) == [5, 2, 1]


def test_what_a_mac_adds_is_no_second_archive(tmp_path: Path) -> None:
    junk = {"__MACOSX/data/tweets.js": "x", "data/._tweets.js": "x", ".Trash/data/tweets.js": "x"}
    told = Told()
    assert ids(read(archive(tmp_path, {**PLAIN, **junk}), told=told)) == [5, 2, 1]
    assert told.notes == []


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tgz", "a.tar", "A.TAR.GZ"])
def test_a_tar_file(tmp_path: Path, name: str) -> None:
    path = tarred(tmp_path / name, inside("./twitter", dict(reversed(PLAIN.items()))))
    reader = source.open(path, Budget(0))
    account = reader.account()
    assert account is not None and account.handle == "Ada"
    assert ids(read(path)) == [5, 2, 1]


def test_a_tar_file_that_a_browser_unpacked_under_its_old_name(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", PLAIN).rename(tmp_path / "a.tar.gz")
    assert ids(read(path)) == [5, 2, 1]


def test_a_tar_file_that_is_cut_off_or_something_else(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tgz", {**PLAIN, "media": "x" * 99999})
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(UnreadableFileError, match="damaged or cut off"):
        read(path)
    path.write_text("<html>")
    with pytest.raises(UnreadableFileError, match="damaged or cut off"):
        read(path)


def test_links_in_a_tar_file_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "secret.js").write_text(TWEETS, "utf-8")
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        with tarfile.open(tmp_path / "a.tar", "w") as tar:
            link = tarfile.TarInfo("data/tweets.js")
            link.type, link.linkname = kind, str(tmp_path / "secret.js")
            tar.addfile(link)
        with pytest.raises(UnreadableFileError, match="is not an X archive"):
            read(tmp_path / "a.tar")


def test_a_tar_header_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "_LARGEST_HEADER", 5000)
    with pytest.raises(UnreadableFileError, match="damaged"):
        read(tarred(tmp_path / "a.tgz", {"x" * 9000: "", **PLAIN}))


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_MOST_FILES", 2)
    for path in (unpacked(tmp_path / "x", PLAIN), tarred(tmp_path / "a.tar", PLAIN)):
        with pytest.raises(UnreadableFileError, match="more than 2 files"):
            read(path)


# --- copies, and more than one archive --------------------------------------------------------------


@pytest.mark.parametrize("copy", ["tweets (1).js", "tweets(2).js", "tweets copy.js", "tweets - Kopie.js"])
def test_a_copy_beside_the_file_counts_for_nothing(tmp_path: Path, copy: str) -> None:
    told = Told()
    files = {**PLAIN, f"data/{copy}": js("YTD.tweets.part0", tweets(8))}
    assert ids(read(archive(tmp_path, files), told=told)) == [5, 2, 1]
    assert told.notes == [f"archive.zip: left out data/{copy}: not a part of the archive."]


def test_a_copy_alone_is_the_file(tmp_path: Path) -> None:
    told = Told()
    files = {"data/account (1).js": ACCOUNT, "data/tweets (1).js": TWEETS, "data/manifest.js": manifest(3)}
    timeline = read(archive(tmp_path, files), told=told)
    assert ids(timeline) == [5, 2, 1] and timeline.account.handle == "Ada"
    assert told.warnings == told.notes == []


@pytest.mark.parametrize("where", [("2023", "2024"), ("a/b", "."), ("twitter", "twitter (1)")])
def test_of_two_archives_one_is_asked_for(tmp_path: Path, where: tuple[str, str]) -> None:
    files = {**inside(where[0], PLAIN), **inside(where[1], OTHERS)}
    files = {name.removeprefix("./"): content for name, content in files.items()}
    for path in (archive(tmp_path, files), unpacked(tmp_path / "x", files)):
        with pytest.raises(UnreadableFileError, match="holds 2 archives: ") as refused:
            read(path)
        for place in where:
            assert f"{place}/data".removeprefix("./") in refused.value.message
        assert "--from" in refused.value.next_step


def test_the_same_archive_twice_is_one(tmp_path: Path) -> None:
    files = {**inside("twitter", PLAIN), **inside("twitter (1)", PLAIN)}
    assert ids(read(unpacked(tmp_path / "x", files))) == [5, 2, 1]


def test_a_file_of_posts_outside_the_archive_is_left_out_with_a_note(tmp_path: Path) -> None:
    told = Told()
    files = {**PLAIN, "old/tweets.js": js("YTD.tweets.part0", tweets(8))}
    assert ids(read(archive(tmp_path, files), told=told)) == [5, 2, 1]
    assert "old/tweets.js" in told.notes[0]


def test_archives_beside_each_other_in_a_folder_are_named(tmp_path: Path) -> None:
    archive(tmp_path, PLAIN, "twitter-2024.zip")
    archive(tmp_path, PLAIN, "outer.zip")
    with pytest.raises(UnreadableFileError, match=r"it holds outer\.zip, twitter-2024\.zip"):
        read(tmp_path)


def test_a_repository_of_bluesky_in_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"it holds a/repo\.car") as refused:
        read(unpacked(tmp_path / "x", {"a/repo.car": ""}))
    assert "a/repo.car" in refused.value.next_step


def test_what_is_no_archive_at_all_is_not_taken_for_a_damaged_one_of_x(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="is not an X archive") as refused:
        read(archive(tmp_path, {"photo.jpg": ""}))
    assert refused.value.next_step.startswith("If it should be one")
    assert "docs/networks.md" in refused.value.next_step


# --- one file of an archive -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tweets.js", "tweet.js", "tweets (1).js", "my-tweets.js", "2012_11.js"])
def test_a_file_of_posts_alone(tmp_path: Path, name: str) -> None:
    told = Told()
    path = unpacked(tmp_path, {name: TWEETS}) / name
    assert source.open(path, Budget(0)).account() is None
    timeline = read(path, told=told)
    assert ids(timeline) == [5, 2, 1] and timeline.account.handle == "ada"
    assert told.warnings == [f"{name} does not say whose archive it is. Its posts are assumed to be by @ada."]


@pytest.mark.parametrize("name", ["data/tweets.js", "data/tweets-part1.js"])
def test_a_file_in_its_archive_brings_the_rest(tmp_path: Path, name: str) -> None:
    told = Told()
    files = {**PLAIN, "data/tweets-part1.js": js("YTD.tweets.part1", tweets(9))}
    timeline = read(unpacked(tmp_path, files) / name, told=told)
    assert ids(timeline) == [9, 5, 2, 1]
    assert timeline.account.name == "Ada 🔦" and timeline.account.avatar_url
    assert told.warnings == told.notes == []


def test_of_copies_the_one_that_was_named_is_read(tmp_path: Path) -> None:
    files = {"tweets.js": TWEETS, "tweets (1).js": js("YTD.tweets.part0", tweets(8))}
    assert ids(read(unpacked(tmp_path, files) / "tweets (1).js")) == [8]


@pytest.mark.parametrize("files", [{"tweets.js": TWEETS}, {"a/tweets.js": TWEETS}])
def test_a_folder_or_zip_of_nothing_else(tmp_path: Path, files: dict[str, str]) -> None:
    assert ids(read(unpacked(tmp_path / "x", files))) == [5, 2, 1]
    assert ids(read(archive(tmp_path, files))) == [5, 2, 1]


@pytest.mark.parametrize(
    "name",
    ["direct-messages.js", "deleted-tweets.js", "note-tweet.js", "ip-audit.js", "deleted-tweet-headers.js",
     "community-tweet.js", "tweet-headers.js", "tweetdeck.js", "like.js", "twitter-circle-tweet.js",
     "deleted_tweets.js", "Copy of deleted-tweets.js", "my deleted tweets (1).js", "likedTweets.js"],
)  # fmt: skip
def test_other_files_of_an_archive_are_refused_unopened(tmp_path: Path, name: str) -> None:
    path = unpacked(tmp_path, {name: "secret"}) / name
    with pytest.raises(UnreadableFileError, match="is not a file of posts") as refused:
        read(path)
    assert "data/tweets.js" in refused.value.next_step


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    for name in ("tweets.js", "none/tweets.js", "a.tar.gz"):
        with pytest.raises(UnreadableFileError, match="There is no file"):
            read(tmp_path / name)


# --- a zip of one table -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ["tweets.csv"],
        ["a/b/posts.jsonl.gz", "README.md", "LICENSE.txt", "__MACOSX/a/b/._posts.jsonl.gz", ".DS_Store"],
        ["x\\posts.parquet", "x\\dataset-metadata.json"],
        ["posts.tsv", "notes.txt"],
        ["posts.txt", "readme.txt"],
        ["posts.NDJSON", "picture.png"],
    ],
)
def test_the_one_table_of_a_zip_is_found(tmp_path: Path, names: list[str]) -> None:
    path = archive(tmp_path, dict.fromkeys(names, "text\na"))
    assert lone_table(path) == names[0]
    with zipfile.ZipFile(path) as zipped:
        assert zipped.read(names[0])


@pytest.mark.parametrize(
    "files", [PLAIN, {**PLAIN, "tweets.csv": ""}, {"photo.jpg": ""}, {"twitter.zip": "", "a.csv": ""}, {}]
)
def test_an_archive_or_anything_else_is_no_table(tmp_path: Path, files: dict[str, str]) -> None:
    assert lone_table(archive(tmp_path, files)) is None


def test_of_several_tables_none_is_chosen(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"holds 2 tables: a\.csv, b/c\.json") as refused:
        lone_table(archive(tmp_path, {"a.csv": "", "b/c.json": ""}))
    assert "Unpack it" in refused.value.next_step


def test_what_is_no_zip_has_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("text\na")
    assert lone_table(tmp_path / "a.zip") is lone_table(tmp_path / "none.zip") is None
