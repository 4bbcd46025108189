"""Exports and APIs whose posts keep their text elsewhere than under a name for texts."""

import json
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError
from tests.posts.tables.test_networks import HIDDEN, TEXTS, THEIRS, Read, written

DAY = "2024-03-05T12:00:00Z"


def days(read: Read) -> set[str]:
    return {str(post.created_at)[:10] for post in read.posts}


def csv(folder: Path, *lines: str) -> Path:
    path = folder / "posts.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize(
    "header",
    [
        "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text",
        "Kommentar-ID,Kanal-ID,Zeitstempel der Erstellung des Kommentars,Preis,Übergeordnete Kommentar-ID,"
        "Video-ID,Kommentartext",
        "ID de commentaire,ID de chaîne,Code temporel de création du commentaire,Prix,"
        "ID de commentaire parent,ID de la vidéo,Texte du commentaire",
        "ID del comentario,ID del canal,Marca de tiempo de creación del comentario,Precio,"
        "ID del comentario principal,ID del vídeo,Texto del comentario",
        "ID commento,ID canale,Timestamp creazione commento,Prezzo,ID commento principale,ID video,"
        "Testo commento",
        "ID do comentário,ID do canal,Carimbo de data/hora da criação do comentário,Preço,"
        "ID do comentário pai,ID do vídeo,Texto do comentário",
    ],
)
def test_comments_of_youtubes_takeout_are_whole_in_any_language(tmp_path: Path, header: str) -> None:
    pieces = '"{""text"":""The mill""},{""text"":""\n""},{""text"":"" wheel""}"'
    older = '"{""takeoutSegments"":[{""text"":""Bread ""},{""text"":""is ready""}]}"'
    rows = [f"Ugx1,UC1,{DAY},0,,v1,{pieces}", f"Ugx2,UC1,{DAY},0,Ugx9,v1,{older}"]
    read = Read(csv(tmp_path, header, *rows), "other:ann")
    assert sorted(read.texts) == ["Bread is ready", "The mill\n wheel"] and days(read) == {"2024-03-05"}
    assert {post.id: post.is_reply for post in read.posts} == {"Ugx1": False, "Ugx2": True}


def test_posts_of_youtubes_takeout_need_no_column_of_answers(tmp_path: Path) -> None:
    said = '"{""text"":""The mill wheel turns""}"'
    header = "Post ID,Channel ID,Post create timestamp,Post text,Post visibility"
    read = Read(csv(tmp_path, header, f"Ugk1,UC1,{DAY},{said},Public"), "other:ann")
    assert read.texts == ["The mill wheel turns"] and "headings" not in read.said


def test_a_time_of_the_account_is_not_that_of_its_posts(tmp_path: Path) -> None:
    rows = [f"{DAY},{text}" for text in TEXTS]
    assert days(Read(csv(tmp_path, "Zeitstempel der Kontoerstellung,text", *rows), "other:ann")) == {"None"}


def comment(number: int, who: str, text: str, **about: Any) -> dict[str, Any]:
    """A comment as YouTube's API gives it."""
    said = {"textDisplay": f"{text} &amp; more<br>", "authorDisplayName": who, "publishedAt": DAY,
            "authorChannelUrl": f"http://www.youtube.com/{who}", **about}  # fmt: skip
    return {"kind": "youtube#comment", "id": f"Ugx{number}", "snippet": said}


@pytest.mark.parametrize("form", ["wrapped", "json", "jsonl"])
def test_of_youtubes_threads_the_accounts_own_comments_are_taken(tmp_path: Path, form: str) -> None:
    own = {"comments": [comment(4, "@ann", TEXTS[1], parentId="Ugx3"), comment(5, "@bob", THEIRS)]}
    threads = [
        {"kind": "youtube#commentThread", "id": f"Ugx{number}",
         "snippet": {"videoId": "v1", "isPublic": is_public, "topLevelComment": top}, "replies": below}
        for number, top, is_public, below in (
            (1, comment(1, "@ann", TEXTS[0]), True, {"comments": [comment(2, "@bob", THEIRS)]}),
            (3, comment(3, "@bob", THEIRS), True, own),
            (6, comment(6, "@ann", HIDDEN), False, {}),
            (7, comment(7, "@ann", HIDDEN, moderationStatus="heldForReview"), True, {}),
        )
    ]  # fmt: skip
    path = written(tmp_path, threads, form)
    if form == "wrapped":
        path.write_text(json.dumps({"kind": "youtube#commentThreadListResponse", "items": threads}))
    read = Read(path, "other:ann")
    assert sorted(read.texts) == sorted(f"{text} & more" for text in TEXTS[:2])
    assert {post.id: post.is_reply for post in read.posts} == {"Ugx1": False, "Ugx4": True}


