"""Write to a repository on the Hub: one complete commit, read back afterwards; its tag; its removal."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import tokens
from huggingtweets_hub.core.errors import HubError, HubUnavailableError, MovedError, ReadBackError
from huggingtweets_hub.core.names import ATTRIBUTES, CARD, FORM_FILE
from huggingtweets_hub.hub import client, pull_requests, refusals, repo
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.files import Kind
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.hub.retries import attempts

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

TITLE = "Publish with huggingtweets_hub"
_DOWN = "Take the model down with huggingtweets_hub"
_MOST_TAGS = 9
_MOST_COMMITS = 20
# Model and tokenizer files that transformers would read. One that is not part of a new publication is left
# over from an older one and must be deleted.
_MODEL_FILE = re.compile(
    r"(pytorch_model|tf_model|flax_model|rust_model|model)[^/]*\.(bin|h5|msgpack|ot|safetensors|json)"
    r"|(config|generation_config|vocab|merges|tokenizer|tokenizer_config|special_tokens_map|added_tokens"
    r"|training_args|optimizer|scheduler)\.(json|txt|bin|pt|model)|chat_template\.jinja|spiece\.model"
    rf"|{FORM_FILE.pattern}",
    re.ASCII,
)

Files = Mapping[str, Path | bytes]
"""Contents or local files by their path in the repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit on the Hub, or the one of a pull request.

    Attributes:
        url: Of the repository, or of the pull request.
        revision: How to read it: its id, or the reference of the pull request.
        was_there: It was found, not made: an earlier run proposed the same.
    """

    oid: str
    url: str
    revision: str
    was_there: bool = False


def push(
    repo_id: str,
    files: Files,
    *,
    whole: bool,
    published: Published,
    private: bool = False,
    create_pr: bool = False,
    delete: Collection[str] = (),
    message: str = TITLE,
    when_moved: Callable[[Published], Published] | None = None,
    last_check: Callable[[], None] | None = None,
    kind: Kind = "model",
) -> Commit:
    """Publish the files in one commit, then read them back.

    A commit whose reply was lost is recognised and not made a second time. If a pull request of ours already
    proposes the same files or the same publication, no second one is opened.

    Args:
        whole: These are all files of the model, so that stale weights of an older one are deleted.
        published: What `repo.read` found; the commit is refused if the branch has moved since.
        delete: Files to delete in the same commit.
        message: The commit's title.
        when_moved: Called with `published` where the branch has moved since; gives what the repository holds
            now, or raises where the files may not be committed to that. Without it, that is an error.
        last_check: Called when the large files are uploaded, right before each try of the commit; raises
            where there must be none.
        kind: Of the repository; a Space is a static one.

    Raises:
        SecretFoundError: A file holds the value of a known token; nothing was written.
        MovedError: Someone else has committed since then; nothing was written.
        HubError: The Hub refuses, or does not answer; nothing was published unless the message says so.
        ReadBackError: What the Hub holds is different from what was sent.
    """
    tokens.require_none(files)
    if create_pr and (proposed := _proposed(repo_id, message, files)):
        return replace(proposed, was_there=True)
    head: str | None = None
    gone = _gone(published, files, delete, whole=whole)
    commit: Commit | None = None
    error: Exception | None = None

    def landed() -> Commit | None:
        """A reply may be lost and its commit not: then another one would be one too many."""
        return _proposed(repo_id, message, files) if create_pr else _landed(repo_id, head, files, gone, kind)

    try:
        for attempt in attempts(also_moved=when_moved is not None):
            if head and error is not None and (commit := landed()) is not None:
                break
            if isinstance(error, MovedError) and when_moved is not None:
                published, head = when_moved(published), None
                gone = _gone(published, files, delete, whole=whole)
            with attempt:
                try:
                    with refusals.explained(f"publish to {repo_id}"):
                        api = client.api()
                        head = head or _prepared(api, repo_id, published, private=private, kind=kind)
                        added, deleted = _operations(files, gone)
                        if last_check is not None:
                            api.preupload_lfs_files(
                                repo_id, added, repo_type=kind, create_pr=create_pr, free_memory=False
                            )
                    if last_check is not None:
                        last_check()
                    with refusals.explained(f"publish to {repo_id}"):
                        info = api.create_commit(
                            repo_id,
                            [*added, *deleted],
                            commit_message=message,
                            parent_commit=head,
                            create_pr=create_pr,
                            repo_type=kind,
                        )
                except Exception as raised:
                    error = raised
                    raise
                url, revision = info.pr_url or repo.address(repo_id, kind), info.pr_revision or info.oid
                commit = Commit(oid=info.oid, url=url, revision=revision)
    except Exception:
        if not head or (commit := landed()) is None:
            raise
    if commit is None:
        raise HubUnavailableError(f"The Hub could not publish to {repo_id}.", "Run the same command again.")
    _read_back(repo_id, commit.revision, files, gone, kind)
    return commit


def _gone(published: Published, files: Files, delete: Collection[str], *, whole: bool) -> list[str]:
    """What is to be deleted: also the weights of an older publication that this one does not bring along."""
    stale = [path for path in published.files if whole and path not in files and _MODEL_FILE.fullmatch(path)]
    return [*stale, *(path for path in delete if path not in stale)]


def tag(repo_id: str, commit: str, name: str) -> None:
    """Give a commit a permanent name; if another commit has that name, add a number.

    Raises:
        HubError: The Hub does not answer.
    """
    numbered = [name, *(f"{name}.{number}" for number in range(2, _MOST_TAGS + 1))]

    def once(api: "HfApi") -> None:
        taken = {tag.name: tag.target_commit for tag in api.list_repo_refs(repo_id).tags}
        if not any(taken.get(name) == commit for name in numbered):
            free = next((name for name in numbered if name not in taken), numbered[-1])
            api.create_tag(repo_id, tag=free, revision=commit)

    client.ask(f"tag {repo_id}", once)


def delete_repo(repo_id: str) -> None:
    """Delete the repository.

    Raises:
        HubError: The Hub refuses, or does not answer.
    """
    # If it is gone already, an earlier attempt deleted it and the reply was lost.
    client.ask(f"delete {repo_id}", lambda api: api.delete_repo(repo_id, missing_ok=True))


def empty_repo(repo_id: str, published: Published) -> None:
    """Delete all files of the repository, its tags and its history; its pull requests stay.

    Raises:
        MovedError: Someone else has committed since it was read.
        HubError: The Hub refuses, or does not answer.
    """
    gone = [path for path in published.files if path != ATTRIBUTES]
    if gone:
        push(repo_id, {}, whole=False, published=published, delete=gone, message=_DOWN)

    def forget(api: "HfApi") -> None:
        for tag in api.list_repo_refs(repo_id).tags:
            api.delete_tag(repo_id, tag=tag.name)
        api.super_squash_history(repo_id, commit_message=_DOWN)
        api.permanently_delete_lfs_files(repo_id, api.list_lfs_files(repo_id), rewrite_history=True)

    client.ask(f"forget the history of {repo_id}", forget)


def _prepared(api: "HfApi", repo_id: str, published: Published, *, private: bool, kind: Kind) -> str:
    """The commit that the next one comes after, once the repository is there."""
    if published.head is None:
        sdk = "static" if kind == "space" else None
        api.create_repo(repo_id, private=private, exist_ok=True, repo_type=kind, space_sdk=sdk)
        made = hub_files.info(api, repo_id, kind)
        of_the_hub = {ATTRIBUTES, CARD} if kind == "space" else {ATTRIBUTES}
        if {file.rfilename for file in made.siblings or ()} - of_the_hub:
            raise refusals.made_meanwhile(repo_id)
        if private and not made.private:  # somebody else has made it
            api.update_repo_settings(repo_id, private=True, repo_type=kind)
        return str(made.sha)
    if private and published.is_empty:  # left behind by a push that failed
        api.update_repo_settings(repo_id, private=True, repo_type=kind)
    return published.head


def _operations(
    files: Files, gone: Iterable[str]
) -> "tuple[list[CommitOperationAdd], list[CommitOperationDelete]]":
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    added = [CommitOperationAdd(path, content) for path, content in sorted(files.items())]
    return added, [CommitOperationDelete(path) for path in gone]


def _landed(repo_id: str, parent: str | None, files: Files, gone: Iterable[str], kind: Kind) -> Commit | None:
    """A commit since `parent` that holds exactly these files, if its reply was lost; else None."""
    since: list[str] = []
    try:
        with refusals.explained(f"list the commits of {repo_id}"):
            if hub_files.info(client.api(), repo_id, kind).sha != parent:
                for commit in client.api().list_repo_commits(repo_id, repo_type=kind)[:_MOST_COMMITS]:
                    if commit.commit_id == parent:
                        break
                    since.append(commit.commit_id)
        for oid in reversed(since):  # a later commit holds our files, too
            if not hub_files.differing(repo_id, oid, files, gone, kind=kind):
                return Commit(oid=oid, url=repo.address(repo_id, kind), revision=oid)
    except HubError:  # show the error that led here; another attempt comes back here
        return None
    return None


def _proposed(repo_id: str, title: str, files: Files) -> Commit | None:
    """Our open pull request with these files, if there is one."""
    request = pull_requests.earlier(repo_id, title, files)
    if request is None:
        return None
    oid = repo.files_at(repo_id, request.reference).head
    return Commit(oid=str(oid), url=request.url, revision=request.reference)


def _read_back(repo_id: str, revision: str, files: Files, gone: Iterable[str], kind: Kind) -> None:
    try:
        wrong = hub_files.differing(repo_id, revision, files, gone, kind=kind)
    except HubUnavailableError as error:
        raise HubUnavailableError(
            f"{repo_id} is published as {revision}, but could not be read back: {error.message}",
            "Run the same command again. It does not make a second commit.",
        ) from error
    if wrong:
        raise ReadBackError(
            f"{repo_id} at {revision} does not hold what was sent: {', '.join(wrong)}.",
            "Run the same command again.",
        )
