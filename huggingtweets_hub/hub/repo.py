"""What a repository on the Hugging Face Hub holds, and whether we made it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import EditedByHandError, NotOursError
from huggingtweets_hub.core.files import sha256
from huggingtweets_hub.core.names import ATTRIBUTES, CARD, FACTS, TAG, model_files
from huggingtweets_hub.core.serialization import as_object, mapping
from huggingtweets_hub.hub import client
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.files import Kind

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

_ASKED_ONE_BY_ONE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a repository holds at one commit.

    Attributes:
        head: The commit; None if there is no repository yet.
        files: The git or LFS digest of each file, by its path.
        sizes: The bytes of each file.
        facts: The content of `huggingtweets.json`; empty if there is none.
        card_sha256: The digest of the current card.
        tagged: Whether the card carries our tag.
        private: Whether only its owners can see it.
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
        """Whether every file of the published model is still there, with unchanged weights."""
        recorded = model_files(self.recorded)
        return bool(recorded) and all(
            path in self.files and (not path.endswith(".safetensors") or self.files[path] == digest)
            for path, digest in recorded.items()
        )

    @property
    def is_complete(self) -> bool:
        """Whether every published file is still there, including the pictures, and the card is unchanged."""
        return self.is_whole and not self.is_edited and self.recorded.keys() <= self.files.keys()

    @property
    def is_empty(self) -> bool:
        """Whether nobody has put anything there yet."""
        return set(self.files) <= {ATTRIBUTES}

    @property
    def is_ours(self) -> bool:
        """Whether it was made by this toolkit: its card has our tag, or its facts are those of a card."""
        return (
            self.tagged or bool(self.facts.get("fingerprint")) or {"accounts", "repo_id"} <= self.facts.keys()
        )

    @property
    def is_recorded(self) -> bool:
        """Whether it is known which card was published."""
        return CARD in self.recorded

    @property
    def is_edited(self) -> bool:
        """Whether the card differs from the one that was published."""
        return self.is_recorded and self.recorded[CARD] != self.card_sha256

    @property
    def recorded(self) -> dict[str, str]:
        """The SHA-256 of each published file, from `huggingtweets.json`; empty if the entry is invalid."""
        return as_object(self.facts.get("files"))


def read(repo_id: str) -> Published:
    """What the repository holds now.

    Raises:
        HubRefusedError: It has another name by now.
        HubError: The Hub does not answer.
    """
    info = _info(repo_id)
    if info is None:
        return Published()
    hub_files.require_name(repo_id, info)
    return _read(info)


def read_by_any_name(repo_id: str) -> tuple[str, Published]:
    """What the repository is called today, and what it holds, for those who only read it.

    Raises:
        HubError: The Hub does not answer.
    """
    info = _info(repo_id)
    return (repo_id, Published()) if info is None else (info.id, _read(info))


def _read(info: "ModelInfo") -> Published:
    head, files = info.sha or "", digests(info)
    texts = {
        name: hub_files.download_file(info.id, name, head, expected=file)
        for name, file in hub_files.listed(info).items()
        if name in (CARD, FACTS)
    }
    return Published(
        head=head,
        files=files,
        sizes={sibling.rfilename: sibling.size or 0 for sibling in info.siblings or ()},
        facts=mapping(texts.get(FACTS, b"")),
        card_sha256=sha256(texts[CARD]) if CARD in texts else None,
        tagged=TAG in (info.tags or ()),
        private=bool(info.private),
    )


def facts(repo_id: str, commit: str) -> dict[str, Any]:
    """The content of `huggingtweets.json` at a commit; empty if it is not an object.

    Raises:
        HubError: There is none, or the Hub does not answer.
    """
    return mapping(hub_files.download_file(repo_id, FACTS, commit))


def published(repo_ids: Collection[str]) -> dict[str, str]:
    """The commit of each repository that holds a publication of ours, by repo id.

    A few repositories are asked for one by one, many by listing their namespaces.

    Raises:
        HubError: The Hub does not answer.
    """
    return {
        repo_id: info.sha or ""
        for repo_id, info in _found(repo_ids, tag=TAG).items()
        if FACTS in digests(info)
    }


def foreign(repo_ids: Collection[str]) -> frozenset[str]:
    """Those of the repositories that hold something and were not made by us.

    Raises:
        HubError: The Hub does not answer.
    """
    return frozenset(
        repo_id
        for repo_id, info in _found(repo_ids).items()
        if (held := digests(info).keys() - {ATTRIBUTES})
        and FACTS not in held
        and TAG not in (info.tags or ())
    )


def _found(repo_ids: Collection[str], *, tag: str | None = None) -> "dict[str, ModelInfo]":
    """What the Hub says about those that exist; where many are listed, of those with the tag."""
    namespaces = sorted({repo_id.split("/")[0] for repo_id in repo_ids})
    if len(repo_ids) <= _ASKED_ONE_BY_ONE * len(namespaces):  # also those that were renamed
        return {repo_id: info for repo_id in repo_ids if (info := _info(repo_id)) is not None}
    found = [info for namespace in namespaces for info in _listed(namespace, tag)]
    asked = {repo_id.lower(): repo_id for repo_id in repo_ids}
    return {asked[info.id.lower()]: info for info in found if info.id.lower() in asked}


def _info(repo_id: str) -> "ModelInfo | None":
    return client.ask(
        f"read {repo_id}",
        lambda api: client.found(lambda: api.model_info(repo_id, files_metadata=True)),
    )


def listed(namespace: str) -> list[str]:
    """The repo ids of all models of a namespace that carry our tag.

    Raises:
        HubError: The Hub does not answer.
    """
    return [info.id for info in _listed(namespace, TAG)]


def made_in(namespace: str) -> list[str]:
    """The repo ids of all models of a namespace that we made, also of those whose card has lost our tag.

    Raises:
        HubError: The Hub does not answer.
    """
    return [
        info.id
        for info in _listed(namespace, None)
        if TAG in (info.tags or ()) or FACTS in {file.rfilename for file in info.siblings or ()}
    ]


def _listed(namespace: str, tag: str | None) -> "list[ModelInfo]":
    return client.ask(
        f"list the models of {namespace}",
        lambda api: list(api.list_models(author=namespace, filter=tag, full=True)),
    )


def accounts(published: Published) -> dict[str, dict[str, Any]]:
    """What a publication says about each account, by lower-case handle; invalid entries are skipped."""
    listed = published.facts.get("accounts")
    return {
        str(account.get("handle")).lower(): account
        for account in (listed if isinstance(listed, list) else ())
        if isinstance(account, dict)
    }


def files_at(repo_id: str, revision: str = "main") -> Published:
    """Which files a revision of the repository holds; their content is not read.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    info = hub_files.info_at(repo_id, revision)
    return Published(head=info.sha, files=digests(info), private=bool(info.private))


