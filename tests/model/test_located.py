"""A Hub that does not answer is waited for once."""

from pathlib import Path

import pytest
from huggingface_hub import hf_hub_download

from huggingtweets_hub import BaseModelError, generate
from tests.servers.hub import HubServer

BOT = "huggingtweets/silent_nasa"


def test_a_model_that_is_nowhere_else_is_asked_for_once(hub: HubServer) -> None:
    hub.faults.drop("HEAD", "", times=99)
    hub.faults.drop("GET", "", times=99)
    with pytest.raises(BaseModelError, match="is not on this machine, and the Hub does not answer"):
        generate(BOT)
    assert len(hub.log) == 1


def test_a_model_of_which_only_the_settings_are_kept_is_not_there(hub: HubServer, tiny_gpt2: Path) -> None:
    hub.add_repo(BOT, {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()})
    hf_hub_download(BOT, "config.json")
    hub.faults.drop("HEAD", "", times=99)
    with pytest.raises(BaseModelError, match="is not on this machine, and the Hub does not answer"):
        generate(BOT)


def test_a_model_that_is_kept_is_used_after_one_question(hub: HubServer, tiny_gpt2: Path) -> None:
    hub.add_repo(BOT, {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()})
    written = generate(BOT, "My dream", n=2, seed=3)
    before = len(hub.log)
    hub.faults.drop("HEAD", "", times=99)
    hub.faults.drop("GET", "", times=99)
    assert generate(BOT, "My dream", n=2, seed=3) == written
    assert len(hub.log) == before + 1
