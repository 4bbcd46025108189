"""Turn an account's tweets into a published text-generation model.

```python
from huggingtweets_hub import publish

publication = publish(source="archive.zip", namespace="@me")
print(publication.url)
```
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huggingtweets_hub.card import render as render_card
    from huggingtweets_hub.errors import HuggingTweetsError
    from huggingtweets_hub.generation import generate
    from huggingtweets_hub.hub import unpublish
    from huggingtweets_hub.pipeline import fetch_timeline, publish
    from huggingtweets_hub.progress import Progress, Silent, Terminal
    from huggingtweets_hub.records import CardFacts, Publication, Timeline, Tweet
    from huggingtweets_hub.sources import TimelineSource
    from huggingtweets_hub.tracking import Tracker

__all__ = [
    "CardFacts",
    "HuggingTweetsError",
    "Progress",
    "Publication",
    "Silent",
    "Terminal",
    "Timeline",
    "TimelineSource",
    "Tracker",
    "Tweet",
    "fetch_timeline",
    "generate",
    "publish",
    "render_card",
    "unpublish",
]

_PLACES = {"render_card": ("card", "render"), "generate": ("generation", "generate")}
_ROOMS = ("errors", "records", "pipeline", "hub", "progress", "sources", "tracking")


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that the import itself costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _PLACES:
        room, inside = _PLACES[name]
        return getattr(importlib.import_module(f"{__name__}.{room}"), inside)
    for room in _ROOMS:
        module = importlib.import_module(f"{__name__}.{room}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
