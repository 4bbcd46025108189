"""Accounts that opted out: they are not published until somebody takes them off the list.

Three lists are looked at: the one in the home, the one in the store, and that of the namespace which a model
goes to, so that every machine knows.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from huggingtweets_hub.core import files, people, settings
from huggingtweets_hub.core.accounts import is_handle, mention, parse_handle
from huggingtweets_hub.core.errors import InvalidInputError, OptedOutError
from huggingtweets_hub.hub import access, namespace_opt_outs, store
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.hub.store_dataset import OPT_OUTS

FILE = OPT_OUTS


def paths() -> list[Path]:
    """The lists here: one handle per line, lower-cased; anything after a # is a comment."""
    return [folder / FILE for folder in settings.folders()]


def add(accounts: Collection[str | Person], *, why: str = "", day: date | None = None) -> None:
    """Record here, and in the dataset used as the store, that these accounts must not be published again.

    Who is listed already is not listed twice.

    Args:
        accounts: Handles, or what else is known of them.
        why: Stands beside their handles.
        day: Stands there, too; by default today, in UTC.

    Raises:
        HubError: The dataset could not be written; the lists here were updated.
    """
    day = day or datetime.now(UTC).date()
    new = [line for account in accounts for line in _lines(_person(account), why, day)]

    def added(text: str) -> str:
        lines = people.lines(text)
        listed = frozenset[str]().union(*(people.named(_entry(line)) for line in lines))
        return _joined([*lines, *(line for line in new if _entry(line) not in listed)])

    _edit(added)
    if kept := store.dataset():
        kept.edit_opt_outs(added)


def add_to_namespace(persons: Collection[Person], namespace: str) -> None:
    """Record it for all machines that publish to a namespace.

    Raises:
        HubError: Its list could not be written.
        InvalidInputError: It is public.
    """
    if persons:
        namespace_opt_outs.add(namespace, persons)


def undo(here: Collection[Person], there: Collection[Person], namespace: str, *, why: str, day: date) -> None:
    """Undo what `add` (with this reason and day) and `add_to_namespace` have written, and nothing else.

    Raises:
        HubError: A list on the Hub could not be written; it still has them.
    """
    lines = [line for person in here for line in _lines(person, why, day)]
    _edit(lambda text: _joined(_without(lines, text)))
    if kept := store.dataset():
        kept.edit_opt_outs(lambda text: _joined(_without(lines, text)))
    namespace_opt_outs.remove(namespace, [person.handle for person in there])


def remove(name: str, namespace: str, *, handle_only: bool = False) -> bool:
    """Take an account or a model off all lists: its owner agrees, or somebody else has the handle now.

    Args:
        name: As a line of a list has it; or an entry of the namespace's list, by its digest.
        handle_only: Somebody else has the handle now: who opted out stays on the namespace's list by id.

    Returns:
        Whether it was on one.

    Raises:
        HubError: A list on the Hub could not be written.
        InvalidInputError: No line of a list would have that name.
    """
    names = {name} if namespace_opt_outs.DIGEST.fullmatch(name) else _named(name)
    was_listed = not names.isdisjoint(listed())

    def without(text: str) -> str:
        return _joined(line for line in people.lines(text) if names.isdisjoint(people.named(_entry(line))))

    if was_listed:
        _edit(without)
        if kept := store.dataset():
            kept.edit_opt_outs(without)
    return namespace_opt_outs.remove(namespace, names, handle_only=handle_only) or was_listed


def listed() -> frozenset[str]:
    """Who is on the lists here, and on the one in the dataset used as the store.

    Raises:
        HubError: The dataset cannot be read.
        InvalidInputError: A list here cannot be read, or a line of one is not understood.
    """
    kept = store.dataset()
    return people.read(_lists() | ({f"{FILE} of {settings.store()}": kept.opt_outs} if kept else {}))


def listed_here() -> frozenset[str]:
    """Who is on the lists here, for which no network is needed.

    Raises:
        InvalidInputError: A list cannot be read, or a line of one is not understood.
    """
    return people.read(_lists())


def _lists() -> dict[str, str]:
    return {str(path): _text(path) for path in paths()}


def unlisted(persons: Iterable[Person]) -> list[Person]:
    """Those of whom the lists here lack the handle, or the id that is a handle, too.

    Raises:
        HubError, InvalidInputError: A list cannot be read.
    """
    out = listed()
    return [person for person in persons if not out.issuperset(_listed_as(person))]


def excluded(accounts: Iterable[str], namespace: str) -> list[str]:
    """Those of the accounts and models that are on a list here or on that of a namespace.

    Args:
        accounts: As a line of a list has them.

    Raises:
        HubError, InvalidInputError: A list cannot be read, or no line of one would have such a name.
    """
    out, there = listed(), namespace_opt_outs.read(namespace)

    def is_out(name: str) -> bool:
        called = people.names_of(name, [name] if is_handle(name) else ())
        return not called.isdisjoint(out) or there.match(Person(handle=name)) is not None

    return [account for account in accounts if any(map(is_out, _named(account)))]


