"""Cards and their facts from disk."""

import errno
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import arguments, files
from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidFactsError, InvalidInputError
from huggingtweets_hub.core.names import FACTS, REPO_ID, expanded, model_named
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import as_object, from_json

_CARD_PLACES = "Give a README.md, the folder of a model, or a repo id as 'namespace/name'."


def place(path: str | Path) -> Path:
    """The path of a file or folder, which need not be there.

    Raises:
        InvalidInputError: No path can be like that: it is empty, or facts or a card were given in place of
            their file.
    """
    if str(path) == "":
        raise InvalidInputError("The path is empty.", "Give a path.")
    found = expanded(path)
    try:
        os.lstat(found)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno != errno.ENAMETOOLONG:
            return found
        said = str(path)
        raise InvalidInputError(
            f"{said[:60]!r}{'…' if len(said) > 60 else ''} is not the path of a file: it is too long, or has "
            "characters that a path cannot have.",
            "Save the text in a file, and give its path.",
        ) from error
    return found


def read_card(path: str | Path) -> str:
    """A card's text; bytes that are not UTF-8 are shown as such.

    Raises:
        InvalidInputError: The path is empty, or the file is missing, cannot be read or is of another kind.
    """
    try:
        # Bytes: line ends are part of a card.
        text = files.read_whole(place(path)).decode("utf-8", "replace")
    except OSError as error:
        raise InvalidInputError(
            f"{str(path)!r} cannot be read: {error.strerror or error}.", _CARD_PLACES
        ) from error
    if Path(path).suffix.lower() != ".md" and (kind := _other_kind(text)):
        raise InvalidInputError(f"{str(path)!r} is not a model card: it is {kind}.", _CARD_PLACES)
    return text


def _other_kind(text: str) -> str:
    """What a file is that cannot be a card, empty if it may be one."""
    if "\0" in text:
        return "not a text file"
    with suppress(ValueError, RecursionError):
        value, _ = json.JSONDecoder().raw_decode(text.lstrip())
        first = value[0] if isinstance(value, list) and value else value  # not a footnote such as [1]
        if isinstance(first, dict):
            return "JSON"
    return ""


@arguments.checked
def read_facts(path: str | Path) -> CardFacts:
    """The facts in a JSON file: one that was written for `render_card`, or a `huggingtweets.json`.

    The latter holds all that a card of this toolkit was made of, so that `render_card` gives that card again.
    A folder stands for the `huggingtweets.json` in it.

    Raises:
        InvalidFactsError: The file is missing or is not JSON, or a fact is missing or wrong.
        InvalidInputError: No path can be like that.
    """
    file = place(path)
    file = file / FACTS if file.is_dir() else file
    try:
        return from_json(CardFacts, json.loads(files.read_whole(file).decode("utf-8")))
    except HuggingTweetsError:
        raise
    except FileNotFoundError as error:
        raise InvalidFactsError(f"There is no file {str(file)!r}.", _instead(str(path))) from error
    except (OSError, ValueError, OverflowError, RecursionError) as error:
        if file.suffix.lower() == ".md":
            raise InvalidFactsError(
                f"{str(path)!r} is a card, not the facts of one.",
                f"Give the folder that it is in, or take its facts first: huggingtweets card parse {file} > "
                "facts.json",
            ) from error
        raise InvalidFactsError(
            f"The facts in {str(path)!r} could not be read: {getattr(error, 'strerror', None) or error}.",
            "Use a JSON file; 'huggingtweets card render --help' shows an example.",
        ) from error


def _instead(path: str) -> str:
    """What to do about a path where nothing is."""
    repo_id = model_named(path)
    if REPO_ID.fullmatch(repo_id) and not repo_id.endswith(".json"):
        return (
            f"If it is a model on the Hub, take its facts first: huggingtweets card parse {repo_id} > "
            "facts.json"
        )
    return (
        "Give a JSON file of facts, or the folder of a finished model; 'huggingtweets card render --help' "
        "shows an example."
    )


def read_recorded(path: Path) -> dict[str, Any] | None:
    """The content of a `huggingtweets.json` as it stands; None where there is none.

    Raises:
        InvalidInputError: The file cannot be read, or is not JSON.
    """
    try:
        found = json.loads(files.read_whole(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError(
            f"{str(path)!r} cannot be read as JSON: {error}.", "Publish the model again, or delete the file."
        ) from error
    return as_object(found)
