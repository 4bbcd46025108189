"""What a record is marked as: a retweet, a reply, a quote, not public, behind a warning."""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from huggingtweets_hub.posts.tables import authors, fields, names, texts, values
from huggingtweets_hub.posts.tables.layout import Field, Fields
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning

RETWEET, REPLY, QUOTE, PRIVATE = 1, 2, 4, 8
MESSAGE, WARNED, DELETED = 128, 256, 512
"""Bits of what a record is marked as; a message is one person's to another."""
ANSWER = 64
"""It stands in a conversation that another post began, if these are told by their first post."""
MAYBE = {Meaning.RETWEET: 16, Meaning.REPLY: 32}
"""Bits of marks that count only if their column does not count something."""
BITS = {Meaning.RETWEET: RETWEET, Meaning.REPLY: REPLY, Meaning.QUOTE: QUOTE}
# Also in other languages.
_PUBLIC = {"public", "unlisted", "home", "everyone", "anyone", "anybody", "publictoeveryone", "öffentlich",
           "jeder", "publique", "toutlemonde", "público", "pública", "todoelmundo", "pubblico", "pubblica",
           "openbaar", "iedereen", "публичный", "公開", "公开", "all", "everybody", "world",
           "anyoneonlinkedin", "everyonepublic", "alle", "tous", "todos", "tutti", "все", "全体公開", "全員",
           "所有人"}  # fmt: skip
# In columns that may hold anything else, such as `state`, or `security` of LiveJournal.
_CLOSED = {"private", "protected", "hidden", "direct", "specified", "followers", "followersonly", "friends",
           "friendsonly", "friendsoffriends", "closefriends", "mutuals", "limited", "usemask", "custom",
           "members", "subscribers", "yourfriends", "paid", "onlypaid", "founding", "onlyme", "self",
           "privat", "privé", "privée", "privado", "privada", "privato", "privata", "besloten",
           "nurich", "freunde", "nurfreunde", "amis", "amigos", "amici", "prywatne", "приватный", "личное",
           "非公開", "私密", "仅自己可见"}  # fmt: skip
_UNPUBLISHED = {"draft", "autodraft", "queued", "scheduled", "future", "pending", "submission", "inherit",
                "trash", "trashed", "archived", "failed", "unpublished", "notpublished", "deleted", "removed",
                "buffer", "unsent", "notsent", "inreview", "planned", "entwurf", "geplant",
                "unveröffentlicht", "nichtveröffentlicht", "gelöscht", "papierkorb", "brouillon",
                "planifié", "programmé", "nonpublié", "supprimé",
                "corbeille", "borrador", "programado", "programada", "eliminado", "eliminada", "bozza",
                "programmato", "pianificato", "eliminato", "eliminata", "rascunho", "agendado", "excluído",
                "concept", "gepland", "verwijderd", "черновик", "запланировано", "удалено", "下書き",
                "予約投稿", "削除済み", "草稿", "已删除"}  # fmt: skip
_TYPES = {
    "retweet": RETWEET, "retweeted": RETWEET, "rt": RETWEET, "repost": RETWEET, "boost": RETWEET,
    "reblog": RETWEET, "renote": RETWEET, "reposted": RETWEET, "boosted": RETWEET, "reblogged": RETWEET,
    "renoted": RETWEET, "repostfacade": RETWEET,
    "reply": REPLY, "r": REPLY, "replied": REPLY, "repliedto": REPLY, "inreplyto": REPLY,
    "quote": QUOTE, "quoted": QUOTE, "quotetweet": QUOTE, "re": REPLY, "qt": QUOTE, "qrt": QUOTE,
}  # fmt: skip
_ABBREVIATED = {"re", "qt", "qrt"}  # which also begin titles, such as `Re: bread`
_KINDS = {*_TYPES, "original", "tweet", "post", "status", "own"}
_OWN = re.compile(
    r"(?:not|kein) (?:an? )?(?:retweet|repost|reblog|boost|reply|antwort|quote|zitat)\w*"
    r"|(?:own|original) (?:tweet|post)",
    re.IGNORECASE,
)
_EVERYBODY = {"all", "everybody", "everyone", "followers", "me", "public", "world"}
_KIND = re.compile(
    r"\W*(?:(?:twitter|tweet|native|x)[ _-]+)?([A-Za-z _-]{1,20}?)(?:[ _-]+(?:tweet|post|status))?"
    r"(?:\s*[:,;|]|\s+(?:of|to|by)\b|\W*$)",
    re.IGNORECASE,
)
# A retweet by hand, or what quoted another before there were quotes.
_RETWEET = re.compile(
    r"""
    [\s"“.]*
    (?:
        RT[ ]@ | R[Tt]:?\s{0,3}@\w{1,15}:?\s | (?:MT|PRT)[ ]@\w{1,15} | (?:rt|mt|QT)[ ]@\w{1,15}:\s
        | [♺♻🔁🔄]\ufe0f?\s?@[\w.@-]{1,80}:\s | Retweeted[ ][^\n]{1,60}?[ ]\(@\w{1,15}\):\s
    )
    | \s*["“”„«][ ]?@[\w.@-]{1,80}\s?:\s
    """,
    re.VERBOSE,
)
_LONG_ID = re.compile("[0-9]{15,}")
_CHANNEL = "-100"  # how ids of Telegram's channels begin
_REFERENCE = re.compile(r"\btype['\"]?[:=] ?['\"]?(\w+)")
# A circle of everybody; not the name of a community or a collection.
_OPEN_ACL = re.compile(r"CIRCLE_TYPE_PUBLIC|is\w*Public['\"]: ?true", re.IGNORECASE)
_REPLIED_TO = re.compile(r"['\"](?:screen_name|username)['\"]: ?['\"](\w+)['\"]")