@pytest.mark.parametrize("is_private", [False, True])
def test_a_post_of_instagram_is_read_as_instaloader_keeps_it(tmp_path: Path, is_private: bool) -> None:
    others = {"edges": [{"node": {"text": THEIRS, "owner": {"username": "bob"}}}]}
    node = {"id": "28", "shortcode": "CA", "taken_at_timestamp": 1709640000, "edge_media_to_comment": others,
            "edge_media_to_caption": {"edges": [{"node": {"text": TEXTS[0]}}]},
            "owner": {"id": "7", "username": "ann", "is_private": is_private}}  # fmt: skip
    path = tmp_path / "2024-03-05_12-00-00_UTC.json"
    path.write_text(json.dumps({"node": node, "instaloader": {"version": "4.13", "node_type": "Post"}}))
    read = Read(path, "instagram:ann", include_private=True)
    assert read.texts == [TEXTS[0]] and days(read) == {"2024-03-05"}
    assert read.posts[0].is_private is is_private


@pytest.mark.parametrize("wrapper", ["", "itemList", "aweme_list"])
def test_videos_of_tiktoks_api_say_what_their_description_says(tmp_path: Path, wrapper: str) -> None:
    def video(number: int, who: str, desc: str, **about: Any) -> dict[str, Any]:
        return {"id": f"72000000000000000{number}", "desc": desc, "createTime": 1709640000,
                "author": {"uniqueId": who, "nickname": who.title()}, "music": {}, **about}  # fmt: skip

    videos = [video(1, "ann", TEXTS[0]), video(2, "bob", THEIRS), video(3, "ann", HIDDEN, privateItem=True)]
    path = written(tmp_path, videos)
    if wrapper:
        path.write_text(json.dumps({wrapper: videos, "statusCode": 0}))
    read = Read(path, "other:ann")
    assert read.texts == [TEXTS[0]] and days(read) == {"2024-03-05"}


@pytest.mark.parametrize(
    "header",
    ["Date,Title,Text,Link,Likes", "Date,Title,text,Link,Likes", "Date,Title,Content,Link,Likes",
     "Date,Title,Caption,Link,Likes", "date,desc,text,unique_id,likes"],
)  # fmt: skip
def test_a_title_or_description_beside_a_text_is_not_the_text(tmp_path: Path, header: str) -> None:
    rows = [f"{DAY},About the {number}th mill,{text},7,3" for number, text in enumerate(TEXTS)]
    assert sorted(Read(csv(tmp_path, header, *rows), "other:ann").texts) == sorted(TEXTS)


def test_the_time_of_a_comment_is_not_that_of_a_post(tmp_path: Path) -> None:
    rows = [f"2020-01-01,{DAY},{text}" for text in TEXTS]
    assert days(Read(csv(tmp_path, "comment_date,date,text", *rows), "other:ann")) == {"2024-03-05"}


def test_a_description_of_anything_else_is_no_post(tmp_path: Path) -> None:
    goods = [{"id": number, "desc": text, "create_time": 1709640000} for number, text in enumerate(TEXTS)]
    with pytest.raises(UnreadableFileError, match="its fields are id, desc, create_time"):
        Read(written(tmp_path, goods), "other:ann")
    with pytest.raises(UnreadableFileError, match="columns are: Title, Author"):
        Read(csv(tmp_path, "Title,Author", *(f"{text},ann" for text in TEXTS)), "other:ann")
    with pytest.raises(UnreadableFileError, match="columns are: event, time"):
        Read(csv(tmp_path, "event,time", *(f"{text},{DAY}" for text in TEXTS)), "other:ann")


def test_videos_of_tiktoks_export_say_what_their_title_says(tmp_path: Path) -> None:
    about = "Link: https://t.example/1\nLike(s): 3\nAllow comments: Yes"
    videos = [(TEXTS[0], "Everyone"), (HIDDEN, "Friends"), (TEXTS[1], "Public")]
    path = tmp_path / "Posts.txt"
    path.write_text("".join(f"Date: 2024-03-05 12:00:00 UTC\n{about}\nWho can view: {who}\nTitle: {title}\n\n"
                            for title, who in videos))  # fmt: skip
    assert sorted(Read(path, "other:ann").texts) == sorted(TEXTS[:2])


def test_of_tiktoks_whole_export_comments_and_videos_are_read(tmp_path: Path) -> None:
    video = {
        "Date": "2024-03-05 12:00:00",
        "Link": "https://t.example/1",
        "Likes": "3",
        "WhoCanView": "Public",
    }
    message = {"Date": "2024-03-05 12:00:00", "From": "ann", "Content": HIDDEN}
    export = {
        "Comment": {"Comments": {"CommentsList": [{"date": "2024-03-05 12:00:00", "comment": TEXTS[0]}]}},
        "Direct Messages": {"Chat History": {"ChatHistory": {"Chat History with bob:": [message]}}},
        "Post": {"Posts": {"VideoList": [{**video, "Title": TEXTS[1]}, *[video] * 5]}},
        "Activity": {"Like List": {"ItemFavoriteList": [{"date": "2024", "link": "https://t.example/2"}]}},
    }
    path = tmp_path / "user_data_tiktok.json"
    path.write_text(json.dumps(export))
    read = Read(path, "other:ann")
    assert sorted(read.texts) == sorted(TEXTS[:2]) and days(read) == {"2024-03-05"}


