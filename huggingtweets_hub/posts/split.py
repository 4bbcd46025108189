"""The three parts of a corpus, so that nothing held out has a near-copy in the training part."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huggingtweets_hub.core.serialization import sha256
from huggingtweets_hub.core.words import normalised
from huggingtweets_hub.posts import near_copies

TRAIN, VALIDATION, HELD_OUT = "train", "validation", "held_out"
_SHARES = {HELD_OUT: 0.1, VALIDATION: 0.05}
_BUCKETS = {0: VALIDATION, 1: HELD_OUT, 2: HELD_OUT}  # of 20
_LARGE = 0.05
"""From this share of the posts on a group is trained on: drawn by chance it would distort the parts."""
_LARGEST = 0.25
"""The largest group that may be held out, if smaller ones do not fill a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Texts in three parts.

    Attributes:
        held_out: One text of each group of near-copies.
        near_copies: How many of the texts are near-copies of another.
        held_out_near_copies: How many held-out texts have near-copies in the training part, which cannot be
            avoided where nearly all texts are made by one template.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    held_out: tuple[str, ...]
    near_copies: int
    held_out_near_copies: int


def split(texts: Sequence[str], digests: Mapping[str, str]) -> Split:
    """A twentieth of the texts to validate, a tenth to hold out, the rest to train on.

    A group of near-copies goes whole to one part, by the smallest hash of its texts, so the parts stay as
    they are when texts are added elsewhere. Large groups are trained on. If a part gets less than half of
    its share, it takes more groups by their hashes; if there are none, texts of those that are trained on.

    Args:
        digests: The `digest` of each text.
    """
    distinct = list({digests[text]: text for text in texts}.values())
    numbers = near_copies.groups(distinct)
    group_of = {digests[text]: number for text, number in zip(distinct, numbers, strict=True)}
    groups: dict[int, list[str]] = defaultdict(list)
    for one, number in group_of.items():
        groups[number].append(one)
    weights = Counter(digests[text] for text in texts)
    led = {min(members): members for members in groups.values()}
    sizes = {first: sum(weights[one] for one in members) for first, members in led.items()}
    leader = {one: first for first, members in led.items() for one in members}
    parts = _assigned(sizes, len(texts))
    parts = {one: parts[leader[one]] for one in weights}
    _fill_from_groups(parts, weights)
    trained = {leader[one] for one in weights if parts[one] == TRAIN}
    measured: dict[object, str] = {}
    for text in texts:
        one = digests[text]
        if parts[one] == HELD_OUT:
            # If its group had to be divided, each text of it stands for itself.
            measured.setdefault(one if leader[one] in trained else leader[one], text)
    return Split(
        train=tuple(text for text in texts if parts[digests[text]] == TRAIN),
        validation=tuple(text for text in texts if parts[digests[text]] == VALIDATION),
        held_out=tuple(measured.values()),
        near_copies=sum(sizes[leader[digests[text]]] > 1 for text in texts),
        held_out_near_copies=sum(leader[digests[text]] in trained for text in measured.values()),
    )


def digest(text: str) -> str:
    """The same for texts that differ only in case, spaces or compatibility forms."""
    return sha256(normalised(text))


def _bucket(one: str) -> str:
    return _BUCKETS.get(int(one[:8], 16) % 20, TRAIN)


def _assigned(sizes: Mapping[str, int], number: int) -> dict[str, str]:
    """The part of each group, named by its smallest hash; the largest one is always trained on."""
    largest = max(sizes, key=lambda one: (sizes[one], one), default="")
    limit = max(1, _LARGE * number)
    parts = {one: _bucket(one) if size <= limit and one != largest else TRAIN for one, size in sizes.items()}
    free = sorted(
        (one for one in sizes if parts[one] == TRAIN and one != largest),
        key=lambda one: (max(sizes[one], limit), one),
    )
    wanting = {part: share * number for part, share in _SHARES.items()}
    for one, part in parts.items():
        if part != TRAIN:
            wanting[part] -= sizes[one]
    short = {part: wanting[part] for part, share in _SHARES.items() if wanting[part] > share * number / 2}
    for one in free:
        # The part that lacks most of its share is next.
        part = max(short, key=lambda part: short[part] / _SHARES[part], default=TRAIN)
        if part == TRAIN or short[part] <= 0:
            break
        if sizes[one] <= max(1, _LARGEST * number):
            parts[one] = part
            short[part] -= sizes[one]
    return parts


def _fill_from_groups(parts: dict[str, str], weights: Mapping[str, int]) -> None:
    """Where a part is empty, give it texts out of groups that are trained on, by their own hashes."""
    for part in _SHARES:
        if part in parts.values():
            continue
        trained = sorted(one for one in weights if parts[one] == TRAIN)
        chosen = [one for one in trained if _bucket(one) == part] or trained[:1]
        for one in chosen[: len(trained) - 1]:
            parts[one] = part