def of(found: Fields, said: str) -> int:
    """What the record is marked as, in bits; its text counts as well."""
    bits = RETWEET if repeats_another(said) else REPLY if texts.is_answer(said) else 0
    for meaning, bit in BITS.items():
        for field in found.get(meaning, ()):
            bits |= _marked(field, meaning, bit, found, said)
    if bits & REPLY and _continues_itself(found):
        bits &= ~REPLY
    for field in found.get(Meaning.TYPE, ()):
        bits |= kind_of(field) or 0
    for field in found.get(Meaning.REFERENCES, ()):
        for kind in _references(field.value):
            bits |= _TYPES.get(names.fold(kind), 0)
    if is_answer(found):
        bits |= ANSWER
    if any(map(_is_warning, found.get(Meaning.WARNING, ()))):
        bits |= WARNED
    if gone_by(found) is not None:
        bits |= DELETED
    for field in found.get(Meaning.VISIBILITY, ()):
        if not is_unpublished(field) and _says_private(field, found):
            bits |= MESSAGE if field.kind in (Kind.WEAK, Kind.MESSAGE) else PRIVATE
    return bits


def repeats_another(said: str) -> bool:
    """Whether a text begins as retweets do, by hand or as programs write them."""
    return bool(_RETWEET.match(said))


def gone_by(found: Fields) -> str | None:
    """The column that says that a post was deleted or not published; None if no column says so."""
    states = filter(is_unpublished, found.get(Meaning.VISIBILITY, ()))
    gone = chain(filter(_is_deleted, found.get(Meaning.DELETED, ())), states)
    return next((field.label for field in gone), None)


def is_unpublished(field: Field) -> bool:
    """Whether a column says that a post is a draft, waits, or was taken back."""
    return isinstance(field.value, str) and names.fold(field.value) in _UNPUBLISHED


def tells_readers(said: str) -> bool:
    """Whether a text is what such columns hold, not words: who may read a post, or what became of it."""
    folded = names.fold(said)
    is_known = folded in _PUBLIC or folded in _CLOSED or folded in _UNPUBLISHED
    return is_known or values.is_yes(said) or values.is_false(said)


def _is_deleted(field: Field) -> bool:
    value = field.value
    if field.kind is Kind.WEAK:  # `status`, where another column says who may read a post
        return is_unpublished(field)
    if field.kind is Kind.DERIVED:  # `is_published`
        return values.is_false(value)
    return values.is_yes(value) if field.kind is Kind.FLAG else not values.is_no(value)


def kind_of(field: Field) -> int | None:
    """What a column of kinds of posts says: bits of marks, None if it says something else."""
    value = field.value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    found = _KIND.match(value) if isinstance(value, str) else None
    if found and names.fold(found[1]) in _ABBREVIATED and names.fold(value) != names.fold(found[1]):
        return None
    return _TYPES.get(names.fold(found[1])) if found else None


