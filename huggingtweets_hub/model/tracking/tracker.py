"""Where a run is recorded: Weights & Biases, trackio, or nowhere.

The lineage is the original's: a *preprocess* run takes the raw tweets and gives the data set, a
*train* run takes the data set and the base model and gives the trained model. Artifacts hold ids,
digests and counts; texts only where the user asks for it.
"""

import hashlib
import json
import netrc
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import InvalidInputError, TrackingError
from huggingtweets_hub.core.records import BaseModel, Corpus, RunLink, Timeline
from huggingtweets_hub.core.serialization import to_json

TRACKERS = ("auto", "wandb", "trackio", "none")
_PROJECT = "huggingtweets"


class Run(Protocol):
    """A training run that is being recorded."""

    link: RunLink | None

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record metrics of a step."""

    def summarize(self, results: Mapping[str, Any]) -> None:
        """Record final results."""

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        """Record the published model by reference.

        Args:
            address: The repository at the commit, as an address.
            files: The SHA-256 of each file.

        Raises:
            TrackingError: The tracker does not take it; the model is published all the same.
        """

    def finish(self, *, failed: bool = False) -> None:
        """End the run."""


class Tracker(Protocol):
    """Implement this to record elsewhere, and pass the object as `tracker`."""

    name: str

    def record_data(
        self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool
    ) -> RunLink | None:
        """Record what was read and what was kept of it; `texts` includes the texts themselves."""

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """Begin the training's run, or go on with one that a kill cut short."""


def open(tracker: "str | Tracker") -> Tracker:
    """The tracker by its name; `auto` is W&B where it has a key or `WANDB_MODE` is set.

    Raises:
        InvalidInputError: An unknown name.
        TrackingError: The tracker is not installed, or W&B has no key.
    """
    if not isinstance(tracker, str):
        return tracker
    mode = _wandb_mode()
    if tracker == "auto":
        return Nowhere() if mode is None or mode == "disabled" else Wandb(mode)
    if tracker == "none" or (tracker == "wandb" and mode == "disabled"):
        return Nowhere()
    if tracker == "wandb":
        if mode is None:
            raise TrackingError(
                "W&B has no API key.", "Run 'wandb login', set WANDB_MODE=offline, or use --tracker none."
            )
        return Wandb(mode)
    if tracker == "trackio":
        return Trackio()
    raise InvalidInputError(f"There is no tracker {tracker!r}.", f"Choose from: {', '.join(TRACKERS)}.")


