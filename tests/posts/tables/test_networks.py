"""Tables of other networks than X: Misskey's notes, Mastodon's statuses, and lists that name anyone."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Timeline
from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.posts.exports import is_export
from huggingtweets_hub.posts.file import TweetFile
from huggingtweets_hub.posts.reading import Reading
from tests.effort import at_most
from tests.posts.archives import Told
from tests.servers import fediverse_archives as made

TEXTS = ("The mill wheel turns slowly", "Bread is ready at seven", "Rain on the flour sacks")
THEIRS = "What somebody else has written"
HIDDEN = "Only for those who follow me"
FORMS = ("json", "jsonl", "wrapped")


class Read:
    """What is read of records, and what is said of them."""

    def __init__(self, path: Path, handle: str, **reading: Any) -> None:
        told = Told()
        reader = TweetFile(path, reading=Reading(**reading))
        reader.require_usable(handle)
        self.timeline: Timeline = reader.fetch(handle, max_tweets=None, since=None, progress=told)
        self.said = "\n".join([*told.notes, *told.warnings])
        self.posts = self.timeline.tweets
        self.texts = [post.text for post in self.posts]


def written(folder: Path, records: list[Any], form: str = "json", **around: Any) -> Path:
    path = folder / f"posts.{'jsonl' if form == 'jsonl' else 'json'}"
    if form == "jsonl":
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    else:
        path.write_text(json.dumps(records if form == "json" else {**around, "statuses": records}))
    return path


def note(number: int, text: str | None, **fields: Any) -> dict[str, Any]:
    """A note as Misskey exports it."""
    return {
        "id": f"9x{number:04}",
        "text": text,
        "createdAt": f"2024-03-05T12:{number:02}:00.000Z",
        "fileIds": [],
        "files": [],
        "replyId": None,
        "renoteId": None,
        "poll": None,
        "cw": None,
        "visibility": "public",
        "visibleUserIds": [],
        "localOnly": False,
        "reactionAcceptance": None,
        **fields,
    }


ANN = {
    "id": "77",
    "username": "ann",
    "acct": "ann",
    "display_name": "Ann",
    "url": "https://m.example/@ann",
    "note": "<p>I am Ann</p>",
}
BOB = {
    "id": "88",
    "username": "bob",
    "acct": "bob@o.example",
    "display_name": "Bob",
    "url": "https://o.example/@bob",
}


def status(number: int, content: str, **fields: Any) -> dict[str, Any]:
    """A status as Mastodon's API gives it."""
    return {
        "id": f"11{number:04}",
        "created_at": f"2024-03-05T12:{number:02}:00.000Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://m.example/users/ann/statuses/11{number:04}",
        "url": f"https://m.example/@ann/11{number:04}",
        "replies_count": 0,
        "reblogs_count": 3,
        "favourites_count": 2,
        "content": content,
        "reblog": None,
        "quote": None,
        "card": None,
        "poll": None,
        "account": ANN,
        **fields,
    }


# --- Misskey --------------------------------------------------------------------------------------


def test_notes_are_read_with_their_marks(tmp_path: Path) -> None:
    notes = [
        note(1, TEXTS[0]),
        note(2, TEXTS[1], replyId="9x0001", visibility="home", localOnly=True),
        note(3, None, renoteId="8abc"),
        note(4, TEXTS[2], renoteId="8abd"),
        note(5, "", renoteId="8abe"),
    ]
    read = Read(written(tmp_path, notes), "ann@m.example")
    assert read.texts == ["", TEXTS[2], "", TEXTS[1], TEXTS[0]]
    assert [post.is_retweet for post in read.posts] == [True, False, True, False, False]
    assert [post.is_quote for post in read.posts] == [False, True, False, False, False]
    assert [post.is_reply for post in read.posts] == [False, False, False, True, False]
    assert read.posts[0].created_at and read.posts[0].created_at.isoformat() == "2024-03-05T12:05:00+00:00"
    assert read.timeline.account.handle == "ann@m.example"
    assert not any(post.is_private for post in read.posts)


@pytest.mark.parametrize("visibility", ["followers", "specified"])
def test_notes_for_some_are_taken_only_where_their_author_asks_for_that(
    tmp_path: Path, visibility: str
) -> None:
    path = written(
        tmp_path, [note(1, TEXTS[0]), note(2, HIDDEN, visibility=visibility, visibleUserIds=["x"])]
    )
    read = Read(path, "ann@m.example")
    assert read.texts == [TEXTS[0]] and "skipped 1 record: not public" in read.said
    assert HIDDEN not in f"{read.said}{read.timeline}"
    read = Read(path, "ann@m.example", include_private=True)
    assert read.texts == [HIDDEN, TEXTS[0]]
    assert [post.is_private for post in read.posts] == [True, False]


def test_only_private_notes_are_none(tmp_path: Path) -> None:
    with pytest.raises(EmptyTimelineError, match="1 not public"):
        Read(written(tmp_path, [note(1, HIDDEN, visibility="followers")]), "ann@m.example")


# --- content warnings -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["cw", "spoiler_text", "content_warning", "spoilerText"])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_behind_a_warning_is_dropped_unless_it_is_kept(tmp_path: Path, key: str, form: str) -> None:
    records = [{"id": "1", "text": TEXTS[0], key: ""}, {"id": "2", "text": TEXTS[1], key: "bread"}]
    path = written(tmp_path, [*records, {"id": "3", "text": TEXTS[2], key: None}], form)
    read = Read(path, "ann@m.example")
    assert sorted(read.texts) == sorted([TEXTS[0], TEXTS[2]])
    assert "skipped 1 record: behind a content warning" in read.said
    read = Read(path, "ann@m.example", content_warnings="keep")
    assert sorted(read.texts) == sorted(TEXTS)


