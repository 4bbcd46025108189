"""The page on a Space: visitors sign in, train on shared hardware, and leave nothing behind."""

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from huggingtweets_hub.app import worker, zero_gpu
from huggingtweets_hub.app.jobs import Jobs
from huggingtweets_hub.app.process import Process
from huggingtweets_hub.app.web import launch
from huggingtweets_hub.app.web.words import Place
from huggingtweets_hub.core.errors import HubError
from huggingtweets_hub.hub import spaces

_PROMISE = (
    "Your file goes to this Space and is deleted there as soon as it is read. Whatever is made from it is "
    "deleted when you press 'Forget everything', six hours after you leave, and when the Space restarts. "
    "Nothing is published unless you press Publish."
)
_SIGN_IN = (
    "You are not signed in.",
    "Press 'Sign in with Hugging Face' at the top of the page, come back, and press Publish again. The bot "
    "will still be here.",
)
_SIGN_IN_AGAIN = "log out and in again at the top of the page, and let the app create repositories there."
_KEPT_SECONDS = 6 * 3600.0
"""After which a visitor's job is deleted if nobody looks at it; the sign-in lasts for eight hours."""
_WAITING = 100
"""How many clicks, and looks of a page at its job, may wait at once."""
_OWNERS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN", "WANDB_API_KEY")
_ON_ZERO_GPU = (
    "Sign in first: training takes about three minutes of your own ZeroGPU time. A free account has five "
    "minutes a day, PRO forty; a guest has only two, which is not enough."
)


def cost(space: str | None) -> str:
    """What a training costs here, and whom.

    Args:
        space: The repo id of this Space, as far as it is known.
    """
    if zero_gpu.is_here():
        return _ON_ZERO_GPU
    try:
        found = spaces.hardware(space) if space else None
    except HubError:
        found = None
    if found is None:
        return "This Space does not run on ZeroGPU: its owner pays for the hardware by the minute."
    price = f"${found.usd_per_hour:.2f} an hour" if found.usd_per_hour else "nothing by the hour"
    return f"This Space runs on {found.name}, which costs {price}. Its owner pays for it, not you."


def serve(gpu: Callable[..., Any]) -> None:
    """Serve the page to everyone who opens the Space, until it is stopped.

    Args:
        gpu: `spaces.GPU`.
    """
    for name in _OWNERS:  # what visitors do, they do with tokens of their own
        os.environ.pop(name, None)
    process: Callable[..., Process] = Process
    if zero_gpu.is_here():
        process = partial(zero_gpu.OnZeroGpu, call=zero_gpu.in_one_call(gpu, worker.in_this_process))
    place = Place(_PROMISE, _SIGN_IN, cost(os.environ.get("SPACE_ID")), _SIGN_IN_AGAIN)
    with Jobs(process, kept_seconds=_KEPT_SECONDS) as jobs:
        launch.prepare(jobs.uploads)
        from huggingtweets_hub.app.web.page import build

        page = build(jobs, place=place)
        page.queue(max_size=_WAITING)  # on ZeroGPU it would be 1, and all else is answered with 503
        print(launch.launch(page, port=None, is_public=True), flush=True)
        try:
            threading.Event().wait()
        finally:
            page.close(verbose=False)
