"""The README cannot rot: every verb, option, variable and template variable is in it."""

import re
from pathlib import Path

import click
import pytest

import huggingtweets_hub
from huggingtweets_hub import card
from huggingtweets_hub.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SOURCE = "\n".join(path.read_text("utf-8") for path in Path(huggingtweets_hub.__file__).parent.rglob("*.py"))


def commands() -> dict[str, click.Command]:
    group = main.command
    found = {name: group.get_command(click.Context(group), name) for name in group.list_commands(None)}
    for name, command in list(found.items()):
        if isinstance(command, click.Group):
            found.pop(name)
            found |= {f"{name} {sub}": command.commands[sub] for sub in command.commands}
    return {name: command for name, command in found.items() if command}


@pytest.mark.parametrize("verb", commands())
def test_every_verb_and_option_is_in_the_readme(verb: str) -> None:
    assert f"`{verb}" in README or f"huggingtweets {verb}" in README
    for parameter in commands()[verb].params:
        for option in parameter.opts:
            if option.startswith("--"):
                assert option in README, f"{verb} {option}"


def test_every_environment_variable_is_in_the_readme() -> None:
    for name in set(re.findall(r"\"((?:HUGGINGTWEETS|X|TWITTER)_[A-Z_]+)\"", SOURCE)):
        assert name in README, name


def test_every_variable_and_block_of_the_templates_is_in_the_readme() -> None:
    variables = card.variables.of(card.read_facts(Path(__file__).parent / "golden" / "seed_facts.json"))
    for name in variables:
        assert f"`{name}`" in README, name
    templates = card.rendering._templates_folder().glob("*.jinja")
    template = "".join(path.read_text("utf-8") for path in templates)
    for block in re.findall(r"{% block (\w+)", template):
        assert f"`{block}`" in README, block
    for filter in card.escaping.FILTERS:
        assert f"`{filter}`" in README, filter


def test_the_readmes_file_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README):
        assert (Path(__file__).parents[1] / target).exists(), target