def test_a_number_is_no_warning(tmp_path: Path) -> None:
    weeks = [{"id": str(n), "text": text, "cw": n} for n, text in enumerate(TEXTS, 1)]
    assert len(Read(written(tmp_path, weeks), "ann").posts) == 3


# --- Mastodon -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_statuses_are_read_as_text_with_their_marks(tmp_path: Path, form: str) -> None:
    statuses = [
        status(1, f"<p>{TEXTS[0]}<br>&amp;lt; &#39;so&#39;</p><p>twice</p>"),
        status(
            2, f"<p>{THEIRS}</p>", spoiler_text="theirs", reblog=status(9, f"<p>{THEIRS}</p>", account=BOB)
        ),
        status(3, f"<p>{TEXTS[1]}</p>", in_reply_to_id="5", in_reply_to_account_id="88"),
        status(4, f"<p>{TEXTS[2]}</p>", in_reply_to_id="110001", in_reply_to_account_id="77"),
        status(
            5,
            '<p class="quote-inline">RE: <a href="https://o.example/@bob/1">his</a></p><p>I agree</p>',
            quote={"state": "accepted", "quoted_status": status(8, f"<p>{THEIRS}</p>", account=BOB)},
        ),
    ]
    read = Read(written(tmp_path, statuses, form, account=ANN), "ann@m.example")
    assert read.texts == ["I agree", TEXTS[2], TEXTS[1], "", f"{TEXTS[0]}\n&lt; 'so'\n\ntwice"]
    assert [post.is_retweet for post in read.posts] == [False, False, False, True, False]
    assert [post.is_reply for post in read.posts] == [False, False, True, False, False]
    assert [post.is_quote for post in read.posts] == [True, False, False, False, False]
    assert {post.lang for post in read.posts} == {"en"}
    assert THEIRS not in f"{read.posts}{read.said}"
    assert (read.timeline.account.handle, read.timeline.account.name) == ("ann@m.example", "Ann")


@pytest.mark.parametrize("visibility", ["private", "direct", "limited", "local"])
@pytest.mark.parametrize("form", FORMS)
def test_statuses_for_some_are_passed_over(tmp_path: Path, visibility: str, form: str) -> None:
    statuses = [
        status(1, f"<p>{TEXTS[0]}</p>", visibility="unlisted"),
        status(2, f"<p>{HIDDEN}</p>", visibility=visibility),
    ]
    path = written(tmp_path, statuses, form)
    read = Read(path, "ann@m.example")
    assert read.texts == [TEXTS[0]] and HIDDEN not in f"{read.said}{read.timeline}"
    assert [post.is_private for post in Read(path, "ann@m.example", include_private=True).posts] == [
        True,
        False,
    ]


def test_a_message_is_never_taken(tmp_path: Path) -> None:
    records = [
        {"id": "1", "text": TEXTS[0]},
        {"id": "2", "text": HIDDEN, "sender_id": "5", "recipient_id": "6"},
    ]
    assert Read(written(tmp_path, records), "ann", include_private=True).texts == [TEXTS[0]]


def test_an_archive_of_statuses_holds_others_posts_that_are_left_there(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [status(1, f"<p>{TEXTS[0]}</p>")],
        "wrapped",
        version="2",
        account=ANN,
        favourites=[status(2, f"<p>{THEIRS}</p>", account=BOB)],
        bookmarks=[status(3, f"<p>{THEIRS}</p>", account=BOB)],
        mentions=[{"type": "mention", "status": status(4, f"<p>{THEIRS}</p>", account=BOB), "account": BOB}],
    )
    read = Read(path, "ann@m.example")
    assert read.texts == [TEXTS[0]] and THEIRS not in f"{read.said}{read.timeline}"
    account = TweetFile(path).account()
    assert account and account.handle == "ann@m.example"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("handle", ["bob@m.example", "ann@o.example", "ann", "ann.m.example", "other:ann"])
def test_statuses_of_another_account_are_refused(tmp_path: Path, handle: str, form: str) -> None:
    path = written(tmp_path, [status(1, f"<p>{TEXTS[0]}</p>")], form)
    with pytest.raises(WrongAccountError, match=r"ann@m\.example"):
        TweetFile(path).require_usable(handle)


def test_a_page_with_others_statuses_gives_the_accounts_own(tmp_path: Path) -> None:
    statuses = [status(1, f"<p>{TEXTS[0]}</p>"), status(2, f"<p>{THEIRS}</p>", account=BOB)]
    path = written(tmp_path, statuses)
    assert Read(path, "ann@m.example").texts == [TEXTS[0]]
    assert Read(path, "bob@o.example").texts == [THEIRS]
    assert TweetFile(path).account() is None
    account = TweetFile(written(tmp_path, statuses[1:])).account()
    assert account and account.handle == "bob@o.example"


def test_an_address_in_a_profile_names_no_author(tmp_path: Path) -> None:
    user = {"screen_name": "ann", "url": "https://m.example/@someone", "name": "Ann"}
    records = [{"id_str": str(n), "full_text": text, "user": user} for n, text in enumerate(TEXTS, 1)]
    assert Read(written(tmp_path, records), "ann").timeline.account.handle == "ann"


def test_pictures_without_words_do_not_hide_that_the_rest_is_html(tmp_path: Path) -> None:
    statuses = [
        status(1, "I&#39;m here &amp; there"),
        status(2, "<p>one</p>"),
        status(3, "two<br/>three"),
        status(4, ""),
    ]
    read = Read(written(tmp_path, statuses), "ann@m.example")
    assert read.texts == ["", "two\nthree", "one", "I'm here & there"]


