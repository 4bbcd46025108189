"""The archive that X gives account holders of their own posts: the zip, or the unpacked folder.

It also holds direct messages and IP addresses, so only the files named here are ever opened.
"""

import html
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Timeline
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.json_stream import JsonStream

_ASK = (
    "Request a new one from X: Settings > Your account > Download an archive of your data. It arrives "
    "within about a day. Use the zip file as it is."
)
_NOTE_SECONDS = 2
_TWEETS = re.compile(r"tweets?(?:-part([0-9]+))?\.js")
_TWEETS_2013 = re.compile(r"([0-9]{4}_[0-9]{2})\.js")
_NOTES = re.compile(r"note-tweet(?:-part([0-9]+))?\.js")
_IS_CUT = re.compile(r"(?:…|https?://t\.co/\w+)\s*\Z")
_LINK = re.compile(r"https?://\S+")
_COUNT = re.compile(r"[0-9]{1,15}")

Member = Path | zipfile.Path
"""A file or folder of the archive, in the zip or unpacked."""


class XArchive:
    """An official archive from any year since 2013, as a zip file or unpacked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def account(self) -> Account:
        """The archive's owner.

        Raises:
            UnreadableFileError: It is not an archive, is damaged, or does not say whose it is.
        """
        with self._opened() as data:
            return self._owner(data)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """All tweets of the archive, newest first; long posts have their full text.

        Raises:
            UnreadableFileError: It is not an archive, or it is damaged or incomplete.
            WrongAccountError: It belongs to a different account.
            EmptyTimelineError: It holds no tweets.
        """
        with self._opened() as data:
            account = self._owner(data)
            if account.handle.lower() != handle.lower():
                raise WrongAccountError(
                    f"{self._path.name} is the archive of @{account.handle}, not of @{handle}.",
                    f"Use the archive of @{handle}, or leave out the handle.",
                )
            tweets = formats.newest_first(self._tweets(data))
        if not tweets:
            raise EmptyTimelineError(
                f"{self._path.name} holds no tweets of @{account.handle}.", "Check that it is the right file."
            )
        progress.advance("Reading", len(tweets), len(tweets), "tweets")
        return Timeline(account=account, tweets=tweets, source="x_archive")

    def _tweets(self, data: Member) -> Iterator[Post]:
        notes = self._notes(data)
        read = 0
        for member in _tweet_members(data):
            for record in self._items(member):
                read += 1
                yield _whole(formats.tweet(record), notes)
        self._require_complete(data, read)

    @contextmanager
    def _opened(self) -> Iterator[Member]:
        """The folder with the data; exceptions in it are turned into errors that explain them."""
        name = self._path.name
        try:
            if self._path.is_dir():
                yield self._data_folder(self._path)
            else:
                with (
                    open(self._path, "rb", opener=files.regular) as file,
                    zipfile.ZipFile(file) as archive,
                ):
                    yield self._data_folder(zipfile.Path(archive))
        except FileNotFoundError as error:
            raise UnreadableFileError(f"There is no file {str(self._path)!r}.", "Check the path.") from error
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            why = "it is not a zip file" if not _begins_like_a_zip(self._path) else "it is damaged or cut off"
            raise UnreadableFileError(
                f"{name} could not be read: {why}.", f"Download it again. {_ASK}"
            ) from error
        except NotImplementedError as error:  # before RuntimeError, of which it is one
            raise UnreadableFileError(
                f"{name} uses a compression that cannot be read: {error}.",
                f"Unpack it and use the folder instead. {_ASK}",
            ) from error
        except RuntimeError as error:
            raise UnreadableFileError(
                f"{name} is encrypted, so it cannot be read.",
                f"Unpack it with its password and use the folder instead. {_ASK}",
            ) from error
        except OSError as error:
            raise UnreadableFileError(
                f"{str(self._path)!r} could not be read: {error.strerror or error}.", "Check its permissions."
            ) from error

    def _data_folder(self, root: Member) -> Member:
        """`data`, or in 2019 the top folder itself; either may be inside one more folder."""
        below = sorted((entry for entry in root.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
        for top in (root, *below):
            for folder in (top / "data", top):
                if folder.is_dir() and _tweet_members(folder):
                    return folder
        raise UnreadableFileError(
            f"{self._path.name} is not an X archive: it has neither data/tweets.js nor the files that older "
            "archives have instead.",
            _ASK,
        )

    def _owner(self, data: Member) -> Account:
        named: dict[str, Any] = {}
        if (data / "account.js").is_file():
            entry = _at(next(self._items(data / "account.js"), None), "account")
            named = {"username": _at(entry, "username"), "name": _at(entry, "accountDisplayName"),
                     "account_id": _at(entry, "accountId")}  # fmt: skip
            if (data / "profile.js").is_file():
                profile = next(self._items(data / "profile.js"), None)
                named["profile_image_url"] = _at(profile, "profile", "avatarMediaUrl")
        elif (data / "js" / "user_details.js").is_file():
            entry = self._object(data / "js" / "user_details.js")
            named = {
                "username": entry.get("screen_name"),
                "name": entry.get("full_name"),
                "account_id": entry.get("id"),
            }
        account = formats.author(named)
        if account is None:
            raise UnreadableFileError(
                f"{self._path.name} does not say whose archive it is (data/account.js).", _ASK
            )
        return account

    def _notes(self, data: Member) -> dict[int, list[str]]:
        """The full texts of long posts, by the second in which they were posted."""
        notes: dict[int, list[str]] = defaultdict(list)
        for member in _members(data, _NOTES):
            for item in self._items(member):
                note = item.get("noteTweet", item)
                posted, text = formats.moment(_at(note, "createdAt")), _at(note, "core", "text")
                if posted and isinstance(text, str):
                    notes[int(posted.timestamp())].append(text)
        return notes

    def _require_complete(self, data: Member, read: int) -> None:
        """Compare with the count in the archive's own manifest, if there is one."""
        if not (data / "manifest.js").is_file():
            return
        kinds = _at(self._object(data / "manifest.js"), "dataTypes")
        listed = _at(_at(kinds, "tweets") or _at(kinds, "tweet"), "files")
        counts = [str(_at(entry, "count")) for entry in (listed if isinstance(listed, list) else ())]
        expected = sum(int(count) for count in counts if _COUNT.fullmatch(count))
        if read < expected:
            raise UnreadableFileError(
                f"{self._path.name} is incomplete: it lists {expected:,} tweets but holds {read:,}.",
                f"Download it again. {_ASK}",
            )

    # --- a file of the archive: JavaScript that assigns JSON to a variable ---------------------------

    def _object(self, member: Member) -> dict[str, Any]:
        with self._reading(member) as stream:
            return stream.object()

    def _items(self, member: Member) -> Iterator[dict[str, Any]]:
        """The items of a list, one at a time."""
        with self._reading(member) as stream:
            for item in stream.items():
                if not isinstance(item, dict):
                    raise ValueError(f"{str(item)[:60]!r} is not a record")
                yield item

    @contextmanager
    def _reading(self, member: Member) -> Iterator[JsonStream]:
        try:
            if isinstance(member, Path):
                self._require_inside(member)
                with open(member, encoding="utf-8-sig", opener=files.regular) as stream:
                    yield JsonStream(stream)
            else:
                with member.open("r", encoding="utf-8-sig") as stream:
                    yield JsonStream(stream)
        except (ValueError, RecursionError) as error:
            raise UnreadableFileError(
                f"{member.name} in {self._path.name} could not be read: {error}.",
                f"Download it again. {_ASK}",
            ) from error

    def _require_inside(self, member: Path) -> None:
        """An archive from someone else may contain links to files on this machine."""
        if not member.resolve().is_relative_to(self._path.resolve()):
            raise UnreadableFileError(
                f"{str(member)!r} is a link that leads out of the archive.", "Unpack the zip file again."
            )


