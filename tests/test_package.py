"""What is shipped: the wheel and the sdist carry the templates and the sample, and work elsewhere."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import huggingtweets_hub

ROOT = Path(__file__).parents[1]
TEMPLATES = ("classic_card.md.jinja", "model_card.md.jinja")
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return folder


def test_the_wheel_renders_a_card_outside_the_checkout(distributions: Path, tmp_path: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for template in TEMPLATES:
        assert f"huggingtweets_hub/templates/{template}" in names
    assert "huggingtweets_hub/posts/sample.jsonl" in names
    assert "huggingtweets_hub/py.typed" in names
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import pathlib, huggingtweets_hub; from huggingtweets_hub import card\n"
        f"assert pathlib.Path(huggingtweets_hub.__file__).is_relative_to({str(site)!r})\n"
        f"facts = card.read_facts(pathlib.Path({str(GOLDEN / 'seed_facts.json')!r}))\n"
        "sys.stdout.buffer.write(card.render(facts, 'classic').encode())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == (GOLDEN / "seed_card.md").read_bytes()


def test_the_sdist_carries_templates_manual_and_tests(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        members = packed.getnames()
    names = {name.split("/", 1)[1] for name in members if "/" in name}
    assert {f"templates/{template}" for template in TEMPLATES} <= names
    assert {"README.md", "LICENSE", "constraints.txt", "tests/conftest.py"} <= names
    assert "tools/pretrain_tiny.py" in names
    assert {"docs/README.md", "docs/card.png"} <= names


def test_every_public_name_can_be_had() -> None:
    for name in huggingtweets_hub.__all__:
        assert getattr(huggingtweets_hub, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        huggingtweets_hub.nonsense  # noqa: B018  # the access is what is tested
