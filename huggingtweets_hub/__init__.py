"""Turn an account's posts into a published text-generation model.

```python
from huggingtweets_hub import publish

publication = publish(source="archive.zip", namespace="@me")
print(publication.url)
```

A name is loaded when it is first used, so that the import itself costs nothing. Type checkers and editors
read the imports below, Python the table after them; a test keeps the two and `__all__` the same.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huggingtweets_hub.app.page.publishing import Page as Page
    from huggingtweets_hub.app.page.publishing import publish_page as publish_page
    from huggingtweets_hub.batch.ledger import Attempt as Attempt
    from huggingtweets_hub.batch.run import Batch as Batch
    from huggingtweets_hub.batch.run import publish_batch as publish_batch
    from huggingtweets_hub.batch.status import batch_status as batch_status
    from huggingtweets_hub.card.metadata_rules import Finding as Finding
    from huggingtweets_hub.card.parsing import parse as parse_card
    from huggingtweets_hub.card.reading import read_facts as read_facts
    from huggingtweets_hub.card.rendering import render as render_card
    from huggingtweets_hub.core.errors import AccountInactiveError as AccountInactiveError
    from huggingtweets_hub.core.errors import AccountNotFoundError as AccountNotFoundError
    from huggingtweets_hub.core.errors import AccountProtectedError as AccountProtectedError
    from huggingtweets_hub.core.errors import AccountSuspendedError as AccountSuspendedError
    from huggingtweets_hub.core.errors import BaseModelError as BaseModelError
    from huggingtweets_hub.core.errors import BlockedError as BlockedError
    from huggingtweets_hub.core.errors import CostLimitError as CostLimitError
    from huggingtweets_hub.core.errors import EditedByHandError as EditedByHandError
    from huggingtweets_hub.core.errors import EmptyTimelineError as EmptyTimelineError
    from huggingtweets_hub.core.errors import GatedError as GatedError
    from huggingtweets_hub.core.errors import HubError as HubError
    from huggingtweets_hub.core.errors import HubRefusedError as HubRefusedError
    from huggingtweets_hub.core.errors import HubUnavailableError as HubUnavailableError
    from huggingtweets_hub.core.errors import HuggingTweetsError as HuggingTweetsError
    from huggingtweets_hub.core.errors import InvalidFactsError as InvalidFactsError
    from huggingtweets_hub.core.errors import InvalidInputError as InvalidInputError
    from huggingtweets_hub.core.errors import JobCanceledError as JobCanceledError
    from huggingtweets_hub.core.errors import JobFailedError as JobFailedError
    from huggingtweets_hub.core.errors import JobNotFoundError as JobNotFoundError
    from huggingtweets_hub.core.errors import JobOutOfMemoryError as JobOutOfMemoryError
    from huggingtweets_hub.core.errors import JobRunningError as JobRunningError
    from huggingtweets_hub.core.errors import JobsRefusedError as JobsRefusedError
    from huggingtweets_hub.core.errors import JobTimedOutError as JobTimedOutError
    from huggingtweets_hub.core.errors import JobWithoutResultError as JobWithoutResultError
    from huggingtweets_hub.core.errors import MissingXTokenError as MissingXTokenError
    from huggingtweets_hub.core.errors import MovedError as MovedError
    from huggingtweets_hub.core.errors import NoCreditsError as NoCreditsError
    from huggingtweets_hub.core.errors import NoMachineError as NoMachineError
    from huggingtweets_hub.core.errors import NotLoggedInError as NotLoggedInError
    from huggingtweets_hub.core.errors import NotOursError as NotOursError
    from huggingtweets_hub.core.errors import NoWriteAccessError as NoWriteAccessError
    from huggingtweets_hub.core.errors import NoXCreditsError as NoXCreditsError
    from huggingtweets_hub.core.errors import OptedOutError as OptedOutError
    from huggingtweets_hub.core.errors import PackageError as PackageError
    from huggingtweets_hub.core.errors import PagesMissingError as PagesMissingError
    from huggingtweets_hub.core.errors import PublicBucketError as PublicBucketError
    from huggingtweets_hub.core.errors import QuotaExceededError as QuotaExceededError
    from huggingtweets_hub.core.errors import RateLimitedError as RateLimitedError
    from huggingtweets_hub.core.errors import ReadBackError as ReadBackError
    from huggingtweets_hub.core.errors import RejectedXTokenError as RejectedXTokenError
    from huggingtweets_hub.core.errors import SecretFoundError as SecretFoundError
    from huggingtweets_hub.core.errors import ServerRefusedError as ServerRefusedError
    from huggingtweets_hub.core.errors import ServerUnavailableError as ServerUnavailableError
    from huggingtweets_hub.core.errors import SourceError as SourceError
    from huggingtweets_hub.core.errors import TakenDownError as TakenDownError
    from huggingtweets_hub.core.errors import TemplateError as TemplateError
    from huggingtweets_hub.core.errors import TooLittleTextError as TooLittleTextError
    from huggingtweets_hub.core.errors import TrackingError as TrackingError
    from huggingtweets_hub.core.errors import TrainingError as TrainingError
    from huggingtweets_hub.core.errors import UnexpectedError as UnexpectedError
    from huggingtweets_hub.core.errors import UnreadableFileError as UnreadableFileError
    from huggingtweets_hub.core.errors import UnsafeAddressError as UnsafeAddressError
    from huggingtweets_hub.core.errors import UnwritableError as UnwritableError
    from huggingtweets_hub.core.errors import WorkerDiedError as WorkerDiedError
    from huggingtweets_hub.core.errors import WrongAccountError as WrongAccountError
    from huggingtweets_hub.core.errors import XUnavailableError as XUnavailableError
    from huggingtweets_hub.core.progress import Progress as Progress
    from huggingtweets_hub.core.progress import Silent as Silent
    from huggingtweets_hub.core.progress import Terminal as Terminal
    from huggingtweets_hub.core.records import Account as Account
    from huggingtweets_hub.core.records import AccountFacts as AccountFacts
    from huggingtweets_hub.core.records import BaseModel as BaseModel
    from huggingtweets_hub.core.records import CardFacts as CardFacts
    from huggingtweets_hub.core.records import Corpus as Corpus
    from huggingtweets_hub.core.records import CurvePoint as CurvePoint
    from huggingtweets_hub.core.records import Evaluation as Evaluation
    from huggingtweets_hub.core.records import FormFile as FormFile
    from huggingtweets_hub.core.records import LeftOut as LeftOut
    from huggingtweets_hub.core.records import Newest as Newest
    from huggingtweets_hub.core.records import Post as Post
    from huggingtweets_hub.core.records import Publication as Publication
    from huggingtweets_hub.core.records import Recipe as Recipe
    from huggingtweets_hub.core.records import Recognised as Recognised
    from huggingtweets_hub.core.records import RunLink as RunLink
    from huggingtweets_hub.core.records import Samples as Samples
    from huggingtweets_hub.core.records import Score as Score
    from huggingtweets_hub.core.records import SourceFacts as SourceFacts
    from huggingtweets_hub.core.records import Stages as Stages
    from huggingtweets_hub.core.records import Statistics as Statistics
    from huggingtweets_hub.core.records import TextMeasures as TextMeasures
    from huggingtweets_hub.core.records import Timeline as Timeline
    from huggingtweets_hub.core.records import Tracked as Tracked
    from huggingtweets_hub.core.records import TrainedModel as TrainedModel
    from huggingtweets_hub.core.records import Training as Training
    from huggingtweets_hub.model.generation import generate as generate
    from huggingtweets_hub.model.tracking.tracker import Run as Run
    from huggingtweets_hub.model.tracking.tracker import Tracker as Tracker
    from huggingtweets_hub.pipeline.cards import check_card as check_card
    from huggingtweets_hub.pipeline.cards import preview_card as preview_card
    from huggingtweets_hub.pipeline.publish import fetch_timeline as fetch_timeline
    from huggingtweets_hub.pipeline.publish import publish as publish
    from huggingtweets_hub.pipeline.unpublish import unpublish as unpublish
    from huggingtweets_hub.posts.source import TimelineSource as TimelineSource
    from huggingtweets_hub.upgrade.cards import upgrade as upgrade_cards
    from huggingtweets_hub.upgrade.report import Outcome as Outcome
    from huggingtweets_hub.upgrade.reverting import revert as revert_cards

    __version__: str

__all__ = [
    "Account", "AccountFacts", "AccountInactiveError", "AccountNotFoundError", "AccountProtectedError",
    "AccountSuspendedError", "Attempt", "BaseModel", "BaseModelError", "Batch", "BlockedError", "CardFacts",
    "Corpus", "CostLimitError", "CurvePoint", "EditedByHandError", "EmptyTimelineError", "Evaluation",
    "Finding", "FormFile", "GatedError", "HubError", "HubRefusedError", "HubUnavailableError",
    "HuggingTweetsError", "InvalidFactsError", "InvalidInputError", "JobCanceledError", "JobFailedError",
    "JobNotFoundError", "JobOutOfMemoryError", "JobRunningError", "JobTimedOutError", "JobWithoutResultError",
    "JobsRefusedError", "LeftOut", "MissingXTokenError", "MovedError", "Newest", "NoCreditsError",
    "NoMachineError", "NoWriteAccessError", "NoXCreditsError", "NotLoggedInError", "NotOursError",
    "OptedOutError", "Outcome", "PackageError", "Page", "PagesMissingError", "Post", "Progress",
    "PublicBucketError", "Publication", "QuotaExceededError", "RateLimitedError", "ReadBackError", "Recipe",
    "Recognised", "RejectedXTokenError", "Run", "RunLink", "Samples", "Score", "SecretFoundError",
    "ServerRefusedError", "ServerUnavailableError", "Silent", "SourceError", "SourceFacts", "Stages",
    "Statistics", "TakenDownError", "TemplateError", "Terminal", "TextMeasures", "Timeline", "TimelineSource",
    "TooLittleTextError", "Tracked", "Tracker", "TrackingError", "TrainedModel", "Training", "TrainingError",
    "UnexpectedError", "UnreadableFileError", "UnsafeAddressError", "UnwritableError", "WorkerDiedError",
    "WrongAccountError", "XUnavailableError", "batch_status", "check_card", "fetch_timeline", "generate",
    "parse_card", "preview_card", "publish", "publish_batch", "publish_page", "read_facts", "render_card",
    "revert_cards", "unpublish", "upgrade_cards",
]  # fmt: skip

_RECORDS = (
    "Account", "AccountFacts", "BaseModel", "CardFacts", "Corpus", "CurvePoint", "Evaluation", "FormFile",
    "LeftOut", "Newest", "Post", "Publication", "Recipe", "Recognised", "RunLink", "Samples", "Score",
    "SourceFacts", "Stages", "Statistics", "TextMeasures", "Timeline", "Tracked", "TrainedModel", "Training",
)  # fmt: skip
# The module of each name, and what it is called there where that is something else.
_PLACES = {
    **{name: "core.errors" for name in __all__ if name.endswith("Error")},
    **dict.fromkeys(_RECORDS, "core.records"),
    "Attempt": "batch.ledger",
    "Batch": "batch.run",
    "Finding": "card.metadata_rules",
    "Outcome": "upgrade.report",
    "Page": "app.page.publishing",
    "Progress": "core.progress",
    "Run": "model.tracking.tracker",
    "Silent": "core.progress",
    "Terminal": "core.progress",
    "TimelineSource": "posts.source",
    "Tracker": "model.tracking.tracker",
    "batch_status": "batch.status",
    "check_card": "pipeline.cards",
    "fetch_timeline": "pipeline.publish",
    "generate": "model.generation",
    "parse_card": "card.parsing:parse",
    "preview_card": "pipeline.cards",
    "publish": "pipeline.publish",
    "publish_batch": "batch.run",
    "publish_page": "app.page.publishing",
    "read_facts": "card.reading",
    "render_card": "card.rendering:render",
    "revert_cards": "upgrade.reverting:revert",
    "unpublish": "pipeline.unpublish",
    "upgrade_cards": "upgrade.cards:upgrade",
}


if not TYPE_CHECKING:  # to a type checker it would say that every name is there, misspelt ones too

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version

            return version(__name__)
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, inside = _PLACES[name].partition(":")
        return getattr(importlib.import_module(f"{__name__}.{module}"), inside or name)


def __dir__() -> list[str]:
    return list(__all__)
