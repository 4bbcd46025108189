"""From a measured model to what is published of it."""

import json
import shutil
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huggingtweets_hub import card
from huggingtweets_hub.card import pictures as card_pictures
from huggingtweets_hub.card import variables
from huggingtweets_hub.card.pictures import Face
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.records import (
    AccountFacts,
    CardFacts,
    Learned,
    Publication,
    SourceFacts,
    Statistics,
    Timeline,
)
from huggingtweets_hub.core.serialization import to_json
from huggingtweets_hub.hub import repo
from huggingtweets_hub.hub.repo import CARD, FACTS
from huggingtweets_hub.pipeline import avatars, workspace
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.pipeline.workspace import Workspace

SCHEMA = 1
PREVIEW = "preview.png"
CURVE = "training.png"
PAGE = "card.html"
"""The card as the Hub will show it, for a look before it is pushed."""


def facts(gathered: Gathered, learned: Learned) -> CardFacts:
    """All that the card says, from what each stage has answered."""
    timelines, texts, repo_id = gathered.timelines, gathered.texts, gathered.repo_id
    kinds = sorted({timeline.source for timeline in timelines})
    tracked = learned.tracked
    base = gathered.checkpoint.model
    return CardFacts(
        accounts=tuple(
            _account(timeline, counts, picture if picture in gathered.pictures else None)
            for timeline, counts, picture in zip(
                timelines, texts.statistics, avatars.names([t.account for t in timelines]), strict=True
            )
        ),
        repo_id=repo_id,
        thumbnail=f"{variables.files_url(repo_id)}{PREVIEW}",
        prompt=gathered.order.prompt,
        data_run_url=tracked.data.url if tracked.data else None,
        training_run_url=tracked.training.url if tracked.training else None,
        base_model=None if base.kind == "folder" else base.name,
        language=texts.language or None,
        base=base,
        counted_by_letters=texts.counted_by_letters,
        kept_sha256=texts.kept_sha256,
        fingerprint=gathered.fingerprint,
        recipe=gathered.recipe,
        training=learned.training,
        evaluation=learned.evaluation,
        samples=learned.samples,
        tracked=tracked,
        source=SourceFacts(
            kind=" + ".join(kinds), digest=workspace.digest([timeline.digest for timeline in timelines])
        ),
        consent=gathered.order.consent,
        versions=learned.versions,
    )


def _account(timeline: Timeline, counts: Statistics, picture: str | None) -> AccountFacts:
    days = sorted(tweet.created_at.date().isoformat() for tweet in timeline.tweets if tweet.created_at)
    return AccountFacts(
        handle=timeline.account.handle,
        name=timeline.account.name,
        avatar_url=timeline.account.avatar_url,
        avatar_file=picture,
        statistics=counts,
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
    )


def written(
    facts: CardFacts,
    template: str | Path,
    digest: str,
    learned: Learned,
    pictures: Mapping[str, bytes],
    stages: Mapping[str, float],
    *,
    forced: bool = False,
) -> dict[str, bytes]:
    """The card, its pictures and `huggingtweets.json`, checked, by their names.

    Args:
        pictures: The accounts' own pictures, by file name.
    """
    text = card.render(facts, template)
    card.check(text)
    files = {CARD: text.encode("utf-8"), **pictures, **_drawn(facts, pictures)}
    content = {
        "schema": SCHEMA,
        **to_json(facts),
        "publication": digest,
        "template": card.template_name(template),
        "stages": {**stages, **learned.stages},
        "files": {
            **repo.model_files(learned.files),
            **{name: repo.sha256(content) for name, content in files.items()},
        },
    }
    if forced:  # two commits of the same content would be none
        content["forced_at"] = datetime.now(UTC).isoformat()
    files[FACTS] = facts_file(content)
    return files


def facts_file(content: Mapping[str, Any]) -> bytes:
    """The bytes of a `huggingtweets.json`."""
    # Half a surrogate pair, as a damaged export may hold, is written as JSON's own escape for it.
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _drawn(facts: CardFacts, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pictures that are made of the facts."""
    faces = [
        Face(
            name=variables.shown_name(account),
            handle=account.handle,
            avatar=pictures.get(account.avatar_file or ""),
        )
        for account in facts.accounts
    ]
    drawn = {PREVIEW: card_pictures.social_preview(faces, facts.samples.free if facts.samples else ())}
    curve = card_pictures.training_curve(facts.training) if facts.training else None
    return drawn | ({CURVE: curve} if curve else {})


def keep(
    documents: Mapping[str, bytes],
    weights: Collection[str],
    is_new: bool,
    work: Workspace,
    output: Path | None,
    publication: Publication,
) -> Path | None:
    """Leave the finished folder where the user wants it, or after a dry run where it was made.

    Raises:
        UnwritableError: The disk takes no more; the model itself is safe.
    """
    is_dry = publication.commit is None
    if is_dry:
        page = card.page(documents[CARD].decode("utf-8"), documents)
        documents = {**documents, PAGE: page.encode("utf-8")}
    with core_files.explained(output):
        if is_new:
            for name, content in documents.items():
                core_files.write_whole(work.model / name, content)
        if output is None:
            return work.model if is_dry else None
        if is_new:
            _begin(output, documents[FACTS])
            for name in {*weights, *documents} - {FACTS}:
                shutil.copyfile(work.model / name, output / name)
        else:
            commit = str(publication.commit)
            _begin(output, repo.download_file(publication.repo_id, FACTS, commit))
            repo.download(publication.repo_id, commit, output)
            shutil.rmtree(output / ".cache", ignore_errors=True)
            (output / ".gitattributes").unlink(missing_ok=True)
    return output


def _begin(folder: Path, facts: bytes) -> None:
    """Put the facts into the folder first: by them a run after a kill knows the rest for its own."""
    _remove_earlier(folder)
    folder.mkdir(parents=True, exist_ok=True)
    core_files.write_whole(folder / FACTS, facts)


def _remove_earlier(folder: Path) -> None:
    """Delete the files of an earlier result but its facts, and nothing that somebody put beside them."""
    try:
        earlier = json.loads((folder / FACTS).read_text("utf-8")).get("files") or {}
    except (OSError, ValueError, AttributeError):
        return
    for name in (*earlier, PAGE):
        if name == Path(name).name and name != FACTS:
            (folder / name).unlink(missing_ok=True)
