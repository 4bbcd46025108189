"""Storage buckets of the loopback Hub, with the Xet storage behind them, for the real `HfApi` and `hf_xet`.

with HubServer() as hub, Buckets(hub) as buckets:
    ...  # HfApi(endpoint=hub.url).batch_bucket_files("alice/inputs", add=[(b"hello", "a/hello.txt")])
    buckets.all["alice/inputs"].files["a/hello.txt"].content
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import unquote

from tests.servers.hub import Call, Handler, HubServer, Refusal, Reply, Token, route
from tests.servers.xet import XetStorage

ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []
BUCKET = "(?P<bucket>[^/]+/[^/]+)"
STORAGE = XetStorage()
"""Shared by all servers of a process, as the uploader keeps in mind what it has sent to an address."""


@dataclass(frozen=True)
class Stored:
    """A file in a bucket; `uploaded` and `mtime` are UTC."""

    content: bytes
    xet_hash: str
    mtime: datetime
    uploaded: datetime


@dataclass
class Bucket:
    """A bucket: a flat list of paths, without history."""

    id: str
    private: bool
    created: datetime
    files: dict[str, Stored] = field(default_factory=dict)

    @property
    def folders(self) -> set[str]:
        """The folders at the top."""
        return {path.partition("/")[0] for path in self.files if "/" in path}


def may(token: Token, namespace: str, permission: str) -> bool:
    """Whether a token grants this in a namespace, such as `job.write`, or `repo.write` for buckets."""
    role = "admin" if namespace == token.user else token.orgs.get(namespace)
    if token.role == "fineGrained":
        granted = {*token.scopes.get(namespace, ()), *token.scopes.get("*", ())}
        return role is not None and permission in granted
    return token.role == "write" and role in ("write", "admin")


class Buckets:
    """The buckets of a Hub, from enter to exit.

    Attributes:
        all: Buckets by id.
        uploads: Paths, with their bucket, in the order in which they were added.
    """

    routes = ROUTES

    def __init__(self, hub: HubServer) -> None:
        self.hub = hub
        self.all: dict[str, Bucket] = {}
        self.uploads: list[str] = []

    def __enter__(self) -> Self:
        self.hub.annexes.append(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.hub.annexes.remove(self)

    def add(self, bucket: str, private: bool = True) -> Bucket:
        """Add a bucket as its owner would on the website."""
        return self.all.setdefault(bucket, Bucket(bucket, private, datetime.now(UTC)))

    def age(self, bucket: str, folder: str, by: Any) -> None:
        """Let what a folder holds be older, by a `timedelta`."""
        files = self.all[bucket].files
        for path, file in files.items():
            if path.startswith(f"{folder}/"):
                files[path] = Stored(file.content, file.xet_hash, file.mtime - by, file.uploaded - by)

    def _at(self, call: Call, bucket: str, permission: str = "") -> Bucket:
        namespace, found = bucket.partition("/")[0], self.all.get(bucket)
        token = call.token
        member = token is not None and (token.user == namespace or namespace in token.orgs)
        if found is None or not (member or not found.private):
            raise Refusal(404, "Repository not found", "RepoNotFound")
        if permission and not (token and may(token, namespace, permission)):
            raise Refusal(403, "You don't have the required permissions to write to this bucket")
        return found

    @route("POST", f"/api/buckets/{BUCKET}", ROUTES)
    def _create(self, call: Call, bucket: str) -> Reply:
        namespace = bucket.partition("/")[0]
        if not may(call.signed_in(), namespace, "repo.write"):
            raise Refusal(403, f'You don\'t have the rights to create a bucket under "{namespace}"')
        url = f"{self.hub.url}/buckets/{bucket}"
        if bucket in self.all:
            raise Refusal(409, "You already created this bucket", url=url)
        self.add(bucket, call.json().get("visibility") == "private")
        return Reply(body={"url": url, "name": bucket, "id": bucket})

    @route("GET", f"/api/buckets/{BUCKET}", ROUTES)
    def _info(self, call: Call, bucket: str) -> Reply:
        found = self._at(call, bucket)
        size = sum(len(file.content) for file in found.files.values())
        return Reply(body={
            "id": found.id, "private": found.private, "createdAt": at(found.created), "size": size,
            "totalFiles": len(found.files),
        })  # fmt: skip

    @route("DELETE", f"/api/buckets/{BUCKET}", ROUTES)
    def _delete(self, call: Call, bucket: str) -> Reply:
        del self.all[self._at(call, bucket, "repo.write").id]
        return Reply()

    @route("GET", f"/api/buckets/{BUCKET}/tree(?:/(?P<prefix>.+))?", ROUTES)
    def _tree(self, call: Call, bucket: str, prefix: str = "") -> Reply:
        found, prefix = self._at(call, bucket), unquote(prefix)
        start = f"{prefix.rstrip('/')}/" if prefix else ""
        items: dict[str, Any] = {}
        for path, file in sorted(found.files.items()):
            if not path.startswith(start):
                continue
            name, slash, _ = path[len(start) :].partition("/")
            if slash and not call.flag("recursive"):
                folder = {"type": "directory", "path": start + name, "uploadedAt": at(file.uploaded)}
                items.setdefault(start + name, folder)
            else:
                items[path] = {
                    "type": "file", "path": path, "size": len(file.content), "xetHash": file.xet_hash,
                    "mtime": at(file.mtime), "uploadedAt": at(file.uploaded),
                }  # fmt: skip
        return self.hub.page(call, list(items.values()))

    @route("GET", f"/api/buckets/{BUCKET}/xet-write-token", ROUTES)
    def _write_token(self, call: Call, bucket: str) -> Reply:
        self._at(call, bucket, "repo.write")
        token, expires = call.signed_in(), int(time.time()) + 3600
        self.hub.add_alias(f"xet_{token.user}", token)
        told = {"casUrl": self.hub.url, "accessToken": f"xet_{token.user}", "exp": expires}
        headers = {"X-Xet-Cas-Url": self.hub.url, "X-Xet-Access-Token": f"xet_{token.user}"}
        return Reply(200, told, {**headers, "X-Xet-Token-Expiration": str(expires)})

    @route("POST", f"/api/buckets/{BUCKET}/batch", ROUTES)
    def _batch(self, call: Call, bucket: str) -> Reply:
        """One operation a line; those that fail are listed, the others are done."""
        found, failed = self._at(call, bucket, "repo.write"), []
        lines = [json.loads(line) for line in call.body.splitlines()]
        for line in lines:
            path = line["path"]
            if line["type"] == "deleteFile":
                if found.files.pop(path, None) is None:
                    failed.append({"path": path, "error": "File not found"})
            elif line["type"] == "addFile":
                content = STORAGE.files.get(line["xetHash"])
                if content is None:
                    failed.append({"path": path, "error": "The content was not uploaded"})
                    continue
                mtime = datetime.fromtimestamp(line["mtime"] / 1000, UTC)
                found.files[path] = Stored(content, line["xetHash"], mtime, datetime.now(UTC))
                self.uploads.append(f"{bucket}/{path}")
            else:
                raise NotImplementedError("Copies between buckets")
        status = 422 if failed and len(failed) == len(lines) else 200
        counts = {"processed": len(lines), "succeeded": len(lines) - len(failed), "failed": failed}
        return Reply(status, {"success": not failed, **counts})

    # -- the storage, which is another server on the real Hub

    @route("GET", "/v1/chunks/.+", ROUTES)
    @route("POST", "/v1/xorb-grants/.+|/v2/shards", ROUTES)
    def _unknown(self, call: Call) -> Reply:
        """No chunk is known beforehand, and nothing newer than version 1 is served: the uploader copes."""
        call.signed_in()
        raise Refusal(404, "Not found")

    @route("POST", "/v1/xorbs/default/(?P<hash>[0-9a-f]{64})", ROUTES)
    def _xorb(self, call: Call, hash: str) -> Reply:
        call.signed_in()
        STORAGE.add_xorb(hash, call.body)
        return Reply(body={"was_inserted": True})

    @route("POST", "/v1/shards", ROUTES)
    def _shard(self, call: Call) -> Reply:
        call.signed_in()
        try:
            STORAGE.add_shard(call.body)
        except KeyError as error:
            raise Refusal(400, f"The xorb {error} was not uploaded") from error
        return Reply(body={"result": 1})

    @route("POST", "/v1/telemetry", ROUTES)
    def _telemetry(self, call: Call) -> Reply:
        return Reply(body={})


def at(moment: datetime) -> str:
    """A moment as the Hub writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
