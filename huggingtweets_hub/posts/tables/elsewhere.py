"""Posts of programs that keep the text elsewhere than under a name for texts, as records of a table."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from huggingtweets_hub.posts.tables import bluesky, names, reddit, weibo
from huggingtweets_hub.posts.tables.json_shapes import as_object, is_fixture, is_list
from huggingtweets_hub.posts.tables.meanings import OTHER, Meaning

_MODELS_OF_OTHERS = re.compile(r"comment|message|mail|notification|draft", re.IGNORECASE)
_LIVEJOURNAL = {"event", "eventtime", "itemid"}
_VIDEO_OF_TIKTOK = {"date", "link", "likes"}  # as its export lists one's own
_LISTS_OF_TIKTOK = (
    ("Comment", "Comments", "CommentsList"),
    ("Video", "Videos", "VideoList"),
    ("Post", "Posts", "VideoList"),
)
_AUTHORS = {Meaning.AUTHOR, Meaning.AUTHOR_ID}
_DRAFT, _DELETED = 0, 2  # Cohost's
_OF_ASSISTANTS = {"role", "content", "name", "weight"}


def as_table(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with its text, id and marks under names for these; as it is, if no such program wrote it."""
    for key, form in _FORMS.items():
        if key in record:
            record = form(record)
    return record


