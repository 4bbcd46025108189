"""One record of a table: its fields by their meaning, and what they say."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from huggingtweets_hub.core import languages
from huggingtweets_hub.core.records import Account, Post
from huggingtweets_hub.posts.tables import dates, names, values
from huggingtweets_hub.posts.tables.dates import Numeric
from huggingtweets_hub.posts.tables.names import Kind, Meaning, Sense

RETWEET, REPLY, QUOTE, PRIVATE = 1, 2, 4, 8
"""Bits of what a record is marked as."""
ANSWER = 64
"""It stands in a conversation that another post began, if these are told by their first post."""
MAYBE = {Meaning.RETWEET: 16, Meaning.REPLY: 32}
"""Bits of marks that count only if their column does not count something."""
BITS = {Meaning.RETWEET: RETWEET, Meaning.REPLY: REPLY, Meaning.QUOTE: QUOTE}
_PUBLIC = {"public", "unlisted", "home", "everyone"}
_TYPES = {
    "retweet": RETWEET, "retweeted": RETWEET, "rt": RETWEET, "repost": RETWEET, "boost": RETWEET,
    "reblog": RETWEET, "renote": RETWEET, "reply": REPLY, "r": REPLY, "repliedto": REPLY, "inreplyto": REPLY,
    "quote": QUOTE, "quoted": QUOTE, "quotetweet": QUOTE,
}  # fmt: skip
_KINDS = {*_TYPES, "original", "tweet", "post", "status", "own"}
_KIND = re.compile(r"\s*([A-Za-z _-]{1,20}?)(?:\s*[:,;|]|\s+(?:of|to|by)\b|\s*$)", re.IGNORECASE)
_REFERENCE = re.compile(r"\btype['\"]?[:=] ?['\"]?(\w+)")
_REPLIED_TO = re.compile(r"['\"](?:screen_name|username)['\"]: ?['\"](\w+)['\"]")
_HEADING = re.compile(r"[^\n]{0,80}\n@\w{1,15}\n·")  # what a page shows above a post
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[apAP]\.?[mM]\.?)?")
_MOST_SHAPES = 2000
_LONG_ID = 15


class Field(NamedTuple):
    """A value and what its column can mean; fields sort by rank."""

    rank: int
    label: str
    value: Any
    kind: Kind


Fields = dict[Meaning, list[Field]]


class Layout:
    """Which columns or keys mean what. It learns each shape of record once.

    Args:
        columns: The columns that a user has chosen, by meaning; `UNCHOSEN` where none has it.

    Attributes:
        present: The columns met so far by meaning, with their kinds.
        counts_engagement: A column beside them counts likes or the like.
    """

    def __init__(self, columns: Mapping[str, str] | None = None) -> None:
        self._columns = dict(columns or {})
        self._chosen = {Meaning(key): names.fold(value) for key, value in (columns or {}).items()}
        self._shapes: dict[tuple[str, str, tuple[str, ...]], list[_Step]] = {}
        self.present: dict[Meaning, dict[str, Kind]] = {}
        self.counts_engagement = False

    def fields(self, record: Mapping[str, Any]) -> Fields:
        """The fields of a record by meaning, those that come first in front."""
        found: Fields = {}
        if self._collect(record, "", "", found):
            for fields in found.values():
                if len(fields) > 1:
                    fields.sort(key=_rank)
        return found

    def labels(self) -> list[str]:
        """All columns with a meaning that were met so far."""
        return list(dict.fromkeys(label for labels in self.present.values() for label in labels))

    def unmet(self) -> list[Meaning]:
        """The meanings whose chosen column has not been met."""
        return [meaning for meaning, name in self._chosen.items() if name and meaning not in self.present]

    def chosen(self, meaning: Meaning) -> str:
        """The column that a user has chosen for a meaning, as it was written."""
        return self._columns[meaning]

    def has_text(self, columns: Iterable[str]) -> bool:
        """Whether one of these columns can be the text."""
        return Meaning.TEXT in self.fields(dict.fromkeys(columns))

    def is_chosen(self, meaning: Meaning) -> bool:
        """Whether a user has said which column it is, or that there is none."""
        return meaning in self._chosen

    def _collect(self, record: Mapping[str, Any], prefix: str, path: str, found: Fields) -> bool:
        """Add the fields of an object; whether they may be out of order."""
        keys = (prefix, path, tuple(record))
        steps = self._shapes.get(keys)
        if steps is None:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            steps = self._shapes[keys] = self._steps(prefix, path, record)
        is_nested = False
        for key, label, inner, all_senses in steps:
            value = record[key]
            if inner is not None and isinstance(value, Mapping):
                self._collect(value, inner, f"{label}.", found)
                is_nested = True
            for sense in all_senses:
                field = Field(sense.rank, label, value, sense.kind)
                if sense.meaning in found:
                    found[sense.meaning].append(field)
                else:
                    found[sense.meaning] = [field]
        return is_nested

    def _steps(self, prefix: str, path: str, record: Mapping[str, Any]) -> "list[_Step]":
        steps = []
        for key in record:
            if not isinstance(key, str):
                continue
            folded, label = names.fold(key), f"{path}{key}"
            inner = names.CONTAINERS.get(folded)
            inner = None if inner is None else prefix + inner
            chosen = names.fold(label)
            if inner is None and any(
                name.startswith(chosen) and name != chosen for name in self._chosen.values()
            ):
                inner = prefix + folded
            found = self._senses(prefix + folded, chosen)
            self.counts_engagement |= names.is_engagement(prefix + folded)
            for sense in () if inner is not None and isinstance(record[key], Mapping) else found:
                self.present.setdefault(sense.meaning, {}).setdefault(label, sense.kind)
            if found or inner is not None:
                steps.append(_Step(key, label, inner, found))
        return sorted(steps, key=lambda step: min((sense.rank for sense in step.senses), default=0))

    def _senses(self, folded: str, full: str) -> tuple[Sense, ...]:
        found = [sense for sense in names.senses(folded) if sense.meaning not in self._chosen]
        if Meaning.AUTHOR in self._chosen:  # then a link and a number tell no other author
            found = [sense for sense in found if sense.meaning is not Meaning.AUTHOR_ID]
        for meaning, name in self._chosen.items():
            if name and name in (full, folded):
                kind = Kind.MARK if meaning in BITS else Kind.SURE
                found.append(Sense(meaning, Kind.WHOLE if meaning is Meaning.TEXT else kind, -1))
        return tuple(found)


class _Step(NamedTuple):
    key: str
    label: str
    inner: str | None
    senses: tuple[Sense, ...]


def _rank(field: Field) -> int:
    return field.rank


_PLAIN = Layout()


def has_text(record: Mapping[str, Any]) -> bool:
    """Whether the record has a field for a post's text, even if it is empty."""
    return any(isinstance(field.value, str) for field in _PLAIN.fields(record).get(Meaning.TEXT, ()))


