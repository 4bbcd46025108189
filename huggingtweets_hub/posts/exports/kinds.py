"""What an export is made of, whichever network gave it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from huggingtweets_hub.core.accounts import NetworkName
from huggingtweets_hub.core.records import Post

Reader = Callable[[TextIO, str, "Counter[str]"], Iterator[Post]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The files in which a network gives an account's own posts.

    Attributes:
        source: What the timeline says it comes from.
        names: What these files are called in an export; a file by itself may have any name.
        is_one: Whether a file is one, by its beginning.
        posts: The posts of a file, in any order; it is called with the stream, the file's name, and a counter
            that takes what is skipped, by why.
        other_form: What they are called in a form that is not read.
        ask: How to ask for an export, as a sentence.
    """

    network: NetworkName
    source: str
    names: re.Pattern[str]
    is_one: Callable[[str], bool]
    posts: Reader
    ask: str
    other_form: re.Pattern[str] | None = None
