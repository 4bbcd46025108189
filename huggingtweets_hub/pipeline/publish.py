"""The whole story: from the posts of an account to its published model."""

from contextlib import ExitStack

from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.bars import without_library_bars
from huggingtweets_hub.core.errors import TrackingError
from huggingtweets_hub.core.options import takes
from huggingtweets_hub.core.progress import Terminal, expect, shows_bars
from huggingtweets_hub.core.records import Publication, Timeline
from huggingtweets_hub.hub import repo
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.pipeline import facts, opening, workspace
from huggingtweets_hub.pipeline.gather import Gathered, gather, read
from huggingtweets_hub.pipeline.learn import learn, recorded
from huggingtweets_hub.pipeline.options import Fetch, Watched
from huggingtweets_hub.pipeline.remote import terms
from huggingtweets_hub.pipeline.send import expected, send
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.source import note_namesake


@takes(Watched)
def publish(asked: Watched) -> Publication:
    """Turn the posts of one to three accounts into one published model.

    Every stage that is finished stays on disk, so the same call after a kill goes on from there; the
    same publication again makes no commit.

    Args:
        handles: The accounts; may be left out if the source names its account.
        source: `x` (the X API), `sample`, a path, or an object of your own; for several accounts
            also a mapping from handle to source.
        progress: Where to show progress; by default lines and bars on stderr.
        {options}

    Raises:
        HuggingTweetsError: Its message says what, which value, and the next step.
    """
    order, progress = asked.order, asked.progress or Terminal()
    offer = terms.offer(order) if order.remote is not None else None
    if offer is not None:
        progress.note(offer.price())
    readers = opening.ready(order, Budget(order.max_cost - (offer.usd if offer else 0.0)))
    name = model_name(readers)
    with ExitStack() as held:
        held.enter_context(without_library_bars(transfers=shows_bars(progress)))
        if isinstance(progress, Terminal):
            held.callback(progress.close)
        if not held.enter_context(workspace.claimed(name, waiting=False)):
            progress.note(workspace.claimed_by(name))
            held.enter_context(workspace.claimed(name))
        if offer is not None:
            from huggingtweets_hub.pipeline.remote import driver

            return driver.publish(order, readers, offer, progress)
        gathered = gather(order, readers, progress)
        facts.rehearse(gathered)
        return publish_gathered(gathered, Context(progress=progress))


def publish_gathered(gathered: Gathered, context: Context) -> Publication:
    """The second half of `publish`: train, measure, render the card, commit.

    Args:
        context: Its clock takes the time of all stages, those of `gather` included.
    """
    context.clock.seconds |= gathered.stages
    expect(context.progress, expected(gathered))
    if not gathered.is_due:
        fewer = f"fewer than {gathered.order.min_new} new posts"
        context.progress.note(f"{gathered.repo_id}: {fewer}; it is not trained again.")
    with recorded(gathered) as recording:
        model = learn(gathered, recording, context)
        context.clock.seconds |= model.stages
        publication = send(gathered, model, context)
        if publication.changed:
            try:
                address = repo.files_address(publication.repo_id, str(publication.commit))
                recording.run.record_model(address, model.files)
            except TrackingError as error:
                context.progress.warn(str(error))
    return publication


@takes(Fetch)
def fetch_timeline(asked: Fetch) -> Timeline:
    """The posts of one account, newest first.

    Args:
        handle: The account; may be left out if the source names it.
        source: `x` (the X API), `bluesky`, `mastodon`, `sample`, a path, or an object of your own.
        progress: Where to show progress; by default lines and bars on stderr.
        {options}

    Raises:
        SourceError: The posts cannot be read.
    """
    handles = [str(asked.handle)] if asked.handle else []
    budget = Budget(asked.max_cost)
    ((name, reader),) = opening.readers(handles, asked.source, budget, asked.reading).items()
    progress = asked.progress or Terminal()
    with ExitStack() as held:
        if isinstance(progress, Terminal):
            held.callback(progress.close)
        note_namesake(name, asked.source, progress)
        return read(reader, name, asked, progress)