class Nowhere:
    """Records nothing. It is its own run."""

    name = "none"
    link: RunLink | None = None

    def record_data(self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool) -> None:
        """Nothing to record."""

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """A run that records nothing."""
        return self

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Pass over."""

    def summarize(self, results: Mapping[str, Any]) -> None:
        """Pass over."""

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        """Pass over."""

    def finish(self, *, failed: bool = False) -> None:
        """Pass over."""


class Wandb:
    """Weights & Biases, online or offline (`WANDB_MODE`)."""

    name = "wandb"

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._data: Any = None

    def record_data(
        self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool
    ) -> RunLink:
        """The *preprocess* run: raw tweets in, data set out."""
        import wandb

        run = self._init(model, "preprocess", {"statistics": to_json(corpus.statistics)})
        raw = wandb.Artifact(f"{model}-tweets", type="raw_dataset")
        for timeline in timelines:
            rows = [{"id": tweet.id, **_described(tweet.text, texts)} for tweet in timeline.tweets]
            _add_json(raw, f"{timeline.account.handle}.json", rows)
        if not run.offline:  # an offline run has no inputs
            run.use_artifact(raw)
        else:
            run.log_artifact(raw)
        dataset = wandb.Artifact(
            f"{model}-dataset", type="dataset", metadata={"kept_sha256": corpus.kept_sha256}
        )
        for part in ("train", "validation", "held_out"):
            _add_json(dataset, f"{part}.json", [_described(text, texts) for text in getattr(corpus, part)])
        run.log_artifact(dataset)
        self._data = dataset
        link = _link(run)
        run.finish()
        return link

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """The *train* run: data set and base model in."""
        import wandb

        run = self._init(model, "train", config, resumed)
        if not run.offline and self._data is not None:
            run.use_artifact(self._data.wait())
        if not run.offline and base.kind == "hub":
            artifact = wandb.Artifact(base.name.replace("/", "-"), type="model")
            address = f"https://huggingface.co/{base.name}/tree/{base.revision}"
            artifact.add_reference(address, name="base", checksum=False)
            run.use_artifact(artifact)
        return _WandbRun(run, model)

    def _init(self, model: str, job: str, config: Mapping[str, Any], resumed: RunLink | None = None) -> Any:
        import wandb

        named = os.environ.get("WANDB_DIR")
        folder = Path(named) if named else core_files.folder(settings.home() / "wandb")
        folder.mkdir(parents=True, exist_ok=True)
        return wandb.init(
            project=os.environ.get("WANDB_PROJECT") or _PROJECT,
            name=f"{model} {job}",
            group=model,
            job_type=job,
            config=dict(config),
            mode=self._mode,  # type: ignore[arg-type]  # WANDB_MODE is checked by wandb itself
            id=resumed.id if resumed else None,
            resume="allow" if resumed else None,
            dir=str(folder),
            # In a batch the run of the account before may still be open.
            settings=wandb.Settings(silent=True, console="off", reinit="create_new"),
        )


class _WandbRun:
    def __init__(self, run: Any, model: str) -> None:
        self._run = run
        self._model = model
        self.link: RunLink | None = _link(run)

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        self._run.log(dict(metrics), step=step)

    def summarize(self, results: Mapping[str, Any]) -> None:
        self._run.summary.update(dict(results))

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        import wandb

        model = wandb.Artifact(self._model, type="model", metadata={"sha256": dict(files)})
        for path in sorted(files):
            model.add_reference(f"{address}/{path}", name=path, checksum=False)
        try:
            self._run.log_artifact(model)
        except wandb.Error as error:
            raise TrackingError(
                f"W&B did not take the model's artifact: {error}.", "The model is published all the same."
            ) from error

    def finish(self, *, failed: bool = False) -> None:
        self._run.finish(exit_code=1 if failed else 0)


class Trackio:
    """trackio's own database on this machine; no account, no artifacts."""

    name = "trackio"

    def __init__(self) -> None:
        try:
            import trackio  # noqa: F401  # asked for here, so that its absence shows before a training
        except ImportError as error:
            raise TrackingError(
                "trackio is not installed.", "Run: pip install 'huggingtweets_hub[trackio]'."
            ) from error

    def record_data(self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool) -> None:
        """Trackio keeps no artifacts; the training's run carries the configuration."""

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """The run of the training."""
        import trackio

        name = resumed.id if resumed else model
        with redirect_stdout(sys.stderr):  # stdout is for the result
            run = trackio.init(project=_PROJECT, name=name, config=dict(config), resume="allow", embed=False)
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
        """Trackio keeps no artifacts."""

    def finish(self, *, failed: bool = False) -> None:
        with redirect_stdout(sys.stderr):
            self._run.finish()


def _wandb_mode() -> str | None:
    """The mode W&B would run in, or None where it has neither a key nor a mode."""
    if mode := os.environ.get("WANDB_MODE"):
        return mode
    if os.environ.get("WANDB_API_KEY"):
        return "online"
    host = urlsplit(os.environ.get("WANDB_BASE_URL") or "https://api.wandb.ai").hostname or ""
    try:
        return "online" if netrc.netrc(os.environ.get("NETRC")).authenticators(host) else None
    except (OSError, netrc.NetrcParseError):
        return None


def _link(run: Any) -> RunLink:
    return RunLink(id=run.id, url=None if run.offline else run.url)


def _described(text: str, whole: bool) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return {"sha256": digest, "characters": len(text)} | ({"text": text} if whole else {})


def _add_json(artifact: Any, name: str, rows: list[dict[str, Any]]) -> None:
    with artifact.new_file(name, encoding="utf-8") as file:
        json.dump(rows, file)


def _flat(results: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in results.items():
        flat |= _flat(value, f"{prefix}{key}/") if isinstance(value, Mapping) else {prefix + key: value}
    return flat
