"""Upgrade the cards of many repositories, one commit each; an interrupted run can be continued."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huggingtweets_hub import card
from huggingtweets_hub.core import accounts, arguments, people
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import (
    EditedByHandError,
    HubError,
    HuggingTweetsError,
    InvalidFactsError,
    InvalidInputError,
    NotOursError,
    NoWriteAccessError,
    OptedOutError,
)
from huggingtweets_hub.core.names import CARD, REPO_ID
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.text import visible
from huggingtweets_hub.core.tokens import redacted, traceback_of
from huggingtweets_hub.hub import access, client, opt_outs, pull_requests, push
from huggingtweets_hub.hub import repo as hub_repo
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.hub.rate_limit import Pace, paced
from huggingtweets_hub.hub.retries import on_new_head
from huggingtweets_hub.upgrade.proposal import chosen, difference, known, proposed, require_nothing_lost
from huggingtweets_hub.upgrade.report import Begun, Outcome, Report

Mode = Literal["show", "push", "create_pr"]
TITLE = "Upgrade the card with huggingtweets_hub"
STAGE = "Upgrading"
_LEFT_ALONE = (EditedByHandError, InvalidFactsError, InvalidInputError, NotOursError, OptedOutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choices:
    mode: Mode
    template: card.Template | str | Path | None
    pictures: bool
    repair: bool
    overwrite: bool
    exclude: frozenset[str]


@arguments.checked
def upgrade(
    repos: str | Sequence[str] = (),
    *,
    author: str | None = None,
    limit: int | None = None,
    mode: Mode = "show",
    template: card.Template | str | Path | None = None,
    pictures: bool = True,
    repair: bool = False,
    overwrite: bool = False,
    exclude: str | Collection[str] = (),
    report: str | Path | None = None,
    pace: Pace | None = None,
    progress: Progress | None = None,
) -> Iterator[Outcome]:
    """Render the cards of published models again, from their own facts.

    Counts, names and links are kept, and what was never measured is said to be unknown. A repository whose
    card is up to date gets no commit. The work is done as the result is iterated over
    (`list(upgrade_cards(…))` does it all); one failure does not stop the others.

    Args:
        repos: Repo ids, or one.
        author: Also all models of this user or organisation that are ours, the first `limit` by name.
        mode: `show` the difference, `push` a commit, or `create_pr`.
        template: `default`, `classic`, or a Jinja file. Without one, the default is used, and cards made
            with another template are skipped.
        pictures: Add the social preview if there is none.
        repair: Also give models of 2021 the sampling settings that current transformers versions read.
        overwrite: Also replace cards that were edited by hand.
        exclude: Repo ids, models' names and handles to skip.
        report: A file that gets a line for each repository as soon as it is done. With the same file,
            finished ones are skipped; skipped and failed ones are tried again.
        pace: How many calls to make; by default what the Hub allows.

    Raises:
        InvalidInputError: Something that is not a repo id, a name to exclude that is not understood, or a
            report that is something else.
        TemplateError: The template does not render.
        NotLoggedInError, NoWriteAccessError: The token cannot do what is asked.
        HubError: The author has no such models.
    """
    progress = progress or Silent()
    arguments.require_object("progress", progress, Progress)
    excluded = frozenset[str]().union(*map(_understood, arguments.several("exclude", exclude)))
    choices = _Choices(
        mode=mode,
        template=template,
        pictures=pictures,
        repair=repair,
        overwrite=overwrite,
        exclude=excluded,
    )
    repos = tuple(map(str, arguments.several("repos", repos)))
    for repo_id in repos:
        if not REPO_ID.fullmatch(repo_id):
            raise InvalidInputError(f"{repo_id!r} is not a repo id.", "Give it as 'namespace/name'.")
    if limit is not None and limit < 1:
        raise InvalidInputError(f"limit cannot be {limit}.", "Give a whole number of 1 or more.")
    if limit is not None and author is None:
        raise InvalidInputError("--limit was given without --author.", "It limits an author's models.")
    card.rehearse(template or "default")
    pace = pace or Pace(progress=progress)
    if author is not None:
        repos = (*repos, *listed(author, limit=limit, pace=pace))
    lines = Report(Path(report) if report is not None else None)
    wanted = [repo for repo in dict.fromkeys(repos) if not _may_be_excluded(repo, excluded)]
    todo = lines.unfinished(wanted)
    with paced(pace):
        _require_access(todo, mode)
    return _each(todo, len(wanted), choices, lines, pace, progress)


def listed(author: str, *, limit: int | None = None, pace: Pace | None = None) -> tuple[str, ...]:
    """The repo ids of the author's models that we made, sorted by name, up to `limit` of them.

    Raises:
        HubError: There are none, or the Hub does not answer.
    """
    with paced(pace or Pace()):
        ours = sorted(filter(REPO_ID.fullmatch, hub_repo.made_in(author)))
    if not ours:
        raise HubError(
            f"{author} has no models on the Hub that were made by huggingtweets and that your token sees.",
            "Check the name of the author, and your token.",
        )
    return tuple(ours[:limit])


def _each(
    todo: Sequence[str], total: int, choices: _Choices, lines: Report, pace: Pace, progress: Progress
) -> Iterator[Outcome]:
    done = total - len(todo)
    with paced(pace):
        for repo_id in todo:
            outcome = _outcome(repo_id, choices, lines)
            lines.add(outcome)
            done += 1
            progress.advance(STAGE, done, total, "cards")
            yield outcome


def _outcome(repo_id: str, choices: _Choices, lines: Report) -> Outcome:
    try:
        return on_new_head(lambda: _upgraded(repo_id, choices, lines))
    except _LEFT_ALONE as error:
        return Outcome(repo=repo_id, state="skipped", why=str(error))
    except HuggingTweetsError as error:
        return Outcome(repo=repo_id, state="failed", why=str(error))
    except Exception as error:  # noqa: BLE001  # the others must still be upgraded
        why = visible(redacted(f"{type(error).__name__}: {error}"))
        return Outcome(repo=repo_id, state="failed", why=why, traceback=traceback_of(error))


def _upgraded(repo_id: str, choices: _Choices, lines: Report) -> Outcome:
    published = hub_repo.read(repo_id)
    if published.head is None:
        raise client.unseen(f"repository {repo_id}")
    begun = lines.begun(repo_id)
    if begun is not None and begun.has_landed(published):
        return begun.landed(published)
    if CARD not in published.files or not published.is_ours:
        raise NotOursError(f"{repo_id} has no card that was made by huggingtweets.", "It was not changed.")
    if not choices.overwrite:
        hub_repo.require_ours(repo_id, published)
    template = chosen(repo_id, published, choices.template)
    facts = known(repo_id, published)
    handles = [account.handle.lower() for account in facts.accounts]
    known_by = [Person(handle=a.handle, id=a.id, texts=facts.kept_sha256) for a in facts.accounts]
    opt_outs.require_absent(known_by, repo_id)
    if choices.exclude & people.names_of(repo_id, handles):
        raise OptedOutError(f"The accounts of {repo_id} are excluded.")
    files = proposed(facts, repo_id, published, template, pictures=choices.pictures, repair=choices.repair)
    if not choices.overwrite:
        require_nothing_lost(repo_id, published, files)
    names = tuple(sorted(files))
    if not files:
        return Outcome(repo=repo_id, state="unchanged", before=published.head, after=published.head)
    if choices.mode == "show":
        changes = difference(repo_id, published, files)
        return Outcome(repo=repo_id, state="differs", before=published.head, files=names, diff=changes)
    is_proposal = choices.mode == "create_pr"
    if is_proposal:
        pull_requests.earlier(repo_id, TITLE, files, alone=True)
    else:
        sha256 = core_files.sha256(files[CARD]) if CARD in files else str(published.card_sha256)
        lines.begin(Begun(repo=repo_id, before=published.head, files=names, card_sha256=sha256))
    commit = push.push(repo_id, files, whole=False, published=published, create_pr=is_proposal, message=TITLE)
    return Outcome(
        repo=repo_id,
        state="upgraded",
        before=published.head,
        after=commit.oid,
        pull_request=commit.url if is_proposal else None,
        files=names,
    )


def _require_access(repos: Sequence[str], mode: Mode) -> None:
    """Make sure that the token allows what was asked for."""
    if mode == "create_pr":
        access.require_login()
    if mode != "push":
        return
    try:
        for repo_id in {repo.split("/")[0]: repo for repo in repos}.values():
            access.require_write_access(repo_id)
    except NoWriteAccessError as error:
        raise NoWriteAccessError(
            error.message,
            "Propose the change with --create-pr, or log in with a token that has write access there "
            "('hf auth login').",
        ) from error


def _may_be_excluded(repo_id: str, excluded: Collection[str]) -> bool:
    """Whether a list means this repository, as far as that can be told by its name."""
    name = repo_id.split("/")[1]
    parts = [entry for entry in excluded if accounts.is_handle(entry) and accounts.may_be_of(name, entry)]
    return bool(parts) or not people.names_of(repo_id, ()).isdisjoint(excluded)


def _understood(entry: str | Path) -> frozenset[str]:
    names = people.named(people.stripped(entry)) if isinstance(entry, str) else frozenset()
    if not names:
        raise InvalidInputError(f"{entry!r:.80} cannot be excluded.", f"Give {people.WANTED}.")
    return names