# --- posts that name their author in some way -----------------------------------------------------


@pytest.mark.parametrize(
    ("handle", "own", "other"),
    [
        ("reddit:ann", "ann", "bob"),
        ("reddit:ann", "u/ann", "/u/bob-the_2nd"),
        ("reddit:ann-b", "Ann-B", "ann"),
        ("threads:ann.b", "ann.b", "bob"),
        ("instagram:ann", "@ann", "@bob.c"),
        ("other:ann", "ann", "bob"),
        ("other:ann", "other:ann", "other:bob"),
        ("ann@m.example", "ann", "bob"),
        ("ann@m.example", "@ann@m.example", "@ann@o.example"),
        ("ann@m.example", "ann@m.example", "a.very.long.name.that.x.would.not.allow@m.example"),
        ("ann.bsky.social", "ann.bsky.social", "bob.bsky.social"),
        ("ann.example", "@Ann.example", "bob"),
    ],
)
@pytest.mark.parametrize("key", ["username", "author", "handle"])
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_name_is_one_of_the_network_that_is_asked_for(
    tmp_path: Path, handle: str, own: str, other: str, key: str, form: str
) -> None:
    records = [{"id": str(n), "text": text, key: own} for n, text in enumerate(TEXTS, 1)]
    records += [{"id": str(n), "text": f"{THEIRS} {n}", key: other} for n in range(4, 7)]
    read = Read(written(tmp_path, records, form), handle)
    assert sorted(read.texts) == sorted(TEXTS) and read.timeline.account.handle.lower() == handle
    assert "skipped 3 posts of other accounts" in read.said


@pytest.mark.parametrize("around", [{"username": "ann"}, {"account": {"username": "ann"}}])
def test_a_name_around_the_posts_is_one_of_that_network_too(tmp_path: Path, around: dict[str, Any]) -> None:
    path = written(tmp_path, [{"id": "1", "text": TEXTS[0]}], "wrapped", **around)
    assert Read(path, "reddit:ann").timeline.account.handle == "reddit:ann"
    with pytest.raises(WrongAccountError):
        Read(path, "reddit:bob")


def test_a_name_beside_the_posts_is_one_of_that_network_too(tmp_path: Path) -> None:
    users = [{"id": "5", "username": "ann"}, {"id": "6", "username": "bob"}]
    records = [{"id": "1", "text": TEXTS[0], "author_id": "5"}, {"id": "2", "text": THEIRS, "author_id": "6"}]
    read = Read(written(tmp_path, records, "wrapped", users=users), "reddit:ann")
    assert read.texts == [TEXTS[0]] and read.timeline.account.handle == "reddit:ann"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            '<p>See <a href="https://long.example/page">long.example/pa…</a></p>',
            "See https://long.example/page",
        ),
        ('<p>See <a href="https://long.example/page">my page</a></p>', "See my page"),
        ('<p>Up <img alt="🚀" src="x.svg" class="Emoji"> we go</p>', "Up 🚀 we go"),
    ],
)
def test_what_pages_show_is_read_as_it_was_written(tmp_path: Path, content: str, text: str) -> None:
    assert Read(written(tmp_path, [status(1, content)]), "ann@m.example").texts == [text]


@pytest.mark.parametrize(
    "part", ['href="http://x" ', 'alt="x" ', "<a ", "<img ", '<a href="http://x">x.', "<p>&amp;"]
)
@pytest.mark.parametrize("beginning", ["<p>", "<a ", "<img "])
def test_a_text_made_to_keep_a_reader_busy_does_not(tmp_path: Path, beginning: str, part: str) -> None:
    path = written(tmp_path, [status(1, f"<p>one</p>{beginning}{part * 10_000}"), status(2, "<p>two</p>")])
    with at_most(2):
        assert len(Read(path, "ann@m.example").posts) == 2


@pytest.mark.parametrize("handle", ["@ann@m.example", "@ann.bsky.social", "reddit:ann"])
def test_a_handle_in_full_is_found_out(tmp_path: Path, handle: str) -> None:
    key = {"username": handle} if handle[0] == "@" else {"author": f"@{handle}"}
    path = written(tmp_path, [{"id": str(n), "text": text, **key} for n, text in enumerate(TEXTS)])
    account = TweetFile(path).account()
    assert account and account.handle == handle.removeprefix("@")


def test_comments_of_reddit_from_a_collection_are_replies(tmp_path: Path) -> None:
    comment = {
        "author": "ann",
        "body": TEXTS[0],
        "created_utc": 1700000000,
        "id": "c1",
        "parent_id": "t1_c0",
        "subreddit": "mills",
    }
    read = Read(written(tmp_path, [comment], "jsonl"), "reddit:ann")
    assert read.texts == [TEXTS[0]] and read.posts[0].is_reply
    assert read.posts[0].created_at and read.posts[0].created_at.year == 2023


@pytest.mark.parametrize("key", ["text", "body", "Contents", "caption", "content_text", "status", "content"])
def test_a_text_is_found_by_many_names(tmp_path: Path, key: str) -> None:
    records = [{"id": str(n), key: text, "date": "2024-01-15"} for n, text in enumerate(TEXTS, 1)]
    assert sorted(Read(written(tmp_path, records, "jsonl"), "other:ann").texts) == sorted(TEXTS)


