"""Turn an account's tweets into a published text-generation model.

```python
from huggingtweets_hub import publish

publication = publish(source="archive.zip", namespace="@me")
print(publication.url)
```
"""

import importlib
from typing import TYPE_CHECKING, Any

from huggingtweets_hub import errors, records

if TYPE_CHECKING:
    from huggingtweets_hub.batch import publish_batch
    from huggingtweets_hub.card import parse as parse_card
    from huggingtweets_hub.card import render as render_card
    from huggingtweets_hub.errors import *  # noqa: F403
    from huggingtweets_hub.generation import generate
    from huggingtweets_hub.pipeline import fetch_timeline, publish
    from huggingtweets_hub.progress import Progress, Silent, Terminal
    from huggingtweets_hub.records import *  # noqa: F403
    from huggingtweets_hub.sources import TimelineSource
    from huggingtweets_hub.tracking import Run, Tracker
    from huggingtweets_hub.unpublishing import unpublish

_PLACES = {
    "Progress": "progress",
    "Run": "tracking",
    "Silent": "progress",
    "Terminal": "progress",
    "TimelineSource": "sources",
    "Tracker": "tracking",
    "fetch_timeline": "pipeline",
    "generate": "generation",
    "parse_card": "card",
    "publish": "pipeline",
    "publish_batch": "batch",
    "render_card": "card",
    "unpublish": "unpublishing",
}
_INSIDE = {"parse_card": "parse", "render_card": "render"}

__all__ = [*errors.__all__, *records.__all__, *_PLACES]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that the import itself costs little."""
    for module in (errors, records):
        if name in module.__all__:
            return getattr(module, name)
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_PLACES[name]}")
    return getattr(module, _INSIDE.get(name, name))
