"""Everything that can go wrong, as one tree of exceptions.

Every error says what happened, names the value, and gives the next step. The command line prints
`message` and `next_step` and exits with 1; `kind` is the stable name that `--json` prints.
"""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

from huggingtweets_hub.core.text import visible

_MOST_FINDINGS = 50
Remedy = Literal["permanent", "retry", "person"]


class HuggingTweetsError(Exception):
    """The root of all errors that this package raises on purpose.

    Args:
        message: What happened, with the value that caused it.
        next_step: What the user can do now: an instruction, or a command as it is typed.

    Attributes:
        remedy: What a batch does with an account that ran into this error. `permanent`: trying again would
            not help. `retry`: it may work later. `person`: someone has to do something first, then it can
            be tried again.
    """

    remedy: ClassVar[Remedy] = "permanent"

    def __init__(self, message: str, next_step: str = "") -> None:
        # Both may quote what a server said, and end in a terminal, a report and a ledger.
        self.message, self.next_step = visible(message), visible(next_step)
        super().__init__(self.message, self.next_step)

    @classmethod
    def of_findings(cls, about: str, findings: Sequence[tuple[str, str]], next_step: str) -> Self:
        """All that is wrong with a file, each with its place; from the fiftieth on it is only counted."""
        number = len(findings)
        lines = [f"{about} has {number:,} finding{'s' if number > 1 else ''}:"]
        lines += [f"  {place}: {what}" for place, what in findings[:_MOST_FINDINGS]]
        if number > _MOST_FINDINGS:
            lines.append(f"  … and {number - _MOST_FINDINGS:,} more")
        return cls("\n".join(lines), next_step)

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".rstrip()

    @property
    def kind(self) -> str:
        """The error's stable name in snake case, such as `account_not_found`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__.removesuffix("Error")).lower()


class InvalidInputError(HuggingTweetsError, ValueError):
    """An option, handle or setting that is not valid."""


# --- where posts come from ------------------------------------------------------------------------


class SourceError(HuggingTweetsError):
    """The posts could not be read."""


class UnreadableFileError(SourceError):
    """The file is missing, damaged, or of an unknown kind."""


class WrongAccountError(SourceError):
    """The posts are those of a different account than the one asked for, or the one that was published."""


class EmptyTimelineError(SourceError):
    """The account, or the selection from it, has no posts."""


class AccountNotFoundError(SourceError):
    """There is no such account."""


class AccountSuspendedError(SourceError):
    """The account exists, but its network has suspended it."""


class AccountProtectedError(SourceError):
    """Only the account's followers can see its posts."""


class AccountInactiveError(SourceError):
    """The account was deactivated, has moved elsewhere, or its owner has died."""


ACCOUNT_GONE = (
    AccountNotFoundError,
    AccountSuspendedError,
    AccountProtectedError,
    AccountInactiveError,
)
"""The account has left, or does not want to be read: what is published of it needs a person's answer."""


class MissingXTokenError(SourceError):
    """No X API token is set."""

    remedy = "person"


class RejectedXTokenError(SourceError):
    """X does not accept the token, or does not let it read timelines."""

    remedy = "person"


class PagesMissingError(SourceError):
    """The posts that were bought for an account are missing, so all of them would be bought again."""

    remedy = "person"


class NoXCreditsError(SourceError):
    """The X account has no credits left."""

    remedy = "person"


class CostLimitError(SourceError):
    """Going on would cost more than the limit allows."""

    remedy = "person"


class RateLimitedError(SourceError):
    """The server asks us to wait for longer than a run should."""

    remedy = "retry"


class XUnavailableError(SourceError):
    """X does not answer, or its answer cannot be read."""

    remedy = "retry"


class ServerRefusedError(SourceError):
    """The server of an account refuses a request for a reason that does not pass by itself.

    Attributes:
        status: The HTTP status; 0 if it is not known.
        code: The server's own word for the reason, such as `RepoNotFound`; empty if it gives none.
        location: Where it says that the answer is to be found; empty if it does not.
    """

    status: int = 0
    code: str = ""
    location: str = ""


class ServerUnavailableError(SourceError):
    """The server of an account does not answer, or its answer cannot be read."""

    remedy = "retry"


class BlockedError(SourceError):
    """A web page came in the place of data: something in front of the server keeps programs out.

    Attributes:
        status: The HTTP status; 0 if it is not known.
    """

    remedy = "person"
    status: int = 0


class UnsafeAddressError(SourceError):
    """The address that an account names must not be asked: it is not https, or not on the public internet."""


# --- from posts to a model ------------------------------------------------------------------------


class TooLittleTextError(HuggingTweetsError):
    """After cleaning, too little text is left to train on."""


class BaseModelError(HuggingTweetsError):
    """The base model cannot be found, loaded or used."""

    remedy = "person"


