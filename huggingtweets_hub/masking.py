"""What generated text must not carry onto a card: addresses, numbers, links and names of others."""

import re
from collections.abc import Collection

LINK, EMAIL, PHONE, NAME = "[link]", "[email]", "[phone]", "[name]"

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"(?:https?:/{0,2}|www\.)\S*"
    r"|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|info|io|ly|co|me|tv|gl|be|uk|de|fr|jp|ru|br|in|eu)"
    r"(?:/\S*|(?![\w.-]))",
    re.IGNORECASE,
)
_NAME = re.compile(r"[@＠](\w+)")
# Seven digits or more with what people put between them; commas and slashes stand in sums and dates.
_NUMBER = re.compile(r"(?<![\w.,/:$€£-])(?:\+|00)?\(?\d(?:[ ().\u00a0-]{0,3}\d){6,14}(?![\w%])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|(?:1[5-9]|20)\d\d ?- ?(?:1[5-9]|20)\d\d")


def mask(text: str, own: Collection[str] = ()) -> str:
    """The text with e-mail addresses, phone numbers, links and others' @names replaced by a word for each.

    Args:
        own: Handles that may stay: those of the accounts themselves.
    """
    mine = {handle.lower() for handle in own}
    text = _EMAIL.sub(EMAIL, text)
    text = _LINK.sub(LINK, text)
    text = _NUMBER.sub(lambda found: found[0] if _DATE.fullmatch(found[0]) else PHONE, text)
    return _NAME.sub(lambda found: found[0] if found[1].lower() in mine else NAME, text)
