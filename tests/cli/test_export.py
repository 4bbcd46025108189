"""`export`: files for another client, measured before they are kept."""

import errno
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.cli import main
from huggingtweets_hub.core.errors import BaseModelError, InvalidInputError, TrainingError, UnwritableError
from huggingtweets_hub.model.forms import ctranslate2, gguf, onnx
from huggingtweets_hub.pipeline import export
from tests.servers.hub import HubServer


def test_each_file_is_named_after_its_model_and_its_loss_is_told(
    bot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["export", str(bot), "--to", "gguf", "-o", str(tmp_path / "out"), "--json"])
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(file["path"]).name for file in said] == [f"my-bot-{kind}.gguf" for kind in gguf.KINDS]
    for file in said:
        assert file["bytes"] == Path(file["path"]).stat().st_size
        assert abs(file["loss"] - file["model_loss"]) <= gguf.KINDS[file["kind"]]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {Path(f["path"]).name for f in said}


def test_a_form_of_several_files_is_a_folder(
    bot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctranslate2, "KINDS", {"int8": 0.02})
    for _ in range(2):  # the second takes the place of the first
        main(["export", str(bot), "--to", "ctranslate2", "-o", str(tmp_path / "out"), "-q"])
        path = Path(capsys.readouterr().out.strip())
        assert path == tmp_path / "out" / "my-bot-ctranslate2-int8" and (path / "model.bin").is_file()
        assert list((tmp_path / "out").iterdir()) == [path]


@pytest.mark.parametrize("to", ["gguf", "onnx", "ctranslate2"])
def test_a_library_that_is_missing_is_named_with_its_extra(
    bot: Path, tmp_path: Path, to: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, to, None)
    with pytest.raises(SystemExit):
        main(["export", str(bot), "--to", to, "-o", str(tmp_path / "out")])
    assert f"pip install 'huggingtweets_hub[{to}]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_for_browsers_is_whole(
    bot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["export", str(bot), "--to", "onnx", "-o", str(tmp_path / "out"), "--json"])
    (said,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (said["form"], said["file"]) == ("onnx", "onnx/model_quantized.onnx")
    assert abs(said["loss"] - said["model_loss"]) <= onnx.KINDS[said["kind"]]
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert found == {said["file"], *onnx.BESIDE}
    for name in onnx.BESIDE:
        assert (tmp_path / "out" / name).read_bytes() == (bot / name).read_bytes()


def test_a_file_that_says_something_else_is_not_kept(
    bot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gguf, "KINDS", {"f16": 0.02, "q4_0": -1.0})
    main(["export", str(bot), "--to", "gguf", "-o", str(tmp_path)])
    shown = capsys.readouterr()
    assert "my-bot-q4_0.gguf is left out: its loss differs by" in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["my-bot-f16.gguf"]
    assert "my-bot-f16.gguf" in shown.out and "of 20" in shown.out
    monkeypatch.setattr(gguf, "KINDS", {"q4_0": -1.0})
    with pytest.raises(TrainingError, match="No form"):
        export.export_model(bot, "gguf", tmp_path / "none")


def test_what_cannot_be_done_is_said_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        ([str(tmp_path / "none"), "-o", str(tmp_path)], "There is no folder"),
        (["ann/bot", "-o", "/proc/nowhere/out"], "cannot be written"),
    ):
        with pytest.raises(SystemExit):
            main(["export", *words, "--to", "gguf"])
        assert said in capsys.readouterr().err


