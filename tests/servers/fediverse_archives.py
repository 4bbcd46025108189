"""Archives as servers of the Fediverse make them, with made-up posts."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HOST = "https://m.example"
ME = f"{HOST}/users/ann"
OTHER = "https://other.example/users/bob"
FOLLOWERS = f"{ME}/followers"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    {"ostatus": "http://ostatus.org#"},
]
PICTURE = b"\x89PNG picture"
MEDIA = {f"media_attachments/files/{number}/original.png": b"x" * 2000 for number in range(3)}

Files = Mapping[str, bytes]


def note(number: int, text: str | None = "", *, lang: str | None = "en", **fields: Any) -> dict[str, Any]:
    """A public note; a field that is `...` is left out."""
    content = f"<p>{text or f'post {number}'}</p>" if text is not None and text[:1] != "<" else text
    whole = {
        "id": f"{ME}/statuses/{number}",
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": f"2024-03-05T12:{number % 60:02}:00Z",
        "attributedTo": ME,
        "to": [PUBLIC],
        "cc": [FOLLOWERS],
        "sensitive": False,
        "content": content,
        "contentMap": {lang: content} if lang else ...,
        "attachment": [],
        "tag": [],
        **fields,
    }
    return {key: value for key, value in whole.items() if value is not ...}


def create(note: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """The activity in which a note stands."""
    whole = {
        "id": f"{note['id']}/activity",
        "type": "Create",
        "actor": ME,
        "published": note.get("published"),
        "to": note.get("to", ...),
        "cc": note.get("cc", ...),
        "object": note,
        **fields,
    }
    return {key: value for key, value in whole.items() if value is not ...}


def post(number: int, text: str | None = "", **fields: Any) -> dict[str, Any]:
    """A public post, as an activity."""
    return create(note(number, text, **fields))


def boost(number: int, what: Any = f"{OTHER}/statuses/1", **fields: Any) -> dict[str, Any]:
    """A boost; `what` is what is boosted."""
    return {
        "id": f"{ME}/statuses/{number}/activity",
        "type": "Announce",
        "actor": ME,
        "published": f"2024-03-05T12:{number % 60:02}:00Z",
        "to": [PUBLIC],
        "cc": [OTHER, FOLLOWERS],
        "object": what,
        **fields,
    }


def outbox(*items: Any, **fields: Any) -> bytes:
    """The file of posts: the context is a list before them, and their number is wrong, as in real ones."""
    whole = {
        "@context": CONTEXT,
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(items) + 29,
        "orderedItems": list(items),
        **fields,
    }
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


def actor(**fields: Any) -> bytes:
    """The file that describes the account."""
    whole = {
        "@context": CONTEXT,
        "id": ME,
        "type": "Person",
        "preferredUsername": "ann",
        "name": "Ann of the Lamp",
        "summary": "<p>Keeper.</p>",
        "url": f"{HOST}/@ann",
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": True,
        "memorial": False,
        "icon": {"type": "Image", "mediaType": "image/png", "url": "avatar.png"},
        "likes": "likes.json",
        "bookmarks": "bookmarks.json",
        **fields,
    }
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


def archive(*items: Any, of: bytes | None = None, more: Files | None = None) -> dict[str, bytes]:
    """The files of an archive in the order of older servers: the posts lie behind the media."""
    return {
        **MEDIA,
        "outbox.json": outbox(*items),
        "likes.json": b'{"orderedItems": ["https://other.example/secret-like"]}',
        "bookmarks.json": b'{"orderedItems": []}',
        "avatar.png": PICTURE,
        "actor.json": actor() if of is None else of,
        **(more or {}),
    }


def zipped(path: Path, files: Files) -> Path:
    """The files as newer servers pack them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def tarred(path: Path, files: Files) -> Path:
    """The files as older servers pack them, also without compression."""
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz") as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


def unpacked(folder: Path, files: Files) -> Path:
    """The files as they are unpacked."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
