"""All that a model is to be made of: what its repository holds, the posts, the base model, the recipe."""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from huggingtweets_hub.core import accounts, serialization
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.errors import ACCOUNT_GONE, InvalidInputError, SourceError
from huggingtweets_hub.core.progress import Clock, Progress
from huggingtweets_hub.core.records import AccountFacts, Corpus, Recipe, SourceFacts, Timeline
from huggingtweets_hub.core.wishes import WISHES
from huggingtweets_hub.hub import access, opt_outs, publications, repo, spaces
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.model import base
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.results import Wanted
from huggingtweets_hub.model.training import recipes
from huggingtweets_hub.pipeline import avatars, due, forms, owners
from huggingtweets_hub.pipeline.options import Order, Selection
from huggingtweets_hub.posts import corpus, source
from huggingtweets_hub.posts.source import TimelineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything that a training and a publication need; it can travel to another process.

    Attributes:
        order: What was asked for; its source has been read and is no longer in it.
        repo_id: Where the model goes.
        published: What is there now.
        fingerprint: Of all that the weights depend on; if they are not due, of those on the Hub.
        pictures: The accounts' pictures by file name, None for one that the repository holds already.
        is_due: There is enough new to train again, or nothing was published before. Otherwise the
            published weights stay, and only what the card says of this order can change.
        accounts: What the card says of each account.
        source: Where the posts came from, as the card says it.
        formats: The forms for other clients that the publication is to hold.
        page_url: Where visitors can try the model in their browser, if there is such a page.
        stages: Seconds of the stages until here.
    """

    order: Order
    repo_id: str
    published: Published
    timelines: tuple[Timeline, ...]
    texts: Corpus
    checkpoint: Checkpoint
    recipe: Recipe
    fingerprint: str
    pictures: dict[str, bytes | None]
    is_due: bool
    accounts: tuple[AccountFacts, ...]
    source: SourceFacts
    formats: tuple[str, ...]
    page_url: str | None
    stages: dict[str, float]

    @property
    def handles(self) -> tuple[str, ...]:
        """The accounts, as they were asked for."""
        return self.order.names

    @property
    def name(self) -> str:
        """The model's name."""
        return model_name(self.handles)

    @property
    def wanted(self) -> Wanted:
        """What the evaluation is to look at."""
        return Wanted(handles=self.handles, prompt=self.order.prompt, samples=self.order.samples)

    @property
    def tweets_bought(self) -> int:
        """How many posts were read from the X API for it."""
        return sum(timeline.tweets_bought for timeline in self.timelines)

    @property
    def cost_usd(self) -> float:
        """What that has cost."""
        return round(sum(timeline.cost_usd for timeline in self.timelines), 4)


def gather(
    order: Order,
    readers: Mapping[str, TimelineSource],
    progress: Progress,
    *,
    is_refresh: bool = False,
) -> Gathered:
    """Look at what is published, then read the posts.

    Args:
        readers: The sources of the accounts, as `opening.ready` gives them.
        is_refresh: A published account is looked at again, so only what is new is to be paid for.

    Raises:
        HuggingTweetsError: Whatever stands in the way, before anything is paid for where that can be.
    """
    clock = Clock()
    for handle in readers:
        source.note_namesake(handle, order.source, progress)
    target = _target(order, readers, progress)
    posts = _posts(readers, order, clock, progress) if order.is_local else None  # before the network is used
    published = Published() if order.dry_run else _published(target, readers, order)
    checkpoint = base.resolve(order.base_model)
    if posts is None:
        if is_refresh and published.facts:
            for handle, reader in readers.items():
                source.require_refreshable(reader, handle)
        owners.look_out(target, published, readers)
        with _still_public(target, published):
            posts = _posts(readers, order, clock, progress)
    whole, timelines, texts = posts
    owners.require_same_owners(target, published, timelines)
    opt_outs.require_absent(people(timelines, texts), None if order.dry_run else target)  # by their ids
    _note_corpus(timelines, texts, progress)
    recipe = recipes.choose(
        order.recipe, base=checkpoint.model.kind, characters=sum(map(len, texts.train)),
        epochs=order.epochs, learning_rate=order.learning_rate, seed=order.seed,
        lora=order.lora,
    )  # fmt: skip
    is_due = due.is_due(whole, timelines, published, order)
    fingerprint = _fingerprint(texts, recipe, checkpoint) if is_due else str(published.facts["fingerprint"])
    formats = forms.wanted(order.formats, published)
    if is_due:
        forms.foretell(formats, checkpoint, progress)
    pictures = avatars.collect([timeline.account for timeline in timelines], published)
    return Gathered(
        order=dataclasses.replace(order, handles=tuple(readers), source=""),
        repo_id=target,
        published=published,
        timelines=timelines,
        texts=texts,
        checkpoint=checkpoint,
        recipe=recipe,
        fingerprint=fingerprint,
        is_due=is_due,
        accounts=_accounts(whole, timelines, texts, pictures),
        source=_source(timelines),
        formats=formats,
        page_url=_page(target, published, order) if "onnx" in formats else None,
        pictures=pictures,
        stages=clock.seconds,
    )  # fmt: skip


def _posts(
    readers: Mapping[str, TimelineSource], order: Order, clock: Clock, progress: Progress
) -> tuple[list[Timeline], tuple[Timeline, ...], Corpus]:
    """What an order selects, without and with a limit to its number, and the texts to train on."""
    with clock("fetch"):
        whole = [_selected(reader, handle, order, progress) for handle, reader in readers.items()]
    timelines = tuple(corpus.select(timeline, max_tweets=order.max_tweets) for timeline in whole)
    with clock("corpus"):
        return whole, timelines, corpus.build(timelines)