@pytest.mark.parametrize("key", ["is_retweet", "is_repost", "is_reblog", "reblog", "renoteId", "repost"])
def test_reposts_of_other_networks_have_no_text(tmp_path: Path, key: str) -> None:
    marked = "" if key == "renoteId" else THEIRS
    value = "8abc" if key in ("reblog", "renoteId") else True
    records = [{"id": "1", "text": TEXTS[0], key: None}, {"id": "2", "text": marked, key: value}]
    read = Read(written(tmp_path, records), "other:ann")
    assert read.texts == ["", TEXTS[0]] and [post.is_retweet for post in read.posts] == [True, False]


@pytest.mark.parametrize(
    ("texts", "meant"),
    [
        (
            ["salt &amp; tar", "and &gt; so &lt;3", "write &amp;lt; for it"],
            ["salt & tar", "and > so <3", "write &lt; for it"],
        ),
        (
            ["salt & tar", "write &lt; for it", "two"],
            ["salt & tar", "write &lt; for it", "two"],
        ),  # as they were written
    ],
)
def test_entities_are_undone_once_where_no_text_of_another_network_is_without(
    tmp_path: Path, texts: list[str], meant: list[str]
) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps({"author": "ann", "body": text}) + "\n" for text in texts))
    assert Read(path, "reddit:ann").texts == meant
    assert Read(path, "ann").texts == texts  # X's own, which are undone when they are cleaned


def test_a_text_in_pieces_is_read_as_telegram_shows_it(tmp_path: Path) -> None:
    link, bold = {"type": "link", "text": "https://m.example"}, {"type": "bold", "text": "very "}
    messages = [
        {
            "id": 1,
            "type": "message",
            "date": "2024-01-01T10:00:00",
            "text": ["See ", link, " for ", bold, "late news"],
        },
        {
            "id": 2,
            "type": "message",
            "date": "2024-01-02T10:00:00",
            "text": [bold, {"type": "hashtag", "text": "#fog"}],
        },
        {"id": 3, "type": "message", "date": "2024-01-03T10:00:00", "text": "A plain one, too"},
    ]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "Mill", "type": "public_channel", "id": 9, "messages": messages}))
    read = Read(path, "other:mill")
    assert read.texts == ["A plain one, too", "very #fog", "See https://m.example for very late news"]
    assert read.timeline.recognised and read.timeline.recognised.passed_over == 0


def of_bluesky(text: str, handle: str) -> dict[str, Any]:
    """A post as Bluesky's AppView shows it, which names its author around the record."""
    record = {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2024-03-05T12:00:00Z",
        "langs": ["de"],
    }
    return {"uri": "at://did:plc:a/app.bsky.feed.post/3k", "author": {"handle": handle}, "record": record}


@pytest.mark.parametrize("shape", [{"feed": "ROWS"}, {"posts": "ROWS"}, "ROWS"])
def test_a_page_of_blueskys_gives_the_accounts_own_posts(tmp_path: Path, shape: Any) -> None:
    rows = [{"post": of_bluesky(TEXTS[0], "ann.bsky.social")}, {"post": of_bluesky(THEIRS, "bob.example")}]
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(shape).replace('"ROWS"', json.dumps(rows)))
    read = Read(path, "ann.bsky.social")
    assert read.texts == [TEXTS[0]] and "skipped 1 post of other accounts" in read.said
    assert read.posts[0].lang == "de"


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_posts_of_reddit_from_a_collection_have_titles_and_their_own_words(tmp_path: Path, form: str) -> None:
    said = [(TEXTS[0], ""), (TEXTS[1], f"&gt; {THEIRS}\n\n{TEXTS[2]}"), ("Gone", "[removed]")]
    posts = [{"id": f"p{n}", "author": "ann", "title": t, "selftext": s} for n, (t, s) in enumerate(said)]
    path = written(tmp_path, posts, "jsonl")
    if form == "csv":
        path = tmp_path / "posts.csv"
        path.write_text(
            "id,author,title,selftext\n" + "".join(f'p{n},ann,{t},"{s}"\n' for n, (t, s) in enumerate(said))
        )
    read = Read(path, "reddit:ann")
    assert sorted(text.split("\n") for text in read.texts) == sorted(
        [[TEXTS[0]], [TEXTS[1], "", "", TEXTS[2]]]
    )
    assert "1 record: removed or deleted" in read.said


@pytest.mark.parametrize(
    ("submission", "comment"),
    [
        ({"num_comments": "3"}, {"num_comments": "0", "title": "Comment"}),
        ({"comms_num": "3"}, {"parent_id": "t3_a", "title": THEIRS}),
        ({"type": "submission"}, {"type": "comment", "title": THEIRS}),
        ({}, {"title": THEIRS}),  # which nothing tells from one
    ],
)
def test_submissions_have_their_titles_and_comments_not_those_of_others(
    tmp_path: Path, submission: dict[str, str], comment: dict[str, str]
) -> None:
    rows = [
        {"id": "c1", "author": "ann", "body": TEXTS[0], **comment},
        {"id": "s1", "author": "ann", "body": TEXTS[1], "title": "A mill", **submission},
        {"id": "s2", "author": "ann", "body": "", "title": TEXTS[2], **submission},
    ]
    read = Read(written(tmp_path, rows), "reddit:ann")
    own = [f"A mill\n\n{TEXTS[1]}", TEXTS[2]] if submission else [TEXTS[1]]
    assert sorted(read.texts) == sorted([TEXTS[0], *own]) and THEIRS not in str(read.posts)


@pytest.mark.parametrize("end", ["", "...", "…"])
def test_a_title_that_is_the_beginning_of_the_text_is_not_said_twice(tmp_path: Path, end: str) -> None:
    rows = [{"type": "post", "title": f"{text[:20]}{end}", "body": text} for text in TEXTS]
    assert sorted(Read(written(tmp_path, rows), "ann").texts) == sorted(TEXTS)


