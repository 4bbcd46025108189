"""Where the posts of a job come from: a file of its visitor, or an account that is public."""

import os
from pathlib import Path

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.accounts import model_name, network_of, parse_handle
from huggingtweets_hub.core.errors import (
    HuggingTweetsError,
    InvalidInputError,
    OptedOutError,
    SourceError,
    WrongAccountError,
)
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Timeline
from huggingtweets_hub.core.wishes import Consent

_SOURCES = {"bluesky": "bluesky", "fediverse": "mastodon"}


def of_file(file: Path, handle: str | None, progress: Progress) -> Timeline:
    """The posts of a file, which is deleted unless it is to be given again with another handle.

    Args:
        handle: Whose they are, where the file does not say.

    Raises:
        HuggingTweetsError: They cannot be read.
    """
    is_done = True
    try:
        return of_source([handle] if handle else [], str(file), progress, consent="self")
    except HuggingTweetsError as error:
        is_done = not isinstance(error, InvalidInputError | WrongAccountError)
        told = error.message.replace(f"{file.parent}{os.sep}", "")  # where it lies is nobody's business
        raise HuggingTweetsError(told, error.next_step) from error
    finally:
        if is_done:
            file.unlink(missing_ok=True)


def of_account(account: str, progress: Progress) -> Timeline:
    """The posts of an account of Bluesky or the Fediverse.

    What the source would keep of them for a day is not left behind.

    Raises:
        HuggingTweetsError: They cannot be read, or its owner does not want that.
    """
    network = _network(account)
    name = model_name([parse_handle(account)])
    before = set(settings.timelines().glob(f"{name}-*"))
    try:
        return of_source([account], network, progress)
    except OptedOutError as error:
        raise OptedOutError(
            error.message,
            "If the account is your own, download its archive there and drop that file here instead.",
        ) from error
    finally:
        for path in set(settings.timelines().glob(f"{name}-*")) - before:
            files.remove(path)


def of_source(
    handles: list[str], source: str, progress: Progress, consent: Consent | None = None
) -> Timeline:
    """The posts of one of the sources of `publish`.

    Args:
        consent: Of a file all is read; what its account wishes is asked about later (`Job.choose`).

    Raises:
        HuggingTweetsError: They cannot be read.
    """
    from huggingtweets_hub.pipeline import gather, opening, options
    from huggingtweets_hub.posts import source as sources
    from huggingtweets_hub.posts.budget import Budget

    selection = options.Selection(consent=consent)
    ((name, reader),) = opening.readers(handles, source, Budget(0), selection.reading).items()
    sources.require_usable(reader, name)
    return gather.read(reader, name, selection, progress)


def _network(account: str) -> str:
    """The word of the source that reads an account over the network.

    Raises:
        InvalidInputError, SourceError: It is not an account, or one of a network that takes a file.
    """
    network = network_of(parse_handle(account))
    if network not in _SOURCES:
        raise SourceError(
            f"The posts of {account!r:.80} cannot be read over the network here.",
            "Ask that network for your archive, and drop it here; docs/networks.md says where to get it. "
            "Write a Bluesky account as ann.bsky.social, a Mastodon account as ann@host.",
        )
    return _SOURCES[network]
