"""What single values of a table mean: nothing, yes, an id, a handle, a link to a post."""

import ast
import functools
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from huggingtweets_hub.core.accounts import HANDLE, is_handle, network_of, parse_handle

_NOTHING = {"", "nan", "nat", "none", "null", "<na>", "[]", "{}", "na", "n/a", "#n/a", "-",
            "--", "\\n", "nil", "undefined", "n.a.", "not applicable", "<none>", "#null!"}  # fmt: skip
# Also as spreadsheets write them in other languages.
_FALSE = {"false", "f", "no", "n", "off", "falsch", "nein", "faux", "non", "falso", "não", "nao", "b'false'"}
_NO = _NOTHING | _FALSE | {
    "none.", "missing", "unknown", "not available", "na_character_", "<null>", "(null)", "[null]", "[none]",
    "b''", ".", "?", "empty", "–", "—", "original", "no_reply",
}  # fmt: skip
_YES = {
    "true", "t", "yes", "y", "x", "on", "wahr", "ja", "vrai", "oui", "verdadero", "vero", "verdadeiro", "sim",
    "sí", "b'true'", "✓", "✔", "retweet", "retweeted", "rt", "reply", "quote",
}  # fmt: skip
# Vectors and lists of R, as `as.character` writes them.
_EMPTY_OF_R = r"(?:[\w.]{1,40} ?= ?)?(?:(?:character|integer|logical)\(0\)|list\(\)|NULL|NA(?:_\w{4,9}_)?)"
_NOTHING_OF_R = re.compile(rf"{_EMPTY_OF_R}|(?:list|c)\({_EMPTY_OF_R}(?:, {_EMPTY_OF_R})*\)")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_INTEGER_ID = re.compile(r"[0-9]{1,20}")
# As rtweet writes it against spreadsheets, and scrapers and Gnip write it.
_PREFIXED_ID = re.compile(
    r"(?:x+|(?:id|[t#_`])(?=[0-9]{15})|(?:tweet|post|status)[_-]?(?:id)?[:_=-] ?|id[:=] ?"
    r"|tag:search\.twitter\.com,2005:)([0-9]{3,20})",
    re.IGNORECASE,
)
_GROUPED_ID = re.compile(r"[0-9]{1,3}(?:[,.' ][0-9]{3}){4,6}")
_WHOLE_FLOAT_ID = re.compile(r"([0-9]+)\.0+")
_ROUNDED_ID = re.compile(r"[0-9.,]+[eE]\+?[0-9]+")
_WORD_ID = re.compile(r"[\w.:@/+=-]{1,100}", re.ASCII)
_EXACT_FLOAT = 2.0**53
_UNPRINTED = re.compile(r"[^\x00-\x7f]+")
_LITERALS = ("b'", 'b"', "u'", 'u"')
# A link as a spreadsheet writes it: the address, and what is shown of it.
_FORMULA = re.compile(r'=HYPERLINK\(\s*"([^"]*)"\s*(?:[,;]\s*"((?:[^"]|"")*)"\s*)?\)', re.IGNORECASE)
_CUT_ESCAPE = re.compile(r"\\(?:x[0-9a-f]?)?$")
_STATUS = re.compile(
    r"(?:https?://web\.archive\.org/web/[0-9a-z_]+/)?(?:https?://)?(?:(?:www|mobile|m)\.)?(?:twitter|x|nitter|fxtwitter|vxtwitter)\.[a-z.]{2,20}"
    r"/(?:#!/)?(?:@?([A-Za-z0-9_]{1,15})|i/web)/status(?:es)?/([0-9]{1,20})\b",
    re.IGNORECASE,
)
_PATH = re.compile(r"/([A-Za-z0-9_]{1,15})/status(?:es)?/([0-9]{1,20})(?:[#?/].{0,80})?")
_PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|mobile\.)?(?:twitter|x)\.com/@?(\w{1,15})/?(?:\?.{0,200})?", re.ASCII
)
# As a page shows an author: a name, the handle, and perhaps how long ago it was.
_AFTER_NAME = re.compile(r"[^@]{1,80}[\s·|(](@\w[\w.-]{0,100}(?:@[\w.-]{1,100})?)\)?(?:\s*·.*)?", re.DOTALL)
_USER_OF_REDDIT = re.compile(r"/?u/")
OF_DISCORD = re.compile(r"#\d{4}\Z")
"""What stands behind a name until 2023, and tells it from the same name of others."""
_NOBODY = re.compile(
    r"[\[(<]\s*(?:deleted|removed|suspended|banned|withheld|redacted|unavailable|unknown|anonymous)\b[^\])>]{0,80}[\])>]"
    r"|(?:deleted|removed|suspended|unknown|anonymous) (?:user|account|author)",
    re.IGNORECASE,
)
_NO_HANDLES = {"i", "intent", "search", "home", "web", "_", "undefined", "unknown", "none", "null", "nan"}
# A quoted text, or a bare word; so that a key inside a text is not taken for a key.
_TOKEN = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([A-Za-z_]\w*)|([:=])""", re.DOTALL)
_REPR = re.compile(r"(?:[A-Za-z_][\w.]{0,80}\(|\{)")
_HANDLE_KEYS = ("screen_name", "username", "userName", "screenName", "handle")
_LONGEST_REPR = 1 << 16


def is_nothing(value: Any) -> bool:
    """Whether a value means "nothing", as written in files that have no null."""
    if isinstance(value, str):
        text = value.strip()
        return text.lower() in _NOTHING or (text[-1] == ")" and bool(_NOTHING_OF_R.fullmatch(text)))
    # Only NaN and NaT differ from themselves.
    return value is None or bool(value != value) or value in ([], {})


def is_no(value: Any) -> bool:
    """Whether a value of a mark means "no": nothing, zero, -1 or false."""
    if isinstance(value, str):
        text = value.strip().strip("'\"").lower()
        return text in _NO or number(text) in (0, -1, -2) or is_nothing(value)
    if isinstance(value, bool | int | float):
        return value in (0, -1, -2) or value != value
    if isinstance(value, Mapping):
        return all(map(is_no, value.values()))
    return all(map(is_no, value)) if isinstance(value, list) else is_nothing(value)


def is_false(value: Any) -> bool:
    """Whether a value denies something, where nothing and "unknown" do not."""
    return is_no(value) and (number(value) is not None or str(value).strip().lower() in _FALSE)


def is_yes(value: Any) -> bool:
    """Whether a value of a flag means "yes"."""
    if isinstance(value, bool):
        return value
    return str(value).strip().lower() in _YES or number(value) == 1


def number(value: Any) -> float | None:
    """The number that a value is; None if it is anything else, a truth too."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        with suppress(OverflowError):
            return float(value)
        return None
    text = str(value).strip()
    return float(text.replace(",", ".")) if len(text) < 40 and _NUMBER.fullmatch(text) else None


