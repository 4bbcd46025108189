"""The exports of Threads, Instagram and Reddit: their posts, and nothing else of what is in them."""

import contextlib
import csv
import io
import json
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Silent, fetch_timeline
from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.errors import (
    EmptyTimelineError,
    HuggingTweetsError,
    InvalidInputError,
    UnreadableFileError,
)
from huggingtweets_hub.posts.exports import Export, is_export
from tests.posts import archives
from tests.posts.exports import (
    COMMENTS,
    INSTAGRAM,
    IP,
    MESSAGES,
    POSTS,
    SECRET,
    THREADS,
    Read,
    garbled,
    instagram,
    picture,
    table,
    thread,
    threads,
    written,
)

FORMS = ("zip", "folder", "file")
FULL = {
    THREADS: threads(thread("a thread")),
    INSTAGRAM: instagram({"media": [picture("a caption")]}),
    "comments.csv": table(COMMENTS, {"id": "c1", "body": "a comment"}),
    **MESSAGES,
}


@pytest.mark.parametrize("form", FORMS)
def test_threads_are_read_with_their_times_and_replies(tmp_path: Path, form: str) -> None:
    content = threads(
        thread("the older one", 1_600_000_000),
        thread("the newer one", is_reply=True),
        thread("the oldest", 1_500_000_000),
    )
    read = Read(written(tmp_path, {THREADS: content}, form), "threads:ann")
    assert read.texts == ["the newer one", "the older one", "the oldest"]
    assert [post.is_reply for post in read.posts] == [True, False, False]
    assert read.posts[0].created_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert (read.timeline.source, read.timeline.account.handle) == ("threads_export", "threads:ann")


@pytest.mark.parametrize("form", FORMS)
def test_a_caption_stands_beside_one_picture_or_above_several(tmp_path: Path, form: str) -> None:
    several = {"media": [picture(), picture()], "title": "above", "creation_timestamp": 1_600_000_000}
    content = instagram({"media": [picture("beside")]}, several, {"media": [picture(when=1_500_000_000)]})
    read = Read(written(tmp_path, {INSTAGRAM: content}, form), "instagram:ann")
    assert read.texts == ["beside", "above", ""]
    assert [post.created_at and post.created_at.year for post in read.posts] == [2023, 2020, 2017]


def test_all_files_of_captions_are_read_and_a_copy_only_once(tmp_path: Path) -> None:
    files = {
        f"content/posts_{number}.json": instagram({"media": [picture(f"file {number}")]})
        for number in (1, 2, 10)
    }
    files["content/posts_1 (1).json"] = files["content/posts_1.json"]
    read = Read(written(tmp_path, files, "zip"), "instagram:ann")
    assert sorted(read.texts) == ["file 1", "file 10", "file 2"]
    assert "left out 1 duplicate" in read.said


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "key"), [("reels", "ig_reels_media"), ("igtv_videos", "ig_igtv_media")])
def test_captions_of_videos_are_read(tmp_path: Path, name: str, key: str, form: str) -> None:
    videos = json.dumps(garbled({key: [{"media": [picture("Grüße vom Leuchtturm")]}]}))
    files = {f"your_instagram_activity/media/{name}.json": videos}
    if form != "file":
        files[INSTAGRAM] = instagram({"media": [picture("A lamp", 1_700_000_001)]})
    assert Read(written(tmp_path, files, form), "instagram:ann").texts[-1] == "Grüße vom Leuchtturm"


@pytest.mark.parametrize("text", ["Grüße ☕ 你好", "naïve “quotes”", "plain", "👩‍🚀 up", "line\nand line"])
def test_texts_are_repaired(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, {THREADS: threads(thread(text))}, "file")
    assert Read(path, "threads:ann").texts == [text]


@pytest.mark.parametrize("text", ["Grüße", "你好", "caf\u00e9 \u2615"])
def test_a_text_that_was_not_damaged_stays(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, {THREADS: json.dumps({"text_post_app_text_posts": [thread(text)]})}, "file")
    assert Read(path, "threads:ann").texts == [text]


def labelled(*labels: tuple[str, str], when: int = 1_700_000_000) -> dict[str, Any]:
    values = [{"label": label, "value": value} for label, value in labels]
    return {"fbid": "1", "timestamp": when, "media": [{"uri": "1.jpg"}], "label_values": values}


