"""The lists of what the action, CI and a release install: whole, with digests, of the same versions."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".ci" / "requirements"
if not FOLDER.is_dir():
    pytest.skip("a source distribution has no requirements", allow_module_level=True)
NAMES = ("run", "dev", "release", "torch-cpu", "torch-cuda")
PIN = re.compile(
    r"(?P<pin>[\w.-]+==[^\s;]+)(?: ; [^\\]+)? \\(?P<digests>(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)"
)


def pins(name: str) -> dict[str, str]:
    """The versions of a list, which has nothing else in it but comments."""
    text = re.sub(r"^#.*\n", "", (FOLDER / f"{name}.txt").read_text("utf-8"), flags=re.MULTILINE)
    assert not PIN.sub("", text).strip(), f".ci/requirements/{name}.txt has more than pins with digests"
    return versions(found["pin"] for found in PIN.finditer(text))


def versions(lines: Iterable[str]) -> dict[str, str]:
    """By name; of torch whichever build it is."""
    split = (line.partition("==")[::2] for line in lines)
    return {canonicalize_name(name): version.partition("+")[0] for name, version in split}


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return versions(line for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("name", NAMES)
def test_a_list_has_a_digest_of_everything_and_the_versions_of_the_constraints(name: str) -> None:
    constrained = constraints()
    differing = {
        package: version
        for package, version in pins(name).items()
        if constrained.get(package, version) != version
    }
    assert not differing, f".ci/requirements/{name}.txt: run .ci/lock"


@pytest.mark.parametrize(
    ("name", "extras"),
    [("run", []), ("dev", ["dev", "test", "ctranslate2", "fonts", "gguf", "onnx", "ray", "trackio"])],
)
def test_a_list_has_all_that_the_package_asks_for(name: str, extras: list[str]) -> None:
    """Since the package itself is then installed without looking at what it needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    optional = project["project"]["optional-dependencies"]
    asked = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    asked += [line for extra in extras for line in optional[extra]]
    listed = pins(name) | pins("torch-cpu")
    for requirement in map(Requirement, asked):
        if requirement.name != "huggingtweets_hub":
            version = listed.get(canonicalize_name(requirement.name))
            assert version and requirement.specifier.contains(version, prereleases=True), (
                f"{requirement}: run .ci/lock"
            )


def test_the_lists_name_no_place_to_install_from() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {*NAMES}
    for path in FOLDER.iterdir():
        assert "://" not in path.read_text("utf-8")
