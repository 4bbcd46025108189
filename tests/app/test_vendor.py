"""What the page stands on is fetched as it is pinned, or not at all."""

import json
import os
from pathlib import Path

import pytest

from huggingtweets_hub import InvalidInputError, PackageError, Silent
from huggingtweets_hub.app.page import vendor
from huggingtweets_hub.pipeline.home import to_prune
from tests.servers.npm import NpmServer, archive


def kept(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def test_the_listed_files_are_kept_and_nothing_else(npm: NpmServer, home: Path) -> None:
    found = vendor.collect(Silent())
    assert found["transformers.min.js"].read_bytes() == b"export {};"
    assert kept(home) == sorted(found)
    assert len(npm.asked) == 2


def test_what_is_here_is_not_fetched_again_unless_it_is_damaged(npm: NpmServer) -> None:
    found = vendor.collect(Silent())
    npm.asked.clear()
    assert vendor.collect(Silent()) == found and npm.asked == []
    found["transformers.min.js"].write_bytes(b"export {}!")
    vendor.collect(Silent())
    assert npm.asked == ["/@huggingface/transformers/-/transformers-4.0.0.tgz"]
    assert found["transformers.min.js"].read_bytes() == b"export {};"


def test_what_a_page_was_made_of_lately_is_not_old(npm: NpmServer) -> None:
    found = vendor.collect(Silent())
    for path in found.values():
        os.utime(path, (0, 0))
        os.utime(path.parent, (0, 0))
    assert {item.name for item in to_prune()} == {path.parent.name for path in found.values()}
    assert vendor.collect(Silent()) == found and to_prune() == []


def test_another_archive_under_that_version_is_refused(npm: NpmServer, home: Path) -> None:
    (path,) = (path for path in npm.archives if "transformers" in path)
    npm.archives[path] = bytes(len(npm.archives[path]))
    with pytest.raises(PackageError, match="its digest differs. Nothing of it was kept"):
        vendor.collect(Silent())
    assert kept(home) == [] and len(npm.asked) == 1


def test_an_archive_without_end_is_refused_at_its_size(npm: NpmServer, home: Path) -> None:
    (path,) = (path for path in npm.archives if "transformers" in path)
    npm.archives[path] += bytes(50_000_000)
    with pytest.raises(PackageError, match="digest differs"):
        vendor.collect(Silent())
    assert kept(home) == []


@pytest.mark.parametrize("status", [0, 503, 429])
def test_what_passes_is_tried_again(npm: NpmServer, status: int) -> None:
    npm.statuses = [status]
    assert "transformers.min.js" in vendor.collect(Silent())


@pytest.mark.parametrize(
    ("statuses", "said", "asked"), [([0] * 5, "could not be fetched", 5), ([404], "does not have", 1)]
)
def test_what_does_not_pass_is_said_with_the_next_step(
    npm: NpmServer, home: Path, statuses: list[int], said: str, asked: int
) -> None:
    npm.statuses = list(statuses)
    with pytest.raises(PackageError, match=said) as raised:
        vendor.collect(Silent())
    assert "npm_config_registry" in raised.value.next_step
    assert kept(home) == [] and len(npm.asked) == asked


def test_no_registry_at_all_is_an_error_too(npm: NpmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with NpmServer() as gone:
        monkeypatch.setenv("npm_config_registry", gone.url)
    with pytest.raises(PackageError, match="could not be fetched from"):
        vendor.collect(Silent())


@pytest.mark.parametrize("url", ["http://registry.example.com", "ftp://127.0.0.1", "https://a:b@c.d"])
def test_code_comes_over_https_or_from_this_machine(
    npm: NpmServer, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("npm_config_registry", url)
    with pytest.raises(InvalidInputError, match="Code must not come from there"):
        vendor.collect(Silent())


def test_a_pin_that_does_not_fit_its_archive_keeps_nothing(
    npm: NpmServer, home: Path, tmp_path: Path
) -> None:
    pins = json.loads((tmp_path / "pins.json").read_text("utf-8"))
    pins[0]["files"][0]["sha256"] = "0" * 64
    NpmServer.pin(tmp_path / "pins.json", *pins)
    with pytest.raises(PackageError, match=r"does not hold the files that are pinned: package/dist"):
        vendor.collect(Silent())
    assert kept(home) == []


def test_an_archive_that_cannot_be_read_is_named(npm: NpmServer, tmp_path: Path) -> None:
    pins = npm.publish("broken", "1.0.0", {"package/a.js": b"a" * 5000})
    path = "/broken/-/broken-1.0.0.tgz"
    npm.archives[path] = b"no archive"
    import base64
    import hashlib

    digest = base64.b64encode(hashlib.sha512(b"no archive").digest()).decode()
    NpmServer.pin(tmp_path / "pins.json", {**pins, "bytes": 10, "integrity": f"sha512-{digest}"})
    with pytest.raises(PackageError, match="could not be read"):
        vendor.collect(Silent())


def test_the_real_pins_are_whole() -> None:
    packages = vendor.pinned()
    names = [file.name for package in packages for file in package.files]
    assert len(names) == len(set(names)) and {"transformers.min.js", "transformers.LICENSE.txt"} <= set(names)
    for package in packages:
        assert package.integrity.startswith("sha512-") and package.bytes < 50_000_000
        assert all(len(file.sha256) == 64 for file in package.files)
    assert archive({})  # what the tests pack can be packed empty
