"""What a repository on the Hugging Face Hub holds, and whether it is ours."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import EditedByHandError, HubUnavailableError, NotOursError
from huggingtweets_hub.hub import client
from huggingtweets_hub.hub.retries import patiently

if TYPE_CHECKING:
    from huggingface_hub import HfApi, ModelInfo
    from huggingface_hub.hf_api import RepoSibling

CARD = "README.md"
FACTS = "huggingtweets.json"
TAG = "huggingtweets"
_ASKED_ONE_BY_ONE = 20
_PICTURE = re.compile(r"\.(png|jpg)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a repository holds at one commit.

    Attributes:
        head: The commit; None where there is no repository yet.
        files: The git or LFS digest of each file, by its path.
        sizes: The bytes of each file.
        facts: The content of `huggingtweets.json`; empty where there is none.
        card_sha256: Of the card as it stands now.
        tagged: Whether the card carries our tag.
        private: Whether only its owners see it.
    """

    head: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    card_sha256: str | None = None
    tagged: bool = False
    private: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every file of the published model is still there, the weights unchanged."""
        recorded = model_files(self._recorded)
        return bool(recorded) and all(
            path in self.files and (not path.endswith(".safetensors") or self.files[path] == digest)
            for path, digest in recorded.items()
        )

    @property
    def is_complete(self) -> bool:
        """Whether every published file is still there, the card as it was and its pictures included."""
        return self.is_whole and not self.is_edited and self._recorded.keys() <= self.files.keys()

    @property
    def is_empty(self) -> bool:
        """Whether nobody has put anything there yet."""
        return set(self.files) <= {".gitattributes"}

    @property
    def is_recorded(self) -> bool:
        """Whether it is known which card was published."""
        return CARD in self._recorded

    @property
    def is_edited(self) -> bool:
        """Whether the card is not the one that was published."""
        return self.is_recorded and self._recorded[CARD] != self.card_sha256

    @property
    def _recorded(self) -> dict[str, str]:
        """The SHA-256 of each published file, as `huggingtweets.json` has it; nothing where it is odd."""
        files = self.facts.get("files")
        return files if isinstance(files, dict) else {}


def read(repo_id: str) -> Published:
    """What the repository holds now.

    Raises:
        HubError: The Hub does not answer.
    """
    info = _info(repo_id)
    if info is None:
        return Published()
    head, files = info.sha or "", _digests(info)
    texts = {
        file.rfilename: download_file(repo_id, file.rfilename, head, expected=file)
        for file in info.siblings or ()
        if file.rfilename in (CARD, FACTS)
    }
    try:
        facts = json.loads(texts.get(FACTS, b"{}"))
    except (ValueError, RecursionError):
        facts = {}
    return Published(
        head=head,
        files=files,
        sizes={sibling.rfilename: sibling.size or 0 for sibling in info.siblings or ()},
        facts=facts if isinstance(facts, dict) else {},
        card_sha256=hashlib.sha256(texts[CARD]).hexdigest() if CARD in texts else None,
        tagged=TAG in (info.tags or ()),
        private=bool(info.private),
    )


def published(repo_ids: Collection[str]) -> dict[str, str]:
    """The commit of those repositories that hold a publication of ours, by repo id.

    A few are asked for one by one, many by listing what their namespaces hold.

    Raises:
        HubError: The Hub does not answer.
    """
    namespaces = sorted({repo_id.split("/")[0] for repo_id in repo_ids})
    if len(repo_ids) <= _ASKED_ONE_BY_ONE * len(namespaces):
        found = [info for repo_id in repo_ids if (info := _info(repo_id)) is not None]
    else:
        found = [info for namespace in namespaces for info in _tagged(namespace)]
    asked = {repo_id.lower(): repo_id for repo_id in repo_ids}
    return {
        asked[info.id.lower()]: info.sha or ""
        for info in found
        if info
        and info.id.lower() in asked
        and FACTS in {sibling.rfilename for sibling in info.siblings or ()}
    }


def _info(repo_id: str) -> "ModelInfo | None":
    from huggingface_hub.errors import RepositoryNotFoundError

    def once(api: "HfApi") -> "ModelInfo | None":
        try:
            return api.model_info(repo_id, files_metadata=True)
        except RepositoryNotFoundError:
            return None

    return client.ask(f"read {repo_id}", once)


def _tagged(namespace: str) -> "list[ModelInfo]":
    return client.ask(
        f"list the models of {namespace}",
        lambda api: list(api.list_models(author=namespace, filter=TAG, full=True)),
    )


def model_files(files: Mapping[str, str]) -> dict[str, str]:
    """Those of the published files that make up the model: all but the card and its pictures."""
    return {path: digest for path, digest in files.items() if path != CARD and not _PICTURE.search(path)}


def accounts(published: Published) -> dict[str, dict[str, Any]]:
    """What a publication says of each of its accounts, by handle in lower case; odd entries left out."""
    listed = published.facts.get("accounts")
    return {
        str(account.get("handle")).lower(): account
        for account in (listed if isinstance(listed, list) else ())
        if isinstance(account, dict)
    }


def files_at(repo_id: str, revision: str = "main") -> Published:
    """Which files a revision of the repository holds; none of them is read.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    info = _info_at(repo_id, revision)
    return Published(head=info.sha, files=_digests(info), private=bool(info.private))


