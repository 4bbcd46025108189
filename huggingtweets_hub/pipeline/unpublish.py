"""Take a model down, and remember not to publish it again."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from huggingtweets_hub import card
from huggingtweets_hub.core import arguments, settings
from huggingtweets_hub.core.accounts import is_handle, may_be_of, parse_handle
from huggingtweets_hub.core.errors import HubError, HuggingTweetsError, InvalidInputError, NotOursError
from huggingtweets_hub.core.names import CARD, REPO_ID
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import from_json
from huggingtweets_hub.hub import (
    access,
    client,
    namespace_opt_outs,
    opt_outs,
    publications,
    push,
    repo,
    store,
)
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.hub.retries import on_new_head
from huggingtweets_hub.hub.store_dataset import Dataset
from huggingtweets_hub.pipeline import workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    handle: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whose:
    """The part of `huggingtweets.json` that says whose model it is."""

    accounts: tuple[_Account, ...]
    kept_sha256: str | None = None


def accounts(repo_id: str, handles: Collection[str] = (), *, keep_repo: bool = False) -> tuple[str, ...]:
    """The handles of the accounts that a published model imitates, or of those who opt out; lower-cased.

    Args:
        keep_repo: As for `unpublish`, which may have emptied the repository before.

    Raises:
        InvalidInputError: One of the handles is not one of its accounts.
        NotOursError: The repository was not made by this toolkit.
        HubError: There is no such repository, or the Hub does not answer.
    """
    named = {parse_handle(handle).lower() for handle in handles}
    people = _named(repo_id, _people(repo_id, _read(repo_id, may_be_empty=keep_repo)), named)
    return tuple(person.handle for person in people if "/" not in person.handle)


@arguments.checked
def unpublish(
    repo_id: str, *, keep_repo: bool = False, handles: str | Collection[str] = ()
) -> tuple[str, ...]:
    """Delete the repository and what is kept of its posts, and remember not to publish its accounts again.

    The same call after a kill does the rest.

    Args:
        keep_repo: Delete its files, tags and history only: for a token that may not delete repositories.
        handles: Who of its accounts opts out, one or several; by default all of them. If the repository does
            not say whose posts it was made of, the model itself is listed, and nobody by its name.

    Returns:
        The handles that are now on the lists of opt-outs.

    Raises:
        InvalidInputError: A handle is not one of its accounts.
        NotOursError: The repository was not made by this toolkit.
        HubError: The Hub refuses; nothing is remembered where all of it is still there. Or a dataset could
            not be written, as the message says.
    """
    named = {parse_handle(str(handle)).lower() for handle in arguments.several("handles", handles)}
    published = _read(repo_id, may_be_empty=keep_repo)
    access.require_write_access(repo_id, elsewhere=False)
    imitated = _people(repo_id, published)
    people = _named(repo_id, imitated, named)
    namespace, why = repo_id.split("/")[0], f"{repo_id} unpublished"
    new, today = opt_outs.unlisted(people), datetime.now(UTC).date()
    unlisted: HubError | None = None
    there: list[Person] = []
    if imitated:  # by whom `_is_begun` knows it once the repository is gone
        publications.remember({repo_id: [person.handle for person in imitated]})
    try:
        opt_outs.add(new, why=why, day=today)  # first: a kill in between must not lose it
        try:
            there = [person for person in people if namespace_opt_outs.read(namespace).match(person) is None]
            opt_outs.add_to_namespace(people, namespace)
        except HubError as error:  # whoever asked is not to wait for a token that may do more
            unlisted = error
        if keep_repo and published.head:
            on_new_head(lambda: push.empty_repo(repo_id, repo.read(repo_id)))
        else:
            push.delete_repo(repo_id)
    except HuggingTweetsError:
        with suppress(HuggingTweetsError):
            if repo.read(repo_id).files == published.files:  # else some of it is gone
                opt_outs.undo(new, there, namespace, why=why, day=today)
        raise
    gone = tuple(person.handle for person in people if "/" not in person.handle)
    workspace.forget(gone)
    publications.forget(repo_id)  # last: until then the next try takes it up again
    what_is_done = f"{repo_id} is {'emptied' if keep_repo else 'deleted'}"
    if kept := store.dataset():
        _forget(what_is_done, kept)
    if unlisted is not None:
        raise HubError(
            f"{what_is_done}, but other machines do not know of it: {unlisted.message}",
            f"Run 'huggingtweets opt-outs add {' '.join(gone) or 'HANDLE'} --namespace {namespace}' with a "
            "token that has write access there.",
        )
    return gone


def others(handles: Iterable[str], namespace: str) -> list[str]:
    """The published models that imitate one of these accounts, as far as they are known.

    Those of the namespace are known by their names, those that this machine has published by their accounts.

    Raises:
        HubError: The Hub does not answer.
    """
    names = {parse_handle(handle).lower() for handle in handles}
    if not names:
        return []
    ours = [
        model for model, whose in publications.known().items() if names & {handle.lower() for handle in whose}
    ]
    found = list(repo.published(ours))
    found += [
        repo_id
        for repo_id in repo.listed(namespace)
        if any(may_be_of(repo_id.split("/")[1], name) for name in names)
    ]
    return sorted({name.lower(): name for name in found}.values())


def _read(repo_id: str, *, may_be_empty: bool = False) -> Published:
    if not REPO_ID.fullmatch(repo_id):
        raise InvalidInputError(f"{repo_id!r} is not a repo id.", "Give it as 'namespace/name'.")
    published = repo.read(repo_id)
    if published.head is None and not _is_begun(repo_id):
        raise client.unseen(f"repository {repo_id}")
    is_half_done = published.head is None or (may_be_empty and published.is_empty)
    if not published.is_ours and not is_half_done:
        raise NotOursError(
            f"{repo_id} was not made by huggingtweets.", "Delete it in its settings on the Hub instead."
        )
    return published


def _is_begun(repo_id: str) -> bool:
    """Whether an earlier try ended before all was deleted here: by then, who opts out is listed."""
    known = publications.known().get(repo_id.lower(), ())
    return not opt_outs.listed().isdisjoint(map(str.lower, known))


def _people(repo_id: str, published: Published) -> tuple[Person, ...]:
    """The accounts of a publication, by its facts where they are sound, else by its card.

    The parts of its name do not count: `my-sea-bot` is nobody's.
    """
    with suppress(HuggingTweetsError):
        whose = from_json(_Whose, published.facts)
        return tuple(
            Person(handle=parse_handle(account.handle).lower(), id=account.id, texts=whose.kept_sha256)
            for account in whose.accounts
        )
    handles: Iterable[str] = publications.known().get(repo_id.lower(), ())
    if CARD in published.files:
        with suppress(HuggingTweetsError):
            content = hub_files.download_file(repo_id, CARD, str(published.head))
            handles = [account.handle for account in _card(content).accounts]
    elif not handles:  # emptied before: whoever its name names is listed already
        listed = opt_outs.listed()
        name = repo_id.split("/")[1]
        handles = [entry for entry in listed if is_handle(entry) and may_be_of(name, entry)]
    return tuple(Person(handle=handle.lower()) for handle in handles)


def _card(content: bytes) -> CardFacts:
    return card.parse(content.decode("utf-8", "replace"))


def _named(repo_id: str, people: tuple[Person, ...], named: Collection[str]) -> tuple[Person, ...]:
    """Who opts out: those who are named, or all; the model itself, if it is not known whose it is."""
    known = {person.handle: person for person in people}
    if not known and not named:
        return (Person(handle=repo_id.lower()),)
    if known and (strangers := sorted(set(named) - known.keys())):
        raise InvalidInputError(
            f"{repo_id} imitates {', '.join(sorted(known))}, not {', '.join(strangers)}.",
            "Give --handle one of its accounts, or leave it out if all of them opt out.",
        )
    return tuple(known.get(name, Person(handle=name)) for name in sorted(named or known))


def _forget(what_is_done: str, kept: Dataset) -> None:
    """Delete from a dataset, and from its history, the pages of those who have opted out.

    Args:
        what_is_done: The beginning of the message where that fails.
    """
    try:
        kept.push()
    except HubError as error:
        raise HubError(
            f"{what_is_done}, but {settings.store()} still has what was read for it: {error.message}",
            "The next run with this store deletes it; or delete it there by hand, and squash the history.",
        ) from error
