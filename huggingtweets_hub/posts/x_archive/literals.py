"""JavaScript that an editor has formatted, as JSON again: bare keys, single quotes, commas too many."""

import re
from typing import TextIO

_LONGEST = 1 << 20  # characters of a line; formatted ones are short
# Possessive, and never failing once begun: no line takes long.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
    r"|'(?P<single>(?:[^'\\]|\\.)*+)(?:'|\\?\Z)"
    r"|(?<![\w$])(?P<key>[A-Za-z_$][\w$]*+)(?=\s*+:)"
    r"|(?P<comma>,)(?=\s*+[\]}])",
    re.DOTALL,
)
_IN_SINGLE = re.compile(r'\\.|"', re.DOTALL)
_LAST_COMMA = re.compile(r",\s*\Z")


class AsJson:
    """The lines of a script with its literals as JSON; no token goes over the end of a line."""

    def __init__(self, script: TextIO) -> None:
        self._script = script
        self._line = ""

    def read(self, size: int, /) -> str:
        """At least so many characters, unless it ends before."""
        read: list[str] = []
        length = 0
        while length < size:
            line = _TOKEN.sub(_as_json, self._script.readline(_LONGEST))
            if line.lstrip().startswith(("]", "}")):
                self._line = _LAST_COMMA.sub("\n", self._line)
            read.append(self._line)
            length += len(self._line)
            self._line = line
            if not line:
                break
        return "".join(read)


def _as_json(token: re.Match[str]) -> str:
    if token["comma"]:
        return ""
    if token["key"]:
        return f'"{token["key"]}"'
    if token["single"] is not None:
        return f'"{_IN_SINGLE.sub(_in_double, token["single"])}"'
    return token[0]


def _in_double(found: re.Match[str]) -> str:
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])
