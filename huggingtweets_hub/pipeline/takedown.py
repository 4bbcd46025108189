"""An account that is taken down while its model is being made."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from huggingtweets_hub.core.errors import HubError
from huggingtweets_hub.hub import opt_outs
from huggingtweets_hub.pipeline.gather import Gathered, people
from huggingtweets_hub.pipeline.workspace import Workspace


@contextmanager
def noticed(gathered: Gathered, work: Workspace) -> Iterator[None]:
    """Say so where work files that somebody has deleted are why something fails.

    Raises:
        OptedOutError: An account was taken down, and with it the files.
        TrainingError: They were deleted for another reason.
    """
    try:
        yield
    except Exception:
        if work.is_gone:
            # Who deleted them here has listed the account here; a batch's worker has no token to ask the Hub.
            with suppress(HubError):
                opt_outs.require_absent(
                    people(gathered.timelines, gathered.texts), namespace=gathered.repo_id.split("/")[0]
                )
        work.require_there()
        raise
