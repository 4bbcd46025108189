"""What a visitor of the app sees of a job."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from huggingtweets_hub.app.bases import BaseChoice
from huggingtweets_hub.core.records import CurvePoint
from huggingtweets_hub.core.serialization import from_json

State = Literal["reading", "read", "training", "trained", "publishing", "published", "failed", "cancelled"]
_SOURCES = {
    "x_archive": "an X archive",
    "bluesky_repo": "a Bluesky repository",
    "bluesky": "a public Bluesky account",
    "fediverse_archive": "a Mastodon archive",
    "mastodon": "a public Fediverse account",
    "sample": "the fictional account that comes with the package",
    "threads_export": "a Threads export",
    "instagram_export": "an Instagram export",
    "reddit_export": "a Reddit export",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong, and what to do next."""

    message: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A job as its owner sees it.

    Attributes:
        recognised: What the posts were taken for, in words.
        counts: How many posts were `downloaded`, and of these `reposts`, `short` and `kept`.
        wishes: What the account says of how it may be used, by the keys of `core.wishes`.
        first_day, last_day: Of the posts, as YYYY-MM-DD; None where they have no dates.
        bases: The base models to choose from, with what they cost here.
        consent, base_model: What was chosen last.
        share, seconds_left: Of what is under way, in all its stages; None as long as nobody knows.
        stage: What is under way, or waited for, in words.
        points: The curve of the training.
        perplexity_before, perplexity_after: On posts that were held out.
        samples: What the bot wrote without being asked.
        card: The page of the card, as HTML.
        picture: The card's preview picture, as PNG.
        error: Why the last thing that was asked for was not done.
        url: Where it was published.
    """

    state: State
    handle: str = ""
    recognised: str = ""
    counts: dict[str, int] | None = None
    warnings: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    first_day: str | None = None
    last_day: str | None = None
    bases: tuple[BaseChoice, ...] = ()
    consent: str | None = None
    base_model: str | None = None
    share: float | None = None
    seconds_left: float | None = None
    stage: str = ""
    points: tuple[CurvePoint, ...] = ()
    perplexity_before: float | None = None
    perplexity_after: float | None = None
    samples: tuple[str, ...] = ()
    card: str | None = None
    picture: bytes | None = None
    error: Failure | None = None
    url: str | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether something is being done, or waits for its turn."""
        return self.state in ("reading", "training", "publishing")


def read(found: dict[str, Any]) -> dict[str, Any]:
    """What is known once the posts are read, from a worker's answer."""
    first, last = found["days"] or (None, None)
    return {
        "state": "read",
        "is_file": found["is_file"],
        "handle": found["handle"],
        "recognised": _SOURCES.get(found["source"], "a table or list of posts"),
        "counts": found["counts"],
        "warnings": tuple(found["warnings"]),
        "wishes": tuple(found["wishes"]),
        "first_day": first,
        "last_day": last,
        "bases": tuple(from_json(BaseChoice, base) for base in found["bases"]),
    }


def trained(found: dict[str, Any]) -> dict[str, Any]:
    """What is known of a bot, from a worker's answer."""
    before, after = found["perplexity"]
    return {
        "state": "trained",
        "points": tuple(from_json(CurvePoint, point) for point in found["curve"]),
        "perplexity_before": before,
        "perplexity_after": after,
        "samples": tuple(found["samples"]),
        "card": Path(found["card"]).read_text("utf-8"),
        "picture": Path(found["picture"]).read_bytes() if found["picture"] else None,
        "url": None,
    }


def published(found: dict[str, Any]) -> dict[str, Any]:
    """What is known of a publication, from a worker's answer."""
    card = {"card": Path(found["card"]).read_text("utf-8")} if found["card"] else {}
    return {"state": "published", "url": found["url"], **card}
