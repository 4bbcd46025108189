"""How records show themselves in a notebook."""

from datetime import UTC, datetime
from pathlib import Path

import huggingtweets_hub
from huggingtweets_hub import Account, Post, Publication, Timeline

SCRIPT = "<script>alert('x')</script>"


def test_a_timeline_is_short_and_its_texts_are_escaped() -> None:
    posts = tuple(
        Post(id=str(n), text=f"{SCRIPT} {n}\x1b", created_at=datetime(2024, 1, 1 + n, tzinfo=UTC))
        for n in range(20)
    )
    timeline = Timeline(account=Account(handle="keeper"), tweets=posts, source="<b>diary")
    assert repr(timeline) == "<Timeline of @keeper: 20 posts from <b>diary, 2024-01-01 to 2024-01-20>"
    page = timeline._repr_html_()
    assert "<script>" not in page and "<b>diary" not in page and "\x1b" not in page
    assert page.count("<blockquote>") == 3 and "20 posts" in page


def test_a_publication_shows_its_link_its_samples_and_its_counts() -> None:
    publication = Publication(
        repo_id="me/ada", url="https://huggingface.co/me/ada", commit="c0ffee", changed=True,
        fingerprint="f", kept=1234, samples=("The lamp & the sea.", SCRIPT),
    )  # fmt: skip
    page = publication._repr_html_()
    assert '<a href="https://huggingface.co/me/ada"' in page and "1,234 posts" in page
    assert "The lamp &amp; the sea." in page and "<script>" not in page


def test_a_dry_run_has_a_folder_and_no_link(tiny_gpt2: Path, tmp_path: Path) -> None:
    publication = huggingtweets_hub.publish(
        source="sample", base_model=tiny_gpt2, epochs=1, samples=2, max_tweets=150, consent="fictional",
        dry_run=True, output=tmp_path / "bot", tracker="none", progress=huggingtweets_hub.Silent(),
    )  # fmt: skip
    page = publication._repr_html_()
    assert publication.kept > 100 and publication.samples
    assert "<a " not in page and "not sent" in page and f"in the folder {tmp_path / 'bot'}" in page


def test_a_progress_of_ones_own_silences_the_bars_of_libraries_for_the_call_alone() -> None:
    from huggingface_hub import utils as hub
    from transformers.utils import logging as models

    from huggingtweets_hub.core.bars import without_library_bars

    before = models.is_progress_bar_enabled(), hub.are_progress_bars_disabled()
    with without_library_bars():
        assert not models.is_progress_bar_enabled()
    assert (models.is_progress_bar_enabled(), hub.are_progress_bars_disabled()) == before
