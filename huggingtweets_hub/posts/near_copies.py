"""Which posts are near-copies of each other, so that they can be kept on one side of a split.

Two posts are near-copies if they differ only in names, numbers, links, case and punctuation, or if at least
half of the triples of words of the longer one stand in the other; or of the shorter one, if these are more
than a set phrase. Where words are written without spaces, characters stand for words.

The triples are compared through an inverted index (which posts hold a triple?), so that only posts that have
one in common are looked at. Posts made by one template have most of their triples in common, and all pairs of
them would be far too many: they are joined along a chain first, and pairs within a group are then left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, count, pairwise
from typing import Any

import regex

from huggingtweets_hub.core import words

_SET_PHRASE = 4
"""Triples that the shorter one must have in common with a much longer one: six words."""
_SET_PHRASE_UNSPACED = 14  # 16 characters
_FREQUENT = 30  # posts with a triple, from which on they are chained before pairs are counted
_MOST_PAIRS = 20_000_000
_PAIRS_AT_ONCE = 1_000_000
_MENTION = regex.compile(r"[@＠]\w+")
_NUMBER = regex.compile(r"\p{N}+(?:[.,:/]\p{N}+)*")
_ASCII_NUMBER = re.compile(r"[0-9]+(?:[.,:/][0-9]+)*")
# In the middle of a sentence, a word with a capital letter; most are names.
_NAME = regex.compile(r"(?<=[\p{L}\p{N},]\s)\p{Lu}[\p{L}\p{M}'’-]*")
_ASCII_NAME = re.compile(r"(?<=[A-Za-z0-9,]\s)[A-Z][A-Za-z'-]*")


def groups(texts: Sequence[str]) -> list[int]:
    """For each text the number of its group: near-copies, and near-copies of these, have the same."""
    joined = _Groups(len(texts))
    # Each word has a number, which takes less memory than a copy of the word in each text.
    known: defaultdict[str, int] = defaultdict(count(1).__next__, {"": 0})
    first: dict[tuple[int, ...], int] = {}
    distinct: dict[int, tuple[int, ...]] = {}
    for number, text in enumerate(texts):
        key, *others = [tuple(map(known.__getitem__, said)) for said in _keys(text)]
        if key in first:
            joined.join(number, first[key])
            continue
        first[key] = number
        distinct[number] = key
        for other in others:
            joined.join(number, first.setdefault(other, number))
    long = {number: key for number, key in distinct.items() if len(key) >= 3 and key[0]}
    if len(long) > 1:
        _join_by_triples(long, [words.is_unspaced(texts[number]) for number in long], joined)
    return [joined.of(number) for number in range(len(texts))]


def _keys(text: str) -> Iterator[tuple[str, ...]]:
    """The text without what near-copies may differ in; and again without names, if enough is left."""
    plain = _MENTION.sub(" ", text) if "@" in text or "＠" in text else text
    number, name = (_ASCII_NUMBER, _ASCII_NAME) if text.isascii() else (_NUMBER, _NAME)
    plain = number.sub(" ", plain)
    units = tuple(words.units(plain))
    yield units or ("", words.normalised(text))
    nameless, names = name.subn(" ", plain)
    if names and 2 * names <= len(units):
        rest = tuple(words.units(nameless))
        if len(rest) > 1:
            yield ("", "", *rest)


class _Groups:
    """Disjoint sets of numbers."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def of(self, number: int) -> int:
        """The number that stands for the group."""
        parents = self._parents
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    def join(self, one: int, other: int) -> None:
        """Make two groups one."""
        one, other = sorted((self.of(one), self.of(other)))
        self._parents[other] = one


def _join_by_triples(keys: dict[int, tuple[int, ...]], unspaced: list[bool], joined: _Groups) -> None:
    """Join the texts that have enough triples in common; `keys` are their words by their numbers."""
    import numpy as np

    numbers = list(keys)
    posts, triples = _triples(list(keys.values()))
    sizes = np.bincount(posts, minlength=len(numbers))
    phrases = np.where(unspaced, _SET_PHRASE_UNSPACED, _SET_PHRASE)

    def near(one: Any, other: Any, common: Any) -> Any:
        small, large = np.minimum(sizes[one], sizes[other]), np.maximum(sizes[one], sizes[other])
        phrase = np.maximum(phrases[one], phrases[other])
        return (2 * common >= large) | ((2 * common >= small) & (common >= phrase))

    _chain(posts, triples, sizes, numbers, near, joined)
    roots = np.array([joined.of(number) for number in numbers])
    for one, other, common in _pairs(posts, triples, roots):
        for i in np.flatnonzero(near(one, other, common)):
            joined.join(numbers[one[i]], numbers[other[i]])