def test_a_title_beside_a_text_is_none(tmp_path: Path) -> None:
    rows = [f"2024-03-05,https://t.example/1,3,A title,{text}" for text in TEXTS]
    assert sorted(Read(csv(tmp_path, "Date,Link,Likes,Title,Text", *rows), "other:ann").texts) == sorted(
        TEXTS
    )


def test_a_post_of_wordpress_with_a_password_is_not_public(tmp_path: Path) -> None:
    posts = [{"id": number, "content": {"rendered": text, "protected": is_closed}}
             for number, (text, is_closed) in enumerate([(TEXTS[0], False), (HIDDEN, True)])]  # fmt: skip
    assert Read(written(tmp_path, posts), "other:ann").texts == [TEXTS[0]]


def test_messages_of_a_phone_or_of_google_chat_are_not_taken(tmp_path: Path) -> None:
    rows = [f"2024-03-05,{kind},{HIDDEN}" for kind in ("Outgoing", "incoming", "received")]
    for header in ("date,type,body", "date,Direction,body"):
        with pytest.raises(EmptyTimelineError, match="3 messages, which are not public"):
            Read(csv(tmp_path, header, *rows), "other:ann")
    said = {"creator": {"name": "Ann", "email": "a@b.example"}, "text": HIDDEN, "topic_id": "1"}
    path = tmp_path / "messages.json"
    path.write_text(json.dumps({"messages": [said]}))
    with pytest.raises(UnreadableFileError, match="a chat"):
        Read(path, "other:ann")


def test_an_entry_of_livejournal_is_its_event(tmp_path: Path) -> None:
    header = "itemid,eventtime,logtime,subject,event,security,allowmask,current_music,current_mood"
    entries = [("", f"{TEXTS[0]}<br />again"), ("private", HIDDEN), ("usemask", HIDDEN), ("public", TEXTS[1])]
    rows = [f"{number},2004-03-05 12:00:00,2004-03-05 11:00:00,On bread,{event},{security},0,Bach,merry"
            for number, (security, event) in enumerate(entries, 1)]  # fmt: skip
    read = Read(csv(tmp_path, header, *rows), "other:ann")
    assert sorted(read.texts) == sorted([f"{TEXTS[0]}\nagain", TEXTS[1]]) and days(read) == {"2004-03-05"}


def test_posts_of_cohost_are_their_own_blocks(tmp_path: Path) -> None:
    def post(number: int, *texts: str, **about: Any) -> dict[str, Any]:
        blocks = [{"type": "markdown", "markdown": {"content": text}} for text in texts]
        return {"postId": number, "headline": "", "publishedAt": DAY, "state": 1, "cws": [],
                "transparentShareOfPostId": None, "shareOfPostId": None, "shareTree": [], "tags": [],
                "blocks": [*blocks, {"type": "attachment", "attachment": {"altText": THEIRS}}],
                "plainTextBody": "", "postingProject": {"handle": "ann"}, **about}  # fmt: skip

    theirs = [{**post(9, THEIRS), "postingProject": {"handle": "bob"}}]
    posts = [
        post(5, TEXTS[0], TEXTS[1]),
        post(4, transparentShareOfPostId=9, shareOfPostId=9, shareTree=theirs),
        post(3, TEXTS[2], shareOfPostId=9, shareTree=theirs),
        post(2, HIDDEN, state=0),
        post(1, "Behind a warning", cws=["food"]),
        post(6, HIDDEN, postingProject={"handle": "ann", "privacy": "private"}),
    ]
    read = Read(written(tmp_path, posts), "other:ann")
    assert read.texts == [f"{TEXTS[0]}\n\n{TEXTS[1]}", "", TEXTS[2]] and days(read) == {"2024-03-05"}
    assert [post.is_retweet for post in read.posts] == [False, True, False]
    assert [post.is_quote for post in read.posts] == [False, False, True]


def test_of_lemmy_only_what_the_account_wrote_is_taken(tmp_path: Path) -> None:
    def view(who: str, **of: Any) -> dict[str, Any]:
        return {"creator": {"id": 7, "name": who, "actor_id": f"https://l.example/u/{who}"}, **of}

    def said(number: int, **about: Any) -> dict[str, Any]:
        return {"id": number, "published": DAY, "removed": False, "deleted": False, **about}

    theirs = said(9, name="A title", body=THEIRS)
    comments = [
        view("ann", comment=said(1, content=TEXTS[0]), post=theirs),
        view("bob", comment=said(2, content=THEIRS), post=theirs),
        view("ann", comment={**said(3, content=HIDDEN), "deleted": True}, post=theirs),
    ]
    read = Read(written(tmp_path, comments), "ann@l.example")
    assert read.texts == [TEXTS[0]] and read.posts[0].is_reply and days(read) == {"2024-03-05"}
    posts = [view("ann", post=said(4, name="On bread", body=TEXTS[1]), community={"name": "mill"})]
    assert Read(written(tmp_path, posts), "ann@l.example").texts == [f"On bread\n\n{TEXTS[1]}"]