def test_quoted_lines_of_reddits_comments_are_anothers_words(tmp_path: Path) -> None:
    bodies = [f"> {THEIRS}\n\n{TEXTS[0]}", f"> {THEIRS}", "[deleted]"]
    comments = [{"id": f"c{n}", "author": "ann", "body": body} for n, body in enumerate(bodies)]
    read = Read(written(tmp_path, comments), "reddit:ann")
    assert read.texts == [TEXTS[0]]
    assert "1 record: without words of its own" in read.said and "1 record: removed or deleted" in read.said


def test_posts_of_facebooks_export_have_the_time_around_them(tmp_path: Path) -> None:
    posts: list[Any] = [
        {"timestamp": 1700000000 + n, "data": [{"post": text}, {"update_timestamp": 9}], "title": "Ann"}
        for n, text in enumerate(TEXTS)
    ]
    read = Read(written(tmp_path, posts), "other:ann")
    assert read.texts == [*reversed(TEXTS)] and read.posts[-1].created_at
    assert read.posts[-1].created_at.timestamp() == 1700000000


def test_pictures_without_words_in_facebooks_export_hide_no_posts(tmp_path: Path) -> None:
    picture = {"uri": "1.jpg", "creation_timestamp": 1700000000, "description": ""}
    attachments = [{"data": [{"media": picture}]}]
    alone = [
        {"timestamp": 9, "attachments": attachments, "data": data} for data in ([{"update_timestamp": 9}], [])
    ]
    posts = [{"timestamp": 1700000000, "data": [{"post": TEXTS[0]}], "title": "Ann"}]
    path = written(tmp_path, [*alone * 5, *posts])
    assert not is_export(path)
    read = Read(path, "other:ann")
    assert read.texts == [TEXTS[0]] and read.posts[0].created_at and "not posts" not in read.said


def test_comments_of_facebooks_export_are_read(tmp_path: Path) -> None:
    comments = [
        {
            "timestamp": 7,
            "data": [{"comment": {"timestamp": 1700000000 + n, "comment": text, "author": "Ann"}}],
        }
        for n, text in enumerate(TEXTS)
    ]
    path = tmp_path / "comments.json"
    path.write_text(json.dumps({"comments_v2": comments}))
    read = Read(path, "other:ann")
    assert read.texts == [*reversed(TEXTS)] and read.posts[-1].created_at
    assert read.posts[-1].created_at.timestamp() == 1700000000


def test_comments_of_others_below_a_post_stay_there(tmp_path: Path) -> None:
    theirs = {"author": "bob", "text": THEIRS, "comment": THEIRS}
    posts = [{"id": "1", "text": TEXTS[0], "comments": [theirs], "comment": theirs}]
    assert Read(written(tmp_path, posts), "ann").texts == [TEXTS[0]]


@pytest.mark.parametrize(
    "post",
    [
        {"status": "publish", "content": {"rendered": f"<p>{TEXTS[0]}</p>", "protected": False}},  # WordPress
        {"status": "published", "html": f"<p>{TEXTS[0]}</p>", "plaintext": TEXTS[0], "visibility": "public"},
        {"code": "C1", "caption": {"text": TEXTS[0], "user_id": "7"}},  # Instagram
        {"caption": {"text": TEXTS[0]}},
    ],
)
def test_a_text_may_lie_in_an_object_or_beside_what_became_of_it(
    tmp_path: Path, post: dict[str, Any]
) -> None:
    assert Read(written(tmp_path, [{"id": 7, "date": "2024-03-05", **post}]), "other:ann").texts == [TEXTS[0]]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_number_in_place_of_a_name_is_the_authors_id_on_any_network(tmp_path: Path, form: str) -> None:
    rows = [{"post_author": "1", "post_content": text} for text in TEXTS]
    path = written(tmp_path, rows)
    if form == "csv":
        path = tmp_path / "wp_posts.csv"
        path.write_text("post_author,post_content\n" + "".join(f"1,{text}\n" for text in TEXTS))
    read = Read(path, "other:ann")
    assert sorted(read.texts) == sorted(TEXTS) and read.timeline.account.id == "1"
    with pytest.raises(UnreadableFileError, match="2 accounts and names none"):
        Read(written(tmp_path, [*rows, {"post_author": "2", "post_content": THEIRS}]), "other:ann")


@pytest.mark.parametrize("form", ["json", "csv"])
def test_of_a_channel_of_discord_the_accounts_own_words_are_taken(tmp_path: Path, form: str) -> None:
    said = [("ann", "11111", TEXTS[0], "Default"), ("Big Bob", "22222", THEIRS, "Reply"),
            ("ann", "11111", TEXTS[1], "Reply"), ("ann", "11111", "Hi", "ChannelPinnedMessage")]  # fmt: skip

    def path(said: list[tuple[str, str, str, str]]) -> Path:
        messages = [{"type": kind, "content": text, "author": {"id": id, "name": name}}
                    for name, id, text, kind in said]  # fmt: skip
        if form == "json":
            return written(tmp_path, [{"channel": {"type": "GuildTextChat"}, "messages": messages}])
        rows = [f"{id},{name}#12{id[:2]},{text}\n" for name, id, text, kind in said if "Pinned" not in kind]
        (tmp_path / "general.csv").write_text(f"AuthorID,Author,Content\n{''.join(rows)}")
        return tmp_path / "general.csv"

    assert sorted(Read(path(said), "other:ann").texts) == sorted(TEXTS[:2])
    with pytest.raises(UnreadableFileError, match="2 accounts called ann: '11111' and '33333'"):
        Read(path([*said, ("ann", "33333", THEIRS, "Default")]), "other:ann")


