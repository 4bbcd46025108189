"""A repository on the Hugging Face Hub: what is there, one atomic commit, read back."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub import hub_client
from huggingtweets_hub.errors import (
    EditedByHandError,
    NotOursError,
    ReadBackError,
)

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo
    from huggingface_hub.hf_api import RepoSibling

CARD = "README.md"
FACTS = "huggingtweets.json"
TAG = "huggingtweets"
_MESSAGE = "Publish with huggingtweets_hub"
_ASKED_ONE_BY_ONE = 20
_MOST_TAGS = 9
_PICTURE = re.compile(r"\.(png|jpg)\Z")
# Model and tokenizer files that transformers would read; one that a new publication does not bring
# along is left from an older one and must go.
_MODEL_FILE = re.compile(
    r"(pytorch_model|tf_model|flax_model|rust_model|model)[^/]*\.(bin|h5|msgpack|ot|safetensors|json)"
    r"|(config|generation_config|vocab|merges|tokenizer|tokenizer_config|special_tokens_map|added_tokens"
    r"|training_args|optimizer|scheduler)\.(json|txt|bin|pt|model)|chat_template\.jinja|spiece\.model"
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit on the Hub, or the one of a pull request."""

    oid: str
    url: str


def read(repo_id: str) -> Published:
    """What the repository holds now.

    Raises:
        HubError: The Hub does not answer.
    """
    from huggingface_hub.errors import RepositoryNotFoundError

    with hub_client.explained(f"read {repo_id}"):
        try:
            info = hub_client.api().model_info(repo_id, files_metadata=True)
        except RepositoryNotFoundError:
            return Published()
        head, files = info.sha or "", _digests(info)
        texts = {name: download_file(repo_id, name, head) for name in (CARD, FACTS) if name in files}
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
    namespaces = {repo_id.split("/")[0] for repo_id in repo_ids}
    found: list[ModelInfo] = []
    with hub_client.explained("find what is published"):
        if len(repo_ids) <= _ASKED_ONE_BY_ONE * len(namespaces):
            found += [info for repo_id in repo_ids if (info := _info(repo_id)) is not None]
        else:
            for namespace in sorted(namespaces):
                found += hub_client.api().list_models(author=namespace, filter=TAG, full=True)
    asked = {repo_id.lower(): repo_id for repo_id in repo_ids}
    return {
        asked[info.id.lower()]: info.sha or ""
        for info in found
        if info.id.lower() in asked and FACTS in {sibling.rfilename for sibling in info.siblings or ()}
    }


def _info(repo_id: str) -> "ModelInfo | None":
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        return hub_client.api().model_info(repo_id)
    except RepositoryNotFoundError:
        return None


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


def tag(repo_id: str, commit: str, name: str) -> None:
    """Give a commit a name that stays; where others have it already, with a number behind it.

    Raises:
        HubError: The Hub does not answer.
    """
    from huggingface_hub.errors import HfHubHTTPError

    with hub_client.explained(f"tag {repo_id}"):
        for number in range(1, _MOST_TAGS + 1):
            numbered = name if number == 1 else f"{name}.{number}"
            try:
                hub_client.api().create_tag(repo_id, tag=numbered, revision=commit)
            except HfHubHTTPError as error:
                if error.response.status_code != 409 or number == _MOST_TAGS:
                    raise
            else:
                return


def files_at(repo_id: str, revision: str = "main") -> Published:
    """Which files a revision of the repository holds; none of them is read.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    with hub_client.explained(f"read {repo_id} at {revision}"):
        info = hub_client.api().model_info(repo_id, revision=revision, files_metadata=True)
    return Published(head=info.sha, files=_digests(info), private=bool(info.private))


def _digests(info: "ModelInfo") -> dict[str, str]:
    return {
        sibling.rfilename: sibling.lfs.sha256 if sibling.lfs else sibling.blob_id or ""
        for sibling in info.siblings or ()
    }


def require_ours(repo_id: str, published: Published, *, overwrite: bool = False) -> None:
    """Make sure that nothing of somebody else's is replaced.

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
    if published.is_edited:
        raise EditedByHandError(
            f"The card of {repo_id} was edited since it was published.",
            "Keep the edits and leave it, or replace them with --overwrite.",
        )


