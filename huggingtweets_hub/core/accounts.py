"""Accounts of every network: how a handle is written, where its page is, and what its model is called.

A handle is one word that names an account among those of all networks: `Ann` on X, `ann.bsky.social` or
`did:plc:…` on Bluesky, `ann@m.example` in the Fediverse, and `reddit:ann` and the like elsewhere. An X name
has neither dot, `@` nor colon, and each of the others has one of these, so no two networks share a handle.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from huggingtweets_hub.core.errors import InvalidInputError

NetworkName = Literal["x", "bluesky", "fediverse", "threads", "instagram", "reddit", "other"]
MAX_ACCOUNTS = 3
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# No domain ends like a file of text or of posts, which is easily given in place of a handle.
_FILE = r"(?!.*\.(?:csv|jsonl?|ndjson|parquet|tsv|txt|ya?ml)\Z)"
_HOST = rf"(?=.{{3,253}}\Z){_FILE}(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"
_LONGEST_MODEL_NAME = 96  # huggingface_hub's validate_repo_id


class Network(NamedTuple):
    """What differs from network to network.

    Attributes:
        title: What it is called in a sentence.
        pattern: What its handles look like.
        page: The address of a profile, with `{name}` for the name as the network writes it, `{user}` and
            `{host}` for its parts; None where there is none to be known.
        mention: How an account is named in a sentence, by its name; no two networks do it alike where their
            names look alike.
        post, repost: What its users call a post, and another's post that they pass on.
    """

    title: str
    pattern: re.Pattern[str]
    page: str | None
    mention: str = "@{}"
    post: str = "post"
    repost: str = "repost"


def _handles(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


NETWORKS: Mapping[NetworkName, Network] = {
    "x": Network(
        "X", _handles(r"[a-z0-9_]{1,15}"), "https://twitter.com/{name}", post="tweet", repost="retweet"
    ),
    "bluesky": Network(
        "Bluesky",
        _handles(rf"did:plc:[a-z2-7]{{24}}|did:web:{_HOST}|{_HOST}"),
        "https://bsky.app/profile/{name}",
    ),
    "fediverse": Network(
        "the Fediverse",
        _handles(rf"(?P<user>\w(?:[\w.-]{{0,62}}\w)?)@(?P<host>{_HOST})"),
        "https://{host}/@{user}",
        repost="boost",
    ),
    "threads": Network(
        "Threads",
        _handles(r"threads:(?P<name>[\w.]{1,30})"),
        "https://www.threads.com/@{name}",
        "@{} on Threads",
    ),
    "instagram": Network(
        "Instagram",
        _handles(r"instagram:(?P<name>[\w.]{1,30})"),
        "https://www.instagram.com/{name}/",
        "@{} on Instagram",
    ),
    "reddit": Network(
        "Reddit", _handles(r"reddit:(?P<name>[\w-]{1,20})"), "https://www.reddit.com/user/{name}/", "u/{}"
    ),
    "other": Network("elsewhere", _handles(r"other:(?P<name>\w(?:[\w.-]{0,62}\w)?)"), None, "{}"),
}
_MODEL = _handles(rf"[\w.-]+_{_HOST}|[\w.-]+\.(?:threads|instagram|reddit|other)|did_(?:plc|web)_[\w.-]+")
HANDLE = NETWORKS["x"].pattern
"""A handle on X."""

# The pages of profiles, and of posts there, whose address is given in place of a handle.
_X_HOST = re.compile(r"(?:(?:www|mobile|m)\.)?(?:x|twitter)\.com", re.IGNORECASE)
_X_PAGES = frozenset(
    ("explore", "hashtag", "home", "i", "intent", "login", "messages", "notifications", "search", "settings")
)
_PAGES = (
    (re.compile(r"(?:staging\.)?bsky\.app/profile/([^/]+)", re.I), "{}"),
    (re.compile(r"(?:www\.)?threads\.(?:com|net)/@([^/]+)", re.I), "threads:{}"),
    (re.compile(r"(?:www\.)?instagram\.com/(?!(?:p|reel|explore)(?:/|\Z))([^/]+)", re.I), "instagram:{}"),
    (re.compile(r"(?:(?:www|old|new)\.)?reddit\.com/u(?:ser)?/([^/]+)", re.I), "reddit:{}"),
    (re.compile(r"/?u/([^/]+)", re.I), "reddit:{}"),  # as Reddit itself writes a name
    (re.compile(r"(?P<host>[^/@]+)/(?:@|users/)(?P<user>[^/@]+)(?:@(?P<home>[^/@]+))?", re.I), ""),
)
WANTED = "`ann` on X, `ann.bsky.social` on Bluesky, `ann@host` in the Fediverse, or `reddit:ann` and the like"


def network_of(handle: str) -> NetworkName:
    """The network that a handle belongs to.

    Raises:
        InvalidInputError: It is not a handle.
    """
    return _network(handle) or _refuse(handle)


def is_handle(text: str) -> bool:
    """Whether this is a handle, with or without a leading @."""
    return _network(text.removeprefix("@")) is not None


def parse_handle(text: str) -> str:
    """The handle without its leading @, also from the address of a profile.

    Upper and lower case are kept where they are part of how a name is shown.

    Raises:
        InvalidInputError: It is not a handle of any network.
    """
    handle = (on_page(text) or text).removeprefix("@")
    network = _network(handle) or _refuse(text)
    if network == "bluesky":
        return handle.lower()
    if network == "fediverse":
        user, _, host = handle.partition("@")
        return f"{user}@{host.lower()}"
    prefix, colon, name = handle.rpartition(":")
    return f"{prefix.lower()}{colon}{name}"


def on_page(address: str) -> str | None:
    """The handle whose profile, or a post of which, has this address; None if it is another page's."""
    scheme, _, rest = address.rpartition("://")
    if scheme.lower() not in ("", "http", "https"):
        return None
    page = re.split(r"[?#]", rest, maxsplit=1)[0].rstrip("/")
    host, slash, path = page.partition("/")
    if not slash:
        return None
    if _X_HOST.fullmatch(host):
        name = path.partition("/")[0].removeprefix("@")
        return name if HANDLE.fullmatch(name) and name.lower() not in _X_PAGES else None
    for pattern, form in _PAGES:
        if found := pattern.match(page):
            handle = form.format(found[1]) if form else f"{found['user']}@{found['home'] or found['host']}"
            return handle if _network(handle) else None
    return None


