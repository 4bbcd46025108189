"""Who wrote a record, by whatever names an author."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from huggingtweets_hub.core.accounts import is_handle, on_page
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts.tables import names, values
from huggingtweets_hub.posts.tables.layout import Fields
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning

_LONG_ID = 15  # digits; shorter numbers may count the rows
_LONGEST_NAME = 100  # characters


class Handles(NamedTuple):
    """What a record says of its author.

    Attributes:
        certain: The handle that leaves no doubt: with an @, in a written object, or by a tool's own rule.
        named: What each column says that may hold a handle, the likeliest first, as (column, handle, whether
            its name says so); empty where the author is gone, None where it holds something else.
        link: The handle in the link to the post.
        id: The author's own id.
        perhaps: What columns say that may name anybody, as (column, handle).
    """

    certain: tuple[str, str] | None
    named: tuple[tuple[str, str | None, bool], ...]
    link: tuple[str, str] | None
    id: tuple[str, str] | None
    perhaps: tuple[tuple[str, str], ...] = ()

    def best(self, doubtful: Collection[str] = (), proven: Collection[str] = ()) -> tuple[str, str] | None:
        """The column and the handle, knowing which columns hold other things, and which surely handles."""
        good = [
            (label, name, is_sure) for label, name, is_sure in self.named if name and label not in doubtful
        ]
        sure = next(((label, name) for label, name, is_sure in good if is_sure or label in proven), None)
        weak = next(((label, name) for label, name, _ in good), None)
        return self.certain or sure or self.link or weak

    def of_column(self, label: str | None) -> tuple[str, str] | None:
        """What this column says, with its name, if that is a handle."""
        every = (*self.perhaps, *((one, name) for one, name, _ in self.named))
        return next(((one, name) for one, name in every if name and one == label), None)


def handles(fields: Fields, wanted: str | None = None) -> Handles:
    """Whatever names the author.

    Args:
        wanted: The account that is asked for, whose network a name without one is of.
    """
    certain = _retweeter(fields) or _full_name(fields)
    link = number = None
    named = []
    for field in fields.get(Meaning.AUTHOR, ()):
        if values.is_nothing(field.value):
            continue
        written = _as_written(field.value)
        found = values.handle(written, wanted)
        if found and _is_beyond_doubt(str(written).strip()):
            certain = certain or (field.label, found)
        elif not isinstance(field.value, Mapping):
            found = "" if not found and values.is_nobody(field.value) else found
            named.append((field.label, found, field.kind is Kind.SURE))
    for field in fields.get(Meaning.LINK, ()):
        found, leads_to = values.link(field.value)
        if link is None and found and _is_own(leads_to, fields):
            link = (field.label, found)
    for field in fields.get(Meaning.AUTHOR_ID, ()):
        if number is None and (found := values.account_id(field.value)):
            number = (field.label, found)
    return Handles(certain, tuple(named), link, number, _perhaps(fields, wanted) if wanted else ())


def _as_written(value: Any) -> Any:
    """A whole number as a table writes it, also where pandas has made a float of it; others as they are."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if type(value) is int else value


def _perhaps(fields: Fields, wanted: str) -> tuple[tuple[str, str], ...]:
    """The handles in columns of other names than an author's; whom the text mentions is not its author."""
    found = [
        (field.label, name)
        for field in fields.get(Meaning.PERHAPS_AUTHOR, ())
        if (name := values.handle(field.value, wanted))
    ]
    if not found:
        return ()
    said = " ".join(str(field.value) for field in fields.get(Meaning.TEXT, ())).lower()
    return tuple((label, name) for label, name in found if f"@{name.lower()}" not in said)


def _is_beyond_doubt(written: str) -> bool:
    """Whether a value that holds a handle cannot be a display name: with an @, or a written object."""
    return written[0] == "@" or written[-1] in ")}"


def _is_own(leads_to: str | None, fields: Fields) -> bool:
    """Whether a link leads to the post itself, and not to one that it shares."""
    own = [number for field in fields.get(Meaning.ID, ()) if (number := values.post_id(field.value))]
    return leads_to in own or not any(len(number) >= _LONG_ID for number in own)


def shown_names(fields: Fields) -> list[tuple[str, str]]:
    """Whatever may be an author's display name, with its column."""
    return [
        (field.label, field.value.strip()[:_LONGEST_NAME])
        for meaning in (Meaning.AUTHOR, Meaning.NAME)
        for field in fields.get(meaning, ())
        if isinstance(field.value, str) and not values.is_nothing(field.value)
    ]


def _retweeter(fields: Fields) -> tuple[str, str] | None:
    """Whose the record is where a column of another name than the author's says so."""
    by_nick = any(names.fold(field.label).endswith("authornick") for field in fields.get(Meaning.NAME, ()))
    by_mark = Meaning.AUTHOR in fields and any(
        names.fold(field.label) == "userrt" for field in fields.get(Meaning.RETWEET, ())
    )
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


def _full_name(fields: Fields) -> tuple[str, str] | None:
    """The name with its host in records of Mastodon's API, which leaves out that of its own server."""
    for field in fields.get(Meaning.AUTHOR, ()):
        if not isinstance(field.value, str) or not names.fold(field.label).endswith("acct"):
            continue
        if "@" in field.value and is_handle(field.value):
            return field.label, field.value
        for beside in (*fields.get(Meaning.AUTHOR, ()), *fields.get(Meaning.LINK, ())):
            full = on_page(beside.value) if isinstance(beside.value, str) else None
            if full and full.lower().startswith(f"{field.value.lower()}@"):
                return field.label, full
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
