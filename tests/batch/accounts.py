"""Accounts for batches: files and X accounts with tweets of their own, made of the sample's."""

import functools
import json
from pathlib import Path
from typing import Any

from huggingtweets_hub import Silent, fetch_timeline
from tests.servers.x_api import XServer


def texts(number: int, count: int) -> list[str]:
    """`count` tweets of the account with this number; no two accounts have one in common."""
    sample = _sample()
    return [f"{sample[(7 * n + 31 * number) % len(sample)]} ({number} {n})" for n in range(count)]


@functools.cache
def _sample() -> tuple[str, ...]:
    return tuple(tweet.text for tweet in fetch_timeline(source="sample", progress=Silent()).tweets)


def rows(number: int, count: int) -> list[dict[str, Any]]:
    """The same as v2 tweets, newest first."""
    return [
        {"id": str(10_000_000 * (number + 1) - n), "text": text, "created_at": "2024-03-01T12:00:00.000Z"}
        for n, text in enumerate(texts(number, count))
    ]


def write(folder: Path, handle: str, number: int, count: int = 60) -> Path:
    """A file of an account's tweets."""
    lines = [json.dumps({**row, "author": {"username": handle}}) for row in rows(number, count)]
    path = folder / f"{handle}.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def add(x: XServer, handle: str, number: int, count: int = 120) -> None:
    """An account on X, of two pages."""
    x.add_account(described(handle, number, count), rows(number, count))


def described(handle: str, number: int, count: int = 120) -> dict[str, Any]:
    """The account with this number as X describes it."""
    metrics = {"followers_count": 1, "following_count": 1, "tweet_count": count, "listed_count": 0}
    return {"id": str(500 + number), "username": handle, "name": handle.title(), "public_metrics": metrics}
