"""The app on this machine, from its start until it is stopped."""

import threading
from collections.abc import Callable

from huggingtweets_hub.app.jobs import Jobs
from huggingtweets_hub.app.web import launch


def serve(*, port: int | None, opened: Callable[[str], None]) -> None:
    """Serve the page until the process is told to stop; then end all jobs and delete their files.

    Args:
        opened: Is given the page's address once it can be opened.
    """
    from huggingface_hub import get_token

    with Jobs() as jobs:
        launch.prepare(jobs.uploads)
        from huggingtweets_hub.app.web.page import build

        page = build(jobs, token=get_token)
        opened(launch.launch(page, port=port))
        try:
            threading.Event().wait()
        finally:
            page.close(verbose=False)
