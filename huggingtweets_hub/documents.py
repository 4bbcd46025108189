"""From a measured model to what is published of it."""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from huggingtweets_hub import card, hub, workspace
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.hub import CARD, FACTS
from huggingtweets_hub.records import (
    AccountFacts,
    CardFacts,
    Corpus,
    Learned,
    Publication,
    Recipe,
    SourceFacts,
    Timeline,
)
from huggingtweets_hub.serialization import to_json
from huggingtweets_hub.workspace import Workspace

SCHEMA = 1


def facts(
    timelines: Sequence[Timeline],
    texts: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    learned: Learned,
    repo_id: str,
    prompt: str,
    consent: str | None,
    fingerprint: str,
) -> CardFacts:
    """All that the card says, from what each stage has answered."""
    kinds = sorted({timeline.source for timeline in timelines})
    tracked = learned.tracked
    base = checkpoint.model
    return CardFacts(
        accounts=tuple(
            AccountFacts(
                handle=timeline.account.handle,
                name=timeline.account.name,
                avatar_url=timeline.account.avatar_url,
                statistics=counts,
            )
            for timeline, counts in zip(timelines, texts.statistics, strict=True)
        ),
        repo_id=repo_id,
        prompt=prompt,
        data_run_url=tracked.data.url if tracked.data else None,
        training_run_url=tracked.training.url if tracked.training else None,
        base_model=None if base.kind == "folder" else base.name,
        language=texts.language or None,
        base=base,
        counted_by_letters=texts.counted_by_letters,
        kept_sha256=texts.kept_sha256,
        fingerprint=fingerprint,
        recipe=recipe,
        training=learned.training,
        evaluation=learned.evaluation,
        tracked=tracked,
        source=SourceFacts(
            kind=" + ".join(kinds), digest=workspace.digest([timeline.digest for timeline in timelines])
        ),
        consent=consent,
        versions=learned.versions,
    )


def written(
    facts: CardFacts,
    template: str | Path,
    digest: str,
    learned: Learned,
    stages: Mapping[str, float],
    *,
    forced: bool = False,
) -> dict[str, bytes]:
    """The card and `huggingtweets.json`, checked, by their names."""
    text = card.render(facts, template)
    card.check(text)
    readme = text.encode("utf-8")
    weights = {path: sha for path, sha in learned.files.items() if path != CARD}
    content = {
        "schema": SCHEMA,
        **to_json(facts),
        "publication": digest,
        "stages": {**learned.stages, **stages},
        "files": {**weights, CARD: hub.sha256(readme)},
    }
    if forced:  # two commits of the same content would be none
        content["forced_at"] = datetime.now(UTC).isoformat()
    return {CARD: readme, FACTS: (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")}


def keep(
    documents: Mapping[str, bytes],
    is_new: bool,
    work: Workspace,
    output: Path | None,
    publication: Publication,
) -> Path | None:
    """Leave the finished folder where the user wants it, or after a dry run where it was made."""
    if is_new:
        for name, content in documents.items():
            (work.model / name).write_bytes(content)
    if output is None:
        return work.model if publication.commit is None else None
    _remove_earlier(output)
    if is_new:
        shutil.copytree(work.model, output, dirs_exist_ok=True)
    elif publication.commit is not None:
        hub.download(publication.repo_id, publication.commit, output)
        shutil.rmtree(output / ".cache", ignore_errors=True)
        (output / ".gitattributes").unlink(missing_ok=True)
    return output


def _remove_earlier(folder: Path) -> None:
    """Delete the files of an earlier result, and nothing that somebody put beside them."""
    try:
        earlier = json.loads((folder / FACTS).read_text("utf-8")).get("files") or {}
    except (OSError, ValueError, AttributeError):
        return
    for name in (*earlier, FACTS):
        if name == Path(name).name:
            (folder / name).unlink(missing_ok=True)
