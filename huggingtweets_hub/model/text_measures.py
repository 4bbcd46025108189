"""Measures of texts compared with the training tweets; pure, without a model."""

from collections.abc import Collection, Iterator, Sequence

import regex

from huggingtweets_hub.core import words
from huggingtweets_hub.core.records import TextMeasures

RUN = 8
"""How many words in a row two texts must share to count as overlapping."""
_RUN_UNSPACED = 2 * RUN  # characters, in a script without spaces

_ADDRESSED = regex.compile(r"\A[\s.]*(?:[@＠]\w+(?:[.@＠-]\w+)*[\s,:]*)+")


def describe(texts: Sequence[str], train: Collection[str], ended: float | None = None) -> TextMeasures:
    """The measures of `texts`; `ended` is passed on.

    distinct-n is from Li et al. (2016): different n-grams as a share of all n-grams. It falls with the
    number of texts, so compare it only between equal numbers.
    """
    number = max(len(texts), 1)
    spoken = [_words(text) for text in texts]
    return TextMeasures(
        texts=len(texts),
        repeated=sum(repeated(texts, train)) / number,
        overlapping=sum(overlapping(texts, train)) / number,
        distinct_1=_distinct(spoken, 1),
        distinct_2=_distinct(spoken, 2),
        mean_length=sum(map(len, texts)) / number,
        ended=ended,
    )


def repeated(texts: Sequence[str], train: Collection[str]) -> list[bool]:
    """For each text, whether its words are those of one of `train`, mentions at the beginning aside."""
    known = {_whole(text) for text in train}
    return [bool(whole := _whole(text)) and whole in known for text in texts]


def overlapping(texts: Sequence[str], train: Collection[str]) -> list[bool]:
    """For each text, whether it repeats one of `train` or shares a run of 8 words with it.

    Case and punctuation do not count. In scripts without spaces, a run is 16 characters, whatever the rest of
    the text is written in.
    """
    # Only the runs of the few texts are kept, not those of the many tweets, to save memory.
    runs = [set(_runs(text)) for text in texts]
    wanted = set().union(*runs)
    found = {run for text in train for run in _runs(text) if run in wanted}
    same = repeated(texts, train)
    return [is_same or not found.isdisjoint(own) for is_same, own in zip(same, runs, strict=True)]


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
