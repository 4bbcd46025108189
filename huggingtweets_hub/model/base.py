"""The model that training starts from: from the Hub, from a folder, or built on the spot."""

import copy
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.records import BaseModel
from huggingtweets_hub.hub import client

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

T = TypeVar("T")
SCRATCH = "scratch"
SEPARATOR = "<|endoftext|>"
# The names under which the Hub still redirects the first GPT-2 repositories.
_ALIASES = {
    "gpt2": "openai-community/gpt2",
    "gpt2-medium": "openai-community/gpt2-medium",
    "gpt2-large": "openai-community/gpt2-large",
    "gpt2-xl": "openai-community/gpt2-xl",
    "distilgpt2": "distilbert/distilgpt2",
}
_HUB_ID = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9][\w.-]*(/[A-Za-z0-9_][\w.-]*)?", re.ASCII)
# A change to how `scratch` is built changes what comes of it: count up.
_SCRATCH_REVISION = "1"
_SCRATCH_VOCABULARY = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A base model and where it lies on this machine: a Hub id or a folder, never published."""

    model: BaseModel
    location: str


def resolve(spec: str | Path) -> Checkpoint:
    """Which model a user means by a Hub id, a folder or `scratch`, down to its revision.

    Raises:
        BaseModelError: There is no such model, or it may not be read.
    """
    name = str(spec)
    if name == SCRATCH:
        model = BaseModel(name=SCRATCH, kind="scratch", revision=_SCRATCH_REVISION, license="mit")
        return Checkpoint(model=model, location=SCRATCH)
    folder = Path(name).expanduser()
    if (folder / "config.json").is_file():
        return _from_folder(folder.resolve())
    if folder.exists() or not _HUB_ID.fullmatch(name):
        raise BaseModelError(
            f"{name!r} is no folder of a model: it has no config.json.",
            "Give a folder that save_pretrained() wrote, a Hub id such as 'openai-community/gpt2', "
            "or 'scratch'.",
        )
    return _from_hub(_ALIASES.get(name, name))


class Loaded(NamedTuple):
    """A base model in float32, and its tokenizer, whose separator is set as BOS, EOS and padding.

    Attributes:
        has_new_separator: The base had none, so what its token means is still to be learned.
    """

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    has_new_separator: bool


def load(checkpoint: Checkpoint, texts: Sequence[str], *, seed: int) -> Loaded:
    """A base model, ready to be trained or to be looked at.

    Args:
        texts: What a tokenizer is trained on, where the model is built on the spot.
        seed: Decides the weights of a model that is built on the spot, and those of a new separator.

    Raises:
        BaseModelError: The files are no causal language model, or not in safetensors.
    """
    if checkpoint.model.kind == "scratch":
        return Loaded(*_build_scratch(texts, seed), has_new_separator=True)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source: dict[str, Any] = {
        "pretrained_model_name_or_path": checkpoint.location,
        "trust_remote_code": False,
    }
    if checkpoint.model.kind == "hub":
        client.bound()
        source["revision"] = checkpoint.model.revision
    try:
        tokenizer = AutoTokenizer.from_pretrained(**source)
        model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32, use_safetensors=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise BaseModelError(
            f"The base model {checkpoint.model.name!r} cannot be loaded: {_first_line(error)}",
            "Take a causal language model that is stored as safetensors, such as 'openai-community/gpt2'.",
        ) from error
    has_new_separator = tokenizer.eos_token is None
    if has_new_separator:
        torch.manual_seed(seed)
        tokenizer.add_special_tokens({"eos_token": SEPARATOR})
    if len(tokenizer) > int(model.config.get_text_config().vocab_size):
        model.resize_token_embeddings(len(tokenizer))
    set_separator(tokenizer)
    return Loaded(model, tokenizer, has_new_separator)


class Shelf:
    """Where a base model stays once it is loaded, for the next account to take a copy of.

    Args:
        keeps: Keep the last one in memory; else each is loaded from disk, and no second copy is held.
    """

    def __init__(self, *, keeps: bool = True) -> None:
        self._keeps = keeps
        self._key: object = None
        self._kept: Loaded | None = None
        self._made: dict[object, Any] = {}

    def take(self, checkpoint: Checkpoint, texts: Sequence[str], *, seed: int) -> Loaded:
        """What `load` gives, to do with as one likes."""
        if not self._keeps or checkpoint.model.kind == SCRATCH:  # the latter depends on the texts
            return load(checkpoint, texts, seed=seed)
        self._select(checkpoint, seed)
        if self._kept is None:
            self._kept = load(checkpoint, texts, seed=seed)
        return copy.deepcopy(self._kept)

    def made(self, checkpoint: Checkpoint, seed: int, key: object, make: Callable[[], T]) -> T:
        """What the base model makes by itself, whatever the account; made once while the model is kept."""
        if not self._keeps or checkpoint.model.kind == SCRATCH:
            return make()
        self._select(checkpoint, seed)
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def _select(self, checkpoint: Checkpoint, seed: int) -> None:
        """Clear the shelf where it holds another model."""
        key = (checkpoint, seed)
        if key != self._key:
            self._key, self._kept, self._made = key, None, {}


def set_separator(tokenizer: "PreTrainedTokenizerBase") -> None:
    """Make the end-of-text token stand in front of every encoded prompt, and serve as padding.

    A prompt then begins as a tweet does, also in a pipeline that knows nothing of this package.
    """
    tokenizer.bos_token = tokenizer.eos_token
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.add_bos_token = True


def context_length(model: "PreTrainedModel") -> int:
    """How many tokens the model can read at once."""
    config = model.config.get_text_config()
    return int(getattr(config, "max_position_embeddings", None) or 1024)


def _from_folder(folder: Path) -> Checkpoint:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".json", ".safetensors", ".txt", ".model"):
            with path.open("rb") as file:
                digest.update(f"{path.name}:{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    license = _license(folder / "README.md")
    model = BaseModel(name=folder.name, kind="folder", revision=digest.hexdigest(), license=license)
    return Checkpoint(model=model, location=str(folder))


def _from_hub(repo_id: str) -> Checkpoint:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        client.bound()
        config = Path(hf_hub_download(repo_id, "config.json"))
    except GatedRepoError as error:
        raise BaseModelError(
            f"The base model {repo_id!r} is gated and your account has not been let in.",
            f"Ask for access at https://huggingface.co/{repo_id}, then 'hf auth login'.",
        ) from error
    except LocalEntryNotFoundError as error:
        raise BaseModelError(
            f"The base model {repo_id!r} is not on this machine and the Hub does not answer.",
            "Check the connection, or use --base-model with a folder, or 'scratch'.",
        ) from error
    except RepositoryNotFoundError as error:
        raise BaseModelError(
            f"There is no model {repo_id!r} on the Hub.", "Check the id at https://huggingface.co/models."
        ) from error
    except EntryNotFoundError as error:
        raise BaseModelError(
            f"{repo_id!r} has no config.json: it is no transformers model.",
            "Take a causal language model, such as 'openai-community/gpt2'.",
        ) from error
    except HfHubHTTPError as error:
        raise BaseModelError(
            f"The Hub does not give {repo_id!r}: {_first_line(error)}", "Try again later."
        ) from error
    revision = config.parent.name
    try:
        readme: Path | None = Path(hf_hub_download(repo_id, "README.md", revision=revision))
    except (EntryNotFoundError, HfHubHTTPError):
        readme = None
    model = BaseModel(name=repo_id, kind="hub", revision=revision, license=_license(readme))
    return Checkpoint(model=model, location=repo_id)


def _license(readme: Path | None) -> str | None:
    """The license in a model card's front matter, where it is a Hub id."""
    if readme is None or not readme.is_file():
        return None
    import yaml

    front_matter = re.match(r"---\n(.*?)\n---\s", readme.read_text("utf-8", "replace"), re.DOTALL)
    try:
        metadata = yaml.safe_load(front_matter.group(1)) if front_matter else None
    except yaml.YAMLError:
        return None
    license = metadata.get("license") if isinstance(metadata, dict) else None
    return license if isinstance(license, str) and license != "other" else None


def _build_scratch(texts: Sequence[str], seed: int) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """A small GPT-2 with random weights, and a byte-level BPE trained on the texts."""
    import json

    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(
        texts, vocab_size=_SCRATCH_VOCABULARY, special_tokens=[SEPARATOR], show_progress=False
    )
    trained = json.loads(bpe.to_str())["model"]
    merges: list[Any] = [tuple(merge) for merge in trained["merges"]]
    tokenizer = GPT2Tokenizer(vocab=trained["vocab"], merges=merges, model_max_length=256)
    set_separator(tokenizer)
    torch.manual_seed(seed)
    separator = tokenizer.eos_token_id
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=256,
        n_embd=256,
        n_layer=4,
        n_head=4,
        bos_token_id=separator,
        eos_token_id=separator,
    )
    return GPT2LMHeadModel(config), tokenizer


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
