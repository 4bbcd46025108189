"""A Hugging Face Hub in memory, for the real and unchanged `huggingface_hub` client on loopback.

It answers what the Hub answers and refuses what the Hub refuses, in the Hub's words where clients match them.
Models, datasets and static Spaces; large files go through LFS, not Xet (clients run with
`HF_HUB_DISABLE_XET=1`). A call it does not serve is a 404 and an entry of `HubServer.unhandled`.

    with HubServer() as hub:
        hub.add_user("alice", token="hf_alice", orgs={"huggingtweets": "write"})
        hub.faults.lose_reply("POST", "/commit/")  # the commit lands, the client never hears of it
        ...  # HfApi(endpoint=hub.url, token="hf_alice")
        hub.repos["huggingtweets/nasa"].files
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import itertools
import json
import re
import socket
import struct
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, unquote, urlencode

import yaml

from tests.servers.listener import Listener

JSON = dict[str, Any]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MAX_REGULAR_SIZE = 10 * 1024 * 1024
LFS_SUFFIXES = ("bin", "ckpt", "gz", "h5", "npy", "npz", "onnx", "parquet", "pkl", "pt", "safetensors", "zip")
GITATTRIBUTES = "".join(f"*.{name} filter=lfs diff=lfs merge=lfs -text\n" for name in LFS_SUFFIXES).encode()
SPACE_CARD = b"---\ntitle: A new Space\nsdk: static\n---\n"
"""What the Hub puts into a new Space."""
REPO_ID = re.compile(r"(?!.*(--|\.\.))(?!.*\.git$)(\b[\w\-.]{1,96}\b/)?\b[\w\-.]{1,96}\b", re.ASCII)


# ---- model cards

FRONT_MATTER = re.compile(r"\s*---\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)
# A part of the Hub's list: enough for a test to tell a license from a made-up one.
LICENSES = {"apache-2.0", "cc-by-4.0", "cc0-1.0", "gpl-3.0", "mit", "openrail", "other", "unknown"}
LANGUAGE = re.compile("[a-z]{2}|[a-pr-z][a-z]{2}|code|multilingual")
RETIRED_LANGUAGES = {"in", "iw", "ji", "jw", "mo"}  # ISO 639-1 dropped them; X still labels tweets with some.


class _CardLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as the Hub's parser reads it: `no` is a language, not a boolean, and a key may stand only once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if repeated := [key for key in keys if keys.count(key) > 1]:
            raise yaml.YAMLError(f"duplicated mapping key {repeated[0]}")
        return super().construct_mapping(node, deep)


_CardLoader.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:bool"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_CardLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^([tT]rue|[fF]alse)$"), list("tTfF"))


def front_matter(card: str) -> Any:
    """The metadata at the top of a model card, `None` without any; raises `yaml.YAMLError`."""
    match = FRONT_MATTER.match(card)
    return yaml.load(match[1], Loader=_CardLoader) if match else None


def check_card(card: str) -> tuple[list[str], list[str]]:
    """The errors and the warnings that the Hub's `validate-yaml` finds in a model card."""
    try:
        data = front_matter(card)
    except yaml.YAMLError as error:
        return [f"Invalid YAML: {error}"], []
    if not data:
        return [], ["empty or missing yaml metadata in repo card"]
    if not isinstance(data, dict):
        return ['"metadata" must be of type object'], []
    lists = ("tags", "widget", "model-index")
    strings = ("thumbnail", "library_name", "pipeline_tag", "license_name")
    errors = [f'"{key}" must be an array' for key in lists if not isinstance(data.get(key, []), list)]
    errors += [f'"{key}" must be a string' for key in strings if not isinstance(data.get(key, ""), str)]
    for key in ("tags", "license", "language", "base_model", "datasets", "metrics"):
        values = data[key] if isinstance(data.get(key), list) else [data[key]] if key in data else []
        for value in values:
            if not isinstance(value, str):
                errors.append(f'"{key}" with value {value!r} must be a string')
            elif key == "license" and value not in LICENSES:
                errors.append(f'"license" must be one of [{", ".join(sorted(LICENSES))}]')
            elif key == "language" and (value in RETIRED_LANGUAGES or not LANGUAGE.fullmatch(value)):
                errors.append(f'"language" with value "{value}" is not valid. It must be an ISO 639 code')
            elif key == "base_model" and not REPO_ID.fullmatch(value):
                errors.append(f'"base_model" with value "{value}" is not valid. Use a model id.')
    return errors, []


# ---- repositories


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _git_blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def written(date: datetime) -> str:
    """A date as the Hub writes it: the client reads no other format."""
    return f"{date:%Y-%m-%dT%H:%M:%S}.000Z"


def is_text(data: bytes, complete: bool = True) -> bool:
    """Whether git may keep this as text. A sample may end inside a character: then pass `complete=False`."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=complete)
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def needs_lfs(path: str, size: int, sample: bytes, gitattributes: bytes) -> bool:
    """Whether the Hub keeps a file in LFS: for the repo's `.gitattributes`, its size, or binary content."""
    rules = [line.split() for line in gitattributes.decode(errors="replace").splitlines()]
    tracked = any("filter=lfs" in rule and fnmatch(path.rpartition("/")[2], rule[0]) for rule in rules)
    binary = not is_text(sample, complete=len(sample) == size)
    return size > 0 and (tracked or binary or size > MAX_REGULAR_SIZE)


@dataclass(frozen=True)
class Commit:
    """A state of a repo: `files` is the whole tree, large files with their content; `lfs` names those."""

    oid: str
    parent: str | None
    title: str
    description: str
    author: str
    date: datetime
    files: Mapping[str, bytes]
    lfs: frozenset[str]

    def blob(self, path: str) -> tuple[str, JSON | None]:
        """What git's tree lists for a file, and what LFS knows of a large one: git holds only its pointer."""
        data = self.files[path]
        if path not in self.lfs:
            return _git_blob_id(data), None
        sha256, size = _sha256(data), len(data)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
        return _git_blob_id(pointer), {"sha256": sha256, "size": size, "pointerSize": len(pointer)}


