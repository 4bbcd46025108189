"""A card as the Hub would show it, on one page that runs no scripts."""

import base64
import functools
import importlib.resources
from collections.abc import Mapping
from html import escape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from huggingtweets_hub.card.metadata import at, items, metadata_of, split, words
from huggingtweets_hub.card.parsing import parse
from huggingtweets_hub.card.safe_html import safe_html, scheme
from huggingtweets_hub.card.variables import HUB, files_url
from huggingtweets_hub.core.errors import HuggingTweetsError

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
"""The pictures that a page can embed, by file extension."""
_POLICY = (
    "default-src 'none'; img-src data: https:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_TASKS = {"text-generation": "Text Generation"}
_LIBRARIES = {"transformers": "Transformers"}


def page(text: str, files: Mapping[str, bytes]) -> str:
    """A complete HTML page with the card, its metadata, and its social preview.

    Args:
        text: The card.
        files: Contents of pictures in the card's own repository, by name; they are embedded in the page.
    """
    front, body = split(text)
    notice = ""
    try:
        metadata = metadata_of(front)
    except HuggingTweetsError as error:
        metadata, notice = {}, f'<div class="notice">{escape(error.message)}</div>'
    repo_id = _repo_id(text)
    picture = functools.partial(_picture, files=files, repo_id=repo_id)
    owner, _, name = repo_id.rpartition("/")
    title = f'<span class="owner">{escape(owner)}</span><span class="slash">/</span>' if owner else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(repo_id)}</title>
<style>
{_style()}</style>
</head>
<body>
<header class="bar">
<div class="inner">
<h1>{title}<b>{escape(name)}</b></h1>
<div class="pills">{_pills(metadata)}</div>
<div class="tabs"><span class="here">Model card</span><span>Files</span><span>Community</span></div>
</div>
</header>
<div class="columns">
<main class="card">
{notice}{safe_html(_markdown(body), picture)}
</main>
<aside class="side">
{_shared(metadata, repo_id, picture)}{_widget(metadata)}{_results(metadata)}{_tree(metadata, repo_id)}</aside>
</div>
</body>
</html>
"""


def _repo_id(text: str) -> str:
    try:
        return parse(text).repo_id
    except HuggingTweetsError:  # a different layout; it is shown anyway
        return "Model card"


def _markdown(body: str) -> str:
    from huggingtweets_hub.card import markdown

    return str(markdown.parser().render(body))


@functools.cache
def _style() -> str:
    return (importlib.resources.files("huggingtweets_hub.card") / "page.css").read_text("utf-8")


def _picture(address: str, *, files: Mapping[str, bytes], repo_id: str) -> str | None:
    """What to load for a picture: its content if available, or its address if it is elsewhere."""
    own = files_url(repo_id)
    if scheme(address) and not address.startswith(own):
        return address if scheme(address) == "https" else None
    name = unquote(address.removeprefix(own).removeprefix("./").split("?")[0])
    kind = PICTURES.get(PurePosixPath(name).suffix.lower())
    if kind is None or name not in files:
        return None
    return f"data:{kind};base64,{base64.b64encode(files[name]).decode('ascii')}"


# --- what the metadata says -----------------------------------------------------------------------


def _pills(metadata: Mapping[str, Any]) -> str:
    task = metadata.get("pipeline_tag")
    library = metadata.get("library_name")
    pills = [
        *(("", _TASKS.get(word, word)) for word in words(task)),
        *(("", _LIBRARIES.get(word, word)) for word in words(library)),
        *(("Language:", word) for word in words(metadata.get("language"))),
        *(("", word) for word in words(metadata.get("tags"))),
        *(("License:", word) for word in words(metadata.get("license"))),
    ]
    return "".join(
        f'<span class="pill">{f"<i>{label}</i>" if label else ""}{escape(word)}</span>'
        for label, word in pills
    )


def _shared(metadata: Mapping[str, Any], repo_id: str, picture: Any) -> str:
    """The page as a link preview shows it."""
    thumbnail = metadata.get("thumbnail")
    if not isinstance(thumbnail, str):
        return ""
    source = picture(thumbnail)
    shown = (
        f'<img src="{escape(source)}" alt="Social preview">'
        if source
        else f'<span class="missing">{escape(thumbnail.rsplit("/", 1)[-1])}</span>'
    )
    return _box(
        "Shared as",
        f'<div class="in"><div class="host">{HUB.removeprefix("https://")}</div>{escape(repo_id)}</div>',
        before=shown,
        kind="shared",
    )


def _widget(metadata: Mapping[str, Any]) -> str:
    """The prompts, and what the model wrote for each."""
    prompts: dict[str, list[str]] = {}
    for entry in items(metadata, "widget"):
        if isinstance(entry, dict) and isinstance(entry.get("text"), str):
            written = at(entry, "output", "text")
            prompts.setdefault(entry["text"], []).extend([written] if isinstance(written, str) else [])
    shown = ""
    for prompt, outputs in prompts.items():
        shown += f'<div class="field">{escape(prompt)}</div>'
        for output in outputs:
            begun = prompt if output.startswith(prompt) else ""
            made = escape(output.removeprefix(begun))
            shown += f'<div class="output">{escape(begun)}<span class="made">{made}</span></div>'
        if not outputs:
            shown += '<p class="faint">No model output is recorded.</p>'
    return _box("Text Generation", f'<div class="in">{shown}</div>', aside="examples") if shown else ""


def _results(metadata: Mapping[str, Any]) -> str:
    shown = ""
    for model in items(metadata, "model-index"):
        for result in items(model, "results"):
            shown += f'<p class="dataset">{escape(str(at(result, "dataset", "name") or "?"))}</p>'
            for metric in items(result, "metrics"):
                name = str(at(metric, "name") or at(metric, "type") or "?")
                value = str(at(metric, "value") or "?")
                shown += (
                    f'<div class="result"><span>{escape(name)}</span>'
                    f'<span class="value">{escape(value)}</span></div>'
                )
    return (
        _box("Evaluation results", f'<div class="in">{shown}</div>', aside="self-reported") if shown else ""
    )


def _tree(metadata: Mapping[str, Any], repo_id: str) -> str:
    bases = words(metadata.get("base_model"))
    if not bases:
        return ""
    items = "".join(
        f'<li><span class="what">Base model</span><a href="{escape(f"{HUB}/{base}")}">{escape(base)}</a></li>'
        for base in bases
    )
    this = f'<li><span class="what">Fine-tuned</span>{escape(repo_id)}</li>'
    return _box("Model tree", f'<div class="in"><ul class="tree">{items}{this}</ul></div>')


def _box(title: str, content: str, *, aside: str = "", before: str = "", kind: str = "") -> str:
    small = f"<small>{aside}</small>" if aside else ""
    return f'<section class="box {kind}"><h2>{title}{small}</h2>{before}{content}</section>\n'
