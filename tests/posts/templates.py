"""Accounts that are made up: one that posts by template, and a plain comparison of all pairs."""

import functools
import itertools
import random
import re

_LETTERS = "abcdefghijklmnoprstuvw"


def words(number: int, seed: int = 0) -> list[str]:
    """Different made-up words."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < number:
        found["".join(chance.choices(_LETTERS, k=chance.randint(3, 8)))] = None
    return list(found)


def natural(number: int, seed: int = 0, vocabulary: int = 3_000) -> list[str]:
    """Texts of 4 to 25 words, of which few are frequent, as in a language."""
    chance, known = random.Random(seed), words(vocabulary, seed)
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(vocabulary)))
    return [
        " ".join(chance.choices(known, cum_weights=weights, k=chance.randint(4, 25))) for _ in range(number)
    ]


def templated(number: int, templates: int, seed: int = 0) -> list[str]:
    """Texts of some templates, each with another number, name, link, case, ending or a few other words."""
    chance, known = random.Random(seed), words(400, seed + 1)
    forms = [" ".join(chance.sample(known, chance.randint(6, 12))) for _ in range(templates)]
    texts = []
    for i in range(number):
        form = chance.choice(forms)
        kind = chance.randrange(5)
        if kind == 0:
            form = f"@{chance.choice(known)}{i} {form}"
        elif kind == 1:
            form = f"{form.upper()}!!"
        elif kind == 2:
            form = f"{form} {i:,} times, {i % 7}:30"
        elif kind == 3:
            form = f"{form} {chance.choice(known)}"
        else:
            form = f"{form[0].upper()}{form[1:]}, {chance.choice(known).title()}?"
        texts.append(form)
    return texts


def plain(text: str) -> list[str]:
    """The words without mentions, links, digits, case and punctuation; for texts with blanks."""
    return re.sub(r"@\w+|https?:\S+|\d|[^\w\s]|_", " ", text).casefold().split()


@functools.lru_cache(maxsize=10_000)
def _compared(text: str) -> tuple[list[str], set[tuple[str, ...]]]:
    """Its plain words, and every three in a row."""
    words = plain(text)
    return words, {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def near(one: str, other: str) -> bool:
    """Whether one is a near-copy of the other, by comparing the two."""
    (first, mine), (second, others) = _compared(one), _compared(other)
    shared = len(mine & others)
    return first == second or 2 * shared > len(mine) + len(others) - shared


def crossing(
    one_side: list[str] | tuple[str, ...], other_side: list[str] | tuple[str, ...]
) -> list[tuple[str, str]]:
    """All pairs of near-copies with one on each side."""
    return [(one, other) for one in one_side for other in other_side if near(one, other)]