def test_two_accounts_of_one_name_are_told_by_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "general.csv"
    path.write_text(f"Author,Content\nann#1234,{TEXTS[0]}\nBob#0001,{THEIRS}\nann#1234,{TEXTS[1]}\n")
    assert sorted(Read(path, "other:ann").texts) == sorted(TEXTS[:2])
    path.write_text(f"{path.read_text()}Ann#9999,{THEIRS}\n")
    with pytest.raises(UnreadableFileError, match="2 accounts called ann: 'ann#1234' and 'ann#9999'"):
        Read(path, "other:ann")


def test_tiktoks_comments_of_others_are_told_by_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "tiktok.csv"
    path.write_text(f"id,text,authorMeta.name\n7,{TEXTS[0]},ann\n8,{THEIRS},bob\n")
    assert Read(path, "other:ann").texts == [TEXTS[0]]
    records = [{"id": id, "text": text, "authorMeta": {"name": name, "id": id}}
               for id, text, name in (("7", TEXTS[0], "ann"), ("8", THEIRS, "bob"))]  # fmt: skip
    assert Read(written(tmp_path, records), "other:ann").texts == [TEXTS[0]]


def test_posts_of_tumblr_in_blocks_are_whole_and_without_those_of_others(tmp_path: Path) -> None:
    def post(number: int, *texts: str, **about: Any) -> dict[str, Any]:
        blocks = [*({"type": "text", "text": text} for text in texts), {"type": "image", "media": []}]
        return {"blog_name": "ann", "id": number, "timestamp": 1700000000 + number, "state": "published",
                "content": blocks, "trail": [], **about}  # fmt: skip

    trail = {"trail": [{"blog": {"name": "bob"}, "content": [{"type": "text", "text": THEIRS}]}]}
    reblogged = {**trail, "reblogged_from_id": "5", "parent_post_id": "5"}
    hidden = [post(9, HIDDEN, state=state) for state in ("private", "draft")]
    asked = {"layout": [{"type": "rows"}, {"type": "ask", "blocks": [0, 1]}]}
    posts = [
        post(4, THEIRS, "Do you bake?", "I do", **asked),
        post(3, TEXTS[0], TEXTS[1]),
        post(2, TEXTS[2], **reblogged),
        post(1, **reblogged),
        post(0),
        *hidden,
    ]
    read = Read(written(tmp_path, [{"response": {"posts": posts}}]), "other:ann")
    assert read.texts == ["I do", f"{TEXTS[0]}\n{TEXTS[1]}", TEXTS[2], "", ""]
    assert [post.is_retweet for post in read.posts] == [False, False, False, True, False]
    assert [post.is_quote for post in read.posts] == [False, False, True, False, False]


def test_the_time_of_a_page_is_not_that_of_its_posts(tmp_path: Path) -> None:
    page = {"date": "2024-01-15", "tweets": [{"id": "7", "text": TEXTS[0]}]}
    assert not Read(written(tmp_path, [page]), "other:ann").posts[0].created_at
    page = {"date": "2024-01-15", "tweets": [{"text": text} for text in TEXTS]}
    assert not any(post.created_at for post in Read(written(tmp_path, [page]), "other:ann").posts)


@pytest.mark.parametrize("around", ["value", "record", None])
def test_links_quotes_and_labels_of_blueskys_records_are_as_in_its_repositories(
    tmp_path: Path, around: str | None
) -> None:
    kind, text = "app.bsky.feed.post", "Né at example.com/a/very/lon... of mine"
    begin = text.encode().index(b"example")
    link = {
        "index": {"byteStart": begin, "byteEnd": begin + len("example.com/a/very/lon...")},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/a/very/long/way"}],
    }
    quoted = {"$type": "app.bsky.embed.record", "record": {"uri": f"at://did:plc:b/{kind}/3k", "cid": "b"}}
    warned = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}
    records: list[dict[str, Any]] = [
        {"$type": kind, "text": text, "createdAt": "2024-03-05T12:00:03Z", "facets": [link]},
        {"$type": kind, "text": TEXTS[0], "createdAt": "2024-03-05T12:00:02Z", "embed": quoted},
        {"$type": kind, "text": HIDDEN, "createdAt": "2024-03-05T12:00:01Z", "labels": warned},
    ]
    rows = [{"uri": f"at://did:plc:a/{kind}/3k", around: one} if around else one for one in records]
    read = Read(written(tmp_path, rows), "ann.bsky.social")
    assert read.texts == ["Né at https://example.com/a/very/long/way of mine", TEXTS[0]]
    assert [post.is_quote for post in read.posts] == [False, True]
    assert "1 record: behind a content warning" in read.said


def test_commits_of_blueskys_stream_are_read(tmp_path: Path) -> None:
    commits = [
        {"did": "did:plc:a", "kind": "commit", "commit": {"rkey": f"3l{n}", "record": {"text": text}}}
        for n, text in enumerate(TEXTS)
    ]
    read = Read(written(tmp_path, commits, "jsonl"), "ann.bsky.social")
    assert read.texts == list(TEXTS) and [post.id for post in read.posts] == ["3l0", "3l1", "3l2"]


