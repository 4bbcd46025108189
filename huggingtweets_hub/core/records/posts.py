"""What was posted, and the texts that a model learns from."""

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import datetime

from huggingtweets_hub.core.accounts import NetworkName, mention, network_of
from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.records import shown
from huggingtweets_hub.core.serialization import sha256
from huggingtweets_hub.core.text import counted, visible, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as its source describes it.

    Attributes:
        handle: As in `core.accounts`; keeps upper and lower case.
        avatar_url: Where the picture comes from.
        id: The network's own id, which stays when the handle changes: X's number, a DID, the address of an
            actor; None if the source does not say it.
        profile_url: The profile's address, where the handle does not tell it.
        picture: The picture itself, where the source holds it.
    """

    handle: str
    name: str = ""
    avatar_url: str | None = None
    id: str | None = None
    profile_url: str | None = None
    picture: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        network_of(self.handle)

    @property
    def network(self) -> NetworkName:
        """The network that the account is on."""
        return network_of(self.handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One complete post: a long post has its full text.

    Attributes:
        text: Valid Unicode; half of a pair of surrogates, as cut texts have it, becomes U+FFFD. X's entities
            (`&amp;`) are not yet unescaped; posts of other networks have none.
        is_reply: It replies to another account, or on X to any.
        is_quote: None where the source does not say.
        is_private: Only some could read it. It is there only where its author has asked for that.
    """

    text: str
    id: str | None = None
    created_at: datetime | None = None
    lang: str | None = None
    is_retweet: bool = False
    is_reply: bool = False
    is_quote: bool | None = None
    is_private: bool = False

    def __post_init__(self) -> None:
        if not self.text.isascii():
            object.__setattr__(self, "text", whole(self.text))
        if self.id is not None and not self.id.isascii():
            object.__setattr__(self, "id", whole(self.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What was recognised in a table of posts.

    Attributes:
        columns: The columns that gave each meaning (`text`, `id`, `time`, `language`, `author`, `retweet`,
            `reply`, `quote`, `visibility`); a meaning that none has is missing.
        unread: How many values of a meaning could not be read.
        passed_over: How many records were left out: others' posts, posts that are not public, errors.
        duplicates: How many records repeat a post.
        names_author: Whether the file says whose posts it holds; else that was stated by who gave it.
    """

    columns: dict[str, str]
    unread: dict[str, int] = field(default_factory=dict)
    passed_over: int = 0
    duplicates: int = 0
    names_author: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What an account posted, newest first, and what reading it cost in this run.

    Attributes:
        source: The kind of source, such as `x_api`, `bluesky` or `file`.
        recognised: What was recognised in a file; None for other sources.
        wishes: What the account says of how it may be used, by the keys of `core.wishes`.
    """

    account: Account
    tweets: tuple[Post, ...]
    source: str
    tweets_bought: int = 0
    cost_usd: float = 0.0
    recognised: Recognised | None = None
    wishes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        days = sorted(post.created_at.date().isoformat() for post in self.tweets if post.created_at)
        span = f", {days[0]} to {days[-1]}" if days else ""
        who, source = visible(mention(self.account.handle)), visible(self.source)
        return f"<Timeline of {who}: {counted(len(self.tweets), 'post')} from {source}{span}>"

    def _repr_html_(self) -> str:
        numbers = {"posts": f"{len(self.tweets):,}", "": f"from {self.source}"}
        if self.cost_usd:
            numbers |= {"US dollars": f"{self.cost_usd:.2f}"}
        newest = (post.text for post in self.tweets[:3])
        return shown.page(mention(self.account.handle), None, numbers, newest)

    @property
    def digest(self) -> str:
        """SHA-256 of the ids and texts, the same for the same posts, whatever file they came from."""
        return sha256(json.dumps([[t.id, t.text] for t in self.tweets]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How many posts were read and what happened to them: `downloaded = retweets + short + kept`."""

    downloaded: int
    retweets: int
    short: int
    kept: int

    def __post_init__(self) -> None:
        counts = dataclasses.asdict(self)
        if max(counts.values()) > 10**12:
            raise InvalidFactsError(
                "A tweet count is above 1,000,000,000,000, more than any account has.",
                "Use the numbers of tweets that were read.",
            )
        if min(counts.values()) < 0 or self.downloaded != self.retweets + self.short + self.kept:
            raise InvalidFactsError(
                f"The tweet counts do not add up: {counts}.",
                "downloaded must be retweets + short + kept, and no count may be below zero.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The texts of one to three accounts, cleaned, counted and split.

    Attributes:
        kept: All kept texts, account after account, newest first in each.
        train, validation: The same texts, without what only led up to a link at their ends. Near-copies are
            in one part.
        held_out: What results are measured on: of the texts that were set aside, one of each group of
            near-copies.
        statistics: One for each account, in the order of the accounts.
        language: ISO 639 codes of the languages that make up at least a tenth of the kept posts.
        counted_by_letters: How many posts are in a script without spaces, where letters are counted to
            decide what is short.
        near_copies: How many kept posts are near-copies of another.
        held_out_near_copies: How many held-out texts have near-copies in the training part, because nearly
            all posts are made by one template.
    """

    kept: tuple[str, ...]
    train: tuple[str, ...]
    validation: tuple[str, ...]
    held_out: tuple[str, ...]
    statistics: tuple[Statistics, ...]
    language: tuple[str, ...] = ()
    counted_by_letters: int = 0
    near_copies: int = 0
    held_out_near_copies: int = 0

    @property
    def kept_sha256(self) -> str:
        """SHA-256 of the kept texts joined by a newline."""
        return sha256("\n".join(self.kept))