def test_newer_exports_name_the_caption_by_a_label(tmp_path: Path) -> None:
    content = instagram(
        labelled(("URL", "https://x.example"), ("Caption", "Grüße")), labelled(("URL", "https://y.example"))
    )
    read = Read(written(tmp_path, {INSTAGRAM: content}, "zip"), "instagram:ann")
    assert read.texts == ["Grüße"] and "skipped 1 post: without a caption" in read.said


def test_labels_in_another_language_are_refused_and_shown(tmp_path: Path) -> None:
    path = written(tmp_path, {INSTAGRAM: instagram(labelled(("Légende", "Bonjour")))}, "zip")
    with pytest.raises(UnreadableFileError, match="Légende") as error:
        Read(path, "instagram:ann")
    assert "English" in error.value.next_step and "Bonjour" not in str(error.value)


@pytest.mark.parametrize("form", FORMS)
def test_comments_are_read_and_those_with_a_parent_are_replies(tmp_path: Path, form: str) -> None:
    content = table(
        COMMENTS,
        {"id": "c1", "body": "A first comment, on a post"},
        {
            "id": "c2",
            "body": 'Its "answer"\n\nin two parts',
            "parent": "c9",
            "date": "2024-01-15 12:34:56 UTC",
        },
        {"id": "c3", "body": "[removed]"},
        {"id": "c4", "body": "[deleted]"},
    )
    read = Read(written(tmp_path, {"comments.csv": content}, form), "reddit:ann")
    assert read.texts == ['Its "answer"\n\nin two parts', "A first comment, on a post"]
    assert [post.is_reply for post in read.posts] == [True, False]
    assert [post.id for post in read.posts] == ["t1_c2", "t1_c1"]
    assert read.posts[1].created_at == datetime(2023, 1, 15, 12, 34, 56, tzinfo=UTC)
    assert "skipped 2 posts: removed or deleted" in read.said
    assert (read.timeline.source, read.timeline.account.handle) == ("reddit_export", "reddit:ann")


def test_a_post_of_reddit_is_its_title_and_its_body(tmp_path: Path) -> None:
    files = {
        "posts.csv": table(
            POSTS,
            {"id": "c1", "title": "A title", "body": "and a body"},
            {"id": "p2", "title": "A link", "url": "https://example.org"},
            {"id": "p3", "title": "[deleted by user]", "body": "[removed]"},
        ),
        "comments.csv": table(COMMENTS, {"id": "c1", "body": "A comment with the id of a post"}),
        "post_headers.csv": "id,permalink,date,ip,subreddit\nx,/x,2023-01-15 12:34:56 UTC,,mills\n",
    }
    read = Read(written(tmp_path, files, "zip"), "reddit:ann")
    assert sorted(read.texts) == ["A comment with the id of a post", "A link", "A title\n\nand a body"]


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("> somebody's words\n\nmy answer", "my answer"),
        ("&gt; somebody's words\nmy answer", "my answer"),
        (">!the end!< is mine", ">!the end!< is mine"),
        ("5 > 4, I say", "5 > 4, I say"),
    ],
)
def test_quoted_lines_are_anothers_words(tmp_path: Path, body: str, own: str) -> None:
    path = written(tmp_path, {"comments.csv": table(COMMENTS, {"id": "c1", "body": body})}, "file")
    assert Read(path, "reddit:ann").texts == [own]


