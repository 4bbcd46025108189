"""An account that is taken down while its model is being made."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from huggingtweets_hub.core.errors import HubError, TrainingError
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
    except Exception as error:
        if not work.is_gone:
            raise
        # Who deleted them here has listed the account here; a batch's worker has no token to ask the Hub.
        with suppress(HubError):
            opt_outs.require_absent(
                people(gathered.timelines, gathered.texts), namespace=gathered.repo_id.split("/")[0]
            )
        raise TrainingError(
            f"The work files of {gathered.name} were deleted while the model was being made.",
            "Run the same command again. It begins anew.",
        ) from error