@dataclass
class Repo:
    """A repo: git's refs and commits, and the LFS objects that were uploaded to it."""

    id: str
    seconds: Iterator[int]
    private: bool = False
    gated: str | bool = False
    disabled: bool = False
    """The Hub has shut it: it is still described, but nothing is read from it or written to it."""
    refs: dict[str, str] = field(default_factory=dict)
    """Ref to commit oid: `refs/heads/main`, `refs/tags/v1`, `refs/pr/1`."""
    objects: dict[str, Commit] = field(default_factory=dict)
    lfs_objects: dict[str, bytes] = field(default_factory=dict)
    """Content by sha256; after a commit that failed, more than the commits refer to."""
    settled: dict[int, str] = field(default_factory=dict)
    """Pull requests that are no longer open: number to `closed` or `merged`."""

    @property
    def head(self) -> Commit:
        """The newest commit of main."""
        return self.at("refs/heads/main")

    @property
    def files(self) -> Mapping[str, bytes]:
        """Main's files, path to content."""
        return self.head.files

    @property
    def commits(self) -> list[Commit]:
        """Main's history, oldest first."""
        return self.history("main")[::-1]

    @property
    def tags(self) -> dict[str, str]:
        """Tag to commit oid."""
        return {ref[10:]: oid for ref, oid in self.refs.items() if ref.startswith("refs/tags/")}

    @property
    def pull_requests(self) -> dict[int, Commit]:
        """Number to newest commit of each pull request."""
        return {int(ref[8:]): self.at(ref) for ref in self.refs if ref.startswith("refs/pr/")}

    def at(self, revision: str) -> Commit:
        """The commit that a branch, tag, ref or oid (shortened to 7 digits or more) names."""
        for ref in (revision, f"refs/heads/{revision}", f"refs/tags/{revision}"):
            if ref in self.refs:
                return self.objects[self.refs[ref]]
        for oid, commit in self.objects.items():
            if len(revision) >= 7 and oid.startswith(revision):
                return commit
        raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    def history(self, revision: str) -> list[Commit]:
        """A revision's commits, newest first."""
        commits = [self.at(revision)]
        while parent := commits[-1].parent:
            commits.append(self.objects[parent])
        return commits

    def commit(self, files: Mapping[str, bytes], title: str = "Edit", delete: Collection[str] = ()) -> Commit:
        """Let the repo's owner commit to main, as on the website."""
        tree = {path: data for path, data in self.files.items() if path not in delete} | dict(files)
        rules = tree.get(".gitattributes", b"")
        lfs = {path for path, data in tree.items() if needs_lfs(path, len(data), data, rules)}
        self.lfs_objects |= {_sha256(tree[path]): tree[path] for path in lfs}
        return self.record("refs/heads/main", self.head.oid, tree, lfs, title, "", self.id.partition("/")[0])

    def record(
        self, ref: str, parent: str | None, files: Mapping[str, bytes], lfs: Collection[str], title: str,
        description: str, author: str,
    ) -> Commit:  # fmt: skip
        """Add a commit, named by its content as in git, and let `ref` point to it."""
        date = EPOCH + timedelta(seconds=next(self.seconds))
        draft = Commit("", parent, title, description, author, date, dict(files), frozenset(lfs))
        tree = {path: draft.blob(path)[0] for path in sorted(files)}
        content = json.dumps([self.id, parent, title, description, author, str(date), tree])
        commit = replace(draft, oid=hashlib.sha1(content.encode()).hexdigest())
        self.objects[commit.oid] = commit
        self.refs[ref] = commit.oid
        return commit


# ---- requests, replies, faults


@dataclass(frozen=True)
class Token:
    """An access token, with what its user and it may do. See `HubServer.add_user`."""

    user: str
    role: str
    orgs: Mapping[str, str]
    scopes: Mapping[str, Sequence[str]]

    def may(self, permission: str, repo_id: str) -> bool:
        """Whether this token grants `repo.content.read`, `repo.write` or `discussion.write` on a repo."""
        namespace = repo_id.partition("/")[0]
        role = "admin" if namespace == self.user else self.orgs.get(namespace)
        if permission == "repo.write" and role not in ("write", "admin"):
            return False
        if permission == "repo.content.read" and role is None:
            return False
        if self.role == "fineGrained":
            granted = {scope for entity in (namespace, repo_id, "*") for scope in self.scopes.get(entity, ())}
            return permission in granted or (permission == "repo.content.read" and "repo.write" in granted)
        return self.role == "write" or permission == "repo.content.read"


@dataclass(frozen=True)
class Request:
    """A request that arrived. `path` is as sent, with its query; `status` is `None` if no reply was sent."""

    method: str
    path: str
    status: int | None = None


@dataclass(frozen=True)
class Reply:
    """What to send: bytes as they are, a string as HTML, all else as JSON; `keep` cuts the body short.

    An iterator of bytes is sent piece by piece, as events, and the connection ends with it, or with a `Cut`.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: int | None = None

    def encoded(self) -> tuple[bytes, str]:
        """The body and its content type."""
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return json.dumps(self.body, default=str).encode(), "application/json; charset=utf-8"


RESET = Reply(0)
"""No reply: the connection is reset."""


class Cut(Exception):
    """Raised by the body of a reply that is a stream: the connection breaks off here."""


class Refusal(Exception):
    """An error reply. `code` is the `X-Error-Code` by which the client picks its exception."""

    def __init__(
        self, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None, **body: Any
    ) -> None:
        super().__init__(message)
        told = {"X-Error-Message": " ".join(message.encode("ascii", "replace").decode().split())}
        told |= {"X-Error-Code": code} if code else {}
        self.reply = Reply(status, {"error": message, **body}, {**told, **(headers or {})})


@dataclass(eq=False)
class Fault:
    """What replies in the server's place, `None` by hanging up; it may have the request handled honestly."""

    method: str
    path: str
    reply: Callable[[Callable[[], Reply]], Reply | None]
    times: float = 1