def test_what_an_article_quotes_is_left_out(tmp_path: Path) -> None:
    quoted = f"<blockquote class='x'><p>{THEIRS}</p><blockquote>{THEIRS}</blockquote></blockquote>"
    articles = [{"id": 1, "body": f"<p>{TEXTS[0]}</p>\n{quoted}"}, {"id": 2, "body": quoted},
                {"id": 3, "body": "<p>A <code>&lt;blockquote&gt;</code> is a tag</p>"}]  # fmt: skip
    read = Read(written(tmp_path, articles), "other:ann")
    assert read.texts == ["A <blockquote> is a tag", "", TEXTS[0]]


def test_what_a_comment_is_on_is_anothers(tmp_path: Path) -> None:
    comments = [{"comment": {"id": 1, "body": TEXTS[0]}, "post": {"id": 9, "body": THEIRS}}]
    assert Read(written(tmp_path, comments), "other:ann").texts == [TEXTS[0]]


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_mark_that_nothing_was_deleted_is_no_error(tmp_path: Path, form: str) -> None:
    posts = [{"content": text, "deleted": text is HIDDEN} for text in (TEXTS[0], HIDDEN)]
    assert Read(written(tmp_path, posts, form), "other:ann").texts == [TEXTS[0]]


def test_posts_of_a_forum_are_their_own_words(tmp_path: Path) -> None:
    posts = [{"id": number, "post_number": number, "username": who, "cooked": f"<p>{said}</p>"}
             for number, who, said in ((1, "ann", TEXTS[0]), (2, "bob", THEIRS))]  # fmt: skip
    path = tmp_path / "topic.json"
    path.write_text(json.dumps({"post_stream": {"posts": posts}}))
    assert Read(path, "other:ann").texts == [TEXTS[0]]
    quoted = f'"[quote=""bob, post:1""]{THEIRS} [QUOTE]{THEIRS}[/QUOTE] more\n[/quote]\n\n{TEXTS[0]}"'
    rows = [f"{quoted},No,2024-03-05", f"A [quote] is a tag,No,{DAY}", f"{HIDDEN},Yes,{DAY}"]
    read = Read(csv(tmp_path, "post_raw,is_pm,created_at", *rows), "other:ann")
    assert sorted(read.texts) == ["A [quote] is a tag", TEXTS[0]]


def test_what_a_comment_on_github_quotes_is_anothers(tmp_path: Path) -> None:
    said = {"user": {"login": "ann"}, "body": f"> {THEIRS}\n\n{TEXTS[0]}", "author_association": "OWNER"}
    assert Read(written(tmp_path, [{"id": 1, **said}]), "other:ann").texts == [TEXTS[0]]


def test_a_repost_of_vk_with_words_of_ones_own_is_a_quote(tmp_path: Path) -> None:
    theirs = {"copy_history": [{"id": 9, "from_id": 8, "text": THEIRS}]}
    posts = [
        {"id": 3, "text": TEXTS[0]},
        {"id": 2, "text": TEXTS[1], **theirs},
        {"id": 1, "text": "", **theirs},
    ]
    read = Read(written(tmp_path, posts), "other:ann")
    assert read.texts == [*TEXTS[:2], ""]
    assert [(post.is_retweet, post.is_quote) for post in read.posts] == [
        (False, False), (False, True), (True, False)
    ]  # fmt: skip