@pytest.mark.parametrize("gone", ["[ Removed by Reddit ]", "[removed by reddit]", "[Deleted by user]"])
def test_what_others_have_removed_is_passed_over_in_whatever_words(tmp_path: Path, gone: str) -> None:
    content = table(COMMENTS, {"id": "c1", "body": gone}, {"id": "c2", "body": "[removed] is all it says"})
    read = Read(written(tmp_path, {"comments.csv": content}, "file"), "reddit:ann")
    assert read.texts == ["[removed] is all it says"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_that_a_spreadsheet_program_has_saved_is_still_reddits(
    tmp_path: Path, mark: str, encoding: str
) -> None:
    file = io.StringIO()
    rows = table(COMMENTS, {"id": "c1", "body": "> theirs\nmine; my own"}, {"id": "c2", "body": "[removed]"})
    csv.writer(file, delimiter=mark).writerows(csv.reader(io.StringIO(rows)))
    path = tmp_path / "comments.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    assert is_export(path) and Read(path, "reddit:ann").texts == ["mine; my own"]


@pytest.mark.parametrize("name", [THREADS, INSTAGRAM])
def test_an_export_that_an_editor_has_saved_as_utf_16_is_read(tmp_path: Path, name: str) -> None:
    content, handle = (
        (threads(thread("Grüße ☕")), "threads:ann")
        if name == THREADS
        else (instagram({"media": [picture("Grüße ☕")]}), "instagram:ann")
    )
    path = tmp_path / "mine.json"
    path.write_bytes(content.encode("utf-16"))
    assert is_export(path) and Read(path, handle).texts == ["Grüße ☕"]


@pytest.mark.parametrize("form", FORMS)
def test_the_export_that_instagram_gave_until_2020_is_read(tmp_path: Path, form: str) -> None:
    def taken(caption: str, at: str) -> dict[str, str]:
        return {"caption": caption, "taken_at": at, "location": "The mill", "path": "photos/201905/a.jpg"}

    media = {
        "stories": [taken("a story", "2019-05-02T10:00:00")],
        "photos": [
            taken("Käse", "2019-05-01T12:34:56"),
            taken("Käse", "2019-05-01T12:34:56"),
            taken("", "2019-05-03T10:00:00"),
        ],
        "profile": [taken("myself", "2019-05-02T10:00:00")],
        "videos": [taken("a film", "2019-06-01T12:34:56+00:00")],
        "direct": [taken(SECRET, "2019-05-02T10:00:00")],
    }
    read = Read(written(tmp_path, {"media.json": json.dumps(media), **MESSAGES}, form), "instagram:ann")
    assert [text for text in read.texts if text] == ["a film", "Käse"]
    assert {post.created_at for post in read.posts if post.text == "Käse"} == {
        datetime(2019, 5, 1, 12, 34, 56, tzinfo=UTC)
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_posts_alone_is_known_by_its_content(tmp_path: Path, form: str) -> None:
    files = {"tu_actividad/publicaciones_1.json": instagram({"media": [picture("a caption")]})}
    path = written(tmp_path, files, form)
    assert is_export(path) and Read(path, "instagram:ann").texts == ["a caption"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "name",
    ["liked_posts", "saved_posts", "archived_posts", "stories", "recently_deleted_content", "story_likes"],
)
def test_what_others_wrote_or_not_everybody_sees_is_not_taken_even_alone(
    tmp_path: Path, name: str, form: str
) -> None:
    content = json.dumps([labelled(("Caption", SECRET))])
    path = written(tmp_path, {f"your_instagram_activity/{name}.json": content}, form)
    if form == "file":
        path = path.rename(tmp_path / f"{name}.json")
    assert not is_export(path)
    with pytest.raises(HuggingTweetsError):
        archives.read(path, "instagram:ann")


def test_entities_are_what_reddit_shows_for_them(tmp_path: Path) -> None:
    rows = [
        {"id": "c1", "body": "salt &amp; tar &lt;3 &#x200B;&gt; all, see https://m.example/?a=1&copy=2"},
        {"id": "c2", "body": "write &amp;lt; for it"},
    ]
    read = Read(written(tmp_path, {"comments.csv": table(COMMENTS, *rows)}, "zip"), "reddit:ann")
    assert sorted(read.texts) == [
        "salt & tar <3 \u200b> all, see https://m.example/?a=1&copy=2",
        "write &lt; for it",
    ]


def test_only_quoted_words_are_no_post(tmp_path: Path) -> None:
    path = written(tmp_path, {"comments.csv": table(COMMENTS, {"id": "c1", "body": "> theirs"})}, "file")
    with pytest.raises(EmptyTimelineError, match="1 without words of its own"):
        Read(path, "reddit:ann")


@pytest.mark.parametrize("form", ["zip", "folder"])
@pytest.mark.parametrize(
    ("handle", "text"),
    [("threads:ann", "a thread"), ("instagram:ann", "a caption"), ("reddit:ann", "a comment")],
)
def test_only_the_posts_of_the_handles_network_are_taken(
    tmp_path: Path, form: str, handle: str, text: str
) -> None:
    read = Read(written(tmp_path, FULL, form), handle)
    assert read.texts == [text]
    everything = f"{read.timeline!r}{read.posts}{read.said}"
    assert SECRET not in everything and IP not in everything
    assert read.timeline.recognised and not read.timeline.recognised.names_author
    assert f"assumed to be by {mention(handle)}." in read.said


@pytest.mark.parametrize("handle", ["ann", "ann.bsky.social", "ann@m.example", "reddit:ann", "other:ann"])
def test_a_handle_of_another_network_is_told_how_to_write_it(tmp_path: Path, handle: str) -> None:
    path = written(tmp_path, {THREADS: FULL[THREADS], INSTAGRAM: FULL[INSTAGRAM]}, "zip")
    with pytest.raises(InvalidInputError, match="does not say whose it is") as error:
        Export(path).require_usable(handle)
    name = "NAME" if "." in handle else "ann"
    assert error.value.next_step == f"Write the handle as instagram:{name} or threads:{name}."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "comments.csv",
            "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text\n"
            "1,c,2023-01-01T00:00:00Z,0,,v,hi\n",
        ),
        ("posts.csv", "id,date,body\n1,2023-01-01,hello\n"),
        ("posts_1.json", json.dumps([{"id": "1", "text": "hello", "media": []}])),
        (
            "posts_1.json",
            json.dumps([{"label_values": [{"label": "Saved", "value": "x"}], "title": "saved"}]),
        ),
        ("posts_1.json", ""),
        ("posts_1.json", "\x00\xff[[["),
        ("threads_and_replies.json", json.dumps(["text_post_app_text_posts"])),
        ("tweets.js", archives.TWEETS),
        ("liked_threads.json", json.dumps({"text_post_app_media_likes": []})),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_called_alike_is_not_taken_for_it(tmp_path: Path, name: str, content: str, form: str) -> None:
    assert not is_export(written(tmp_path, {name: content}, form))


@pytest.mark.parametrize("name", list(FULL)[:3])
@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_known_by_its_content(tmp_path: Path, name: str, form: str) -> None:
    assert is_export(written(tmp_path, {name: FULL[name]}, form))


def test_the_readers_own_files_and_what_is_missing_are_no_exports(tmp_path: Path) -> None:
    assert not is_export(tmp_path / "none.zip")
    assert not is_export(tmp_path / "none.json")
    assert not is_export(archives.archive(tmp_path, archives.PLAIN))
    assert not is_export(written(tmp_path, {f"__MACOSX/{THREADS}": FULL[THREADS]}, "zip"))


def test_what_its_author_has_put_away_stays_there(tmp_path: Path) -> None:
    files = {
        INSTAGRAM: FULL[INSTAGRAM],
        "media/archived_posts.json": instagram({"media": [picture("put away")]}),
    }
    assert Read(written(tmp_path, files, "zip"), "instagram:ann").texts == ["a caption"]


@pytest.mark.parametrize("name", ["threads/threads_and_replies.html", "media/posts_1.html"])
def test_pages_to_look_at_are_refused_with_what_to_ask_for(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, {name: "<html>"}, "zip")
    assert is_export(path)
    for handle in ("threads:ann", "instagram:ann", "ann"):
        with pytest.raises(UnreadableFileError, match="a page to look at") as error:
            Export(path).require_usable(handle)
        assert "JSON" in error.value.next_step


@pytest.mark.parametrize(
    ("name", "content", "handle"),
    [
        (THREADS, FULL[THREADS][:-9], "threads:ann"),
        (INSTAGRAM, FULL[INSTAGRAM][:-9], "instagram:ann"),
        (THREADS, '{"text_post_app_text_posts": [' + "[" * 5000, "threads:ann"),
        ("comments.csv", f'{COMMENTS}\nc1,/x,2023-01-15 12:34:56 UTC,,s,0,l,,"never closed,', "reddit:ann"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: str, handle: str, form: str) -> None:
    with pytest.raises(UnreadableFileError):
        Export(written(tmp_path, {name: content}, form)).require_usable(handle)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, {"comments.csv": FULL["comments.csv"]}, "file")
    path.write_bytes(path.read_bytes() + b"c2,/x,,,s,0,l,,\xff\xfe,\n")
    with pytest.raises(UnreadableFileError, match="not UTF-8"):
        Export(path).require_usable("reddit:ann")


def test_a_cut_zip_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, FULL, "zip")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableFileError, match="damaged or cut off"):
        Export(path).require_usable("threads:ann")


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text(FULL[THREADS])
    folder = written(tmp_path, MESSAGES, "folder")
    (folder / "threads_and_replies.json").symlink_to(tmp_path / "elsewhere.json")
    assert not is_export(folder)
    with pytest.raises(UnreadableFileError, match="leads out"):
        Export(folder).require_usable("threads:ann")


