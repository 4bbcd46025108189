"""Turn an account's tweets into a published text-generation model.

```python
from huggingtweets_hub import publish

publication = publish(source="archive.zip", namespace="@me")
print(publication.url)
```
"""

import importlib
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core import errors, records

if TYPE_CHECKING:
    from huggingtweets_hub.batch.run import publish_batch
    from huggingtweets_hub.card import parse as parse_card
    from huggingtweets_hub.card import render as render_card
    from huggingtweets_hub.core.errors import *  # noqa: F403
    from huggingtweets_hub.core.progress import Progress, Silent, Terminal
    from huggingtweets_hub.core.records import *  # noqa: F403
    from huggingtweets_hub.model.generation import generate
    from huggingtweets_hub.model.tracking.tracker import Run, Tracker
    from huggingtweets_hub.pipeline.publish import fetch_timeline, publish
    from huggingtweets_hub.pipeline.unpublish import unpublish
    from huggingtweets_hub.posts.source import TimelineSource

_PLACES = {
    "Progress": "core.progress",
    "Run": "model.tracking.tracker",
    "Silent": "core.progress",
    "Terminal": "core.progress",
    "TimelineSource": "posts.source",
    "Tracker": "model.tracking.tracker",
    "fetch_timeline": "pipeline.publish",
    "generate": "model.generation",
    "parse_card": "card",
    "publish": "pipeline.publish",
    "publish_batch": "batch",
    "render_card": "card",
    "unpublish": "pipeline.unpublish",
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
