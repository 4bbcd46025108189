"""The model that training starts from: from the Hub, a folder or the package, or newly built."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub.core import arguments, settings
from huggingtweets_hub.core.errors import BaseModelError, first_line
from huggingtweets_hub.core.files import read_whole, sha256
from huggingtweets_hub.core.model_files import CONFIG
from huggingtweets_hub.core.names import CARD, REPO_ID, expanded
from huggingtweets_hub.core.records import BaseModel
from huggingtweets_hub.core.spelling import nearest
from huggingtweets_hub.hub import client
from huggingtweets_hub.model import tiny

SCRATCH, TINY = "scratch", "tiny"
OWN = (TINY, SCRATCH)
"""The base models that need no network and no files of the user."""
# The names under which the Hub still redirects the first GPT-2 repositories.
_ALIASES = {
    "gpt2": "openai-community/gpt2",
    "gpt2-medium": "openai-community/gpt2-medium",
    "gpt2-large": "openai-community/gpt2-large",
    "gpt2-xl": "openai-community/gpt2-xl",
    "distilgpt2": "distilbert/distilgpt2",
}
_HUB_ID = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9][\w.-]*(/[A-Za-z0-9_][\w.-]*)?", re.ASCII)
# If the way `scratch` is built changes, its results change: increase this.
_SCRATCH_REVISION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A base model and where to load it from: a Hub id or a local folder, which is never published."""

    model: BaseModel
    location: str


def resolve(spec: str | Path) -> Checkpoint:
    """The model that a user means by a Hub id, a folder, `tiny` or `scratch`, with its exact revision.

    Raises:
        BaseModelError: There is no such model, or there is no access to it.
        NotLoggedInError: The Hub refuses the token.
    """
    name = _own(spec)
    if name == SCRATCH:
        model = BaseModel(name=SCRATCH, kind="scratch", revision=_SCRATCH_REVISION, license="mit")
        return Checkpoint(model=model, location=SCRATCH)
    if name == TINY:
        model = BaseModel(name=TINY, kind="tiny", revision=tiny.revision(), license="mit")
        return Checkpoint(model=model, location=TINY)
    require_possible(spec)
    folder = expanded(name)
    if _is_model(folder):
        return _from_folder(folder.resolve())
    return _from_hub(_ALIASES.get(name, name))


def _own(spec: str | Path) -> str:
    """What a user wrote, with the names of our own models in small letters."""
    name = str(spec)
    return name.lower() if name.lower() in OWN else name


def _is_model(folder: Path) -> bool:
    return os.path.isfile(folder / CONFIG)


def require_possible(spec: str | Path) -> None:
    """Make sure that a base model may be there, as far as that can be told without the network.

    Raises:
        BaseModelError: It is a folder without a model, or not the id of one.
    """
    name = _own(spec)
    folder = expanded(name)
    if name in OWN or _is_model(folder):
        return
    if os.path.lexists(folder) or not _HUB_ID.fullmatch(name):
        why = "it has no config.json" if os.path.lexists(folder) else "there is no such folder"
        raise BaseModelError(
            f"{name!r} is not a model folder: {why}.",
            "Use a folder that save_pretrained() wrote, a Hub id such as 'openai-community/gpt2', "
            "'tiny' or 'scratch'.",
        )


def require_named(model: str | Path) -> None:
    """Make sure that a finished model may be there, as far as that can be told without the network.

    Raises:
        BaseModelError: There is no such folder, or no model in it, and it is not a repo id.
    """
    folder = expanded(arguments.one("model", model))
    if _is_model(folder):
        return
    if os.path.lexists(folder):
        message = f"{str(model)!r} is not a model folder: it has no config.json."
    elif REPO_ID.fullmatch(str(model)) or str(model) in _ALIASES:
        return
    else:
        message = f"There is no folder {str(model)!r} here, and it is not a repo id on the Hub."
    raise BaseModelError(
        message, "Give a folder that 'publish --output' wrote, or a model on the Hub as 'namespace/name'."
    )


def hub_id(spec: str | Path) -> str | None:
    """The Hub id that a user means; None for those of `OWN`, and where there is a folder of that name."""
    name = _own(spec)
    return None if name in OWN or os.path.exists(expanded(name)) else _ALIASES.get(name, name)


def _from_folder(folder: Path) -> Checkpoint:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".json", ".safetensors", ".txt", ".model"):
            digest.update(f"{path.name}:{sha256(path)}\n".encode())
    license = _license(folder / CARD)
    model = BaseModel(name=folder.name, kind="folder", revision=digest.hexdigest(), license=license)
    return Checkpoint(model=model, location=str(folder))


def disabled(what: str, name: str) -> BaseModelError:
    """The error for a model that the Hub no longer gives to anybody."""
    return BaseModelError(f"The Hub has disabled the {what} {name!r}.", "Its page says why. Use another one.")


def _from_hub(repo_id: str) -> Checkpoint:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        DisabledRepoError,
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        client.bound()
        config = Path(hf_hub_download(repo_id, CONFIG))
    except GatedRepoError as error:
        raise BaseModelError(
            f"The base model {repo_id!r} is gated, and your account does not have access.",
            f"Ask for access at https://huggingface.co/{repo_id}, then run 'hf auth login'.",
        ) from error
    except LocalEntryNotFoundError as error:
        if client.is_of(DisabledRepoError, error):
            raise disabled("base model", repo_id) from error
        raise BaseModelError(
            f"The base model {repo_id!r} is not on this machine, and the Hub does not answer.",
            f"{_meant(repo_id)}Check the connection, or use --base-model with a folder or 'tiny'.",
        ) from error
    except RepositoryNotFoundError as error:
        client.require_accepted(error)
        raise BaseModelError(
            f"There is no model {repo_id!r} on the Hub.",
            f"{_meant(repo_id)}Check the id at https://huggingface.co/models.",
        ) from error
    except EntryNotFoundError as error:
        raise BaseModelError(
            f"{repo_id!r} has no config.json, so it is not a transformers model.",
            "Use a causal language model, such as 'openai-community/gpt2'.",
        ) from error
    except HfHubHTTPError as error:
        client.require_accepted(error)
        raise BaseModelError(
            f"The Hub could not send {repo_id!r}: {first_line(error)}", "Try again later."
        ) from error
    revision = config.parent.name
    try:
        readme: Path | None = Path(hf_hub_download(repo_id, CARD, revision=revision))
    except (EntryNotFoundError, HfHubHTTPError):
        readme = None
    model = BaseModel(name=repo_id, kind="hub", revision=revision, license=_license(readme))
    return Checkpoint(model=model, location=repo_id)


def _meant(name: str) -> str:
    """The model that was probably meant, as a question; nothing where none is like it."""
    known = {*OWN, settings.DEFAULT_BASE_MODEL, *_ALIASES, *_ALIASES.values()}
    near = None if name in known else nearest(name, known)
    return f"Did you mean --base-model {near}? " if near else ""


def _license(readme: Path | None) -> str | None:
    """The license in a model card's front matter, if it is a Hub id."""
    if readme is None or not readme.is_file():
        return None
    import yaml

    try:
        text = read_whole(readme).decode("utf-8", "replace")
        front_matter = re.match(r"---\n(.*?)\n---\s", text, re.DOTALL)
        metadata = yaml.safe_load(front_matter.group(1)) if front_matter else None
    except (yaml.YAMLError, OSError):
        return None
    license = metadata.get("license") if isinstance(metadata, dict) else None
    return license if isinstance(license, str) and license != "other" else None
