"""A private dataset on the Hub that holds fetched pages and opt-outs, under the same paths as here.

`hf download` turns it into a folder that can also be the store, and `hf upload` does the reverse.

`store_pages` says which of two copies of an account's pages counts. An account's description is not kept: it
costs one cent and is bought again each day. The Hub allows 10,000 entries per folder, and here each entry is
an account.
"""

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core import people, settings, tokens
from huggingtweets_hub.core.errors import HubError, InvalidInputError, NoWriteAccessError
from huggingtweets_hub.core.names import CARD
from huggingtweets_hub.hub import access, client, refusals, store_pages
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.retries import on_new_head

if TYPE_CHECKING:
    from huggingface_hub import DatasetInfo, HfApi
    from huggingface_hub.hf_api import RepoSibling

OPT_OUTS = "opt-outs.txt"
_DELETED = "Delete pages with huggingtweets_hub"
_MESSAGE = "Keep pages and opt-outs with huggingtweets_hub"
# Without a viewer: the Hub would keep a copy of the tweets for it that squashing does not reach.
_ABOUT = b"""---
viewer: false
---
Pages from the X API and the list of accounts that opted out, kept by huggingtweets_hub. Raw tweets must not
be published: keep this dataset private.
"""
_FRESH_SECONDS = 600.0
_MOST_FILES, _MOST_BYTES = 75, 50_000_000
"""The most that goes into one commit; the Hub allows a commit one minute."""


