"""From timelines to a corpus: cleaned, counted, split. Pure, and the same from run to run.

The rules are those of the original huggingtweets, so that the counts on a card mean what they
always meant. One rule is added: by its words, a tweet in a script that is written without spaces
(Japanese, Thai, …) would always be "short", so its letters are counted instead.
"""

import dataclasses
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from huggingtweets_hub.core import languages
from huggingtweets_hub.core.errors import EmptyTimelineError, TooLittleTextError
from huggingtweets_hub.core.records import Corpus, Post, Statistics, Timeline
from huggingtweets_hub.core.settings import SEPARATOR

MIN_WORDS = 3
MIN_LETTERS = 6
MIN_CHARACTERS = 6_000
FEW_CHARACTERS = 40_000

# In the original's order. The space or newline around a link is removed with it.
_LINKS = [
    re.compile(pattern.format(scheme))
    for scheme in ("http:", "https:")
    for pattern in (r" {}\S+", r"{}\S+ ", r"\n{}\S+ ", r"\n{}\S+", r"{}\S+")
]
_NOT_SAID = ("http", "@", "#")
_NOT_SAID_UNSPACED = re.compile(r"https?:\S+|[@#＠＃]\w+")
# Hiragana to katakana, CJK ideographs, Thai and Lao, Myanmar, Khmer, Tibetan.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)


def build(timelines: Sequence[Timeline]) -> Corpus:
    """The corpus of one to three timelines.

    Raises:
        TooLittleTextError: Fewer than 6,000 characters are left after cleaning.
    """
    kept: list[str] = []
    statistics = []
    used: Counter[str] = Counter()
    by_letters = 0
    for timeline in timelines:
        retweets = short = 0
        before = len(kept)
        for tweet in timeline.tweets:
            if _is_retweet(tweet):
                retweets += 1
                continue
            text = clean(tweet.text)
            unspaced = is_unspaced(text)
            by_letters += unspaced
            if is_short(text, unspaced=unspaced):
                short += 1
                continue
            kept.append(text)
            if code := languages.code(tweet.lang):
                used[code] += 1
        statistics.append(
            Statistics(
                downloaded=len(timeline.tweets), retweets=retweets, short=short, kept=len(kept) - before
            )
        )
    corpus = Corpus(
        kept=tuple(kept),
        statistics=tuple(statistics),
        language=_main_languages(used),
        counted_by_letters=by_letters,
        **_split(kept),
    )
    _require_enough(corpus)
    return corpus


def kept_after(timeline: Timeline, day: str) -> int:
    """How many kept tweets of a timeline are newer than a day, given as YYYY-MM-DD (UTC)."""
    newer = (
        clean(tweet.text)
        for tweet in timeline.tweets
        if tweet.created_at and tweet.created_at.date().isoformat() > day and not _is_retweet(tweet)
    )
    return sum(not is_short(text, unspaced=is_unspaced(text)) for text in newer)


def select(
    timeline: Timeline,
    *,
    max_tweets: int | None = None,
    since: date | None = None,
    until: date | None = None,
    replies: bool = True,
    quotes: bool = True,
) -> Timeline:
    """The timeline with only the selected tweets: first by date and kind, then the newest of them.

    Args:
        since, until: First and last day (UTC), both included; tweets without a date are left out.

    Raises:
        EmptyTimelineError: Nothing is left.
    """
    tweets = [
        tweet
        for tweet in timeline.tweets
        if (replies or not tweet.is_reply)
        and (quotes or not tweet.is_quote)
        and (since is None or (tweet.created_at is not None and tweet.created_at.date() >= since))
        and (until is None or (tweet.created_at is not None and tweet.created_at.date() <= until))
    ]
    if not tweets:
        raise EmptyTimelineError(
            f"@{timeline.account.handle}: none of {len(timeline.tweets)} tweets match the selection.",
            "Check --since, --until, --no-replies and --no-quotes.",
        )
    return dataclasses.replace(timeline, tweets=tuple(tweets[:max_tweets]))


def clean(text: str) -> str:
    """A tweet's text as it is trained on: entities unescaped, links removed, spaces collapsed."""
    text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    for link in _LINKS:
        text = link.sub("", text)
    return " ".join(text.split())


def is_short(text: str, *, unspaced: bool = False) -> bool:
    """Whether a tweet has too little text of its own.

    The original's rule: fewer than 3 words besides links, mentions and hashtags. In a script without
    spaces: fewer than 6 letters outside links, mentions and hashtags.
    """
    if unspaced:
        return _letters(_NOT_SAID_UNSPACED.sub("", text)) < MIN_LETTERS
    words = [word for word in text.lower().split() if not any(mark in word for mark in _NOT_SAID)]
    return len(words) < MIN_WORDS


def is_unspaced(text: str) -> bool:
    """Whether most letters of the text belong to a script that is written without spaces."""
    unspaced = len(_UNSPACED.findall(text))
    return unspaced > 0 and 2 * unspaced > _letters(text)


def is_little(corpus: Corpus) -> bool:
    """Whether there is enough text to train on, but not enough for a good model."""
    return _characters(corpus.kept) < FEW_CHARACTERS


def _is_retweet(tweet: Post) -> bool:
    return tweet.is_retweet or tweet.text.startswith("RT @")


def _letters(text: str) -> int:
    return sum(unicodedata.category(character)[0] == "L" for character in text)


def _characters(texts: Iterable[str]) -> int:
    return len(SEPARATOR.join(texts))


def _require_enough(corpus: Corpus) -> None:
    characters = _characters(corpus.kept)
    if characters < MIN_CHARACTERS:
        counts = [sum(getattr(s, name) for s in corpus.statistics) for name in Statistics.__slots__]
        downloaded, retweets, short, kept = counts
        raise TooLittleTextError(
            f"There is too little text to train on: {characters:,} characters in {kept:,} kept tweets, but "
            f"at least {MIN_CHARACTERS:,} characters are needed "
            f"({downloaded:,} tweets read: {retweets:,} retweets, {short:,} short).",
            "Use more tweets, or train one model on up to three accounts.",
        )


def _split(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The three parts by a hash of each text: a twentieth, a tenth, the rest.

    Texts that differ only in case, spaces or compatibility forms share a hash, so that no tweet is
    in two parts. If a part is empty, which can happen in a small corpus, it takes the training text
    with the smallest hash and its duplicates.
    """
    by_digest: dict[str, list[str]] = {"train": [], "validation": [], "held_out": []}
    digests = {text: _normalised_digest(text) for text in texts}
    for text in texts:
        bucket = int(digests[text][:8], 16) % 20
        part = "validation" if bucket == 0 else "held_out" if bucket <= 2 else "train"
        by_digest[part].append(text)
    for part in ("validation", "held_out"):
        if not by_digest[part] and by_digest["train"]:
            smallest = min(digests[text] for text in by_digest["train"])
            by_digest[part] = [text for text in by_digest["train"] if digests[text] == smallest]
            by_digest["train"] = [text for text in by_digest["train"] if digests[text] != smallest]
    return {part: tuple(texts) for part, texts in by_digest.items()}


def _normalised_digest(text: str) -> str:
    normalised = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(normalised.encode("utf-8", "surrogatepass")).hexdigest()


def _main_languages(used: Counter[str]) -> tuple[str, ...]:
    """The languages of at least a tenth of the tweets with a known language, most used first."""
    total = used.total()
    return tuple(code for code, count in used.most_common() if 10 * count >= total)