@pytest.mark.parametrize("by", ["did", "uri", "column did", "column uri"])
def test_posts_of_bluesky_are_told_apart_by_whose_repository_they_are_in(tmp_path: Path, by: str) -> None:
    ann, bob = (f"did:plc:{letter * 24}" for letter in "ab")
    forms = {
        "did": lambda did, n, text: {"did": did, "commit": {"rkey": f"3l{n}", "record": {"text": text}}},
        "uri": lambda did, n, text: {"uri": f"at://{did}/app.bsky.feed.post/3l{n}", "value": {"text": text}},
        "column did": lambda did, n, text: {"did": did, "rkey": f"3l{n}", "text": text},
        "column uri": lambda did, n, text: {"uri": f"at://{did}/app.bsky.feed.post/3l{n}", "text": text},
    }
    posts = [
        forms[by](did, n, text)
        for n, (did, text) in enumerate([(ann, TEXTS[0]), (bob, THEIRS), (ann, TEXTS[1])])
    ]
    path = written(tmp_path, posts, "jsonl")
    read = Read(path, ann)
    assert {post.id: post.text for post in read.posts} == {"3l0": TEXTS[0], "3l2": TEXTS[1]}
    with pytest.raises(UnreadableFileError, match="posts of 2 accounts and names none"):
        Read(path, "ann.bsky.social")


# --- ActivityPub and Nostr ------------------------------------------------------------------------

NOTES = [
    made.note(1, TEXTS[0]),
    made.note(2, HIDDEN, to=[made.FOLLOWERS], cc=[]),
    made.note(3, HIDDEN, to=[made.OTHER], cc=[]),
    made.note(4, TEXTS[1], inReplyTo=f"{made.ME}/statuses/1", cc=made.PUBLIC, to=made.FOLLOWERS),
    made.note(5, TEXTS[2], inReplyTo=f"{made.OTHER}/statuses/1"),
    made.note(6, "behind a warning", summary="food"),
    made.note(7, THEIRS, attributedTo=made.OTHER),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [dict, made.create], ids=["notes", "activities"])
def test_notes_of_activitypub_say_by_their_recipients_who_may_read_them(
    tmp_path: Path, shape: Any, form: str
) -> None:
    records = [made.create(one, actor=one["attributedTo"]) if shape is made.create else one for one in NOTES]
    read = Read(written(tmp_path, records, form), "ann@m.example")
    assert read.texts == [TEXTS[2], TEXTS[1], TEXTS[0]]
    assert [post.is_reply for post in read.posts] == [True, False, False]
    assert {post.lang for post in read.posts} == {"en"}
    assert "2 records: not public" in read.said and HIDDEN not in f"{read.said}{read.timeline}"
    assert len(Read(written(tmp_path, records, form), "ann@m.example", include_private=True).posts) == 5


@pytest.mark.parametrize("prefix", ["", "object."])
def test_recipients_in_a_table_say_who_may_read_a_note(tmp_path: Path, prefix: str) -> None:
    """As pandas writes a list of notes, or of activities with their objects as columns."""
    recipients = [[made.PUBLIC], [made.FOLLOWERS], [made.OTHER], [made.FOLLOWERS, made.PUBLIC]]
    path = tmp_path / "notes.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        about = ["type", "actor"] if prefix else ["type", "attributedTo"]
        writer.writerow(["id", *about, *(f"{prefix}{key}" for key in ("to", "cc", "content", "summary"))])
        for number, to in enumerate(recipients):
            text = HIDDEN if number in (1, 2) else f"{TEXTS[0]} {number}"
            writer.writerow([f"n{number}", "Create" if prefix else "Note", made.ME, to, [], text, ""])
        writer.writerow(["n9", "Create" if prefix else "Note", made.ME, recipients[0], [], HIDDEN, "food"])
    columns = {"columns": {"text": "object.content"}} if prefix else {}
    read = Read(path, "ann@m.example", **columns)
    assert sorted(read.texts) == [f"{TEXTS[0]} 0", f"{TEXTS[0]} 3"] and "2 records: not public" in read.said


@pytest.mark.parametrize("write", [json.dumps, " ".join, ";".join, "[{0[0]}, {0[1]}]".format])
@pytest.mark.parametrize("text", ["content", "text", "object.content"])
def test_recipients_in_a_table_may_be_written_in_any_way(tmp_path: Path, write: Any, text: str) -> None:
    prefix = "object." if text == "object.content" else ""
    path = tmp_path / "notes.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["type", "attributedTo", f"{prefix}to", text])
        for said, to in ((TEXTS[0], made.PUBLIC), (HIDDEN, made.FOLLOWERS), (HIDDEN, f"{made.PUBLIC}s")):
            writer.writerow(["Note", made.ME, write([to, made.OTHER]), said])
        writer.writerow(["Announce", made.ME, write([made.PUBLIC, made.OTHER]), THEIRS])
    read = Read(path, "ann@m.example", columns={"text": "object.content"} if prefix else {})
    theirs = [""] if prefix else [THEIRS]  # of notes, none is a boost
    assert sorted(read.texts) == sorted([TEXTS[0], *theirs]) and "2 records: not public" in read.said


@pytest.mark.parametrize(
    "columns",
    [
        {"type": "Note", "to": "bob"},
        {"type": "Question", "to": "", "cc": "eve"},
        {"type": "Update", "object": "page"},
        {"type": "Like", "object": "bread"},
        {"type": "Update", "actor": "ann", "to": ""},
        {"pubkey": "ab" * 32, "kind": "1"},
    ],
)
@pytest.mark.parametrize("text", ["text", "content"])
def test_columns_that_other_networks_have_too_say_nothing_by_themselves(
    tmp_path: Path, columns: dict[str, str], text: str
) -> None:
    records = [{**columns, text: said} for said in TEXTS]
    assert sorted(Read(written(tmp_path, records), "ann").texts) == sorted(TEXTS)


