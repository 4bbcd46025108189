"""What a repository would hold after an upgrade, and how that differs."""

import dataclasses
import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingtweets_hub import card, hub, preview
from huggingtweets_hub.card import variables
from huggingtweets_hub.documents import PREVIEW
from huggingtweets_hub.errors import EditedByHandError, TemplateError
from huggingtweets_hub.hub import CARD, FACTS, Published
from huggingtweets_hub.preview import Face
from huggingtweets_hub.records import CardFacts
from huggingtweets_hub.serialization import from_json
from huggingtweets_hub.upgrading import repairing

_SECTION = re.compile(r"^#{1,6} .*\S", re.MULTILINE)


def known(repo_id: str, published: Published, *, overwrite: bool) -> CardFacts:
    """The facts of a published model, from `huggingtweets.json`, else from its card.

    Where there is no `huggingtweets.json`, nothing tells an edited card from an old one but what it holds.

    Raises:
        InvalidFactsError: They cannot be read.
        EditedByHandError: The card says more than its facts do, and that would be lost.
    """
    if published.facts:
        facts = from_json(CardFacts, published.facts)
    else:
        text = hub.download_file(repo_id, CARD, str(published.head)).decode("utf-8", "replace")
        facts = card.parse(text)
        additions = _additions(text, facts)
        if additions and not overwrite:
            raise EditedByHandError(
                f"The card of {repo_id} has more than its facts: {', '.join(additions)}.",
                "Keep it and leave it, or replace it with --overwrite.",
            )
    if facts.repo_id.lower() == repo_id.lower():
        return facts
    return dataclasses.replace(facts, repo_id=repo_id)  # renamed, or copied to where it is now


def proposed(
    facts: CardFacts,
    repo_id: str,
    published: Published,
    template: str | Path,
    *,
    pictures: bool,
    repair: bool,
) -> dict[str, bytes]:
    """The files that an upgrade writes, by their names; none where the card is today's already.

    The facts stay as they are, the thumbnail apart: it becomes the picture in the repository, or nothing,
    since the site that drew the old ones is gone.

    Raises:
        TemplateError: The template does not render these facts.
    """
    head = str(published.head)
    has_picture = pictures or PREVIEW in published.files
    thumbnail = f"{variables.files_url(facts.repo_id)}{PREVIEW}" if has_picture else None
    facts = dataclasses.replace(facts, thumbnail=thumbnail)
    text = card.render(facts, template)
    card.check(text)
    readme = text.encode("utf-8")

    files = {CARD: readme} if hub.sha256(readme) != published.card_sha256 else {}
    if pictures and PREVIEW not in published.files:
        files[PREVIEW] = _preview(facts, repo_id, published)
    if repair:
        files |= repairing.repaired(published.files, lambda name: hub.download_file(repo_id, name, head))
    if files and published.facts:
        files[FACTS] = _record(published.facts, facts, template, files)
    return files


def difference(repo_id: str, published: Published, files: Mapping[str, bytes]) -> str:
    """The change of the texts as a unified diff; of other files, their names."""
    lines: list[str] = []
    for name, content in files.items():
        if name == PREVIEW:
            lines.append(f"New file: {repo_id}/{name} ({len(content):,} bytes)\n")
            continue
        old = hub.download_file(repo_id, name, str(published.head)) if name in published.files else b""
        lines += difflib.unified_diff(
            old.decode("utf-8", "replace").splitlines(keepends=True),
            content.decode("utf-8").splitlines(keepends=True),
            f"{repo_id}/{name}" if name in published.files else "/dev/null",
            f"{repo_id}/{name}",
        )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _additions(text: str, facts: CardFacts) -> list[str]:
    """Sections, metadata and tags that neither our cards nor those of the original project have."""
    usual = card.render(facts)
    sections = set(_SECTION.findall(text)) - set(_SECTION.findall(usual))
    metadata, expected = _metadata(text), _metadata(usual)
    keys = set(metadata) - set(expected) - {"thumbnail"}
    tags = {str(tag) for tag in metadata.get("tags") or ()} - {str(tag) for tag in expected["tags"]}
    return sorted([*sections, *keys, *tags])


def _metadata(text: str) -> dict[str, Any]:
    try:
        return card.check(text)
    except TemplateError:
        return {}


def _preview(facts: CardFacts, repo_id: str, published: Published) -> bytes:
    faces = []
    for account in facts.accounts:
        kept = account.avatar_file if account.avatar_file in published.files else None
        avatar = hub.download_file(repo_id, kept, str(published.head)) if kept else None
        faces.append(Face(name=variables.shown_name(account), handle=account.handle, avatar=avatar))
    return preview.social_preview(faces, facts.samples.free if facts.samples else ())


def _record(
    before: Mapping[str, Any], facts: CardFacts, template: str | Path, files: Mapping[str, bytes]
) -> bytes:
    """`huggingtweets.json` with what changed: `publish` knows the card for its own, and no fact is lost."""
    recorded = before.get("files")
    recorded = recorded if isinstance(recorded, dict) else {}
    ours = {CARD, PREVIEW, *recorded}
    content = {
        **before,
        "repo_id": facts.repo_id,
        "thumbnail": facts.thumbnail,
        "publication": card.publication_digest(facts, template),
        "files": {
            **recorded,
            **{name: hub.sha256(content) for name, content in files.items() if name in ours},
        },
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
