"""From timelines to a corpus: cleaned, counted, split. Pure, and the same from run to run.

The rules are those of the original huggingtweets, so that the counts on a card mean what they
always meant. One rule is added: by its words, a post in a script that is written without spaces
(Japanese, Thai, …) would always be "short", so its letters are counted instead.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeGuard

from huggingtweets_hub.core import languages
from huggingtweets_hub.core.accounts import mention, nouns
from huggingtweets_hub.core.errors import EmptyTimelineError, TooLittleTextError
from huggingtweets_hub.core.records import Corpus, Newest, Post, Statistics, Timeline
from huggingtweets_hub.core.settings import SEPARATOR
from huggingtweets_hub.core.text import counted, whole
from huggingtweets_hub.core.words import is_unspaced, letters
from huggingtweets_hub.posts.split import digest, split
from huggingtweets_hub.posts.tails import without_tail

MIN_WORDS = 3
MIN_LETTERS = 6
MIN_POSTS = 3
MIN_CHARACTERS = 6_000
FEW_CHARACTERS = 40_000

# In the original's order. The space or newline around a link is removed with it.
_LINKS = {
    scheme: [
        re.compile(pattern.format(scheme))
        for pattern in (r" {}\S+", r"{}\S+ ", r"\n{}\S+ ", r"\n{}\S+", r"{}\S+")
    ]
    for scheme in ("http:", "https:")
}
_NOT_SAID_UNSPACED = re.compile(r"https?:\S+|[@#＠＃]\w+")


def build(timelines: Sequence[Timeline]) -> Corpus:
    """The corpus of one to three timelines.

    Raises:
        TooLittleTextError: Fewer than 3 different posts or 6,000 characters of different posts are left after
            cleaning.
    """
    kept: list[str] = []
    learned: list[str] = []
    statistics = []
    used: Counter[str] = Counter()
    by_letters = 0
    for timeline in timelines:
        retweets = short = 0
        before = len(kept)
        is_escaped = _is_escaped(timeline)
        for tweet in timeline.tweets:
            if _is_retweet(tweet):
                retweets += 1
                continue
            text = clean(tweet.text, is_escaped=is_escaped)
            unspaced = is_unspaced(text)
            by_letters += unspaced
            if is_short(text, unspaced=unspaced):
                short += 1
                continue
            kept.append(text)
            learned.append(trained(tweet.text, is_escaped=is_escaped) if has_link(tweet.text) else text)
            if code := languages.code(tweet.lang):
                used[code] += 1
        statistics.append(
            Statistics(
                downloaded=len(timeline.tweets), retweets=retweets, short=short, kept=len(kept) - before
            )
        )
    digests = {text: digest(text) for text in learned}
    _require_enough(learned, digests, statistics, [timeline.account.handle for timeline in timelines])
    parts = split(learned, digests)
    return Corpus(
        kept=tuple(kept),
        train=parts.train,
        validation=parts.validation,
        held_out=parts.held_out,
        statistics=tuple(statistics),
        language=_main_languages(used),
        counted_by_letters=by_letters,
        near_copies=parts.near_copies,
        held_out_near_copies=parts.held_out_near_copies,
    )


def newest(timeline: Timeline) -> Newest:
    """By what posts that come later will be told from the kept ones of a timeline."""
    kept = list(kept_posts(timeline))
    ids = [int(id) for id in (post.id for post in kept) if _is_number(id)]
    times = [time for post in kept if (time := _time(post))]
    return Newest(
        id=str(max(ids)) if ids else None,
        time=max(times).isoformat() if times else None,
        kept=len(kept),
    )


def newer(timeline: Timeline, known: Newest) -> int:
    """How many kept posts of a timeline have come since `known` was the newest.

    By their times, those of the same time by their ids; where that cannot tell, by their number.
    """
    last = datetime.fromisoformat(known.time) if known.time else None
    last_id = int(known.id) if _is_number(known.id) else None
    kept = list(kept_posts(timeline))

    def is_newer(post: Post) -> bool:
        time, number = _time(post), int(post.id) if _is_number(post.id) else None
        if last is not None and time is not None and time != last:
            return time > last
        return last_id is not None and number is not None and number > last_id

    return max(sum(map(is_newer, kept)), len(kept) - known.kept)


def kept_posts(timeline: Timeline) -> Iterator[Post]:
    """Those of its posts that are no reposts, and not too short."""
    is_escaped = _is_escaped(timeline)
    for post in timeline.tweets:
        text = clean(post.text, is_escaped=is_escaped)
        if not _is_retweet(post) and not is_short(text, unspaced=is_unspaced(text)):
            yield post


def _is_number(id: str | None) -> TypeGuard[str]:
    return id is not None and id.isascii() and id.isdigit()


def _time(post: Post) -> datetime | None:
    """When it was posted; a time without a zone is in UTC."""
    time = post.created_at
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time


def select(
    timeline: Timeline,
    *,
    max_tweets: int | None = None,
    since: date | None = None,
    until: date | None = None,
    replies: bool = True,
    quotes: bool = True,
) -> Timeline:
    """The timeline with only the selected posts: first by date and kind, then the newest of them.

    Args:
        since, until: First and last day (UTC), both included; posts without a date are left out.

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
        handle, number = timeline.account.handle, len(timeline.tweets)
        raise EmptyTimelineError(
            f"{mention(handle)}: none of {counted(number, nouns([handle])[0])} match the selection.",
            "Check --since, --until, --no-replies and --no-quotes.",
        )
    return dataclasses.replace(timeline, tweets=tuple(tweets[:max_tweets]))


