"""Measures of texts compared with the training posts; pure, without a model."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from huggingtweets_hub.core import words
from huggingtweets_hub.core.records import TextMeasures

RUN = 8
"""How many words in a row two texts must share to count as overlapping."""
_RUN_UNSPACED = 2 * RUN  # characters, in a script without spaces

_ADDRESSED = regex.compile(r"\A[\s.]*(?:[@＠]\w+(?:[.@＠-]\w+)*[\s,:]*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Which of some texts copy one of some posts.

    Attributes:
        repeated: Those whose words are those of a post, mentions at the beginning aside.
        overlapping: Those, and the texts that share a run of 8 words with a post. Case and punctuation do not
            count. In scripts without spaces, a run is 16 characters, whatever the rest of the text is written
            in.
    """

    repeated: frozenset[str]
    overlapping: frozenset[str]


def copies(texts: Collection[str], posts: Iterable[str]) -> Copies:
    """Which of the texts copy one of the posts, of which there may be many: they are read once."""
    # Only what the few texts hold is kept, not what the many posts do, to save memory.
    wholes = {text: whole for text in texts if (whole := _whole(text))}
    runs = {text: set(_runs(text)) for text in texts}
    wanted, wanted_runs = set(wholes.values()), set[tuple[str, ...]]().union(*runs.values())
    found, found_runs = set[tuple[str, ...]](), set[tuple[str, ...]]()
    for post in posts:
        if (whole := _whole(post)) in wanted:
            found.add(whole)
        found_runs |= wanted_runs.intersection(_runs(post))
    repeated = {text for text, whole in wholes.items() if whole in found}
    overlapping = {text for text, own in runs.items() if not found_runs.isdisjoint(own)}
    return Copies(repeated=frozenset(repeated), overlapping=frozenset(repeated | overlapping))


def describe(texts: Sequence[str], copied: Copies, ended: float | None = None) -> TextMeasures:
    """The measures of `texts`; `ended` is passed on.

    distinct-n is from Li et al. (2016): different n-grams as a share of all n-grams. It falls with the
    number of texts, so compare it only between equal numbers.

    Args:
        copied: Those of the texts that copy a training post.
    """
    number = max(len(texts), 1)
    spoken = [_words(text) for text in texts]
    return TextMeasures(
        texts=len(texts),
        repeated=sum(text in copied.repeated for text in texts) / number,
        overlapping=sum(text in copied.overlapping for text in texts) / number,
        distinct_1=_distinct(spoken, 1),
        distinct_2=_distinct(spoken, 2),
        mean_length=sum(map(len, texts)) / number,
        ended=ended,
    )


def _whole(text: str) -> tuple[str, ...]:
    """What a text is compared by as a whole; a text without words by its characters."""
    said = _ADDRESSED.sub("", text)
    return tuple(words.units(said)) or tuple(words.normalised(said))


def _words(text: str) -> list[str]:
    """The words to count; characters, if most of the text is in a script without spaces."""
    return list("".join(words.words(text))) if words.is_unspaced(text) else words.words(text)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    spoken = words.words(text)
    yield from _in_a_row(spoken, RUN)
    if words.has_unspaced(text):
        for run in _in_a_row("".join(spoken), _RUN_UNSPACED):
            if 2 * sum(map(words.is_unspaced_character, run)) >= _RUN_UNSPACED:
                yield run


def _in_a_row(spoken: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(spoken[start : start + size]) for start in range(len(spoken) - size + 1))


def _distinct(spoken: Sequence[Sequence[str]], size: int) -> float:
    grams = [gram for said in spoken for gram in _in_a_row(said, size)]
    return len(set(grams)) / max(len(grams), 1)
