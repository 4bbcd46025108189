"""What batches have done on this machine, from the ledger."""

import dataclasses
from collections.abc import Collection, Sequence
from contextlib import suppress

from huggingtweets_hub.batch.ledger import STATES, Attempt, Ledger, State
from huggingtweets_hub.core.errors import InvalidInputError, UnwritableError
from huggingtweets_hub.core.names import model_name
from huggingtweets_hub.pipeline import workspace


def batch_status(
    repo_ids: str | Sequence[str] = (),
    *,
    states: State | Collection[State] = (),
    kind: str | None = None,
) -> tuple[Attempt, ...]:
    """The last attempt of each model that a batch has had, in the order of their repo ids.

    Args:
        repo_ids: Every attempt of these models instead, the first one first.
        states: Only attempts in these states, such as `failed`.
        kind: Only attempts that failed with this kind of error, such as `no_x_credits`.

    Raises:
        InvalidInputError: A state that does not exist, a model that no batch has had, or a ledger that
            cannot be read.
    """
    wanted: Collection[State] = (states,) if isinstance(states, str) else states
    for state in wanted:
        if state not in STATES:
            raise InvalidInputError(f"There is no state {state!r}.", f"Choose from: {', '.join(STATES)}.")
    ledger = Ledger()
    try:
        if repo_ids:
            models = (repo_ids,) if isinstance(repo_ids, str) else repo_ids
            found = [attempt for model in models for attempt in _attempts(ledger, model)]
        else:
            found = list(ledger.latest().values())
    finally:
        ledger.close()
    return tuple(
        attempt
        for attempt in map(_alive, found)
        if (not wanted or attempt.state in wanted) and kind in (None, attempt.kind)
    )


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
            f"No batch on this machine has had {model!r}.", "Give a repo id as 'status --all' shows it."
        )
    return found
