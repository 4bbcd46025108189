"""From facts to a model card. Pure and offline: nothing here reads the network, the clock or a model."""

import dataclasses
import importlib.resources
import json
import re
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from huggingtweets_hub.card import templates, variables
from huggingtweets_hub.card.checking import findings
from huggingtweets_hub.card.metadata import items, require_plain, typed
from huggingtweets_hub.card.templates import TEMPLATES, Template
from huggingtweets_hub.core import arguments, tokens
from huggingtweets_hub.core.accounts import HANDLE, mention
from huggingtweets_hub.core.errors import TemplateError
from huggingtweets_hub.core.names import CARD
from huggingtweets_hub.core.records import AccountFacts, BaseModel, CardFacts
from huggingtweets_hub.core.serialization import from_json, sha256, to_json
from huggingtweets_hub.core.spelling import nearest
from huggingtweets_hub.core.text import whole

_LEARNED = ("training", "evaluation", "samples", "tracked", "versions")
_MISSING = re.compile(r"'?([\w.-]+)'?(?: is undefined)?\Z")
_FRONT_MATTER = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)


@arguments.checked
def render(facts: CardFacts | Mapping[str, Any], template: Template | str | Path = "default") -> str:
    """The card of these facts: UTF-8 text with LF line ends.

    Args:
        facts: A record, or what `json.load` gives of a file of facts.
        template: `default`, `classic`, or a Jinja file of your own, which may extend
            `model_card.md.jinja` and replace its blocks.

    Raises:
        InvalidFactsError: A fact is missing or wrong; the message names its key.
        TemplateError: The template is missing, does not render, or does not fit the facts.
    """
    return _rendered(facts, template)[0]


def _rendered(facts: CardFacts | Mapping[str, Any], template: str | Path) -> tuple[str, Mapping[str, bytes]]:
    """The card, and all that was read to render it, by name."""
    import jinja2

    # A record made by hand may hold anything, too.
    facts = from_json(CardFacts, to_json(facts) if isinstance(facts, CardFacts) else facts)
    if template == "classic":
        name = facts.base_model or variables.GPT2[0]
        base = facts.base or BaseModel(name=name, kind="hub", revision="")
        require_gpt2(base.name, base.name if base.kind == "hub" else None)
        require_x(account.handle for account in facts.accounts)
    values = variables.of(facts)
    try:
        loaded = templates.load(template)
        text = loaded.template.render(values)
    except (RecursionError, SyntaxError) as error:  # the latter of the Python that Jinja makes of it
        raise TemplateError(
            f"The card's template ({template}) extends, includes or calls itself, or is nested too deeply.",
            "Remove the reference that leads back to the same file or block.",
        ) from error
    except (
        jinja2.TemplateError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError
    ) as error:  # fmt: skip
        said = str(error).rstrip(".") or "it takes more memory than there is"
        raise TemplateError(
            f"The card's template ({template}{_line(error, template)}) could not be rendered: {said}.",
            f"{_meant(error, values)}Fix the template; docs/cards.md lists the variables that it can use.",
        ) from error
    if whole(text) != text:
        raise TemplateError(
            f"The card's template ({template}) produces half a character, which cannot be saved.",
            "Write the whole character, or pass texts through a filter such as markdown or html.",
        )
    return text.replace("\r\n", "\n"), loaded.sources


def _line(error: Exception, template: str | Path) -> str:
    """Where in a template, or in what it includes, an error was raised, as far as Jinja tells."""
    import jinja2

    if isinstance(error, jinja2.TemplateSyntaxError):
        places = [(str(error.name), error.lineno)]
    else:
        raised = traceback.extract_tb(error.__traceback__)
        places = [(at.filename, at.lineno or 0) for at in raised if at.filename.endswith(templates.ENDING)]
    if not places:
        return ""
    name, line = places[-1]
    return f" line {line}" if name == Path(template).name else f", {name} line {line}"


def _meant(error: Exception, values: Mapping[str, Any]) -> str:
    """What a misspelt variable, or the name of a template that is not there, was probably meant to be."""
    missing = _MISSING.match(str(error))
    near = nearest(missing[1], {*values, *TEMPLATES.values()}) if missing else None
    if missing and near == missing[1]:
        return "Import with 'with context' what uses variables of the card. "
    return f"Did you mean {near!r}? " if near else ""


