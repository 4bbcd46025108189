"""The private bucket that hands files over to a job. It keeps no history: what is deleted is gone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import PublicBucketError
from huggingtweets_hub.hub import client

if TYPE_CHECKING:
    from huggingface_hub import BucketFile, HfApi, Volume

NAME = "huggingtweets-jobs"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def require_private(namespace: str) -> str:
    """The id of the namespace's bucket, which is made if it is missing.

    Raises:
        PublicBucketError: Everybody can read it.
        HubError: The Hub refuses, or does not answer.
    """
    bucket = f"{namespace}/{NAME}"
    client.ask(
        f"create the bucket {bucket}", lambda api: api.create_bucket(bucket, private=True, exist_ok=True)
    )
    if not client.ask(f"read the bucket {bucket}", lambda api: api.bucket_info(bucket)).private:
        from huggingface_hub import constants

        page = f"{constants.ENDPOINT}/buckets/{bucket}"
        raise PublicBucketError(
            f"Everyone can read the bucket {bucket}, so no posts were put there.",
            f"Make it private, or delete it, at {page}/settings, then run the same command again.",
        )
    return bucket


def put(bucket: str, folder: str, files: Mapping[str, Path | bytes]) -> None:
    """Upload files, by their name in the folder; a file that is there is replaced.

    Raises:
        HubError: The Hub refuses, or does not answer.
    """
    added = [(source, f"{folder}/{name}") for name, source in files.items()]
    client.ask(
        f"store files in the bucket {bucket}", lambda api: api.batch_bucket_files(bucket, add=list(added))
    )


def folders(bucket: str) -> dict[str, datetime]:
    """The folders at the top, each with the time of its newest upload; empty if there is no such bucket.

    Raises:
        HubError: The Hub does not answer.
    """
    newest: dict[str, datetime] = {}
    for file in client.ask(f"list the bucket {bucket}", lambda api: _files(api, bucket)):
        folder, slash, _ = file.path.partition("/")
        if slash:
            uploaded = file.uploaded_at or file.mtime or _BEGINNING
            newest[folder] = max(newest.get(folder, _BEGINNING), uploaded)
    return newest


def remove(bucket: str, folder: str) -> None:
    """Delete a folder for good; fine if it is gone, or the bucket is.

    Raises:
        HubError: The Hub refuses, or does not answer.
    """

    def delete(api: "HfApi") -> None:
        from huggingface_hub.errors import BucketBatchError

        # What is missing cannot be deleted: an unanswered try, or somebody else, may have been there before.
        if left := [file.path for file in _files(api, bucket, folder)]:
            try:
                api.batch_bucket_files(bucket, delete=left)
            except BucketBatchError:
                if _files(api, bucket, folder):
                    raise

    client.ask(f"delete {folder} from the bucket {bucket}", delete)


def _files(api: "HfApi", bucket: str, folder: str | None = None) -> "list[BucketFile]":
    from huggingface_hub import BucketFile
    from huggingface_hub.errors import BucketNotFoundError, EntryNotFoundError

    try:
        listed = list(api.list_bucket_tree(bucket, prefix=folder, recursive=True))
    except (BucketNotFoundError, EntryNotFoundError):
        return []
    # A prefix need not end where a name does.
    return [
        item
        for item in listed
        if isinstance(item, BucketFile) and (folder is None or item.path.startswith(f"{folder}/"))
    ]


def volume(bucket: str, folder: str, mount: str) -> "Volume":
    """The folder as a job sees it: under the path `mount`, read-only."""
    from huggingface_hub import Volume

    return Volume(type="bucket", source=bucket, path=folder, mount_path=mount, read_only=True)
