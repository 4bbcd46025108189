"""What a users file may ask for: others may have written it, or a pull request may change it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub import card
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.model_files import CONFIG
from huggingtweets_hub.core.names import REPO_ID
from huggingtweets_hub.hub import access
from huggingtweets_hub.model import base
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.budget import Budget

FLAG = "--trust-users-file"
FROM = "from"
_BASE = "base-model"
_SWITCHES = ("overwrite", "rebuy", "force", "track_texts", "include_private")
_OPTIONS = ("template", *_SWITCHES, "repo_id", "namespace")
_GUARDS = ("private", "create_pr")


def reaches_far(name: str, value: object, namespace: str) -> bool:
    """Whether an option can do harm: publish a file, replace what is there, spend money, or go elsewhere.

    Args:
        name: The option's field.
        namespace: Where the command sends what does not say otherwise.
    """
    if name == "template":
        return str(value) not in card.TEMPLATES
    if name in ("repo_id", "namespace"):
        return value is not None and not access.is_same(str(value).split("/")[0], namespace)
    return name in _SWITCHES and value is True


def far_reaching(order: Order, namespace: str) -> Iterator[str]:
    """The names of an order's options that can do harm, as users write them."""
    for name in _OPTIONS:
        if reaches_far(name, getattr(order, name), namespace):
            yield name.replace("_", "-")


def require_open_bases(orders: Iterable[Order], given: str | Path) -> None:
    """Make sure that no weights which only this token can read become public by a users file.

    Args:
        given: The base model that the command names, or the default.

    Raises:
        InvalidInputError: An entry names another one that is private or gated, or not there.
        HubUnavailableError: The Hub does not answer.
    """
    named = {base.hub_id(order.base_model) for order in orders if str(order.base_model) != str(given)}
    for name in sorted(filter(None, named)):
        if not access.is_open(name):
            raise InvalidInputError(
                f"The users file names the base model {name!r:.200}, which not everyone can read.",
                f"Give --base-model to the command, or {FLAG} if you trust all who can change this file.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How far a users file is trusted.

    Attributes:
        folder: The file's.
        namespace: Where the command sends what does not say otherwise.
        is_full: The command says that the file may ask for whatever the command may.
        defaults: What the command asks for.
    """

    folder: Path
    namespace: str
    is_full: bool
    defaults: Order

    def require(self, name: str, value: object) -> None:
        """Make sure that an entry may give an option this value.

        Raises:
            InvalidInputError: It may not.
        """
        flag = name.replace("_", "-")
        if self.is_full:
            return
        if name in _GUARDS and value is False and getattr(self.defaults, name):
            raise InvalidInputError(
                f"'{flag}' is given to the command and cannot be turned off here.",
                f"Leave it out, or give {FLAG} if you trust all who can change this file.",
            )
        if not reaches_far(name, value, self.namespace):
            return
        if name in ("repo_id", "namespace"):
            raise InvalidInputError(
                f"'{flag}' leads to {str(value).split('/')[0]!r:.60}, outside of {self.namespace!r}.",
                f"Give --namespace to the command, or {FLAG} if you trust all who can change this file.",
            )
        raise InvalidInputError(
            f"'{flag}' is not allowed in a users file.",
            f"Give --{flag} to the command, or {FLAG} if you trust all who can change this file.",
        )

    def place(self, name: str, text: str, words: tuple[str, ...]) -> str | Path:
        """A word that is known, a Hub id, or what lies beside the users file.

        Raises:
            InvalidInputError: There is no such file, or it lies elsewhere.
        """
        if text in words:
            return text
        path = self.folder / text
        with suppress(ValueError):  # of a home that no user can have
            path = self.folder / os.path.expanduser(text)
        is_id = REPO_ID.fullmatch(text if "/" in text else f"hub/{text}")
        if name == _BASE and is_id and not os.path.isdir(path):
            if os.path.exists(text):  # a folder of that name where the command runs goes before a Hub id
                self._require_inside(name, Path(text).absolute())
            return text
        self._require_inside(name, path)
        needed = path / CONFIG if name == _BASE else path
        if not (os.path.isfile(needed) or (name == FROM and os.path.isdir(path))):
            others = [*words, *(["a Hub id"] if name == _BASE else [])]
            raise InvalidInputError(
                f"There is no file {str(needed)!r}.",
                f"Give '{name}' a path from the users file's folder, or: {', '.join(others)}.",
            )
        if name == FROM:
            sources.open(path, Budget(0))  # which knows the kinds
        return path

    def _require_inside(self, name: str, path: Path) -> None:
        """Make sure that a path, and whatever is linked to below it, lies in the users file's folder."""
        if self.is_full or "\0" in str(path):  # there is no such file
            return
        top = os.path.realpath(self.folder)
        for found in _ways(path):
            if not Path(os.path.realpath(found)).is_relative_to(top):
                raise InvalidInputError(
                    f"'{name}' leads out of the users file's folder: {str(found)!r:.200}.",
                    f"Put it next to the file, or give {FLAG} if you trust all who can change the file.",
                )


def _ways(path: Path) -> Iterator[Path]:
    """The path, and all links below it."""
    yield path
    for folder, inner, files in os.walk(path):
        yield from (found for name in (*inner, *files) if (found := Path(folder, name)).is_symlink())
