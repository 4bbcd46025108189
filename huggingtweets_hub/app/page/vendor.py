"""What the page stands on: files out of pinned npm packages, each checked by its digest.

The page itself asks no package server for anything: what is fetched here lies beside it.
"""

import base64
import hashlib
import io
import json
import os
import tarfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import InvalidInputError, PackageError
from huggingtweets_hub.core.progress import Parts, Progress
from huggingtweets_hub.hub.refusals import PASSING

REGISTRY = "https://registry.npmjs.org"
_PINS = Path(__file__).with_name("vendor.json")
_SILENCE_SECONDS, _MOST_SECONDS = 30.0, 600.0
_TRIES = 3
_VARIABLE = "npm_config_registry"
_ALGORITHM = "sha512"
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class File:
    """A file of a package: its path there, the name that the page knows it by, and its digest."""

    path: str
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package at one version, by the digest of its archive."""

    name: str
    version: str
    license: str
    integrity: str
    bytes: int
    files: tuple[File, ...]

    @property
    def folder(self) -> Path:
        """Where its files are kept on this machine."""
        return settings.packages() / f"{self.name.replace('/', '+')}-{self.version}"

    @property
    def address(self) -> str:
        """Where the registry has its archive."""
        return f"{registry()}/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"


def pinned() -> tuple[Package, ...]:
    """The packages that the page is made of."""
    listed: list[dict[str, Any]] = json.loads(_PINS.read_text("utf-8"))
    return tuple(
        Package(**{**package, "files": tuple(File(**file) for file in package["files"])})
        for package in listed
    )


def registry() -> str:
    """The npm registry that npm itself would ask (`npm_config_registry`).

    Raises:
        InvalidInputError: Its address is neither https nor this machine.
    """
    chosen = (os.environ.get(name) for name in (_VARIABLE, _VARIABLE.upper()))
    url = next(filter(None, chosen), REGISTRY)
    try:
        settings.require_safe_address(_VARIABLE, url, REGISTRY)
    except InvalidInputError as error:
        raise InvalidInputError(
            error.message.replace("A token must not be sent there", "Code must not come from there"),
            error.next_step,
        ) from error
    return url.rstrip("/")


def collect(progress: Progress) -> dict[str, Path]:
    """Every file by its name; what is not on this machine yet, or is damaged, is fetched.

    Raises:
        PackageError: The registry does not have a package, does not answer, or sends something else.
        UnwritableError: The disk takes no more.
    """
    lacking = [package for package in pinned() if not _is_kept(package)]
    parts = Parts(progress, "Fetching", "bytes", [package.bytes for package in lacking])
    for package in lacking:
        with files.explained(package.folder), parts.next() as told:
            files.folder(package.folder)
            contents = _extracted(package, _fetched(package, told))
            for file in package.files:
                files.write_whole(package.folder / file.name, contents[file.path])
    for package in pinned():
        os.utime(package.folder)  # `cache prune` removes what was not used for long
    return {file.name: package.folder / file.name for package in pinned() for file in package.files}


def _is_kept(package: Package) -> bool:
    return all(_is_sound(package.folder / file.name, file) for file in package.files)


def _is_sound(path: Path, file: File) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes and files.sha256(path) == file.sha256


def _fetched(package: Package, told: Callable[[int], None]) -> bytes:
    """The archive, as it was pinned."""
    import stamina

    try:
        for attempt in stamina.retry_context(on=_PassingError, attempts=_TRIES, wait_max=5.0):
            with attempt:
                archive = _downloaded(package, told)
    except _PassingError as error:
        raise PackageError(
            f"{package.name} {package.version} could not be fetched from {registry()} ({error}).",
            "Check the network, or set npm_config_registry to a registry that answers, then run the same "
            "command again.",
        ) from error
    return _checked(package, archive)


class _PassingError(Exception):
    """What may be gone the next time."""


def _downloaded(package: Package, told: Callable[[int], None]) -> bytes:
    import requests

    content = bytearray()
    give_up = time.monotonic() + _MOST_SECONDS
    try:
        with requests.get(package.address, stream=True, timeout=_SILENCE_SECONDS) as reply:
            if reply.status_code in PASSING:
                raise _PassingError(f"status {reply.status_code}")
            if reply.status_code != 200:
                raise PackageError(
                    f"The npm registry does not have {package.name} {package.version}: {package.address} "
                    f"answers with status {reply.status_code}.",
                    "Unset npm_config_registry to use the real one, or have your registry mirror that "
                    "version.",
                )
            for piece in reply.iter_content(_PIECE):
                content += piece
                if len(content) > package.bytes:
                    break
                if time.monotonic() > give_up:
                    raise _PassingError("too slow")
                told(len(piece))
    except (requests.RequestException, OSError) as error:
        raise _PassingError(type(error).__name__) from error
    if len(content) < package.bytes:
        raise _PassingError(f"{len(content):,} of {package.bytes:,} bytes")
    return bytes(content)


def _checked(package: Package, content: bytes) -> bytes:
    algorithm, _, digest = package.integrity.partition("-")
    if algorithm != _ALGORITHM or hashlib.sha512(content).digest() != base64.b64decode(digest):
        raise PackageError(
            f"{package.address} is not the {package.name} {package.version} that is pinned: its digest "
            "differs. Nothing of it was kept.",
            "Try again on a connection that you trust. If it happens again, the registry "
            "(npm_config_registry) has another file under that version.",
        )
    return content


def _extracted(package: Package, archive: bytes) -> dict[str, bytes]:
    """The listed files, by their paths in the package; nothing else of the archive is touched."""
    wanted = {file.path: file for file in package.files}
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
            for member in packed:
                file = wanted.get(member.name)
                if file is not None and member.isreg() and member.size == file.bytes:
                    opened = packed.extractfile(member)
                    found[file.path] = opened.read(file.bytes) if opened else b""
                if found.keys() == wanted.keys():
                    break
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise PackageError(
            f"The archive of {package.name} {package.version} could not be read.", "Try again."
        ) from error
    wrong = [path for path, file in wanted.items() if files.sha256(found.get(path, b"")) != file.sha256]
    if wrong:
        raise PackageError(
            f"{package.name} {package.version} does not hold the files that are pinned: {', '.join(wrong)}.",
            "Update huggingtweets_hub: the versions that it pins are not consistent.",
        )
    return found
