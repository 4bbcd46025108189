"""Models that are trained once for many tests, which stand around a training and need its result alone.

As after a kill: a run goes on from the stages that it finds finished. What would be another model - another
base, recipe, seed or post - has another fingerprint, is found nowhere, and is trained.
"""

import shutil
import tempfile
from pathlib import Path

from huggingtweets_hub.core.records import TrainedModel
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.pipeline import learn, workspace
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.pipeline.learn import Recording


class Trained:
    """What is trained while tests run: as `learn`, from what an earlier test has learned if there is any.

    Several processes may share the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._learn = folder, learn.learn

    def learn(self, gathered: Gathered, recording: Recording, context: Context) -> TrainedModel:
        """As `learn.learn`."""
        work = workspace.of(gathered.name, gathered.fingerprint).folder
        kept = self._folder / gathered.name / work.name
        if kept.is_dir() and not (work / "training.json").exists():
            shutil.copytree(kept, work, dirs_exist_ok=True)
        model = self._learn(gathered, recording, context)
        if model.is_new and not kept.is_dir() and not gathered.formats:
            made = Path(tempfile.mkdtemp(dir=self._folder))
            of_this_run = shutil.ignore_patterns("tracking.json")
            shutil.copytree(work, made, dirs_exist_ok=True, ignore=of_this_run)
            kept.parent.mkdir(exist_ok=True)
            try:
                made.rename(kept)
            except OSError:  # another process was quicker
                shutil.rmtree(made)
        return model
