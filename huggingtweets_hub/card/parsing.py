"""From a published card to its facts: for our cards, and for the layouts of older models.

Only a card's structure is read (metadata, header, table, links, snippet), whatever the text around it
says.
"""

import dataclasses
import json
import re
from typing import Any

from huggingtweets_hub.card import escaping, layouts, variables
from huggingtweets_hub.card.metadata import at, items, metadata_of, split, words
from huggingtweets_hub.core import accounts as core_accounts
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.records import AccountFacts, CardFacts, SourceFacts, Statistics
from huggingtweets_hub.core.serialization import to_json

_CONTRACT = ("thumbnail", "repo_id", "prompt", "data_run_url", "training_run_url", "base_model", "language")
_OWN_FACTS = ("consent", "source", "fingerprint")

_DATA_RUN = re.compile(r"\[Explore the data[^\[\]]{0,40}\]\(([^()\s]+)\)")
_TRAINING_RUN = re.compile(r"\[(?:W&B )?training run\]\(([^()\s]+)\)")
_BASE = re.compile(r"(?<!\\)\]\(https://huggingface\.co/([\w.-]+(?:/[\w.-]+)?)\)", re.ASCII)
_OWN = {"tiny": "the toolkit's own small GPT-2 ", "scratch": "a small GPT-2 "}  # how `base_text` begins
_CONSENT = re.compile(r" Consent: ([a-z, ]+)\.$", re.MULTILINE)
_FINGERPRINT = re.compile(r"^Fingerprint: `([0-9a-f]{64})`$", re.MULTILINE)
_PROFILE = re.compile(r"'s (?:tweet|post)s\]\(([^()\s]+)\)")
_REPO = re.compile(r"""\bmodel\s?=\s?(['"])([\w./-]{1,200})\1""", re.ASCII)
_PROMPT = re.compile(r"""^generator\(("(?:[^"\\\n]|\\.)*")""", re.MULTILINE)


def parse(text: str) -> CardFacts:
    """The facts of a published card; missing ones are None.

    Raises:
        InvalidFactsError: The layout is unknown, or a required part is missing or contradicts another.
        InvalidInputError: It is not a text, but for instance a path.
    """
    if not isinstance(text, str):
        raise InvalidInputError(
            f"text cannot be {text!r:.80}.",
            'Give the card itself, as Path("README.md").read_text("utf-8") does.',
        )
    front, body = split(text)
    metadata = metadata_of(front)
    found = layouts.read(body)
    procedure = found.sections.get("Training procedure", "")
    snippet = found.sections.get("How to use", "")
    data_run = _DATA_RUN.search(found.sections["Training data"])
    training_run = _TRAINING_RUN.search(procedure)
    profiles = _PROFILE.findall(_before_table(found))
    # Only the default card links the run itself; the others link its artifacts.
    suffix = "" if found.layout == "default" else "/artifacts"
    repo = _REPO.search(snippet)
    if repo is None:
        raise layouts.unreadable("it has no snippet with model='namespace/name' under 'How to use'")
    return CardFacts(
        accounts=tuple(
            _account(
                account.handle, account.name, _picture(account.avatar or ""), account.statistics, profiles
            )
            for account in found.accounts
        ),
        repo_id=repo[2],
        thumbnail=_thumbnail(metadata.get("thumbnail")),
        prompt=_widget(metadata.get("widget")) if front is not None else _snippet_prompt(snippet),
        data_run_url=_link(data_run[1], suffix) if data_run else None,
        training_run_url=_link(training_run[1]) if training_run else None,
        base_model=_base_model(metadata.get("base_model"), procedure),
        language=_language(metadata.get("language")),
        **_own_facts(found),
    )


def normalised(facts: CardFacts, template: str = "default") -> CardFacts:
    """The contract's facts, as far as a card with this template holds them.

    `parse(render(facts, template)) == normalised(facts, template)`. What is lost:

    - the toolkit's own facts (recipe, evaluation, samples, …), which `huggingtweets.json` holds, but for
      consent, kind of source and fingerprint, without which the next card would say what is untrue;
    - in every text: control, direction and line-separating characters, spaces at either end;
    - a name that shows nothing: the card shows the handle; an empty prompt or language code, and one that is
      not of today (`iw`): the card has that of today (`he`);
    - an address that is not http(s), or https for an avatar; characters invalid in an address are quoted;
    - if only some of several accounts have a picture: all pictures, since it is unclear whose they are;
    - on the default card: an avatar's address if its file is kept, which is linked instead; a base model
      from a folder;
    - on the classic card: the base model's name, which is always `gpt2`; consent and fingerprint.

    Args:
        template: `default` or `classic`.
    """
    seen = variables.of(facts)
    pictures = [account["picture" if template == "default" else "avatar_url"] for account in seen["accounts"]]
    quoted = escaping.link if template == "default" else escaping.css_url
    avatars = [_picture(quoted(picture)) for picture in pictures if picture]
    if len(avatars) < len(pictures):
        avatars = [None] * len(pictures)
    base_model = escaping.one_line(seen["base_id"] or "") or None
    base_model = _own(seen["base_text"]) or base_model
    profiles = _PROFILE.findall(seen["tweets_of_accounts"])
    if template == "classic":
        base_model = "gpt2"
    return CardFacts(
        accounts=tuple(
            _account(account.handle, account.name, avatar, account.statistics, profiles)
            for account, avatar in zip(facts.accounts, avatars, strict=True)
        ),
        repo_id=facts.repo_id,
        thumbnail=_thumbnail(facts.thumbnail),
        prompt=escaping.one_line(facts.prompt or "") or None,
        data_run_url=_link(escaping.link(facts.data_run_url or "")),
        training_run_url=_link(escaping.link(facts.training_run_url or "")),
        base_model=base_model,
        language=seen["language"] or None,
        **_normalised_own(seen, template),
    )


