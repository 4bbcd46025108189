"""Relatives of the tables in `test_table`: what a stranger's file may hold that looks like something else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Silent
from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.posts.file import TweetFile
from huggingtweets_hub.posts.reading import Reading
from tests.posts.tables.test_table import TEXTS, Read, table

OWN, OTHER, MORE = TEXTS


def written(folder: Path, content: Any, name: str = "a.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize("wrapper", ["", "tweets", "data"])
@pytest.mark.parametrize("first", ["ada", "bob"])
def test_an_object_that_names_an_account_names_it_for_its_own_posts_alone(
    tmp_path: Path, wrapper: str, first: str
) -> None:
    own = {"username": "ada", "tweets": [{"id": "1", "text": OWN}]}
    other = {"username": "bob", "tweets": [{"id": "2", "text": OTHER}]}
    two = [own, other] if first == "ada" else [other, own]
    read = Read(written(tmp_path, {wrapper: two} if wrapper else two))
    assert read.texts == [OWN] and read.recognised.passed_over == 1


def test_lists_of_posts_by_their_authors_handles_are_told_apart(tmp_path: Path) -> None:
    by_name = {who: [{"id": "1", "text": text}] for who, text in (("ada", OWN), ("bob", OTHER))}
    assert Read(written(tmp_path, by_name)).texts == [OWN]


@pytest.mark.parametrize(
    "nothing", [{"id": None, "text": None}, {"id": ""}, {}, [None], [{}], {"result": {}}]
)
@pytest.mark.parametrize("key", ["retweeted_status", "reblog", "inReplyToUser", "retweetedTweet"])
def test_an_object_of_nothing_means_no(tmp_path: Path, key: str, nothing: Any) -> None:
    read = Read(table(tmp_path, {key: [nothing] * 3}, "json"))
    assert (read.retweets, read.replies) == (0, 0)


@pytest.mark.parametrize(
    "no", ["FALSCH", "FAUX", "''", "—", "0,0", "00", "(null)", "NA_character_", "unknown", "-2"]
)
def test_no_in_other_words_is_no(tmp_path: Path, no: str) -> None:
    read = Read(table(tmp_path, {"retweeted_tweet": [no] * 3, "in_reply_to": [no] * 3}))
    assert (read.retweets, read.replies) == (0, 0)


@pytest.mark.parametrize("yes", ["WAHR", "VRAI", "oui", "✓", "Sim"])
def test_yes_in_other_words_is_yes(tmp_path: Path, yes: str) -> None:
    assert Read(table(tmp_path, {"Is Retweet?": [yes, "nein", ""]})).retweets == 1


def test_where_every_post_is_marked_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text,retweet_id\n" + "".join(f"{n},words of number {n},x\n" for n in range(1, 9)))
    assert "every post is marked as a retweet" in Read(path).said


@pytest.mark.parametrize("column", ["full_text", "note_tweet.text", "tweets", "posts", "tweet"])
@pytest.mark.parametrize("nothing", ["NA", "None", "nan", "5021", "1371234567890123456"])
def test_what_is_no_text_does_not_hide_the_text(tmp_path: Path, column: str, nothing: str) -> None:
    assert Read(table(tmp_path, {column: [nothing] * 3})).texts == sorted(TEXTS)


def test_a_link_or_a_word_is_no_second_text(tmp_path: Path) -> None:
    for other in (["https://x.com/ada/status/1"] * 3, ["ok"] * 3):
        assert Read(table(tmp_path, {"content": other})).texts == sorted(TEXTS)


@pytest.mark.parametrize(
    "theirs",
    [
        "Rt @choir: bread",
        "RT: @choir bread",
        "RT@choir: bread",
        " RT @choir: bread",
        '"RT @choir: bread"',
        "rt @choir: bread",
        "Retweeted Choir (@choir): bread",
        "MT @choir: bread",
        "♺ @choir: bread",
        "♻️ @choir: bread",
        ".RT @choir bread",
        "QT @choir: bread",
        "“@choir: bread” so true",
        '"@choir: bread"',
        '"@choir: bread" so true',
        "“@choir@example.org: bread”",
    ],
)
def test_a_text_that_repeats_anothers_is_a_retweet(tmp_path: Path, theirs: str) -> None:
    own = ["Retweeted by the choir (@choir) at last", "rt @choir please"]
    assert Read(table(tmp_path, {"text": [theirs, *own]}, "json")).retweets == 1


@pytest.mark.parametrize(
    "own",
    [".@choir hello", "♻ @choir collects glass", "“@choir” is on at six", "@choir: hello", "MT is slow"],
)
def test_a_text_to_or_about_another_is_no_retweet(tmp_path: Path, own: str) -> None:
    assert Read(table(tmp_path, {"text": [own, *TEXTS[:2]]}, "json")).retweets == 0


def test_kinds_of_posts_may_be_abbreviated(tmp_path: Path) -> None:
    read = Read(table(tmp_path, {"type": ["RE", "QT", "TW"]}))
    assert read.replies == 1 and sum(bool(post.is_quote) for post in read.posts) == 1


@pytest.mark.parametrize("column", ["username", "user", "screen_name"])
def test_a_shared_post_is_not_the_post(tmp_path: Path, column: str) -> None:
    links = [
        "https://x.com/ada/status/1371234567890123456",
        "https://x.com/bob/status/55",
        "https://example.org",
    ]
    ids = [f"137123456789012345{n}" for n in (6, 7, 8)]
    assert len(Read(table(tmp_path, {"id": ids, column: ["ada"] * 3, "link": links})).posts) == 3
    assert len(Read(table(tmp_path, {"id": [], column: ["ada"] * 3, "link": links})).posts) == 3
    assert len(Read(table(tmp_path, {"id": ids, "url": links})).posts) == 3


def test_own_retweets_count_where_only_links_tell_the_authors(tmp_path: Path) -> None:
    links = [f"https://x.com/{who}/status/{n}" for n, who in enumerate(["ada", "ada", "bob"], 1)]
    read = Read(table(tmp_path, {"id": [], "text": [OWN, "RT @bob: words", MORE], "url": links}))
    assert (len(read.posts), read.retweets, read.recognised.passed_over) == (2, 1, 1)


def test_a_chosen_mark_may_be_a_kind_of_posts(tmp_path: Path) -> None:
    path = table(tmp_path, {"cat": ["original", "retweet", "reply"]})
    read = Read(path, retweet="cat", reply="cat")
    assert (read.retweets, read.replies) == (1, 1)
    path = table(tmp_path, {"hidden": ["0", "1", "0"]})
    assert len(Read(path, visibility="hidden").posts) == 2


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ("20210312101112", "2021-03-12 10:11:12+00:00"),
        ("202103121011", "2021-03-12 10:11:00+00:00"),
        ("20210312101112Z", "2021-03-12 10:11:12+00:00"),
        ("2021-03-12 10:11:12 (PST)", "2021-03-12 18:11:12+00:00"),
        ("2021-03-12 10:11:12 (UTC+05:30)", "2021-03-12 04:41:12+00:00"),
        ("637511406720000000", "None"),
        ("13260007872000000", "None"),
        ("21/03/13", "None"),
    ],
)
def test_a_time_is_read_right_or_not_at_all(tmp_path: Path, when: str, meant: str) -> None:
    assert {str(post.created_at) for post in Read(table(tmp_path, {"date": [when] * 3})).posts} == {meant}


def test_the_date_is_that_of_the_post_not_of_its_collection(tmp_path: Path) -> None:
    columns = {"timestamp": ["2026-01-01T10:00:00Z"] * 3, "date": ["2020-01-01", "2020-01-02", "2020-01-03"]}
    assert {post.created_at.year for post in Read(table(tmp_path, columns)).posts if post.created_at} == {
        2020
    }


def test_a_conversation_tells_replies_only_by_its_first_post(tmp_path: Path) -> None:
    ids = [f"137123456789012345{n}" for n in (6, 7, 8)]
    rounded = ["1371234567890123500"] * 3
    assert Read(table(tmp_path, {"id": ids, "conversation_id": rounded})).replies == 0
    assert Read(table(tmp_path, {"id": ids, "conversation_id": [ids[0], ids[0], ids[2]]})).replies == 1


@pytest.mark.parametrize(
    "private",
    [
        {"is_public": [True, False, False]},
        {"public": ["true", "false", "false"]},
        {"privacy": ["public", "private", "private"]},
        {"audience": ["everyone", "circle", "circle"]},
        {"privacy": [{"protected": False}, {"protected": True}, {"protected": True}]},
        {"sender_id": [None, "7", "8"]},
        {"privacy": [{"value": "EVERYONE"}, {"value": "ALL_FRIENDS"}, {"value": "SELF"}]},
        {"privacy": [{"visibility": "public"}, {"visibility": "friends"}, {"visibility": "me"}]},
        {"privacy": [{"is_public": True}, {"is_public": False}, {"public": False}]},
        {"user": [{"privacy": {"protected": protected}} for protected in (False, True, True)]},
        {"state": ["published", "private", "draft"]},
        {"followers_only": [0, 1, "true"]},
        {"item_private": [False, True, 1]},
        {"item_private": [0, 1, 2]},
        {"security": ["public", "usemask", "private"]},
        {"security": ["public", "friends", "custom"]},
        {"scope": ["public", "private", "direct"]},
        {"scope": ["unlisted", "followers", "archived"]},
        {"Who can view": ["Public", "Friends", "Only me"]},
        {"post_password": ["", "secret", "7"]},
        {
            "postAcl": [
                {"isLegacyPublic": True},
                {"collectionAcl": {"collection": {"displayName": "For the public"}}},
                {"communityAcl": {"community": {"displayName": "Republic of bread"}}},
            ]
        },
        {
            "postAcl": [
                {"circles": [{"type": f"CIRCLE_TYPE_{who}"}]} for who in ("PUBLIC", "EXTENDED", "YOUR")
            ]
        },
        {"Visibility": ["PUBLIC", "CONNECTIONS", "MEMBER_NETWORK"]},
        {"privacyLevel": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]},
        {"post_visibility": ["public", "all friends", "network"]},
        {"Sichtbarkeit": ["Öffentlich", "Freunde", "Nur ich"]},
        {"sharedWith": ["Everyone", "Friends of friends", "7"]},
        {"access_level": ["free", "paid", "Only me"]},
        {"Status": ["Öffentlich", "Privat", "Nur Freunde"]},
        {"privat": ["nein", "ja", "1"]},
        {"privé": ["non", "oui", "1"]},
        {"privado": ["no", "sí", "1"]},
        {"circle": ["", "Close friends", "custom"]},
        {"supporters_only": ["no", "yes", "1"]},
        {"visible": [{"type": 0}, {"type": 1}, {"type": 6}]},
        {"is_pm": ["No", "Yes", "true"]},
        {
            "privacy": [
                {"value": "EVERYONE", "description": "Jeder"},
                *[{"value": "", "description": "Your friends"}] * 2,
            ]
        },
    ],
)
def test_what_says_in_other_ways_that_it_is_not_public_is_not_taken(
    tmp_path: Path, private: dict[str, list[Any]]
) -> None:
    assert Read(table(tmp_path, private, "json")).texts == [OWN]


@pytest.mark.parametrize(
    "unpublished",
    [
        {"state": ["published", "queued", "draft"]},
        {"status": ["publish", "future", "trash"]},
        {"post_status": ["publish", "auto-draft", "inherit"]},
        {"Status": ["Sent", "Scheduled", "Draft"]},
        {"is_published": ["true", "false", "0"]},
        {"published": ["true", "false", "False"]},
        {"publishStatus": ["public", "draft", "draft"]},
        {"post_type": ["post", "page", "revision"]},
        {"is_archived": ["false", "true", "1"]},
        {"removed": ["0", "1", "true"]},
        {"visibility": ["public", "archived", "draft"]},
        {"status": ["live", "Deleted", "Not published"]},
        {"Status": ["Veröffentlicht", "Entwurf", "Geplant"]},
        {"Statut": ["Publié", "Brouillon", "Supprimé"]},
        {"Estado": ["Publicado", "Borrador", "Programada"]},
        {"Stato": ["Pubblicato", "Bozza", "Eliminato"]},
        {"Status": ["Publicado", "Rascunho", "Agendado"]},
        {"статус": ["опубликовано", "черновик", "удалено"]},
        {"状態": ["公開", "下書き", "予約投稿"]},
        {"状态": ["已发布", "草稿", "已删除"]},
        {"Entwurf": ["nein", "ja", "1"]},
        {"brouillon": ["non", "oui", "1"]},
        {"veröffentlicht": ["ja", "nein", "falsch"]},
        {"publié": ["oui", "non", "0"]},
    ],
)
def test_what_was_never_published_is_not_taken_even_if_asked_for(
    tmp_path: Path, unpublished: dict[str, list[str]]
) -> None:
    reader = TweetFile(table(tmp_path, unpublished), reading=Reading(include_private=True))
    read = reader.fetch("ada", max_tweets=None, since=None, progress=Silent())
    assert [post.text for post in read.tweets] == [OWN]


@pytest.mark.parametrize(
    "closed",
    [
        {"state": "private"},
        {"visibility": "friends"},
        {"privacy": {"value": "ALL_FRIENDS"}},
        {"user": {"screen_name": "ada", "protected": True}},
        {"published": False},
        {"is_private": 1},
        {"to": "2024-03-05", "protected": True},
    ],
)
@pytest.mark.parametrize("wrapper", ["data", "tweets", "content", "my_notes"])
def test_what_an_object_says_of_its_readers_holds_for_the_posts_in_it(
    tmp_path: Path, closed: dict[str, Any], wrapper: str
) -> None:
    open_to_all = {"published": True, "visibility": "public", "to": "2024-03-05", wrapper: [{"text": OWN}]}
    closed = {**closed, wrapper: [{"text": OTHER}, {"text": MORE}]}
    if wrapper != "my_notes":  # a name that is known only where it is the only list
        assert Read(written(tmp_path, [open_to_all, closed])).texts == [OWN]
    assert Read(written(tmp_path, open_to_all)).texts == [OWN]
    with pytest.raises(EmptyTimelineError):
        Read(written(tmp_path, closed))


@pytest.mark.parametrize(
    ("about", "wrapper"),
    [({"private": True, "name": "backup"}, "data"), ({"state": "pending"}, "items"),
     ({"status": "queued", "job": 7}, "posts"), ({"sender_id": 5}, "tweets")],
)  # fmt: skip
def test_what_a_file_says_of_itself_is_not_said_of_the_posts_in_it(
    tmp_path: Path, about: dict[str, Any], wrapper: str
) -> None:
    posts = [{"text": OTHER}, {"text": MORE}]
    assert len(Read(written(tmp_path, {**about, wrapper: posts})).posts) == 2
    with pytest.raises(EmptyTimelineError):  # an item says it of its posts
        Read(written(tmp_path, [{**about, wrapper: posts}]))
    assert Read(written(tmp_path, [{wrapper: [{"text": OWN}]}, {**about, wrapper: posts}])).texts == [OWN]


@pytest.mark.parametrize(
    "closed",
    [
        {"username": "ada", "private": True, "data": [{"text": OTHER}]},
        {"profile": {"username": "ada", "is_private": True}, "posts": [{"text": OTHER}]},
        {"private": True, "posts": [{"text": OTHER}]},
        {"status": "draft", "content": {"text": OTHER}},
        {"status": "draft", "posts": [{"text": OTHER}]},
        {"state": "trash", "items": [{"text": OTHER}]},
        {"sender_id": 5, "messages": [{"text": OTHER}]},
        {"recipient_id": 5, "data": [{"text": OTHER}]},
    ],
)
def test_what_a_file_says_of_an_account_or_a_post_is_heeded(tmp_path: Path, closed: dict[str, Any]) -> None:
    with pytest.raises(EmptyTimelineError):
        Read(written(tmp_path, closed))


@pytest.mark.parametrize("status", ["draft", "Private", "friends-only"])
def test_a_status_is_heeded_also_beside_a_chosen_text(tmp_path: Path, status: str) -> None:
    """As of WordPress, or of a table in which a draft has a title alone."""
    path = table(tmp_path, {"text": [], "Name": [OWN, OTHER, MORE], "Status": ["published", status, ""]})
    assert Read(path, text="Name").texts == sorted([OWN, MORE])
    assert len(Read(table(tmp_path, {"status": ["publish", status, "live"]})).posts) == 2


@pytest.mark.parametrize("chosen", ["who", ""])
def test_drafts_are_left_out_also_where_another_column_says_who_may_read(tmp_path: Path, chosen: str) -> None:
    told = {"who": ["public"] * 3, "status": ["publish", "draft", "live"], "state": ["", "", "queued"]}
    assert Read(table(tmp_path, told), visibility=chosen).texts == [OWN]


def test_a_category_that_begins_like_a_kind_of_posts_is_not_one(tmp_path: Path) -> None:
    read = Read(table(tmp_path, {"category": ["Re: bread", "QT: widgets", ""]}))
    assert not read.replies and not any(post.is_quote for post in read.posts)


def test_a_state_of_another_kind_hides_nothing(tmp_path: Path) -> None:
    others = {
        "state": ["Ohio", "ME", ""],
        "draft": ["NFL", "", "2"],
        "security": ["AAPL", "", "bonds"],
        "scope": ["worldwide", "local", ""],
        "status": ["verified", "", "single"],
        "audience": ["1200", "7", "0"],
        "audience_type": ["organic", "paid", ""],
        "content_audience": ["kids", "teens", ""],
        "followers_only": ["1523", "20", "0"],
        "private": ["2", "3", ""],
        "published": ["unknown", "—", "?"],
        "veröffentlicht": ["5. März 2024", "", "?"],
        "Estado": ["Jalisco", "", "MX"],
        "category": ["Page", "attachment", "revision"],
        "archived": ["True", "True", "False"],  # Reddit's old posts, to which nobody can answer
    }
    assert len(Read(table(tmp_path, others)).posts) == 3


@pytest.mark.parametrize(
    ("column", "everybody"),
    [
        ("Sichtbarkeit", "Alle"),
        ("visibilidad", "Todos"),
        ("Visibilité", "Tous"),
        ("visibilità", "Tutti"),
        ("видимость", "Все"),
        ("公開範囲", "全体公開"),
        ("可见性", "所有人"),
        ("visible_to", "all"),
        ("shared with", "Anyone on LinkedIn"),
        ("audience", "Everyone (Public)"),
    ],
)
def test_everybody_is_everybody_in_other_words(tmp_path: Path, column: str, everybody: str) -> None:
    assert len(Read(table(tmp_path, {column: [everybody] * 3})).posts) == 3


@pytest.mark.parametrize("column", ["status", "is_archived"])
def test_where_a_column_takes_all_posts_away_it_is_named(tmp_path: Path, column: str) -> None:
    said = {"status": ["archived", "failed", "pending"], "is_archived": ["true", "yes", "1"]}[column]
    with pytest.raises(EmptyTimelineError) as refused:
        Read(table(tmp_path, {column: said}))
    assert refused.value.next_step.startswith(f"If '{column}' means something else, remove it.")


@pytest.mark.parametrize("column", ["comment", "status"])
def test_what_somebody_says_of_a_post_is_not_taken_for_a_post_without_words(
    tmp_path: Path, column: str
) -> None:
    columns = {"text": [OWN, "", "https://t.co/a"], column: ["Not sure about this one"] * 3}
    assert sorted(Read(table(tmp_path, columns)).texts) == ["", OWN, "https://t.co/a"]


def test_a_text_that_is_empty_is_read_from_where_it_stands_once_more(tmp_path: Path) -> None:
    columns = {"content": ["", "", ""], "renderedContent": [OWN, OTHER, ""], "html": ["", "", MORE]}
    assert sorted(Read(table(tmp_path, columns)).texts) == sorted(TEXTS)


def test_the_time_of_an_event_comes_after_that_of_the_post(tmp_path: Path) -> None:
    columns = {"event_time": ["2020-01-01"] * 3, "date": ["2024-03-05"] * 3}
    assert {str(post.created_at)[:4] for post in Read(table(tmp_path, columns)).posts} == {"2024"}


def test_a_remark_comes_after_other_columns_that_may_be_the_text(tmp_path: Path) -> None:
    columns = {"text": [], "comment": ["What I think of it"] * 3, "texto": [*TEXTS]}
    assert sorted(Read(table(tmp_path, columns)).texts) == sorted(TEXTS)


@pytest.mark.parametrize("kept", ["text", "comment"])
def test_a_number_of_comments_is_no_text(tmp_path: Path, kept: str) -> None:
    columns: dict[str, list[Any]] = {"text": ["", OTHER, MORE], "comment": ["5", "7", "0"]}
    if kept == "text":
        assert Read(table(tmp_path, columns)).texts == sorted(["", OTHER, MORE])
        return
    with pytest.raises(UnreadableFileError, match="few values of column 'comment'"):
        Read(table(tmp_path, {**columns, "text": []}))


@pytest.mark.parametrize(
    "page",
    [
        {"message": "success", "data": {"tweets": "ROWS"}},
        {"message": "fine so far", "result": {"data": "ROWS"}},
        {"text": "OK then", "data": {"tweets": "ROWS"}},
        {"status": "success", "data": {"tweets": "ROWS"}},
        {"status": "success", "message": "all is well", "tweets": "ROWS"},
    ],
)
def test_how_a_request_went_is_no_post(tmp_path: Path, page: Any) -> None:
    rows = [{"id": str(n), "text": text} for n, text in enumerate(TEXTS, 1)]
    whole = json.dumps(page).replace('"ROWS"', json.dumps(rows))
    last = json.dumps(page).replace('"ROWS"', "[]")
    error = '{"status": "error", "message": "Rate limit of the service"}'
    assert Read(written(tmp_path, f"{whole}\n{last}\n{error}", "a.jsonl")).texts == sorted(TEXTS)


@pytest.mark.parametrize(
    "own",
    [
        "b'day party tonight, friends",
        'b"day bash" was fun',
        "I wrote <p> and </p> tags",
        "why does <br> exist",
        "all of $\\nabla f \\neq 0$ and \\textbf{x}",
        "a field of 10 Å² or so",
        "Use &amp;nbsp; for a blank",
        "l’été à Besançon, où l’on naît",
        "Größe, Übermut und Fußball",
        "São João não é só festa",
    ],
)
def test_a_good_text_is_left_alone(tmp_path: Path, own: str) -> None:
    path = tmp_path / "a.jsonl"
    texts = [own, *(f"{text}, number {n}" for n in range(100) for text in TEXTS)]
    path.write_text(
        "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts, 1))
    )
    assert own in Read(path).texts


def test_the_same_posts_from_two_readings_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "id,text\n1,fog &amp; gulls https://t.co/a\n1,fog & gulls https://t.co/b\n"
        "2,Hello\n2,Hello there my dear\n" + "".join(f"{n},words of number {n}\n" for n in range(3, 300))
    )
    read = Read(path)
    assert read.recognised.duplicates == 1 and {"Hello", "Hello there my dear"} <= set(read.texts)


def test_a_text_that_is_posted_twice_on_a_day_counts_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,date\ngood morning all,2024-01-01\ngood morning all,2024-01-01\n")
    assert len(Read(path).posts) == 2


def test_numbers_are_read_as_mongodb_exports_them(tmp_path: Path) -> None:
    ids = [{"$numberLong": f"137123456789012345{n}"} for n in (6, 7, 8)]
    replies = [None, {"$numberLong": "0"}, {"$numberLong": "12"}]
    columns = {"_id": [{"$oid": "58e1"}] * 3, "id": ids, "in_reply_to_status_id": replies}
    read = Read(table(tmp_path, columns, "json"))
    assert [post.id for post in read.posts] == [one["$numberLong"] for one in reversed(ids)]
    assert read.replies == 1


def test_half_a_character_in_an_id_is_replaced(tmp_path: Path) -> None:
    assert Read(written(tmp_path, '[{"id": "\\ud83d", "text": "three words here"}]')).posts[0].id == "\ufffd"


def test_markup_that_is_no_post_is_left_as_it_is(tmp_path: Path) -> None:
    text = "<b>word</b> " * 1000
    assert Read(written(tmp_path, [{"id": "1", "text": text}])).texts == [text]


def test_a_table_in_a_txt_is_read_as_one(tmp_path: Path) -> None:
    read = Read(written(tmp_path, f"id\ttext\n1\t{OWN}\n2\t{OTHER}\n", "a.txt"))
    assert [post.id for post in read.posts] == ["2", "1"]


def test_a_post_of_words_that_are_names_of_columns_is_no_header(tmp_path: Path) -> None:
    posts = ["Tweet, tweet, text", "a second post; content", "a third one here"]
    assert Read(written(tmp_path, "\n".join(posts), "a.txt")).texts == sorted(posts)


def test_users_beside_the_posts_name_the_authors_by_their_ids(tmp_path: Path) -> None:
    posts = {"1": {"text": OWN, "user_id_str": "7"}, "2": {"text": OTHER, "user_id_str": "8"}}
    people = {"7": {"screen_name": "ada"}, "8": {"screen_name": "bob"}}
    for users in (people, [{"id": number, **user} for number, user in people.items()]):
        assert Read(written(tmp_path, {"tweets": posts, "users": users})).texts == [OWN]


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
@pytest.mark.parametrize("meaning", ["text", "id", "time"])
def test_the_column_that_is_missing_is_named_beside_those_that_there_are(
    tmp_path: Path, form: str, meaning: str
) -> None:
    path = table(tmp_path, {"created_at": ["2024-01-01"] * 3}, form)
    said = f"no column 'nope' for {meaning}. Its columns are: id, text, created_at."
    with pytest.raises(UnreadableFileError, match=re.escape(said)):
        Read(path, **{meaning: "nope"})


def test_no_author_may_be_chosen_against_links(tmp_path: Path) -> None:
    links = [f"https://x.com/bob/status/{n}" for n in (1, 2, 3)]
    assert len(Read(table(tmp_path, {"url": links}), author="").posts) == 3


def test_a_file_of_messages_holds_no_posts(tmp_path: Path) -> None:
    with pytest.raises(EmptyTimelineError, match="messages, which are not public") as refused:
        Read(table(tmp_path, {"recipient_id": ["7", "8", "9"]}))
    assert "--include-private" not in refused.value.next_step  # which does not take them either


def test_one_time_for_all_posts_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "text,created_at\n" + "".join(f"words of number {n},2009-06-24 18:44:10\n" for n in range(9))
    )
    assert "all posts have the same time (2009-06-24 18:44:10)" in Read(path).said
    path.write_text("text,created_at\n" + "".join(f"words of number {n},2009-06-24\n" for n in range(9)))
    assert "one time" not in Read(path).said, "a day may see many posts"


@pytest.mark.parametrize(
    "document",
    [
        {"schema_version": 1, "handle": "ada", "tweets_list": "ROWS"},
        {"schema_version": 1, "about": {"tool": "x"}, "tweets_list": "ROWS", "tags": ["a", "b"]},
        {"media": [{"url": "https://x.example/1"}], "tweets_list": "ROWS", "errors": []},
        {"tweets_list": "ROWS", "likes": [{"id": "9", "text": "What somebody else has written"}]},
        {"id": ["1", "2", "3"], "text": TEXTS},
        {"handle": "ada", "count": 3, "text": TEXTS, "tags": ["a"]},
    ],
)
def test_posts_are_found_beside_whatever_else_there_is(tmp_path: Path, document: Any) -> None:
    rows = [{"id": str(n), "text": text} for n, text in enumerate(TEXTS, 1)]
    whole = json.dumps(document).replace('"ROWS"', json.dumps(rows))
    assert Read(written(tmp_path, whole)).texts == sorted(TEXTS)


@pytest.mark.parametrize(
    ("document", "said", "next_step"),
    [
        (
            {"version": 1, "mine": [{"text": OWN}], "more": [{"text": OTHER}], "tags": [{"name": "a"}]},
            "its fields are version, mine, more, tags",
            "lists under 'mine', 'more'. Rename the one that holds the posts to 'tweets'",
        ),
        ({"version": 1, "mine": [{"words": OWN}]}, "its fields are words", "--column text=NAME"),
        ({"version": 1, "likes": [{"text": OTHER}]}, "its fields are version, likes", "--column text=NAME"),
        ({"id": ["1", "2"], "text": [[OWN], [OTHER]]}, "its fields are id, text", "--column text=NAME"),
    ],
)
def test_which_list_holds_the_posts_is_not_guessed(
    tmp_path: Path, document: Any, said: str, next_step: str
) -> None:
    with pytest.raises(UnreadableFileError, match=said) as refused:
        Read(written(tmp_path, document))
    assert next_step in refused.value.next_step


def test_a_chosen_text_is_found_in_a_list_of_any_name(tmp_path: Path) -> None:
    rows = [{"words": text} for text in TEXTS]
    assert Read(written(tmp_path, {"version": 1, "mine": rows}), text="words").texts == sorted(TEXTS)
    assert Read(written(tmp_path, {"words": TEXTS}), text="words").texts == sorted(TEXTS)


def test_an_account_without_posts_is_not_given_anothers(tmp_path: Path) -> None:
    with pytest.raises(WrongAccountError, match="posts of @bob"):
        Read(written(tmp_path, {"bob": [{"id": "1", "text": OTHER}], "ada": []}))


@pytest.mark.parametrize("key", ["data", "values", "rows"])
@pytest.mark.parametrize("around", [{}, {"range": "Sheet1!A1:C3", "majorDimension": "ROWS"}])
def test_rows_below_the_names_of_their_columns_are_read_under_any_key(
    tmp_path: Path, key: str, around: dict[str, str]
) -> None:
    rows = [["id", "text"], *([str(n), text] for n, text in enumerate(TEXTS, 1))]
    read = Read(written(tmp_path, {**around, key: rows}))
    assert read.texts == sorted(TEXTS) and {post.id for post in read.posts} == {"1", "2", "3"}


@pytest.mark.parametrize("wrapper", ["", "data"])
def test_single_values_beside_an_object_are_no_posts(tmp_path: Path, wrapper: str) -> None:
    posts = ([3, f"https://a.example/{n}", {"id": n, "text": TEXTS[n]}] for n in (0, 1))
    rows = [[2, {"category": "x"}], *posts]
    read = Read(written(tmp_path, {wrapper: rows} if wrapper else rows))
    assert read.texts == sorted([OWN, OTHER])


def test_a_text_beside_objects_is_a_post_in_a_list_of_posts(tmp_path: Path) -> None:
    for document in ({"tweets": [OWN, {"text": OTHER}]}, [OWN, {"text": OTHER}]):
        assert Read(written(tmp_path, document)).texts == sorted([OWN, OTHER])


def test_an_object_in_a_row_of_a_table_hides_nothing(tmp_path: Path) -> None:
    read = Read(written(tmp_path, [["id", "text", "user"], ["7", OWN, {"name": "Ada"}]]))
    assert [(post.id, post.text) for post in read.posts] == [("7", OWN)]


def test_written_objects_without_a_text_are_counted(tmp_path: Path) -> None:
    rows = [json.dumps({"id": 1, "text": OWN}), json.dumps({"id": 2, "words": OTHER})]
    read = Read(written(tmp_path, rows))
    assert read.texts == [OWN] and "skipped 1 record: not posts" in read.said


@pytest.mark.parametrize("kind", ["Twitter Reply", "'@Reply", "Reply Tweet", "Tweet reply", "replied_to"])
def test_a_kind_of_posts_may_have_more_words(tmp_path: Path, kind: str) -> None:
    read = Read(table(tmp_path, {"Message Type": [kind, "Twitter Update", "Tweet"]}))
    assert (read.replies, read.retweets) == (1, 0)
    assert Read(table(tmp_path, {"type": ["Twitter Retweet", "Retweet Post", "Post Tweet"]})).retweets == 2


@pytest.mark.parametrize(
    "before", ["tweet_id:", "tweet-", "status_", "id:", "tag:search.twitter.com,2005:", "xx"]
)
def test_an_id_may_have_a_word_before_it(tmp_path: Path, before: str) -> None:
    ids = [f"137123456789012345{n}" for n in (6, 7, 8)]
    read = Read(table(tmp_path, {"id": [before + number for number in ids]}))
    assert [post.id for post in read.posts] == ids[::-1] and read.posts[0].created_at


def test_to_whom_a_post_is_makes_it_a_reply(tmp_path: Path) -> None:
    columns = {"username": ["ada"] * 3, "to": ["", "bob", "ada"]}
    read = Read(table(tmp_path, columns))
    assert (len(read.posts), read.replies) == (3, 1)


def test_who_is_named_as_retweeted_is_no_author(tmp_path: Path) -> None:
    read = Read(table(tmp_path, {"user_rt": ["", "bob", ""]}))
    assert (len(read.posts), read.retweets) == (3, 1) and not read.recognised.names_author


def test_a_page_that_was_read_tells_no_author_where_another_column_does(tmp_path: Path) -> None:
    columns = {
        "Web_Page_URL": ["https://twitter.com/ada"] * 3,
        "Author_Web_Page_URL": [f"https://twitter.com/{who}" for who in ("ada", "bob", "ada")],
    }
    assert Read(table(tmp_path, columns)).texts == sorted([OWN, MORE])


def test_what_a_scraper_says_itself_is_no_post(tmp_path: Path) -> None:
    people = [{"userName": "ada"}, {"userName": "ada"}, None]
    columns: dict[str, list[Any]] = {"type": ["tweet", "tweet", "mock_tweet"], "author": people}
    read = Read(table(tmp_path, columns, "json"))
    assert read.texts == sorted([OWN, OTHER]) and "1 record: what a scraper says itself" in read.said


def test_posts_of_threads_are_read_beside_the_others(tmp_path: Path) -> None:
    one, two, three = ({"id": str(n), "text": text} for n, text in enumerate(TEXTS, 1))
    assert Read(written(tmp_path, {"tweets": [one], "threads": [[two, three]]})).texts == sorted(TEXTS)


def test_gnips_long_posts_are_whole(tmp_path: Path) -> None:
    post = {"id": "1", "body": f"{OWN[:9]}…", "long_object": {"body": OWN}, "object": {"summary": OTHER}}
    assert Read(written(tmp_path, [post])).texts == [OWN]


@pytest.mark.parametrize(
    "nothing",
    ["list()", "character(0)", "list(NA)", "c(NA, NA)", "list(id = NA, text = NULL, user = character(0))"],
)
def test_nothing_as_r_writes_it_is_no(tmp_path: Path, nothing: str) -> None:
    there = 'list(id = 9, text = "words")'
    read = Read(table(tmp_path, {"retweeted_status": [nothing, there, nothing], "id_str": [nothing] * 3}))
    assert read.retweets == 1 and [post.id for post in read.posts] == ["3", "2", "1"]


@pytest.mark.parametrize(
    "key", ["tweetBy", "tweetedBy", "posted_by", "createdBy", "author_details", "userData"]
)
def test_an_object_of_the_author_has_many_names(tmp_path: Path, key: str) -> None:
    people = [{"userName": who, "id": n} for n, who in enumerate(("ada", "bob", "ada"), 7)]
    assert Read(table(tmp_path, {key: people}, "json")).texts == sorted([OWN, MORE])


def test_what_a_page_shows_around_a_post_is_not_its_text(tmp_path: Path) -> None:
    shown = [f"{OWN}\n1\n2.5K", f"Replying to \n@bob\n and \n@cid\n{OTHER}\n7", f"{MORE}\n1,204"]
    read = Read(table(tmp_path, {"text": [], "Embedded_text": shown}))
    assert (read.texts, read.replies) == (sorted(TEXTS), 1)
    assert "3 texts held what a page shows around a post" in read.said


def test_a_number_at_the_end_of_one_post_is_its_own(tmp_path: Path) -> None:
    own = ["How many mills?\n3", "How warm is it?\n21.5\n7", "Replying to you, @bob\nis fun"]
    assert Read(table(tmp_path, {"text": own})).texts == sorted(own)


@pytest.mark.parametrize("kind", ["Reposted", "['retweeted']", ["retweeted"], "boosted", "Retweeted!"])
@pytest.mark.parametrize("column", ["type", "Action"])
def test_a_kind_of_posts_may_be_in_brackets_or_a_verb(tmp_path: Path, column: str, kind: Any) -> None:
    assert Read(table(tmp_path, {column: [kind, "Posted", "[]"]}, "json")).retweets == 1


@pytest.mark.parametrize("form", ["T{}", "#{}", "`{}", "id{}", "{:,}"])
def test_an_id_may_have_a_mark_before_it_or_in_it(tmp_path: Path, form: str) -> None:
    ids = [1371234567890123456 + n * 10**12 for n in range(3)]
    read = Read(table(tmp_path, {"id": [form.format(number) for number in ids]}))
    assert [post.id for post in read.posts] == [str(number) for number in reversed(ids)]


def test_characters_are_read_as_r_writes_them(tmp_path: Path) -> None:
    written_by_r = ["It<U+2019>s on <U+0001F600>", "Caf<c3><a9> <ed><a0><bd><ed><b8><82>", "a <b> and <be>"]
    read = Read(table(tmp_path, {"text": written_by_r}))
    assert read.texts == sorted(["It’s on 😀", "Café 😂", "a <b> and <be>"])
    assert "as R writes them" in read.said
    assert written_by_r[0] in Read(table(tmp_path, {"text": [written_by_r[0], OWN, OTHER]})).texts


@pytest.mark.parametrize(
    ("column", "gone", "kept"),
    [
        ("isDeleted", "t", "f"),
        ("deleted", True, False),
        ("was_deleted", "1", "0"),
        ("deleted_at", "2021-01-09T00:00:00Z", ""),
        ("tweet_deleted_on", 1610150400, None),
        ("draft", True, False),
        ("is_draft", "1", "0"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_posts_that_their_author_deleted_are_passed_over(
    tmp_path: Path, column: str, gone: Any, kept: Any, kind: str
) -> None:
    read = Read(table(tmp_path, {column: [kept, gone, kept]}, kind))
    assert (read.texts, read.recognised.passed_over) == (sorted([OWN, MORE]), 1)
    assert "removed or deleted" in read.said


@pytest.mark.parametrize("column", ["retweeted_status_text", "quoted_text", "in_reply_to_name"])
def test_words_of_another_that_begin_with_not_are_no_denial(tmp_path: Path, column: str) -> None:
    read = Read(table(tmp_path, {column: ["Not today, my friend", "", ""]}))
    assert any(getattr(read.posts[-1], mark) for mark in ("is_retweet", "is_reply", "is_quote"))


@pytest.mark.parametrize("columns", [{"to": ["de"] * 3}, {"username": ["ada"] * 3, "to": ["Everyone"] * 3}])
def test_a_column_to_that_names_no_other_account_tells_no_replies(
    tmp_path: Path, columns: dict[str, Any]
) -> None:
    assert Read(table(tmp_path, columns)).replies == 0


@pytest.mark.parametrize("form", ["Days until the fair\n{}", "{} days", "At noon\n{}\ndegrees"])
def test_who_counts_in_every_post_keeps_the_numbers(tmp_path: Path, form: str) -> None:
    own = [form.format(n) for n in range(11, 14)]
    assert Read(table(tmp_path, {"text": own})).texts == sorted(own)


def test_who_writes_emoji_also_writes_about_r(tmp_path: Path) -> None:
    own = ["R writes <U+2019> for it", "and <U+00E9>, too", "which is odd \U0001f600"]
    assert Read(table(tmp_path, {"text": own})).texts == sorted(own)


def test_texts_beside_objects_directly_under_a_key_are_posts(tmp_path: Path) -> None:
    read = Read(written(tmp_path, {"tweets": [OWN, {"text": OTHER}, MORE]}))
    assert read.texts == sorted([OWN, OTHER, MORE])


def test_bytes_that_a_program_wrote_many_times_over_are_decoded_twice(tmp_path: Path) -> None:
    own = "b'" * 5000
    assert len(Read(table(tmp_path, {"text": [own, own, OWN]})).posts) == 3


@pytest.mark.parametrize("wrapper", ["", "data"])
def test_texts_with_what_was_found_in_them_beside_are_posts(tmp_path: Path, wrapper: str) -> None:
    rows = [[text, {"cats": {"sport": 1.0}}] for text in TEXTS]
    assert Read(written(tmp_path, {wrapper: rows} if wrapper else rows)).texts == sorted(TEXTS)


@pytest.mark.parametrize("column", ["data", "date", "author"])
def test_what_is_chosen_as_the_text_tells_nothing_else(tmp_path: Path, column: str) -> None:
    read = Read(table(tmp_path, {column: TEXTS, "text": []}), text=column)
    assert read.texts == sorted(TEXTS) and "could not be read" not in read.said
    assert not read.recognised.names_author


@pytest.mark.parametrize("form", ["json", "jsonl", "wrapped"])
@pytest.mark.parametrize("time", ["2020-01-0{}T10:00:00Z", "Wed Jan 0{} 10:00:00 +0000 2020"])
def test_pairs_of_a_text_and_a_time_are_posts_with_times(tmp_path: Path, form: str, time: str) -> None:
    rows = [[OWN, time.format(1)], [time.format(2), OTHER], ["Hello", time.format(3)]]
    content = {
        "json": json.dumps(rows),
        "jsonl": "\n".join(map(json.dumps, rows)),
        "wrapped": json.dumps({"tweets": rows}),
    }
    read = Read(written(tmp_path, content[form], "a.jsonl" if form == "jsonl" else "a.json"))
    assert [post.text for post in read.posts] == ["Hello", OTHER, OWN]
    assert [when.day for post in read.posts if (when := post.created_at)] == [3, 2, 1]


def test_pairs_of_an_id_and_a_text_are_posts_with_ids(tmp_path: Path) -> None:
    read = Read(written(tmp_path, [["1234567890123456789", OWN], [OTHER, 1234567890123456788]]))
    assert {post.id: post.text for post in read.posts} == {
        "1234567890123456789": OWN,
        "1234567890123456788": OTHER,
    }


def test_rows_with_several_texts_need_the_names_of_their_columns(tmp_path: Path) -> None:
    rows = [["bob", OWN, "2020-01-01T10:00:00Z"], ["ada", OTHER, "2020-01-02T10:00:00Z"]]
    with pytest.raises(UnreadableFileError, match="rows without the names") as refused:
        Read(written(tmp_path, rows))
    assert "Add a first row with the column names" in refused.value.next_step
    assert Read(written(tmp_path, [["author", "text", "created_at"], *rows])).texts == [OTHER]


def test_lines_in_quotes_are_read_as_linkedin_writes_them(tmp_path: Path) -> None:
    said = f'"{OWN}"\n""\n"{OTHER}"\n""so she said""'
    quoted = 'He said "so"\n"no more"'
    columns: dict[str, list[Any]] = {
        "text": [],
        "ShareCommentary": [said, quoted, MORE],
        "Visibility": ["anyone"] * 3,
    }
    whole = [f'{OWN}\n\n{OTHER}\n"so she said"', 'He said "so\nno more"', MORE]
    assert Read(table(tmp_path, columns)).texts == sorted(whole)


@pytest.mark.parametrize(
    ("about", "step"),
    [
        ({"visibility": "MEMBER_NETWORK"}, "--include-private --consent self"),
        ({"cw": "food"}, "--content-warnings keep"),
    ],
)
def test_where_all_posts_are_passed_over_it_is_said_how_to_take_them(
    tmp_path: Path, about: dict[str, str], step: str
) -> None:
    with pytest.raises(EmptyTimelineError) as refused:
        Read(written(tmp_path, [{"id": "1", "text": OWN, **about}]))
    assert step in refused.value.next_step


@pytest.mark.parametrize("time", ["2020-01-01", "May 2020", "1234567890123456789"])
@pytest.mark.parametrize("wrapper", ["", "tweets", "texts"])
def test_a_list_of_texts_is_not_a_row(tmp_path: Path, time: str, wrapper: str) -> None:
    content = [OWN, time, OTHER]
    read = Read(written(tmp_path, {wrapper: content} if wrapper else content))
    assert sorted(read.texts) == sorted(content)


def test_lists_of_something_else_are_left_alone(tmp_path: Path) -> None:
    content = {"items": ["2020-01-01", "UTC", "week"], "tweets": [{"text": OWN}, {"text": OTHER}]}
    assert sorted(Read(written(tmp_path, content)).texts) == sorted([OWN, OTHER])


def test_a_feed_in_json_is_read_whole(tmp_path: Path) -> None:
    items = [
        {"id": "1", "content_html": f"<p>{OWN}</p>", "title": "A day"},
        {"id": "2", "content_text": OTHER},
        {"id": "3", "content_html": f"<p>{MORE} in HTML</p>", "content_text": MORE},
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Ada", "items": items}
    assert sorted(Read(written(tmp_path, feed)).texts) == sorted([OWN, OTHER, MORE])


def test_a_list_that_was_looked_at_need_not_be_renamed(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        Read(written(tmp_path, {"items": [{"id": "1", "headline": OWN}]}))
    assert "Rename" not in refused.value.next_step and "--column text=NAME" in refused.value.next_step
