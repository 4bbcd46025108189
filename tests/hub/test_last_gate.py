"""No file with the value of a known token is sent, wherever it stands and however it is written."""

import html
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image, PngImagePlugin

from huggingtweets_hub import Silent, Terminal, publish
from huggingtweets_hub.core import settings, tokens
from huggingtweets_hub.core.errors import SecretFoundError
from huggingtweets_hub.hub import push as hub_push
from huggingtweets_hub.hub import repo as hub_repo
from tests.servers.hub import HubServer

NASA = "huggingtweets/nasa"
TOKENS = {
    "HF_TOKEN": "hf_MadeUpForThisTest0123456789abcdef",
    "X_BEARER_TOKEN": "AAAAAAAAAAAAAMadeUp%2Bfor%2Fthis%3DTest0123456789",
    "WANDB_API_KEY": "0123456789abcdef0123456789abcdef01234567",
    "ACTIONS_RUNTIME_TOKEN": "eyMadeUp.forThis.Test-0123456789_abcdef",
}


def png(token: str, *, is_compressed: bool = False) -> bytes:
    about, file = PngImagePlugin.PngInfo(), io.BytesIO()
    about.add_text("Comment", f"made with {token}", zip=is_compressed)
    Image.new("RGB", (4, 4)).save(file, "png", pnginfo=about)
    return file.getvalue()


def jpg(token: str) -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = token  # its description
    Image.new("RGB", (4, 4)).save(file, "jpeg", exif=exif)
    return file.getvalue()


def weights(token: str) -> bytes:
    head = json.dumps({"__metadata__": {"format": "pt", "note": token}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(100)


def escaped(token: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in token)


PLACES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "card": ("README.md", lambda token: f"# Card\n{token}\n".encode()),
    "card, Markdown": ("README.md", lambda token: token.replace("_", r"\_").replace("-", r"\-").encode()),
    "card, HTML": ("README.md", lambda token: "".join(f"&#{ord(letter)};" for letter in token).encode()),
    "card, HTML names": ("README.md", lambda token: html.escape(token).encode()),
    "card, address": ("README.md", lambda token: f"[x](https://a.b/?q={quote(token, safe='')})".encode()),
    "card, wrapped": ("README.md", lambda token: "\n".join([token[:9], token[9:20], token[20:]]).encode()),
    "card, spaced": ("README.md", lambda token: "\u200b".join(token).encode()),
    "front matter": ("README.md", lambda token: f"---\ntags: [{token!r}]\n---\n".encode()),
    "facts": ("huggingtweets.json", lambda token: json.dumps({"prompt": token}).encode()),
    "facts, key": ("huggingtweets.json", lambda token: json.dumps({"a": [{token: 1}]}).encode()),
    "facts, escaped": ("huggingtweets.json", lambda token: f'{{"a": "{escaped(token)}"}}'.encode()),
    "config": ("config.json", lambda token: json.dumps({"_name_or_path": f"/x/{token}"}).encode()),
    "generation config": ("generation_config.json", lambda token: json.dumps({"x": token}).encode()),
    "tokenizer": ("tokenizer.json", lambda token: json.dumps({"model": {"vocab": {token: 7}}}).encode()),
    "tokenizer config": ("tokenizer_config.json", lambda token: json.dumps({"eos_token": token}).encode()),
    "chat template": ("chat_template.jinja", lambda token: token.encode()),
    "picture's text": ("preview.png", png),
    "picture's text, compressed": ("preview.png", lambda token: png(token, is_compressed=True)),
    "photograph's description": ("avatar.jpg", jpg),
    "weights' metadata": ("model.safetensors", weights),
}


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch, hub: HubServer) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    hub.add_user("alice", token=TOKENS["HF_TOKEN"], orgs={"huggingtweets": "write"})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("is_on_disk", [False, True], ids=["bytes", "file"])
def test_nothing_that_holds_a_token_is_sent(
    hub: HubServer, tmp_path: Path, place: str, name: str, is_on_disk: bool
) -> None:
    file, holding = PLACES[place]
    content: bytes | Path = holding(TOKENS[name])
    if is_on_disk and isinstance(content, bytes):
        (tmp_path / file).write_bytes(content)
        content = tmp_path / file
    with pytest.raises(SecretFoundError) as refused:
        hub_push.push(NASA, {"other.txt": b"fine", file: content}, whole=True, published=hub_repo.read(NASA))
    assert file in refused.value.message and name in refused.value.message
    assert not any(value in str(refused.value) for value in TOKENS.values())
    assert NASA not in hub.repos
    assert {request.method for request in hub.log} == {"GET"}