def contract_facts(facts: CardFacts) -> dict[str, Any]:
    """The contract's facts as JSON values, as `card parse` prints and `card render` reads them."""
    accounts = [
        {
            "handle": account.handle,
            "name": account.name,
            "avatar_url": account.avatar_url,
            "statistics": to_json(account.statistics),
            **({"profile_url": account.profile_url} if account.profile_url else {}),
        }
        for account in facts.accounts
    ]
    contract = {key: to_json(getattr(facts, key)) for key in _CONTRACT}
    own = {key: to_json(value) for key in _OWN_FACTS if (value := getattr(facts, key)) is not None}
    return {"accounts": accounts, **contract, **own}


# --- what only our own cards say ---------------------------------------------------------------------


def _own_facts(found: layouts.Body) -> dict[str, Any]:
    if found.layout == "later":  # which no template of ours has
        return {}
    consent = _CONSENT.search(found.sections[""])
    fingerprint = _FINGERPRINT.search(found.sections.get("About", ""))
    return _own_as_said(
        _before_table(found), consent[1] if consent else "", fingerprint[1] if fingerprint else ""
    )


def _before_table(found: layouts.Body) -> str:
    return found.sections["Training data"].partition("|")[0]


def _normalised_own(seen: dict[str, Any], template: str) -> dict[str, Any]:
    if template == "classic":
        return _own_as_said(seen["tweets_of_accounts"])
    said = f"{seen['tweets_of_accounts']}, read {seen['source_text']}."
    return _own_as_said(said, seen["consent_text"], escaping.code(seen["fingerprint"] or ""))


def _own_as_said(said: str, consent: str = "", fingerprint: str = "") -> dict[str, Any]:
    """Consent, source and fingerprint, by how a card tells of them.

    Args:
        said: Whose posts they are, linked where they are surely those of the accounts; where they were read.
    """
    stated = {text: key for key, text in variables.CONSENT.items()}.get(consent)
    kinds = {kind for kind, text in variables.SOURCES.items() if f" {text}" in said.partition(", read")[2]}
    if not _PROFILE.search(said) and stated != "fictional" and kinds <= {"x_api", "x_archive"}:
        kinds.add("other")
    return {
        "consent": stated,
        "source": SourceFacts(kind=" + ".join(sorted(kinds)), digest="") if kinds else None,
        "fingerprint": fingerprint if re.fullmatch("[0-9a-f]{64}", fingerprint) else None,
    }


# --- the metadata ---------------------------------------------------------------------------------


def _thumbnail(found: object) -> str | None:
    url = escaping.one_line(found) if isinstance(found, str) else ""
    return url if _link(url) else None


def _widget(found: object) -> str | None:
    text = at((items(found) or [None])[0], "text")
    return text or None if isinstance(text, str) else None


def _language(found: object) -> tuple[str, ...] | None:
    return tuple(words(found)) or None


def _base_model(found: object, procedure: str) -> str | None:
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if isinstance(found, str) and found:
        return found
    said = procedure.strip().split("\n")[0]
    linked = _BASE.search(said)
    return _own(said.removeprefix("The model is based on ")) or (linked[1] if linked else None)


def _own(text: str) -> str | None:
    """The base model that is not on the Hub, by how the text about it begins."""
    return next((name for name, beginning in _OWN.items() if text.startswith(beginning)), None)


# --- one value ------------------------------------------------------------------------------------


def _account(
    handle: str, name: str, avatar_url: str | None, statistics: Statistics, profiles: list[str]
) -> AccountFacts:
    """An account.

    Args:
        profiles: The addresses that are linked as those of the accounts.
    """
    usual = core_accounts.profile_page(handle)
    account = AccountFacts(
        handle=handle,
        name=name,
        avatar_url=avatar_url,
        statistics=statistics,
        profile_url=next(
            (url for url in profiles if core_accounts.on_page(url) == handle and url != usual), None
        ),
    )
    return dataclasses.replace(account, name=variables.shown_name(account))


def _picture(url: str) -> str | None:
    """An avatar's address, if a card may show it."""
    url = layouts.html_text(url)
    return escaping.link(url) if escaping.css_url(url) else None


def _link(url: str, suffix: str = "") -> str | None:
    """A link's target, if a browser may be sent there."""
    target = escaping.link(layouts.html_text(url.removesuffix(suffix)))
    return None if target == "#" else target


def _snippet_prompt(snippet: str) -> str | None:
    found = _PROMPT.search(snippet)
    try:
        return str(json.loads(found[1])) or None if found else None
    except ValueError:
        return None