def _info_at(repo_id: str, revision: str) -> "ModelInfo":
    return client.ask(
        f"read {repo_id} at {revision}",
        lambda api: api.model_info(repo_id, revision=revision, files_metadata=True),
    )


def _digests(info: "ModelInfo") -> dict[str, str]:
    return {
        sibling.rfilename: sibling.lfs.sha256 if sibling.lfs else sibling.blob_id or ""
        for sibling in info.siblings or ()
    }


def require_ours(
    repo_id: str, published: Published, *, before: Published | None = None, overwrite: bool = False
) -> None:
    """Make sure that nothing of somebody else's is replaced.

    Args:
        before: What was there when it was read first: a card that is new since is somebody's work too.

    Raises:
        NotOursError: The repository holds files and was not made by this toolkit.
        EditedByHandError: The card was changed since the last publication.
    """
    if overwrite or published.head is None or published.is_empty:
        return
    if not published.facts and not published.tagged:
        raise NotOursError(
            f"{repo_id} was not made by huggingtweets: it has no {FACTS} and no tag {TAG!r}.",
            "Publish elsewhere with --repo-id, or replace it with --overwrite.",
        )
    is_new_card = before is not None and published.card_sha256 != before.card_sha256
    if published.is_edited or (is_new_card and not published.is_recorded):
        raise EditedByHandError(
            f"The card of {repo_id} was edited since it was published.",
            "Keep the edits and leave it, or replace them with --overwrite.",
        )


def holds(repo_id: str, revision: str, files: Mapping[str, Path | bytes]) -> bool:
    """Whether a revision of the repository has all these files, each as it is here; none is downloaded.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    return not differing(repo_id, revision, files)


def address(repo_id: str) -> str:
    """The page of the repository."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{repo_id}"


def files_address(repo_id: str, commit: str) -> str:
    """Where the files of a commit lie."""
    return f"{address(repo_id)}/resolve/{commit}"


def download(repo_id: str, revision: str, folder: Path) -> None:
    """Put the files of a publication into a folder; a file that arrived damaged is fetched again.

    Raises:
        HubError: They cannot be had undamaged.
    """
    from huggingface_hub import snapshot_download

    wanted = {file.rfilename: file for file in _info_at(repo_id, revision).siblings or ()}

    def once() -> None:
        with client.explained(f"give the files of {repo_id}"):
            snapshot_download(repo_id, revision=revision, local_dir=folder)
        damaged = [path for path, file in wanted.items() if not is_same(folder / path, file)]
        for path in damaged:
            (folder / path).unlink()
        if damaged:
            raise _arrived_damaged(repo_id, ", ".join(damaged))

    client.bound()
    patiently(once)


def download_file(
    repo_id: str, path: str, revision: str, *, kind: str = "model", expected: "RepoSibling | None" = None
) -> bytes:
    """The content of one file; at a commit that was read before it comes from the client's cache.

    Args:
        expected: What the Hub says of it; a copy that differs is fetched again.

    Raises:
        HubError: It cannot be had, or not undamaged.
    """
    from huggingface_hub import hf_hub_download

    is_damaged = False

    def once(_: object) -> bytes:
        nonlocal is_damaged
        file = hf_hub_download(repo_id, path, revision=revision, repo_type=kind, force_download=is_damaged)
        content = Path(file).read_bytes()
        is_damaged = expected is not None and not is_same(content, expected)
        if is_damaged:
            raise _arrived_damaged(repo_id, path)
        return content

    return client.ask(f"give {path} of {repo_id}", once)


def _arrived_damaged(repo_id: str, files: str) -> HubUnavailableError:
    return HubUnavailableError(
        f"What came of {repo_id} is not what the Hub has: {files}.",
        "Run the same command again, on a connection that you trust.",
    )


def differing(
    repo_id: str, revision: str, files: Mapping[str, Path | bytes], gone: Iterable[str] = ()
) -> list[str]:
    """Which files are not there as they are here, or are still there though they are to be gone.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    found = {file.rfilename: file for file in _info_at(repo_id, revision).siblings or ()}
    wrong = [path for path in gone if path in found]
    for path, content in files.items():
        if path not in found or not is_same(content, found[path]):
            wrong.append(path)
    return sorted(wrong)


def is_same(content: Path | bytes, file: "RepoSibling") -> bool:
    """Whether a file on the Hub has this content, by its digest."""
    if file.lfs is not None:
        return bool(file.lfs.sha256 == sha256(content))
    return file.blob_id == _git_blob_sha1(content)


def sha256(content: Path | bytes) -> str:
    """The SHA-256 of a file's content."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _git_blob_sha1(content: Path | bytes) -> str:
    data = content if isinstance(content, bytes) else content.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
