"""Weights & Biases: a *preprocess* and a *train* run, with artifacts of digests and counts."""

import json
import netrc
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import TrackingError
from huggingtweets_hub.core.records import BaseModel, Corpus, RunLink, Timeline
from huggingtweets_hub.core.serialization import sha256, to_json
from huggingtweets_hub.model.tracking.tracker import PROJECT, Run

_PROGRAM = "huggingtweets_hub"


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
            # A repost has the words of others.
            rows = [
                {"id": post.id, **_described(post.text, texts and not post.is_retweet)}
                for post in timeline.tweets
            ]
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
            project=os.environ.get("WANDB_PROJECT") or PROJECT,
            name=f"{model} {job}",
            group=model,
            job_type=job,
            config=dict(config),
            mode=self._mode,  # type: ignore[arg-type]  # WANDB_MODE is checked by wandb itself
            id=resumed.id if resumed else None,
            resume="allow" if resumed else None,
            dir=str(folder),
            settings=wandb.Settings(
                silent=True,
                console="off",
                reinit="create_new",  # in a batch, the run of the previous account may still be open
                # A command line holds prompts and paths, a machine its name: neither is anybody's business.
                program=_PROGRAM,
                host=_PROGRAM,
                x_disable_meta=True,
                x_save_requirements=False,
                disable_git=True,
                disable_code=True,
            ),
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
                f"W&B did not accept the model's artifact: {error}.", "The model is published anyway."
            ) from error

    def finish(self, *, failed: bool = False) -> None:
        self._run.finish(exit_code=1 if failed else 0)


def mode_of() -> str | None:
    """The mode that W&B would run in, or None if neither a key nor a mode is set."""
    if mode := os.environ.get("WANDB_MODE"):
        return mode
    return "online" if key() else None


def key() -> str | None:
    """The API key, from `WANDB_API_KEY` or from where `wandb login` puts it."""
    if found := os.environ.get("WANDB_API_KEY"):
        return found
    host = urlsplit(os.environ.get("WANDB_BASE_URL") or "https://api.wandb.ai").hostname or ""
    try:
        known = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return known[2] if known else None


def _link(run: Any) -> RunLink:
    return RunLink(id=run.id, url=None if run.offline else run.url)


def _described(text: str, whole: bool) -> dict[str, Any]:
    return {"sha256": sha256(text), "characters": len(text)} | ({"text": text} if whole else {})


def _add_json(artifact: Any, name: str, rows: list[dict[str, Any]]) -> None:
    with artifact.new_file(name, encoding="utf-8") as file:
        json.dump(rows, file)
