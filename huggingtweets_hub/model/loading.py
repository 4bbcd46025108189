"""Load a base model, or build a new one, and set its separator."""

import copy
import inspect
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from huggingtweets_hub.core.errors import BaseModelError, HuggingTweetsError, first_line
from huggingtweets_hub.core.model_files import CONFIG
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.core.settings import SEPARATOR
from huggingtweets_hub.hub import client
from huggingtweets_hub.model import own_files, tiny

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
from huggingtweets_hub.model.base import SCRATCH, TINY, Checkpoint, disabled

# The folder of a Hub model in the client's cache.
_IN_CACHE = re.compile(r"/models--([^/]+?)--([^/]+)/snapshots/[^/]+/?\Z")
_SCRATCH_VOCABULARY, _SCRATCH_POSITIONS = 2_000, 256


class Loaded(NamedTuple):
    """A base model in float32, and its tokenizer, whose separator is set as BOS, EOS and padding.

    Attributes:
        has_new_separator: The base model had none, so the meaning of the token has to be learned.
    """

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    has_new_separator: bool


def load(checkpoint: Checkpoint, texts: Sequence[str], *, seed: int, as_stored: bool = False) -> Loaded:
    """A base model, ready for training or evaluation.

    Args:
        texts: What the tokenizer is trained on, if the model is newly built.
        seed: Determines the weights of a newly built model, and those of tokens that the model has none for.
        as_stored: Leave the weights in the number format of their file.

    Raises:
        BaseModelError: The files are not a causal language model, or not in safetensors.
    """
    if checkpoint.model.kind == "scratch":
        return Loaded(*_build_scratch(texts, seed), has_new_separator=True)
    if checkpoint.model.kind == TINY:
        return Loaded(*_load_tiny(), has_new_separator=False)
    import torch
    from transformers import AutoModelForCausalLM

    source: dict[str, Any] = {
        "pretrained_model_name_or_path": checkpoint.location,
        "trust_remote_code": False,
    }
    if checkpoint.model.kind == "hub":
        client.bound()
        source["revision"] = checkpoint.model.revision
    use = "Use a causal language model that is stored as safetensors, such as 'openai-community/gpt2'."
    with explained(checkpoint.model.name, what="base model", next_step=use):
        own_files.require(checkpoint.location, source.get("revision"))
        tokenizer = load_tokenizer(**source)
        kind = "auto" if as_stored else torch.float32
        model = AutoModelForCausalLM.from_pretrained(**source, dtype=kind, use_safetensors=True)
    has_new_separator = tokenizer.eos_token is None
    if has_new_separator:
        tokenizer.add_special_tokens({"eos_token": SEPARATOR})
    if len(tokenizer) > int(model.config.get_text_config().vocab_size):
        torch.manual_seed(seed)
        model.resize_token_embeddings(len(tokenizer))
    set_separator(tokenizer)
    return Loaded(model, tokenizer, has_new_separator)


