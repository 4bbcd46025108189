"""A table of posts read record by record; what only its columns as a whole can tell is decided in the end.

A single value cannot say whether `retweet` marks or counts, whether `user` holds handles or numbers, whether
an id was rounded, or which of 3/4/2017 is the day. So each record is kept with what it may mean until then.
"""

from datetime import datetime
from typing import Any

from huggingtweets_hub.core.accounts import network_of
from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.posts import edits
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.tables import fields as fields_of
from huggingtweets_hub.posts.tables import identity, reddit, texts, times, values, weibo
from huggingtweets_hub.posts.tables import marks as marks_of
from huggingtweets_hub.posts.tables.layout import Fields, Layout
from huggingtweets_hub.posts.tables.meanings import OTHER, Kind, Meaning
from huggingtweets_hub.posts.tables.memory import Bound
from huggingtweets_hub.posts.tables.names import fold
from huggingtweets_hub.posts.tables.rows import Findings, Row
from huggingtweets_hub.posts.tables.writers import Writers
from huggingtweets_hub.posts.tables.written_dates import Numeric

NOT_PUBLIC, WARNED, GONE = "not public", "behind a content warning", "removed or deleted, or drafts"
"""Why records are skipped that an option can include."""
_ENOUGH = 5
_MOST_LANGUAGES = 5000
# What Discord and Telegram say themselves.
_OF_SERVERS = ("ChannelPinnedMessage", "GuildMemberJoin", "ThreadCreated", "service")
# The last row of a spreadsheet.
_SUMS = {"total", "totals", "grandtotal", "sum", "summe", "gesamt", "gesamtsumme", "insgesamt", "somme",
         "suma", "totale", "somma", "soma", "totaal", "итого", "合計", "总计", "合计"}  # fmt: skip
_GOOGLES_OWN = {"commenttext", "livechattext", "posttext"}  # headings in English, which are all known
_OF_BLOGS = {"page", "attachment", "revision", "navmenuitem"}
# By what their type says.
_MESSAGES = "messages, which are not public"
_NO_POSTS = (
    {"mocktweet": "what a scraper says itself"}
    | {fold(kind): "not posts" for kind in (OTHER, *_OF_SERVERS)}
    | dict.fromkeys(("inbox", "incoming", "outgoing", "received"), _MESSAGES)
)


