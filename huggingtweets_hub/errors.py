"""Everything that can go wrong, as one tree.

Every error says what happened, names the value, and gives the next step. The command line prints
`message` and `next_step` and exits with 1; `kind` is the stable name that `--json` prints.
"""

import re

__all__ = [
    "AccountNotFoundError",
    "AccountProtectedError",
    "AccountSuspendedError",
    "BaseModelError",
    "CostLimitError",
    "EditedByHandError",
    "EmptyTimelineError",
    "HubError",
    "HuggingTweetsError",
    "InvalidFactsError",
    "InvalidInputError",
    "MissingXTokenError",
    "NoWriteAccessError",
    "NoXCreditsError",
    "NotLoggedInError",
    "NotOursError",
    "OptedOutError",
    "RateLimitedError",
    "ReadBackError",
    "RejectedXTokenError",
    "SourceError",
    "TemplateError",
    "TooLittleTextError",
    "TrackingError",
    "TrainingError",
    "UnreadableFileError",
    "WrongAccountError",
    "XUnavailableError",
]


class HuggingTweetsError(Exception):
    """The root of all errors that this package raises on purpose.

    Args:
        message: What happened, with the value that caused it.
        next_step: What the user can do now: an instruction, or a command as it is typed.
    """

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


class RejectedXTokenError(SourceError):
    """X does not accept the token, or the token may not read timelines."""


class NoXCreditsError(SourceError):
    """The X account has no credits left."""


class CostLimitError(SourceError):
    """Fetching would cost more than allowed."""


class RateLimitedError(SourceError):
    """X asks to wait for longer than a run should."""


class XUnavailableError(SourceError):
    """X does not answer, or not in a way that can be read."""


# --- from tweets to a model -----------------------------------------------------------------------


class TooLittleTextError(HuggingTweetsError):
    """What is left after cleaning is too little to train on."""


class BaseModelError(HuggingTweetsError):
    """The base model cannot be found, loaded or used."""


class TrainingError(HuggingTweetsError):
    """Training failed, or gave a model that does not do what the card promises."""


class TrackingError(HuggingTweetsError):
    """The experiment tracker cannot be used as asked."""


# --- the card and its publication -----------------------------------------------------------------


class InvalidFactsError(HuggingTweetsError, ValueError):
    """Facts of a card that are incomplete or contradict each other."""


class TemplateError(HuggingTweetsError):
    """The card's template is missing or does not render."""


class HubError(HuggingTweetsError):
    """The Hugging Face Hub refuses, or does not answer."""


class NotLoggedInError(HubError):
    """No Hub token, or one that the Hub does not know."""


class NoWriteAccessError(HubError):
    """The token cannot write to the namespace."""


class NotOursError(HubError):
    """The repository was not made by this toolkit."""


class EditedByHandError(HubError):
    """The published files were changed by someone since the last publication."""


class ReadBackError(HubError):
    """What the Hub holds after the push is not what was sent."""


class OptedOutError(HuggingTweetsError):
    """The model was taken down and is not to be published again."""
