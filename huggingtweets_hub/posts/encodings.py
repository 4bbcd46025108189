"""How the text of a file is written, and that text, also of a file that was cut off."""

import codecs
import io
import json
import re
from typing import IO

TOLERANT = "huggingtweets-cut"
"""What decoding does about half a character at the end: it is left out. Anything else is an error."""
WESTERN = "cp1252"
"""How spreadsheet programs and old data sets write western European languages."""
_BLOCK = 1 << 20  # bytes
_BEYOND = re.compile(rb"[\x80-\xff]+")  # ASCII
_LONGEST = 3  # in Western European words
# What only other texts often have: Polish, Czech and Turkish ones for letters, Japanese ones, broken UTF-8.
_OF_OTHERS = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d\x9f\xb3\xb9\xbc\xbe\xf0\xfd\xfe]|[\xc2\xc3][\x80-\xbf]|\xe2\x80"
)
_FEW = 20  # one in so many
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


def is_western(stream: IO[bytes]) -> bool:
    """Whether the text of a stream that can go back to its beginning is not UTF-8, but `WESTERN`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(_BLOCK):
            decoder.decode(block)
        return False
    except UnicodeDecodeError:
        stream.seek(0)
        western = others = 0
        while block := stream.read(_BLOCK):
            for run in _BEYOND.findall(block):
                is_other = len(run) > _LONGEST or _OF_OTHERS.search(run) is not None
                others += is_other
                western += not is_other
        return _FEW * others <= western
    finally:
        stream.seek(0)


def _end_early(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.reason in _ENDS_EARLY:
        return "", error.end
    raise error


codecs.register_error(TOLERANT, _end_early)