ODD: tuple[Any, ...] = (
    None,
    1,
    "words",
    [],
    {},
    {"media": None},
    {"media": [None, 1]},
    {"media": {}},
    {"media": [{"title": 5, "creation_timestamp": "soon"}]},
    {"media": [{"text_app_post": "yes"}]},
    {"media": [], "label_values": {}},
    {"media": [], "label_values": [1, {"label": 1, "value": 2}]},
)


@pytest.mark.parametrize("odd", ODD)
def test_odd_records_do_no_harm(tmp_path: Path, odd: Any) -> None:
    for name, handle, content in (
        (THREADS, "threads:ann", threads(odd, thread("the one"))),
        (INSTAGRAM, "instagram:ann", instagram({"media": [picture("the one")]}, odd)),
    ):
        assert "the one" in Read(written(tmp_path, {name: content}, "zip"), handle).texts


@pytest.mark.parametrize("when", [0, -5, True, 10**30, 1e9, "1700000000", None, 5])
def test_an_impossible_time_is_none(tmp_path: Path, when: Any) -> None:
    content = json.dumps(
        {"text_post_app_text_posts": [{"media": [{"title": "words", "creation_timestamp": when}]}]}
    )
    [post] = Read(written(tmp_path, {THREADS: content}, "file"), "threads:ann").posts
    assert post.created_at is None