def test_what_is_yet_to_be_posted_is_not_taken(tmp_path: Path) -> None:
    rows = [f"{TEXTS[0]},true", f"{HIDDEN},false"]
    assert Read(csv(tmp_path, "tweet,posted", *rows), "ann").texts == [TEXTS[0]]


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ({"tweet": TEXTS[0], "meta": {"user": "ann"}}, {"tweet": THEIRS, "meta": {"user": "bob"}}),
        (
            {"creator": {"username": "ann"}, "post": {"text": TEXTS[0]}},
            {"creator": {"username": "bob"}, "post": {"text": THEIRS}},
        ),
    ],
)
def test_an_author_beside_a_text_may_stand_in_an_object_of_its_own(
    tmp_path: Path, own: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert Read(written(tmp_path, [own, theirs]), "other:ann").texts == [TEXTS[0]]


def test_how_far_a_program_is_is_no_post(tmp_path: Path) -> None:
    posts = [{"text": text} for text in TEXTS]
    marked = [{"content": text, "status": "done"} for text in TEXTS]
    assert sorted(Read(written(tmp_path, marked), "other:ann").texts) == sorted(TEXTS)
    marked = [{"status": 200, "text": text, "attributes": {}, "id": text} for text in TEXTS]
    assert sorted(Read(written(tmp_path, marked), "other:ann").texts) == sorted(TEXTS)
    lines = [{"status": "started", "job": 7}, *posts, {"status": "done"}]
    assert sorted(Read(written(tmp_path, lines, "jsonl"), "other:ann").texts) == sorted(TEXTS)


def test_objects_of_django_are_posts_by_their_fields(tmp_path: Path) -> None:
    def made(model: str, key: int, **fields: Any) -> dict[str, Any]:
        return {"model": model, "pk": key, "fields": fields}

    objects = [
        *(made("auth.permission", key, name="Can add log entry", codename="add") for key in range(1, 9)),
        *(made("auth.user", key, username=who) for key, who in ((1, "ann"), (2, "bob"))),
        made("blog.post", 1, author=1, body=TEXTS[0], created_at=DAY),
        made("blog.post", 2, author=1, body=HIDDEN, created_at=DAY, status="draft"),
        made("blog.post", 3, author=2, body=THEIRS, created_at=DAY),
        made("blog.comment", 1, author=1, text="What a comment says", created_at=DAY),
    ]
    read = Read(written(tmp_path, objects), "other:ann")
    assert read.texts == [TEXTS[0]] and read.posts[0].id == "1" and days(read) == {"2024-03-05"}
    with pytest.raises(UnreadableFileError, match="its fields are words"):
        Read(written(tmp_path, [made("blog.post", 1, words=TEXTS[0])]), "other:ann")


@pytest.mark.parametrize("around", [None, {"jsonapi": {"version": "1.0"}}])
def test_resources_of_a_json_api_are_posts_by_their_attributes(tmp_path: Path, around: Any) -> None:
    def made(key: int, content: str, published: str | None = DAY) -> dict[str, Any]:
        writer = {"author": {"data": {"type": "users", "id": "7"}}}
        said = {"content": content, "createdAt": DAY, "publishedAt": published}
        return {"type": "posts", "id": str(key), "attributes": said, "relationships": writer}

    data = [made(1, TEXTS[0]), made(2, TEXTS[1]), made(3, HIDDEN, None)]
    path = written(tmp_path, data)
    if around:
        path.write_text(json.dumps({**around, "data": data}))
    read = Read(path, "other:ann")
    assert sorted(read.texts) == sorted(TEXTS[:2]) and days(read) == {"2024-03-05"}
    assert {post.id for post in read.posts} == {"1", "2"} and read.timeline.account.id == "7"


@pytest.mark.parametrize("role", ["author", "user", "creator", "owner"])
def test_who_wrote_a_resource_is_told_by_any_relationship_of_an_author(tmp_path: Path, role: str) -> None:
    def made(kind: str, key: str, writer: str = "", **said: Any) -> dict[str, Any]:
        other = {role: {"data": {"type": "users", "id": writer}}, "tags": {"data": []}} if writer else {}
        return {"type": kind, "id": key, "attributes": said, "relationships": other}

    said = {"created-at": DAY, "published-at": DAY}
    data = [made("posts", "1", "7", text=TEXTS[0], **said), made("posts", "2", "8", text=THEIRS, **said),
            made("posts", "3", "7", text=HIDDEN, **{**said, "published-at": None})]  # fmt: skip
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"data": data}))
    with pytest.raises(UnreadableFileError, match="2 accounts and names none"):
        Read(path, "ann")
    users = [made("users", "7", username="ann"), made("users", "8", username="bob")]
    path.write_text(json.dumps({"included": users, "data": data}))
    assert Read(path, "ann").texts == [TEXTS[0]]


def test_of_strapi_drafts_and_posts_of_others_are_left_out(tmp_path: Path) -> None:
    def author(name: str) -> dict[str, Any]:
        return {"author": {"data": {"id": 1, "attributes": {"username": name}}}}

    fourth = [{"id": 1, "attributes": {"text": TEXTS[0], **author("ann")}},
              {"id": 2, "attributes": {"text": THEIRS, **author("bob")}}]  # fmt: skip
    fifth = [{"id": number, "documentId": "a", "text": text, "createdAt": DAY, "publishedAt": published}
             for number, text, published in ((1, TEXTS[0], DAY), (2, HIDDEN, None))]  # fmt: skip
    for posts in (fourth, fifth):
        path = tmp_path / "posts.json"
        path.write_text(json.dumps({"data": posts, "meta": {}}))
        assert Read(path, "ann").texts == [TEXTS[0]]


def test_rows_of_airtable_are_posts_by_their_fields(tmp_path: Path) -> None:
    about = {"id": "rec1", "createdTime": "2025-01-01T00:00:00.000Z"}
    rows = [{**about, "id": f"rec{number}", "fields": {"Post": text, "Date": DAY}}
            for number, text in enumerate(TEXTS)]  # fmt: skip
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"records": rows, "offset": "itr"}))
    read = Read(path, "other:ann")
    assert sorted(read.texts) == sorted(TEXTS) and days(read) == {"2024-03-05"}
    assert {post.id for post in read.posts} == {"rec0", "rec1", "rec2"}


@pytest.mark.parametrize("keys", ["16095000000000000{}", "2024-03-0{}"])
def test_texts_by_their_ids_or_days_are_posts(tmp_path: Path, keys: str) -> None:
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({keys.format(number): text for number, text in enumerate(TEXTS, 1)}))
    read = Read(path, "other:ann")
    assert sorted(read.texts) == sorted(TEXTS)
    assert all(post.id or post.created_at for post in read.posts)


