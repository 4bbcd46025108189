"""A model in the forms that other clients take, each measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """A file, or a folder of files, that another client takes.

    Attributes:
        form: `gguf`, `onnx` and the like.
        kind: How its numbers are stored.
        file: Where it stands beside the model: a path from its folder.
        bytes: Its size.
        seconds: What making it took.
        loss, model_loss: Of the form and of the model, in nats a token, on the same texts.
        same: How many of `prompts` both continue by the same tokens, the likeliest each time.
    """

    form: str
    kind: str
    file: str
    bytes: int
    seconds: float
    loss: float
    model_loss: float
    same: int
    prompts: int

    @property
    def lost(self) -> float:
        """What the form has lost, in nats a token."""
        return self.loss - self.model_loss


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A form that was not kept, and why, as a sentence without its full stop.

    Attributes:
        kind: None where no kind of it could be made.
    """

    form: str
    kind: str | None
    reason: str
