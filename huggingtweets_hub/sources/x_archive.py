"""The archive of their own posts that X gives to account holders.

It also holds direct messages and IP addresses, so only the members named here are ever opened.
"""

import json
import re
import zipfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from huggingtweets_hub.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.progress import Progress
from huggingtweets_hub.records import HANDLE, Account, Timeline, Tweet
from huggingtweets_hub.sources import tweet_formats


_ASK = (
    "Ask X for one: Settings > Your account > Download an archive of your data; it comes within about a day."
)
_CHUNK = 1 << 20
_NOTE_SECONDS = 2
_TWEETS = re.compile(r"data/tweets?(?:-part(\d+))?\.js")
_TWEETS_2013 = re.compile(r"data/js/tweets/(\d{4}_\d{2})\.js")
_NOTES = re.compile(r"data/note-tweet(?:-part(\d+))?\.js")
_CUT = re.compile(r"(…|\s*https://t\.co/\w+)+$")


class XArchive:
    """An official archive, as the zip file that X sends or the folder it unpacks to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def account(self) -> Account:
        """The archive's owner.

        Raises:
            UnreadableFileError: It is no archive of X.
        """
        files = self._files()
        if "data/account.js" in files:
            described = next(iter(self._items(files["data/account.js"])), {}).get("account") or {}
            handle, name = described.get("username"), described.get("accountDisplayName")
        else:
            described = next(iter(self._items(files["data/js/user_details.js"])), {})
            handle, name = described.get("screen_name"), described.get("full_name")
        if not isinstance(handle, str) or not HANDLE.fullmatch(handle):
            raise UnreadableFileError(f"{self._path.name} does not say whose archive it is.", _ASK)
        profile: dict[str, Any] = {}
        if "data/profile.js" in files:
            profile = next(iter(self._items(files["data/profile.js"])), {}).get("profile") or {}
        avatar = profile.get("avatarMediaUrl")
        return Account(handle=handle, name=str(name or ""), avatar_url=avatar or None)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """All tweets of the archive; a long post has its whole text.

        Raises:
            UnreadableFileError: It is no archive of X, or a damaged or incomplete one.
            WrongAccountError: It is somebody else's.
            EmptyTimelineError: It holds no tweets.
        """
        account = self.account()
        if account.handle.lower() != handle.lower():
            raise WrongAccountError(
                f"{self._path.name} is the archive of @{account.handle}, not of @{handle}.",
                f"Give the archive of @{handle}, or leave the handle out.",
            )
        files = self._files()
        records = (item for path in _in_order(files, _TWEETS, _TWEETS_2013) for item in self._items(path))
        tweets = [tweet_formats.tweet(record) for record in records if tweet_formats.has_text(record)]
        self._require_complete(files, len(tweets))
        if not tweets:
            raise EmptyTimelineError(
                f"{self._path.name} holds no tweets.", "Check that it is the right file."
            )
        notes = [note for path in _in_order(files, _NOTES) for note in self._items(path)]
        return Timeline(
            account=account,
            tweets=tweet_formats.newest_first(_with_whole_texts(tweets, notes)),
            source="x_archive",
        )

    def _files(self) -> dict[str, Any]:
        """The members that may be opened, by their path from the archive's top."""
        if not self._path.exists():
            raise UnreadableFileError(f"There is no file {str(self._path)!r}.", "Check the path.")
        if self._path.is_dir():
            found: dict[str, Any] = {
                p.relative_to(self._path).as_posix(): p for p in self._path.rglob("*.js")
            }
        else:
            try:
                archive = zipfile.ZipFile(self._path)
            except (zipfile.BadZipFile, OSError) as error:
                raise UnreadableFileError(
                    f"{self._path.name} is no zip file, or only a part of one: {error}.",
                    f"Download it again. {_ASK}",
                ) from error
            found = {name: zipfile.Path(archive, name) for name in archive.namelist() if name.endswith(".js")}
        files = {}
        for name, member in found.items():
            inside = re.search(r"(?:^|/)(data/.*)", name)
            if inside and _is_wanted(inside.group(1)):
                files[inside.group(1)] = member
        has_owner = "data/account.js" in files or "data/js/user_details.js" in files
        if not has_owner or not any(_TWEETS.fullmatch(f) or _TWEETS_2013.fullmatch(f) for f in files):
            raise UnreadableFileError(
                f"{self._path.name} is no archive of X: it has no data/account.js and data/tweets.js.", _ASK
            )
        return files

    def _items(self, member: Any) -> Iterator[dict[str, Any]]:
        """The items of a file that assigns a list, or one object, to a variable; a chunk at a time."""
        decoder, buffer, began = json.JSONDecoder(), "", False
        try:
            with member.open(encoding="utf-8") as file:
                while True:
                    wanted = max(_CHUNK, len(buffer))  # a long item is scanned again only as it doubles
                    chunk = file.read(wanted)
                    buffer += chunk
                    if not began:
                        start = re.search(r"[\[{]", buffer)
                        if start is None and chunk:
                            continue
                        began = True
                        at = start.start() if start else 0
                        buffer = buffer[at + 1 :] if buffer[at : at + 1] == "[" else buffer[at:]
                    position = 0
                    while (match := re.compile(r"[\s,;]*").match(buffer, position)) and match.end() < len(
                        buffer
                    ):
                        position = match.end()
                        if buffer[position] == "]":
                            return
                        try:
                            item, position = decoder.raw_decode(buffer, position)
                        except json.JSONDecodeError:
                            break  # the item goes on in the next chunk, or is damaged
                        if isinstance(item, dict):
                            yield item
                    buffer = buffer[position:]
                    if not chunk:
                        if buffer.strip(" \r\n\t,;]"):
                            raise self._damaged(member, "it ends in the middle of an item")
                        return
        except (OSError, EOFError, RuntimeError, UnicodeDecodeError, zipfile.BadZipFile) as error:
            raise self._damaged(member, str(error)) from error

    def _require_complete(self, files: dict[str, Any], read: int) -> None:
        """Compare with the count in the archive's own manifest, where there is one."""
        if "data/manifest.js" not in files:
            return
        manifest = next(iter(self._items(files["data/manifest.js"])), {})
        listed = ((manifest.get("dataTypes") or {}).get("tweets") or {}).get("files") or ()
        counts = [str(entry.get("count", "")) for entry in listed]
        expected = sum(int(count) for count in counts if count.isdecimal())
        if read < expected:
            raise UnreadableFileError(
                f"{self._path.name} is incomplete: it lists {expected:,} tweets and holds {read:,}.",
                f"Download it again. {_ASK}",
            )

    def _damaged(self, member: Any, why: str) -> UnreadableFileError:
        return UnreadableFileError(
            f"{member.name} in {self._path.name} cannot be read: {why}.", f"Download it again. {_ASK}"
        )