def test_a_damaged_or_missing_model_is_named(bot: Path, tmp_path: Path, hub: HubServer) -> None:
    damaged = shutil.copytree(bot, tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes((bot / "model.safetensors").read_bytes()[:5000])
    for model in (damaged, "alice/nobody"):
        with pytest.raises(BaseModelError, match=str(model)):
            export.export_model(model, "gguf", tmp_path / "out")
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("to", ["gguf", "onnx", "ctranslate2"])
@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.json", None, "it has no config.json"),
        ("tokenizer.json", None, "its tokenizer is missing, or has an empty vocabulary"),
        ("tokenizer.json", b"[]", "its tokenizer cannot be read"),
        ("tokenizer.json", b'{"added_tokens": [], "model": 5}', "its tokenizer cannot be read"),
        ("model.safetensors", b"\0" * 9, "Error while deserializing header"),
    ],
)
def test_a_model_on_the_hub_with_a_damaged_file_is_named_with_the_reason(
    bot: Path, tmp_path: Path, hub: HubServer, to: Any, file: str, content: bytes | None, said: str
) -> None:
    files = {path.name: path.read_bytes() for path in bot.iterdir()} | {file: content or b""}
    hub.add_repo("alice/bot", {name: data for name, data in files.items() if data})
    with pytest.raises(BaseModelError, match=f"'alice/bot' could not be loaded: {said}") as refused:
        export.export_model("alice/bot", to, tmp_path / "out")
    assert "snapshots" not in str(refused.value)


@pytest.mark.parametrize("to", ["gguf", "onnx", "ctranslate2"])
def test_a_model_that_has_no_such_form_is_refused_by_its_settings_alone(
    bot: Path, tmp_path: Path, hub: HubServer, to: Any
) -> None:
    other = shutil.copytree(bot, tmp_path / "other")
    (other / "model.safetensors").write_bytes(b"not looked at")
    settings = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**settings, "model_type": "mamba"}))
    hub.add_repo(f"alice/{to}", {path.name: path.read_bytes() for path in other.iterdir()})
    for model in (other, f"alice/{to}"):
        with pytest.raises(InvalidInputError, match="not for 'mamba'"):
            export.export_model(model, to, tmp_path / "out")
    assert not any("model.safetensors" in request.path for request in hub.log)


def test_a_full_disk_leaves_nothing(bot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = gguf.write

    def full(folder: Path, path: Path, kind: str, *, title: str) -> None:
        write(folder, path, kind, title=title)
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(gguf, "write", full)
    with pytest.raises(UnwritableError, match="the disk is full"):
        export.export_model(bot, "gguf", tmp_path / "out")
    assert not list(tmp_path.glob("out/*"))


def test_a_run_beside_another_has_files_of_its_own(
    bot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    write = gguf.write

    def watched(folder: Path, path: Path, kind: str, *, title: str) -> None:
        seen.append(path)
        if len(seen) == 1:
            export.export_model(bot, "gguf", tmp_path)
        write(folder, path, kind, title=title)

    monkeypatch.setattr(gguf, "write", watched)
    monkeypatch.setattr(gguf, "KINDS", {"f16": 0.02})
    export.export_model(bot, "gguf", tmp_path)
    assert len(set(seen)) == 2 and [path.name for path in tmp_path.iterdir()] == ["my-bot-f16.gguf"]


def test_what_kills_have_left_is_removed_once_nobody_can_be_writing_it(
    bot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctranslate2, "KINDS", {"int8": 0.02})
    partial = [tmp_path / f".my-bot-ctranslate2-int8.{number}.partial" for number in range(3)]
    for folder in partial:
        folder.mkdir()
        (folder / "model.bin").write_bytes(b"half")
    in_use, left, under_way = partial
    two_hours_ago = time.time() - 7200
    for old in (left / "model.bin", left, under_way):  # of the last, a file is being written
        os.utime(old, (two_hours_ago, two_hours_ago))
    export.export_model(bot, "ctranslate2", tmp_path)
    assert {path.name for path in tmp_path.glob(".*")} == {in_use.name, under_way.name}
    monkeypatch.setattr(gguf, "KINDS", {"f16": 0.02})
    file = tmp_path / ".my-bot-f16.gguf.0.partial"
    file.write_bytes(b"half")
    os.utime(file, (two_hours_ago, two_hours_ago))
    export.export_model(bot, "gguf", tmp_path)
    assert not file.exists()
