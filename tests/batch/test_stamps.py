"""A batch sees that what an entry names has changed."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.batch import stamps
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.batch.stamps import Stamps
from tests.batch import accounts
from tests.batch.support import states
from tests.servers.hub import HubServer


def archive(folder: Path, number: int, count: int = 60) -> Path:
    """An unpacked archive of kit's, whose files are written in place where they are there."""
    data = folder / "arch" / "data"
    data.mkdir(parents=True, exist_ok=True)
    account = [{"account": {"username": "kit", "accountId": "7", "accountDisplayName": "Kit"}}]
    rows = [
        {
            "tweet": {
                "id_str": row["id"],
                "full_text": row["text"],
                "created_at": "Fri Mar 01 12:00:00 +0000 2024",
            }
        }
        for row in accounts.rows(number, count)
    ]
    (data / "account.js").write_text(f"window.YTD.account.part0 = {json.dumps(account)}")
    (data / "tweets.js").write_text(f"window.YTD.tweets.part0 = {json.dumps(rows)}")
    return folder / "arch"


def test_an_archive_whose_posts_were_replaced_is_trained_again(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    entries = [{"handle": "kit", "from": str(archive(tmp_path, 1))}]
    assert states(batch(entries, epochs=1)) == {"kit": "published"}
    assert batch(entries, epochs=1).already == 1
    archive(tmp_path, 2)
    assert states(batch(entries, epochs=1)) == {"kit": "published"}
    assert near == ["kit", "kit"]


def test_one_that_had_too_little_text_is_looked_at_again_once_it_is_filled(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    entries = [{"handle": "kit", "from": str(archive(tmp_path, 1, count=3))}]
    assert states(batch(entries, epochs=1)) == {"kit": "failed"}
    assert batch(entries, epochs=1).already == 1
    archive(tmp_path, 1)
    assert states(batch(entries, epochs=1)) == {"kit": "published"}


def test_so_is_a_base_model_that_was_overwritten_in_place(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path, tiny_gpt2: Path
) -> None:
    base = Path(shutil.copytree(tiny_gpt2, tmp_path / "base"))
    entries = [{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]
    options: dict[str, Any] = {"epochs": 1, "base_model": base}
    assert states(batch(entries, **options)) == {"ada": "published"}
    weights = base / "model.safetensors"
    with weights.open("r+b") as file:  # the folder's own time stays
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    os.utime(weights, ns=(0, 1))
    assert states(batch(entries, **options)) == {"ada": "published"}
    assert near == ["ada", "ada"]


def test_a_card_is_made_again_after_an_edit_of_what_its_template_includes(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    template = tmp_path / "card.jinja"
    template.write_text(
        '{% extends "model_card.md.jinja" %}{% block about %}{% include "parts/a.jinja" %}{% endblock %}'
    )
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.jinja").write_text("One.\n")
    entries = [{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]
    options: dict[str, Any] = {"epochs": 1, "template": template}
    assert states(batch(entries, **options)) == {"ada": "published"}
    assert batch(entries, **options).already == 1
    (tmp_path / "parts" / "a.jinja").write_text("Two.\n")
    assert states(batch(entries, **options)) == {"ada": "published"}
    assert near == ["ada", "ada"] and "Two." in hub.repos["huggingtweets/ada"].files["README.md"].decode()
    assert len(hub.repos["huggingtweets/ada"].commits) >= 2


def test_a_stamp_covers_all_files_below_and_no_more_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stamp() -> object:
        return Stamps().of(tmp_path)

    for name in ("b/c/three", "b/two", "one"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    first = stamp()
    assert stamp() == first
    (tmp_path / "b" / "c" / "three").write_text("3")
    second = stamp()
    assert second != first
    (tmp_path / "one").rename(tmp_path / "uno")
    assert stamp() != second
    monkeypatch.setattr(stamps, "_MOST_FILES", 2)
    third = stamp()
    assert isinstance(third, list) and [name for name, _ in third] == ["uno", os.path.join("b", "two")]
    assert Stamps().of(tmp_path / "none") is None and Stamps().of(object()) is None


def test_a_link_that_leads_in_circles_has_a_stamp_too(tmp_path: Path) -> None:
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    assert Stamps().of(tmp_path) == [["lost", None]]