class Faults:
    """Faults to come. Each hits the next `times` requests whose path, as sent, matches a pattern.

    `times=math.inf` hits all that follow.
    """

    def __init__(self) -> None:
        self.pending: list[Fault] = []
        self.closing = threading.Event()

    def answer(
        self, method: str, path: str, status: int, body: Any = None, headers: Mapping[str, str] | None = None,
        times: float = 1,
    ) -> None:  # fmt: skip
        """Reply this and handle nothing."""
        reply = Reply(status, {"error": "Injected fault"} if body is None else body, headers or {})
        self.add(Fault(method, path, lambda handle: reply, times))

    def html(self, method: str, path: str, status: int = 503, times: float = 1) -> None:
        """Reply a web page where JSON belongs, as a proxy in front of the Hub does."""
        self.answer(method, path, status, "<!DOCTYPE html><title>Just a moment…</title>", times=times)

    def drop(self, method: str, path: str, times: float = 1) -> None:
        """Close the connection and handle nothing."""
        self.add(Fault(method, path, lambda handle: None, times))

    def reset(self, method: str, path: str, times: float = 1) -> None:
        """Reset the connection (RST) and handle nothing."""
        self.add(Fault(method, path, lambda handle: RESET, times))

    def lose_reply(self, method: str, path: str, times: float = 1) -> None:
        """Handle the request, then close the connection."""
        self.add(Fault(method, path, lambda handle: handle() and None, times))

    def truncate(self, method: str, path: str, keep: int, times: float = 1) -> None:
        """Handle the request, announce the whole body, send `keep` bytes of it and close the connection."""
        self.add(Fault(method, path, lambda handle: replace(handle(), keep=keep), times))

    def delay(self, method: str, path: str, seconds: float, times: float = 1) -> None:
        """Handle the request after a while, or never if the server is closed or reset before."""
        self.add(Fault(method, path, lambda handle: None if self.closing.wait(seconds) else handle(), times))

    def meanwhile(self, method: str, path: str, action: Callable[[], object], times: float = 1) -> None:
        """Let something happen just before the request is handled, such as a commit by somebody else."""

        def act_and_handle(handle: Callable[[], Reply]) -> Reply:
            action()
            return handle()

        self.add(Fault(method, path, act_and_handle, times))

    def add(self, fault: Fault) -> None:
        """Let a fault of your own happen."""
        self.pending += [fault] if fault.times else []

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that hits this request, if any, which is then over or hits once less."""
        for fault in self.pending:
            if fault.method == method and re.search(fault.path, path):
                fault.times -= 1
                if not fault.times:
                    self.pending.remove(fault)
                return fault
        return None


# ---- the server


@dataclass(frozen=True)
class Call:
    """A request while it is being answered. `path` is still percent-encoded."""

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    token: Token | None
    kind: str = "models"

    def page(self, repo_id: str) -> str:
        """Where the website has a repo of the kind that is called for."""
        return f"/{repo_id}" if self.kind == "models" else f"/{self.kind}/{repo_id}"

    def get(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        """Whether a query parameter is on."""
        return self.get(name).lower() in ("1", "true")

    def json(self) -> JSON:
        """The body, which must be a JSON object."""
        with suppress(ValueError):
            if isinstance(data := json.loads(self.body), dict):
                return data
        raise Refusal(400, "The body must be a JSON object")

    def signed_in(self, code: str = "") -> Token:
        """The caller's token; a 401 without one."""
        if self.token is None:
            raise Refusal(401, "Invalid username or password.", code)
        return self.token


Handler = Callable[..., Reply]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []
KINDS = {"kind": "(?P<kind>models|datasets|spaces)", "page": "/(?:(?P<kind>datasets|spaces)/)?"}
# What a script on another site may read of an answer.
EXPOSED = (
    "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,"
    "Content-Range,X-Linked-Size,X-Linked-ETag"
)


def route(
    methods: str, path: str, routes: list[tuple[str, re.Pattern[str], Handler]] = ROUTES
) -> Callable[[Handler], Handler]:
    """Let a method of the server answer these calls; `{repo}`, `{rev}` and `{path}` become its arguments.

    `{kind}` and `{page}` say of which kind the repo is, before an id in the API and on the website.

    Args:
        routes: Where to register it; an annex has routes of its own.
    """
    for name, pattern in {"repo": "[^/]+/[^/]+?", "rev": "[^/]+", "path": ".+", **KINDS}.items():
        path = path.replace(f"{{{name}}}", pattern if name in KINDS else f"(?P<{name}>{pattern})")

    def register(handler: Handler) -> Handler:
        routes.extend((method, re.compile(path), handler) for method in methods.split())
        return handler

    return register


class Annex(Protocol):
    """A part of the Hub that is built on to this server, such as Jobs; its routes are called with itself."""

    routes: list[tuple[str, re.Pattern[str], Handler]]


