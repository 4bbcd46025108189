"""Everything that can go wrong, as one tree.

Every error says what happened, names the value, and gives the next step. The command line prints
`message` and `next_step` and exits with 1; `kind` is the stable name that `--json` prints.
"""

import re
from typing import ClassVar, Literal

__all__ = [
    "AccountNotFoundError",
    "AccountProtectedError",
    "AccountSuspendedError",
    "BaseModelError",
    "CostLimitError",
    "EditedByHandError",
    "EmptyTimelineError",
    "HubError",
    "HubUnavailableError",
    "HuggingTweetsError",
    "InvalidFactsError",
    "InvalidInputError",
    "MissingXTokenError",
    "MovedError",
    "NoWriteAccessError",
    "NoXCreditsError",
    "NotLoggedInError",
    "NotOursError",
    "OptedOutError",
    "PagesMissingError",
    "RateLimitedError",
    "ReadBackError",
    "RejectedXTokenError",
    "SourceError",
    "TemplateError",
    "TooLittleTextError",
    "TrackingError",
    "TrainingError",
    "UnexpectedError",
    "UnreadableFileError",
    "UnwritableError",
    "WorkerDiedError",
    "WrongAccountError",
    "XUnavailableError",
]


Remedy = Literal["permanent", "retry", "person"]


class HuggingTweetsError(Exception):
    """The root of all errors that this package raises on purpose.

    Args:
        message: What happened, with the value that caused it.
        next_step: What the user can do now: an instruction, or a command as it is typed.

    Attributes:
        remedy: What becomes of an account of a batch with this error. `permanent`: nothing changes when it
            is tried again. `retry`: it may pass by itself. `person`: somebody has to do something first,
            and then it can be tried again.
    """

    remedy: ClassVar[Remedy] = "permanent"

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message, next_step)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".rstrip()

    @property
    def kind(self) -> str:
        """The error's stable name in snake case, such as `account_not_found`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__.removesuffix("Error")).lower()


class InvalidInputError(HuggingTweetsError, ValueError):
    """An option, handle or setting that cannot be used as it stands."""


# --- where tweets come from -----------------------------------------------------------------------


class SourceError(HuggingTweetsError):
    """The tweets could not be had."""


class UnreadableFileError(SourceError):
    """The file is missing, damaged, or of a kind that is not known."""


class WrongAccountError(SourceError):
    """The file holds another account's tweets than the one asked for."""


class EmptyTimelineError(SourceError):
    """The account, or what was selected of it, holds no tweets."""


class AccountNotFoundError(SourceError):
    """No such account."""


class AccountSuspendedError(SourceError):
    """The account exists but X has suspended it."""


class AccountProtectedError(SourceError):
    """The account's tweets are only for its followers."""


class MissingXTokenError(SourceError):
    """No X API token is set."""

    remedy: ClassVar[Remedy] = "person"


class RejectedXTokenError(SourceError):
    """X does not accept the token, or the token may not read timelines."""

    remedy: ClassVar[Remedy] = "person"


class PagesMissingError(SourceError):
    """What was bought of an account is not here, so that all of it would be bought again."""

    remedy: ClassVar[Remedy] = "person"


class NoXCreditsError(SourceError):
    """The X account has no credits left."""

    remedy: ClassVar[Remedy] = "person"


class CostLimitError(SourceError):
    """Fetching would cost more than allowed."""

    remedy: ClassVar[Remedy] = "person"


class RateLimitedError(SourceError):
    """X asks to wait for longer than a run should."""

    remedy: ClassVar[Remedy] = "retry"


class XUnavailableError(SourceError):
    """X does not answer, or not in a way that can be read."""

    remedy: ClassVar[Remedy] = "retry"


# --- from tweets to a model -----------------------------------------------------------------------


class TooLittleTextError(HuggingTweetsError):
    """What is left after cleaning is too little to train on."""


class BaseModelError(HuggingTweetsError):
    """The base model cannot be found, loaded or used."""

    remedy: ClassVar[Remedy] = "person"


class TrainingError(HuggingTweetsError):
    """Training failed, or gave a model that does not do what the card promises."""

    remedy: ClassVar[Remedy] = "retry"


class TrackingError(HuggingTweetsError):
    """The experiment tracker cannot be used as asked."""

    remedy: ClassVar[Remedy] = "person"


# --- the card and its publication -----------------------------------------------------------------


class InvalidFactsError(HuggingTweetsError, ValueError):
    """Facts of a card that are incomplete or contradict each other."""


class TemplateError(HuggingTweetsError):
    """The card's template is missing or does not render."""


class HubError(HuggingTweetsError):
    """The Hugging Face Hub refuses, or does not answer."""

    remedy: ClassVar[Remedy] = "retry"


class HubUnavailableError(HubError):
    """The Hub does not answer, or not as it should; it may when it is asked again.

    Attributes:
        wait: Seconds that the Hub asks to wait; None where it names none.
    """

    wait: float | None = None


class MovedError(HubError):
    """Somebody else has committed to the repository since it was read; nothing was written."""


class NotLoggedInError(HubError):
    """No Hub token, or one that the Hub does not know."""

    remedy: ClassVar[Remedy] = "person"


class NoWriteAccessError(HubError):
    """The token cannot write to the namespace."""

    remedy: ClassVar[Remedy] = "person"


class NotOursError(HubError):
    """The repository was not made by this toolkit."""

    remedy: ClassVar[Remedy] = "person"


class EditedByHandError(HubError):
    """The published files were changed by someone since the last publication."""

    remedy: ClassVar[Remedy] = "person"


class ReadBackError(HubError):
    """What the Hub holds after the push is not what was sent."""

    remedy: ClassVar[Remedy] = "retry"


class OptedOutError(HuggingTweetsError):
    """The model was taken down and is not to be published again."""


class UnwritableError(HuggingTweetsError):
    """A disk is full, or read-only, or closed to this user."""

    remedy: ClassVar[Remedy] = "person"


# --- many accounts --------------------------------------------------------------------------------


class WorkerDiedError(HuggingTweetsError):
    """The process that trained a model has ended without an answer."""

    remedy: ClassVar[Remedy] = "retry"


class UnexpectedError(HuggingTweetsError):
    """Something that this package did not foresee, met while others were to go on."""

    remedy: ClassVar[Remedy] = "retry"

    @classmethod
    def of(cls, error: BaseException) -> "UnexpectedError":
        """What happened, by the first line of an error of any kind."""
        said = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        return cls(
            f"It ended in a way that was not foreseen: {said}",
            "It can be tried again. HF_DEBUG=1 shows the traceback, which belongs in a bug report.",
        )


def first_line(error: BaseException) -> str:
    """What an exception says, in one line; its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
