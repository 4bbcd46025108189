"""What the page shows of a job: a pure function from what is known to what each part of the page holds."""

from collections.abc import Mapping
from typing import Any

from huggingtweets_hub.app.seen import Seen
from huggingtweets_hub.app.web import curve, pieces, words
from huggingtweets_hub.app.web.words import ON_THIS_COMPUTER, Place
from huggingtweets_hub.core.accounts import mention

Part = Mapping[str, Any]
"""Properties of a component of the page, such as its value."""
Problem = tuple[str, str, str]
"""The part of the page that shows it, what is wrong, and what to do next."""

_MOVES = ("reading", "training", "publishing")
QUICK, SLOW = 1.0, 5.0
"""Seconds between two looks, while something moves and while nothing does."""


def view(
    seen: Seen | None, problem: Problem | None = None, place: Place = ON_THIS_COMPUTER
) -> dict[str, Part]:
    """All parts of the page that change.

    Args:
        seen: The job; None as long as there is none.
        problem: What an action of the visitor ran into.
        place: Where the page runs.
    """
    parts = _nothing() if seen is None else {**_nothing(), **_job(seen, place)}
    if problem is not None:
        where, message, next_step = problem
        parts[where] = {"value": pieces.problem(message, words.advice(next_step, place))}
    return parts


def _nothing() -> dict[str, Part]:
    hidden: Part = {"visible": False}
    empty: Part = {"value": ""}
    return {
        "give": {"visible": True},
        "file": {},
        "reading": empty,
        "posts_problem": empty,
        "found": empty,
        "again": hidden,
        "consent_step": hidden,
        "wishes": empty,
        "consent": {"interactive": True},
        "base_step": hidden,
        "base": {"interactive": True},
        "train_step": hidden,
        "train": {"visible": True, "value": "Train"},
        "cancel": hidden,
        "progress": empty,
        "curve": empty,
        "train_problem": empty,
        "bot_step": hidden,
        "result": empty,
        "picture": empty,
        "samples": empty,
        "card": empty,
        "bot_problem": empty,
        "keep_step": hidden,
        "pack_problem": empty,
        "publish": {"interactive": True},
        "publishing": empty,
        "publish_problem": empty,
        "forget": hidden,
        "timer": {"value": SLOW},
    }


def _job(seen: Seen, place: Place) -> dict[str, Part]:
    has_posts = seen.counts is not None
    has_bot = seen.card is not None
    parts: dict[str, Part] = {
        "again": {"visible": has_posts or seen.state == "reading"},
        "forget": {"visible": True},
        "timer": {"value": QUICK if seen.state in _MOVES else SLOW},
        "give": {"visible": seen.state == "failed" and not has_posts},
    }
    if seen.state == "reading":
        parts["reading"] = {"value": _bar(seen)}
    if has_posts:
        parts |= _posts(seen)
    if has_bot:
        parts |= _bot(seen)
    if seen.error is not None:
        where = "posts_problem"
        if has_posts:
            where = "train_problem" if seen.state == "failed" else "publish_problem"
        next_step = words.advice(seen.error.next_step, place)
        parts[where] = {"value": pieces.problem(seen.error.message, next_step)}
    return parts


def _posts(seen: Seen) -> dict[str, Part]:
    is_busy = seen.state in ("training", "publishing")
    is_training = seen.state == "training"
    counts = seen.counts or {}
    rows = {
        "Account": mention(seen.handle),
        "Recognised as": seen.recognised,
        "Posts": f"{counts['kept']:,} of {counts['downloaded']:,} are used",
        "Left out": words.left_out(counts),
        "Days": words.days(seen.first_day, seen.last_day),
    }
    cautions = "".join(pieces.caution(words.advice(warning)) for warning in seen.warnings)
    said = "".join(map(pieces.caution, words.wishes(seen.wishes, seen.handle)))
    choices = [(words.base(base), base.id) for base in seen.bases]
    parts: dict[str, Part] = {
        "file": {"value": None},  # it is deleted
        "found": {"value": pieces.told(pieces.facts(rows) + cautions)},
        "consent_step": {"visible": True},
        "wishes": {"value": said},
        "consent": {"interactive": not is_busy, **_chosen(seen.consent)},
        "base_step": {"visible": True},
        "base": {"interactive": not is_busy, "choices": choices, **_chosen(seen.base_model)},
        "train_step": {"visible": True},
        "train": {
            "visible": not is_busy,
            "value": _train_label(seen),
            "variant": "primary" if seen.card is None else "secondary",
        },
        "cancel": {"visible": is_training},
        "curve": {"value": curve.drawn(seen.points)},
    }
    if is_training:
        parts["progress"] = {"value": _bar(seen)}
    elif seen.state == "cancelled":
        parts["progress"] = {"value": pieces.status(words.STOPPED)}
    elif seen.card is not None and seen.state != "failed":
        parts["progress"] = {"value": pieces.status("Trained.", is_done=True)}
    return parts


def _bar(seen: Seen) -> str:
    return pieces.bar(words.STAGES.get(seen.stage, seen.stage), seen.share, seen.seconds_left)


def _chosen(key: str | None) -> Part:
    """The choice that the job was given; without one the visitor's own stays."""
    return {} if key is None else {"value": key}


def _train_label(seen: Seen) -> str:
    return "Go on training" if seen.state == "cancelled" else "Train" if seen.card is None else "Train again"


def _bot(seen: Seen) -> dict[str, Part]:
    measured = ""
    if seen.perplexity_before is not None and seen.perplexity_after is not None:
        said = words.perplexity(seen.perplexity_before, seen.perplexity_after)
        measured = f"<p>{said}</p>"
    parts: dict[str, Part] = {
        "bot_step": {"visible": True},
        "result": {"value": measured},
        "samples": {"value": pieces.posts(seen.samples, seen.handle)},
        "picture": {"value": pieces.picture(seen.picture, words.PICTURE) if seen.picture else ""},
        "card": {"value": pieces.card(seen.card or "")},
        "keep_step": {"visible": True},
        "publish": {"interactive": seen.state != "publishing"},
    }
    if seen.state == "publishing":
        parts["publishing"] = {"value": _bar(seen)}
    elif seen.url is not None:
        parts["publishing"] = {"value": pieces.published(seen.url)}
    return parts
