"""What is kept on this machine, and what of it may go.

Unfinished work can be made again from the posts; pages cost money; the ledger and the opt-outs stay. What
was found out about base models, and what the page stands on, is found out and fetched again for nothing.
"""

import dataclasses
import json
import os
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub.core import accounts, files, settings
from huggingtweets_hub.core.accounts import parse_handle
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.hub import opt_outs, publications
from huggingtweets_hub.model import base_cache
from huggingtweets_hub.pipeline import workspace

DEFAULT_DAYS = 30.0
_DAY = 86_400.0
_A_PAGE_DAYS = 1 / 24  # a page is made and sent in less


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something that is kept.

    Attributes:
        kind: `work` (an unfinished model, with the checkpoint of its training), `pages` (of one account),
            `ledger`, `opt-outs`, `published` (by which it shows what was taken down since), `locks`,
            `base models` (what they write and how fast they are, which is the same for every account; in
            `HF_HOME`), `left over` (what earlier versions have kept there), `packages` (from npm, on which
            the page stands), or `other`: what the app and libraries keep there.
        name: The model, the account, or the file.
        days: Since something in it was last written.
        posts: How many posts the pages of the X API hold.
        cost_usd: What buying them again would cost.
    """

    kind: str
    name: str
    path: Path
    bytes: int
    days: float
    posts: int = 0
    cost_usd: float = 0.0


def kept() -> list[Kept]:
    """All that is kept, unfinished work first, in the order of names."""
    return [*_work(), *_pages(), *_again(), *_others()]


def to_prune(
    handles: Collection[str] = (), *, older_than: float = DEFAULT_DAYS, with_pages: bool = False
) -> list[Kept]:
    """What `prune` would remove: also all that is kept of whoever has opted out.

    Args:
        handles: Only what belongs to these accounts; by default to all, or to none.
        older_than: Days since it was last written. It holds for pages too.
        with_pages: Also fetched pages, which cost money.

    Raises:
        InvalidInputError: Something that is not a handle, or a list of opt-outs that cannot be read.
    """
    wanted = {parse_handle(handle).lower() for handle in handles}
    out = {name for name in opt_outs.listed_here() if accounts.is_handle(name)}
    work, pages = _work(), _pages()
    of_opted_out = [item for item in (*work, *pages) if _is_of(item, out)]
    found = [item for item in (*work, *(pages if with_pages else ())) if item not in of_opted_out]
    found += () if wanted else _again()
    old = [item for item in found if item.days >= older_than]
    return [item for item in (*old, *of_opted_out) if not wanted or _is_of(item, wanted)]


def _is_of(item: Kept, handles: Iterable[str]) -> bool:
    """Whether it may be of one of these accounts."""
    return any(accounts.may_be_of(item.name, handle) for handle in handles)


def prune(items: Iterable[Kept]) -> list[Kept]:
    """Remove what `to_prune` found, except what a run is using.

    Returns:
        What was removed.

    Raises:
        UnwritableError: The disk is read-only.
    """
    removed = []
    for item in items:
        if _is_touched(item):
            continue
        with files.explained(item.path), _held(item) as is_free:
            if is_free:
                files.remove(item.path)
                removed.append(item)
    return removed


def _is_touched(item: Kept) -> bool:
    """Whether it was written since it was found, or so lately that a page may be about to be sent of it."""
    if not item.path.exists():
        return False
    days = _measured(item.kind, item.name, item.path).days
    return days < item.days or (item.kind == "packages" and days < _A_PAGE_DAYS)


@contextmanager
def _held(item: Kept) -> Iterator[bool]:
    """Hold what is to be removed; False where a run has it in hand."""
    from filelock import Timeout

    with ExitStack() as held:
        try:
            is_free = item.kind != "work" or held.enter_context(workspace.claimed(item.name, waiting=False))
            locks = {
                "work": item.path / workspace.LOCK,  # of a training that outlives its run by a moment
                "pages": settings.timelines() / f"{item.name}.lock",
            }
            if lock := locks.get(item.kind):
                held.enter_context(files.lock(lock).acquire(timeout=0))
        except Timeout:
            is_free = False
        yield is_free


def _work() -> list[Kept]:
    """Models that are not finished; an empty folder is what a publication leaves."""
    folders = sorted(path for path in (settings.home() / workspace.WORK).glob("*") if path.is_dir())
    found = [_measured("work", path.name, path) for path in folders]
    return [item for item in found if item.bytes]


def _pages() -> list[Kept]:
    found = []
    for path in sorted(path for path in settings.timelines().glob("*-*") if path.is_dir()):
        name = path.name.rpartition("-")[0]
        posts, cost = 0, 0.0
        if accounts.HANDLE.fullmatch(name):  # other networks than X cost nothing
            posts = _count_posts(path)
            cost = posts * settings.X_POST_PRICE_USD + settings.X_USER_PRICE_USD
        item = _measured("pages", name, path)
        found.append(dataclasses.replace(item, posts=posts, cost_usd=round(cost, 2)))
    return found


def _again() -> list[Kept]:
    """What is fetched or found out again for nothing where it is missing, or never read any more."""
    folders = [
        ("left over", "earlier versions", base_cache.former()),
        ("base models", "their samples and speed", base_cache.folder()),
        *(("packages", path.name, path) for path in _here(settings.packages())),
    ]
    return [_measured(kind, name, path) for kind, name, path in folders if path.is_dir()]


def _others() -> list[Kept]:
    """The ledger, the opt-outs, locks, and what libraries have put beside them."""
    home = settings.home()
    found: list[Kept] = []
    known = dict.fromkeys(sorted(home.glob("ledger.sqlite*")), "ledger")
    known |= dict.fromkeys(opt_outs.paths(), "opt-outs") | dict.fromkeys(publications.paths(), "published")
    found += [_measured(kind, path.name, path) for path, kind in known.items() if path.is_file()]
    places = (*settings.folders(), home / workspace.WORK, settings.timelines())
    locks = {path for place in places for path in _here(place) if path.suffix in (".lock", ".claim")}
    if locks:
        newest = min(_measured("locks", path.name, path).days for path in locks)
        found.append(Kept(kind="locks", name=counted(len(locks), "lock"), path=home, bytes=0, days=newest))
    shown = {home / workspace.WORK, settings.timelines(), settings.packages(), *known, *locks}
    found += [_measured("other", path.name, path) for path in _here(home) if path not in shown]
    return found


def _here(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _measured(kind: str, name: str, path: Path) -> Kept:
    size, ages = 0, []
    inside = (Path(folder, name) for folder, inner, names in os.walk(path) for name in (*inner, *names))
    for place in (path, *inside):
        with suppress(OSError):  # a run beside this one has just renamed or deleted it
            ages.append(_days(place))
            size += place.lstat().st_size if place.is_file() else 0
    return Kept(kind=kind, name=name, path=path, bytes=size, days=min(ages, default=0.0))


def _days(path: Path) -> float:
    """Since it was written; none where that lies in the future, by a clock that was wrong."""
    return max(0.0, (time.time() - path.lstat().st_mtime) / _DAY)


def _count_posts(folder: Path) -> int:
    """How many posts lie in the pages of an account, as far as they can be read."""
    posts: set[str] = set()
    with suppress(OSError):  # as above
        for path in folder.glob("*.jsonl"):
            for line in path.read_bytes().splitlines():
                with suppress(ValueError, LookupError, TypeError, RecursionError):
                    posts |= {str(post["id"]) for post in json.loads(line)["page"]["data"]}
    return len(posts)