def rehearse(template: str | Path, known: CardFacts | None = None) -> str:
    """Render the template before a long training, and check the card as `card check` does.

    Args:
        known: What is known of a publication; what only training tells is made up. By default the template
            is tried with all facts, and with the least; ours has been.

    Returns:
        A digest of the template and of all that it has read.

    Raises:
        TemplateError: It cannot be rendered, or the Hub would refuse the result.
    """
    if known is None and str(template) in TEMPLATES:
        return templates.digest(template, {})
    return templates.digest(template, read_by(template, known))


def read_by(template: str | Path, known: CardFacts | None = None) -> Mapping[str, bytes]:
    """All that a template of the user's own reads, by name; `rehearse` says of what it is tried with.

    Raises:
        TemplateError: It cannot be rendered, or the Hub would refuse the result.
    """
    full = from_json(CardFacts, _example())
    counts = full.accounts[0].statistics
    least = CardFacts(accounts=(AccountFacts(handle="example", statistics=counts),), repo_id=full.repo_id)
    examples = [full, least]
    if known is not None:
        learned = {name: getattr(full, name) for name in _LEARNED}
        examples = [dataclasses.replace(known, **learned)]
    sources: dict[str, bytes] = {}
    for example in examples:
        text, read = _rendered(example, template)
        check(text)
        sources |= read
    return sources


def _example() -> Any:
    package = importlib.resources.files("huggingtweets_hub.card")
    return json.loads((package / "example.json").read_text("utf-8"))


def check(text: str) -> dict[str, Any]:
    """The card's metadata, after looking for all that `card check` calls wrong.

    Raises:
        TemplateError: The metadata is missing, the Hub would refuse the card, or it would be broken there.
        SecretFoundError: The card holds the value of a known token.
    """
    import yaml

    tokens.require_none({CARD: text.encode("utf-8", "replace")})
    front_matter = _FRONT_MATTER.match(text)
    try:
        require_plain(front := front_matter.group(1) if front_matter else "")
        found = yaml.load(front, Loader=typed())
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date may not exist
        raise TemplateError(
            f"The card's metadata is not valid YAML: {error}.", "Quote values with the filter yaml_string."
        ) from error
    if not isinstance(found, dict) or "huggingtweets" not in items(found, "tags"):
        raise TemplateError(
            "The card does not begin with metadata that has the tag 'huggingtweets'.",
            "Keep the blocks 'front_matter' and 'metadata', or add the tag to your own.",
        )
    if "]()" in text or "url('')" in text:
        raise TemplateError(
            "The card has a link or picture without a target.", "Leave it out if its fact is missing."
        )
    wrong = [finding for finding in findings(text) if finding.level == "error"]
    if wrong:
        raise TemplateError.of_findings(
            "The card",
            [(finding.place, f"{finding.message} {finding.next_step}") for finding in wrong],
            "Correct the template, or the fact that it shows.",
        )
    return found


def publication_digest(facts: CardFacts, template: str | Path) -> str:
    """What identifies a publication: its facts without timings, and all that its template reads for them.

    Raises:
        TemplateError: The template does not render.
    """
    content = to_json(facts)
    if facts.training is not None:
        content["training"].pop("seconds")
        for point in content["training"]["curve"]:
            point.pop("seconds")
    for form in content["forms"]:
        form.pop("seconds")
    sources = {} if str(template) in TEMPLATES else _rendered(facts, template)[1]
    content["template"] = templates.digest(template, sources)
    return sha256(json.dumps(content, sort_keys=True))


def template_name(template: str | Path) -> str:
    """How a template is recorded: `default`, `classic`, or `custom` for a user's own."""
    return str(template) if str(template) in TEMPLATES else "custom"


def require_x(handles: Iterable[str]) -> None:
    """Make sure that the classic card is used only for accounts of X, of whose tweets it speaks.

    Raises:
        TemplateError: An account is of another network.
    """
    for handle in handles:
        if not HANDLE.fullmatch(handle):
            raise TemplateError(
                f"The classic card speaks of tweets, but {mention(handle)} is not an X account.",
                "Use --template default.",
            )


def require_gpt2(name: str, hub_id: str | None) -> None:
    """Make sure that the classic card is used only for the model that it describes.

    Args:
        hub_id: The base model's on the Hub; None if it is not from there.

    Raises:
        TemplateError: The base model is not GPT-2 from the Hub.
    """
    if hub_id not in variables.GPT2:
        raise TemplateError(
            f"The classic card says that the model is a GPT-2, but this one is based on {name!r}.",
            f"Use --template default. The classic card is for models that start from {variables.GPT2[1]}.",
        )