def test_posts_by_keys_of_a_program_are_read_under_a_name_for_posts(tmp_path: Path) -> None:
    """As Firebase exports them."""
    posts = {f"-Nabc{number}": {"text": text, "user": "ann"} for number, text in enumerate(TEXTS)}
    posts["-Nabd"] = {"text": THEIRS, "user": "bob"}
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"tweets": posts}))
    assert sorted(Read(path, "other:ann").texts) == sorted(TEXTS)
    path.write_text(json.dumps({"data": {"quote": {"text": THEIRS}, "pinned": {"text": THEIRS}}}))
    with pytest.raises(UnreadableFileError):
        Read(path, "other:ann")
    path.write_text(json.dumps({"posts": {"ann": {"text": TEXTS[0]}, "bob": {"text": THEIRS}}}))
    with pytest.raises(UnreadableFileError):
        Read(path, "ann")


@pytest.mark.parametrize("form", ["[{}, {}]", "{}\n{}"])
def test_what_python_prints_is_said_to_be_that(tmp_path: Path, form: str) -> None:
    path = tmp_path / "posts.json"
    path.write_text(form.format(*({"id": number, "text": text} for number, text in enumerate(TEXTS[:2]))))
    with pytest.raises(UnreadableFileError, match="not JSON, but what Python prints") as refused:
        Read(path, "other:ann")
    assert "json.dump" in refused.value.next_step and path.name in refused.value.next_step


def test_a_number_around_posts_names_nobody(tmp_path: Path) -> None:
    posts = [{"text": text} for text in TEXTS]
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"meta": {"account": 3, "count": 10}, "posts": posts}))
    assert sorted(Read(path, "ann").texts) == sorted(TEXTS)
    objects = [("auth.user", {"username": "ann"}), ("accounts.profile", {"user": 1, "bio": "A miller"}),
               ("blog.post", {"author": 1, "text": TEXTS[0]})]  # fmt: skip
    fixture = [{"model": model, "pk": 1, "fields": said} for model, said in objects]
    assert Read(written(tmp_path, fixture), "ann").texts == [TEXTS[0]]


@pytest.mark.parametrize("of", [int, float])
def test_a_number_in_json_tells_authors_apart_as_one_in_a_table(tmp_path: Path, of: Any) -> None:
    posts = [{"author": of(number), "text": text} for number, text in ((1, TEXTS[0]), (2, THEIRS))]
    with pytest.raises(UnreadableFileError, match="2 accounts and names none"):
        Read(written(tmp_path, posts), "other:ann")


def test_articles_in_markdown_are_read_and_their_drafts_are_not(tmp_path: Path) -> None:
    """As dev.to's API gives one's own."""
    articles = [{"type_of": "article", "id": 1, "title": "On bread", "published": True,
                 "created_at": DAY, "body_markdown": TEXTS[0], "user": {"username": "ann"}}]  # fmt: skip
    articles.append({**articles[0], "id": 2, "published": False, "body_markdown": HIDDEN})
    assert Read(written(tmp_path, articles), "other:ann").texts == [TEXTS[0]]


@pytest.mark.parametrize(
    ("link", "about"),
    [("https://www.tiktokv.com/share/video/1", {}), ("https://t.example/1", {"Who can view": "Public"})],
)
def test_a_list_of_titles_is_tiktoks_only_where_it_says_so(
    tmp_path: Path, link: str, about: dict[str, str]
) -> None:
    video = {"Date": DAY, "Link": link, "Likes": "3", "Title": TEXTS[0], **about}
    assert Read(written(tmp_path, [video]), "other:ann").texts == [TEXTS[0]]
    other = {"Date": DAY, "Link": "https://example.org/1", "Likes": "3", "Title": THEIRS}
    with pytest.raises(UnreadableFileError, match="not a post"):
        Read(written(tmp_path, [other]), "other:ann")
    with pytest.raises(EmptyTimelineError, match="no text in any record"):
        Read(csv(tmp_path, ",".join(other), ",".join(other.values())), "other:ann")


def test_comments_of_a_json_api_that_name_nobody_are_not_taken(tmp_path: Path) -> None:
    resources = [
        {"type": "posts", "id": "1", "attributes": {"body": TEXTS[0]}},
        {"type": "comments", "id": "2", "attributes": {"body": THEIRS}},
        {"type": "comments", "id": "3", "attributes": {"body": TEXTS[1], "author": "ann"}},
        {"type": "messages", "id": "4", "attributes": {"body": HIDDEN, "author": "ann"}},
    ]
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"data": resources}))
    assert sorted(Read(path, "other:ann").texts) == sorted(TEXTS[:2])


def test_articles_are_dated_by_their_publication_and_read_below_their_front_matter(tmp_path: Path) -> None:
    text = f"---\ntitle: On mills\npublished: true\ntags:\n  - mill\n---\n\n{TEXTS[0]}\n\n---\n\nThe end"
    article = {"type_of": "article", "id": 1, "title": "On mills", "body_markdown": text,
               "created_at": "2024-01-01T00:00:00Z", "published_at": DAY,
               "user": {"username": "ann"}}  # fmt: skip
    read = Read(written(tmp_path, [article]), "other:ann")
    assert read.texts == [f"{TEXTS[0]}\n\n---\n\nThe end"] and days(read) == {"2024-03-05"}