class TrainingError(HuggingTweetsError):
    """Training failed."""

    remedy = "retry"


class TrackingError(HuggingTweetsError):
    """The experiment tracker cannot be used as requested."""

    remedy = "person"


# --- the card and its publication -----------------------------------------------------------------


class InvalidFactsError(HuggingTweetsError, ValueError):
    """The facts for a card are incomplete or contradict each other."""


class TemplateError(HuggingTweetsError):
    """The card's template is missing or cannot be rendered."""


class HubError(HuggingTweetsError):
    """The Hugging Face Hub refuses a request, or does not answer."""

    remedy: ClassVar[Remedy] = "retry"


class HubRefusedError(HubError):
    """The Hub refuses for a reason that does not pass by itself, or holds what is not safe to use."""

    remedy = "person"


class HubUnavailableError(HubError):
    """The Hub does not answer, or not as it should; trying again may help.

    Attributes:
        wait: Seconds that the Hub asks us to wait; None if it does not say.
    """

    wait: float | None = None


class MovedError(HubError):
    """Someone else has committed to the repository since it was read; nothing was written."""


class NotLoggedInError(HubError):
    """No Hub token is set, or the Hub refuses the one that is set."""

    remedy = "person"


class NoWriteAccessError(HubError):
    """The token cannot write to the namespace."""

    remedy = "person"


class NotOursError(HubError):
    """The repository was not made by this toolkit."""

    remedy = "person"


class EditedByHandError(HubError):
    """The published files were changed by someone since the last publication."""

    remedy = "person"


class ReadBackError(HubError):
    """What the Hub holds after the push is different from what was sent."""

    remedy = "retry"


class TakenDownError(HubError):
    """The model was published before and is gone from the Hub."""

    remedy = "person"


class QuotaExceededError(HubError):
    """The Hub has no more room or no more calls for this account: it holds for all that is left to do."""

    remedy = "person"


class GatedError(HubError):
    """The repository can be read only by those who have accepted its terms."""

    remedy = "person"


class SecretFoundError(HuggingTweetsError):
    """Something that was to be sent holds the value of a token."""

    remedy = "person"


class OptedOutError(HuggingTweetsError):
    """The model was taken down and must not be published again."""

    remedy = "person"


# --- rented machines ------------------------------------------------------------------------------


class NoCreditsError(HubError):
    """The account has no credits to pay for a machine; no job was started."""

    remedy = "person"


class JobsRefusedError(HubError):
    """The token may not start or manage jobs in the namespace."""

    remedy = "person"


class PublicBucketError(HubError):
    """The bucket that posts would be handed over in can be read by everybody."""

    remedy = "person"


class JobNotFoundError(HubError):
    """There is no such job, or it belongs to an account that the token cannot see."""

    remedy = "person"


class JobRunningError(HubError):
    """A job publishes something else to the same repository."""

    remedy = "person"


class JobFailedError(HubError):
    """The job ended without doing its work: it failed, or was evicted."""


class JobTimedOutError(JobFailedError):
    """The job was stopped at its time limit."""

    remedy = "person"


class JobOutOfMemoryError(JobFailedError):
    """The machine had too little memory for the job."""

    remedy = "person"


class JobCanceledError(JobFailedError):
    """Somebody cancelled or deleted the job."""

    remedy = "person"


class JobWithoutResultError(JobFailedError):
    """The job says that all went well, but the Hub does not hold what it was meant to publish."""

    remedy = "person"  # a further job would be paid for, and most likely do the same


class NoMachineError(JobFailedError):
    """The job waited too long for a machine, and was cancelled before it cost anything."""


# --- this machine ---------------------------------------------------------------------------------


class UnwritableError(HuggingTweetsError):
    """A disk is full or read-only, or this user has no access to it."""

    remedy = "person"


class PackageError(HuggingTweetsError):
    """What the page for browsers stands on could not be fetched as it is pinned."""

    remedy = "retry"


# --- many accounts --------------------------------------------------------------------------------


class WorkerDiedError(HuggingTweetsError):
    """The process that trained a model ended without a result."""

    remedy = "retry"


class UnexpectedError(HuggingTweetsError):
    """An error that this package did not expect; of several accounts, the others go on."""

    remedy = "retry"

    @classmethod
    def of(cls, error: BaseException) -> "UnexpectedError":
        """Describes any exception by its first line."""
        said = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        return cls(
            f"There was an unexpected error: {said}",
            "Try again. If it happens again, set HF_DEBUG=1 and put the traceback in a bug report.",
        )


def first_line(error: BaseException) -> str:
    """The first line of an exception's message, or its name if it has no message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


KINDS: Mapping[str, type[HuggingTweetsError]] = {
    found("").kind: found
    for found in list(globals().values())
    if isinstance(found, type) and issubclass(found, HuggingTweetsError)
}
"""The errors by their kinds."""
