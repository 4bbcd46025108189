"""What a server's headers say of time: by its own clock, as that of this machine may be wrong."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def until(value: str, headers: Mapping[str, str]) -> float:
    """Seconds from a server's reply until a moment that one of its headers names; 0 if it names none."""
    named = moment(value)
    # One second more, because headers are rounded down.
    return max(0.0, named - now(headers) + 1) if named else 0.0


def now(headers: Mapping[str, str]) -> float:
    """When a server replied, in seconds since 1970; by our own clock if it does not say."""
    return moment(headers.get("date", "")) or time.time()


def moment(value: str) -> float | None:
    """A moment as HTTP or ISO 8601 writes it, in seconds since 1970."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(value)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, TypeError):
            continue
    return None
