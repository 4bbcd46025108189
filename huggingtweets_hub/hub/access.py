"""Where on the Hub a publication goes, and whether the token can write there."""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.errors import HubError, HubUnavailableError, InvalidInputError, NoWriteAccessError
from huggingtweets_hub.core.names import REPO_ID
from huggingtweets_hub.hub import client

ME = "@me"
NOBODY = "your-name"
"""What stands for `@me` on a card that is only looked at."""
_WRITING_ROLES = ("admin", "write", "contributor")


def destination(
    handles: Iterable[str],
    *,
    namespace: str | None = None,
    repo_id: str | None = None,
    is_dry: bool = False,
) -> str:
    """The repo id to publish to; `@me` is the account of the Hub token.

    Args:
        is_dry: Nothing is to be sent, so that without a token `NOBODY` stands for `@me`.

    Raises:
        InvalidInputError: The result is not a valid repo id, or it does not lie in the namespace.
        NotLoggedInError: `@me` is given, but no valid token is set.
    """
    if repo_id is None:
        place = NOBODY if is_dry and is_unnamed(namespace) else named(namespace)
        repo_id = f"{place}/{model_name(handles)}"
    if not REPO_ID.fullmatch(repo_id):
        raise InvalidInputError(
            f"{repo_id!r} is not a valid repo id.", "Write --repo-id as 'namespace/name', as on the Hub."
        )
    if namespace is not None and not (is_dry and is_unnamed(namespace)):
        require_inside(namespace, repo_id)
    return repo_id


def is_unnamed(namespace: str | None) -> bool:
    """Whether `@me` is meant, but no token says whose account that is."""
    from huggingface_hub import get_token

    return settings.namespace(namespace) == ME and get_token() is None


def named(namespace: str | None) -> str:
    """The namespace that is meant: `@me` is the account of the Hub token, None the default.

    Raises:
        InvalidInputError: It cannot be one.
        NotLoggedInError: `@me` is given, but no valid token is set.
    """
    namespace = settings.namespace(namespace)
    require_namespace(namespace)
    return str(client.whoami()["name"]) if namespace == ME else namespace


def require_namespace(namespace: str) -> None:
    """Make sure that this can be a namespace, or is `@me`.

    Raises:
        InvalidInputError: It cannot.
    """
    if namespace != ME and not REPO_ID.fullmatch(f"{namespace}/x"):
        raise InvalidInputError(
            f"{namespace!r} is not the name of a user or organization on the Hub.",
            "Give the namespace as it appears in its page's address, or @me.",
        )


def is_same(namespace: str, other: str) -> bool:
    """Whether both are one namespace, in any case; the Hub is asked only where just one of them is `@me`.

    Raises:
        NotLoggedInError: It is asked, but no valid token is set.
    """
    namespace, other = namespace.lower(), other.lower()
    return namespace == other or (
        ME in (namespace, other) and named(namespace).lower() == named(other).lower()
    )


def require_inside(namespace: str, repo_id: str) -> None:
    """Make sure that a repo id lies in the namespace that is given beside it.

    Raises:
        InvalidInputError: It lies in another one.
        NotLoggedInError: The namespace is `@me`, but no valid token is set.
    """
    if not is_same(namespace, repo_id.split("/")[0]):
        raise InvalidInputError(
            f"The repository {repo_id} is not in the namespace {namespace!r}.",
            "Give --repo-id or --namespace, not both.",
        )


def require_token() -> None:
    """Make sure that there is a token, without asking the Hub about it.

    Raises:
        NotLoggedInError: None is set.
    """
    client.token()


def require_login() -> None:
    """Make sure that the Hub accepts the token, which is all that a pull request needs.

    Raises:
        NotLoggedInError: No token is set, or the Hub refuses it.
        UnwritableError: The Hub's client cannot write its own files.
    """
    _require_cache()
    client.whoami()


def require_write_access(repo_id: str, *, elsewhere: bool = True) -> None:
    """Make sure that the token can write there, before anything is paid for or trained.

    Args:
        elsewhere: Whether it could go to another namespace as well.

    Raises:
        NotLoggedInError: No token is set, or the Hub refuses it.
        NoWriteAccessError: The token cannot write to the namespace.
        UnwritableError: The Hub's client cannot write its own files.
    """
    _require_cache()
    who = client.whoami()
    namespace = repo_id.split("/")[0]
    is_own = is_same(namespace, who["name"])
    token = who.get("auth", {}).get("accessToken", {})
    if token.get("role") == "fineGrained":
        allowed = _fine_grained_can_write(token.get("fineGrained") or {}, namespace, repo_id)
    else:
        roles = {org["name"].lower(): org.get("roleInOrg", "write") for org in who.get("orgs") or ()}
        may_write = is_own or roles.get(namespace.lower()) in _WRITING_ROLES
        allowed = may_write and token.get("role", "write") != "read"
    if not allowed:
        log_in = "log in with a token that has write access there ('hf auth login')."
        own_name = "Publish under your own name with --namespace @me, or "
        raise NoWriteAccessError(
            f"The Hub token of {who['name']} cannot write to {namespace!r}.",
            log_in.capitalize() if is_own or not elsewhere else own_name + log_in,
        )


def _require_cache() -> None:
    """Make sure that what is read back from the Hub can be stored."""
    from huggingface_hub import constants

    files.require_writable(Path(constants.HF_HUB_CACHE))


@functools.lru_cache(maxsize=64)
def is_open(repo_id: str) -> bool:
    """Whether everybody may read a model: it is neither private nor gated, and the Hub says so.

    Raises:
        HubUnavailableError: The Hub does not answer.
    """
    try:
        info = client.ask(f"say who may read {repo_id}", lambda api: api.model_info(repo_id, token=False))
    except HubUnavailableError:
        raise
    except HubError:
        return False
    return not (info.private or info.gated)


def _fine_grained_can_write(scopes: Mapping[str, Any], namespace: str, repo_id: str) -> bool:
    return any(
        str(scope.get("entity", {}).get("name")).lower() in (namespace.lower(), repo_id.lower())
        and "repo.write" in (scope.get("permissions") or ())
        for scope in scopes.get("scoped") or ()
    )
