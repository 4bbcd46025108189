"""How long a training takes, and what follows it, said before it begins."""

from huggingtweets_hub.core.progress import Forecast, Progress, expect
from huggingtweets_hub.core.records import Corpus
from huggingtweets_hub.model import evaluation
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.results import Wanted
from huggingtweets_hub.model.training import pace, saving
from huggingtweets_hub.model.training.preparation import Prepared
from huggingtweets_hub.model.training.stepper import Stepper


def foretell(
    progress: Progress,
    checkpoint: Checkpoint,
    corpus: Corpus,
    prepared: Prepared,
    stepper: Stepper,
    *,
    validated: int,
    wanted: Wanted | None,
) -> None:
    """Say how many seconds each stage will take, where that is shown.

    Args:
        validated: The tokens that will be scored for the curve.
        wanted: What will be measured of the trained model; None if nothing.
    """
    if not isinstance(progress, Forecast):
        return
    model, tokenizer, steps = prepared.model, prepared.tokenizer, prepared.steps
    known = pace.of(checkpoint.model, stepper, tokenizer, steps, corpus.held_out or corpus.validation)
    expect(progress, {"Training": known.of_steps(steps), "Saving": saving.expected(model)})
    expect(progress, {"Validating": validated * known.scoring})
    if wanted is not None:
        foretold = evaluation.expected(
            checkpoint, model, tokenizer, corpus, wanted, seed=stepper.recipe.seed,
            for_loading=prepared.for_loading, for_scoring=known.scoring, for_drawing=known.drawing,
        )  # fmt: skip
        expect(progress, foretold)
