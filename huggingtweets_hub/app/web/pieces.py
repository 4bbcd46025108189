"""Pieces of the page, as HTML: headings, a bar, a problem, texts of the bot, the card in its frame."""

import base64
import re
from collections.abc import Mapping, Sequence
from html import escape

from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.progress import duration

_LINK = re.compile(r"https://[\w./-]*\w")


def heading(number: int, title: str, hint: str = "") -> str:
    """The heading of a step, with a sentence on what it is for."""
    below = f'<p class="hint">{escape(hint)}</p>' if hint else ""
    return f'<h2><span class="number" aria-hidden="true">{number}</span>{escape(title)}</h2>{below}'


def status(said: str, *, is_done: bool = False) -> str:
    """A line that screen readers read out when it changes."""
    return f'<p class="status{" done" if is_done else ""}" role="status">{escape(said)}</p>'


def told(html: str) -> str:
    """What screen readers read out when it comes."""
    return f'<div role="status">{html}</div>'


def bar(said: str, share: float | None, seconds_left: float | None) -> str:
    """The one bar of a run and, in words, where it is.

    Screen readers read out what is done when that changes, and the numbers when they are asked.

    Args:
        said: What is being done.
        share: The part of the run that is done; None as long as nobody knows.
        seconds_left: None as long as nobody knows.
    """
    numbers = ""
    if share is None:
        drawn = '<div class="bar unknown" role="progressbar" aria-label="Progress"><div></div></div>'
    else:
        percent = min(max(round(100 * share), 0), 100)
        drawn = (
            '<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" '
            f'aria-valuemax="100" aria-valuenow="{percent}"><div style="width:{percent}%"></div></div>'
        )
        numbers = f" · {percent}%"
    if seconds_left is not None:
        numbers += f" · about {duration(seconds_left)} left"
    return f'{drawn}<p class="status"><span role="status">{escape(said)}</span>{numbers}</p>'


def problem(message: str, next_step: str) -> str:
    """What went wrong, and what to do now; screen readers read it out at once."""
    step = f"<p>{_lines(next_step)}</p>" if next_step else ""
    return f'<div class="problem" role="alert"><strong>{_lines(message)}</strong>{step}</div>'


def caution(text: str) -> str:
    """Something that may spoil the result."""
    return f'<div class="caution">{_lines(text)}</div>'


def facts(rows: Mapping[str, str]) -> str:
    """Names and values, without those that are empty."""
    pairs = "".join(f"<dt>{escape(name)}</dt><dd>{_lines(said)}</dd>" for name, said in rows.items() if said)
    return f'<dl class="facts">{pairs}</dl>'


def folded(title: str, rows: Mapping[str, str]) -> str:
    """Names and values that are shown when somebody asks for them."""
    return f"<details><summary>{escape(title)}</summary>{facts(rows)}</details>"


def posts(texts: Sequence[str], handle: str) -> str:
    """What the bot wrote, and that a bot wrote it."""
    items = "".join(f'<li dir="auto">{escape(text)}</li>' for text in texts)
    notice = f'<p class="notice">Written by a bot, not by {escape(mention(handle))}.</p>'
    return f'<ol class="posts">{items}</ol>{notice}' if texts else ""


def card(page: str) -> str:
    """The card as the Hub will show it, in a frame in which nothing runs."""
    return (
        '<iframe class="card-frame" title="The model card, as the Hub will show it" sandbox="" '
        f'srcdoc="{escape(page, quote=True)}"></iframe>'
    )


def published(url: str) -> str:
    """Where the bot is, on the Hub."""
    return (
        f'{status("Published.", is_done=True)}<p><a href="{escape(url, quote=True)}" target="_blank" '
        f'rel="noopener noreferrer">{escape(url)}</a></p>'
    )


def picture(png: bytes, about: str) -> str:
    """A PNG inside the page."""
    data = base64.b64encode(png).decode()
    return f'<img class="picture" alt="{escape(about, quote=True)}" src="data:image/png;base64,{data}">'


def _lines(text: str) -> str:
    return _LINK.sub(_link, escape(text)).replace("\n", "<br>")


def _link(found: re.Match[str]) -> str:
    """An address of an error's next step, to be pressed."""
    return f'<a href="{found[0]}" target="_blank" rel="noopener noreferrer">{found[0]}</a>'