def load_tokenizer(*location: str | Path, **source: Any) -> Any:
    """The tokenizer of a model; to be called within `explained`.

    Raises:
        ValueError: It cannot be read, or knows no words: an empty one is made where the files are missing.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(*location, **source)
    except OSError:
        raise
    except Exception as error:  # tokenizers raises plain ones
        raise ValueError(f"its tokenizer cannot be read ({first_line(error)}).") from error
    require_words(tokenizer)
    return tokenizer


def require_words(tokenizer: Any) -> None:
    """Make sure that a tokenizer knows more than special tokens.

    Raises:
        ValueError: It does not.
    """
    has_only_added = tokenizer.get_vocab().keys() <= tokenizer.get_added_vocab().keys()
    if has_only_added and tokenizer.vocab_size <= len(tokenizer.all_special_tokens):  # words may be both
        raise ValueError("its tokenizer is missing, or has an empty vocabulary.")


@contextmanager
def explained(
    model: str | Path,
    *,
    what: str = "model",
    next_step: str = "Use a folder that 'publish --output' wrote, or a repo id on the Hub.",
) -> Iterator[None]:
    """Say of whatever the libraries raise at damaged or foreign files which model it is.

    Raises:
        NotLoggedInError: The Hub refuses the token.
        BaseModelError: It could not be loaded.
    """
    from huggingface_hub.errors import DisabledRepoError, GatedRepoError
    from safetensors import SafetensorError

    try:
        yield
    except HuggingTweetsError:
        raise
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
        ImportError,
        SafetensorError,
    ) as error:
        client.require_accepted(error)
        found = _IN_CACHE.search(Path(model).as_posix())
        name = "/".join(found.groups()) if found else str(model)
        if client.is_of(DisabledRepoError, error):
            raise disabled(what, name) from error
        if client.is_of(GatedRepoError, error):
            raise BaseModelError(
                f"The {what} {name!r} is gated, and your account does not have access.",
                f"Ask for access on its page on the Hub ({name}), then run 'hf auth login'.",
            ) from error
        if "couldn't connect" in str(error):
            raise _unanswered(what, name) from error
        if client.is_of_missing_repo(error):
            raise BaseModelError(f"There is no {what} {name!r} {client.seen()}.", next_step) from error
        raise BaseModelError(
            f"The {what} {name!r} could not be loaded: {first_line(error).replace(str(model), name)}",
            next_step,
        ) from error


def located(model: str | Path) -> str:
    """Where to load a model from: its folder or repo id; where the Hub does not answer, what is kept of it.

    The libraries would wait for each file by itself.

    Raises:
        BaseModelError: It is not on this machine, and the Hub does not answer.
    """
    import httpx2
    from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    folder = expanded(model)
    if folder.exists():
        return str(folder)
    client.bound()
    try:
        get_hf_file_metadata(hf_hub_url(str(model), CONFIG))
    except (httpx2.TransportError, OfflineModeIsEnabled) as error:
        kept = try_to_load_from_cache(str(model), CONFIG)
        if not isinstance(kept, str) or not any(Path(kept).parent.glob("*.safetensors")):
            raise _unanswered("model", model) from error
        return str(Path(kept).parent)
    except (HfHubHTTPError, ValueError):  # which loading explains
        pass
    return str(model)


def _unanswered(what: str, model: str | Path) -> BaseModelError:
    return BaseModelError(
        f"The {what} {str(model)!r} is not on this machine, and the Hub does not answer.",
        "Check the connection, or use a folder.",
    )


class Shelf:
    """Keeps a base model once it is loaded, so that the next account can take a copy.

    Args:
        keeps: Keep the last one in memory; if not, each is loaded from disk and no second copy is kept.
    """

    def __init__(self, *, keeps: bool = True) -> None:
        self._keeps = keeps
        self._key: object = None
        self._kept: Loaded | None = None

    def take(
        self, checkpoint: Checkpoint, texts: Sequence[str], *, seed: int, as_stored: bool = False
    ) -> Loaded:
        """What `load` returns, as a copy that the caller may change; what is kept is in float32."""
        if not self._keeps or checkpoint.model.kind == SCRATCH:  # the scratch model depends on the texts
            return load(checkpoint, texts, seed=seed, as_stored=as_stored)
        if self._kept is None or self._key != (checkpoint, seed):
            self._kept = None  # before the next one is loaded
            self._kept, self._key = load(checkpoint, texts, seed=seed), (checkpoint, seed)
        return copy.deepcopy(self._kept)


def set_separator(tokenizer: "PreTrainedTokenizerBase") -> None:
    """Put the end-of-text token in front of every encoded prompt, and use it as padding.

    A prompt then begins like a post, even in a pipeline that knows nothing about this package.
    """
    tokenizer.bos_token = tokenizer.eos_token
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.add_bos_token = True


def context_length(model: "PreTrainedModel") -> int:
    """How many tokens the model can read at once."""
    config = model.config.get_text_config()
    lengths = (getattr(config, name, None) for name in ("max_position_embeddings", "max_seq_len"))  # MPT's
    return int(next(filter(None, lengths), 1024))


def cache_name(model: "PreTrainedModel") -> str:
    """How the model calls the keys and values of what was read; transformers 5.24 has renamed them."""
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"


def gpt2_tokenizer(bpe: str, positions: int) -> "PreTrainedTokenizerBase":
    """The tokenizer of a byte-level BPE, given as the JSON of `tokenizers`, with its separator set."""
    import json

    from transformers import GPT2Tokenizer

    trained = json.loads(bpe)["model"]
    merges: list[Any] = [tuple(merge) for merge in trained["merges"]]
    tokenizer = GPT2Tokenizer(vocab=trained["vocab"], merges=merges, model_max_length=positions)
    set_separator(tokenizer)
    return tokenizer


def _load_tiny() -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """The model in the package, and its tokenizer."""
    try:
        model, bpe = tiny.load()
        return model, gpt2_tokenizer(bpe, context_length(model))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise BaseModelError(
            f"The base model 'tiny' is damaged: {first_line(error)}", "Install huggingtweets_hub again."
        ) from error


def _build_scratch(texts: Sequence[str], seed: int) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """A small GPT-2 with random weights, and a byte-level BPE trained on the texts."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(
        texts, vocab_size=_SCRATCH_VOCABULARY, special_tokens=[SEPARATOR], show_progress=False
    )
    tokenizer = gpt2_tokenizer(bpe.to_str(), _SCRATCH_POSITIONS)
    torch.manual_seed(seed)
    separator = tokenizer.eos_token_id
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=_SCRATCH_POSITIONS,
        n_embd=256,
        n_layer=4,
        n_head=4,
        bos_token_id=separator,
        eos_token_id=separator,
    )
    return GPT2LMHeadModel(config), tokenizer


def load_libraries() -> None:
    """Import the libraries that take seconds to load, before the first account is ready."""
    import torch  # noqa: F401
    from transformers import AutoModelForCausalLM, AutoTokenizer, get_scheduler  # noqa: F401
