"""trackio, on this machine."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

from huggingtweets_hub.core.errors import TrackingError
from huggingtweets_hub.core.records import BaseModel, Corpus, RunLink, Timeline
from huggingtweets_hub.model.tracking.tracker import PROJECT, Run


class Trackio:
    """trackio's own database on this machine; no account, no artifacts."""

    name = "trackio"

    def __init__(self) -> None:
        try:
            import trackio  # noqa: F401  # imported here, so that it fails before training if it is not installed
        except ImportError as error:
            raise TrackingError(
                "trackio is not installed.", "Run: pip install 'huggingtweets_hub[trackio]'."
            ) from error

    def record_data(self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool) -> None:
        """Trackio has no artifacts; the training run holds the configuration."""

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """The training run."""
        import trackio

        name = resumed.id if resumed else model
        with redirect_stdout(sys.stderr):  # stdout is for the result
            run = trackio.init(
                project=PROJECT,
                name=name,
                config=dict(config),
                resume="allow"
                if resumed
                else "never",  # by name it finds the latest run, which was interrupted
                embed=False,
            )
        return _TrackioRun(run, name)


class _TrackioRun:
    def __init__(self, run: Any, name: str) -> None:
        self._run = run
        self.link: RunLink | None = RunLink(id=name)

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        self._run.log(dict(metrics), step=step)

    def summarize(self, results: Mapping[str, Any]) -> None:
        self._run.log(_flat(results))

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        """Trackio has no artifacts."""

    def finish(self, *, failed: bool = False) -> None:
        with redirect_stdout(sys.stderr):
            self._run.finish()


def _flat(results: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in results.items():
        flat |= _flat(value, f"{prefix}{key}/") if isinstance(value, Mapping) else {prefix + key: value}
    return flat
