"""The records that flow from stage to stage, with their invariants.

All are frozen: a stage takes plain arguments and returns one of these. `serialization` converts them
to JSON and back.
"""

from huggingtweets_hub.core.records.forms import FormFile, LeftOut
from huggingtweets_hub.core.records.models import (
    BaseModel,
    CurvePoint,
    Evaluation,
    Recipe,
    RunLink,
    Samples,
    Score,
    Stages,
    TextMeasures,
    Tracked,
    TrainedModel,
    Training,
)
from huggingtweets_hub.core.records.posts import Account, Corpus, Post, Recognised, Statistics, Timeline
from huggingtweets_hub.core.records.publications import (
    AccountFacts,
    CardFacts,
    Newest,
    Publication,
    SourceFacts,
)

__all__ = [
    "Account",
    "AccountFacts",
    "BaseModel",
    "CardFacts",
    "Corpus",
    "CurvePoint",
    "Evaluation",
    "FormFile",
    "LeftOut",
    "Newest",
    "Post",
    "Publication",
    "Recipe",
    "Recognised",
    "RunLink",
    "Samples",
    "Score",
    "SourceFacts",
    "Stages",
    "Statistics",
    "TextMeasures",
    "Timeline",
    "Tracked",
    "TrainedModel",
    "Training",
]
