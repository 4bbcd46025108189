"""Measures of texts compared with the training tweets; pure, without a model."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence

import regex

from huggingtweets_hub.core.records import TextMeasures
from huggingtweets_hub.posts.corpus import is_unspaced

RUN = 8
"""How many words in a row two texts must share to count as overlapping."""
_RUN_UNSPACED = 2 * RUN  # characters, in a script without spaces

# Including the marks that many scripts use for vowels, which Python's \w leaves out.
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*")


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
    """For each text, whether it is in `train`, ignoring case, spaces and compatibility forms."""
    known = {_normalised(text) for text in train}
    return [_normalised(text) in known for text in texts]


def overlapping(texts: Sequence[str], train: Collection[str]) -> list[bool]:
    """For each text, whether it repeats one of `train` or shares a run of 8 words with it.

    Case and punctuation do not count. In scripts without spaces, a run is 16 characters.
    """
    # Only the runs of the few texts are kept, not those of the many tweets, to save memory.
    runs = [set(_runs(text)) for text in texts]
    wanted = set().union(*runs)
    found = {run for text in train for run in _runs(text) if run in wanted}
    same = repeated(texts, train)
    return [is_same or not found.isdisjoint(own) for is_same, own in zip(same, runs, strict=True)]


def _words(text: str) -> list[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return list("".join(words)) if is_unspaced(text) else words


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _words(text)
    size = _RUN_UNSPACED if is_unspaced(text) else RUN
    return (tuple(words[start : start + size]) for start in range(len(words) - size + 1))


def _distinct(spoken: Sequence[Sequence[str]], size: int) -> float:
    grams = [tuple(words[i : i + size]) for words in spoken for i in range(len(words) - size + 1)]
    return len(set(grams)) / max(len(grams), 1)


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
