"""Made-up exports of other networks, as these write them, and what is read from them."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from huggingtweets_hub import Timeline
from huggingtweets_hub.posts.exports import Export
from tests.posts.archives import Told

THREADS = "your_instagram_activity/threads/threads_and_replies.json"
INSTAGRAM = "your_instagram_activity/media/posts_1.json"
COMMENTS = "id,permalink,date,ip,subreddit,gildings,link,parent,body,media"
POSTS = "id,permalink,date,ip,subreddit,gildings,title,url,body"
IP = "203.0.113.77"
SECRET = "a message that nobody else may read"
MESSAGES = {
    "your_instagram_activity/messages/inbox/bob/message_1.json": json.dumps(
        {"messages": [{"content": SECRET}]}
    ),
    "messages.csv": f"id,permalink,date,ip,from,to,subject,body\nm1,/m,,,bob,ann,,{SECRET}\n",
}


def garbled(value: Any) -> Any:
    """The value with all its texts as Meta writes them: each byte of UTF-8 a character."""
    if isinstance(value, str):
        return value.encode().decode("latin-1")
    if isinstance(value, list):
        return [garbled(one) for one in value]
    return {garbled(key): garbled(one) for key, one in value.items()} if isinstance(value, dict) else value


def picture(title: str = "", when: int = 1_700_000_000, **about: Any) -> dict[str, Any]:
    return {"uri": "media/posts/1.jpg", "creation_timestamp": when, "title": title, **about}


def thread(title: str, when: int = 1_700_000_000, *, is_reply: bool = False) -> dict[str, Any]:
    about = {"reply_control": "everyone", **({"is_reply": True} if is_reply else {})}
    return {"media": [picture(title, when, text_app_post=about)]}


def threads(*posts: Any) -> str:
    return json.dumps(garbled({"text_post_app_text_posts": list(posts)}))


def instagram(*posts: Any) -> str:
    return json.dumps(garbled(list(posts)))


def table(header: str, *rows: dict[str, str]) -> str:
    columns = header.split(",")
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="")
    writer.writeheader()
    writer.writerows(
        {"date": "2023-01-15 12:34:56 UTC", "ip": IP, "subreddit": "mills", **row} for row in rows
    )
    return file.getvalue()


def written(folder: Path, files: dict[str, str], form: str) -> Path:
    """These files as a zip or a folder, or the first of them alone under a name of somebody's own."""
    if form == "zip":
        path = folder / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, content in files.items():
                zipped.writestr(name, content)
        return path
    if form == "file":
        name, content = next(iter(files.items()))
        path = folder / f"mine{Path(name).suffix}"
        path.write_text(content, "utf-8")
        return path
    for name, content in files.items():
        path = folder / "export" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder / "export"


class Read:
    """What is read of an export, and what is said of it."""

    def __init__(self, path: Path, handle: str) -> None:
        told = Told()
        reader = Export(path)
        reader.require_usable(handle)
        self.timeline: Timeline = reader.fetch(handle, max_tweets=None, since=None, progress=told)
        self.said = "\n".join([*told.notes, *told.warnings])
        self.posts = self.timeline.tweets
        self.texts = [post.text for post in self.posts]
