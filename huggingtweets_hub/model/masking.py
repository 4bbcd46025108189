"""Mask what generated text must not show on a card: addresses, numbers, links and others' names."""

import re
from collections.abc import Collection

LINK, EMAIL, PHONE, NAME, ACCOUNT = "[link]", "[email]", "[phone]", "[name]", "[account]"

# Invisible characters that would hide an address from the patterns below.
_UNSEEN = re.compile("[\u200b\u2060\ufeff\u00ad]")
# Names with a host, whole: `@ann.bsky.social`, `@ann@m.example`. After a full stop without its space, a word
# begins with a capital letter, and a host does not end in one.
_FULL_NAME = re.compile(
    r"(?<![\w.+-])[@＠]((?:\w[\w.-]*)?\w[@＠](?:[\w-]+\.)+[\w-]*\w|(?:[A-Za-z0-9-]+\.)+[a-z]{2,24}(?![\w-]))"
)
# The letters and signs of ASCII in their wide forms, which are read as addresses all the same, also beside
# narrow ones.
_WIDE = re.compile("[A-Za-z0-9.@:/_+\uff0b\uff0d-\uff1a\uff20-\uff3a\uff3f\uff41-\uff5a-]+")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_MAIL_HOSTS = "com|net|org|edu|gov|io|co|de|fr|uk|jp|br|ru|in"
# The other forms are obfuscated addresses.
_EMAIL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|[\w.+-]+\s?[@＠]\s?[\w-]+\s?\.\s?(?:{_MAIL_HOSTS})\b"
    r"|[\w.+-]+\s?[(\[{]\s?at\s?[)\]}]\s?[\w-]+(?:\s?[(\[{]?\s?(?:\.|\bdot\b)\s?[)\]}]?\s?[\w-]+)+"
    rf"|[\w.+-]+\sat\s[\w-]+\sdot\s(?:{_MAIL_HOSTS})\b",
    re.IGNORECASE,
)
# Every address of mail holds one of these; to look for one in a long word takes the square of its length.
_MAY_BE_EMAIL = re.compile("[@＠]|at", re.IGNORECASE)
# An IBAN: a country, two digits, then letters and digits in fours, at least eight of them digits.
_IBAN = re.compile(
    r"(?<!\w)[A-Z]{2}[0-9]{2}(?=(?:[A-Z ]{0,9}[0-9]){8})(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
)
# With a scheme; a host name with a path; or a host name whose ending is not a word, since the space after a
# full stop is often left out.
_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]*://\S*|\bhttps?:\S*|\bwww\.\S*"
    r"|(?<![\w@.])(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?/\S+"
    r"|(?<![\w@.])(?:[\w-]+\.)+(?:com|org|net|gov|edu|info|int|mil|io|ly|co|tv|gl|uk|de|fr|jp|ru|br|eu|ca|au"
    r"|shop|online|store|site|website|club|tech|cloud|biz|social|link|page|dev|app|blog|xyz|ai|gg|ee|nl|pl|se|dk|cz|tr|cn|kr|mx|ar|za|nz|ie|ch)(?::\d+)?(?:/\S*|(?![\w-]|\.\w))",
    re.IGNORECASE,
)
_NAME = re.compile(r"[@＠](?:[ ](?!\d))?(\w+)|(?<![\w/])/?u/([\w-]{3,20})(?![\w/-])")
# Seven digits or more, with the usual characters between them. A comma separates thousands. When in doubt,
# a number counts as a phone number.
_NUMBER = re.compile(
    r"(?<![\w,$€£¥])(?<!\d[.])(?:\+|00)?\(?\d(?:[ ()./\u00a0\u2010-\u2015-]{0,3}\d){6,}"
    r"(?:x\d+|(?![\d%]|,\d))"
)
_NO_PHONE = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}"
    r"|\d{1,2}\.\d+|(?:1[5-9]|20)\d\d ?[-\u2013/] ?(?:1[5-9]|20)\d\d"
)


def mask(text: str, own: Collection[str] = ()) -> str:
    """The text with e-mail addresses, phone numbers, links and others' @names each replaced by a word.

    Args:
        own: Handles that may stay: those of the accounts themselves.
    """
    mine = {name for handle in own for name in _names(handle.lower())}

    def named(found: re.Match[str]) -> str:
        return found[0] if (found[1] or found[2]).lower() in mine else NAME

    def without_mail(text: str) -> str:
        text = _IBAN.sub(ACCOUNT, text)
        if _MAY_BE_EMAIL.search(text):
            text = _EMAIL.sub(EMAIL, text)
        return _NAME.sub(named, _LINK.sub(LINK, text))

    def narrowed(found: re.Match[str]) -> str:
        if found[0].isascii():
            return found[0]
        narrow = found[0].translate(_NARROW)
        return narrow if _EMAIL.search(narrow) or _LINK.search(narrow) else found[0]

    # What stands between names that may stay: to the other patterns these would look like addresses of mail.
    parts, end = [], 0
    text = _WIDE.sub(narrowed, _UNSEEN.sub("", text))
    for found in _FULL_NAME.finditer(text):
        parts.append(without_mail(text[end : found.start()]))
        parts.append(found[0] if found[1].replace("＠", "@").lower() in mine else NAME)
        end = found.end()
    text = "".join([*parts, without_mail(text[end:])])
    return _NUMBER.sub(lambda found: found[0] if _NO_PHONE.fullmatch(found[0]) else PHONE, text)


def _names(handle: str) -> tuple[str, ...]:
    """How a handle may be written after an @: whole, without its host, without its network."""
    return handle, handle.partition("@")[0], handle.rpartition(":")[2]
