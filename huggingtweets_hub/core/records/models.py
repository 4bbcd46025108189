"""What a model starts from, how it is trained, and what it has learned."""

import dataclasses
import math
from dataclasses import dataclass, field

from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.records.forms import FormFile, LeftOut

# A larger loss would flatten the rest of the curve.
_MAX_DRAWN_LOSS = 1_000.0
_LONGEST_TRAINING = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """The model that training starts from.

    Attributes:
        name: What the card calls it: the Hub id, a folder's name, `tiny` or `scratch`.
        kind: `hub`, `folder`, `tiny` (it comes with the package) or `scratch` (built on the spot).
        revision: The Hub commit, or a digest of the files.
        license: The Hub's id of its license, if its card states one.
    """

    name: str
    kind: str
    revision: str
    license: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a model is trained: every hyperparameter that affects the weights.

    Attributes:
        layout: `blocks`: posts one after another, cut into blocks. `apart`: each post a sequence of its
            own, so that none is read as the beginning of another.
        block_size: Tokens in a training block, fewer if the model's context is shorter; for `apart` the
            maximum number of tokens per step, including padding.
        batch_size: Blocks per step.
        warmup: Share of the steps during which the learning rate rises.
        dropout: Replaces the model's own, if given.
        freeze_embeddings: Leave the token embeddings as they are in the base model.
        bf16: Compute in bf16 if the hardware supports it, in float16 on a CUDA card that does not; the
            weights stay float32.
        keep_best: Stop when the loss on the validation posts no longer falls, and keep the weights for
            which it was smallest.
        lora_rank: Train matrices of this rank beside the linear layers, which are added to the weights in the
            end; None to train the weights themselves.
    """

    name: str
    epochs: int
    learning_rate: float
    seed: int
    layout: str = "blocks"
    block_size: int = 1024
    batch_size: int = 1
    schedule: str = "cosine"
    warmup: float = 0.0
    optimizer: str = "AdamW"
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    dropout: float | None = None
    freeze_embeddings: bool = False
    bf16: bool = False
    keep_best: bool = False
    lora_rank: int | None = None

    @property
    def identity(self) -> dict[str, object]:
        """What tells it from others: without adapters what it was before there were any."""
        values = dataclasses.asdict(self)
        return {name: value for name, value in values.items() if name != "lora_rank" or value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One point of the training curve; losses in nats per token, seconds spent on training alone."""

    seconds: float
    step: int
    loss: float | None = None
    validation_loss: float | None = None

    @property
    def drawn_losses(self) -> tuple[float | None, float | None]:
        """Both losses, without extreme ones that would flatten the rest of the curve."""
        loss, seen = (
            value if value is not None and abs(value) < _MAX_DRAWN_LOSS else None
            for value in (self.loss, self.validation_loss)
        )
        return loss, seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How long training took and how the loss developed.

    Attributes:
        precision: `float32`, or `bf16` or `float16` if the matrix products were computed in it.
        best_step: The step whose weights were kept; None for the last.
    """

    seconds: float
    steps: int
    tokens: int
    device: str
    parameters: int
    curve: tuple[CurvePoint, ...] = ()
    precision: str = "float32"
    best_step: int | None = None

    def __post_init__(self) -> None:
        if self.seconds > _LONGEST_TRAINING:
            raise InvalidFactsError(
                f"A training cannot have taken {self.seconds:g} seconds.", "Give the seconds that it took."
            )

    @property
    def has_curve(self) -> bool:
        """Whether the curve can be drawn: a loss at two steps or more."""
        return len({point.step for point in self.curve if point.drawn_losses != (None, None)}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well a model predicts texts, each alone after the separator.

    Attributes:
        tokens: Tokens predicted; the separators are not counted.
        loss: Nats per token.
        perplexity: exp(loss).
        bits_per_byte: Bits per byte of UTF-8, comparable between tokenizers.
        standard_error: Of the loss, as far as it depends on which texts were taken; None for a single text.
    """

    tweets: int
    tokens: int
    loss: float
    perplexity: float
    bits_per_byte: float
    standard_error: float | None = None

    def __post_init__(self) -> None:
        counted, error = (self.tweets, self.tokens), self.standard_error or 0.0
        measured = (*counted, self.loss, self.perplexity, self.bits_per_byte, error)
        if not all(0 <= number < math.inf for number in measured):
            raise InvalidFactsError(
                f"A score has a value that is not possible: {dataclasses.asdict(self)}.",
                "All values must be finite and not below zero. If training diverged, lower --learning-rate.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMeasures:
    """Measures of a number of texts, compared with the training posts.

    Attributes:
        texts: How many were measured.
        repeated: Share that repeats a training post word for word.
        overlapping: Share that has 8 or more words in a row in common with one, including repeats.
        distinct_1, distinct_2: Different words, and pairs of words, as a share of all.
        mean_length: Characters.
        ended: Share that came to an end by itself; None for posts.
    """

    texts: int
    repeated: float
    overlapping: float
    distinct_1: float
    distinct_2: float
    mean_length: float
    ended: float | None = None

    def __post_init__(self) -> None:
        shares = (self.repeated, self.overlapping, self.distinct_1, self.distinct_2, self.ended or 0)
        sizes = (self.texts, self.mean_length)
        if not all(0 <= share <= 1 for share in shares) or not all(0 <= size < math.inf for size in sizes):
            raise InvalidFactsError(
                f"A measure of texts has a value that is not possible: {dataclasses.asdict(self)}.",
                "Shares must be between 0 and 1, and no value may be below zero.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What fine-tuning changed.

    Attributes:
        base, tuned: How well the held-out posts are predicted, before and after.
        base_samples, tuned_samples: What the models write, without a prompt.
        tweets: The same measures for as many held-out posts, for comparison.
    """

    base: Score
    tuned: Score
    base_samples: TextMeasures | None = None
    tuned_samples: TextMeasures | None = None
    tweets: TextMeasures | None = None

    def __post_init__(self) -> None:
        for name in ("base_samples", "tuned_samples"):
            measures = getattr(self, name)
            if measures is not None and measures.ended is None:
                raise InvalidFactsError(
                    f"'{name}.ended' is missing.", "Say there which share came to an end by itself."
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What the model writes: seeded, not hand-picked, and with anything that may identify others masked.

    Attributes:
        prompt: What the prompted ones begin with.
        free: Written without a prompt.
        prompted_base: What the base model writes for the same prompt; empty if that was not looked at.
        replaced, prompted_replaced: How many were left out because they repeat a post of the accounts,
            without the prompt and with it.
    """

    prompt: str
    seed: int
    free: tuple[str, ...]
    prompted: tuple[str, ...] = ()
    prompted_base: tuple[str, ...] = ()
    replaced: int = 0
    prompted_replaced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLink:
    """A run of an experiment tracker; `url` is None if it is not online."""

    id: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """Which tracker recorded a model, and the runs for its data and its training."""

    tracker: str
    data: RunLink | None = None
    training: RunLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How long each stage took, in seconds."""

    seconds: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """A finished folder of weights and tokenizer, and what is known of it.

    Attributes:
        files: The SHA-256 of each file in the folder.
        versions: Versions of Python and of the libraries that trained it.
        evaluation, samples: What it has learned and what it writes; None until it is measured.
        tracked: Where the training was recorded.
        stages: Seconds of each stage that led to it.
        is_new: It was trained here; otherwise it is the one on the Hub.
        forms: What was made of it for other clients; their files are among `files`.
        forms_left_out: What was asked for and could not be made.
    """

    training: Training
    files: dict[str, str]
    versions: dict[str, str]
    evaluation: Evaluation | None = None
    samples: Samples | None = None
    tracked: Tracked | None = None
    stages: dict[str, float] = field(default_factory=dict)
    is_new: bool = False
    forms: tuple[FormFile, ...] = ()
    forms_left_out: tuple[LeftOut, ...] = ()
