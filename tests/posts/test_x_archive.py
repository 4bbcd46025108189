"""The official archive: every layout, only the files that are needed, and what is said of a bad one."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.posts import json_cursor, source
from huggingtweets_hub.posts.budget import Budget
from tests.posts.archives import ACCOUNT, PLAIN, archive, ids, js, read, record, tweets


def test_todays_layout(tmp_path: Path) -> None:
    timeline = read(archive(tmp_path, PLAIN))
    assert ids(timeline) == [5, 2, 1]
    assert timeline.account.handle == "Ada" and timeline.account.name == "Ada 🔦"
    assert timeline.account.avatar_url == "https://pbs.twimg.com/a.jpg"
    assert timeline.source == "x_archive"


def test_the_account_is_known_without_a_handle(tmp_path: Path) -> None:
    account = source.open(archive(tmp_path, PLAIN), Budget(0)).account()
    assert account is not None and account.handle == "Ada"


def test_several_parts(tmp_path: Path) -> None:
    parts = {f"data/tweets-part{n}.js": js(f"YTD.tweets.part{n}", tweets(10 + n)) for n in (1, 2, 10)}
    assert ids(read(archive(tmp_path, {**PLAIN, **parts}))) == [20, 12, 11, 5, 2, 1]


def test_the_layout_of_2019_without_wrappers(tmp_path: Path) -> None:
    old = {"data/account.js": ACCOUNT, "data/tweet.js": js("YTD.tweet.part0", [record(1), record(2)])}
    assert ids(read(archive(tmp_path, old))) == [2, 1]


def test_the_layout_of_2013(tmp_path: Path) -> None:
    old = {
        "data/js/user_details.js": 'var user_details = {"screen_name": "Ada", "full_name": "Ada"}',
        "data/js/tweets/2012_11.js": f"Grailbird.data.tweets_2012_11 = {json.dumps([record(1)])}",
        "data/js/tweets/2012_12.js": f"Grailbird.data.tweets_2012_12 = {json.dumps([record(2)])}",
    }
    assert ids(read(archive(tmp_path, old))) == [2, 1]


def test_everything_under_one_folder_and_unpacked(tmp_path: Path) -> None:
    nested = {f"twitter-2024/{name}": content for name, content in PLAIN.items()}
    assert ids(read(archive(tmp_path, nested))) == [5, 2, 1]
    with zipfile.ZipFile(archive(tmp_path, PLAIN)) as zipped:
        zipped.extractall(tmp_path / "unpacked")
    assert ids(read(tmp_path / "unpacked")) == [5, 2, 1]


def test_a_long_post_gets_its_whole_text_from_the_note(tmp_path: Path) -> None:
    whole = "Fish & chips, and then a very long walk along the sea wall."
    cut = {"tweet": record(3, "Fish &amp; chips, and then a very… https://t.co/abc123")}
    other = {"tweet": record(4, "Fish &amp; chips, and then a very… https://t.co/abc123")}
    notes = [{"noteTweet": {"createdAt": "2024-03-05T12:03:01.000Z", "core": {"text": whole}}}]
    files = {
        **PLAIN,
        "data/tweets.js": js("YTD.tweets.part0", [cut, other]),
        "data/note-tweet.js": js("YTD.note_tweet.part0", notes),
    }
    newest, oldest = read(archive(tmp_path, files)).tweets
    assert oldest.text == whole
    assert newest.text.startswith("Fish &amp;")  # of another minute


def test_retweets_go_by_their_text(tmp_path: Path) -> None:
    files = {
        **PLAIN,
        "data/tweets.js": js("YTD.tweets.part0", [{"tweet": record(1, "RT @bob: hi", retweeted=False)}]),
    }
    assert read(archive(tmp_path, files)).tweets[0].is_retweet


def test_a_chunk_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, {**PLAIN, "data/tweets.js": js("YTD.tweets.part0", tweets(*range(50)))})
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(json_cursor, "_CHUNK", size)
        assert len(read(path).tweets) == 50


def test_direct_messages_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, {**PLAIN, "data/direct-messages.js": "secret", "data/ip-audit.js": "secret"})
    opened: list[str] = []
    original = zipfile.ZipFile.open

    def spy(self: zipfile.ZipFile, name: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(getattr(name, "filename", name))
        return original(self, name, *args, **kwargs)

    monkeypatch.setattr(zipfile.ZipFile, "open", spy)
    read(path)
    assert set(opened) == set(PLAIN)


def test_another_accounts_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongAccountError, match="is the archive of @Ada, not of @bob"):
        read(archive(tmp_path, PLAIN), "bob")


def test_an_archive_without_tweets(tmp_path: Path) -> None:
    with pytest.raises(EmptyTimelineError, match="holds no tweets"):
        read(archive(tmp_path, {**PLAIN, "data/tweets.js": js("YTD.tweets.part0", [])}))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"photo.jpg": "x"}, "is not an X archive"),
        ({"data/account.js": ACCOUNT}, "is not an X archive"),
        ({**PLAIN, "data/tweets.js": js("YTD.tweets.part0", tweets(1))[:-30]}, "could not be read"),
        ({**PLAIN, "data/tweets.js": "window.YTD = [{]"}, "could not be read"),
    ],
)
def test_a_bad_archive_is_named_and_the_way_to_a_good_one(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    with pytest.raises(UnreadableFileError, match=said) as refused:
        read(archive(tmp_path, files))
    assert "Download an archive of your data" in refused.value.next_step


def test_a_file_that_is_no_zip_and_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_bytes(b"<html>log in first</html>")
    with pytest.raises(UnreadableFileError, match="is not a zip file"):
        read(tmp_path / "archive.zip")
    with pytest.raises(UnreadableFileError, match="There is no file"):
        read(tmp_path / "missing.zip")


def test_a_damaged_zip_is_noticed(tmp_path: Path) -> None:
    path = archive(tmp_path, {**PLAIN, "data/tweets.js": js("YTD.tweets.part0", tweets(*range(400)))})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = b"\x00" * 40
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=r"could not be read|not a zip file"):
        read(path)


def test_the_layout_of_2019_without_a_data_folder(tmp_path: Path) -> None:
    old = {"account.js": ACCOUNT, "tweet.js": js("YTD.tweet.part0", [record(1)])}
    assert ids(read(archive(tmp_path, old))) == [1]


def test_a_note_is_found_whatever_its_links_look_like(tmp_path: Path) -> None:
    whole = "See https://example.com/tides & bring boots, it will be wet all the way to the lighthouse."
    cut = {"tweet": record(3, "See https://t.co/tides12 &amp; bring boots, it will be… https://t.co/abc123")}
    uncut = {"tweet": record(63, "See https://t.co/tides12 &amp; bring boots")}
    notes = [{"noteTweet": {"createdAt": "2024-03-05T12:02:58.000Z", "core": {"text": whole}}}]
    files = {
        **PLAIN,
        "data/tweets.js": js("YTD.tweets.part0", [cut, uncut]),
        "data/note-tweet-part1.js": js("YTD.note_tweet.part1", notes),
    }
    newest, oldest = read(archive(tmp_path, files)).tweets
    assert oldest.text == whole
    assert newest.text.endswith("bring boots")


def test_an_encrypted_archive_is_said_to_be_one(tmp_path: Path) -> None:
    path = archive(tmp_path, PLAIN)
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            data[at + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match="is encrypted"):
        read(path)


def test_a_zip_that_was_cut_off_is_not_called_something_else(tmp_path: Path) -> None:
    path = archive(tmp_path, PLAIN)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableFileError, match="cut off"):
        read(path)
