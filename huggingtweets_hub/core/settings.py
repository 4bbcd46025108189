"""Every environment variable and every default, in one place."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from huggingtweets_hub.core.errors import InvalidInputError, RejectedXTokenError
from huggingtweets_hub.core.names import REPO_ID, expanded

DEFAULT_BASE_MODEL = "openai-community/gpt2"
DEFAULT_NAMESPACE = "huggingtweets"
DEFAULT_PROMPT = "My dream is"
DEFAULT_SEED = 20200611
DEFAULT_SAMPLES = 32
DEFAULT_RETRIES = 2
DEFAULT_MAX_COST_USD = 20.0

SEPARATOR = "<|endoftext|>"
"""Goes between posts if the tokenizer has no separator of its own, and when characters are counted."""
# The original's sampling; `training.saving` writes it into the file that current transformers versions read.
# The temperature is spelled out because the pipeline would otherwise use 0.7.
SAMPLING = {
    "do_sample": True,
    "temperature": 1.0,
    "top_p": 0.95,
    "top_k": 50,
    "min_new_tokens": 3,
    "max_new_tokens": 160,
}

X_API_URL = "https://api.x.com"
BLUESKY_URL = "https://public.api.bsky.app"
PLC_URL = "https://plc.directory"
X_TIMELINE_LIMIT = 3200
"""How many posts of one account the X API returns: the newest ones."""
X_POST_PRICE_USD = 0.005
X_USER_PRICE_USD = 0.010

_DATASETS = "hf://datasets/"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
_ADDRESS = re.compile(r"[\w:/.~%\[\]-]+", re.ASCII)
NO_LOGIN = r"(?!(?:[\w-]+(?:\.[\w-]+)+|localhost):\d{1,5}/@|[\w.-]+:\d{1,5}/(?:users|web)/@)"
"""Before what may be a login: not a profile on a server with a port."""
# What stands after a colon is a password, which may have a slash in it.
_LOGIN = re.compile(rf"^((?:[\w+.-]+:)?//)?{NO_LOGIN}(?:[^/?#:]*:(?!//).*|[^/?#]+)@", re.DOTALL)
TOKEN = re.compile(r"[!-~]+")
"""What a header can carry: printable ASCII without blanks."""


def home() -> Path:
    """The folder for fetched pages, work in progress and opt-outs (`HUGGINGTWEETS_HOME`).

    Raises:
        InvalidInputError: It is an address.
    """
    place = os.environ.get("HUGGINGTWEETS_HOME")
    if place and "://" in place:
        raise InvalidInputError(
            f"HUGGINGTWEETS_HOME is {masked(place)!r}, which is an address and not a folder.",
            "Set it to a folder on this machine, or unset it to use ~/.cache/huggingtweets.",
        )
    return expanded(place) if place else Path.home() / ".cache" / "huggingtweets"


def store() -> str | None:
    """Where fetched pages and opt-outs are kept if the machine does not last (`HUGGINGTWEETS_STORE`).

    A folder, or `hf://datasets/NAMESPACE/NAME` for a private dataset on the Hub.

    Raises:
        InvalidInputError: It is any other address.
    """
    place = os.environ.get("HUGGINGTWEETS_STORE") or None
    if place and "://" in place and not REPO_ID.fullmatch(place.removeprefix(_DATASETS)):
        raise InvalidInputError(
            f"HUGGINGTWEETS_STORE is {bare(place)!r}, which is not a valid store.",
            f"Set it to a folder, or to {_DATASETS}NAMESPACE/NAME for a private dataset on the Hub.",
        )
    return place


def dataset() -> str | None:
    """The dataset used as the store, as NAMESPACE/NAME; None if there is none, or the store is a folder."""
    place = store() or ""
    return place.removeprefix(_DATASETS) if place.startswith(_DATASETS) else None


def kept() -> Path:
    """The folder for what must outlive the machine: fetched pages, which cost money, and opt-outs."""
    place = store()
    return home() if place is None or dataset() else expanded(place)


def folders() -> tuple[Path, ...]:
    """The store that is a folder, and the home: who opted out is noted in both, and looked up in both."""
    return tuple(dict.fromkeys((kept(), home())))


def packages() -> Path:
    """The folder for what the page stands on: files from npm, fetched again where they are missing."""
    return home() / "npm"


def timelines() -> Path:
    """The folder for pages from the X API."""
    return kept() / "timelines"


def namespace(named: str | None = None) -> str:
    """The Hub user or organisation to publish under: the one that is named, else `HUGGINGTWEETS_NAMESPACE`.

    An empty name is one, too, and is refused by whoever checks it.
    """
    return named if named is not None else os.environ.get("HUGGINGTWEETS_NAMESPACE") or DEFAULT_NAMESPACE


def x_bearer_token() -> str | None:
    """The X API token (`X_BEARER_TOKEN`, then `TWITTER_BEARER_TOKEN`), or None.

    Raises:
        RejectedXTokenError: It cannot be a token; the message does not show it.
    """
    for name in ("X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN"):
        if token := os.environ.get(name, "").strip():
            if not TOKEN.fullmatch(token):
                raise RejectedXTokenError(
                    f"The token in {name} contains a space, a line break or a non-ASCII character.",
                    "Copy the Bearer Token of your app from the X developer console again, on one line.",
                )
            return token
    return None


def x_api_url() -> str:
    """The address of the X API (`HUGGINGTWEETS_X_API_URL`).

    Raises:
        InvalidInputError: The address must not be sent a token, and every request carries one.
    """
    url = os.environ.get("HUGGINGTWEETS_X_API_URL") or X_API_URL
    require_safe_address("HUGGINGTWEETS_X_API_URL", url, "the real X API")
    return url.rstrip("/")


def bluesky_url() -> str:
    """The address of Bluesky's public API (`HUGGINGTWEETS_BLUESKY_URL`).

    Raises:
        InvalidInputError: It is neither https nor on this machine.
    """
    return _public_service("HUGGINGTWEETS_BLUESKY_URL", BLUESKY_URL, "Bluesky's own")


def plc_url() -> str:
    """The address of the directory of Bluesky's accounts (`HUGGINGTWEETS_PLC_URL`).

    Raises:
        InvalidInputError: It is neither https nor on this machine.
    """
    return _public_service("HUGGINGTWEETS_PLC_URL", PLC_URL, "the real directory")


def fediverse_url() -> str | None:
    """The address that is asked in place of every server (`HUGGINGTWEETS_FEDIVERSE_URL`).

    A server's name is the first part of the path there; None if the servers themselves are asked.

    Raises:
        InvalidInputError: It is neither https nor on this machine.
    """
    return _public_service("HUGGINGTWEETS_FEDIVERSE_URL", "", "the servers themselves") or None


def _public_service(variable: str, default: str, said: str) -> str:
    url = os.environ.get(variable) or default
    if url:
        require_safe_address(variable, url, said, "What it says cannot be trusted.")
    return url.rstrip("/")


def require_safe_address(
    variable: str, url: str, default: str, otherwise: str = "A token must not be sent there."
) -> None:
    """Make sure that an address may be sent a token: over https, or to this machine.

    Args:
        variable: Where the address is from.
        default: What is used if the variable is not set.
        otherwise: Why no other address will do.

    Raises:
        InvalidInputError: It is neither, or it has a user name, a password, a query or a fragment.
    """
    if is_safe_address(url):
        return
    raise InvalidInputError(
        f"{variable} is {masked(url)!r}, which is neither https nor a loopback address, or has a login, a "
        f"query or a fragment in it. {otherwise}",
        f"Unset it to use {default}, or give an https:// address.",
    )


def is_safe_address(url: str) -> bool:
    """Whether an address is https, or on this machine, and has neither login, query nor fragment."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)
    return bool(_ADDRESS.fullmatch(url) and parts.hostname) and is_safe


def bare(address: str) -> str:
    """The address without all that may be secret, wherever it stands: a login, a query, a fragment."""
    scheme, _, rest = address.partition("://")
    _, login, place = rest.rpartition("@")
    return f"{scheme}://{login and '***@'}{re.split('[?#]', place)[0]}"


def masked(address: str) -> str:
    """The address without the user name and password that may stand in it."""
    return _LOGIN.sub(r"\1***@", address)