class Table:
    """Records on their way to the posts of one account.

    Args:
        name: What to call the table in messages.
        handle: The account; None if it is only to be found out whose posts these are.
        reading: What was chosen about the reading itself.
    """

    def __init__(self, name: str, handle: str | None, reading: Reading) -> None:
        self._name = name
        self._reading = reading
        self._network = network_of(handle) if handle else "x"
        self._are_of_x = self._network == "x"
        self.layout = Layout(reading.columns)
        self.writers = Writers(handle, is_chosen=self.layout.is_chosen(Meaning.AUTHOR))
        self.findings = Findings()
        self._edits: list[tuple[str, ...]] = []
        self._only_authors = handle is None
        self._rows: list[Row] = []
        self._bound = Bound()
        self._order = times.Order()
        self._damage = texts.Damage(are_of_x=self._are_of_x)
        self._counting: set[Meaning] = set()
        self._words_in_maybe: set[Meaning] = set()
        self._tells_conversations = False
        self._languages: dict[str, str | None] = {}
        self._is_of_takeout = False
        self.read = 0

    def add(self, fields: Fields) -> None:
        """Take one more record, as `layout` reads it.

        Raises:
            UnreadableFileError: Two columns could be the text, or the posts take up too much memory.
        """
        self.read += 1
        said, column = fields_of.text(fields) or ("", "")
        own = weibo.own_words(said) if weibo.may_be(said, self._network) else said
        said, repeated = (said, marks_of.RETWEET) if own is None else (own, 0)
        marks = marks_of.of(fields, said) | repeated
        if Meaning.CONVERSATION in fields and marks_of.is_answer(fields) is False:
            self._tells_conversations = True
        if marks & marks_of.MESSAGE:
            self.findings.passed_over[_MESSAGES] += 1
            return
        if marks & marks_of.PRIVATE and not self._reading.include_private:
            self.findings.passed_over[NOT_PUBLIC] += 1
            return
        if gone_by := marks_of.gone_by(fields) if marks & marks_of.DELETED else None:
            self.findings.passed_over[GONE] += 1
            self.findings.use(Meaning.DELETED, gone_by)
            return
        for kind in fields.get(Meaning.TYPE, ()):
            said_kind = fold(str(kind.value))
            is_of_blogs = said_kind in _OF_BLOGS and fold(kind.label) in ("type", "posttype")
            if what := "not posts" if is_of_blogs else _NO_POSTS.get(said_kind):
                self.findings.passed_over[what] += 1
                return
        is_retweet = bool(marks & (marks_of.RETWEET | marks_of.MAYBE[Meaning.RETWEET]))
        writer = self.writers.number(fields, is_retweet=is_retweet)
        if writer is None or self._only_authors:
            found = fields_of.time(fields)
            if found and isinstance(found[0], Numeric):
                self._order.see(found[0])
            return
        if marks & marks_of.WARNED and not is_retweet and self._reading.content_warnings == "drop":
            self.findings.passed_over[WARNED] += 1
            return
        self._require_one_text(fields)
        self._look_at_marks(fields)
        if column:
            self.findings.use(Meaning.TEXT, column)
            is_known = fold(column) in _GOOGLES_OWN
            self._is_of_takeout = self._is_of_takeout or (not is_known and fields_of.is_in_pieces(fields))
            self._damage.is_of_page |= fold(column) == "embeddedtext"
        for kind in fields.get(Meaning.TYPE, ()):
            for meaning, bit in marks_of.BITS.items():
                if (marks_of.kind_of(kind) or 0) & bit:
                    self.findings.use(meaning, kind.label)
        self._damage.see(said)
        self._bound.add(said)
        number, ids = self._ids(fields)
        when = self._when(fields)
        if when is None and not ids and not values.is_integer_id(number):
            is_sum = fold(said) in _SUMS and not fields.keys().isdisjoint((Meaning.ID, Meaning.TIME))
            if is_sum or not said:
                self.findings.passed_over["a sum" if is_sum else "without a text, an id and a time"] += 1
                return
        self._rows.append(Row(said, number, ids, when, self._lang(fields), marks, writer))
        for one in fields.get(Meaning.EDITS, ()):
            if chain := edits.versions({one.label.rpartition(".")[2]: one.value, "id": number}):
                self._edits.append(chain)

    def posts(self, own: frozenset[int] | None) -> tuple[Post, ...]:
        """The posts of these writers, or of all; each once, newest first."""
        have_ids_of_x = self._are_of_x and times.are_of_x(self._rows)
        order = times.order(self._rows, self._order, have_ids_of_x=have_ids_of_x)
        rows = [row for row in self._rows if own is None or row.writer in own]
        knows_quotes = bool(self.layout.present.keys() & {Meaning.QUOTE, Meaning.REFERENCES}) or any(
            row.marks & marks_of.QUOTE for row in rows
        )
        self._rows = []
        self._settle_marks(rows)
        times.settle(rows, self.findings, order=order, have_ids_of_x=have_ids_of_x)
        if self._damage.is_seen:
            for row in rows:
                row.text = self._damage.repaired(row.text)
            for what, count in self._damage.repairs.items():
                self.findings.notes.append(f"{counted(count, 'text')} held {what}; that was undone.")
        if self._network == "reddit":
            rows = self._own_words(rows)
        for row in rows:
            row.marks |= marks_of.RETWEET if marks_of.repeats_another(row.text) else 0
        self._doubt_marks(rows)
        rows = identity.once(rows, self.findings)
        posts: list[Any] = rows
        for place, row in enumerate(rows):  # in place, so that the rows' memory is given back
            posts[place] = self._post(row, knows_quotes=knows_quotes)
        self._note_headings()
        identity.sort_newest_first(posts)
        last = edits.last_versions(posts, self._edits) if self._edits else tuple(posts)
        if older := len(posts) - len(last):
            self.findings.notes.append(f"{counted(older, 'older version')} of edited posts were left out.")
        return last

    def _note_headings(self) -> None:
        """Say so where Google's headings are in a language that is not known."""
        missing = [one for one in (Meaning.ID, Meaning.TIME, Meaning.REPLY) if one not in self.layout.present]
        if self._is_of_takeout and missing:
            self.findings.notes.append(
                "some of Google's headings are in a language that is not known, so that no "
                f"{' and no '.join(missing)} was read. Say which columns they are (--column "
                f"{missing[0]}=NAME), or set your Google Account to English and export again."
            )

    def _own_words(self, rows: list[Row]) -> list[Row]:
        """The posts of Reddit without what they quote, and without those that are gone."""
        kept = []
        for row in rows:
            row.text, said = reddit.own_words(row.text), row.text
            if reddit.is_gone(said):
                self.findings.passed_over["removed or deleted"] += 1
            elif said and not row.text:
                self.findings.passed_over["without words of its own"] += 1
            else:
                kept.append(row)
        return kept

    def _doubt_marks(self, rows: list[Row]) -> None:
        """Say so where a column makes every post a retweet."""
        marked = sum(bool(row.marks & marks_of.RETWEET) for row in rows)
        by_text = sum(marks_of.repeats_another(row.text) for row in rows)
        if marked == len(rows) >= _ENOUGH > by_text:
            self.findings.notes.append(
                "every post is marked as a retweet. If that is wrong, say which column marks them: "
                "--column retweet=NAME."
            )

    def _require_one_text(self, fields: Fields) -> None:
        if len(fields.get(Meaning.TEXT, ())) > 1 and (rivals := fields_of.rival(fields)):
            one, other = rivals
            raise UnreadableFileError(
                f"{self._name} has two columns that could be the text: {one.label!r:.60} "
                f"({one.value!r:.60}) and {other.label!r:.60} ({other.value!r:.60}).",
                f"Say which one it is: --column text={one.label}",
            )

    def _look_at_marks(self, fields: Fields) -> None:
        for meaning in marks_of.MAYBE:
            for one in fields.get(meaning, ()):
                if one.kind is Kind.WEAK:
                    if marks_of.is_count(one):
                        self._counting.add(meaning)
                    elif values.number(one.value) is None and not values.is_nothing(one.value):
                        self._words_in_maybe.add(meaning)

    def _settle_marks(self, rows: list[Row]) -> None:
        """Take what may be marks for marks, unless their column counts."""
        if self._tells_conversations:
            for row in rows:
                row.marks |= marks_of.REPLY if row.marks & marks_of.ANSWER else 0
            for label in self.layout.present.get(Meaning.CONVERSATION, {}):
                self.findings.use(Meaning.REPLY, label)
        counting = set(self._counting)
        if self.layout.counts_engagement:  # `retweet` and `reply` beside `like` count, if they are numbers
            counting |= marks_of.MAYBE.keys() - self._words_in_maybe
        for meaning, bit in marks_of.MAYBE.items():
            for one, kind in list(self.layout.present.get(meaning, {}).items()):
                if kind is Kind.WEAK and meaning in counting:
                    del self.layout.present[meaning][one]
            if meaning not in counting:
                sure = marks_of.RETWEET if meaning is Meaning.RETWEET else marks_of.REPLY
                for row in rows:
                    row.marks |= sure if row.marks & bit else 0

    def _ids(self, fields: Fields) -> tuple[str | None, tuple[tuple[str, str], ...]]:
        found = fields_of.ids(fields)
        if not found:
            for one in fields.get(Meaning.ID, ())[:1]:
                if not values.is_no(one.value):  # rows may be numbered from 0
                    self.findings.miss(Meaning.ID, one.value)
            return None, ()
        if all(number == found[0][1] for _, number in found):
            self.findings.use(Meaning.ID, found[0][0])
            return found[0][1], ()
        return None, tuple(found)

    def _when(self, fields: Fields) -> datetime | Numeric | str | None:
        found = fields_of.time(fields)
        if found is None:
            if missed := fields_of.unread_time(fields):
                self.findings.use(Meaning.TIME, missed.label)
                self.findings.miss(Meaning.TIME, missed.value)
            return None
        self.findings.use(Meaning.TIME, found[1])
        return found[0]

    def _lang(self, fields: Fields) -> str | None:
        found = fields.get(Meaning.LANGUAGE)
        if not found:
            return None
        self.findings.use(Meaning.LANGUAGE, found[0].label)
        written = fields_of.language_written(found[0])
        if written is None:
            return None
        if written not in self._languages and len(self._languages) < _MOST_LANGUAGES:
            self._languages[written] = fields_of.language(fields)
        return self._languages.get(written)

    def _post(self, row: Row, *, knows_quotes: bool) -> Post:
        is_retweet = bool(row.marks & marks_of.RETWEET)
        return Post(
            text="" if is_retweet and not self._are_of_x else row.text,
            id=row.id,
            created_at=row.when if isinstance(row.when, datetime) else None,
            lang=row.lang,
            is_retweet=is_retweet,
            is_reply=bool(row.marks & marks_of.REPLY),
            is_quote=bool(row.marks & marks_of.QUOTE) if knows_quotes else None,
            is_private=bool(row.marks & marks_of.PRIVATE),
        )
