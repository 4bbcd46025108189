"""Which columns or keys of a record mean what, learned once for each shape of record."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from huggingtweets_hub.posts.tables import (
    activities,
    bluesky,
    elsewhere,
    names,
    nostr,
    reddit,
    tumblr,
    values,
)
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning, Sense

# The objects that are stepped into, by their folded names, and what they put before the names in them.
_CONTAINERS = {
    # What is told of the post beside its text.
    "meta": "", "metadata": "",
    # The post itself, wrapped.
    "tweet": "", "legacy": "", "json": "", "result": "", "tweetresults": "", "core": "",
    # Its long text.
    "notetweet": "notetweet", "notetweetresults": "", "notepost": "notetweet", "extendedtweet":
    "extendedtweet", "longobject": "longobject",
    # Who wrote it.
    "user": "user", "userresults": "user", "author": "author", "account": "account", "owner": "owner",
    "creator": "creator", "poster": "poster", "from": "from", "profile": "profile", "actor": "actor",
    "userinfo": "user", "userdetails": "user", "userdata": "user", "tweetuser": "user", "twitteruser": "user",
    "authorinfo": "author", "authordetails": "author", "authordata": "author", "tweetauthor": "author",
    "postauthor": "author", "tweetby": "author", "tweetedby": "author", "postedby": "author",
    "createdby": "author", "authormeta": "author", "privacy": "privacy",
    # Weibo's, of who may see a post.
    "visible": "visible",
    # What Mastodon says of a quote beside the quoted post, which is not stepped into.
    "quote": "quote",
}  # fmt: skip
_MARKS = (Meaning.RETWEET, Meaning.REPLY, Meaning.QUOTE)
_MOST_SHOWN = 100
_MOST_SHAPES = 2000


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
        columns: The columns that a user has chosen, by meaning; an empty name where none has it.

    Attributes:
        present: The columns met so far by meaning, with their kinds.
        counts_engagement: A column beside them counts likes or the like.
    """

    def __init__(self, columns: Mapping[str, str] | None = None) -> None:
        self._columns = dict(columns or {})
        self._chosen = {Meaning(key): names.fold(value) for key, value in (columns or {}).items()}
        self._shapes: dict[tuple[str, str, tuple[str, ...]], list[_Step]] = {}
        self._perhaps: dict[tuple[str, ...], tuple[_Senses, _Senses]] = {}
        self._met: dict[str, None] = {}
        self.present: dict[Meaning, dict[str, Kind]] = {}
        self.counts_engagement = False

    def fields(self, record: Mapping[str, Any]) -> Fields:
        """The fields of a record by meaning, those that come first in front."""
        found: Fields = {}
        record = elsewhere.as_table(record)
        if "trail" in record or "reblog" in record:
            record = tumblr.as_table(record)
        elif "title" in record and ("selftext" in record or "body" in record):
            record = reddit.with_title(record)
        elif "pubkey" in record:
            record = nostr.as_table(record)
        elif "$type" in record:
            record = bluesky.as_table(record)
        elif "type" in record or "attributedTo" in record or "object.content" in record:
            record = activities.as_table(record)
        if self._collect(record, "", "", found):
            for fields in found.values():
                if len(fields) > 1:
                    fields.sort(key=_rank)
        plain, others = self._perhaps_authors(tuple(record))
        if others and _may_show_handle([*map(record.__getitem__, others)]):
            shown = {key: sense for key, sense in others.items() if values.shows_handle(record[key])}
            plain = plain | shown
        for key, sense in plain.items():
            found.setdefault(sense.meaning, []).append(Field(sense.rank, key, record[key], sense.kind))
        return found

    def labels(self) -> list[str]:
        """The columns that were met so far, at most as many as a message shows."""
        return list(self._met)

    def unmet(self) -> list[Meaning]:
        """The meanings whose chosen column has not been met."""
        return [meaning for meaning, name in self._chosen.items() if name and meaning not in self.present]

    def chosen(self, meaning: Meaning) -> str:
        """The column that a user has chosen for a meaning, as it was written."""
        return self._columns[meaning]

    def blank(self) -> "Layout":
        """A layout with the same chosen columns that has learned nothing."""
        return Layout(self._columns)

    def meanings(self, columns: Iterable[str]) -> set[Meaning]:
        """What these would mean if they were columns; nothing is learned from them."""
        return set(self.blank().fields(dict.fromkeys(columns)))

    def means(self, column: str) -> bool:
        """Whether a column of this name means anything; nothing is learned from it."""
        return bool(self.meanings([column]))

    def is_text(self, column: str) -> bool:
        """Whether a column of this name may hold the text; nothing is learned from it."""
        folded = names.fold(column)
        return any(sense.meaning is Meaning.TEXT for sense in self._senses(folded, folded))

    def is_chosen(self, meaning: Meaning) -> bool:
        """Whether a user has said which column it is, or that there is none."""
        return meaning in self._chosen

    def is_ruled_out(self, meaning: Meaning) -> bool:
        """Whether a user has said that no column has it."""
        return self._chosen.get(meaning) == ""

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
            if isinstance(value, dict):
                if all_senses and all_senses[0].meaning is Meaning.TEXT:
                    value = _said_in(value, key)
                elif len(value) == 1:  # a number as MongoDB exports it
                    value = value.get("$numberLong", value.get("$numberInt", value))
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
            if len(self._met) < _MOST_SHOWN:
                self._met.setdefault(label)
            inner = _CONTAINERS.get(folded)
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

    def _perhaps_authors(self, columns: tuple[str, ...]) -> "tuple[_Senses, _Senses]":
        """The columns that may name the authors by what stands in them, unless a user has chosen one.

        In the first of them a handle needs no @.
        """
        if Meaning.AUTHOR in self._chosen:
            return {}, {}
        known = self._perhaps.get(columns)
        if known is None:
            if len(self._perhaps) >= _MOST_SHAPES:
                self._perhaps.clear()
            known = self._perhaps[columns] = {}, {}
            for key in columns:
                if not isinstance(key, str) or names.fold(key) in self._chosen.values():
                    continue
                if sense := names.perhaps_author(names.fold(key)):
                    known[sense.kind is not Kind.PLAIN][key] = sense
        return known

    def _senses(self, folded: str, full: str) -> tuple[Sense, ...]:
        known = names.senses(folded)
        if self._chosen.get(Meaning.TEXT) in (full, folded):  # then it tells nothing else
            known = ()
        found = [sense for sense in known if sense.meaning not in self._chosen]
        if Meaning.AUTHOR in self._chosen:  # then a link and a number tell no other author
            found = [sense for sense in found if sense.meaning is not Meaning.AUTHOR_ID]
        if Meaning.VISIBILITY in self._chosen:  # what became of a post is another question
            found += [
                Sense(Meaning.DELETED, Kind.WEAK, sense.rank)
                for sense in known
                if sense.meaning is Meaning.VISIBILITY and sense.kind is not Kind.WEAK
            ]
        for meaning, name in self._chosen.items():
            if name and name in (full, folded):
                kind = Kind.MARK if meaning in _MARKS else Kind.SURE
                found.append(Sense(meaning, Kind.WHOLE if meaning is Meaning.TEXT else kind, -1))
        return tuple(found)


_Senses = dict[str, Sense]


def _may_show_handle(cells: list[Any]) -> bool:
    """Whether one of these may show a handle; of many, it takes less time to look at all of them at once."""
    try:
        return values.shows_handle("\n".join(cells))
    except TypeError:  # not all of them are texts
        return True


def _said_in(value: dict[str, Any], key: str) -> Any:
    """A text that is an object: as WordPress shows it, or Instagram's caption; any other object as it is."""
    return value.get("rendered", value.get("text", value) if key == "caption" else value)


class _Step(NamedTuple):
    key: str
    label: str
    inner: str | None
    senses: tuple[Sense, ...]


def _rank(field: Field) -> int:
    return field.rank
