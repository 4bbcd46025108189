"""How JSON holds several posts: as a table by columns or by rows, by keys, or in lists of any name."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from huggingtweets_hub.posts.tables import bare_rows, names
from huggingtweets_hub.posts.tables.json_shapes import (
    WRAPPERS,
    are_texts,
    first,
    is_cut,
    is_list,
    is_wrapper,
    own_keys,
)
from huggingtweets_hub.posts.tables.layout import Layout
from huggingtweets_hub.posts.tables.meanings import Meaning

LISTS_OF_TEXTS = {"tweets", "posts", "toots", "statuses", "texts", "data"}
"""Keys under which a text by itself is a post."""
_ENOUGH = 100  # items of a list among which there is a post, if it is one of posts
_MADE = re.compile(r"^-|\d|.{16}")  # keys that a program has made


def rows(value: Mapping[str, Any], layout: Layout, name: str) -> Iterable[dict[str, Any]] | None:
    """The rows of a table that is written by columns, or as a list of lists; None if it is not one.

    Args:
        name: The file's, for messages.

    Raises:
        UnreadableFileError: They have several texts and no names for them.
    """
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and is_list(data) and is_list(first(data)):
        whole = (row for row in data if is_list(row) and not is_cut(row))
        return (dict(zip(map(str, columns), row, strict=False)) for row in whole)
    if not is_cut(value) and (by_keys := bare_rows.by_keys(value, name)):
        return by_keys
    said = next((key for key in value if layout.is_text(key) and are_texts(value[key])), None)
    if said is None or is_cut(value):
        return None
    if isinstance(texts := value[said], Mapping):
        columns = {key: column for key, column in value.items() if isinstance(column, Mapping)}
        return ({key: column.get(number) for key, column in columns.items()} for number in texts)
    if any(is_wrapper(key, value) for key in value if key != said):
        return None
    lists = {key: [*column] for key, column in value.items() if is_list(column)}
    columns = {key: column for key, column in lists.items() if len(column) == len(lists[said])}
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def are_posts_by_keys(value: Mapping[str, Any], key: str, layout: Layout) -> bool:
    """Whether an object under this folded key has posts by keys of a program's own, as Firebase's."""
    if key not in LISTS_OF_TEXTS - {"data"} or any(names.senses(names.fold(name)) for name in value):
        return False
    if not all(map(_MADE.search, islice(value, _ENOUGH))):  # or names of those who wrote them
        return False
    return bool(value) and all(_has_text(item, layout) for item in islice(value.values(), _ENOUGH))


def keys_of_lists(value: Mapping[str, Any], layout: Layout) -> list[str]:
    """The keys of an object's lists of objects: of those that hold posts, or else of all."""
    lists = [key for key in own_keys(value) if is_list(value[key]) and isinstance(first(value[key]), Mapping)]
    unread = [key for key in lists if names.fold(key) not in WRAPPERS]
    return [key for key in lists if _holds_posts(value[key], layout)] or unread


def is_list_of_posts(value: Any, layout: Layout) -> bool:
    """Whether it is a list that has posts, or nothing."""
    return is_list(value) and (first(value) is None or _holds_posts(value, layout))


def _holds_posts(items: Iterable[Any], layout: Layout) -> bool:
    return any(_has_text(item, layout) for item in islice(items, _ENOUGH))


def _has_text(item: Any, layout: Layout) -> bool:
    return isinstance(item, Mapping) and Meaning.TEXT in layout.blank().fields(item)
