"""The variables for a template: the facts by name, and values derived from them."""

import functools
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

from huggingtweets_hub.card import escaping
from huggingtweets_hub.core import accounts as core_accounts
from huggingtweets_hub.core import clients, languages
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.names import REPO_ID
from huggingtweets_hub.core.records import AccountFacts, CardFacts
from huggingtweets_hub.core.settings import DEFAULT_PROMPT
from huggingtweets_hub.core.wishes import WISHES

GPT2 = ("gpt2", "openai-community/gpt2")
OWN = {
    "tiny": "the toolkit's own small GPT-2 (pre-trained on public-domain English prose)",
    "scratch": "a small GPT-2 that started with random weights",
}
"""The base models that are not on the Hub, in a sentence."""
HUB = "https://huggingface.co"
_MANY = 0.05
"""The share of tweets in scripts without spaces from which on a card explains how they are counted."""
_LONGEST_NAME = 100
"""X allows 50 characters, each of which may be several code points."""
_OLD_CODE = re.compile("[a-z]{2}", re.ASCII)
_PLAIN = re.compile(r"\w[\w ,.?-]*")
"""What any shell takes as it stands between double quotes."""
SOURCES = {
    "x_api": "through the X API",
    "x_archive": "from the archive that X gives to account holders",
    "bluesky": "from its repository, which is public on Bluesky's network",
    "bluesky_repo": "from the copy of its data that Bluesky gives to account holders",
    "fediverse_archive": "from the archive that its server gives to account holders",
    "mastodon": "through the public interface of its server",
    "threads_export": "from the export that Threads gives to account holders",
    "instagram_export": "from the export that Instagram gives to account holders",
    "reddit_export": "from the export that Reddit gives to account holders",
    "file": "from an exported file",
    "sample": "from the toolkit's sample, a fictional account",
}
_SURE = frozenset(("x_api", "x_archive", "bluesky", "bluesky_repo", "fediverse_archive", "mastodon"))
"""The sources that say themselves whose posts they hold."""
CONSENT = {
    "self": "the account holder published this model",
    "written": "given in writing",
    "fictional": "not needed, because the account is fictional",
}


def of(facts: CardFacts) -> dict[str, Any]:
    """The variables for a template: the facts by name, and values derived from them."""
    handles = [account.handle for account in facts.accounts]
    files = files_url(facts.repo_id)
    mentions = [_mention(handle) for handle in handles]
    post, repost = core_accounts.nouns(handles)
    accounts = [_account_variables(account, files) for account in facts.accounts]
    # The sample account is fictional, whether the publisher says so or not.
    consent = facts.consent or ("fictional" if _source_kinds(facts) == ["sample"] else None)
    return {
        **{field: _stated(getattr(facts, field)) for field in CardFacts.__dataclass_fields__},
        "accounts": accounts,
        "data_run_url": _web_page(facts.data_run_url),
        "training_run_url": _web_page(facts.training_run_url),
        "thumbnail": _web_page(facts.thumbnail),
        "language": shown_languages(facts.language),
        "name": " & ".join(str(account["name"]) for account in accounts),
        "handle": handles[0] if len(handles) == 1 else model_name(handles),
        "mentions": _listed(mentions),
        "tweets_of_accounts": _listed(
            # A fictional handle, or one of elsewhere, may really belong to someone.
            f"{mention}'s {post}s"
            if consent == "fictional" or not _is_sure(facts) or page is None
            else f"[{mention}'s {post}s]({page})"
            for mention, page in zip(mentions, map(_profile, facts.accounts), strict=True)
        ),
        "post": post,
        "repost": repost,
        "private": sum(account.private for account in facts.accounts),
        "wishes": [
            f"{mention} {wish.says}"
            for mention, account in zip(mentions, facts.accounts, strict=True)
            for key in account.wishes
            if (wish := WISHES.get(key))
        ],
        "citation_key": handles[0]
        if handles[0].isidentifier() and len(handles) == 1
        else model_name(handles),
        "unnamed": _listed(
            mention
            for mention, account in zip(mentions, facts.accounts, strict=True)
            if account.recognised and not account.recognised.names_author
        ),
        "many_by_letters": bool(
            facts.counted_by_letters
            and facts.counted_by_letters >= _MANY * sum(a.statistics.downloaded for a in facts.accounts)
        ),
        "source_text": _listed(SOURCES[kind] for kind in _source_kinds(facts)),
        "consent": consent,
        "consent_text": CONSENT.get(consent or "", "not stated"),
        "days_text": _days(facts.accounts),
        "files_url": files,
        "has_curve": facts.training is not None and facts.training.has_curve,
        "duration": _duration(facts.training.seconds) if facts.training else None,
        "home_page": home_page(),
        "page_url": _web_page(facts.page_url),
        "plain_prompt": prompt if _PLAIN.fullmatch(prompt := facts.prompt or "") else DEFAULT_PROMPT,
        "tried_with": _listed(map(clients.short, clients.TRANSFORMERS)),
        "oldest_tried": clients.short(clients.TRANSFORMERS[0]),
        **_base_variables(facts),
    }


