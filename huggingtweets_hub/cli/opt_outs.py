"""`opt-outs`: who is not to be published."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from huggingtweets_hub.cli import _output
from huggingtweets_hub.core.errors import HubError

_namespace: Callable[[Any], Any] = click.option(
    "--namespace",
    metavar="NAME",
    help="Whose list on the Hub; @me is your own. By default HUGGINGTWEETS_NAMESPACE, or huggingtweets.",
)


@click.group("opt-outs")
def opt_outs() -> None:
    """Say who must not be published, on this machine and by anyone who publishes to a namespace.

    `unpublish` adds a model's accounts to the list. The namespace's list is a private dataset that holds
    digests, not names.
    """


@opt_outs.command()
@click.argument("handles", nargs=-1, required=True, metavar="HANDLE...")
@_namespace
def add(handles: tuple[str, ...], namespace: str | None) -> None:
    """Add accounts to the list, and name their public models.

    \b
    Example:
      {program} opt-outs add nasa --namespace my-org
    """
    from huggingtweets_hub.core import settings
    from huggingtweets_hub.core.accounts import network_of, parse_handle
    from huggingtweets_hub.hub import access, opt_outs
    from huggingtweets_hub.hub.namespace_opt_outs import Person
    from huggingtweets_hub.pipeline import unpublish

    access.require_namespace(settings.namespace(namespace))
    people = [Person(handle=parse_handle(handle).lower()) for handle in handles]
    names = ", ".join(person.handle for person in people)
    with _with(
        f"{names}: noted on this machine, which no longer publishes them. Other machines will learn it from "
        "the Hub, once this command has reached it."
    ):
        opt_outs.add(people)  # here first, which needs no network
        target = access.named(namespace)
        opt_outs.add_to_namespace(people, target)
    click.echo(f"Will not be published: {names}", err=True)
    for person in people:
        if person.id is None and network_of(person.handle) == "bluesky":
            click.echo(
                f"A repo.car does not name {person.handle}, only its DID. Add the DID too.",
                err=True,
            )
    with _with("Could not find out which of their models are public."):
        public = unpublish.others([person.handle for person in people], target)
    for model in public:
        click.echo(f"Still public: take it down with '{_output.program()} unpublish {model}'.", err=True)


@contextmanager
def _with(what: str) -> Iterator[None]:
    """Say before an error of the Hub how far the command has come."""
    try:
        yield
    except HubError as error:
        raise type(error)(f"{what} {error.message}", error.next_step) from error


@opt_outs.command()
@click.argument("name", metavar="HANDLE|MODEL|REPO|DIGEST")
@_namespace
@click.option(
    "--handle-only",
    is_flag=True,
    help="The handle now belongs to someone else; the person who opted out stays listed by account id.",
)
def remove(name: str, namespace: str | None, handle_only: bool) -> None:
    """Take an account or a model off the list, because its owner agrees.

    If the handle has changed since, use what the error message names: the old handle, or a digest.

    \b
    Example:
      {program} opt-outs remove nasa --namespace my-org
    """
    from huggingtweets_hub.hub import access, opt_outs

    target = access.named(namespace)
    was_listed = opt_outs.remove(name, target, handle_only=handle_only)
    place, unseen = _lists(target)
    done = f"was on {place}, and may be published again" if was_listed else f"was not on {place}"
    click.echo(f"{name} {done}.{unseen}", err=True)


@opt_outs.command()
@click.argument("names", nargs=-1, required=True, metavar="HANDLE|MODEL|REPO...")
@_namespace
def check(names: tuple[str, ...], namespace: str | None) -> None:
    """Print which of these accounts and models are on the list.

    \b
    Example:
      {program} opt-outs check nasa esa --namespace my-org
    """
    from huggingtweets_hub.hub import access, opt_outs

    target = access.named(namespace)
    excluded = opt_outs.excluded(names, target)
    for name in excluded:
        click.echo(name)
    if not excluded:
        place, unseen = _lists(target)
        none = "None of them are" if len(names) > 1 else f"{names[0]} is not"
        click.echo(f"{none} on {place}.{unseen}", err=True)


def _lists(namespace: str) -> tuple[str, str]:
    """Which lists were looked at, and a sentence about the one on the Hub if it was not."""
    from huggingtweets_hub.hub import namespace_opt_outs

    if namespace_opt_outs.read(namespace).salt:
        return "the list", ""
    return "the list here", f" {namespace} has no list on the Hub that can be seen from here."
