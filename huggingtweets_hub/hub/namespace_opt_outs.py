"""Who opted out of a namespace's models: digests in a private dataset of that namespace.

Every machine that publishes there looks it up, so that a model that was taken down on one is not published by
another. It holds no names: handles, the accounts' ids, and the digests of their texts are keyed with a
random salt. Whoever can read the dataset can still test whether a given name is on the list.
"""

import dataclasses
import functools
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import HubError, InvalidFactsError, InvalidInputError
from huggingtweets_hub.core.names import ATTRIBUTES, CARD
from huggingtweets_hub.core.serialization import from_json, to_json
from huggingtweets_hub.hub import client, refusals
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.retries import on_new_head

if TYPE_CHECKING:
    from huggingface_hub import HfApi

NAME = "huggingtweets-opt-outs"
_FILE = "opt-outs.json"
_SCHEMA = 1
_SALT, DIGEST = re.compile("[0-9a-f]{32}"), re.compile("[0-9a-f]{64}")
_ABOUT = b"""---
viewer: false
---
Digests of accounts that opted out, kept by huggingtweets_hub. Keep this dataset private: whoever can read it
can test whether an account is on the list.
"""
_FRESH_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account, by what it can be recognised by.

    Attributes:
        id: The network's own id, which stays when the handle changes; None if it is not known. A DID in place
            of a handle is the id, too.
        texts: The `kept_sha256` of a model made of its posts; None if it is not known.
    """

    handle: str
    id: str | None = None
    texts: str | None = None

    def __post_init__(self) -> None:
        if self.id is None and self.handle.lower().startswith("did:"):
            object.__setattr__(self, "id", self.handle.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One account that opted out, as digests.

    Attributes:
        handle: None once somebody else has taken over the handle.
        on: The day, as YYYY-MM-DD.
    """

    handle: str | None = None
    id: str | None = None
    texts: str | None = None
    on: str = ""

    @property
    def digest(self) -> str:
        """What the entry is called where nobody knows the handle."""
        return self.handle or self.id or self.texts or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOuts:
    """The list of a namespace; `salt` is empty where there is none yet."""

    salt: str = ""
    entries: tuple[Entry, ...] = ()

    def match(self, person: Person) -> Entry | None:
        """The entry of this account, or of one that it cannot be told from."""
        if not self.entries:
            return None
        known = self.digests(person)
        return next(
            (
                entry
                for entry in self.entries
                if any(
                    mine is not None and mine == theirs
                    for mine, theirs in (
                        (known.id, entry.id), (known.handle, entry.handle), (known.texts, entry.texts),
                    )
                )
            ),
            None,
        )  # fmt: skip

    def is_other(self, person: Person, entry: Entry) -> bool:
        """Whether the account has only the handle of the one that opted out, and another id."""
        known = self.digests(person)
        return known.handle == entry.handle and None not in (known.id, entry.id) and known.id != entry.id

    def digests(self, person: Person) -> Entry:
        """What this account's entry would hold."""

        def keyed(kind: str, value: str | None) -> str | None:
            if value is None:
                return None
            key = bytes.fromhex(self.salt)
            return hmac.digest(key, f"{kind}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hex()

        return Entry(
            handle=keyed("handle", person.handle.lower()),
            id=keyed("id", person.id),
            texts=keyed("texts", person.texts),
            on=datetime.now(UTC).date().isoformat(),
        )


def read(namespace: str) -> OptOuts:
    """The list of a namespace, asked for once a minute; empty if the token can see no such dataset.

    Raises:
        HubError: The Hub does not answer.
        InvalidInputError: The dataset is public, or not a list.
    """
    return _read(namespace, time.monotonic() // _FRESH_SECONDS)


def look_again() -> None:
    """Ask for the lists again next time."""
    _read.cache_clear()


def add(namespace: str, people: Collection[Person]) -> None:
    """Put accounts on the list of a namespace, which is made if it is missing.

    Raises:
        HubError: The Hub refuses or does not answer; nothing was changed.
        InvalidInputError: The dataset is public, or not a list.
    """

    def added(found: OptOuts) -> OptOuts:
        found = found if found.salt else OptOuts(salt=secrets.token_hex(16))
        new = [found.digests(person) for person in people]
        known = {_plain(entry) for entry in found.entries}
        return dataclasses.replace(
            found, entries=(*found.entries, *(entry for entry in new if _plain(entry) not in known))
        )

    _edit(namespace, added)


def remove(namespace: str, names: Collection[str], *, handle_only: bool = False) -> bool:
    """Take handles, DIDs, or entries by their digests, off a namespace's list; whether one was on it.

    Args:
        handle_only: Somebody else has the handle now: who opted out stays listed by id and texts.

    Raises:
        HubError: The Hub refuses or does not answer; nothing was changed.
    """

    def removed(found: OptOuts) -> OptOuts:
        listed = [found.digests(Person(handle=name)) for name in names]
        handles, ids = {digests.handle for digests in listed}, {digests.id for digests in listed} - {None}
        kept = []
        for entry in found.entries:
            is_named = entry.handle in handles or entry.digest in names
            if not is_named and (handle_only or entry.id not in ids):
                kept.append(entry)
            elif handle_only and (entry.id or entry.texts):
                kept.append(dataclasses.replace(entry, handle=None))
        return dataclasses.replace(found, entries=tuple(kept))

    return _edit(namespace, removed)


def _plain(entry: Entry) -> Entry:
    return dataclasses.replace(entry, on="")


def _edit(namespace: str, edit: Callable[[OptOuts], OptOuts]) -> bool:
    def once() -> bool:
        head, found = _content(namespace)
        edited = edit(found)
        if edited != found:
            _commit(namespace, head, edited)
        return edited != found

    try:
        return on_new_head(once)
    finally:
        look_again()


def _commit(namespace: str, head: str | None, content: OptOuts) -> None:
    repo_id = f"{namespace}/{NAME}"
    files = {_FILE: json.dumps({"schema": _SCHEMA, **to_json(content)}, indent=1).encode()}
    if head is None:
        files[CARD] = _ABOUT
        client.ask(f"create the dataset {repo_id}", lambda api: _create(api, repo_id))
        head, there = _content(namespace)  # which checks that it is private
        if there.salt:
            raise refusals.made_meanwhile(repo_id)

    def commit(api: "HfApi") -> None:
        from huggingface_hub import CommitOperationAdd

        api.create_commit(
            repo_id,
            [CommitOperationAdd(path, data) for path, data in files.items()],
            repo_type="dataset",
            commit_message="Update the list with huggingtweets_hub",
            parent_commit=head,
        )

    # If a commit worked but its reply was lost, the next attempt finds that the head has moved.
    client.ask(f"keep opt-outs in the dataset {repo_id}", commit)


def _create(api: "HfApi", repo_id: str) -> None:
    api.create_repo(repo_id, repo_type="dataset", private=True, exist_ok=True)


@functools.lru_cache(maxsize=64)
def _read(namespace: str, _: float) -> OptOuts:
    return _content(namespace)[1]


def _content(namespace: str) -> tuple[str | None, OptOuts]:
    """The head and the list; None and an empty one where there is no dataset that the token can see."""
    repo_id = f"{namespace}/{NAME}"
    info = client.ask(
        f"read the dataset {repo_id}", lambda api: client.found(lambda: api.dataset_info(repo_id))
    )
    if info is None:
        return None, OptOuts()
    head, names = str(info.sha), {file.rfilename for file in info.siblings or ()}
    if not info.private:
        raise InvalidInputError(
            f"The dataset {repo_id} is public, but it says who opted out.",
            "Make it private in its settings on the Hub.",
        )
    if _FILE in names:
        return head, _parsed(repo_id, hub_files.download_private(repo_id, _FILE, head))
    if names - {ATTRIBUTES}:  # else it was made by a run that ended before it wrote the list
        raise _damaged(repo_id, f"has no {_FILE} any more")
    return head, OptOuts()


def _parsed(repo_id: str, content: bytes) -> OptOuts:
    try:
        values = json.loads(content)
        found = from_json(OptOuts, {"salt": values["salt"], "entries": values["entries"]})
        if values.get("schema") != _SCHEMA or not _SALT.fullmatch(found.salt):
            raise ValueError("another schema, or a damaged salt")
        if not all(map(_is_sound, found.entries)):  # it would match nobody
            raise ValueError("a damaged entry")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, InvalidFactsError) as error:
        raise _damaged(repo_id, f"holds an {_FILE} that is not a list of opt-outs") from error
    return found


def _damaged(repo_id: str, how: str) -> HubError:
    return HubError(
        f"The dataset {repo_id} {how}.",
        "Restore an earlier version from its history, or update huggingtweets_hub if that is newer. Accounts "
        "on it must not be published again.",
    )


def _is_sound(entry: Entry) -> bool:
    """Whether an entry can match somebody, by digests alone."""
    digests = [digest for digest in (entry.handle, entry.id, entry.texts) if digest is not None]
    return bool(digests) and all(map(DIGEST.fullmatch, digests))
