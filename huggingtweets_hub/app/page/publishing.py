"""The page of a namespace, put on the Hub as a static Space, or into a folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub.app.page import contents
from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import InvalidInputError, NotOursError
from huggingtweets_hub.core.names import PAGE_SPACE, REPO_ID, stays_inside
from huggingtweets_hub.core.progress import Progress, Terminal, draws_bars, transfer_bars
from huggingtweets_hub.core.text import visible, whole
from huggingtweets_hub.hub import access, push, repo, spaces
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.repo import Published

TITLE = "Update the page with huggingtweets_hub"
_LONGEST_TITLE = 80
_MADE_BY = "huggingtweets_hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that was published, or written into a folder.

    Attributes:
        repo_id: Of its Space.
        url: Where the Space is, or will be.
        commit: None where nothing was sent.
        written: The files that were new or different.
        deleted: Files of an earlier version that are gone now.
        output: The folder, if it was written into one.
    """

    repo_id: str
    url: str
    commit: str | None
    written: tuple[str, ...]
    deleted: tuple[str, ...]
    output: Path | None = None

    @property
    def changed(self) -> bool:
        """Whether anything was different."""
        return bool(self.written or self.deleted)


def publish_page(
    namespace: str | None = None,
    *,
    title: str | None = None,
    private: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Page:
    """Create or update the Space `<namespace>/huggingtweets`, where visitors try the namespace's bots.

    Args:
        namespace: Whose bots it shows; `@me` is the account of the Hub token, None the default namespace.
        title: Its heading.
        private: Nobody else sees it; counts when it is created.
        dry_run: Only find out what would change.

    Raises:
        InvalidInputError: The namespace or the title is not valid.
        NotLoggedInError: No token is set, or the Hub refuses it.
        NoWriteAccessError: The token cannot write to the namespace.
        NotOursError: There is a Space of that name that this toolkit did not make.
        PackageError: What the page stands on could not be fetched.
        HubError: The Hub refuses, or does not answer.
    """
    progress = progress or Terminal()
    _require_title(title)
    if not dry_run:
        access.require_token()
    space = _space(namespace)
    if not dry_run:
        access.require_write_access(space)
    published = spaces.read(space, contents.MARKER)
    _require_ours(space, published)
    built = _built(space, title, progress)
    gone = _stale(published, built)
    differing = _differing(space, published, built, gone)
    written = tuple(path for path in differing if path not in gone)
    commit = None
    if differing and not dry_run:

        def again(before: Published) -> Published:
            now = spaces.read(space, contents.MARKER)
            _require_ours(space, now)
            return now

        is_loud = isinstance(progress, Terminal) and not progress.is_quiet
        with transfer_bars(shown=is_loud and draws_bars()):
            commit = push.push(
                space, built, whole=False, published=published, private=private, delete=gone, message=TITLE,
                again=again, kind="space",
            ).oid  # fmt: skip
    return Page(
        repo_id=space, url=repo.address(space, "space"), commit=commit, written=written, deleted=tuple(gone)
    )


def write_page(
    namespace: str | None,
    folder: str | Path,
    *,
    title: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Page:
    """Write the page of a namespace into a folder, to look at or to host elsewhere.

    Raises:
        InvalidInputError: The namespace or the title is not valid, or the folder holds something else.
        NotLoggedInError: `@me` is given, but no valid token is set.
        PackageError: What the page stands on could not be fetched.
        UnwritableError: The folder cannot be written.
    """
    progress, place = progress or Terminal(), Path(folder)
    _require_title(title)
    there = _there(place)
    files.require_writable(place)
    space = _space(namespace)
    built = _built(space, title, progress)
    gone = sorted(path for path in there if path not in built)
    written = tuple(path for path in sorted(built) if not _is_there(place / path, built[path]))
    if not dry_run:
        with files.explained(place):
            for path in written:
                content = built[path]
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                files.write_whole(
                    place / path, content.read_bytes() if isinstance(content, Path) else content
                )
            for path in gone:
                (place / path).unlink(missing_ok=True)
    return Page(
        repo_id=space,
        url=repo.address(space, "space"),
        commit=None,
        written=written,
        deleted=tuple(gone),
        output=place,
    )


def _built(space: str, title: str | None, progress: Progress) -> dict[str, Path | bytes]:
    from huggingface_hub import constants

    title = title or contents.default_title(space.split("/")[0])
    return contents.build(space, title=title, hub=constants.ENDPOINT, progress=progress)


def _space(namespace: str | None) -> str:
    if namespace and namespace != access.ME:
        _require_namespace(namespace)
    named = access.named(namespace)
    _require_namespace(named)
    return f"{named}/{PAGE_SPACE}"


def _require_namespace(namespace: str) -> None:
    if not REPO_ID.fullmatch(f"{namespace}/{PAGE_SPACE}"):
        raise InvalidInputError(
            f"{namespace!r} is not the name of a user or organisation of the Hub.",
            "Give the name as it stands in the address of the profile, or @me.",
        )


def _require_title(title: str | None) -> None:
    if title is None:
        return
    is_plain = whole(title) == title and visible(title) == title and "\n" not in title
    if not is_plain or not title.strip() or len(title) > _LONGEST_TITLE:
        raise InvalidInputError(
            f"{title!r:.120} cannot be the title of a page.",
            f"Use one line of 1 to {_LONGEST_TITLE} printable characters.",
        )


def _require_ours(space: str, published: Published) -> None:
    if published.head is None or published.is_empty:
        return
    if published.facts.get("made_by") != _MADE_BY:
        raise NotOursError(
            f"The Space {space} was not made by huggingtweets: it has no {contents.MARKER} that says so. "
            "Nothing was changed.",
            "Rename or delete it on the Hub, or write the page into a folder with --output.",
        )


def _recorded(facts: object) -> frozenset[str]:
    """The files that we put there, as far as their names are safe to use."""
    listed = facts.get("files") if isinstance(facts, dict) else None
    names = listed if isinstance(listed, list) else ()
    return frozenset(name for name in names if isinstance(name, str) and stays_inside(name))


def _stale(published: Published, built: Iterable[str]) -> list[str]:
    """What an earlier version put there and this one does not; what somebody else added stays."""
    ours = _recorded(published.facts)
    return sorted(path for path in published.files if path in ours and path not in set(built))


def _differing(
    space: str, published: Published, built: dict[str, Path | bytes], gone: Iterable[str]
) -> list[str]:
    if published.head is None:
        return sorted(built)
    return hub_files.differing(space, published.head, built, gone, kind="space")


def _there(folder: Path) -> frozenset[str]:
    """The files of an earlier page in the folder.

    Raises:
        InvalidInputError: It holds something else.
    """
    import json

    if not folder.is_dir() or not any(folder.iterdir()):
        return frozenset()
    try:
        facts = json.loads(files.read_whole(folder / contents.MARKER))
    except (OSError, ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict) or facts.get("made_by") != _MADE_BY:
        raise InvalidInputError(
            f"The folder {str(folder)!r} holds something other than a page of this toolkit.",
            "Give --output an empty or a new folder.",
        )
    return _recorded(facts)


def _is_there(path: Path, content: Path | bytes) -> bool:
    return path.is_file() and files.sha256(path) == files.sha256(content)
