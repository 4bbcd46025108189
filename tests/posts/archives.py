"""Made-up archives, and what is read from them."""

import json
import zipfile
from pathlib import Path
from typing import Any

from huggingtweets_hub import Silent, Timeline
from huggingtweets_hub.posts import source
from huggingtweets_hub.posts.budget import Budget


def js(variable: str, value: Any) -> str:
    return f"window.{variable} = {json.dumps(value, indent=2)}"


def record(number: int, text: str = "", **fields: Any) -> dict[str, Any]:
    when = f"Tue Mar 05 12:{number % 60:02}:00 +0000 2024"
    return {
        "id_str": str(1000 + number),
        "full_text": text or f"tweet {number}",
        "created_at": when,
        **fields,
    }


def tweets(*numbers: int) -> list[dict[str, Any]]:
    return [{"tweet": record(number)} for number in numbers]


def manifest(count: int | None = None, *files: str, **user: str) -> str:
    listed = [{"fileName": name, "count": str(count)} for name in files or ("data/tweets.js",)]
    kinds = {"tweets": {"files": listed}} if count is not None else {}
    return f"window.__THAR_CONFIG = {json.dumps({'userInfo': user, 'dataTypes': kinds}, indent=2)}"


ACCOUNT = js("YTD.account.part0", [{"account": {"username": "Ada", "accountDisplayName": "Ada 🔦"}}])
PROFILE = js("YTD.profile.part0", [{"profile": {"avatarMediaUrl": "https://pbs.twimg.com/a.jpg"}}])
TWEETS = js("YTD.tweets.part0", tweets(2, 5, 1))
PLAIN = {"data/account.js": ACCOUNT, "data/profile.js": PROFILE, "data/tweets.js": TWEETS}


def archive(folder: Path, files: dict[str, str], name: str = "archive.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for member, content in files.items():
            zipped.writestr(member, content)
    return path


def unpacked(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    return folder


class Told(Silent):
    """What a run said."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def note(self, message: str) -> None:
        self.notes.append(message)


def read(path: Path, handle: str = "ada", told: Told | None = None) -> Timeline:
    reader = source.open(path, Budget(0))
    return reader.fetch(handle, max_tweets=None, since=None, progress=told or Silent())


def ids(timeline: Timeline) -> list[int]:
    return [int(tweet.id or 0) - 1000 for tweet in timeline.tweets]
