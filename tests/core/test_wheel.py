"""The running package as a wheel: from a checkout, and from what was installed from that wheel."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from huggingtweets_hub.core import wheel
from huggingtweets_hub.core.errors import UnwritableError

ROOT = Path(__file__).parents[2]
PACK = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import huggingtweets_hub
from huggingtweets_hub.core import wheel
from huggingtweets_hub.card import templates
assert pathlib.Path(huggingtweets_hub.__file__).is_relative_to(sys.argv[1])
assert (templates.folder() / "model_card.md.jinja").is_file()
print(json.dumps([str(wheel.pack(pathlib.Path(sys.argv[2]))), wheel.released(), wheel.requirements("ray")]))
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel.pack(tmp_path_factory.mktemp("packed"))


@pytest.fixture(scope="module")
def installed(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pip installed the wheel into."""
    site = tmp_path_factory.mktemp("site")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(packed)], check=True, capture_output=True)
    return site


def packed_by(site: Path, folder: Path) -> list[object]:
    """What the package in that folder packs, says of the index, and needs with Ray."""
    done = subprocess.run(
        [sys.executable, "-c", PACK, str(site), str(folder)], cwd=folder, check=True, capture_output=True,
        env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    found: list[object] = json.loads(done.stdout)
    return found


def test_the_same_files_give_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    assert wheel.pack(tmp_path).read_bytes() == packed.read_bytes()
    assert list(tmp_path.iterdir()) == [tmp_path / packed.name]


def test_it_holds_what_the_build_would_ship(packed: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = tmp_path.glob("*.whl")
    ours, theirs = ({name for name in zipfile.ZipFile(file).namelist()} for file in (packed, built))
    assert built.name == packed.name and ours == theirs


def test_what_is_installed_from_it_packs_itself_again(packed: Path, installed: Path, tmp_path: Path) -> None:
    path, released, needed = packed_by(installed, tmp_path)
    again, first = zipfile.ZipFile(str(path)), zipfile.ZipFile(packed)
    assert set(again.namelist()) == set(first.namelist())
    assert all(again.read(name) == first.read(name) for name in first.namelist() if "RECORD" not in name)
    assert released is None, "it came from a file, not from an index"
    assert "click>=8.1" in needed and "ray>=2.40" in needed and "gguf>=0.17" not in needed


def test_only_what_an_index_gave_is_named_by_its_version(installed: Path, tmp_path: Path) -> None:
    (installed / "huggingtweets_hub-0.1.0.dist-info" / "direct_url.json").unlink()
    assert packed_by(installed, tmp_path)[1] == "huggingtweets_hub==0.1.0"
    assert wheel.released() is None, "this is a checkout"


def test_what_lies_about_in_a_checkout_stays_there(packed: Path) -> None:
    names = zipfile.ZipFile(packed).namelist()
    assert names and not [name for name in names if "__pycache__" in name or "/." in name]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((UnwritableError, OSError), match="file"):
        wheel.pack(tmp_path / "file")
