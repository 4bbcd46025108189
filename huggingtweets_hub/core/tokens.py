"""The tokens of this process, and whether something that leaves it holds one of them.

The last gate: whatever went wrong before, no file with a known token in it is sent.
"""

import html
import json
import os
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import SecretFoundError

OURS = ("HF_TOKEN", "X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN", "WANDB_API_KEY")
_SECRET = re.compile(r"(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|KEY)\Z", re.IGNORECASE)
# Letters and digits. What is shorter may stand in a text by chance, above all the value of a variable that
# is only named like a secret.
_SHORTEST, _SHORTEST_OF_OTHERS = 8, 16
_WEIGHTS_HEAD = 1 << 20  # bytes: weights begin with a header of text, and go on with numbers
# Of the Hub, of W&B and of X.
_SHAPED = re.compile(r"hf_[A-Za-z0-9]{30,}|wandb_v\d_\w{30,}|A{16,}[A-Za-z0-9%+/=]{30,}", re.ASCII)
_LOGIN = re.compile(r"(?<=://)[^\s/?#]+@")
# With a password that has a slash in it, up to the last @. That is looked for once: in a long text, to look
# for it anew from each address would take minutes.
_UP_TO_AT = re.compile(r"""(?<![^\s"'<>])[^\s"'<>]+@""")
_LOGIN_WITH_PASSWORD = re.compile(rf"(?<=://){settings.NO_LOGIN}[^/?#:]*:.*@")
_NEITHER = re.compile(r"[^A-Za-z0-9]")


def is_secret(name: str) -> bool:
    """Whether an environment variable is named like a secret."""
    return _SECRET.search(name) is not None


def known() -> dict[str, str]:
    """The tokens that this process could give away: where each comes from, and its value."""
    from huggingface_hub import get_token

    found = {name: value for name, value in os.environ.items() if is_secret(name)}
    found["HF_TOKEN"] = get_token() or ""
    return {
        name: value
        for name, value in found.items()
        if len(_bare(value)) >= (_SHORTEST if name in OURS else _SHORTEST_OF_OTHERS)
    }


def require_none(files: Mapping[str, Path | bytes]) -> None:
    """Make sure that no file holds a known token, however its characters were escaped.

    Args:
        files: Contents or local files, by the names under which they are to be sent.

    Raises:
        SecretFoundError: One does; the message names the file and the token, not its value.
    """
    tokens = {name: {_bare(value), _bare(unquote(value))} for name, value in known().items()}
    if not tokens:
        return
    for file, content in files.items():
        for text in _texts(file, content):
            for name, values in tokens.items():
                if any(value in text for value in values):
                    raise SecretFoundError(
                        f"{file} holds the value of {name}; nothing was sent.",
                        "Find out how it got there (a post, a template, a name), remove it, and create a "
                        "new token: others may have seen this one.",
                    )


def redacted(text: str) -> str:
    """The text for a log: without known tokens, what has the form of one, and logins in addresses."""
    for value in map(str.strip, known().values()):
        text = text.replace(value, "[token]").replace(repr(value)[1:-1], "[token]")
    text = _UP_TO_AT.sub(
        lambda found: _LOGIN_WITH_PASSWORD.sub("***@", found[0]), _SHAPED.sub("[token]", text)
    )
    return _LOGIN.sub("***@", text)


def traceback_of(error: BaseException) -> str:
    """How an error came about, for a log, redacted."""
    return redacted("".join(traceback.format_exception(error)))  # noqa: TID251


def _texts(file: str, content: Path | bytes) -> Iterator[str]:
    """The letters and digits of a file, as it is and as its reader would undo the escapes."""
    if isinstance(content, Path):
        with content.open("rb") as opened:
            content = opened.read(_WEIGHTS_HEAD if file.endswith(".safetensors") else -1)
    text = content.decode("utf-8", "replace")
    yield _bare(text)
    if file.endswith((".md", ".html", ".txt", ".jinja")):
        yield _bare(unquote(html.unescape(text)))
    elif file.endswith(".json"):
        yield from (_bare(part) for part in _strings(text))
    elif file.endswith((".png", ".jpg", ".jpeg", ".webp", ".gif")):
        yield from (_bare(part) for part in _about(content))


def _bare(text: str) -> str:
    return _NEITHER.sub("", text)


def _strings(text: str) -> Iterator[str]:
    """The keys and strings of JSON; none where it is not JSON."""
    try:
        values: list[object] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            values += [*value, *value.values()]
        elif isinstance(value, list):
            values += value


def _about(picture: bytes) -> Iterable[str]:
    """What a picture says in words, which may be compressed."""
    import io

    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture)) as image:
            image.load()
            return [str(value) for value in (*image.info.values(), *image.getexif().values())]
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return []
