"""Files on the Hub: downloaded, checked for damage, and compared with local ones."""

import glob
import hashlib
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from huggingtweets_hub.core.errors import HubRefusedError, HubUnavailableError
from huggingtweets_hub.core.files import LARGEST_READ, read_whole, sha256
from huggingtweets_hub.core.names import stays_inside
from huggingtweets_hub.hub import client, refusals
from huggingtweets_hub.hub.retries import attempts

if TYPE_CHECKING:
    from huggingface_hub import DatasetInfo, HfApi, ModelInfo, SpaceInfo
    from huggingface_hub.hf_api import RepoSibling

    Info = ModelInfo | DatasetInfo | SpaceInfo

Kind = Literal["model", "space"]
"""What we publish."""


def info_at(repo_id: str, revision: str, kind: Kind = "model") -> "Info":
    return client.ask(
        f"read {repo_id} at {revision}", lambda api: info(api, repo_id, kind, revision, digests=True)
    )


def info(
    api: "HfApi", repo_id: str, kind: Kind, revision: str | None = None, *, digests: bool = False
) -> "Info":
    """What the Hub says about a repository, with the sizes and digests of its files if they are wanted."""
    if kind == "space":
        return api.space_info(repo_id, revision=revision, files_metadata=digests)
    return api.model_info(repo_id, revision=revision, files_metadata=digests)


def listed(info: "Info") -> "dict[str, RepoSibling]":
    """What the Hub says about each file of a repository, by its name.

    Raises:
        HubRefusedError: A name leads out of the folder that the file would be put into.
    """
    files = {file.rfilename: file for file in info.siblings or ()}
    for name in files:
        if not stays_inside(name):
            raise HubRefusedError(
                f"{info.id} has a file with a name that is not safe to use: {name!r}.",
                "Delete or rename it on the Hub. If there is no such file, check HF_ENDPOINT.",
            )
    return files


def require_name(repo_id: str, info: "Info") -> None:
    """Make sure that this is the repository's name today, before anything is written to it.

    The Hub answers for an old name with the repository of the new one, but deletes nothing by it.

    Raises:
        HubRefusedError: It was renamed.
    """
    if info.id.lower() != repo_id.lower():
        raise HubRefusedError(
            f"{repo_id} was renamed on the Hub. It is {info.id} now; nothing was changed.",
            "Run the command again with the new name ('publish' takes it as --repo-id).",
        )


def holds(repo_id: str, revision: str, files: Mapping[str, Path | bytes]) -> bool:
    """Whether a revision of the repository has all these files with this content; none is downloaded.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    return not differing(repo_id, revision, files)


def download(repo_id: str, revision: str, folder: Path, *, only: Collection[str] | None = None) -> None:
    """Download the files of a publication into a folder, or these alone; damaged ones are downloaded again.

    Raises:
        HubRefusedError: The name of one of them leads out of the folder; nothing was written.
        HubError: They could not be downloaded undamaged.
    """
    from huggingface_hub import snapshot_download

    wanted = {
        name: file
        for name, file in listed(info_at(repo_id, revision)).items()
        if only is None or name in only
    }
    names = [glob.escape(name) for name in wanted]  # the client asks again for what is there

    client.bound()
    for attempt in attempts():
        with attempt:
            with refusals.explained(f"give the files of {repo_id}"):
                snapshot_download(repo_id, revision=revision, local_dir=folder, allow_patterns=names)
            damaged = [path for path, file in wanted.items() if not is_same(folder / path, file)]
            for path in damaged:
                (folder / path).unlink()
            if damaged:
                raise _arrived_damaged(repo_id, ", ".join(damaged))


def download_file(
    repo_id: str, path: str, revision: str, *, kind: str = "model", expected: "RepoSibling | None" = None
) -> bytes:
    """The content of one file; at a commit that was read before, it comes from the client's cache.

    Args:
        expected: What the Hub says about it; a copy that differs is downloaded again.

    Raises:
        HubRefusedError: It is larger than anything that is read at once.
        HubError: It could not be downloaded undamaged.
    """
    from huggingface_hub import hf_hub_download

    is_damaged = False
    if expected is not None and (expected.size or 0) > LARGEST_READ:
        raise _too_large(repo_id, path)

    def once(_: object) -> bytes:
        nonlocal is_damaged
        file = hf_hub_download(repo_id, path, revision=revision, repo_type=kind, force_download=is_damaged)
        if Path(file).stat().st_size > LARGEST_READ:
            raise _too_large(repo_id, path)
        content = read_whole(Path(file))
        is_damaged = expected is not None and not is_same(content, expected)
        if is_damaged:
            raise _arrived_damaged(repo_id, path)
        return content

    return client.ask(f"give {path} of {repo_id}", once)


def download_private(repo_id: str, path: str, revision: str) -> bytes:
    """The content of a file of a private dataset, which leaves no copy in the client's cache.

    Others may read that cache, and it would outlive an opt-out.

    Raises:
        HubError: It could not be downloaded.
    """

    def once(api: "HfApi") -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            file = api.hf_hub_download(
                repo_id, path, revision=revision, repo_type="dataset", local_dir=folder
            )
            if Path(file).stat().st_size > LARGEST_READ:
                raise _too_large(repo_id, path)
            return Path(file).read_bytes()

    return client.ask(f"give {path} of the dataset {repo_id}", once)


def _too_large(repo_id: str, path: str) -> HubRefusedError:
    return HubRefusedError(
        f"{path} of {repo_id} is larger than {LARGEST_READ >> 20} MiB, so it is not read.",
        "Delete it on the Hub, or use another repository.",
    )


def _arrived_damaged(repo_id: str, files: str) -> HubUnavailableError:
    return HubUnavailableError(
        f"Files of {repo_id} were damaged in the download: {files}.",
        "Run the same command again, on a connection that you trust.",
    )


def differing(
    repo_id: str,
    revision: str,
    files: Mapping[str, Path | bytes],
    gone: Iterable[str] = (),
    *,
    kind: Kind = "model",
) -> list[str]:
    """Which files are missing there or differ from ours, or are still there but should be gone.

    Raises:
        HubError: There is no such revision, or the Hub does not answer.
    """
    found = listed(info_at(repo_id, revision, kind))
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


def _git_blob_sha1(content: Path | bytes) -> str:
    data = content if isinstance(content, bytes) else content.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