def name_of(handle: str) -> str:
    """The name as its network writes it."""
    found = NETWORKS[network_of(handle)].pattern.fullmatch(handle)
    parts = found.groupdict() if found else {}
    return str(parts.get("name") or handle)


def nouns(handles: Iterable[str]) -> tuple[str, str]:
    """What a post and a repost are called: on the network of these accounts, or on several."""
    networks = set(map(network_of, handles))
    network = NETWORKS[networks.pop() if len(networks) == 1 else "other"]
    return network.post, network.repost


def mention(handle: str) -> str:
    """How the account is named in a sentence."""
    network = _network(handle)
    return NETWORKS[network].mention.format(name_of(handle)) if network else f"@{handle}"


def mentioned(text: str) -> str | None:
    """The handle of the account that `mention` names so; None if this names none."""
    for name, network in NETWORKS.items():
        before, after = network.mention.split("{}")
        inner = text.removeprefix(before).removesuffix(after)
        for handle in (inner, f"{name}:{inner}"):
            if _network(handle) == name and mention(handle) == text:
                return handle
    return None


def profile_page(handle: str) -> str | None:
    """The address of the account's profile; None where its network has none."""
    network = NETWORKS[network_of(handle)]
    found = network.pattern.fullmatch(handle)
    parts = {key: value for key, value in (found.groupdict() if found else {}).items() if key != "name"}
    return network.page.format(name=name_of(handle), **parts) if network.page else None


def model_name(handles: Iterable[str]) -> str:
    """The name of the model of these accounts: lower-cased, sorted, joined by a hyphen.

    What the Hub does not allow in a name is replaced, and a name that is too long ends in its digest.
    """
    name = "-".join(sorted(_part(handle) for handle in handles))
    if len(name) <= _LONGEST_MODEL_NAME:
        return name
    return f"{name[:80].rstrip('-.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def is_model_name(text: str) -> bool:
    """Whether this looks like the name of a model of other networks than X, which is not a handle itself."""
    return len(text) <= 3 * _LONGEST_MODEL_NAME and _MODEL.fullmatch(text) is not None


def may_be_of(name: str, handle: str) -> bool:
    """Whether a model with this name may have been made of this account, alone or with others."""
    return f"-{_part(handle)}-" in f"-{name.lower()}-"


def _part(handle: str) -> str:
    handle = handle.lower()
    network, _, name = handle.rpartition(":")
    if network in NETWORKS:  # reddit:ann
        handle = f"{name}.{network}"
    part = re.sub(r"[@:]", "_", handle).replace("--", "__").replace("..", "._")
    part = re.sub(r"\A[.-]|[.-]\Z", "_", part)
    return re.sub(r"\.git\Z", "_git", part)


def _network(handle: str) -> NetworkName | None:
    return next((name for name, network in NETWORKS.items() if network.pattern.fullmatch(handle)), None)


def _refuse(text: str) -> NetworkName:
    if re.search(r"[.@:/]", text.strip("@")):
        raise InvalidInputError(f"{text!r:.300} is not a handle of any network.", f"Write it as {WANTED}.")
    raise InvalidInputError(
        f"{text!r:.300} is not a valid X handle: a handle has 1 to 15 letters, digits or underscores.",
        "Use the name after the @ on the profile page. For other networks, write "
        "`ann.bsky.social`, `ann@host`, or `reddit:ann` and the like.",
    )