def test_a_post_of_facebook_is_read_without_what_it_shares(tmp_path: Path) -> None:
    rows = [f"{TEXTS[0]} {THEIRS},{TEXTS[0]},{THEIRS},{DAY}", f"{TEXTS[1]},{TEXTS[1]},,{DAY}",
            f"{THEIRS},,{THEIRS},{DAY}"]  # fmt: skip
    read = Read(csv(tmp_path, "text,post_text,shared_text,time", *rows), "other:ann")
    assert sorted(read.texts) == ["", *sorted(TEXTS[:2])]
    assert sum(post.is_retweet for post in read.posts) == 1


def test_posts_of_metas_business_suite_are_their_descriptions(tmp_path: Path) -> None:
    header = (
        "Post ID,Page name,Title,Description,Publish time,Permalink,Is share,Post type,Data comment,Views"
    )
    rows = [
        f"1,Mill,{TEXTS[0]},,01/14/2026 10:00,u,0,Photos,,3",
        f"2,Mill,,{TEXTS[1]},01/15/2026 10:00,u,0,Photos,,3",
    ]
    read = Read(csv(tmp_path, header, *rows), "other:mill")
    assert read.texts == [TEXTS[1], TEXTS[0]] and days(read) == {"2026-01-14", "2026-01-15"}


def test_a_repost_of_threads_api_is_one(tmp_path: Path) -> None:
    posts = [{"id": "1", "text": TEXTS[0], "media_type": "TEXT_POST", "timestamp": DAY},
             {"id": "2", "text": THEIRS, "media_type": "REPOST_FACADE", "timestamp": DAY}]  # fmt: skip
    read = Read(written(tmp_path, posts), "threads:ann")
    assert sorted(read.texts) == ["", TEXTS[0]]


def test_of_telegram_only_what_stands_in_a_channel_is_read(tmp_path: Path) -> None:
    def message(place: dict[str, Any], said: str, **about: Any) -> dict[str, Any]:
        return {"_": "Message", "id": len(said), "peer_id": place, "date": DAY, "message": said, **about}

    chat = [
        message({"_": "PeerUser", "user_id": 5}, THEIRS),
        message({"_": "PeerChat", "chat_id": 6}, HIDDEN),
    ]
    channel = {"_": "PeerChannel", "channel_id": 7}
    read = Read(written(tmp_path, [*chat, message(channel, TEXTS[0])], "jsonl"), "other:ann")
    assert read.texts == [TEXTS[0]] and "2 records: messages, which are not public" in read.said
    writers = [message(channel, f"{TEXTS[0]} {n}", from_id={"_": "PeerUser", "user_id": n}) for n in (1, 23)]
    with pytest.raises(UnreadableFileError, match="posts of 2 accounts and names none"):
        Read(written(tmp_path, writers), "other:ann")
    rows = [f"1,-1001234567890,{TEXTS[0]},{DAY}", f"2,1234567890,{HIDDEN},{DAY}"]
    read = Read(csv(tmp_path, "id,sender_id,message,date", *rows), "other:ann")
    assert read.texts == [TEXTS[0]]


def test_what_telegram_says_itself_is_not_a_post(tmp_path: Path) -> None:
    messages = [{"id": 1, "type": "service", "date": DAY, "action": "create_channel", "text": ""},
                {"id": 2, "type": "message", "date": DAY, "text": TEXTS[0]}]  # fmt: skip
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "Mill", "type": "public_channel", "messages": messages}))
    assert Read(path, "other:ann").texts == [TEXTS[0]]


def test_posts_of_weibo_are_read_without_the_words_that_they_repeat(tmp_path: Path) -> None:
    theirs = {"retweeted_status": {"id": 4, "mid": "4", "text": THEIRS, "user": {"screen_name": "bob"}}}
    posts = [
        {"id": number, "mid": str(number), "text": text, "user": {"screen_name": "ann"}, **about}
        for number, (text, about) in enumerate(
            [
                (TEXTS[0], {}),
                (f"{TEXTS[1]}//@bob:{THEIRS}", theirs),
                (f"{TEXTS[2]}//<a href='/n/bob'>@bob</a>:{THEIRS}", theirs),
                ("Agreed by all", theirs),
                ("转发微博", theirs),
                (f"转发微博//@bob:{THEIRS}", theirs),
            ],
            1,
        )
    ]
    read = Read(written(tmp_path, posts), "other:ann")
    assert read.texts == ["", "", "Agreed by all", *TEXTS[::-1]]
    assert [post.is_retweet for post in read.posts] == [True, True, False, False, False, False]
    assert [post.is_quote for post in read.posts] == [False, False, True, True, True, False]


def test_tables_of_weibos_crawlers_are_read_without_the_words_that_they_repeat(tmp_path: Path) -> None:
    header = "微博id,微博正文,发布时间"
    rows = [
        f"M1,{TEXTS[0]},2024-03-05 10:00",
        f"M2,{TEXTS[1]}//@bob:{THEIRS},2024-03-05 11:00",
        f'M3,"转发理由:{TEXTS[2]}\n原始用户: bob\n转发内容: {THEIRS}",2024-03-05 12:00',
        f"M4,//@bob:{THEIRS},2024-03-05 13:00",
        "M5,See https://@example.org:80/a about it,2024-03-05 14:00",
    ]
    read = Read(csv(tmp_path, header, *rows), "other:ann")
    assert (
        read.texts == ["See https://@example.org:80/a about it", "", *TEXTS[::-1]]
        and read.posts[1].is_retweet
    )