def post(record: Mapping[str, Any]) -> Post:
    """The post in a record that has a text; other missing fields stay None."""
    fields = _PLAIN.fields(record)
    said = text(fields)
    bits = marks(fields, said[0] if said else "")
    when = time(fields)
    return Post(
        text=said[0] if said else "",
        id=next((number for _, number in ids(fields)), None),
        created_at=when[0] if when and isinstance(when[0], datetime) else None,
        lang=language(fields),
        is_retweet=bool(bits & (RETWEET | MAYBE[Meaning.RETWEET])),
        is_reply=bool(bits & (REPLY | MAYBE[Meaning.REPLY])),
        is_quote=bool(bits & QUOTE) if fields.keys() & {Meaning.QUOTE, Meaning.REFERENCES} else None,
    )


def author(record: Mapping[str, Any]) -> Account | None:
    """The account that a record names as its author, or that an object of a user describes."""
    fields = _PLAIN.fields(record)
    found = handles(fields).best()
    return account(about(fields), found[1]) if found else None


def text(fields: Fields) -> tuple[str, str] | None:
    """The text and its column: the whole one, else the first that is one; None if there is none."""
    candidates = [
        (value, field.label)
        for field in fields.get(Meaning.TEXT, ())
        if (value := _said(field.value)) is not None
    ]
    # A post may consist of the word "None" or of a number, but not where another column has more.
    return next((one for one in candidates if _is_text(one[0])), None) or next(
        (one for one in candidates if one[0]), None
    )


