"""Posts of Weibo, which go on with those that they repeat: `own words//@bob:bob's words`."""

import re
from collections.abc import Mapping
from typing import Any

_REASON = "转发理由:"  # how a crawler marks the own words
_OTHERS = re.compile(
    r"(?<!:)//\s{0,3}(?:<a\b[^<>]{0,300}>)?@[^\s@:：/<>]{1,30}(?:</a>)?\s{0,3}[:：]|\n原始用户[:：]"
)
_CHINESE = re.compile("[\u3400-\u9fff]")
_NO_WORDS = {"", "转发微博", "轉發微博", "转发", "repost"}
_REPEATED = ("retweeted_status", "retweet")
_KEYS = ("mblogid", "mid", "bid")


def may_be(text: str, network: str) -> bool:
    """Whether a text may be Weibo's by its network or in Chinese; others speak of `//@todo:`."""
    return network == "other" or _CHINESE.search(text) is not None


def own_words(text: str) -> str | None:
    """What a post says before the words of others; None if there is nothing but these."""
    if "//" not in text and "原始用户" not in text:
        return text
    found = _OTHERS.search(text)
    own = text[: found.start()].removeprefix(_REASON).strip() if found else text
    return None if found and own.lower() in _NO_WORDS else own


def as_table(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post that says something of the one that it repeats as a quote; any other record as it is."""
    said = str(record.get("text_raw") or record.get("raw_text") or record.get("text") or "").strip()
    if record.keys().isdisjoint(_KEYS) or said.lower() in _NO_WORDS or own_words(said) is None:
        return record
    if not any(isinstance(record.get(key), Mapping) for key in _REPEATED):
        return record
    return {**{key: value for key, value in record.items() if key not in _REPEATED}, "is_quote": True}
