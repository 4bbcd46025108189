"""What batches have done on this machine, from the ledger."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path

from huggingtweets_hub.batch import users_file
from huggingtweets_hub.batch.ledger import STATES, Attempt, Ledger, State, without_taken_down
from huggingtweets_hub.core import arguments, errors
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.errors import InvalidInputError, UnwritableError
from huggingtweets_hub.core.spelling import nearest
from huggingtweets_hub.hub import publications
from huggingtweets_hub.pipeline import workspace
from huggingtweets_hub.pipeline.options import Order


@arguments.checked
def batch_status(
    repo_ids: str | Sequence[str] = (),
    *,
    states: State | Collection[State] = (),
    kind: str | None = None,
    users: str | Path | None = None,
) -> tuple[Attempt, ...]:
    """The last attempt of each model that a batch has had, in the order of their repo ids.

    Args:
        repo_ids: Every attempt of these models instead, the first one first.
        users: Only the models of this users file, in its order. One that no batch has begun is `waiting`,
            with the number 0.
        states: Only attempts in these states, such as `failed`.
        kind: Only attempts that failed with this kind of error, such as `no_x_credits`.

    Raises:
        InvalidInputError: A state or kind that does not exist, a model that no batch has had, or a ledger
            or users file that cannot be read.
    """
    wanted = arguments.several("states", states)
    for state in wanted:
        if state not in STATES:
            raise InvalidInputError(f"There is no state {state!r}.", f"Choose from: {', '.join(STATES)}.")
    if kind is not None and kind not in KINDS:
        near = nearest(kind, KINDS)
        meant = f"Did you mean {near!r}? " if near else ""
        raise InvalidInputError(
            f"There is no kind of error {kind!r:.60}.", f"{meant}Choose from: {', '.join(KINDS)}."
        )
    with closing(Ledger()) as ledger:
        if users is not None:
            found = _of_file(Path(users), ledger.latest())
        elif repo_ids:
            models = arguments.several("repo_ids", repo_ids)
            found = [attempt for model in map(str, models) for attempt in _attempts(ledger, model)]
        else:
            found = list(ledger.latest().values())
    down = publications.taken_down()
    last = {attempt.repo_id: attempt for attempt in found}
    shown = (without_taken_down(one, down) if one is last[one.repo_id] else one for one in found)
    return tuple(
        attempt
        for attempt in map(_alive, shown)
        if (not wanted or attempt.state in wanted) and kind in (None, attempt.kind)
    )


KINDS = tuple(sorted(errors.KINDS.keys() - {"hugging_tweets"}))
"""The kinds of errors that an attempt can have ended with."""


def forget(repo_ids: Collection[str]) -> None:
    """Drop all that the ledger holds of these models. What is published, and who opted out, stays.

    Raises:
        InvalidInputError: No batch has had one of them, or it is being worked on; none is dropped.
    """
    with closing(Ledger()) as ledger:
        for repo_id in repo_ids:
            if _alive(_attempts(ledger, repo_id)[-1]).state == "running":
                raise InvalidInputError(
                    f"A batch is working on {repo_id}.", "Wait for it to end, or stop it first."
                )
        ledger.forget(repo_ids)


def _of_file(users: Path, latest: dict[str, Attempt]) -> list[Attempt]:
    """The last attempts of a users file's entries, wherever a command's `--namespace` has sent them."""
    found: dict[str, Attempt] = {}
    by_repo, by_name = defaultdict[str, list[Attempt]](list), defaultdict[str, list[Attempt]](list)
    for attempt in latest.values():
        by_repo[attempt.repo_id.lower()].append(attempt)
        by_name[model_name(attempt.handles)].append(attempt)
    for entry in users_file.read(users, Order(), trusted=True):
        order = entry.order
        repo_id = entry.target
        theirs = list(by_repo.get(repo_id.lower(), ()))
        if order.repo_id is None and order.namespace in (None, "@me"):
            theirs += by_name.get(entry.name, ())
        new = Attempt(repo_id=repo_id, number=0, handles=order.names)
        found |= {attempt.repo_id: attempt for attempt in theirs or [new]}
    return list(found.values())


def _alive(attempt: Attempt) -> Attempt:
    """The attempt; `interrupted`, if it says that it is running but nobody is working on it."""
    if attempt.state != "running":
        return attempt
    with suppress(UnwritableError), workspace.claimed(model_name(attempt.handles), waiting=False) as is_free:
        if is_free:
            return dataclasses.replace(attempt, state="interrupted")
    return attempt


def _attempts(ledger: Ledger, model: str) -> list[Attempt]:
    found = ledger.attempts(model)
    if not found:
        raise InvalidInputError(
            f"No batch on this machine has included {model!r}.", "Give a repo id as 'status --all' shows it."
        )
    return found