def clean(text: str, *, is_escaped: bool = True) -> str:
    """A post's text as it is counted: X's entities unescaped, links removed, spaces collapsed."""
    text = _unescaped(text) if is_escaped else whole(text)
    for scheme, links in _LINKS.items():
        if scheme in text:
            for link in links:
                text = link.sub("", text)
    return " ".join(text.split())


def trained(text: str, *, is_escaped: bool = True) -> str:
    """A post's text as it is trained on: cleaned, and without what only led up to a link at its end."""

    def is_enough(shorter: str) -> bool:
        shorter = clean(shorter, is_escaped=False)
        return not is_short(shorter, unspaced=is_unspaced(shorter))

    return clean(without_tail(_unescaped(text) if is_escaped else text, is_enough), is_escaped=False)


def has_link(text: str) -> bool:
    """Whether there may be one in it."""
    return any(scheme in text for scheme in _LINKS)


def _is_escaped(timeline: Timeline) -> bool:
    """Whether its texts have the entities that X puts in place of `&`, `<` and `>`."""
    return timeline.account.network == "x"


def _unescaped(text: str) -> str:
    return whole(text).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")


def is_short(text: str, *, unspaced: bool = False) -> bool:
    """Whether a post has too little text of its own.

    The original's rule: fewer than 3 words besides links, mentions and hashtags. In a script without
    spaces: fewer than 6 letters outside links, mentions and hashtags.
    """
    if unspaced:
        return letters(_NOT_SAID_UNSPACED.sub("", text)) < MIN_LETTERS
    words = text.lower().split()
    return len([word for word in words if not ("http" in word or "@" in word or "#" in word)]) < MIN_WORDS


def is_little(corpus: Corpus) -> bool:
    """Whether there is enough text to train on, but not enough for a good model."""
    return _length({digest(text): text for text in corpus.kept}.values()) < FEW_CHARACTERS


def _is_retweet(tweet: Post) -> bool:
    return tweet.is_retweet or tweet.text.startswith("RT @")


def _require_enough(
    texts: Sequence[str],
    digests: Mapping[str, str],
    statistics: Sequence[Statistics],
    handles: Sequence[str],
) -> None:
    one_of_each = {digests[text]: text for text in texts}
    different, characters = len(one_of_each), _length(one_of_each.values())
    if different >= MIN_POSTS and characters >= MIN_CHARACTERS:
        return
    downloaded, retweets, short, kept = (
        sum(getattr(counts, name) for counts in statistics) for name in Statistics.__slots__
    )
    _, repost = nouns(handles)
    read = f"({downloaded:,} posts read: {counted(retweets, repost)}, {short:,} short)"
    if different < kept and (different < MIN_POSTS or _length(texts) >= MIN_CHARACTERS):
        raise TooLittleTextError(
            f"There are {kept:,} kept posts, but only {different:,} of them "
            f"{'is' if different == 1 else 'are'} different, with {characters:,} characters in all; at least "
            f"{MIN_POSTS} different posts and {MIN_CHARACTERS:,} characters are needed {read}.",
            "Use more posts that differ, or train one model on up to three accounts.",
        )
    raise TooLittleTextError(
        f"There is too little text to train on: {characters:,} characters in {kept:,} kept posts, but at "
        f"least {MIN_CHARACTERS:,} characters in {MIN_POSTS} posts are needed {read}.",
        "Use more posts, or train one model on up to three accounts.",
    )


def _length(texts: Iterable[str]) -> int:
    return len(SEPARATOR.join(texts))


def _main_languages(used: Counter[str]) -> tuple[str, ...]:
    """The languages of at least a tenth of the posts with a known language, most used first."""
    total = used.total()
    return tuple(code for code, count in used.most_common() if 10 * count >= total)
