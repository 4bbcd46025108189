"""Which bars stderr shows: ours where it can, those of libraries where somebody wants them."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec


def draws_bars() -> bool:
    """Whether stderr can show bars, and nobody has turned them off."""
    _import_bars()
    from huggingface_hub import constants

    has_widgets = "ipykernel" in sys.modules and find_spec("ipywidgets") is not None
    return not constants.HF_HUB_DISABLE_PROGRESS_BARS and (sys.stderr.isatty() or has_widgets)


def _import_bars() -> None:
    """Import tqdm's bars before a library does: without ipywidgets that warns in a notebook."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")
        import tqdm.auto  # noqa: F401


def hush(*, models: bool = True) -> None:
    """Keep the libraries' own bars and hints off the terminal."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if "OMP_WAIT_POLICY" not in os.environ:
        # Read when torch is loaded: how often a waiting thread checks again before it sleeps. The default
        # is so high that training takes many times as long as soon as anything else runs on the machine;
        # with 0 it takes a quarter longer on an idle one.
        os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    # Read when torch is loaded: of how many products, by size and kind, oneDNN keeps the code. With its own
    # number, a training on texts of all lengths grows by 0.1 GB and takes as long.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("DATASETS_VERBOSITY", "critical")
    for library in ("huggingface_hub", "stamina"):
        logging.getLogger(library).setLevel(logging.ERROR)
    if models:
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def transfer_bars(*, shown: bool) -> Iterator[None]:
    """Show the bars of the Hub's client or keep them away, and leave them as they were.

    Where `HF_HUB_DISABLE_PROGRESS_BARS` says something, that holds.
    """
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    if shown or are_progress_bars_disabled() or os.environ.get("HF_HUB_DISABLE_PROGRESS_BARS"):
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


@contextmanager
def without_library_bars(*, transfers: bool = False) -> Iterator[None]:
    """Keep the bars of transformers and the Hub's client away, and leave them as they were.

    Where `HF_HUB_DISABLE_PROGRESS_BARS=0` asks for them, they stay.

    Args:
        transfers: The Hub's client may show what it downloads and uploads.
    """
    _import_bars()
    from huggingface_hub import constants
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )
    from transformers.utils import logging as models

    if constants.HF_HUB_DISABLE_PROGRESS_BARS is False:
        yield
        return
    had_bars, had_hub_bars = models.is_progress_bar_enabled(), not are_progress_bars_disabled()
    models.disable_progress_bar()  # type: ignore[no-untyped-call]  # and those of the Hub
    if transfers and had_hub_bars:
        enable_progress_bars()
    try:
        yield
    finally:
        if had_bars:
            models.enable_progress_bar()  # type: ignore[no-untyped-call]  # and those of the Hub
        (enable_progress_bars if had_hub_bars else disable_progress_bars)()
