"""What generated text must not carry onto a card: addresses, numbers, links and names of others."""

import re
from collections.abc import Collection

LINK, EMAIL, PHONE, NAME = "[link]", "[email]", "[phone]", "[name]"

# Marks that show nothing and would hide an address from the patterns below.
_UNSEEN = re.compile("[\u200b\u2060\ufeff\u00ad]")
# The second form is one that was meant to hide it.
_EMAIL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|[\w.+-]+\s?[@＠]\s?[\w-]+\s?\.\s?(?:com|net|org|edu|gov|io|co|de|fr|uk|jp|br|ru|in)\b",
    re.IGNORECASE,
)
# With a scheme; a host name with a path; or one with an ending that is no word of its own, since blanks
# after a full stop are often left out.
_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]*://\S*|\bhttps?:\S*|\bwww\.\S*"
    r"|(?<![\w@.])(?:[\w-]+\.)+[a-z]{2,24}/\S+"
    r"|(?<![\w@.])(?:[\w-]+\.)+(?:com|org|net|gov|edu|info|int|mil|io|ly|co|tv|gl|uk|de|fr|jp|ru|br|eu|ca|au"
    r"|dev|app|blog|xyz|ai|gg|ee|nl|pl|se|dk|cz|tr|cn|kr|mx|ar|za|nz|ie|ch)(?:/\S*|(?![\w-]|\.\w))",
    re.IGNORECASE,
)
_NAME = re.compile(r"[@＠](\w+)")
# Seven digits or more, with what people put between them. A comma parts the thousands of a sum. It rather
# takes a number of another kind for a phone number than the other way round.
_NUMBER = re.compile(
    r"(?<![\w,$€£¥])(?<!\d[.])(?:\+|00)?\(?\d(?:[ ()./\u00a0\u2010-\u2015-]{0,3}\d){6,14}"
    r"(?:x\d+|(?![\d%]|,\d))"
)
_NO_PHONE = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}"
    r"|\d{1,2}\.\d+|(?:1[5-9]|20)\d\d ?[-\u2013/] ?(?:1[5-9]|20)\d\d"
)


def mask(text: str, own: Collection[str] = ()) -> str:
    """The text with e-mail addresses, phone numbers, links and others' @names replaced by a word for each.

    Args:
        own: Handles that may stay: those of the accounts themselves.
    """
    mine = {handle.lower() for handle in own}
    text = _EMAIL.sub(EMAIL, _UNSEEN.sub("", text))
    text = _LINK.sub(LINK, text)
    text = _NAME.sub(lambda found: found[0] if found[1].lower() in mine else NAME, text)
    return _NUMBER.sub(lambda found: found[0] if _NO_PHONE.fullmatch(found[0]) else PHONE, text)