def read(reader: TimelineSource, handle: str, order: Selection, progress: Progress) -> Timeline:
    """The posts of one account that an order selects.

    Raises:
        SourceError: The posts cannot be read.
    """
    return corpus.select(_selected(reader, handle, order, progress), max_tweets=order.max_tweets)


def _selected(reader: TimelineSource, handle: str, order: Selection, progress: Progress) -> Timeline:
    """The posts that an order selects, as many as there are."""
    # Only where nothing else is selected are the N posts to take the newest N that there are.
    hint = order.max_tweets if order.last_day is None and order.replies and order.quotes else None
    timeline = reader.fetch(handle, max_tweets=hint, since=order.first_day, progress=progress)
    for wish in filter(None, map(WISHES.get, timeline.wishes)):
        progress.note(f"{accounts.mention(handle)} {wish.says}.")
    return corpus.select(
        timeline,
        since=order.first_day,
        until=order.last_day,
        replies=order.replies,
        quotes=order.quotes,
    )


def _fingerprint(texts: Corpus, recipe: Recipe, checkpoint: Checkpoint) -> str:
    """The digest of all that the weights depend on."""
    parts = (texts.train, texts.validation, texts.held_out)
    base = checkpoint.model
    return serialization.digest(texts.kept, parts, recipe.identity, base.name, base.revision)


def _accounts(
    whole: Sequence[Timeline], timelines: Sequence[Timeline], texts: Corpus, pictures: Collection[str]
) -> tuple[AccountFacts, ...]:
    """What the card says of each account.

    Args:
        whole: The timelines without the limit of `max_tweets`.
    """
    found = []
    files = avatars.names([timeline.account for timeline in timelines])
    for all_of_it, timeline, counts, file in zip(whole, timelines, texts.statistics, files, strict=True):
        account = timeline.account
        days = sorted(tweet.created_at.date().isoformat() for tweet in timeline.tweets if tweet.created_at)
        found.append(
            AccountFacts(
                handle=account.handle,
                name=account.name,
                avatar_url=account.avatar_url,
                avatar_file=file if file in pictures else None,
                statistics=counts,
                first_day=days[0] if days else None,
                last_day=days[-1] if days else None,
                id=account.id,
                newest=corpus.newest(all_of_it),
                recognised=timeline.recognised,
                profile_url=account.profile_url,
                private=sum(post.is_private for post in timeline.tweets),
                wishes=timeline.wishes,
            )
        )
    return tuple(found)


def _source(timelines: Sequence[Timeline]) -> SourceFacts:
    kinds = sorted({timeline.source for timeline in timelines})
    digest = serialization.digest([timeline.digest for timeline in timelines])
    return SourceFacts(kind=" + ".join(kinds), digest=digest)


def people(timelines: Sequence[Timeline], texts: Corpus) -> list[Person]:
    """The accounts, by all that they can be recognised by."""
    found = [timeline.account for timeline in timelines]
    return [Person(handle=account.handle, id=account.id, texts=texts.kept_sha256) for account in found]


@contextmanager
def _still_public(repo_id: str, published: Published) -> Iterator[None]:
    """Where an account is gone and its model is not, say how to take that down."""
    try:
        yield
    except ACCOUNT_GONE as error:
        if not published.facts:
            raise
        still: SourceError = type(error)(
            f"{error.message} Its model {repo_id} is still public.",
            f"Take it down with 'huggingtweets unpublish {repo_id}', or publish from its owner's archive.",
        )
        raise still from error


def _target(order: Order, handles: Iterable[str], progress: Progress) -> str:
    """Where the model goes; a dry run needs no token for that."""
    if order.dry_run and order.repo_id is None and access.is_unnamed(order.namespace):
        progress.note(f"No Hugging Face token is set, so the card says {access.NOBODY!r} for @me.")
    return access.destination(handles, namespace=order.namespace, repo_id=order.repo_id, is_dry=order.dry_run)


def _published(repo_id: str, handles: Iterable[str], order: Order) -> Published:
    """What the repository holds, once it is clear that it may be written."""
    access.require_login()
    opt_outs.require_absent(handles, repo_id)
    published = repo.read(repo_id)
    if published.is_empty and not order.recreate:
        publications.require_not_gone(repo_id)
    if not order.create_pr or published.head is None:
        access.require_write_access(repo_id)
    if order.private and published.head and not published.private and not published.is_empty:
        raise InvalidInputError(
            f"{repo_id} is already public.",
            "Make it private in its settings on the Hub, or leave --private out.",
        )
    repo.require_ours(repo_id, published, overwrite=order.overwrite)
    if published.facts:
        publications.remember({repo_id: handles})
    return published


def _page(repo_id: str, published: Published, order: Order) -> str | None:
    """Where the model can be tried in a browser; strangers cannot load a private one."""
    is_private = order.private or published.private
    return None if order.dry_run or is_private else spaces.page_of(repo_id)


def _note_corpus(timelines: Sequence[Timeline], texts: Corpus, progress: Progress) -> None:
    for timeline, counts in zip(timelines, texts.statistics, strict=True):
        handle = timeline.account.handle
        post, repost = accounts.nouns([handle])
        progress.note(
            f"{accounts.mention(handle)}: {counts.downloaded:,} {post}s read, {counts.retweets:,} {repost}s, "
            f"{counts.short:,} short, {counts.kept:,} kept."
        )
    if corpus.is_little(texts):
        progress.warn("There is little text to learn from; expect a weaker bot.")
