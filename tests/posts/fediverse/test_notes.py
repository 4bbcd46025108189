"""What becomes of each entry of an outbox: a post, a boost, or something that is only counted."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError
from tests.posts.fediverse.reading import Told, read, read_items, texts
from tests.servers.fediverse_archives import (
    FOLLOWERS,
    HOST,
    ME,
    OTHER,
    PUBLIC,
    actor,
    archive,
    boost,
    create,
    note,
    post,
    zipped,
)

SECRET = "secret words"


def test_a_post_has_its_text_number_time_and_language(tmp_path: Path) -> None:
    (one,) = read_items(tmp_path, post(7, "Good &amp; calm"))
    assert (one.text, one.id, one.lang) == ("Good & calm", "7", "en")
    assert one.created_at == datetime(2024, 3, 5, 12, 7, tzinfo=UTC)
    assert (one.is_retweet, one.is_reply, one.is_quote, one.is_private) == (False, False, False, False)


def test_the_newest_post_comes_first_and_each_once(tmp_path: Path) -> None:
    posts = read_items(tmp_path, post(8), post(9), post(9), post(30), boost(10))
    assert [one.id for one in posts] == ["30", "10", "9", "8"]


@pytest.mark.parametrize(
    ("to", "cc"),
    [
        ([PUBLIC], [FOLLOWERS]),
        ([FOLLOWERS], [PUBLIC]),
        (PUBLIC, ...),
        ("as:Public", None),
        (["Public"], FOLLOWERS),
        ([OTHER, PUBLIC], []),
        (None, ["as:Public"]),
        ([{"id": PUBLIC}], []),
    ],
)
def test_public_and_unlisted_posts_are_taken(tmp_path: Path, to: Any, cc: Any) -> None:
    (one,) = read_items(tmp_path, post(1, to=to, cc=cc))
    assert not one.is_private


PRIVATE = [
    ([FOLLOWERS], []),
    ([FOLLOWERS], [OTHER]),
    ([OTHER], []),
    ([], []),
    (..., ...),
    (None, None),
    (FOLLOWERS, OTHER),
    ([f"{PUBLIC}/followers"], []),
    (f"not {PUBLIC}", []),
    ([[PUBLIC]], 7),
    ({"Public": True}, []),
]


@pytest.mark.parametrize(("to", "cc"), PRIVATE)
@pytest.mark.parametrize("warning", [None, "warning"])
def test_posts_for_followers_and_single_people_are_nowhere(
    tmp_path: Path, to: Any, cc: Any, warning: str | None
) -> None:
    told = Told()
    posts = read_items(tmp_path, post(1), post(2, SECRET, to=to, cc=cc, summary=warning), told=told)
    assert texts(posts) == ["post 1"]
    assert told.notes == ["archive.zip: left out 1 post for followers or single people."]
    assert told.warnings == []


@pytest.mark.parametrize(("to", "cc"), PRIVATE)
def test_they_are_taken_and_marked_if_their_owner_wants_it(tmp_path: Path, to: Any, cc: Any) -> None:
    posts = read_items(tmp_path, post(1), post(2, SECRET, to=to, cc=cc), include_private=True)
    assert [(one.text, one.is_private) for one in posts] == [(SECRET, True), ("post 1", False)]


def test_a_note_without_recipients_has_those_of_its_activity(tmp_path: Path) -> None:
    bare = note(1, to=..., cc=...)
    posts = read_items(tmp_path, create(bare, to=[FOLLOWERS], cc=PUBLIC), create(note(2), to=[FOLLOWERS]))
    assert texts(posts) == ["post 2", "post 1"]
    with pytest.raises(EmptyTimelineError):
        read_items(tmp_path, create(bare, to=[FOLLOWERS]), create(note(2, to=[FOLLOWERS]), to=[PUBLIC]))


def test_an_archive_of_private_posts_alone_says_so(tmp_path: Path) -> None:
    with pytest.raises(EmptyTimelineError, match="no public posts .* only 2 posts for followers") as caught:
        read_items(tmp_path, post(1, SECRET, to=[FOLLOWERS]), post(2, SECRET, to=[], cc=[]))
    assert "--include-private" in caught.value.next_step and SECRET not in str(caught.value)


@pytest.mark.parametrize("described", [ME, f"{ME}/"])
def test_the_address_of_an_account_may_end_in_a_slash(tmp_path: Path, described: str) -> None:
    slashed = {"attributedTo": f"{ME}/"}
    told = Told()
    entries = [
        create(note(1, **slashed), actor=f"{ME}/"),
        create(note(2, **slashed)),
        create(note(3), actor=f"{ME}/"),
        create(note(4, SECRET, attributedTo=f"{OTHER}/")),
        create(note(5, inReplyTo=f"{ME}/statuses/1", **slashed)),
    ]
    path = zipped(tmp_path / "archive.zip", archive(*entries, of=actor(id=described)))
    posts = read(path, told=told).tweets
    assert texts(posts) == ["post 5", "post 3", "post 2", "post 1"] and not posts[0].is_reply
    assert told.notes == ["archive.zip: left out 1 post by other accounts."]


# --- content warnings, quotes, polls, pictures ----------------------------------------------------


def test_what_stands_behind_a_warning_is_left_out_unless_it_is_to_be_kept(tmp_path: Path) -> None:
    told = Told()
    entries = post(1), post(2, "inside", summary="outside", sensitive=True), post(3, summary="")
    assert texts(read_items(tmp_path, *entries, told=told)) == ["post 3", "post 1"]
    assert told.notes == ["archive.zip: left out 1 post behind content warnings."]
    assert texts(read_items(tmp_path, *entries, content_warnings="keep")) == ["post 3", "inside", "post 1"]
    with pytest.raises(EmptyTimelineError, match="behind content warnings") as caught:
        read_items(tmp_path, entries[1])
    assert "--content-warnings keep" in caught.value.next_step


@pytest.mark.parametrize("key", ["quote", "quoteUri", "quoteUrl", "_misskey_quote"])
def test_a_quote_is_told_by_its_keys_and_has_only_its_own_words(tmp_path: Path, key: str) -> None:
    text = f'<p class="quote-inline">RE: <a href="{OTHER}/statuses/5">other</a></p><p>mine</p>'
    (one,) = read_items(tmp_path, post(1, text, **{key: f"{OTHER}/statuses/5"}))
    assert (one.text, one.is_quote) == ("mine", True)


def test_of_a_poll_only_the_question_is_text(tmp_path: Path) -> None:
    options = [{"type": "Note", "name": "the answer", "replies": {"totalItems": 3}}]
    (one,) = read_items(tmp_path, post(1, "A question?", type="Question", oneOf=options))
    assert one.text == "A question?"


@pytest.mark.parametrize("content", [None, ..., ""])
def test_a_picture_alone_is_a_post_without_text(tmp_path: Path, content: Any) -> None:
    (one,) = read_items(tmp_path, post(1, None, content=content, contentMap=...))
    assert one.text == ""


def test_an_edited_post_is_there_as_it_was_last(tmp_path: Path) -> None:
    (one,) = read_items(tmp_path, post(1, "last", updated="2024-04-01T00:00:00Z"))
    assert (one.text, one.created_at) == ("last", datetime(2024, 3, 5, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("versions", "lang"),
    [
        ({"zhCn": "<p>post 1</p>"}, "zh-CN"),
        ({"zh-Hant": "<p>post 1</p>"}, "zh-Hant"),
        ({"ptBr": "<p>o post</p>", "en": "<p>post 1</p>"}, "en"),
        ({"de": "<p>anders</p>"}, "de"),
        ({"not a language": "<p>post 1</p>"}, None),
        ({"en": 7}, None),
        ({}, None),
        (["en"], None),
        (..., None),
    ],
)
def test_the_language_is_the_key_of_the_content(tmp_path: Path, versions: Any, lang: str | None) -> None:
    (one,) = read_items(tmp_path, post(1, contentMap=versions))
    assert (one.text, one.lang) == ("post 1", lang)


def test_a_content_that_stands_under_its_language_alone_is_read(tmp_path: Path) -> None:
    (one,) = read_items(tmp_path, post(1, None, contentMap={"fr": "<p>Bonjour</p>"}))
    assert (one.text, one.lang) == ("Bonjour", "fr")


# --- boosts, replies, others' posts ---------------------------------------------------------------


@pytest.mark.parametrize("what", [f"{OTHER}/statuses/1", note(3, SECRET), {"id": 7}, None, []])
def test_a_boost_has_no_text_even_where_it_holds_one(tmp_path: Path, what: Any) -> None:
    (one, _) = read_items(tmp_path, boost(9, what), post(1))
    assert (one.text, one.is_retweet, one.id) == ("", True, "9")


@pytest.mark.parametrize(
    ("parent", "is_reply"),
    [
        (None, False),
        (f"{ME}/statuses/1", False),
        ({"id": f"{ME}/statuses/1"}, False),
        (f"{OTHER}/statuses/1", True),
        (f"{ME}a/statuses/1", True),
        (f"{HOST}/objects/5", False),
        (f"{HOST}/objects/6", True),
        ([], False),
        (7, False),
    ],
)
def test_a_reply_to_oneself_is_a_post_of_ones_own(tmp_path: Path, parent: Any, is_reply: bool) -> None:
    first = post(1, id=f"{HOST}/objects/5")  # where the address does not tell whose it is, as in Pleroma
    posts = read_items(tmp_path, first, post(2, "mine", inReplyTo=parent, published="2025-01-01T00:00:00Z"))
    assert [one.is_reply for one in posts] == [is_reply, False]
    assert posts[1].id == f"{HOST}/objects/5"


@pytest.mark.parametrize(
    "entry",
    [
        post(2, SECRET, attributedTo=OTHER),
        post(2, SECRET, attributedTo={"id": OTHER}),
        post(2, SECRET, attributedTo=[ME, OTHER]),
        create(note(2, SECRET), actor=OTHER),
    ],
)
def test_posts_of_others_are_left_out(tmp_path: Path, entry: Any) -> None:
    told = Told()
    assert texts(read_items(tmp_path, post(1), entry, told=told)) == ["post 1"]
    assert told.notes == ["archive.zip: left out 1 post by other accounts."]


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "Like", "actor": ME, "object": f"{OTHER}/statuses/1"},
        {"type": "Delete", "actor": ME, "object": note(2, SECRET)},
        {"type": "Create", "actor": ME, "to": [PUBLIC], "object": f"{ME}/statuses/2"},
        {"type": "Create", "actor": ME, "to": [PUBLIC], "object": None},
        post(2, SECRET, type="ChatMessage"),
        post(2, SECRET, type="Article"),
        create(note(2, SECRET), type={"Create": 1}),
        f"{ME}/statuses/2/activity",
        None,
        [],
        7,
    ],
)
def test_what_is_not_a_post_is_counted_only(tmp_path: Path, entry: Any) -> None:
    told = Told()
    assert texts(read_items(tmp_path, post(1), entry, told=told)) == ["post 1"]
    assert told.notes == ["archive.zip: left out 1 record of other kinds."]


@pytest.mark.parametrize("content", [7, ["a"], {"en": "a"}, "<p>&#" + "9" * 5000, "x" * 1_000_001])
def test_a_text_that_is_none_is_counted_only(tmp_path: Path, content: Any) -> None:
    told = Told()
    assert texts(read_items(tmp_path, post(1), post(2, None, content=content), told=told)) == ["post 1"]
    assert told.notes == ["archive.zip: left out 1 post with a text that could not be read."]


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], {"id": {}}, "\ud800", "2024-13-45"])
@pytest.mark.parametrize(
    "field",
    [
        "id",
        "published",
        "inReplyTo",
        "contentMap",
        "tag",
        "attachment",
        "sensitive",
        "updated",
        "quote",
        "cc",
    ],
)
def test_a_strange_value_costs_nothing_but_itself(tmp_path: Path, field: str, value: Any) -> None:
    posts = read_items(tmp_path, post(1), post(2, **{field: value}))
    assert sorted(texts(posts)) == ["post 1", "post 2"]


def test_notes_that_stand_in_no_activity_are_read_as_static_sites_have_them(tmp_path: Path) -> None:
    posts = read_items(tmp_path, note(1), note(2, SECRET, to=[FOLLOWERS]), note(3, to=PUBLIC, cc=...))
    assert texts(posts) == ["post 3", "post 1"]
