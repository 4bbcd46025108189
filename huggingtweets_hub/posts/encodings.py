"""How the text of a file is written, by its first bytes, and that text, also of a file that was cut off."""

import codecs
import io
import json
from typing import IO

TOLERANT = "huggingtweets-cut"
"""What decoding does about half a character at the end: it is left out. Anything else is an error."""
_ENDS_EARLY = ("unexpected end of data", "truncated data")


def decoded(stream: IO[bytes]) -> io.TextIOWrapper:
    """The text of a stream that can go back to its beginning: UTF-8, -16 or -32.

    A file that was cut off may end in half a character; anything else that is not text is a `ValueError`.
    """
    return io.TextIOWrapper(stream, encoding_of(stream), errors=TOLERANT)


def encoding_of(stream: IO[bytes]) -> str:
    """How the text of a stream that can go back to its beginning is written, by what it begins with."""
    head = stream.read(4)
    stream.seek(0)
    return encoding(head)


def encoding(head: bytes) -> str:
    """How a text is written whose first four bytes these are: UTF-8, -16 or -32, with a mark or without."""
    found = json.detect_encoding(head)
    return "utf-8-sig" if found == "utf-8" else found


def _end_early(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.reason in _ENDS_EARLY:
        return "", error.end
    raise error


codecs.register_error(TOLERANT, _end_early)
