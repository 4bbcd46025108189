"""Cards looked at: what is wrong with one, and how the Hub will show it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingtweets_hub import card
from huggingtweets_hub.card import Finding, Template
from huggingtweets_hub.card import files as card_files
from huggingtweets_hub.core import arguments, files
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import CARD, FACTS, PAGE, REPO_ID, expanded, model_named
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import from_json
from huggingtweets_hub.hub import client, repo
from huggingtweets_hub.hub import files as hub_files


@arguments.checked
def check_card(card_or_place: str | Path) -> tuple[Finding, ...]:
    """What is wrong with a card and what it lacks, errors first; empty where nothing is.

    A folder's or repository's card is also compared with the files and the `huggingtweets.json` beside it.

    Args:
        card_or_place: A README.md, the folder of a model, a repo id on the Hub, or a card itself: a text of
            several lines, as `render_card` gives it.

    Raises:
        InvalidInputError: There is no such file, or it cannot be read.
        HubError: There is no such model with a card on the Hub, or the Hub does not answer.
    """
    if isinstance(card_or_place, str) and "\n" in card_or_place:
        return card.findings(card_or_place)
    path = card.place(card_or_place)
    if path.is_dir():
        beside = [file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()]
        return card.findings(card.read_card(path / CARD), beside, card.read_recorded(path / FACTS))
    repo_id = model_named(str(card_or_place))
    is_file = isinstance(card_or_place, Path) or path.is_file() or path.suffix.lower() == ".md"
    if is_file or not REPO_ID.fullmatch(repo_id):
        return card.findings(card.read_card(path))
    return _on_the_hub(repo_id)


def card_facts(place: str | Path) -> tuple[CardFacts, bool]:
    """The facts of a card, and whether they are from the `huggingtweets.json` beside it.

    Only that has all that a card was made of; where it is missing or belongs to another card, the facts are
    what the card itself tells.

    Args:
        place: A README.md, the folder of a model, or a repo id on the Hub.

    Raises:
        InvalidFactsError: It is not a card that can be read.
        InvalidInputError: There is no such file, or it cannot be read.
        HubError: There is no such model with a card on the Hub, or the Hub does not answer.
    """
    path, repo_id = card.place(place), model_named(str(place))
    readme = path / CARD if path.is_dir() else path
    if not readme.exists() and not str(place).endswith(".md") and REPO_ID.fullmatch(repo_id):
        _, text, published = _published(repo_id)
        recorded: Mapping[str, Any] | None = published.facts
    else:
        text, recorded = card.read_card(readme), card.read_recorded(readme.parent / FACTS)
    read = card.parse(text)
    if not recorded or card.contradictions(read, recorded):
        return read, False
    return from_json(CardFacts, recorded), True


def _on_the_hub(repo_id: str) -> tuple[Finding, ...]:
    repo_id, text, published = _published(repo_id)
    return card.findings(text, list(published.files), published.facts or None, repo_id)


def _published(repo_id: str) -> tuple[str, str, repo.Published]:
    """What a model on the Hub is called today, its card, and what is published beside it."""
    repo_id, published = repo.read_by_any_name(repo_id)
    if published.head is None or CARD not in published.files:
        raise client.unseen(f"model {repo_id} with a card")
    text = hub_files.download_file(repo_id, CARD, published.head).decode("utf-8", "replace")
    return repo_id, text, published


@arguments.checked
def preview_card(
    source: CardFacts | Mapping[str, Any] | str | Path,
    output: str | Path | None = None,
    *,
    template: Template | str | Path | None = None,
) -> Path:
    """Write a card as the Hub shows it, as one HTML file that loads nothing of its own.

    Args:
        source: The folder of a finished model, with its README.md and pictures; or facts: a record, what
            `json.load` gives, or a JSON file.
        output: The HTML file; one that is there already is replaced. By default `card.html`: in the folder,
            or for facts in the working directory.
        template: `default`, `classic`, or a Jinja file. A folder's card is shown as it stands, or with a
            template rendered anew from its facts.

    Returns:
        The HTML file.

    Raises:
        InvalidFactsError: A fact is missing or wrong, or there is no such file.
        InvalidInputError: The folder's card cannot be read, or the output cannot be written.
        TemplateError: The template is missing, does not render, or does not fit the facts.
    """
    written = expanded(PAGE if output is None else output)
    inputs = [expanded(given) for given in (source, template) if isinstance(given, str | Path)]
    if isinstance(source, str | Path) and (folder := card.place(source)).is_dir():
        written = folder / PAGE if output is None else written
        if not (folder / CARD).exists():
            raise InvalidInputError(
                f"The folder {str(folder)!r} has no {CARD}.",
                "Give the folder of a finished model, as 'publish --output' writes it, or a file of facts.",
            )
        pictures = _pictures(folder)
        inputs += [folder / name for name in (CARD, FACTS, *pictures)]
        text = card.read_card(folder / CARD)
        if template is not None:
            text = card.render(card_facts(folder)[0], template)
    else:
        facts = card.read_facts(source) if isinstance(source, str | Path) else source
        facts = facts if isinstance(facts, CardFacts) else from_json(CardFacts, facts)
        text, pictures = card.render(facts, template or "default"), card_files.drawn(facts, {})
    files.require_not_read(written, inputs)
    if not written.parent.is_dir():
        raise InvalidInputError(
            f"{str(written)!r} cannot be written: there is no folder {str(written.parent)!r}.",
            "Create it first.",
        )
    try:
        files.write_whole(written, card.page(text, pictures))
    except OSError as error:
        raise InvalidInputError(
            f"{str(written)!r} cannot be written: {error.strerror or error}.",
            "Give another file as the output.",
        ) from error
    return written


def _pictures(folder: Path) -> dict[str, bytes]:
    """What the pictures in a model's folder hold, by their paths inside it."""
    found = {}
    for path in folder.rglob("*"):
        if path.suffix.lower() in card.PICTURES and path.is_file():
            try:
                found[path.relative_to(folder).as_posix()] = files.read_whole(path)
            except OSError as error:
                raise InvalidInputError(
                    f"The picture {str(path)!r} cannot be read: {error.strerror or error}.",
                    "Move it out of the folder, or replace it.",
                ) from error
    return found