def files_url(repo_id: str) -> str:
    """The beginning of the address of every file in the repository."""
    return f"{HUB}/{repo_id}/resolve/main/"


def shown_languages(words: Iterable[str] | None) -> tuple[str, ...]:
    """Languages by their codes of today: `he` for `iw`, which ISO 639 has dropped; without empty ones."""
    lines = filter(None, map(escaping.one_line, words or ()))
    return tuple((languages.code(line) if _OLD_CODE.fullmatch(line) else None) or line for line in lines)


def shown_name(account: AccountFacts) -> str:
    """The display name on one line, cut where it is longer than X allows; else the name in the handle."""
    name = escaping.one_line(account.name)
    if not escaping.is_visible(name[:_LONGEST_NAME]):
        return core_accounts.name_of(account.handle)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip("\u200d ") + "…"


def _account_variables(account: AccountFacts, files_url: str) -> dict[str, Any]:
    avatar_url = account.avatar_url if escaping.css_url(account.avatar_url or "") else None
    return {
        "handle": account.handle,
        "name": shown_name(account),
        "avatar_url": avatar_url,
        "picture": files_url + account.avatar_file if account.avatar_file else avatar_url,
        "statistics": account.statistics,
        "first_day": _stated(account.first_day),
        "last_day": _stated(account.last_day),
    }


def _days(accounts: Iterable[AccountFacts]) -> str:
    """From the first day of any account to the last, or nothing."""
    known = [account for account in accounts if _stated(account.first_day) and _stated(account.last_day)]
    if not known:
        return ""
    first, last = min(str(a.first_day) for a in known), max(str(a.last_day) for a in known)
    return escaping.markdown(first if first == last else f"{first} to {last}")


def _stated(fact: Any) -> Any:
    """The fact; None for a string that shows nothing."""
    return None if isinstance(fact, str) and not escaping.one_line(fact) else fact


def _web_page(url: str | None) -> str | None:
    """The address, if a browser may be sent to it."""
    return url if url and escaping.link(url) != "#" else None


def _base_variables(facts: CardFacts) -> dict[str, str | None]:
    """`base_id`: the Hub id, if the base model is on the Hub; `base_text`: it in a sentence; `license`."""
    base = facts.base
    name = _stated(facts.base_model) or (_stated(base.name) if base else None)
    license = _stated(base.license) if base else "mit" if name in GPT2 else None
    if name is None:
        return {"license": license, "base_id": None, "base_text": "a language model"}
    if name in OWN and not (base and base.kind == "folder"):  # which may have any name
        return {"license": license, "base_id": None, "base_text": OWN[name]}
    shown = "GPT-2" if name in GPT2 else escaping.markdown(name)
    if (base and base.kind != "hub") or not REPO_ID.fullmatch(name if "/" in name else f"models/{name}"):
        return {"license": license, "base_id": None, "base_text": f"the pre-trained {shown}"}
    text = f"the pre-trained [{shown}]({escaping.link(f'{HUB}/{name}')})"
    return {"license": license, "base_id": name, "base_text": text}


def _source_kinds(facts: CardFacts) -> list[str]:
    kinds = facts.source.kind.split(" + ") if facts.source else []
    return [kind for kind in kinds if kind in SOURCES]


def _is_sure(facts: CardFacts) -> bool:
    """Whether its handles are surely those of their networks: by its sources, or as a card of 2021."""
    return facts.source is None or set(facts.source.kind.split(" + ")) <= _SURE


def _mention(handle: str) -> str:
    named = core_accounts.mention(handle)
    return f"@{escaping.markdown(named[1:])}" if named.startswith("@") else escaping.markdown(named)


def _profile(account: AccountFacts) -> str | None:
    """The address of a profile, on its own network alone."""
    url = account.profile_url
    if url and core_accounts.on_page(url) == account.handle:
        return escaping.link(url)
    return core_accounts.profile_page(account.handle)


def _listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


@functools.cache
def home_page() -> str | None:
    """The project's own address, from the package's metadata; None if it has none."""
    try:
        urls = metadata("huggingtweets_hub").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    return next((url.split(", ", 1)[1] for url in urls if url.lower().startswith("homepage")), None)
