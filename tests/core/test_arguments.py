"""What Python programs pass: one value for a list, a path for a text, and objects of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Silent, fetch_timeline, publish
from huggingtweets_hub.core.errors import InvalidInputError, UnreadableFileError
from huggingtweets_hub.model.tracking.tracker import Nowhere
from huggingtweets_hub.posts.sample import Sample
from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer


class Nothing:
    """An object without any method."""


def test_a_path_stands_for_the_file_that_its_text_names(tmp_path: Path) -> None:
    path = accounts.write(tmp_path, "ada", 1)
    assert fetch_timeline(path).account.handle == "ada"
    for missing in (Path("my-archive.zip"), "my-archive.zip"):
        for call in (publish, fetch_timeline):
            with pytest.raises(UnreadableFileError, match=r"my-archive\.zip"):
                call(missing, progress=Silent())


@pytest.mark.parametrize("given", [5, None, b"ada", ["ada", 5], {"ada": "x"}], ids=str)
def test_what_is_not_a_handle_or_a_list_of_them_is_named(given: Any) -> None:
    with pytest.raises(InvalidInputError, match="^handles cannot be .* Give a text"):
        publish(given, dry_run=True)
    with pytest.raises(InvalidInputError, match="^handle cannot be "):
        fetch_timeline(given)


@pytest.mark.parametrize("given", [5, None, [], {"ada": 5}, {5: "x"}, Nothing(), Sample], ids=str)
def test_what_is_not_a_source_is_named(given: Any) -> None:
    with pytest.raises(InvalidInputError, match="^source cannot be .* Give a"):
        publish(source=given, base_model="scratch", dry_run=True)


@pytest.mark.parametrize("given", [5, None, Nothing(), Nowhere], ids=str)
def test_what_is_not_a_tracker_is_named_before_posts_are_bought(
    hub: HubServer, x: XServer, given: Any
) -> None:
    accounts.add(x, "ada", 1)
    with pytest.raises(InvalidInputError, match="^tracker cannot be .* an object with name, record_data, "):
        publish("ada", base_model="scratch", tracker=given, progress=Silent())
    assert not x.log


@pytest.mark.parametrize("given", [5, Nothing(), Silent], ids=str)
@pytest.mark.parametrize("call", [publish, fetch_timeline])
def test_what_is_not_a_progress_display_is_named(call: Callable[..., object], given: Any) -> None:
    with pytest.raises(InvalidInputError, match="^progress cannot be .* an object with note, warn, advance"):
        call(source="sample", progress=given)
