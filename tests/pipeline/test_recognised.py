"""What was recognised in a table goes with the publication: into its facts, its answer and its card."""

import csv
import json
from pathlib import Path

import pytest

import huggingtweets_hub
from huggingtweets_hub import Publication, Silent
from tests.posts import templates


def published(folder: Path, base: Path, *, author: str = "", **options: str) -> Publication:
    path = folder / "posts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "Tweet text", "Language", *(["user_screen_name"] if author else [])])
        for number, text in enumerate(templates.natural(150), 1):
            rows.writerow([number, text, "English", *([author] if author else [])])
    return huggingtweets_hub.publish(
        "ada", source=path, base_model=base, epochs=1, samples=4, dry_run=True, output=folder / "out",
        progress=Silent(), tracker="none", **options,
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize("author", ["ada", ""])
def test_it_is_recorded_and_the_card_says_where_the_author_is_not_named(
    tmp_path: Path, tiny_gpt2: Path, author: str
) -> None:
    publication = published(tmp_path, tiny_gpt2, author=author)
    facts = json.loads((tmp_path / "out" / "huggingtweets.json").read_text("utf-8"))
    found = facts["accounts"][0]["recognised"]
    named = {"author": "user_screen_name"} if author else {}
    assert found["columns"] == {"text": "Tweet text", "id": "id", "language": "Language", **named}
    assert found["names_author"] is bool(author)
    assert publication.recognised["ada"].columns == found["columns"]
    readme = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert ("does not say whose tweets it holds" in readme) is not bool(author)
    assert "language: en" in readme or "- en" in readme


def test_a_column_that_was_chosen_is_used(tmp_path: Path, tiny_gpt2: Path) -> None:
    publication = published(tmp_path, tiny_gpt2, column="text=Tweet text, language=")
    assert publication.recognised["ada"].columns == {"text": "Tweet text", "id": "id"}
