"""The running package as a wheel, for a machine that the index has no such version for.

What runs is what is packed: a checkout with its changes, an editable or an ordinary installation.
"""

import base64
import hashlib
import stat
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files

NAME = "huggingtweets_hub"
_PACKAGE = Path(__file__).resolve().parents[1]
_TEMPLATES = "templates"
_FORMAT = "Wheel-Version: 1.0\nGenerator: huggingtweets_hub\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_MODE = (stat.S_IFREG | 0o644) << 16


@dataclass(frozen=True, slots=True)
class _Distribution:
    """What a wheel says of the package besides its files."""

    version: str
    about: str
    scripts: str
    license: bytes | None


def pack(folder: Path) -> Path:
    """Write the wheel of the running package into a folder; the same files give the same bytes.

    Raises:
        UnwritableError: The folder cannot be written.
    """
    found = _distribution()
    info = f"{NAME}-{found.version}.dist-info"
    packed = {f"{NAME}/{name}": path.read_bytes() for name, path in _files()}
    packed |= {
        f"{info}/METADATA": found.about.encode(),
        f"{info}/WHEEL": _FORMAT.encode(),
        f"{info}/entry_points.txt": found.scripts.encode(),
    }
    if found.license is not None:
        packed[f"{info}/licenses/LICENSE"] = found.license
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in sorted(packed.items())]
    packed[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    wheel = folder / f"{NAME}-{found.version}-py3-none-any.whl"
    with files.explained(wheel), files.whole(wheel) as file, zipfile.ZipFile(file, "w") as archive:
        for name, content in packed.items():  # not compressed: what zlib writes depends on its version
            entry = zipfile.ZipInfo(name)  # of the year 1980
            entry.external_attr = _MODE
            archive.writestr(entry, content)
    return wheel


def released() -> str | None:
    """The running package as a requirement, `name==version`; None unless an index has it.

    Only what was installed from an index leaves no `direct_url.json` behind (PEP 610).
    """
    found = metadata.distribution(NAME)
    is_running = Path(str(found.locate_file(NAME))).resolve() == _PACKAGE
    return f"{NAME}=={found.version}" if is_running and found.read_text("direct_url.json") is None else None


def requirements(*extras: str) -> tuple[str, ...]:
    """What the running package and these extras of it need, as lines of a `requirements.txt`."""
    lines = _distribution().about.splitlines()
    needed = [line.partition(":")[2].strip() for line in lines if line.startswith("Requires-Dist:")]
    split = [(name.strip(), marker) for name, _, marker in (line.partition(";") for line in needed)]
    chosen = {f"extra == '{extra}'" for extra in extras} | {""}
    return tuple(name for name, marker in split if marker.strip().replace('"', "'") in chosen)


def _files() -> Iterator[tuple[str, Path]]:
    """The package's files by their paths in it, with the templates, which a checkout has beside it."""
    found = {path.relative_to(_PACKAGE).as_posix(): path for path in _PACKAGE.rglob("*")}
    beside = _PACKAGE.parent / _TEMPLATES
    if not (_PACKAGE / _TEMPLATES).is_dir():
        found |= {path.relative_to(beside.parent).as_posix(): path for path in beside.rglob("*")}
    for name, path in sorted(found.items()):
        is_hidden = any(part.startswith((".", "__pycache__")) for part in name.split("/"))
        if path.is_file() and not path.is_symlink() and not is_hidden and path.suffix != ".pyc":
            yield name, path


def _distribution() -> _Distribution:
    """From `pyproject.toml` in a checkout: what was installed from it may be older."""
    project = _PACKAGE.parent / "pyproject.toml"
    if project.is_file():
        declared = tomllib.loads(project.read_text("utf-8"))["project"]
        if declared.get("name") == NAME:
            return _of_checkout(declared)
    found = metadata.distribution(NAME)
    license = found.read_text("licenses/LICENSE")
    return _Distribution(
        version=found.version,
        about=found.read_text("METADATA") or "",
        scripts=found.read_text("entry_points.txt") or "",
        license=license.encode() if license else None,
    )


def _of_checkout(project: dict[str, Any]) -> _Distribution:
    extras: dict[str, list[str]] = project.get("optional-dependencies", {})
    about = [
        "Metadata-Version: 2.4",
        f"Name: {NAME}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        "License-File: LICENSE",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {needed}" for needed in project["dependencies"]),
    ]
    for extra, needs in extras.items():
        about += [
            f"Provides-Extra: {extra}",
            *(f"Requires-Dist: {need}; extra == '{extra}'" for need in needs),
        ]
    scripts = "".join(f"{name} = {target}\n" for name, target in project["scripts"].items())
    return _Distribution(
        version=project["version"],
        about="\n".join([*about, ""]),
        scripts=f"[console_scripts]\n{scripts}",
        license=(_PACKAGE.parent / "LICENSE").read_bytes(),
    )


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