def is_integer_id(value: str | None) -> bool:
    """Whether an id is a number, so that ids can be put in order."""
    return value is not None and bool(_INTEGER_ID.fullmatch(value))


def post_id(value: Any) -> str | None:
    """The id, as text; None if it is none, or if a float or a spreadsheet has rounded it."""
    if isinstance(value, str) and value.isdigit() and value.isascii() and value[0] != "0":
        return value
    if isinstance(value, float):
        return str(int(value)) if 0 < value < _EXACT_FLOAT and value.is_integer() else None
    if isinstance(value, Mapping | list | bool):
        return None
    text = unwrapped(str(value)).strip("'\"")
    if is_no(text) or _ROUNDED_ID.fullmatch(text):
        return None
    for pattern in (_WHOLE_FLOAT_ID, _PREFIXED_ID):
        if found := pattern.fullmatch(text):
            return found[1]
    if _GROUPED_ID.fullmatch(text):
        return re.sub(r"\D", "", text)
    if found := _STATUS.match(text):
        return found[2]
    return text if len(text) <= 200 else None


def account_id(value: Any) -> str | None:
    """An account's id, as text; None if it is none or rounded. Telegram's are words, such as `user22`."""
    if isinstance(value, bool | float | Mapping | list) or is_no(value):
        return None
    text = str(value).strip()
    found = _PREFIXED_ID.fullmatch(text)
    text = found[1] if found else text
    is_id = _WORD_ID.fullmatch(text) if number(text) is None else _INTEGER_ID.fullmatch(text)
    return text if is_id and not _ROUNDED_ID.fullmatch(text) else None


def link(value: Any) -> tuple[str | None, str | None]:
    """The author's handle and the id of the post that a link leads to; None where it does not say so."""
    if not isinstance(value, str):
        return None, None
    text = value.strip()
    if text[:1] == "=" and (formula := _FORMULA.fullmatch(text)):
        text = formula[1]
    found = _STATUS.match(text) or _PATH.fullmatch(text)
    if not found:
        return None, None
    name = found[1]
    return (None if not name or name.lower() in _NO_HANDLES else name), found[2]