def _at(value: Any, *keys: str) -> Any:
    """The value under these nested keys; None if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _members(folder: Member, kind: re.Pattern[str]) -> list[Member]:
    """The parts of one kind of file, in the order of their numbers."""
    found = [(match[1] or "", entry) for entry in folder.iterdir() if (match := kind.fullmatch(entry.name))]
    return [entry for _, entry in sorted(found, key=lambda part: (len(part[0]), part[0], part[1].name))]


def _tweet_members(data: Member) -> list[Member]:
    monthly = data / "js" / "tweets"
    return _members(data, _TWEETS) or (_members(monthly, _TWEETS_2013) if monthly.is_dir() else [])


def _whole(tweet: Post, notes: dict[int, list[str]]) -> Post:
    """The tweet; if it was cut off, with the text of the note with the same time and beginning."""
    if notes and tweet.created_at and _IS_CUT.search(tweet.text) and (beginning := _said(tweet.text)):
        second = int(tweet.created_at.timestamp())
        for near in sorted(range(-_NOTE_SECONDS, _NOTE_SECONDS + 1), key=abs):
            for text in notes.get(second + near, ()):
                if _said(text).startswith(beginning) and len(_said(text)) > len(beginning):
                    return replace(tweet, text=text)
    return tweet


def _said(text: str) -> str:
    """The comparable part of a long post: without links, which differ between the two files."""
    return " ".join(_LINK.sub(" ", html.unescape(text)).split()).removesuffix("…").rstrip()


def _begins_like_a_zip(path: Path) -> bool:
    with open(path, "rb", opener=files.regular) as file:
        return file.read(2) == b"PK"