def fields_of_fixture(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of an object of Django's with its id."""
    return {"id": value["pk"], **value["fields"]}


def answers(record: Mapping[str, Any]) -> Iterable[Any]:
    """The comments below one of YouTube's; each names who wrote it."""
    below = as_object(record.get("replies")).get("comments") if "snippet" in record else None
    return below if is_list(below) else ()


def _of_json_api(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A resource of a JSON:API, or of Strapi, where what was not published has no time of that."""
    said = record["attributes"]
    if "id" not in record or not isinstance(said, Mapping) or _names_text(record):
        return record
    writers = {
        f"{names.fold(name)}_id": as_object(as_object(other).get("data")).get("id")
        for name, other in as_object(record.get("relationships")).items()
    }
    about = {name: number for name, number in writers.items() if number is not None and _is_author_id(name)}
    inner = {
        name: resource(as_object(value).get("data"), value) if _is_author_id(f"{name}_id") else value
        for name, value in said.items()
    }
    of_others = _MODELS_OF_OTHERS.search(str(record.get("type")))
    is_named = bool(about) or any(_AUTHORS & _meanings(name) for name, value in said.items() if value)
    is_of_others = of_others and not (is_named and of_others[0].lower() == "comment")
    return {
        "id": record["id"],
        **about,
        "draft": _has_no_time(said),
        **inner,
        **({"entrytype": OTHER} if is_of_others else {}),
    }


def resource(found: Any, other: Any = None) -> Any:
    """What a resource of a JSON:API says, with its id; the other where it is not one."""
    said = as_object(found).get("attributes")
    return {"id": found.get("id"), **said} if isinstance(said, Mapping) else other


def _of_strapi(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """As its fifth version gives it, without attributes."""
    return {"draft": _has_no_time(record), **record}


def _has_no_time(record: Mapping[str, Any]) -> bool:
    """Whether a record was made, but has no time of its publication."""
    times = {names.fold(key): value for key, value in record.items()}
    return "createdat" in times and "publishedat" in times and times["publishedat"] is None


def _is_author_id(name: str) -> bool:
    return Meaning.AUTHOR_ID in _meanings(name)


def _meanings(name: str) -> set[Meaning]:
    return {sense.meaning for sense in names.senses(names.fold(name))}


def lists_of_tiktok(value: Mapping[str, Any]) -> Iterable[Any]:
    """The lists of one's comments and videos in TikTok's export of all that it knows."""
    for *ways, name in _LISTS_OF_TIKTOK:
        inner: Any = value
        for way in ways:
            inner = as_object(inner.get(way))
        if is_list(inner.get(name)):
            yield inner[name]


def _of_wordpress(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What has a password says so within its text."""
    is_closed = as_object(record["content"]).get("protected") is True
    return {**record, "is_protected": True} if is_closed else record


def _of_fields(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object of Django's, or a row of Airtable's, whose own time is not that of a post."""
    if "createdTime" in record and isinstance(record["fields"], Mapping):
        return {"id": record.get("id"), **record["fields"]}
    if not is_fixture(record):
        return record
    is_of_others = _MODELS_OF_OTHERS.search(str(record["model"]).rpartition(".")[2])
    return {**fields_of_fixture(record), **({"entrytype": OTHER} if is_of_others else {})}


def _of_instagram(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """As its pages hold one, and Instaloader keeps it."""
    edges = as_object(record["edge_media_to_caption"]).get("edges")
    nodes = [as_object(as_object(edge).get("node")) for edge in (edges if is_list(edges) else ())]
    return {**record, "caption": next((node["text"] for node in nodes if "text" in node), None)}


def _of_youtube(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A comment, by itself or on top of a thread."""
    around = as_object(record["snippet"])
    comment = as_object(around.get("topLevelComment")) or record
    said = as_object(comment.get("snippet"))
    if said.keys().isdisjoint(("textOriginal", "textDisplay")):
        return record
    text = said.get("textOriginal") or said.get("textDisplay")
    about = {key: said.get(key) for key in ("publishedAt", "parentId", "authorDisplayName")}
    return {
        "id": comment.get("id"),
        "text": text,
        **about,
        "author": said.get("authorChannelUrl") or said.get("authorDisplayName"),
        "is_public": around.get("isPublic"),
        "is_hidden": said.get("moderationStatus", "published") != "published",
    }


def _of_tiktok(record: Mapping[str, Any]) -> Mapping[str, Any]:
    keys = {*map(names.fold, record), *map(names.fold, as_object(record.get("author")))}
    is_one = "awemeid" in keys or any(key.endswith("uniqueid") for key in keys)
    return {**record, "text": record["desc"]} if is_one and not _names_text(record) else record


def _of_tiktoks_export(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A video of one's own, which has nothing but a title to say; other lists have such columns, too."""
    said = {names.fold(key): value for key, value in record.items()}
    if not said.keys() >= _VIDEO_OF_TIKTOK or _names_text(record):
        return record
    is_one = "whocanview" in said or said["link"] is None or "tiktok" in str(said["link"])
    return {**record, "text": record["Title"]} if is_one else record


def _names_text(record: Mapping[str, Any]) -> bool:
    """Whether a key is one of a text, and does not hold an object or a list in place of it."""
    return any(
        Meaning.TEXT in _meanings(key) and not isinstance(value, Mapping | list)
        for key, value in record.items()
    )


def _of_livejournal(record: Mapping[str, Any]) -> Mapping[str, Any]:
    is_one = record.keys() >= _LIVEJOURNAL and not _names_text(record)
    return {**record, "text": record["event"]} if is_one else record


def _of_cohost(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its own blocks, not those of the posts that it shares."""
    blocks = record.get("blocks")
    texts = [as_object(as_object(block).get("markdown")) for block in (blocks if is_list(blocks) else ())]
    said = "\n\n".join(str(text["content"]) for text in texts if text.get("content"))
    text = said or record.get("plainTextBody") or record.get("headline") or ""
    shared = record.get("transparentShareOfPostId")
    return {
        "id": record.get("postId"),
        "text": text,
        "published_at": record.get("publishedAt"),
        "user": record["postingProject"],
        "private": as_object(record["postingProject"]).get("privacy") == "private",
        "repost_of": shared,
        "is_quote": bool(text and not shared and record.get("shareOfPostId")),
        "cw": ", ".join(map(str, record.get("cws") or ())),
        "is_deleted": record.get("state") in (_DRAFT, _DELETED),
    }


def _of_lemmy(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A comment or a post, as views of its API have it beside who wrote it, and a comment beside the post."""
    writer, comment = as_object(record["creator"]), as_object(record.get("comment"))
    said = comment or as_object(record.get("post"))
    host = urlsplit(str(writer.get("actor_id"))).hostname
    if not said or not host:
        return record
    return reddit.with_title({
        **said,
        **({} if comment else {"type": "post", "title": said.get("name"), "body": said.get("body")}),
        "name": writer.get("display_name"),
        "acct": f"{writer.get('name')}@{host}",
        "is_reply": bool(comment),
    })  # fmt: skip


def _of_messages(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """One of Slack's or of a program's that answers, or a text message beside the number of somebody."""
    is_one = (
        "client_msg_id" in record
        or ("address" in record and {"body", "type"} <= record.keys())
        or ("role" in record and record.keys() <= _OF_ASSISTANTS)
        or (record.get("type") == "message" and {"ts", "user"} <= record.keys())
    )
    return {**record, "entrytype": "inbox"} if is_one else record


def _of_telethon(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message in a channel of Telegram's, where several may write, or in a chat."""
    place, writer = as_object(record["peer_id"]), as_object(record.get("from_id"))
    if place.keys() & {"user_id", "chat_id"}:
        return {**record, "entrytype": "inbox"}
    return {**record, "from_id": writer.get("user_id")} if "channel_id" in place else record


def _of_facebook(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post whose text by itself stands beside one that goes on with the text of what it shares."""
    if "post_text" not in record:
        return record
    is_repost = not record["post_text"] and bool(record["shared_text"])
    return {**{key: value for key, value in record.items() if key != "text"}, "is_repost": is_repost}


def _of_business_suite(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post of Facebook or Instagram as Meta's Business Suite exports it beside its numbers."""
    is_one = record.keys() >= {"Permalink", "Description"}
    return {**record, "text": record["Description"] or record.get("Title")} if is_one else record


def _of_discourse(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**record, "content": record["cooked"]} if "post_number" in record else record


def _of_github(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What it quotes of others begins with `>`."""
    return {**record, "body": reddit.own_words(str(record.get("body") or ""))}


_FORMS: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "content": _of_wordpress,
    "fields": _of_fields,
    "attributes": _of_json_api,
    "documentId": _of_strapi,
    "edge_media_to_caption": _of_instagram,
    "snippet": _of_youtube,
    "desc": _of_tiktok,
    "Title": _of_tiktoks_export,
    "event": _of_livejournal,
    "postingProject": _of_cohost,
    "creator": _of_lemmy,
    "cooked": _of_discourse,
    "client_msg_id": _of_messages,
    "address": _of_messages,
    "ts": _of_messages,
    "role": _of_messages,
    "peer_id": _of_telethon,
    "shared_text": _of_facebook,
    "Publish time": _of_business_suite,
    "retweeted_status": weibo.as_table,
    "retweet": weibo.as_table,
    "uri": bluesky.with_address,
    "did": bluesky.with_address,
    "author_association": _of_github,
}
"""By a key that their records have."""