def digests(info: "hub_files.Info") -> dict[str, str]:
    """The git or LFS digest of each file, by its path."""
    return {
        name: sibling.lfs.sha256 if sibling.lfs else sibling.blob_id or ""
        for name, sibling in hub_files.listed(info).items()
    }


def require_ours(
    repo_id: str, published: Published, *, before: Published | None = None, overwrite: bool = False
) -> None:
    """Make sure that nobody else's work is replaced.

    Args:
        before: What the repository held when it was first read: a card that is newer is someone's work, too.

    Raises:
        NotOursError: The repository holds files and was not made by this toolkit.
        EditedByHandError: The card was changed since the last publication.
    """
    if overwrite or published.head is None or published.is_empty:
        return
    if not published.is_ours:
        raise NotOursError(
            f"{repo_id} was not made by huggingtweets: it has no tag {TAG!r}, and no {FACTS} with a "
            "fingerprint.",
            "Use --repo-id to publish somewhere else, or --overwrite to replace it.",
        )
    is_new_card = before is not None and published.card_sha256 != before.card_sha256
    if published.is_edited or (is_new_card and not published.is_recorded):
        raise EditedByHandError(
            f"The card of {repo_id} was edited since it was published.",
            "Leave it to keep the edits, or use --overwrite to replace them.",
        )


def address(repo_id: str, kind: Kind = "model") -> str:
    """The page of the repository."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{'spaces/' if kind == 'space' else ''}{repo_id}"


def files_address(repo_id: str, commit: str) -> str:
    """The address of the files of a commit."""
    return f"{address(repo_id)}/resolve/{commit}"