def is_nobody(value: Any) -> bool:
    """Whether a value says that the author is gone or not known, such as Reddit's `[deleted]`."""
    text = value.strip() if isinstance(value, str) else ""
    return bool(_NOBODY.fullmatch(text)) or text.lower() in _NO_HANDLES


def shows_handle(value: Any) -> bool:
    """Whether a value may show a handle whatever its column is called: by its @, or as an address."""
    return isinstance(value, str) and ("@" in value or ".com/" in value or "u/" in value)


def handle(value: Any, wanted: str | None = None) -> str | None:
    """The handle that a value is, or that a written object of a user names; None if there is none.

    Args:
        wanted: The account that is asked for: a name without its network is one of that network; empty where
            each name says its network itself.
    """
    return _handle(value, wanted) if isinstance(value, str) else None


@functools.lru_cache(maxsize=1024)
def _handle(value: str, wanted: str | None) -> str | None:
    text = unwrapped(value)
    if is_nothing(text):
        return None
    if wanted == "":
        return parse_handle(text) if is_handle(text) else None
    if (after := _AFTER_NAME.fullmatch(text)) and not _REPR.match(text):
        text = after[1]
    if wanted and network_of(wanted) != "x":
        return _beside(text, wanted)
    if text[0] == "@" and is_handle(text):
        return parse_handle(text)
    if HANDLE.fullmatch(text.removeprefix("@")):
        return None if text.lower() in _NO_HANDLES else text.removeprefix("@")
    if text[-1] in ")}" and _REPR.match(text):
        return _handle_in(text)
    found = _PROFILE.fullmatch(text)
    return found[1] if found else None


def _beside(text: str, wanted: str) -> str | None:
    """The handle that a name stands for in a file of an account on another network than X."""
    name = OF_DISCORD.sub("", _USER_OF_REDDIT.sub("", text.removeprefix("@")))
    _, at, host = wanted.partition("@")
    network, colon, _ = wanted.rpartition(":")
    for one in (f"{name}@{host}" if at else "", f"{network}:{name}" if colon else "", name):
        if is_handle(one) and (is_handle(name) or one != name):
            return None if name.lower() in _NO_HANDLES else parse_handle(one)
    return None


def unwrapped(text: str) -> str:
    """A value without what programs put around it: a formula of spreadsheets (="…", a link), or b'…'."""
    text = text.strip()
    if text[:1] == "=" and (formula := _FORMULA.fullmatch(text)):
        return (formula[2] or formula[1]).replace('""', '"')
    if text[:2] == '="' and text[-1] == '"':
        return text[2:-1]
    return (decoded(text) or text) if text[:2] in ("b'", 'b"') else text


def decoded(text: str) -> str | None:
    """The text that a program wrote as `b'…'` or `u'…'`, perhaps in quotes; None if it is not one."""
    found = _decoded(text)
    return found and (_decoded(found) or found)  # some write it twice


def _decoded(text: str) -> str | None:
    text = text.strip()
    if text[:1] in ("'", '"') and text[-1] == text[0] and text[1:3].lower() in _LITERALS:
        text = text[1:-1]
    kind, mark = text[:1].lower(), text[1:2]
    if kind + mark not in _LITERALS or len(text) < 4 or "\n" in text:
        return None
    if text[-1] != mark:  # cut off
        text = _CUT_ESCAPE.sub("", text) + mark
    inner = text[2:-1]
    if kind == "b":  # a tool that could print some characters has left them as they are
        inner = _UNPRINTED.sub(
            lambda found: "".join(f"\\x{byte:02x}" for byte in found[0].encode("utf-8", "replace")), inner
        )
    # Nor does each escape the quotes.
    text = kind + mark + re.sub(rf"(?<!\\){mark}", rf"\\{mark}", inner) + mark
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _handle_in(text: str) -> str | None:
    """The handle in what Python writes for an object, or in JSON; nothing in it is run."""
    found: dict[str, str] = {}
    before: list[str] = ["", ""]
    for match in _TOKEN.finditer(text[:_LONGEST_REPR]):
        single, double, word, mark = match.groups()
        token = single if single is not None else double if double is not None else word
        if before[1] in (":", "=") and before[0] in _HANDLE_KEYS and word is None and token is not None:
            found.setdefault(before[0], token)
        before = [before[1], mark or token or ""]
    names = (found.get(key) for key in _HANDLE_KEYS)
    return next((name for name in names if name and HANDLE.fullmatch(name)), None)
