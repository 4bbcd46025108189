"""Archives and files of posts that somebody has packed once more, as browsers and cloud drives do."""

import gc
import gzip
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import containers, source
from huggingtweets_hub.posts.budget import Budget
from tests.posts import archives
from tests.posts.exports import COMMENTS, INSTAGRAM, instagram, picture, table
from tests.servers import fediverse_archives as fediverse
from tests.servers.repositories import of_posts

ANN = "ann@m.example"
X = archives.PLAIN
MASTODON = fediverse.archive(fediverse.post(1, "a post"))
PICTURES = instagram({"media": [picture("a caption")]})
REDDIT = table(COMMENTS, {"id": "c1", "body": "a comment"})


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def zipped(path: Path, files: Mapping[str, str | bytes]) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "handle", "text"),
    [
        ("outbox.json", MASTODON["outbox.json"], ANN, "a post"),
        ("tweets.js", X["data/tweets.js"], "ada", "tweet 5"),
        ("repo.car", of_posts(["a post"]).car(), "ann.bsky.social", "a post"),
        ("posts_1.json", PICTURES, "instagram:ann", "a caption"),
        ("comments.csv", REDDIT, "reddit:ann", "a comment"),
        ("tweets.jsonl", '{"text": "a tweet"}', "ada", "a tweet"),
    ],
)
def test_what_is_read_plain_is_read_from_gzip(
    tmp_path: Path, own_temporary_folder: Path, name: str, content: str | bytes, handle: str, text: str
) -> None:
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(content.encode() if isinstance(content, str) else content))
    assert text in [post.text for post in archives.read(path, handle).tweets]
    gc.collect()
    assert not list(own_temporary_folder.iterdir())


@pytest.mark.parametrize(
    ("files", "handle"),
    [(X, "ada"), (MASTODON, ANN), ({INSTAGRAM: PICTURES}, "instagram:ann")],
)
def test_an_archive_alone_in_a_zip_is_read(
    tmp_path: Path, own_temporary_folder: Path, files: Mapping[str, str | bytes], handle: str
) -> None:
    inner = zipped(tmp_path / "inner.zip", files)
    zipped(
        tmp_path / "outer.zip",
        {"Takeout/inner.zip": inner, "__MACOSX/._inner.zip": b"", "read me.txt": "mine"},
    )
    found = archives.read(tmp_path / "outer.zip", handle)
    assert found == archives.read(tmp_path / "inner.zip", handle)
    gc.collect()
    assert not list(own_temporary_folder.iterdir())


def test_a_repository_of_bluesky_alone_in_a_zip_is_read(tmp_path: Path) -> None:
    zipped(tmp_path / "bluesky.zip", {"a/repo.car": of_posts(["a post"]).car()})
    assert [post.text for post in archives.read(tmp_path / "bluesky.zip", "ann.bsky.social").tweets] == [
        "a post"
    ]


def test_what_lies_beside_a_repository_of_bluesky_is_left_there(tmp_path: Path) -> None:
    beside: dict[str, str | bytes] = {"preferences.json": "{}", "blobs/bafkrei": b"x"}
    files: dict[str, str | bytes] = {"repo.car": of_posts(["a post"]).car(), **beside}
    zipped(tmp_path / "backup.zip", files)
    assert [post.text for post in archives.read(tmp_path / "backup.zip", "ann.bsky.social").tweets] == [
        "a post"
    ]
    with zipfile.ZipFile(tmp_path / "backup.zip") as packed:
        packed.extractall(folder := tmp_path / "backup")
    with pytest.raises(UnreadableFileError, match="it holds repo.car") as refused:
        archives.read(folder, "ann.bsky.social")
    assert repr(str(folder / "repo.car")) in refused.value.next_step


def test_of_several_archives_in_a_zip_none_is_chosen(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", X)
    zipped(tmp_path / "outer.zip", {"ada.zip": inner, "bob.zip": inner})
    with pytest.raises(UnreadableFileError, match=r"holds ada\.zip, bob\.zip"):
        archives.read(tmp_path / "outer.zip")


def test_an_archive_of_x_is_read_itself_whatever_else_is_in_it(tmp_path: Path) -> None:
    zipped(tmp_path / "a.zip", {**X, "data/other.zip": zipped(tmp_path / "b.zip", MASTODON)})
    assert archives.read(tmp_path / "a.zip").source == "x_archive"


def test_what_unpacks_to_too_much_is_refused_and_leaves_nothing(
    tmp_path: Path, own_temporary_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "_LARGEST_FILE", 1000)
    zipped(tmp_path / "outer.zip", {"inner.zip": b"0" * 1001})
    (tmp_path / "tweets.js.gz").write_bytes(gzip.compress(b"0" * 1001))
    for name in ("outer.zip", "tweets.js.gz"):
        with pytest.raises(UnreadableFileError, match=f"{name} unpacks to more than"):
            source.open(tmp_path / name, Budget(0))
    assert not list(own_temporary_folder.iterdir())


@pytest.mark.parametrize(
    "content", [b"not packed", gzip.compress(b"0" * 9999)[:30]], ids=["other", "cut off"]
)
def test_a_gzip_file_that_is_damaged_says_so(
    tmp_path: Path, own_temporary_folder: Path, content: bytes
) -> None:
    (tmp_path / "tweets.js.gz").write_bytes(content)
    with pytest.raises(UnreadableFileError, match="it is damaged or cut off"):
        source.open(tmp_path / "tweets.js.gz", Budget(0))
    assert not list(own_temporary_folder.iterdir())