class Dataset:
    """The dataset as this process knows it: read every ten minutes, and after each of its own commits.

    Attributes:
        is_in_batch: A batch pushes at intervals, so accounts do not push one by one.
    """

    def __init__(self, repo_id: str) -> None:
        self.is_in_batch = False
        self._repo_id = repo_id
        self._head: str | None = None
        self._files: dict[str, dict[str, RepoSibling]] = {}  # by handle and path
        self._opt_outs = ""
        self._has_card = False
        self._looked = -math.inf
        self._settled: set[str] = set()  # copies were compared, and the ones here count
        self._replaced: set[str] = set()
        self._has_deleted = self._has_looked_back = False
        self._looking, self._pushing = threading.RLock(), threading.Lock()

    @property
    def opt_outs(self) -> str:
        """The dataset's current list of opt-outs.

        Raises:
            HubError: The Hub does not answer, or the token cannot see the dataset.
            InvalidInputError: It is public.
        """
        self._look()
        return self._opt_outs

    def holds(self, handle: str) -> bool:
        """Whether it has pages of the account; raises the same errors as `opt_outs`."""
        self._look()
        return handle in self._files

    def pull(self, handle: str) -> None:
        """Copy the account's pages from the dataset if its copies are the ones that count.

        Raises:
            HubError: It could not be read, or the token has no write access to it.
            InvalidInputError: It is public.
        """
        self._look()
        self._require_write_access()
        for path, file in self._files.get(handle, {}).items():
            here = settings.home() / path
            core_files.remove_partial(here)  # the account is locked: nobody else writes it
            ours = here.read_bytes() if here.exists() else b""
            if hub_files.is_same(ours[: file.size], file):
                continue  # everything is here, and perhaps more
            try:
                theirs = self._download(path, file)
            except HubError:
                self._looked = -math.inf  # another machine may have changed it
                raise
            if store_pages.rank(theirs) > store_pages.rank(ours):
                core_files.folder(here.parent)
                core_files.write_whole(here, theirs)
            else:
                self.replaced(handle)
        self._settled.add(handle)

    def replaced(self, handle: str) -> None:
        """The account's pages here do not extend the ones there, which must not stay in the history."""
        self._replaced.add(handle)
        self._has_deleted = True

    def push(self, *, squash: bool = True) -> None:
        """Commit what is only here, including from earlier runs, and delete what must not be there.

        Args:
            squash: Squash the history if something was deleted, so that no older commit has it.

        Raises:
            HubError: The Hub refuses or does not answer, five times in a row.
        """
        with self._pushing:
            on_new_head(self._push)
            if squash and (self._has_deleted or self._is_unsquashed()):
                self._squash()

    def edit_opt_outs(self, edit: Callable[[str], str]) -> None:
        """Change the dataset's current list of opt-outs.

        Raises:
            HubError: The Hub refuses or does not answer, five times; nothing was changed.
        """

        def once() -> None:
            edited = edit(self.opt_outs)
            if edited != self._opt_outs:
                self._commit({OPT_OUTS: edited.encode()})

        with self._pushing:
            on_new_head(once)

    def _look(self) -> None:
        """Find out what is there, if that is not known."""
        with self._looking:
            if time.monotonic() - self._looked < _FRESH_SECONDS:
                return
            info = client.ask(f"read the dataset {self._repo_id}", self._info)
            if info is None:
                self._require_write_access()  # a dataset that the token cannot see looks like a missing one
                self._take_in(None, {})
            else:
                if not info.private:
                    raise InvalidInputError(
                        f"The dataset {self._repo_id} is public, but raw tweets must not be published.",
                        "Make it private in its settings on the Hub, or set HUGGINGTWEETS_STORE to another.",
                    )
                self._take_in(info.sha, hub_files.listed(info))
            self._looked = time.monotonic()

    def _info(self, api: "HfApi") -> "DatasetInfo | None":
        return client.found(lambda: api.dataset_info(self._repo_id, files_metadata=True))

    def _take_in(self, head: str | None, there: "dict[str, RepoSibling]") -> None:
        if OPT_OUTS not in there:
            self._opt_outs = ""
        elif not hub_files.is_same(self._opt_outs.encode(), there[OPT_OUTS]):
            content = hub_files.download_private(self._repo_id, OPT_OUTS, str(head))
            if not hub_files.is_same(content, there[OPT_OUTS]):
                raise HubError(
                    f"{OPT_OUTS} of the dataset {self._repo_id} arrived damaged.",
                    "Run the same command again.",
                )
            self._opt_outs = content.decode("utf-8")
        self._head, self._files, self._has_card = head, store_pages.by_handle(there), CARD in there

    def _require_write_access(self) -> None:
        try:
            access.require_write_access(self._repo_id)
        except NoWriteAccessError as error:
            raise NoWriteAccessError(
                error.message,
                "Tweets that cost money have to be kept: log in with a token that has write access there "
                "('hf auth login'), or set HUGGINGTWEETS_STORE to another place.",
            ) from error

    def _download(self, path: str, file: "RepoSibling") -> bytes:
        """A file's content, bypassing the client's cache, where it would outlive an opt-out."""
        task = f"read {path} of the dataset {self._repo_id}"
        # Beside the file: in a folder which is deleted when the account opts out.
        folder = core_files.folder(core_files.partial_of(settings.home() / path))
        try:
            file_here = client.ask(
                task,
                lambda api: api.hf_hub_download(self._repo_id, path, repo_type="dataset", local_dir=folder),
            )
            content = Path(file_here).read_bytes()
        finally:
            core_files.remove(folder)
        if not hub_files.is_same(content, file):
            raise HubError(
                f"{path} of the dataset {self._repo_id} has changed or arrived damaged.",
                "Run the same command again.",
            )
        return content

    def _push(self) -> None:
        self._look()
        opted_out = people.read({OPT_OUTS: self._opt_outs})
        part: dict[str, bytes | None] = {}
        for handle, here in store_pages.here().items():
            if handle not in opted_out:
                part |= store_pages.lacking(
                    self._files.get(handle, {}),
                    here,
                    is_replaced=handle in self._replaced,
                    is_settled=handle in self._settled,
                )
            if len(part) >= _MOST_FILES or sum(map(len, filter(None, part.values()))) >= _MOST_BYTES:
                self._commit(part)
                part = {}
        for handle in opted_out & self._files.keys():
            part |= dict.fromkeys(self._files[handle])
        if part:
            self._commit(part)

    def _commit(self, files: dict[str, bytes | None]) -> None:
        task = f"keep pages in the dataset {self._repo_id}"
        tokens.require_none({path: content for path, content in files.items() if content is not None})
        self._has_deleted |= None in files.values()
        try:
            if self._head is None:
                client.ask(task, self._create)
                self._looked = -math.inf
                self._look()  # which checks that it is private
                if self._files or self._opt_outs:
                    raise refusals.made_meanwhile(self._repo_id)
            if not self._has_card:
                files = {**files, CARD: _ABOUT}
            # If a commit worked but its reply was lost, the next attempt finds that the head has moved.
            self._head = client.ask(task, lambda api: self._committed(api, files))
        finally:
            self._looked = -math.inf

    def _create(self, api: "HfApi") -> None:
        api.create_repo(self._repo_id, repo_type="dataset", private=True, exist_ok=True)

    def _committed(self, api: "HfApi", files: dict[str, bytes | None]) -> str:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        operations = [
            CommitOperationDelete(path) if content is None else CommitOperationAdd(path, content)
            for path, content in files.items()
        ]
        return api.create_commit(
            self._repo_id,
            operations,
            repo_type="dataset",
            commit_message=_DELETED if self._has_deleted else _MESSAGE,
            parent_commit=self._head,
        ).oid

    def _is_unsquashed(self) -> bool:
        """Whether an earlier process deleted something but could not squash; checked once."""
        if self._has_looked_back or self._head is None:
            return False
        commits = client.ask(
            f"list the commits of the dataset {self._repo_id}",
            lambda api: api.list_repo_commits(self._repo_id, repo_type="dataset"),
        )
        self._has_looked_back = True
        return any(commit.title == _DELETED for commit in commits)

    def _squash(self) -> None:
        client.ask(
            f"squash the history of the dataset {self._repo_id}",
            lambda api: api.super_squash_history(self._repo_id, repo_type="dataset"),
        )
        self._looked = -math.inf
        self._has_deleted = False