def require_absent(
    accounts: Iterable[str | Person], repo_id: str | None = None, *, namespace: str | None = None
) -> None:
    """Stop if an account has opted out, or the model that is made of them.

    Args:
        accounts: Handles, or what else is known of them.
        repo_id: Where the model is to go, whose namespace has a list too; None where nothing is sent, or
            not yet.
        namespace: Whose list the message names beside those here, where there is no `repo_id` yet.

    Raises:
        OptedOutError: One of them is on a list.
        HubError, InvalidInputError: A list cannot be read.
    """
    there = namespace_opt_outs.OptOuts()
    if repo_id:
        namespace = repo_id.split("/")[0]
        there = namespace_opt_outs.read(namespace)
    persons = [_person(account) for account in accounts]
    out = listed()
    for person in persons:
        entry = there.match(person)
        if entry is not None and there.is_other(person, entry):
            raise OptedOutError(
                f"Somebody with the handle {mention(person.handle)} has opted out. The account that has it "
                "now has another id.",
                f"If it belongs to someone else, run {_removal(person.handle, namespace)} --handle-only'.",
            )
        names = [name for name in _listed_as(person) if name in out]
        if entry is not None:
            candidates = (*_listed_as(person), *sorted(out))  # an earlier handle may be known here
            names += [name for name in candidates if there.match(Person(handle=name)) == entry]
            names.append(entry.digest)
        if names:
            raise _opted_out(person, names[0], namespace)
    named = people.names_of(repo_id or "", [person.handle for person in persons]) & out
    if repo_id and there.match(Person(handle=repo_id)):
        named |= {repo_id.lower()}
    if named:
        raise OptedOutError(
            f"{repo_id or min(named)} must not be published: {min(named)} is on a list of opt-outs.",
            f"If that is no longer so, run {_removal(min(named), namespace)}'. It takes the line off "
            f"{_places(namespace)}.",
        )


def _person(account: str | Person) -> Person:
    return Person(handle=account) if isinstance(account, str) else account


def _opted_out(person: Person, as_listed: str, namespace: str | None) -> OptedOutError:
    said, other = "The model of {} was taken down", " If somebody else has the handle now, add --handle-only."
    if as_listed not in _listed_as(person):
        said, other = "By its id or its posts, {} is an account that was taken down under another name", ""
    return OptedOutError(
        f"{said.format(mention(person.handle))} and must not be published again.",
        f"If its owner agrees, run {_removal(as_listed, namespace)}'. It takes the account off "
        f"{_places(namespace)}.{other}",
    )


def _removal(handle: str, namespace: str | None) -> str:
    return f"'huggingtweets opt-outs remove {handle}" + (f" --namespace {namespace}" if namespace else "")


def _places(namespace: str | None) -> str:
    places = [str(path) for path in paths()]
    if store.dataset():
        places.append(f"{FILE} of {settings.store()}")
    if namespace:
        whose = "your " if namespace == access.ME else f"{namespace}/"
        places.append(f"{whose}{namespace_opt_outs.NAME}")
    return " and ".join(places)


def _edit(edit: Callable[[str], str]) -> None:
    """Change each list here completely or not at all; two processes that change one at once take turns."""
    for path in paths():
        with files.explained(path):
            files.folder(path.parent)
            with files.lock(path.with_suffix(".lock")):
                files.write_whole(path, edit(_text(path)))


def _text(path: Path) -> str:
    """A list here; if it cannot be read, that is an error, not an empty list."""
    try:
        return path.read_text("utf-8-sig")  # an editor may have added a byte order mark
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"The list of opt-outs {str(path)!r} could not be read ({error}).",
            "Fix the file: one handle per line, in UTF-8. Accounts on it must not be published again.",
        ) from error


def _named(text: str) -> frozenset[str]:
    return people.named(people.stripped(text)) or frozenset({parse_handle(text).lower()})


def _entry(line: str) -> str:
    return people.stripped(line.partition("#")[0])


def _without(lines: Collection[str], text: str) -> list[str]:
    return [line for line in people.lines(text) if line not in lines]


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _lines(person: Person, why: str, day: date) -> list[str]:
    """A line for the handle, and one for an id that is a handle, too: a Bluesky account may rename itself."""
    said = f"{why} on" if why else "opted out on"
    return [f"{name}  # {said} {day:%Y-%m-%d}" for name in _listed_as(person)]


def _listed_as(person: Person) -> list[str]:
    names = [person.handle.lower()]
    if person.id and person.id.startswith("did:") and is_handle(person.id):
        names.append(person.id.lower())
    return list(dict.fromkeys(names))