def test_what_holds_none_is_sent(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJECT_KEY", "huggingtweets")  # named like a secret, and in every card
    files: dict[str, Path | bytes] = {
        "README.md": b"# huggingtweets\nhf_MadeUp",
        "preview.png": png("a text"),
    }
    hub_push.push(NASA, files, whole=True, published=hub_repo.read(NASA))
    assert hub.repos[NASA].files["preview.png"] == files["preview.png"]


def test_a_known_token_is_taken_out_of_a_text() -> None:
    text = " ".join(TOKENS.values())
    assert tokens.redacted(f"Bearer {text}.") == "Bearer [token] [token] [token] [token]."


def test_a_token_is_taken_out_of_a_text_that_quotes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "AAAAfirst'\n\\BBBBsecond\n")
    value = "Bearer AAAAfirst'\n\\BBBBsecond"
    assert tokens.redacted(f"{value}, {value!r}") == 'Bearer [token], "Bearer [token]"'


def test_a_traceback_shows_no_known_token_in_any_of_its_causes() -> None:
    try:
        try:
            raise ValueError(TOKENS["HF_TOKEN"])
        except ValueError as error:
            raise RuntimeError(TOKENS["X_BEARER_TOKEN"]) from error
    except RuntimeError as error:
        said = tokens.traceback_of(error)
    assert "ValueError: [token]" in said and said.endswith("RuntimeError: [token]\n")


def test_a_login_is_taken_out_of_an_address() -> None:
    text = "ann@host: 'https://alice:p@ss@hub.example/x', hf://pass@datasets/a/b, https://hub.example/@ann"
    assert tokens.redacted(text) == (
        "ann@host: 'https://***@hub.example/x', hf://***@datasets/a/b, https://hub.example/@ann"
    )


@pytest.mark.parametrize("password", ["12/34", "1234/", "se/cret", "12/34@5", "65535/a?b#c"])
@pytest.mark.parametrize("user", ["alice", "alice@mail.example"])
def test_a_password_with_a_slash_is_not_taken_for_a_port(user: str, password: str) -> None:
    address = f"https://{user}:{password}@hub.example/x"
    assert settings.masked(address) == "https://***@hub.example/x"
    assert tokens.redacted(f"Look at '{address}'.") == "Look at 'https://***@hub.example/x'."


@pytest.mark.parametrize(
    "address", ["https://hub.example:8443/@ann", "http://localhost:3000/@ann/1", "https://hub:80/users/@ann"]
)
def test_the_address_of_a_profile_on_a_server_with_a_port_is_shown(address: str) -> None:
    assert settings.masked(address) == tokens.redacted(address) == address


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ["a:", "a://", "a://a:", "a.b:", "@a://a:", "://a:1"])
def test_logins_are_found_at_once_in_a_long_text(part: str) -> None:
    text = "://" + part * 50_000
    assert len(tokens.redacted(text)) <= len(text) and len(settings.masked(text)) <= len(text)


def test_a_template_that_holds_a_token_is_refused_before_the_training(
    hub: HubServer, tmp_path: Path, tiny_gpt2: Path
) -> None:
    template = tmp_path / "card.jinja"
    template.write_text(
        "{% extends 'model_card.md.jinja' %}\n{% block about %}"
        + TOKENS["X_BEARER_TOKEN"]
        + "{% endblock %}\n"
    )
    with pytest.raises(SecretFoundError, match="README.md holds the value of X_BEARER_TOKEN"):
        publish(source="sample", base_model=tiny_gpt2, template=template, progress=Silent())
    assert not hub.repos


def test_no_line_on_the_terminal_shows_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().warn(f"The Hub said: {TOKENS['HF_TOKEN']}")
    assert "[token]" in capsys.readouterr().err