@pytest.mark.parametrize("missing", ["actor", "attributedTo"])
def test_without_its_writer_a_note_is_read_by_its_recipients_all_the_same(
    tmp_path: Path, missing: str
) -> None:
    notes = [made.note(1, TEXTS[0]), *(made.note(2, HIDDEN, to=to, cc=[]) for to in ([made.OTHER], []))]
    records = [*map(made.create, notes)] if missing == "actor" else notes
    records = [{key: value for key, value in one.items() if key != missing} for one in records]
    assert Read(written(tmp_path, records), "ann@m.example").texts == [TEXTS[0]]


@pytest.mark.parametrize("kind", ["Note", "Article", "ChatMessage"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_note_of_nobody_to_nobody_is_read_by_who_gets_a_copy(tmp_path: Path, kind: str, form: str) -> None:
    """Some servers leave out lists of recipients that are empty."""
    copies: list[Any] = [{"cc": [made.PUBLIC]}, {"cc": made.FOLLOWERS}, {}, {"bto": [made.OTHER]}]
    told = {"type": kind, "attributedTo": ..., "to": ..., "contentMap": ..., "cc": ...}
    notes = [made.note(number, said, **{**told, **copy}) for number, said, copy in
             zip(range(4), [TEXTS[0], HIDDEN, HIDDEN, HIDDEN], copies, strict=True)]  # fmt: skip
    path = written(tmp_path, notes)
    if form == "csv":
        path = tmp_path / "notes.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["id", "type", "published", "content", "cc"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(notes)
    read = Read(path, "ann@m.example")
    assert read.texts == [TEXTS[0]] and "3 records: not public" in read.said


@pytest.mark.parametrize("kind", ["Article", "Video", "Image"])
def test_what_is_listed_with_its_address_elsewhere_than_in_activitypub_is_not_private(
    tmp_path: Path, kind: str
) -> None:
    records = [
        {"id": f"https://blog.example/{number}", "type": kind, "published": "2024-03-05", "content": said}
        for number, said in enumerate(TEXTS)
    ]  # fmt: skip
    assert sorted(Read(written(tmp_path, records), "ann").texts) == sorted(TEXTS)


def test_anothers_note_in_an_activity_of_ones_own_is_anothers(tmp_path: Path) -> None:
    notes = [made.note(1, TEXTS[0]), made.note(2, THEIRS, attributedTo=made.OTHER)]
    records = [*map(made.create, notes)]
    assert Read(written(tmp_path, records), "ann@m.example").texts == [TEXTS[0]]


def test_of_an_outbox_in_pieces_boosts_are_counted_and_the_rest_is_passed_over(tmp_path: Path) -> None:
    theirs = made.note(9, THEIRS, attributedTo=made.OTHER)
    liked = {"type": "EmojiReact", "actor": made.ME, "object": made.OTHER, "content": THEIRS}
    pages = [
        json.loads(made.outbox(made.post(1, TEXTS[0]), made.boost(2, theirs))),
        json.loads(made.outbox(made.post(3, TEXTS[1]), liked)),
    ]
    read = Read(written(tmp_path, pages, "jsonl"), "ann@m.example")
    assert read.texts == [TEXTS[1], "", TEXTS[0]] and "1 record: not posts" in read.said
    assert [post.is_retweet for post in read.posts] == [False, True, False]


def test_what_a_relay_says_around_an_event_is_not_a_post(tmp_path: Path) -> None:
    events = [{"pubkey": "ab" * 32, "kind": 1, "tags": [], "content": text} for text in TEXTS]
    said = [["EOSE", "1"], ["NOTICE", "Bye!"]]
    lines = [*(["EVENT", "1234567890123456789", event] for event in events), *said]
    assert sorted(Read(written(tmp_path, lines, "jsonl"), "other:ann").texts) == sorted(TEXTS)


@pytest.mark.parametrize("form", ["json", "csv", "csv with gaps"])
def test_of_nostrs_events_only_notes_are_posts(tmp_path: Path, form: str) -> None:
    def event(number: int, kind: int, content: str, *tags: list[str]) -> dict[str, Any]:
        about = {"id": f"{number:064x}", "pubkey": "ab" * 32, "created_at": 1_709_640_000 + number}
        return {**about, "kind": kind, "tags": list(tags), "content": content, "sig": "f" * 128}

    events = [
        event(1, 1, TEXTS[0]),
        event(2, 1, TEXTS[1], ["e", "aa", "", "reply"], ["p", "bb"]),
        event(3, 6, json.dumps(event(9, 1, THEIRS)), ["e", "aa"]),
        event(4, 4, HIDDEN, ["p", "bb"]),
        *(event(number, 7, "+") for number in range(10, 20)),
        event(5, 0, '{"name": "ann"}'),
        event(6, 1, TEXTS[2], ["q", "aa"]),
    ]
    if form != "json":
        gap = ".0" if form == "csv with gaps" else ""
        events = [
            {key: f"{value}{gap if key in ('kind', 'created_at') else ''}" for key, value in event.items()}
            for event in events
        ]
    read = Read(written(tmp_path, events), "other:ann")
    assert read.texts == [TEXTS[2], "", TEXTS[1], TEXTS[0]] and "12 records: not posts" in read.said
    assert [post.is_retweet for post in read.posts] == [False, True, False, False]
    assert [post.is_reply for post in read.posts] == [False, False, True, False]
    assert [post.is_quote for post in read.posts] == [True, False, False, False]
    stranger = {**event(7, 1, THEIRS), "pubkey": "cd" * 32}
    with pytest.raises(UnreadableFileError, match="2 accounts"):
        Read(written(tmp_path, [*events, stranger]), "other:ann")