def test_a_long_export_is_read_as_a_short_one(tmp_path: Path) -> None:
    posts = [thread(f"thread number {number} " + "…" * 200, 1_600_000_000 + number) for number in range(3000)]
    read = Read(written(tmp_path, {THREADS: threads(*posts)}, "zip"), "threads:ann")
    assert len(read.posts) == 3000 and read.texts[0].startswith("thread number 2999 …")


def test_an_export_without_words_is_empty(tmp_path: Path) -> None:
    for content in (threads(), threads(thread(""))):
        with pytest.raises(EmptyTimelineError, match="no posts with a text on Threads"):
            Export(written(tmp_path, {THREADS: content}, "zip")).require_usable("threads:ann")


def test_the_encrypted_is_refused(tmp_path: Path) -> None:
    path = encrypted(written(tmp_path, {THREADS: FULL[THREADS]}, "zip"))
    with pytest.raises(UnreadableFileError, match="encrypted"):
        Export(path).require_usable("threads:ann")


def test_an_encrypted_zip_of_several_tables_is_not_asked_which_one_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, {"posts.csv": "id,body\n1,Hello", "comments.csv": "id,body\n2,Hello"}, "zip")
    with pytest.raises(UnreadableFileError, match="is encrypted"):
        fetch_timeline("reddit:ann", source=encrypted(path), progress=Silent())


def encrypted(path: Path) -> Path:
    """The zip file, all of whose members say that they are encrypted."""
    content = bytearray(path.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(header, bytes(content)):
            content[found.start() + flags] |= 1
    path.write_bytes(content)
    return path


RUBBISH = [
    b'"',
    b"{",
    b"[",
    b"\x00",
    b"\xff\xfe",
    b"null",
    b"1e999",
    b"\\ud800",
    b",",
    b"\n",
    b'"media"',
    b"-1",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "handle"),
    [(THREADS, "threads:ann"), (INSTAGRAM, "instagram:ann"), ("comments.csv", "reddit:ann")],
)
def test_whatever_is_damaged_is_read_or_refused(tmp_path: Path, name: str, handle: str, form: str) -> None:
    chance = random.Random(f"{name} {form}")
    path = written(tmp_path, {name: FULL[name]}, form)
    target = path / name if form == "folder" else path
    whole = target.read_bytes()
    for _ in range(40):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 2, 5, 20])):
            place = chance.randrange(len(content))
            content[place : place + chance.choice([0, 0, 1, 30])] = chance.choice(RUBBISH)
        target.write_bytes(content)
        is_export(path)
        with contextlib.suppress(HuggingTweetsError):
            Read(path, handle)


def test_garbled_says_what_meta_writes() -> None:
    assert garbled("é") == "\u00c3\u00a9"
