"""The whole story: from the tweets of an account to its published model."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import TrackingError
from huggingtweets_hub.core.names import model_name
from huggingtweets_hub.core.progress import Clock, Progress, Terminal
from huggingtweets_hub.core.records import Publication, Timeline
from huggingtweets_hub.hub import repo
from huggingtweets_hub.model.loading import Shelf
from huggingtweets_hub.model.tracking.tracker import Tracker
from huggingtweets_hub.pipeline import options, workspace
from huggingtweets_hub.pipeline.gather import Gathered, gather, read
from huggingtweets_hub.pipeline.learn import learn
from huggingtweets_hub.pipeline.options import Order, Source
from huggingtweets_hub.pipeline.send import send, unchanged
from huggingtweets_hub.posts.budget import Budget


def publish(
    handles: str | Sequence[str] = (),
    *,
    source: Source | Mapping[str, Source] = "x",
    max_tweets: int | None = None,
    since: date | None = None,
    until: date | None = None,
    replies: bool = True,
    max_cost: float = settings.DEFAULT_MAX_COST_USD,
    base_model: str | Path = settings.DEFAULT_BASE_MODEL,
    recipe: str = "default",
    epochs: int | None = None,
    learning_rate: float | None = None,
    seed: int = settings.DEFAULT_SEED,
    device: str = "auto",
    template: str | Path = "default",
    prompt: str = settings.DEFAULT_PROMPT,
    samples: int = settings.DEFAULT_SAMPLES,
    consent: str | None = None,
    tracker: str | Tracker = "auto",
    track_texts: bool = False,
    namespace: str | None = None,
    repo_id: str | None = None,
    private: bool = False,
    create_pr: bool = False,
    output: str | Path | None = None,
    dry_run: bool = False,
    force: bool = False,
    overwrite: bool = False,
    min_new: int = 0,
    rebuy: bool = False,
    progress: Progress | None = None,
) -> Publication:
    """Turn the tweets of one to three accounts into one published model.

    Every stage that is finished stays on disk, so the same call after a kill goes on from there; the
    same publication again makes no commit.

    Args:
        handles: The accounts; may be left out where the source names its account.
        source: `x` (the X API), `sample`, a path, or an object of your own; for several accounts
            also a mapping from handle to source.
        max_tweets, since, until, replies: Which tweets to take, before anything is counted.
        max_cost: US dollars that reading from the X API may cost.
        base_model: A Hub id, a folder, or `scratch`.
        recipe, epochs, learning_rate, seed, device: How to train (`recipes.choose`).
        template: `default`, `classic`, or a Jinja file.
        prompt: What the card's example begins with.
        samples: How many texts the model writes to be measured; the card shows the first five.
        consent: `self`, `written` or `fictional`: on what grounds the tweets are used.
        tracker: `auto`, `wandb`, `trackio`, `none`, or an object of your own.
        track_texts: Put the tweets' texts into the tracker, not only their digests.
        namespace, repo_id: Where to publish; the namespace `@me` is the account of the Hub token.
        output: Keep the finished folder here.
        dry_run: Do everything but the push; a later call without it pushes that very result.
        force: Commit although nothing changed.
        overwrite: Replace a repository that is not ours, or a card that was edited by hand.
        min_new: Train an account that is published again only when it has so many new kept tweets.
        rebuy: Read from the X API again what is kept already: tweets that were deleted there are gone then.
        progress: Where to show progress; by default lines and bars on stderr.

    Raises:
        HuggingTweetsError: Its message says what, which value, and the next step.
    """
    given = {name: value for name, value in locals().items() if name not in ("handles", "progress")}
    order = Order(handles=(handles,) if isinstance(handles, str) else tuple(handles), **given)
    progress = progress or Terminal()
    readers = options.checked(order)
    name = model_name(readers)
    with ExitStack() as held:
        if not held.enter_context(workspace.claimed(name, waiting=False)):
            progress.note(f"Another run has {name} in hand; waiting for it to end.")
            held.enter_context(workspace.claimed(name))
        return publish_gathered(gather(order, readers, progress), progress)


def publish_gathered(
    gathered: Gathered, progress: Progress, *, shelf: Shelf | None = None, clock: Clock | None = None
) -> Publication:
    """The second half of `publish`: train, measure, render the card, commit.

    Args:
        shelf: Keeps the base model for the next account.
        clock: Takes the time of all stages, those of `gather` included.
    """
    clock = clock or Clock()
    if not gathered.is_due:
        progress.note(
            f"{gathered.repo_id}: fewer than {gathered.order.min_new} new tweets; nothing was done."
        )
        clock.seconds |= gathered.stages
        return unchanged(gathered)
    with learn(gathered, progress, shelf) as (model, run):
        clock.seconds |= {**gathered.stages, **model.learned.stages}
        publication = send(gathered, model, progress, clock)
        if publication.changed:
            try:
                address = repo.files_address(publication.repo_id, str(publication.commit))
                run.record_model(address, model.learned.files)
            except TrackingError as error:
                progress.warn(str(error))
    return publication


def fetch_timeline(
    handle: str = "",
    *,
    source: Source = "x",
    max_tweets: int | None = None,
    since: date | None = None,
    until: date | None = None,
    replies: bool = True,
    max_cost: float = settings.DEFAULT_MAX_COST_USD,
    progress: Progress | None = None,
) -> Timeline:
    """The tweets of one account, newest first; the arguments are those of `publish`.

    Raises:
        SourceError: The tweets cannot be had.
    """
    order = Order(max_tweets=max_tweets, since=since, until=until, replies=replies)
    readers = options.readers([handle] if handle else [], source, Budget(max_cost))
    ((name, reader),) = readers.items()
    return read(reader, name, order, progress or Terminal())
