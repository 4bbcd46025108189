"""What a repository would hold after an upgrade, and what that would change."""

import dataclasses
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingtweets_hub import card
from huggingtweets_hub.card import pictures as card_pictures
from huggingtweets_hub.card import rendering, variables
from huggingtweets_hub.card.files import facts_file
from huggingtweets_hub.card.pictures import Face
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import EditedByHandError
from huggingtweets_hub.core.names import CARD, CURVE, FACTS, PREVIEW
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import as_object, from_json, to_json
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub import spaces
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.upgrade import repairing
from huggingtweets_hub.upgrade.additions import additions, is_own_thumbnail

_NAMED = 3  # additions that a message quotes


def known(repo_id: str, published: Published) -> CardFacts:
    """The facts of a published model, from `huggingtweets.json` or else from its card.

    Raises:
        InvalidFactsError: They cannot be read.
    """
    facts = _stated(repo_id, published)
    if facts.repo_id.lower() == repo_id.lower():
        return facts
    return dataclasses.replace(facts, repo_id=repo_id)  # it was renamed or copied


def chosen(repo_id: str, published: Published, template: str | Path | None) -> str | Path:
    """The template to upgrade with: the one that was asked for, else the current default.

    Raises:
        EditedByHandError: No template was asked for, and the card was not made with the default one.
    """
    if template is not None:
        return template
    recorded = published.facts.get("template") or "default"
    if recorded != "default":
        raise EditedByHandError(
            f"The card of {repo_id} was made with the template {recorded!r:.40}.",
            "Leave it as it is, or choose the template for the new card: --template default, or your own.",
        )
    return "default"


def require_nothing_lost(repo_id: str, published: Published, files: Mapping[str, bytes]) -> None:
    """Make sure that a new card does not remove anything that someone wrote on the old one.

    If `huggingtweets.json` does not say which card was published, only the content of a card shows whether it
    was edited.

    Raises:
        EditedByHandError: The card says more than its facts, and that would be lost.
    """
    if published.is_recorded or CARD not in files:
        return
    found = additions(_text(repo_id, published), _stated(repo_id, published), files[CARD].decode("utf-8"))
    if found:
        said = "; ".join(f"{line:.80}" for line in found[:_NAMED])
        more = f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        raise EditedByHandError(
            f"The card of {repo_id} was changed by hand: {said}{more}.",
            "Leave it to keep that, or use --overwrite to replace the card.",
        )


def proposed(
    facts: CardFacts,
    repo_id: str,
    published: Published,
    template: str | Path,
    *,
    pictures: bool,
    repair: bool,
) -> dict[str, bytes]:
    """The files that an upgrade writes, by name; none if the card is already up to date.

    The facts stay the same, except for pictures. The thumbnail becomes the picture in the repository, or is
    left out, since the site that drew the old ones is gone; one that someone chose stays. An avatar that is
    no longer in the repository is shown from its address. If the card shows a training curve that is missing,
    it is drawn. A form for other clients that is gone is no longer listed, and the namespace's page is linked
    if there is one by now.

    Raises:
        TemplateError: The template cannot be rendered with these facts.
    """
    head = str(published.head)
    has_picture = pictures or PREVIEW in published.files
    thumbnail = f"{variables.files_url(facts.repo_id)}{PREVIEW}" if has_picture else None
    if facts.thumbnail and is_own_thumbnail(facts.thumbnail):
        thumbnail = facts.thumbnail
    accounts = tuple(
        account if account.avatar_file in published.files else dataclasses.replace(account, avatar_file=None)
        for account in facts.accounts
    )
    forms = tuple(form for form in facts.forms if form.file in published.files)
    runs_in_browsers = not published.private and any(form.form == "onnx" for form in forms)
    page = spaces.page_of(repo_id) if runs_in_browsers else None
    facts = dataclasses.replace(facts, thumbnail=thumbnail, accounts=accounts, forms=forms, page_url=page)
    text = card.render(facts, template)
    card.check(text)
    readme = text.encode("utf-8")

    files = {CARD: readme} if core_files.sha256(readme) != published.card_sha256 else {}
    if pictures and PREVIEW not in published.files:
        files[PREVIEW] = _preview(facts, repo_id, published)
    if f"{variables.files_url(facts.repo_id)}{CURVE}" in text and CURVE not in published.files:
        curve = card_pictures.training_curve(facts.training) if facts.training else None
        files |= {CURVE: curve} if curve else {}
    if repair:
        files |= repairing.repaired(
            published.files, lambda name: hub_files.download_file(repo_id, name, head)
        )
    if files and published.facts:
        files[FACTS] = _record(published.facts, facts, template, files)
    return files


def difference(repo_id: str, published: Published, files: Mapping[str, bytes]) -> str:
    """The changes to text files as a unified diff; for other files, their names."""
    lines: list[str] = []
    for name, content in files.items():
        if name in (PREVIEW, CURVE):
            lines.append(f"New file: {repo_id}/{name} ({len(content):,} bytes)\n")
            continue
        old = hub_files.download_file(repo_id, name, str(published.head)) if name in published.files else b""
        lines += difflib.unified_diff(
            old.decode("utf-8", "replace").splitlines(keepends=True),
            content.decode("utf-8").splitlines(keepends=True),
            f"{repo_id}/{name}" if name in published.files else "/dev/null",
            f"{repo_id}/{name}",
        )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _stated(repo_id: str, published: Published) -> CardFacts:
    """The facts that the repository itself gives."""
    if published.facts:
        return from_json(CardFacts, published.facts)
    return card.parse(_text(repo_id, published))


def _text(repo_id: str, published: Published) -> str:
    return hub_files.download_file(repo_id, CARD, str(published.head)).decode("utf-8", "replace")


def _preview(facts: CardFacts, repo_id: str, published: Published) -> bytes:
    faces = []
    for account in facts.accounts:
        kept = account.avatar_file
        is_small = kept is not None and published.sizes.get(kept, 0) <= card_pictures.MAX_DOWNLOAD
        avatar = hub_files.download_file(repo_id, kept, str(published.head)) if kept and is_small else None
        faces.append(Face(name=variables.shown_name(account), handle=account.handle, avatar=avatar))
    return card_pictures.social_preview(faces, facts.samples.free if facts.samples else ())


def _record(
    before: Mapping[str, Any], facts: CardFacts, template: str | Path, files: Mapping[str, bytes]
) -> bytes:
    """`huggingtweets.json` with the changes: `publish` recognises the card as its own; no fact is lost."""
    recorded = as_object(before.get("files"))
    ours = {CARD, PREVIEW, CURVE, *recorded}
    content = {
        **before,
        "accounts": [
            {**account, "avatar_file": stated.avatar_file}
            for account, stated in zip(before["accounts"], facts.accounts, strict=True)
        ],
        "repo_id": facts.repo_id,
        "thumbnail": facts.thumbnail,
        **({"forms": to_json(facts.forms), "page_url": facts.page_url} if "forms" in before else {}),
        "publication": card.publication_digest(facts, template),
        "template": rendering.template_name(template),
        "files": {
            **recorded,
            **{name: core_files.sha256(content) for name, content in files.items() if name in ours},
        },
    }
    return facts_file(content)
