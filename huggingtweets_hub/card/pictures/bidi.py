"""The direction of each part of a mixed text: Unicode Standard Annex 9."""

import itertools
import unicodedata
from collections.abc import Sequence

__all__ = ["is_rtl", "levels_of"]

_CLOSING = {"(": ")", "[": "]", "{": "}", "（": "）", "「": "」", "『": "』", "【": "】"}


def is_rtl(text: Sequence[str]) -> bool:
    """Whether a paragraph runs from right to left: its first letter decides (rules P2 and P3)."""
    types = map(unicodedata.bidirectional, text)
    return next((kind != "L" for kind in types if kind in ("L", "R", "AL")), False)


def levels_of(text: Sequence[str]) -> list[int]:
    """Embedding levels by the Unicode bidirectional algorithm, without explicit embeddings.

    Those are taken out of the text before, which leaves the rules W, N and I.
    """
    types = [unicodedata.bidirectional(c) for c in text]
    base = is_rtl(text)
    outer = "R" if base else "L"
    kinds = _resolved_brackets(text, _resolved_numbers(types, outer), outer)
    resolved: list[str] = []
    for is_strong, group in itertools.groupby(kinds, lambda kind: kind in ("L", "R", "EN", "AN")):
        found = list(group)
        if not is_strong:
            # Between letters of one direction neutrals go with them; numbers count as right to left.
            before = resolved[-1] if resolved else outer
            after = (kinds[len(resolved) + len(found) :] or [outer])[0]
            agree = (before == "L") == (after == "L")
            found = [("L" if before == "L" else "R") if agree else outer] * len(found)
        resolved += found
    of_kind = {"R": 1, "L": 2 if base else 0}
    return [of_kind.get(kind, 2) for kind in resolved]


def _resolved_numbers(types: Sequence[str], outer: str) -> list[str]:
    """Rules W2 to W7: numbers, and what belongs to them, by the letters before."""
    kinds: list[str] = []
    last = outer
    for kind in types:
        last = kind if kind in ("L", "R", "AL") else last
        number = {"L": "L", "AL": "AN"}.get(last, "EN")
        kinds.append({"AL": "R", "EN": number}.get(kind, kind))
    for i, kind in enumerate(kinds[1:-1], 1):
        if kind in ("ES", "CS") and kinds[i - 1] == kinds[i + 1] in ("EN", "AN"):
            kinds[i] = kinds[i + 1]
    for i, kind in enumerate(kinds):
        if kind == "ET" and "EN" in (kinds[max(i - 1, 0)], kinds[min(i + 1, len(kinds) - 1)]):
            kinds[i] = "EN"
    return kinds


def _resolved_brackets(text: Sequence[str], kinds: Sequence[str], outer: str) -> list[str]:
    """Rule N0: both brackets of a pair go with what is in it and before it."""
    sides = ["L" if kind == "L" else "R" if kind in ("R", "EN", "AN") else "" for kind in kinds]
    result = list(kinds)
    for start, end in sorted(_bracket_pairs(text)):
        inside = set(sides[start + 1 : end]) - {""}
        before = next((side for side in reversed(sides[:start]) if side), outer)
        if inside:
            side = outer if outer in inside else before
            result[start] = result[end] = sides[start] = sides[end] = side
    return result


def _bracket_pairs(text: Sequence[str]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for i, c in enumerate(text):
        if c in _CLOSING:
            opened.append(i)
        while c in _CLOSING.values() and opened:
            start = opened.pop()
            if _CLOSING[text[start]] == c:
                pairs.append((start, i))
                break
    return pairs
