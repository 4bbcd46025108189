"""The app as a Space of one's own, where others use it without installing anything."""

import json
import string
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from huggingtweets_hub.app import updating
from huggingtweets_hub.core import wheel
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import CARD, PAGE_SPACE, REPO_ID
from huggingtweets_hub.core.progress import Progress, Terminal
from huggingtweets_hub.hub import access, repo, spaces

MARKER = "huggingtweets-app.json"
"""Which files of the Space are ours, so that those of an older version can be deleted."""
TITLE = "Update the app with huggingtweets_hub"
GRADIO = "6.31.0"
EXTRA = "app"
_FILES = Path(__file__).with_name("space")
_MODELS = (
    "openai-community/gpt2 config.json,generation_config.json,merges.txt,model.safetensors,tokenizer.json,"
    "tokenizer_config.json,vocab.json",
    "HuggingFaceTB/SmolLM2-135M",
)
_NAME = "Make a bot of your posts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A Space that holds the app.

    Attributes:
        repo_id: Its name.
        url: Where it is; its first start takes some minutes.
        commit: None where nothing was sent.
        written: The files that were new or different.
        deleted: Files of an earlier version that are gone now.
    """

    repo_id: str
    url: str
    commit: str | None
    written: tuple[str, ...]
    deleted: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was different."""
        return bool(self.written or self.deleted)


def deploy(
    space: str, *, private: bool = False, dry_run: bool = False, progress: Progress | None = None
) -> Deployed:
    """Create or bring up to date the Space that serves the app, in one commit.

    Args:
        space: Its name, NAMESPACE/NAME; `@me` is the account of the Hub token.
        private: Nobody else sees it; counts when it is created.
        dry_run: Only find out what would change.

    Raises:
        InvalidInputError: The name is not valid, or it is that of the namespace's page.
        NotLoggedInError: No token is set, or the Hub refuses it.
        NoWriteAccessError: The token cannot write to the namespace.
        NotOursError: There is a Space of that name that this toolkit did not make.
        QuotaExceededError: The Hub hosts no further such Space for this account.
        HubError: The Hub refuses, or does not answer.
    """
    progress = progress or Terminal()
    namespace, _, name = space.partition("/")
    _require_name(space if namespace != access.ME else f"me/{name}", space)
    if not dry_run:
        access.require_token()
    space = f"{access.named(namespace)}/{name}"
    if not dry_run:
        access.require_write_access(space)

    def create() -> None:
        progress.note(f"{space} is created on ZeroGPU. {spaces.FREE}")
        spaces.create_on_zero_gpu(space, private=private)

    with tempfile.TemporaryDirectory() as folder:
        made = updating.update(
            space, lambda: contents(space, Path(folder)), marker=MARKER, message=TITLE, private=private,
            dry_run=dry_run, progress=progress, create=create, otherwise="choose another name",
        )  # fmt: skip
    return Deployed(
        repo_id=space,
        url=repo.address(space, "space"),
        commit=made.commit,
        written=made.written,
        deleted=made.deleted,
    )


def contents(space: str, folder: Path) -> dict[str, Path | bytes]:
    """The files of the Space, by their paths in it.

    Args:
        space: Its repo id.
        folder: Where the package is packed, unless an index has this version.
    """
    released = wheel.released()
    needed = wheel.requirements(EXTRA) if released is None else (released.replace("==", f"[{EXTRA}]=="),)
    values = {
        "title": json.dumps(_NAME),
        "gradio": GRADIO,
        "models": "\n".join(f"- {model}" for model in _MODELS),
        "space": space,
        "version": version(wheel.NAME),
        "requirements": "\n".join(line for line in needed if not line.startswith("torch>")),
    }
    files: dict[str, Path | bytes] = {"app.py": (_FILES / "app.py").read_bytes()}
    for name in (CARD, "requirements.txt"):
        files[name] = string.Template((_FILES / name).read_text("utf-8")).substitute(values).encode()
    if released is None:
        packed = wheel.pack(folder)
        files[packed.name] = packed
    return updating.marked(files, MARKER)


def _require_name(named: str, given: str) -> None:
    if not REPO_ID.fullmatch(named):
        raise InvalidInputError(
            f"{given!r} is not the name of a Space.", "Give NAMESPACE/NAME, such as @me/make-a-bot."
        )
    if named.endswith(f"/{PAGE_SPACE}"):
        raise InvalidInputError(
            f"{given!r} is reserved for the page that shows the bots of the namespace.",
            "Choose another name, such as @me/make-a-bot.",
        )
