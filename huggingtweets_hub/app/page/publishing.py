"""The page of a namespace, put on the Hub as a static Space, or into a folder."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub.app import updating
from huggingtweets_hub.app.page import contents
from huggingtweets_hub.core import arguments, files
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import PAGE_SPACE
from huggingtweets_hub.core.progress import Progress, Terminal
from huggingtweets_hub.core.serialization import mapping
from huggingtweets_hub.core.text import visible, whole
from huggingtweets_hub.hub import access, repo

TITLE = "Update the page with huggingtweets_hub"
_LONGEST_TITLE = 80


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


@arguments.checked
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
    arguments.require_object("progress", progress, Progress)
    _require_title(title)
    space = _space(namespace)
    if not dry_run:
        access.require_write_access(space)
    made = updating.update(
        space, lambda: _built(space, title, progress), marker=contents.MARKER, message=TITLE, private=private,
        dry_run=dry_run, progress=progress, otherwise="write the page into a folder with --output",
    )  # fmt: skip
    return Page(
        repo_id=space,
        url=repo.address(space, "space"),
        commit=made.commit,
        written=made.written,
        deleted=made.deleted,
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
    files.require_writable(place, "give --output another folder")
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
    return f"{access.named(namespace)}/{PAGE_SPACE}"


def _require_title(title: str | None) -> None:
    if title is None:
        return
    is_plain = whole(title) == title and visible(title) == title and "\n" not in title
    if not is_plain or not title.strip() or len(title) > _LONGEST_TITLE:
        raise InvalidInputError(
            f"{title!r:.120} cannot be the title of a page.",
            f"Use one line of 1 to {_LONGEST_TITLE} printable characters.",
        )


def _there(folder: Path) -> frozenset[str]:
    """The files of an earlier page in the folder.

    Raises:
        InvalidInputError: It holds something else.
    """
    if not folder.is_dir() or not any(folder.iterdir()):
        return frozenset()
    facts = {}
    with suppress(OSError):
        facts = mapping(files.read_whole(folder / contents.MARKER))
    if facts.get("made_by") != updating.MADE_BY:
        raise InvalidInputError(
            f"The folder {str(folder)!r} holds something other than a page of this toolkit.",
            "Give --output an empty or a new folder.",
        )
    return updating.recorded(facts)


def _is_there(path: Path, content: Path | bytes) -> bool:
    return path.is_file() and files.sha256(path) == files.sha256(content)
