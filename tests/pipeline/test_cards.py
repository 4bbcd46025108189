"""Cards and facts, named by whoever looks at them."""

from collections.abc import Callable
from contextlib import suppress

import pytest

import huggingtweets_hub
from huggingtweets_hub import card, upgrade
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.pipeline.cards import card_facts


@pytest.mark.parametrize("given", ["x" * 6000, "a\n" * 3000, "a\0b"], ids=["long", "lines", "nul"])
def test_a_text_in_place_of_its_file_is_told_from_a_path(given: str) -> None:
    readers: list[Callable[[str], object]] = [
        card.read_card,
        card.read_facts,
        card_facts,
        huggingtweets_hub.preview_card,
    ]
    for read in readers:
        with pytest.raises(InvalidInputError, match="is not the path of a file"):
            read(given)
    with suppress(InvalidInputError):  # a text of several lines is a card
        huggingtweets_hub.check_card(given)
    with pytest.raises(InvalidInputError, match="There is no report"):
        upgrade.revert(given)
