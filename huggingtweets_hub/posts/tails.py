"""What is left of a post's end where its link was cut off: "Read more:", an arrow, an empty bracket.

A model that learns from such ends writes them, too. They are recognised by their form, in any language: a
few words after the end of a sentence that lead up to a colon or an arrow.
"""

from collections.abc import Callable, Iterator

import regex

from huggingtweets_hub.core.words import has_unspaced, words

_LINK = r"https?:\S+"
_TAGS = regex.compile(rf"(?:\s+(?:{_LINK}|[#＃]\w+))*\s*\Z")
_LAST_LINK = regex.compile(_LINK)
_MOST_WORDS = 4
_MOST_CHARACTERS = 12  # in a script without spaces

_POINTER = (
    r"(?:[:：→⇒⇨➔➙➜➝➞➡➤➥►▶▸↓⇓⬇⤵↘⇩👉👇🔽🔗»›>]\N{VARIATION SELECTOR-16}?\p{Emoji_Modifier}?"
    r"|[-–—=]+>|\(\s*\)|\[\s*\]|[(\[]|\((?i:link|links|url)\)|\[(?i:link|links|url)\])"
)
_POINTERS = regex.compile(rf"(?:\s*{_POINTER}|\s+[-–—|~]+)+\s*\Z", regex.V1)
_VIA = regex.compile(r"\s+(?:via|h/t|ht|/via)\s*\Z", regex.IGNORECASE)
# Sentences end here; so does a line, and what stands before a bar or a dash.
_END = regex.compile(r"[.!?…。！？؟।]+[\"'”’»)\]]*(?=\s|$)|[。！？]|\n+|\s[|–—-]\s")
_CALL = regex.compile(
    r"(?:(?:read|learn|see|find out|watch|listen|discover|get|know|hear)"
    r"\s+(?:more|how|why|it|live|now|here|on)?"
    r"|(?:more|details|info|information|link|links|video|photos?|full story|the full story|story)"
    r"|leer m[áa]s|m[áa]s info(?:rmaci[óo]n)?|saiba mais|leia mais"
    r"|en savoir plus|lire la suite|plus d'infos?"
    r"|mehr (?:dazu|infos?|lesen)|weiterlesen|lees (?:meer|verder)|подробнее"
    r"|続きはこちら|詳しくはこちら|詳細はこちら)(?:\s+(?:at|on|here|about it|in|via|below))*",
    regex.IGNORECASE,
)


def without_tail(text: str, is_enough: Callable[[str], bool]) -> str:
    """The text of a post without what only led up to the link at its end; one without such a link as it is.

    Hashtags that follow the link stay.

    Args:
        text: As it was posted.
        is_enough: Whether what would be left is still a post; if not, less is taken away.
    """
    end = _link_at_the_end(text)
    if end is None:
        return text
    head, rest = text[:end].rstrip(" \t\r\n"), _TAGS.search(text, end)
    tags = " ".join(word for word in (rest[0] if rest else "").split() if word[0] in "#＃")
    for shorter in _shorter(head):
        whole = f"{shorter} {tags}".strip()
        if is_enough(whole):
            return whole
    return text


def _link_at_the_end(text: str) -> int | None:
    """Where the first of the links begins after which there is nothing but links and hashtags."""
    found = None
    for link in reversed(list(_LAST_LINK.finditer(text))):
        between = text[link.end() :]
        if _TAGS.fullmatch(between) is None:
            break
        found = link.start()
    return found


def _shorter(head: str) -> Iterator[str]:
    """The text before the link without the call to follow it; and without its colon or arrow alone."""
    bare = _POINTERS.sub("", head)
    bare = _VIA.sub("", bare)
    ends = [match.end() for match in _END.finditer(bare) if match.end() < len(bare)]
    if ends:
        last = bare[ends[-1] :].strip()
        if _CALL.fullmatch(last) or (bare != head and _is_call(last)):
            yield _POINTERS.sub("", bare[: ends[-1]].rstrip(" |–—-\t\r\n")).rstrip()
    elif _CALL.fullmatch(bare.strip()):
        return
    if bare != head:
        yield bare


def _is_call(last: str) -> bool:
    if has_unspaced(last):
        return len(last) <= _MOST_CHARACTERS
    return len(words(last)) <= _MOST_WORDS