def _triples(keys: Sequence[tuple[int, ...]]) -> tuple[Any, Any]:
    """The different triples of each text as two arrays, ordered by text: of which text, and which triple."""
    import numpy as np

    flat = np.fromiter(chain.from_iterable(keys), np.uint64)
    text = np.repeat(np.arange(len(keys)), [len(key) for key in keys])
    mixed = (flat[:-2] * np.uint64(0x9E3779B97F4A7C15) + flat[1:-1]) * np.uint64(0xC2B2AE3D27D4EB4F) + flat[
        2:
    ]
    whole = text[:-2] == text[2:]
    kinds, triple = np.unique(mixed[whole], return_inverse=True)
    pairs = _different(text[:-2][whole] * len(kinds) + triple)
    return pairs // len(kinds), pairs % len(kinds)


def _different(codes: Any) -> Any:
    """One of each number, in order; to ask for their counts, too, makes numpy sort them, not hash them."""
    import numpy as np

    return np.unique(codes, return_counts=True)[0]


def _chain(posts: Any, triples: Any, sizes: Any, numbers: list[int], near: Any, joined: _Groups) -> None:
    """Join each text with the next one of similar length that has a frequent triple in common with it."""
    import numpy as np

    frequent = np.bincount(triples)[triples] >= _FREQUENT
    order = np.flatnonzero(frequent)[np.lexsort((posts[frequent], sizes[posts[frequent]], triples[frequent]))]
    same = triples[order][1:] == triples[order][:-1]
    pairs = _different((posts[order][:-1] * len(numbers) + posts[order][1:])[same])
    ones, others = pairs // len(numbers), pairs % len(numbers)
    kinds = int(triples.max()) + 1
    held = posts * kinds + triples  # ascending, as both are
    starts = np.searchsorted(posts, np.arange(len(numbers)))
    at_once = max(1, _PAIRS_AT_ONCE // int(sizes.max()))
    for first in range(0, len(pairs), at_once):
        one, other = ones[first : first + at_once], others[first : first + at_once]
        number = sizes[one]
        pair = np.repeat(np.arange(len(one)), number)
        mine = np.repeat(starts[one] - np.cumsum(number) + number, number) + np.arange(number.sum())
        wanted = other[pair] * kinds + triples[mine]
        place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
        common = np.bincount(pair[held[place] == wanted], minlength=len(one))
        for i in np.flatnonzero(near(one, other, common)).tolist():
            joined.join(numbers[one[i]], numbers[other[i]])


def _pairs(posts: Any, triples: Any, roots: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Pairs of texts from different groups, and how many triples they have in common."""
    import numpy as np

    members = np.bincount(roots, minlength=int(roots.max()) + 1)[roots]
    place = np.lexsort((roots, members)).argsort()  # groups side by side, the largest last
    order = np.lexsort((place[posts], triples))
    post, triple, root = posts[order], triples[order], roots[posts[order]]
    ends = np.searchsorted(triple, triple, side="right")  # of all posts with the same triple
    block = np.flatnonzero(np.r_[True, (triple[1:] != triple[:-1]) | (root[1:] != root[:-1])])
    begins = np.r_[block[1:], len(post)][np.searchsorted(block, np.arange(len(post)), side="right") - 1]
    counts = ends - begins  # how many of other groups come behind this one
    if counts.sum() > _MOST_PAIRS:  # the rarest triples, as many as there is time for
        rarest = np.argsort(ends - np.searchsorted(triple, triple), kind="stable")
        counts[rarest[np.cumsum(counts[rarest]) > _MOST_PAIRS]] = 0
    by_post = np.argsort(post, kind="stable")
    by_post = by_post[counts[by_post] > 0]
    # All pairs of a post in one portion, so that what it has in common with another is counted whole.
    firsts = np.flatnonzero(np.diff(post[by_post], prepend=-1))
    portions = (np.cumsum(counts[by_post]) - counts[by_post])[firsts] // _PAIRS_AT_ONCE
    cuts = [*firsts[np.diff(portions, prepend=-1) > 0].tolist(), len(by_post)]
    for start, stop in pairwise(cuts):
        entries = by_post[start:stop]
        number = counts[entries]
        one = np.repeat(post[entries], number)
        offset = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
        other = post[np.repeat(begins[entries], number) + offset]
        codes, common = np.unique(one * len(roots) + other, return_counts=True)
        yield codes // len(roots), codes % len(roots), common