@pytest.mark.parametrize("handle", ["ann", "ann.bsky.social", "ann@example.org", "reddit:ann"])
def test_what_weibo_writes_before_the_words_of_others_is_ones_own_on_other_networks(
    tmp_path: Path, handle: str
) -> None:
    own = ["I wrote //@todo: oil the wheel", "//@todo: oil the wheel"]
    read = Read(csv(tmp_path, "text,created_at", *(f"{text},{DAY}" for text in own)), handle)
    assert sorted(read.texts) == sorted(own) and not any(post.is_retweet for post in read.posts)
    read = Read(csv(tmp_path, "text,created_at", f"磨坊的轮子转得很慢//@bob:{THEIRS},{DAY}"), handle)
    assert read.texts == ["磨坊的轮子转得很慢"]


def test_older_posts_of_tumblr_are_read_without_those_of_others(tmp_path: Path) -> None:
    def post(number: int, comment: str, tree: str = "", **about: Any) -> dict[str, Any]:
        return {"blog_name": "ann", "id": number, "timestamp": 1700000000 + number, "trail": [],
                "reblog": {"comment": comment and f"<p>{comment}</p>", "tree_html": tree},
                **about}  # fmt: skip

    tree = f'<p><a href="http://bob.tumblr.com/post/1">bob</a>:</p><blockquote>{THEIRS}</blockquote>'
    trail = [{"content": f"<p>{THEIRS}</p>"}, {"content": f"<p>{TEXTS[1]}</p>", "is_current_item": True}]
    posts = [
        post(8, "", reblog=None, type="text", body=f"{tree}<p>{TEXTS[1]}</p>", trail=trail),
        post(7, "", type="chat", body=TEXTS[0]),
        post(6, TEXTS[0], type="text", title=None, body=f"<p>{TEXTS[0]}</p>"),
        post(
            5, TEXTS[1], tree, type="text", title="", body=f"{tree}<p>{TEXTS[1]}</p>", reblogged_from_id="9"
        ),
        post(4, TEXTS[2], type="photo", caption=f"<p>{TEXTS[2]}</p>"),
        post(3, "", tree, type="photo", caption=tree, reblogged_from_id="9"),
        post(2, "", type="quote", text=THEIRS, source="Bob"),
        post(1, "I do", type="answer", question=THEIRS, answer="<p>I do</p>"),
    ]
    read = Read(written(tmp_path, [{"response": {"posts": posts}}]), "other:ann")
    assert read.texts == [TEXTS[1], TEXTS[0], *TEXTS, "", "", "I do"]
    assert [post.is_retweet for post in read.posts] == [False] * 5 + [True, True, False]


@pytest.mark.parametrize(
    "message",
    [{"role": "assistant", "content": HIDDEN},
     {"text": HIDDEN, "date": "1709640000", "is_from_me": "1"},
     {"text": HIDDEN, "date": "1709640000", "is_from_me": "0"},
     {"Content": HIDDEN, "Created": DAY, "From": "ann", "IsSender": True},
     {"type": "message", "user": "ann", "ts": "1709640000.0001", "client_msg_id": "x", "text": HIDDEN},
     {"type": "message", "user": "ann", "ts": "1709640000.0001", "text": HIDDEN},
     {"address": "+49123", "date": "1709640000000", "type": "2", "body": HIDDEN},
     {"Subject": "Mill", "Body": HIDDEN, "From: (Name)": "ann", "To: (Address)": "bob@example.org"}],
)  # fmt: skip
def test_messages_of_slack_a_phone_outlook_and_assistants_are_not_posts(
    tmp_path: Path, message: dict[str, str]
) -> None:
    with pytest.raises(EmptyTimelineError, match="messages, which are not public"):
        Read(written(tmp_path, [message]), "other:ann")


def test_where_googles_headings_are_not_known_it_is_said(tmp_path: Path) -> None:
    header = "Identyfikator komentarza,Sygnatura czasowa utworzenia komentarza,ID filmu,Tekst komentarza"
    read = Read(csv(tmp_path, header, f'Ug1,{DAY},v1,"{{""text"":""{TEXTS[0]}""}}"'), "other:ann")
    assert read.texts == [TEXTS[0]] and "so that no id and no reply was read" in read.said
    header = "Live Chat ID,Channel ID,Live Chat Create Timestamp,Price,Video ID,Live Chat Text"
    read = Read(csv(tmp_path, header, f'Lc1,UC1,{DAY},0,v1,"{{""text"":""{TEXTS[0]}""}}"'), "other:ann")
    assert read.posts[0].id == "Lc1" and "language" not in read.said


def test_what_a_program_has_not_sent_yet_is_not_a_post(tmp_path: Path) -> None:
    updates = [
        {"id": "5", "status": "sent", "text": TEXTS[0]},
        {"id": "6", "status": "buffer", "text": HIDDEN},
    ]
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"total": 2, "updates": updates}))
    assert Read(path, "ann").texts == [TEXTS[0]]
