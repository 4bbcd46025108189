"""Who an account of Bluesky is: its handle, its DID, and the server that keeps its posts.

A handle is a domain name that leads to a DID, and the DID's document says which handle it has; only where
both agree is the handle the account's. The document also says which server keeps the posts. Anyone can have
such a server, so its address is one that a stranger has chosen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.accounts import NETWORKS, mention
from huggingtweets_hub.core.errors import (
    AccountNotFoundError,
    ServerRefusedError,
    SourceError,
    UnsafeAddressError,
    WrongAccountError,
)
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts.web import Web

ASK_FOR_REPOSITORY = (
    "Or use the account's own export: in the app, Settings > Account > Export my data saves repo.car; then "
    "use --from repo.car."
)
_PATTERN = NETWORKS["bluesky"].pattern
_NOWHERE = frozenset(("alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion"))
"""Top-level domains in which no handle can be."""
_SERVER = ("#atproto_pds", "AtprotoPersonalDataServer")
_LARGEST_DOCUMENT, _LARGEST_DID = 1 << 20, 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account of Bluesky.

    Attributes:
        handle: Confirmed both ways; the DID where it has none that is.
        server: The origin of the server that keeps its posts.
    """

    handle: str
    did: str
    server: str


def web_of(progress: Progress, seconds: float = 180.0) -> Web:
    """The web as it is asked for Bluesky's accounts; `seconds` is for one small request and its tries."""
    stand_ins = (settings.bluesky_url(), settings.plc_url())
    return Web(progress, stand_ins, instead=ASK_FOR_REPOSITORY, seconds=seconds)


def identify(web: Web, name: str) -> Identity:
    """The account with this handle or DID.

    Raises:
        AccountNotFoundError: There is none.
        WrongAccountError: The handle leads to an account that has another one.
        UnsafeAddressError: Its server must not be asked.
        SourceError: Who it is could not be found out.
    """
    name = name.lower()
    if name.startswith("did:"):
        document = _document(web, name)
        claimed = next(_handles(document), "")
        is_confirmed = claimed and _confirmed(web, claimed) == name
        return Identity(handle=claimed if is_confirmed else name, did=name, server=_server(document, name))
    if name.rpartition(".")[2] in _NOWHERE:
        raise AccountNotFoundError(
            f"@{name} cannot be a handle on Bluesky: no domain ends in .{name.rpartition('.')[2]}.",
            "Check the spelling, or give the account's DID (did:plc:…).",
        )
    did = _resolved(web, name)
    document = _document(web, did)
    claimed = next(_handles(document), "")
    if claimed != name:
        says = f"says that it is @{claimed}" if claimed else "says that it has no handle"
        raise WrongAccountError(
            f"@{name} leads to an account that {says} ({did}).",
            f"Check the spelling, or use {claimed or did} if that is the account that you mean.",
        )
    return Identity(handle=name, did=did, server=_server(document, name))


def _resolved(web: Web, handle: str) -> str:
    """The DID that a handle leads to: as Bluesky's public API knows it, else as the domain itself says."""
    try:
        return _known(web, handle)
    except SourceError as error:
        first = error
    try:
        return _did(web.get_text(f"{_site(handle)}/.well-known/atproto-did", largest=_LARGEST_DID), handle)
    except SourceError as second:
        if not isinstance(first, ServerRefusedError | AccountNotFoundError):
            raise first from second
        raise AccountNotFoundError(
            f"There is no account @{handle} on Bluesky: the handle leads nowhere.",
            "Check the spelling of the handle, or give the account's DID (did:plc:…).",
        ) from first


def _confirmed(web: Web, handle: str) -> str:
    """The DID that a handle leads to; empty if it leads nowhere."""
    try:
        return _resolved(web, handle)
    except AccountNotFoundError:
        return ""


def _known(web: Web, handle: str) -> str:
    url = f"{settings.bluesky_url()}/xrpc/com.atproto.identity.resolveHandle"
    answer = web.get_json(url, {"handle": handle}, largest=_LARGEST_DOCUMENT)
    return _did(answer.get("did") if isinstance(answer, dict) else None, handle)


def _did(value: Any, handle: str) -> str:
    if isinstance(value, str) and value.startswith("did:") and _PATTERN.fullmatch(value):
        return value.lower()
    raise AccountNotFoundError(
        f"@{handle} leads to {one_line(repr(value)[:80])}, which is not a DID.",
        "Check the spelling of the handle, or give the account's DID (did:plc:…).",
    )


def _document(web: Web, did: str) -> dict[str, Any]:
    host = did.removeprefix("did:web:")
    url = f"{settings.plc_url()}/{did}" if host == did else f"{_site(host)}/.well-known/did.json"
    try:
        document = web.get_json(url, largest=_LARGEST_DOCUMENT)
    except ServerRefusedError as error:
        if error.status not in (404, 410):
            raise
        state = "is not known to anyone" if error.status == 404 else "was deleted"
        raise AccountNotFoundError(f"The account {did} {state}.", "Check the handle or DID.") from error
    if isinstance(document, dict) and document.get("id") == did:
        return document
    raise SourceError(
        f"The document of {did} at {urlsplit(url).hostname} is that of another account, or no document.",
        f"Try again later. {ASK_FOR_REPOSITORY}",
    )


def _handles(document: dict[str, Any]) -> Iterator[str]:
    """The handles that an account says it has; the first one counts."""
    for name in _listed(document, "alsoKnownAs"):
        if isinstance(name, str) and name.startswith("at://") and _PATTERN.fullmatch(name[5:]):
            yield name[5:].lower()


def _server(document: dict[str, Any], name: str) -> str:
    """The origin of the first server that an account names for its posts."""
    kind_id, kind = _SERVER
    for service in _listed(document, "service"):
        if not isinstance(service, dict) or service.get("type") != kind:
            continue
        if service.get("id") in (kind_id, f"{document['id']}{kind_id}"):
            address = service.get("serviceEndpoint")
            return _origin(address if isinstance(address, str) else "", name)
    raise AccountNotFoundError(
        f"{mention(name)} names no server that keeps its posts.", f"Check the handle. {ASK_FOR_REPOSITORY}"
    )


def _origin(address: str, name: str) -> str:
    if settings.is_safe_address(address) and urlsplit(address).path in ("", "/"):
        return address.rstrip("/")
    raise UnsafeAddressError(
        f"{mention(name)} names {one_line(settings.masked(address)) or 'nothing'} as the server that keeps "
        "its posts, which is not an https address without a path.",
        f"Nothing was sent there. {ASK_FOR_REPOSITORY}",
    )


def _listed(document: dict[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    return value if isinstance(value, list) else []


def _site(host: str) -> str:
    """The address of a host; a stand-in for Bluesky on this machine stands for all hosts."""
    here = settings.bluesky_url()
    return here if urlsplit(here).hostname in settings.LOOPBACK_HOSTS else f"https://{host}"