def push(
    repo_id: str,
    files: Mapping[str, Path | bytes],
    *,
    whole: bool,
    published: Published,
    private: bool = False,
    create_pr: bool = False,
    delete: Collection[str] = (),
    message: str = _MESSAGE,
) -> Commit:
    """Publish the files in one commit, then read them back.

    Args:
        files: Contents or local files by their path in the repository.
        whole: These are all files of the model, so that stale weights of an older one are deleted.
        published: What `read` found; the commit is refused if the branch has moved since.
        delete: Files to delete in the same commit.
        message: The commit's title.

    Raises:
        HubError: The Hub refuses or does not answer; nothing is visible then.
        ReadBackError: The Hub holds something else than was sent.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    stale = [path for path in published.files if whole and path not in files and _MODEL_FILE.fullmatch(path)]
    stale += delete
    head = published.head
    with hub_client.explained(f"publish to {repo_id}"):
        if head is None:
            hub_client.api().create_repo(repo_id, private=private, exist_ok=True)
            head = hub_client.api().model_info(repo_id).sha
        elif private and published.is_empty:  # left behind by a push that failed
            hub_client.api().update_repo_settings(repo_id, private=True)
        try:
            info = hub_client.api().create_commit(
                repo_id,
                [
                    *(CommitOperationAdd(path, content) for path, content in sorted(files.items())),
                    *(CommitOperationDelete(path) for path in stale),
                ],
                commit_message=message,
                parent_commit=head,
                create_pr=create_pr,
            )
        except Exception:
            landed = None if create_pr else _landed(repo_id, head, files, stale)
            if landed is None:
                raise
            return landed  # the reply was lost, the commit was not
        # A pull request's commit is only reachable through its own reference.
        revision = info.pr_revision or info.oid
        _read_back(repo_id, revision, files, gone=stale)
    return Commit(oid=info.oid, url=info.pr_url or address(repo_id))


def holds(repo_id: str, revision: str, files: Mapping[str, Path | bytes]) -> bool:
    """Whether a revision of the repository has all these files, each as it is here; none is downloaded.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    with hub_client.explained(f"read {repo_id} at {revision}"):
        return not _differing(repo_id, revision, files)


def address(repo_id: str) -> str:
    """The page of the repository."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{repo_id}"


def files_address(repo_id: str, commit: str) -> str:
    """Where the files of a commit lie."""
    return f"{address(repo_id)}/resolve/{commit}"


def download(repo_id: str, revision: str, folder: Path) -> None:
    """Put the files of a publication into a folder."""
    from huggingface_hub import snapshot_download

    with hub_client.explained(f"download {repo_id}"):
        snapshot_download(repo_id, revision=revision, local_dir=folder)


def download_file(repo_id: str, path: str, revision: str, *, kind: str = "model") -> bytes:
    """The content of one file; at a commit that was read before it comes from the client's cache."""
    from huggingface_hub import hf_hub_download

    with hub_client.explained(f"read {path} of {repo_id}"):
        return Path(hf_hub_download(repo_id, path, revision=revision, repo_type=kind)).read_bytes()


def _landed(
    repo_id: str, parent: str | None, files: Mapping[str, Path | bytes], gone: Iterable[str]
) -> Commit | None:
    """The commit that holds exactly these files although the reply to it was lost; else None."""
    try:
        head = hub_client.api().model_info(repo_id).sha or ""
        if head == parent:
            return None
        _read_back(repo_id, head, files, gone)
    except Exception:  # noqa: BLE001  # the first error is the one to show
        return None
    return Commit(oid=head, url=address(repo_id))


def _read_back(
    repo_id: str, revision: str, files: Mapping[str, Path | bytes], gone: Iterable[str] = ()
) -> None:
    wrong = _differing(repo_id, revision, files, gone)
    if wrong:
        raise ReadBackError(
            f"{repo_id} at {revision} does not hold what was sent: {', '.join(wrong)}.",
            "Run the same command again.",
        )


def _differing(
    repo_id: str, revision: str, files: Mapping[str, Path | bytes], gone: Iterable[str] = ()
) -> list[str]:
    """Which of the files are not there as they are here, or still there though they are to be gone."""
    info = hub_client.api().model_info(repo_id, revision=revision, files_metadata=True)
    found = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    wrong = [path for path in gone if path in found]
    for path, content in files.items():
        sibling = found.get(path)
        if sibling is None or not is_same(content, sibling):
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