def _said(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None


def _is_text(value: str) -> bool:
    """Whether a value can only be a text: not a number, a link, or what a page shows above a post."""
    return not (values.is_nothing(value) or values.number(value) is not None or _HEADING.match(value))


def rival(fields: Fields) -> tuple[Field, Field] | None:
    """Two columns that could both be the text and say different things in this record."""
    candidates = [field for field in fields.get(Meaning.TEXT, ()) if _is_wordy(_said(field.value))]
    if len(candidates) < 2 or candidates[0].kind is not Kind.PLAIN:
        return None
    first, *others = [field for field in candidates if field.kind is Kind.PLAIN]
    return next(((first, other) for other in others if not _agree(first.value, other.value)), None)


def _is_wordy(value: str | None) -> bool:
    """Whether a value is more than a word, a number or a link."""
    return bool(value) and _is_text(str(value)) and (" " in str(value).strip() or not str(value).isascii())


def _agree(one: str, other: str) -> bool:
    """Whether two texts are the same, or one is the other cut off."""
    one, other = sorted((" ".join(one.split()), " ".join(other.split())), key=len)
    return other.startswith(one.removesuffix("…").removesuffix("...").rstrip())


def ids(fields: Fields) -> list[tuple[str, str]]:
    """The columns that hold an id, and the ids, the likeliest first; a link to the post comes last."""
    found = [
        (field.label, number)
        for field in fields.get(Meaning.ID, ())
        if (number := values.post_id(field.value))
    ]
    for field in fields.get(Meaning.LINK, ()):
        if number := values.link(field.value)[1]:
            found.append((field.label, number))
            break
    return found


def time(fields: Fields) -> tuple[datetime | Numeric | str, str] | None:
    """The time and its column; the first that can be read. A day as a spreadsheet counts stays as written."""
    days = fields.get(Meaning.TIME, ())
    clocks = fields.get(Meaning.CLOCK, ())
    for field in days:
        if clocks and (both := _with_clock(field, clocks[0], fields)):
            return both, field.label
        if (found := dates.read(field.value)) is not None:
            return found, field.label
        if not values.is_nothing(field.value) and dates.is_serial(field.value):
            return str(field.value).strip(), field.label
    for field in clocks:
        if (found := dates.read(field.value)) is not None:
            return found, field.label
    return None


def _with_clock(day: Field, clock: Field, fields: Fields) -> datetime | Numeric | None:
    """A day and a time of day that stand in two columns, with the zone beside them."""
    if (
        values.is_nothing(day.value)
        or ":" in str(day.value)
        or not _CLOCK.fullmatch(str(clock.value).strip())
    ):
        return None
    zones = fields.get(Meaning.ZONE, ())
    zone = dates.zone(zones[0].value) if zones else ""
    return dates.read(f"{day.value} {clock.value} {zone}".strip())


def is_answer(fields: Fields) -> bool | None:
    """Whether a post stands in the conversation that another began; None if it does not say."""
    for field in fields.get(Meaning.CONVERSATION, ()):
        began = values.post_id(field.value)
        own = next(iter(ids(fields)), None)
        return began != own[1] if began and own else None
    return None


def unread_time(fields: Fields) -> Field | None:
    """A field that should hold the time and has a value."""
    for meaning in (Meaning.TIME, Meaning.CLOCK):
        for field in fields.get(meaning, ()):
            if not values.is_nothing(field.value):
                return field
    return None


def language(fields: Fields) -> str | None:
    """The ISO 639 code of the language, None if it is not known."""
    for field in fields.get(Meaning.LANGUAGE, ()):
        if isinstance(field.value, str) and (code := languages.code(field.value)):
            return code
    return None


def marks(fields: Fields, said: str) -> int:
    """What the record is marked as, in bits; its text counts as well."""
    bits = RETWEET if said.startswith("RT @") else 0
    for meaning, bit in BITS.items():
        for field in fields.get(meaning, ()):
            bits |= _marked(field, meaning, bit, fields, said)
    for field in fields.get(Meaning.TYPE, ()):
        bits |= kind_of(field) or 0
    for field in fields.get(Meaning.REFERENCES, ()):
        for kind in _references(field.value):
            bits |= _TYPES.get(names.fold(kind), 0)
    if is_answer(fields):
        bits |= ANSWER
    return bits | (PRIVATE if _is_private(fields) else 0)


def kind_of(field: Field) -> int | None:
    """What a column of kinds of posts says: bits of marks, None if it says something else."""
    found = _KIND.match(field.value) if isinstance(field.value, str) else None
    return _TYPES.get(names.fold(found[1])) if found else None


def _marked(field: Field, meaning: Meaning, bit: int, fields: Fields, said: str) -> int:
    value = field.value
    if field.kind is Kind.FLAG:
        return bit if values.is_yes(value) else 0
    if values.is_no(value):
        return 0
    if (
        field.rank < 0 and isinstance(value, str) and names.fold(value) in _KINDS
    ):  # chosen, and a kind of posts
        return (_TYPES.get(names.fold(value), 0)) & bit
    if field.kind is Kind.WEAK:
        if isinstance(value, Mapping):
            return bit
        return MAYBE[meaning] if values.is_yes(value) else 0
    folded = names.fold(field.label)
    if folded.endswith("text") and said and isinstance(value, str):  # with words of one's own it is a quote
        return bit if _agree(re.sub(r"^RT @\w+: ", "", said), value) or bit != RETWEET else QUOTE
    if folded == "replyto":  # twint's, which lists whoever is mentioned in front
        return bit if Meaning.CONVERSATION not in fields and _replies_to_another(value, fields) else 0
    if folded.startswith("renote") and said:  # with words of one's own it is a quote
        return QUOTE
    return bit


def is_count(field: Field) -> bool:
    """Whether a mark's value shows that its column counts."""
    found = values.number(field.value)
    return found is not None and found not in (0, 1, -1)


def _references(value: Any) -> Iterable[str]:
    """How a v2 post refers to others: `retweeted`, `replied_to`, `quoted`."""
    if isinstance(value, str):
        return _REFERENCE.findall(value) or re.findall(r"[A-Za-z_]+", value)
    items = value if isinstance(value, list) else []
    return [str(one.get("type")) for one in items if isinstance(one, Mapping)]


def _replies_to_another(value: Any, fields: Fields) -> bool:
    """Twint's `reply_to`: the accounts replied to, which in older versions include the author."""
    replied = {name.lower() for name in _REPLIED_TO.findall(str(value))}
    own = handles(fields).best()
    return not replied or bool(replied - {own[1].lower() if own else ""})


def _is_private(fields: Fields) -> bool:
    return any(map(_says_private, fields.get(Meaning.VISIBILITY, ())))


def _says_private(field: Field) -> bool:
    value = field.value
    if field.kind is Kind.WEAK:  # a sender or a receiver: a message
        return not values.is_no(value)
    if field.kind is Kind.MARK:  # `is_public`
        return not values.is_nothing(value) and values.is_no(value)
    if isinstance(value, Mapping) or values.is_nothing(value):
        return False
    if field.kind is Kind.FLAG or values.is_yes(value) or values.is_no(value):
        return values.is_yes(value)
    return str(value).strip().lower() not in _PUBLIC


class Handles(NamedTuple):
    """What a record says of its author.

    Attributes:
        certain: The handle that leaves no doubt: with an @, in a written object, or by a tool's own rule.
        named: What each column says that may hold a handle, the likeliest first, as (column, handle, whether
            its name says so); None where it holds something else.
        link: The handle in the link to the post.
        id: The author's own id.
    """

    certain: tuple[str, str] | None
    named: tuple[tuple[str, str | None, bool], ...]
    link: tuple[str, str] | None
    id: tuple[str, str] | None

    def best(self, doubtful: Collection[str] = (), proven: Collection[str] = ()) -> tuple[str, str] | None:
        """The column and the handle, knowing which columns hold other things, and which surely handles."""
        good = [
            (label, name, is_sure) for label, name, is_sure in self.named if name and label not in doubtful
        ]
        sure = next(((label, name) for label, name, is_sure in good if is_sure or label in proven), None)
        weak = next(((label, name) for label, name, _ in good), None)
        return self.certain or sure or self.link or weak


def handles(fields: Fields) -> Handles:
    """Whatever names the author."""
    certain = _retweeter(fields)
    link = number = None
    named = []
    for field in fields.get(Meaning.AUTHOR, ()):
        if values.is_nothing(field.value):
            continue
        found = values.handle(field.value)
        if found and _is_beyond_doubt(str(field.value).strip()):
            certain = certain or (field.label, found)
        elif not isinstance(field.value, Mapping):
            named.append((field.label, found, field.kind is Kind.SURE))
    for field in fields.get(Meaning.LINK, ()):
        found, leads_to = values.link(field.value)
        if link is None and found and _is_own(leads_to, fields):
            link = (field.label, found)
    for field in fields.get(Meaning.AUTHOR_ID, ()):
        if number is None and (found := values.account_id(field.value)):
            number = (field.label, found)
    return Handles(certain, tuple(named), link, number)


def _is_beyond_doubt(written: str) -> bool:
    """Whether a value that holds a handle cannot be a display name: with an @, or a written object."""
    return written[0] == "@" or written[-1] in ")}"


def _is_own(leads_to: str | None, fields: Fields) -> bool:
    """Whether a link leads to the post itself, and not to one that it shares."""
    own = [number for field in fields.get(Meaning.ID, ()) if (number := values.post_id(field.value))]
    # A short number may be the row's; a long one is the post's.
    return leads_to in own or not any(len(number) >= _LONG_ID for number in own)


def shown_names(fields: Fields) -> list[str]:
    """Whatever may be an author's display name."""
    return [
        str(field.value)
        for meaning in (Meaning.NAME, Meaning.AUTHOR)
        for field in fields.get(meaning, ())
        if isinstance(field.value, str) and not values.is_nothing(field.value)
    ]


def _retweeter(fields: Fields) -> tuple[str, str] | None:
    """Whose the record is where a column of another name than the author's says so."""
    by_nick = any(names.fold(field.label).endswith("authornick") for field in fields.get(Meaning.NAME, ()))
    by_mark = any(names.fold(field.label) == "userrt" for field in fields.get(Meaning.RETWEET, ()))
    if not by_nick and not by_mark:
        return None
    marked = [field for field in fields.get(Meaning.RETWEET, ()) if not values.is_no(field.value)]
    for field in marked:
        if names.fold(field.label) == "userrt" and (found := values.handle(field.value)):
            return field.label, found  # twint's `username` is then the other's
    if by_nick:
        # gallery-dl: a `name` is the handle, `user` is whose timeline it is, `author` who wrote it first.
        wanted = "username" if marked else "authorname"
        for field in fields.get(Meaning.AUTHOR, ()):
            if names.fold(field.label) == wanted and (found := values.handle(field.value)):
                return field.label, found
    return None


class About(NamedTuple):
    """What a record says of its author besides the handle."""

    names: tuple[str, ...]
    maybe_names: tuple[str, ...]
    avatar_url: str | None
    id: str | None


def about(fields: Fields) -> About:
    """What a record says of its author besides the handle."""
    number = handles(fields).id
    pictures = [str(f.value) for f in fields.get(Meaning.AVATAR, ()) if not values.is_nothing(f.value)]
    return About(
        names=_shown(fields, Kind.PLAIN),
        maybe_names=_shown(fields, Kind.WEAK),
        avatar_url=pictures[0].replace("_normal.", "_400x400.") if pictures else None,
        id=number[1] if number else None,
    )


def _shown(fields: Fields, kind: Kind) -> tuple[str, ...]:
    return tuple(
        str(one.value)
        for one in fields.get(Meaning.NAME, ())
        if one.kind is kind and one.label.lower() != "username" and not values.is_nothing(one.value)
    )


def account(said: About, handle: str) -> Account:
    """The account with what a record says of it besides."""
    shown = [*said.names, *said.maybe_names]
    name = next((one for one in shown if one.lower() != handle.lower()), "".join(shown[:1]))
    return Account(handle=handle, name=name, avatar_url=said.avatar_url, id=said.id)