def _is_wanted(name: str) -> bool:
    named = ("data/account.js", "data/profile.js", "data/manifest.js", "data/js/user_details.js")
    return name in named or any(kind.fullmatch(name) for kind in (_TWEETS, _TWEETS_2013, _NOTES))


def _in_order(files: dict[str, Any], *kinds: re.Pattern[str]) -> Iterator[Any]:
    """The parts of one kind of file by their numbers."""
    for kind in kinds:
        parts = [(match.group(1) or "", name) for name in files if (match := kind.fullmatch(name))]
        for _, name in sorted(parts, key=lambda part: (len(part[0]), part)):
            yield files[name]


def _with_whole_texts(tweets: list[Tweet], notes: Iterable[dict[str, Any]]) -> Iterator[Tweet]:
    """The tweets, those cut short with the whole text of the note of the same time and beginning."""
    whole = sorted(
        (note.created_at.timestamp(), note.text)
        for item in notes
        if (note := _note(item)) and note.created_at is not None
    )
    times = [time for time, _ in whole]
    for tweet in tweets:
        text = tweet.text
        if tweet.created_at is not None:
            time = tweet.created_at.timestamp()
            beginning = _unescaped(_CUT.sub("", text))
            for at in range(bisect_left(times, time - _NOTE_SECONDS), len(times)):
                if times[at] > time + _NOTE_SECONDS:
                    break
                if len(whole[at][1]) > len(beginning) and _unescaped(whole[at][1]).startswith(beginning):
                    text = whole[at][1]
        yield tweet if text == tweet.text else replace(tweet, text=text)


def _note(item: dict[str, Any]) -> Tweet | None:
    note = item.get("noteTweet") or {}
    core = note.get("core") or {}
    return tweet_formats.tweet({"text": core.get("text"), "createdAt": note.get("createdAt")})


def _unescaped(text: str) -> str:
    return text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