def _marked(field: Field, meaning: Meaning, bit: int, found: Fields, said: str) -> int:
    value = field.value
    if field.kind is Kind.FLAG:
        return bit if values.is_yes(value) else 0
    if values.is_no(value) or (isinstance(value, str) and _OWN.fullmatch(value.strip())):
        return 0
    if (
        field.rank < 0 and isinstance(value, str) and names.fold(value) in _KINDS
    ):  # chosen, and a kind of posts
        return (_TYPES.get(names.fold(value), 0)) & bit
    if field.kind is Kind.WEAK:
        if isinstance(value, Mapping) or _is_id(value):
            return bit
        return MAYBE[meaning] if values.is_yes(value) else 0
    folded = names.fold(field.label)
    if folded.endswith("text") and said and isinstance(value, str):  # with words of one's own it is a quote
        return bit if fields.agree(re.sub(r"^RT @\w+: ", "", said), value) or bit != RETWEET else QUOTE
    if folded == "replyto":  # twint's, which lists whoever is mentioned in front
        return bit if Meaning.CONVERSATION not in found and _replies_to_another(value, found) else 0
    if folded == "to":
        replied = values.handle(value) if isinstance(value, str) and not _is_sent(found) else None
        own = authors.handles(found).best()
        return bit if replied and own and replied.lower() not in {own[1].lower(), *_EVERYBODY} else 0
    if folded.startswith(("renote", "copyhistory")) and said:  # with words of one's own it is a quote
        return QUOTE
    return bit


def is_count(field: Field) -> bool:
    """Whether a mark's value shows that its column counts."""
    found = values.number(field.value)
    return found is not None and found not in (0, 1, -1) and not _is_id(field.value)


def _is_id(value: Any) -> bool:
    """Whether a value is the id of another post, which no count is as long as."""
    return _LONG_ID.fullmatch(str(value)) is not None


def is_answer(found: Fields) -> bool | None:
    """Whether a post stands in the conversation that another began; None if it does not say."""
    for field in found.get(Meaning.CONVERSATION, ()):
        began = values.post_id(field.value)
        own = next(iter(fields.ids(found)), None)
        return began != own[1] if began and own else None
    return None


def _references(value: Any) -> Iterable[str]:
    """How a v2 post refers to others: `retweeted`, `replied_to`, `quoted`."""
    if isinstance(value, str):
        return _REFERENCE.findall(value) or re.findall(r"[A-Za-z_]+", value)
    items = value if isinstance(value, list) else []
    return [str(one.get("type")) for one in items if isinstance(one, Mapping)]


def _replies_to_another(value: Any, found: Fields) -> bool:
    """Twint's `reply_to`: the accounts replied to, which in older versions include the author."""
    replied = {name.lower() for name in _REPLIED_TO.findall(str(value))}
    own = authors.handles(found).best()
    return not replied or bool(replied - {own[1].lower() if own else ""})


def _continues_itself(found: Fields) -> bool:
    """Whether a post of Mastodon's answers its own author, which is not a reply there."""
    own = {str(field.value) for field in found.get(Meaning.AUTHOR_ID, ())}
    return any(
        names.fold(field.label).endswith("inreplytoaccountid") and str(field.value) in own
        for field in found.get(Meaning.REPLY, ())
    )


def _is_warning(field: Field) -> bool:
    return not values.is_nothing(field.value) and values.number(field.value) is None


def _is_sent(found: Fields) -> bool:
    return any(names.fold(field.label) == "from" for field in found.get(Meaning.AUTHOR, ()))


def _says_private(field: Field, found: Fields) -> bool:
    value = field.value
    if field.kind is Kind.MESSAGE:  # whether one has sent it oneself
        return not values.is_nothing(value)
    if field.kind is Kind.WEAK:  # a sender or a receiver: a message
        is_answered = names.fold(field.label) == "to" and not _is_sent(found)  # whom a post answers
        if str(value).startswith(_CHANNEL):
            return False
        return not values.is_no(value) and not is_answered
    if field.kind is Kind.DERIVED:
        return isinstance(value, str) and names.fold(value) in _CLOSED
    if field.kind is Kind.MARK:  # `is_public`
        return not values.is_nothing(value) and values.is_no(value)
    folded = names.fold(field.label)
    if folded == "postacl":  # of Google+
        return not _OPEN_ACL.search(str(value))
    if isinstance(value, Mapping) or values.is_nothing(value):
        return False
    if folded.endswith("itemprivate") and (values.number(value) or 0) > 1:  # Hubzilla's, for messages
        return True
    if field.kind is Kind.FLAG or values.is_yes(value) or values.is_no(value):
        return values.is_yes(value)
    if folded.endswith("audience") and values.number(value) is not None:  # it counts people
        return False
    return names.fold(str(value)) not in _PUBLIC
