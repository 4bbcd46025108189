"""Undo what an upgrade has written, one commit per repository."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from huggingtweets_hub.core import arguments
from huggingtweets_hub.core.errors import EditedByHandError, HubError, HuggingTweetsError, InvalidInputError
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.text import visible
from huggingtweets_hub.core.tokens import redacted, traceback_of
from huggingtweets_hub.hub import files, pull_requests, push, repo
from huggingtweets_hub.hub.rate_limit import Pace, paced
from huggingtweets_hub.hub.retries import on_new_head
from huggingtweets_hub.upgrade.report import Outcome, Report

TITLE = "Put the card back with huggingtweets_hub"
STAGE = "Putting back"


@arguments.checked
def revert(
    report: str | Path,
    *,
    overwrite: bool = False,
    pace: Pace | None = None,
    progress: Progress | None = None,
) -> Iterator[Outcome]:
    """Restore the files of every upgraded repository to their earlier content, byte for byte.

    New files are deleted, and pull requests are closed. Only files that have not changed since the upgrade
    are touched. The work is done as the result is iterated over; each restored repository gets a line in
    the report, and the same call skips it next time.

    Args:
        overwrite: Also restore files that were changed since.

    Raises:
        InvalidInputError: There is no such report.
    """
    progress = progress or Silent()
    arguments.require_object("progress", progress, Progress)
    path = Path(report)
    if not os.path.isfile(path):
        raise InvalidInputError(
            f"There is no report {str(report)!r:.200}.", "Use the file that --report wrote."
        )
    lines = Report(path)
    todo = [outcome for outcome in lines.outcomes if outcome.state == "upgraded"]
    todo += [begun.unknown for begun in lines.unsettled]
    return _each(todo, overwrite, lines, pace or Pace(progress=progress), progress)


def _each(
    todo: list[Outcome], overwrite: bool, lines: Report, pace: Pace, progress: Progress
) -> Iterator[Outcome]:
    with paced(pace):
        for done, upgraded in enumerate(todo, 1):
            outcome = _outcome(upgraded, overwrite)
            progress.advance(STAGE, done, len(todo), "cards")
            if outcome is None:
                continue
            # Otherwise the line that says what to restore must stay the last one.
            if outcome.state == "reverted":
                lines.add(outcome)
            yield outcome


def _outcome(upgraded: Outcome, overwrite: bool) -> Outcome | None:
    """What happened to it; None if there was nothing to restore."""
    plain = Outcome(repo=upgraded.repo, state="failed", pull_request=upgraded.pull_request)
    try:
        return on_new_head(lambda: _reverted(upgraded, overwrite))
    except EditedByHandError as error:
        return replace(plain, state="skipped", why=str(error))
    except HuggingTweetsError as error:
        return replace(plain, why=str(error))
    except Exception as error:  # noqa: BLE001  # the others must still be restored
        why = visible(redacted(f"{type(error).__name__}: {error}"))
        return replace(plain, why=why, traceback=traceback_of(error))


def _reverted(upgraded: Outcome, overwrite: bool) -> Outcome | None:
    if upgraded.begun is not None:  # there was a kill or a failure between the commit and its line
        published = repo.read(upgraded.repo)
        if not upgraded.begun.has_landed(published):
            return None
        upgraded = upgraded.begun.landed(published)
    repo_id, names = upgraded.repo, upgraded.files
    if upgraded.pull_request is not None:
        merged = pull_requests.close(repo_id, upgraded.pull_request)
        if merged is not None:
            raise EditedByHandError(merged, "Restore the card by hand on the Hub.")
        return Outcome(repo=repo_id, state="reverted", pull_request=upgraded.pull_request)
    if upgraded.before is None or upgraded.after is None:
        raise HubError(
            f"The report does not say what {repo_id} was before.", "Restore the card by hand on the Hub."
        )

    now, before = repo.files_at(repo_id), repo.files_at(repo_id, upgraded.before)
    wanted = {name: before.files.get(name) for name in names}
    if all(now.files.get(name) == digest for name, digest in wanted.items()):
        return Outcome(repo=repo_id, state="reverted", before=now.head, after=now.head)
    ours = now if now.head == upgraded.after else repo.files_at(repo_id, upgraded.after)
    changed = [name for name in names if now.files.get(name) != ours.files.get(name)]
    if changed and not overwrite:
        raise EditedByHandError(
            f"{', '.join(changed)} of {repo_id} was changed since the upgrade.",
            "Use --overwrite to restore it anyway.",
        )
    restored = {
        name: files.download_file(repo_id, name, upgraded.before) for name in names if name in before.files
    }
    new = [name for name in names if name not in before.files and name in now.files]
    commit = push.push(repo_id, restored, whole=False, published=now, delete=new, message=TITLE)
    return Outcome(repo=repo_id, state="reverted", before=now.head, after=commit.oid, files=names)