class HubServer:
    """The server: a context manager, answering on a loopback port between enter and exit.

    Attributes:
        url: The endpoint, for `HF_ENDPOINT` or `HfApi(endpoint=…)`.
        repos: Model repos by id.
        datasets: Dataset repos by id.
        spaces: Space repos by id.
        moved: Old repo ids to new ones; the old ones are redirected, as `gpt2` is to `openai-community/gpt2`.
        faults: What shall go wrong.
        annexes: What else answers at this address.
        unhandled: Calls that this server does not serve, and its own crashes. Assert that it stays empty.
        page_size: Entries in a page of a listing.
        upload_speed: Bytes a second of an upload to the storage; `None` is as fast as it goes.
    """

    def __init__(self, page_size: int = 1000) -> None:
        self.page_size = page_size
        self.upload_speed: float | None = None
        self.repos: dict[str, Repo] = {}
        self.datasets: dict[str, Repo] = {}
        self.spaces: dict[str, Repo] = {}
        self.zero_gpu: dict[str, int] = {}
        """How many Spaces on ZeroGPU each account hosts."""
        self.moved: dict[str, str] = {}
        self.faults = Faults()
        self.annexes: list[Annex] = []
        self.unhandled: list[str] = []
        self._tokens: dict[str, Token] = {}
        self._log: list[Request] = []
        self._seconds = itertools.count()
        self._lock = threading.RLock()
        self._http = Listener(_Handler, self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), name="hub")
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.faults.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def reset(self) -> None:
        """Forget every repo, user, request and fault, so that the next test finds a new Hub."""
        with self._lock:
            self.faults.closing.set()
            self.faults, self._log = Faults(), []
            for kept in (
                self.repos, self.datasets, self.spaces, self.zero_gpu, self.moved, self.unhandled,
                self._tokens,
            ):  # fmt: skip
                kept.clear()

    @property
    def log(self) -> list[Request]:
        """All requests so far, in the order of their arrival."""
        with self._lock:
            return list(self._log)

    def add_user(
        self, name: str, *, token: str, role: str = "write", orgs: Mapping[str, str] | None = None,
        scopes: Mapping[str, Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        """Add a user, or another token of one.

        Args:
            role: The token's: `read`, `write` or `fineGrained`.
            orgs: Organization to the user's role in it: `read`, `write` or `admin`.
            scopes: Of a fine-grained token: user, organization, repo or `*` (global) to permissions, such as
                `{"huggingtweets": ["repo.write"], "*": ["discussion.write"]}`.
        """
        self._tokens[token] = Token(name, role, orgs or {}, scopes or {})

    def add_alias(self, alias: str, token: Token) -> None:
        """Let another secret stand for a token, as those that the Hub hands out for its storage."""
        self._tokens[alias] = token

    def add_repo(
        self, repo_id: str, files: Mapping[str, bytes] | None = None, private: bool = False,
        gated: str | bool = False, kind: str = "models",
    ) -> Repo:  # fmt: skip
        """Add a repo as its owner would: with an initial commit, and a second one if there are files."""
        with self._lock:
            repo = self._of(kind)[repo_id] = Repo(repo_id, self._seconds, private, gated)
            owner, attributes = repo_id.partition("/")[0], {".gitattributes": GITATTRIBUTES}
            first = attributes | ({"README.md": SPACE_CARD} if kind == "spaces" else {})
            repo.record("refs/heads/main", None, first, (), "initial commit", "", owner)
            if files:
                repo.commit(files, "Upload")
            return repo

    def _of(self, kind: str) -> dict[str, Repo]:
        return {"datasets": self.datasets, "spaces": self.spaces}.get(kind, self.repos)

    # -- who may do what

    def _readable(self, call: Call, repo_id: str) -> Repo:
        """The repo, if the caller may see it. The Hub does not tell a hidden repo from a missing one."""
        for name, repo in self._of(call.kind).items():
            if name.lower() == repo_id.lower() and self._shown(call, repo):
                return repo
        # The client takes a 401 for a missing repo: over https from the status alone, over http by this code.
        call.signed_in("RepoNotFound")
        raise Refusal(404, "Repository not found", "RepoNotFound")

    def _open(self, call: Call, repo_id: str) -> Repo:
        """The repo, if the caller may see it and the Hub has not shut it."""
        repo = self._readable(call, repo_id)
        if repo.disabled:
            raise Refusal(403, "Access to this resource is disabled.")
        return repo

    def _shown(self, call: Call, repo: Repo) -> bool:
        return not repo.private or (call.token is not None and call.token.may("repo.content.read", repo.id))

    def _writable(self, call: Call, repo_id: str, pull_request: bool = False) -> Repo:
        """The repo, if the caller may write to it or, without that right, open a pull request."""
        repo, token = self._open(call, repo_id), call.signed_in("RepoNotFound")
        may_propose = pull_request and token.may("discussion.write", repo.id)
        if token.role == "read":
            raise Refusal(403, "Forbidden: you must use a write token to upload to a repository.")
        if not (token.may("repo.write", repo.id) or may_propose):
            raise Refusal(403, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")
        return repo

    @route("GET", "/api/whoami-v2")
    def _whoami(self, call: Call) -> Reply:
        token = call.signed_in()
        access: JSON = {"displayName": "test", "role": token.role, "createdAt": written(EPOCH)}
        if token.role == "fineGrained":
            kinds = {token.user: "user", **dict.fromkeys(token.orgs, "org")}
            scoped = [
                {"entity": {"type": kinds.get(name, "model"), "name": name}, "permissions": list(permissions)}
                for name, permissions in token.scopes.items() if name != "*"
            ]  # fmt: skip
            everywhere = list(token.scopes.get("*", ()))
            access["fineGrained"] = {"canReadGatedRepos": False, "global": everywhere, "scoped": scoped}
        orgs = [{"type": "org", "name": name, "roleInOrg": role} for name, role in token.orgs.items()]
        auth = {"type": "access_token", "accessToken": access}
        return Reply(body={"type": "user", "name": token.user, "orgs": orgs, "auth": auth})

    # -- making, changing and removing repos

    def _named(self, call: Call) -> tuple[Call, str]:
        """The repo that a body names: the call with its kind, and its id."""
        data, token = call.json(), call.signed_in()
        call = replace(call, kind=f"{data.get('type') or 'model'}s")
        if call.kind not in ("models", "datasets", "spaces"):
            raise NotImplementedError("This server keeps models, datasets and Spaces only")
        repo_id = f"{data.get('organization') or token.user}/{data.get('name')}"
        if not REPO_ID.fullmatch(repo_id):
            raise Refusal(400, f"Invalid repo name: {repo_id}")
        return call, repo_id

    @route("POST", "/api/repos/create")
    def _create(self, call: Call) -> Reply:
        call, repo_id = self._named(call)
        if not call.signed_in().may("repo.write", repo_id):
            namespace = repo_id.partition("/")[0]
            refused = f"You don't have the rights to create a {call.kind[:-1]} under the namespace"
            raise Refusal(403, f'{refused} "{namespace}"')
        if call.kind == "spaces" and not self._is_free(call.json(), repo_id.partition("/")[0]):
            # Since July 2026; and a Space without any SDK is refused.
            raise Refusal(402, "Creating a Space that is not static needs a paid plan.")
        url = f"{self.url}{call.page(repo_id)}"
        if repo_id.lower() in map(str.lower, self._of(call.kind)):
            raise Refusal(409, f"You already created this {call.kind[:-1]} repo", url=url)
        self.add_repo(repo_id, private=call.json().get("visibility") == "private", kind=call.kind)
        return Reply(body={"url": url, "name": repo_id, "id": repo_id})

    def _is_free(self, asked: JSON, namespace: str) -> bool:
        """Whether a new Space costs nothing: a static one, or one of the first two on ZeroGPU."""
        if asked.get("sdk") == "static":
            return True
        on_gpu = self.zero_gpu.setdefault(namespace, 0)
        is_free = (asked.get("sdk"), asked.get("hardware")) == ("gradio", "zero-a10g") and on_gpu < 2
        self.zero_gpu[namespace] += is_free
        return is_free

    @route("DELETE", "/api/repos/delete")
    def _delete(self, call: Call) -> Reply:
        call, repo_id = self._named(call)
        del self._of(call.kind)[self._writable(call, repo_id).id]
        return Reply()

    @route("PUT", "/api/{kind}/{repo}/settings")
    def _settings(self, call: Call, repo: str) -> Reply:
        target, data = self._writable(call, repo), call.json()
        visibility = data.get("visibility", "private" if target.private else "public")
        gated = data.get("gated", target.gated)
        if visibility not in ("public", "private") or gated not in (False, "auto", "manual"):
            raise Refusal(400, "Invalid settings")
        target.private, target.gated = visibility == "private", gated
        return Reply(body={"private": target.private, "gated": target.gated})

    @route("POST", "/api/{kind}/{repo}/tag/{rev}")
    def _tag(self, call: Call, repo: str, rev: str) -> Reply:
        target, ref = self._writable(call, repo), f"refs/tags/{call.json()['tag']}"
        oid = target.at(rev).oid
        if ref in target.refs:
            raise Refusal(409, f"Reference {ref} already exists")
        target.refs[ref] = oid
        return Reply()

    @route("DELETE", "/api/{kind}/{repo}/tag/{rev}")
    def _untag(self, call: Call, repo: str, rev: str) -> Reply:
        target = self._writable(call, repo)
        if target.refs.pop(f"refs/tags/{rev}", None) is None:
            raise Refusal(404, f"Invalid rev id: {rev}", "RevisionNotFound")
        return Reply()

    @route("GET", "/api/{kind}/{repo}/lfs-files")
    def _lfs_files(self, call: Call, repo: str) -> Reply:
        target = self._writable(call, repo)
        return self.page(call, [
            {"fileOid": oid, "filename": oid, "oid": oid, "pushedAt": written(EPOCH), "size": len(data)}
            for oid, data in target.lfs_objects.items()
        ])  # fmt: skip

    @route("POST", "/api/{kind}/{repo}/lfs-files/batch")
    def _forget_lfs_files(self, call: Call, repo: str) -> Reply:
        target = self._writable(call, repo)
        for oid in call.json()["deletions"]["sha"]:
            target.lfs_objects.pop(oid, None)
        return Reply()

    @route("POST", "/api/{kind}/{repo}/super-squash/main")
    def _super_squash(self, call: Call, repo: str) -> Reply:
        target, title, author = self._writable(call, repo), call.json()["message"], call.signed_in().user
        target.record("refs/heads/main", None, target.files, target.head.lfs, title, "", author)
        return Reply()

    # -- reading

    def page(self, call: Call, items: Sequence[Any], limit: int = 0) -> Reply:
        """A page of a listing, with a link to the next."""
        start = int(call.get("cursor", "0"))
        stop = start + min(limit or self.page_size, self.page_size)
        query = urlencode({**call.query, "cursor": [stop]}, doseq=True)
        link = {"Link": f'<{self.url}{call.path}?{query}>; rel="next"'} if stop < len(items) else {}
        return Reply(200, items[start:stop], link)

    def _facts(self, repo: Repo, commit: Commit, blobs: bool = False) -> JSON:
        """What the Hub tells of a repo at a commit, partly read from the card and from `config.json`."""
        card: Any = None
        config: Any = {}
        with suppress(yaml.YAMLError):
            card = front_matter(commit.files.get("README.md", b"").decode(errors="replace"))
        with suppress(ValueError):
            config = json.loads(commit.files.get("config.json", b"{}"))
        card = card if isinstance(card, dict) else {}
        library = card.get("library_name", "transformers" if "model_type" in config else None)
        architectures = config.get("architectures") or ()
        causal = any(name.endswith(("LMHeadModel", "ForCausalLM")) for name in architectures)
        pipeline = card.get("pipeline_tag", "text-generation" if causal else None)
        tags = [library, pipeline, config.get("model_type")]
        tags += ["safetensors"] * any(path.endswith(".safetensors") for path in commit.files)
        prefixes = {"tags": [""], "language": [""], "datasets": ["dataset:"], "license": ["license:"]}
        for key, before in (prefixes | {"base_model": ["base_model:", "base_model:finetune:"]}).items():
            values = card.get(key, []) if isinstance(card.get(key, []), list) else [card[key]]
            tags += [f"{prefix}{value}" for value in values for prefix in before]
        siblings: list[JSON] = [{"rfilename": path} for path in sorted(commit.files)]
        for sibling in siblings if blobs else ():
            blob_id, lfs = commit.blob(sibling["rfilename"])
            sibling |= {"size": len(commit.files[sibling["rfilename"]]), "blobId": blob_id}
            sibling |= {"lfs": lfs} if lfs else {}
        return {
            "_id": hashlib.sha1(repo.id.encode()).hexdigest()[:24], "id": repo.id, "modelId": repo.id,
            "author": repo.id.partition("/")[0], "private": repo.private, "gated": repo.gated,
            "disabled": repo.disabled,
            "createdAt": written(repo.commits[0].date), "lastModified": written(commit.date),
            "sha": commit.oid, "downloads": 0, "likes": 0, "library_name": library, "pipeline_tag": pipeline,
            "tags": [*dict.fromkeys(filter(None, tags)), "region:us"], "cardData": card, "siblings": siblings,
        }  # fmt: skip

    @route("GET", "/api/models")
    def _models(self, call: Call) -> Reply:
        tags, author = set(call.query.get("filter", ())), call.get("author").lower()
        shown_repos = [repo for repo in self.repos.values() if self._shown(call, repo)]
        models = [
            facts
            for facts in (self._facts(repo, repo.head) for repo in shown_repos)
            if tags <= set(facts["tags"])
            and author in ("", facts["author"].lower())
            and call.get("search").lower() in facts["id"].lower()
        ]
        if sort := call.get("sort"):
            models.sort(key=lambda model: str(model.get(sort)), reverse=True)
        hidden = set() if call.flag("full") else {"author", "sha", "lastModified", "gated", "siblings"}
        hidden |= set() if call.flag("cardData") else {"cardData"}
        hidden -= set(call.query.get("expand", ()))
        shown = [{key: value for key, value in model.items() if key not in hidden} for model in models]
        return self.page(call, shown, int(call.get("limit", "0")))

    @route("GET", "/api/{kind}/{repo}(?:/revision/{rev})?")
    def _model(self, call: Call, repo: str, rev: str = "main") -> Reply:
        target = self._readable(call, repo)
        facts, expand = self._facts(target, target.at(rev), call.flag("blobs")), call.query.get("expand", [])
        if not set(expand) <= facts.keys():
            raise Refusal(400, f'"expand" must be one of [{", ".join(facts)}]')
        return Reply(body={key: facts[key] for key in ("_id", "id", *expand)} if expand else facts)

    @route("GET", "/api/{kind}/{repo}/tree/{rev}(?:/{path})?")
    def _tree(self, call: Call, repo: str, rev: str, path: str = "") -> Reply:
        if call.flag("expand"):
            raise NotImplementedError("Last commits and security scans of files")
        commit, prefix = self._readable(call, repo).at(rev), f"{path}/" if path else ""
        entries: dict[str, JSON] = {}
        for name in sorted(name for name in commit.files if name.startswith(prefix)):
            for slash in (match.start() for match in re.finditer("/", name) if match.start() >= len(prefix)):
                oid = hashlib.sha1(f"{commit.oid} {name[:slash]}".encode()).hexdigest()
                entries[name[:slash]] = {"type": "directory", "oid": oid, "size": 0, "path": name[:slash]}
            blob_id, lfs = commit.blob(name)
            entries[name] = {"type": "file", "oid": blob_id, "size": len(commit.files[name]), "path": name}
            entries[name] |= {"lfs": {**lfs, "oid": lfs["sha256"]}} if lfs else {}
        if prefix and not entries:
            raise Refusal(404, f"{path} does not exist on {rev}", "EntryNotFound")
        top = [entry for name, entry in entries.items() if "/" not in name[len(prefix) :]]
        return self.page(call, [*entries.values()] if call.flag("recursive") else top)

    @route("GET", "/api/{kind}/{repo}/refs")
    def _refs(self, call: Call, repo: str) -> Reply:
        found = self._readable(call, repo).refs.items()
        groups = {"branches": "heads", "tags": "tags", "pullRequests": "pr", "converts": "convert"}
        return Reply(body={
            group: [
                {"name": ref.split("/", 2)[2], "ref": ref, "targetCommit": oid}
                for ref, oid in found if ref.startswith(f"refs/{kind}/")
            ] for group, kind in groups.items()
        })  # fmt: skip

    @route("GET", "/api/{kind}/{repo}/commits/{rev}")
    def _commits(self, call: Call, repo: str, rev: str) -> Reply:
        return self.page(call, [
            {"id": commit.oid, "title": commit.title, "message": commit.description,
             "authors": [{"user": commit.author}], "date": written(commit.date)}
            for commit in self._readable(call, repo).history(rev)
        ])  # fmt: skip

    @route("GET HEAD", "{page}{repo}/resolve/{rev}/{path}")
    def _resolve(self, call: Call, repo: str, rev: str, path: str) -> Reply:
        target = self._open(call, repo)
        if target.gated and not (call.token and call.token.may("repo.content.read", target.id)):
            message = f"Access to model {target.id} is restricted and you are not in the authorized list."
            raise Refusal(403 if call.token else 401, message, "GatedRepo")
        commit = target.at(rev)
        headers = {"X-Repo-Commit": commit.oid, "Accept-Ranges": "bytes"}
        if path not in commit.files:
            raise Refusal(404, "Entry not found", "EntryNotFound", headers)
        data, (blob_id, lfs) = commit.files[path], commit.blob(path)
        headers["ETag"] = f'"{lfs["sha256"] if lfs else blob_id}"'
        headers |= {"X-Linked-Etag": headers["ETag"], "X-Linked-Size": str(len(data))} if lfs else {}
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", call.headers.get("range", ""))
        if not wanted:
            return Reply(200, data, headers)
        # `bytes=2-5` counts from the start and includes both ends; `bytes=-5` means the last five.
        start = int(wanted[1]) if wanted[1] else max(0, len(data) - int(wanted[2]))
        stop = min(int(wanted[2]) + 1, len(data)) if wanted[1] and wanted[2] else len(data)
        if start >= stop:
            return Reply(416, {"error": "Range not satisfiable"}, {"Content-Range": f"bytes */{len(data)}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
        return Reply(206, data[start:stop], headers)

    # -- committing

    @route("POST", "/api/validate-yaml")
    def _validate_yaml(self, call: Call) -> Reply:
        found = zip(("errors", "warnings"), check_card(call.json()["content"]), strict=True)
        body = {kind: [{"message": text} for text in texts] for kind, texts in found}
        return Reply(400 if body["errors"] else 200, body)

    @route("POST", "/api/{kind}/{repo}/preupload/{rev}")
    def _preupload(self, call: Call, repo: str, rev: str) -> Reply:
        commit = self._writable(call, repo, call.flag("create_pr")).at(rev)
        if "gitIgnore" in call.json():
            raise NotImplementedError("Commits that bring a .gitignore")
        files = []
        for file in call.json()["files"]:
            sample, rules = base64.b64decode(file["sample"]), commit.files.get(".gitattributes", b"")
            mode = "lfs" if needs_lfs(file["path"], file["size"], sample, rules) else "regular"
            files.append({"path": file["path"], "uploadMode": mode, "shouldIgnore": False})
            if file["path"] in commit.files:
                blob_id, lfs = commit.blob(file["path"])
                files[-1]["oid"] = lfs["sha256"] if lfs else blob_id
        return Reply(body={"files": files})

    @route("POST", r"{page}{repo}\.git/info/lfs/objects/batch")
    def _lfs_batch(self, call: Call, repo: str) -> Reply:
        data = call.json()
        # Who opens a pull request names no branch here: writing to one takes more rights.
        target = self._writable(call, repo, pull_request="ref" not in data)
        if (data["operation"], data["hash_algo"]) != ("upload", "sha256") or "basic" not in data["transfers"]:
            raise Refusal(422, "Only basic uploads, named by sha256")
        objects = [{"oid": item["oid"], "size": item["size"]} for item in data["objects"]]
        for item in (item for item in objects if item["oid"] not in target.lfs_objects):
            upload = f"{self.url}/lfs-storage{call.page(target.id)}/{item['oid']}/{item['size']}"
            verify = f"{self.url}{call.page(target.id)}.git/info/lfs/verify"
            item["actions"] = {"upload": {"href": upload}, "verify": {"href": verify}}
        return Reply(body={"transfer": "basic", "objects": objects})

    @route("PUT", r"/lfs-storage{page}{repo}/(?P<oid>[0-9a-f]{64})/(?P<size>\d+)")
    def _lfs_put(self, call: Call, repo: str, oid: str, size: str) -> Reply:
        if call.token:
            raise Refusal(400, "The address is signed: the storage must not be sent a token")
        if len(call.body) != int(size) or _sha256(call.body) != oid:
            raise Refusal(400, "BadDigest: the content is not what was announced")
        self._of(call.kind)[repo].lfs_objects[oid] = call.body
        return Reply()

    @route("POST", r"{page}{repo}\.git/info/lfs/verify")
    def _lfs_verify(self, call: Call, repo: str) -> Reply:
        call.signed_in("RepoNotFound")
        stored = self._readable(call, repo).lfs_objects.get(call.json()["oid"])
        if stored is None or len(stored) != call.json()["size"]:
            raise Refusal(404, "The object was not uploaded")
        return Reply()

    @route("POST", "/api/{kind}/{repo}/commit/{rev}")
    def _commit(self, call: Call, repo: str, rev: str) -> Reply:
        """All or nothing: every line is checked before a ref moves."""
        new_pull_request = call.flag("create_pr")
        target = self._writable(call, repo, new_pull_request)
        ref = next((ref for ref in (rev, f"refs/heads/{rev}") if ref in target.refs), "")
        if not ref.startswith(("refs/heads/", "refs/pr/")):
            raise Refusal(404, f"Invalid rev id: {rev}", "RevisionNotFound")
        try:
            lines = [(line["key"], line["value"]) for line in map(json.loads, call.body.splitlines())]
        except (ValueError, TypeError, KeyError) as error:
            raise Refusal(400, "Each line must be an object with a key and a value") from error
        if not lines or lines[0][0] != "header" or not lines[0][1].get("summary"):
            raise Refusal(400, "The first line must have the key `header` and a summary")
        if len(lines) == 1:
            raise Refusal(400, "Add a line with the key `lfsFile`, `file` or `deletedFile`")
        header = lines[0][1]
        parent = header.get("parentCommit", target.refs[ref])
        if not new_pull_request and not target.refs[ref].startswith(parent):
            moved = "The branch was updated since you opened this page. Please refresh and try again."
            raise Refusal(412, moved)
        base = target.at(parent)
        files, lfs = dict(base.files), set(base.lfs)
        for key, value in lines[1:]:
            _apply(target, files, lfs, key, value)
        card = files.get("README.md", b"")
        errors = check_card(card.decode(errors="replace"))[0] if card != base.files.get("README.md") else []
        if errors:
            raise Refusal(400, "Invalid metadata in README.md: " + "; ".join(errors))
        link = {}
        if new_pull_request:
            number = max(target.pull_requests, default=0) + 1
            ref = f"refs/pr/{number}"
            link = {"pullRequestUrl": f"{self.url}/{target.id}/discussions/{number}"}
        about = header["summary"], header.get("description", ""), call.signed_in().user
        oid = target.record(ref, base.oid, files, lfs, *about).oid
        url = f"{self.url}{call.page(target.id)}/commit/{oid}"
        return Reply(body={"success": True, "commitOid": oid, "commitUrl": url, **link})

    # -- pull requests

    @route("GET", "/api/{kind}/{repo}/discussions")
    def _discussions(self, call: Call, repo: str) -> Reply:
        """Newest first; there are no discussions here but pull requests."""
        target, start = self._readable(call, repo), int(call.get("p", "0")) * self.page_size
        found = [_discussion(target, number) for number in sorted(target.pull_requests, reverse=True)]
        wanted = {"all": ("open", "closed", "merged"), "closed": ("closed", "merged")}
        states = wanted.get(call.get("status", "all"), (call.get("status"),))
        found = [
            request for request in found
            if request["status"] in states and call.get("author") in ("", request["author"]["name"])
            and call.get("type", "all") != "discussion"
        ]  # fmt: skip
        page = found[start : start + self.page_size]
        return Reply(body={"discussions": page, "count": len(found), "start": start})

    @route("GET", r"/api/{kind}/{repo}/discussions/(?P<number>\d+)")
    def _discussion_details(self, call: Call, repo: str, number: str) -> Reply:
        shown = _discussion(self._readable(call, repo), int(number))
        return Reply(body={**shown, "changes": {"base": "refs/heads/main"}, "filesWithConflicts": [],
                           "events": []})  # fmt: skip

    @route("POST", r"/api/{kind}/{repo}/discussions/(?P<number>\d+)/status")
    def _settle(self, call: Call, repo: str, number: str) -> Reply:
        target, status = self._writable(call, repo, pull_request=True), call.json().get("status")
        if status not in ("open", "closed") or _discussion(target, int(number))["status"] == "merged":
            raise Refusal(400, f"Cannot change the status to {status}")
        target.settled.pop(int(number), None)
        target.settled |= {int(number): status} if status == "closed" else {}
        event = {"id": "0" * 24, "type": "status-change", "createdAt": written(EPOCH)}
        event |= {"author": {"name": call.signed_in().user}, "data": {"status": status}}
        return Reply(body={"newStatus": event})

    # -- one request

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply | None:
        """Answer a request; `None` means to hang up."""
        with self._lock:
            log, index, fault = self._log, len(self._log), self.faults.take(method, target)
            log.append(Request(method, target))

        def honestly() -> Reply:
            with self._lock:
                return self._dispatch(method, target, headers, body)

        if self.upload_speed and target.startswith("/lfs-storage/"):
            time.sleep(len(body) / self.upload_speed)
        reply = fault.reply(honestly) if fault else honestly()
        if reply:
            with self._lock:
                log[index] = Request(method, target, reply.status)
        return reply

    def _dispatch(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        path, mark, query = target.partition("?")
        for old, new in self.moved.items():
            location, found = re.subn(rf"^(/api/models)?/{re.escape(old)}(?=/|\.git/|$)", rf"\1/{new}", path)
            if found:
                return Reply(307, headers={"Location": location + mark + query})
        try:
            scheme, _, secret = headers.get("authorization", "").partition(" ")
            if scheme and (scheme != "Bearer" or secret not in self._tokens):
                raise Refusal(401, "Invalid credentials in Authorization header")
            call = Call(path, parse_qs(query), headers, body, self._tokens.get(secret))
            served = [(self, ROUTES), *((annex, annex.routes) for annex in self.annexes)]
            for part, routes in served:
                for route_method, pattern, handler in routes:
                    if route_method == method and (match := pattern.fullmatch(path)):
                        groups = {key: unquote(value) for key, value in match.groupdict().items() if value}
                        return handler(part, replace(call, kind=groups.pop("kind", "models")), **groups)
        except Refusal as refusal:
            return refusal.reply
        except Exception:  # noqa: BLE001 - a crash is an answer here, and a failed test by `unhandled`
            self.unhandled.append(f"{method} {target}: {traceback.format_exc()}")
            return Reply(500, {"error": "The server crashed: see HubServer.unhandled"})
        self.unhandled.append(f"{method} {target}")
        return Reply(404, {"error": f"This server does not serve {method} {path}"})


def _discussion(repo: Repo, number: int) -> JSON:
    """A pull request as a listing tells of it: its first commit named it."""
    if number not in repo.pull_requests:
        raise Refusal(404, "Discussion not found")
    commit = repo.pull_requests[number]
    return {
        "num": number, "title": commit.title, "author": {"name": commit.author}, "isPullRequest": True,
        "status": repo.settled.get(number, "open"), "createdAt": written(commit.date),
        "repo": {"name": repo.id, "type": "model"},
    }  # fmt: skip


def _apply(repo: Repo, files: dict[str, bytes], lfs: set[str], key: str, value: JSON) -> None:
    """Apply a line of a commit to a tree, or refuse it."""
    path = str(value.get("path", ""))
    if "\\" in path or {"", ".", "..", ".git"} & set(path.removesuffix("/").split("/")):
        raise Refusal(422, f"Invalid path: {path!r}")
    if key == "file":
        try:
            data = base64.b64decode(value["content"], validate=True)
        except (KeyError, ValueError) as error:
            raise Refusal(400, f"The content of {path} must be base64") from error
        if len(data) > MAX_REGULAR_SIZE or not is_text(data):
            reason = "files larger than 10 MiB" if len(data) > MAX_REGULAR_SIZE else "binary files"
            raise Refusal(400, f"Your push was rejected because it contains {reason}: {path}")
        files[path] = data
        lfs.discard(path)
    elif key == "lfsFile":
        stored = repo.lfs_objects.get(value.get("oid", ""))
        if value.get("algo") != "sha256" or stored is None or value.get("size", len(stored)) != len(stored):
            reason = "an LFS pointer pointed to a file that does not exist"
            raise Refusal(400, f"Your push was rejected because {reason}: {path}")
        files[path] = stored
        lfs.add(path)
    elif key in ("deletedFile", "deletedFolder"):
        folder = path.removesuffix("/") + "/" if key == "deletedFolder" else None
        gone = [name for name in files if (name.startswith(folder) if folder else name == path)]
        if not gone:
            raise Refusal(404, "A file with this name doesn't exist", "EntryNotFound")
        for name in gone:
            del files[name]
            lfs.discard(name)
    else:
        raise Refusal(400, f"Unknown key `{key}`")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # Unbuffered, the body of a reply would wait for the acknowledgement of its head.
    server: Listener

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.service.handle(self.command, self.path, headers, self._body())
        if reply is None:
            self.close_connection = True
            return
        if reply is RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            for file in (self.rfile, self.wfile, self.connection):
                file.close()
            self.close_connection = True
            return
        if isinstance(reply.body, Iterator):
            self._stream(reply.body)
            return
        content, content_type = reply.encoded()
        (self.send_response_only if "Date" in reply.headers else self.send_response)(reply.status)
        head = {"Content-Type": content_type, "Content-Length": str(len(content)), **reply.headers}
        if origin := headers.get("origin"):
            head |= {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
            head["Access-Control-Expose-Headers"] = EXPOSED
        for name, value in head.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: reply.keep])
        self.close_connection = self.close_connection or reply.keep is not None

    def _stream(self, events: Iterator[bytes]) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        with suppress(Cut):
            for event in events:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `HubServer.log` keeps the requests."""
