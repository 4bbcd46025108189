"""Base models from the Hub, through the real client."""

import pytest

from huggingtweets_hub import base_model
from huggingtweets_hub.errors import BaseModelError
from tests.servers.hub import HubServer

CARD = b"---\nlicense: mit\n---\n# A model\n"


def test_a_hub_id_is_resolved_to_its_commit_and_license(hub: HubServer) -> None:
    repo = hub.add_repo("lab/small", {"config.json": b"{}", "README.md": CARD})
    model = base_model.resolve("lab/small").model
    assert (model.name, model.kind, model.license) == ("lab/small", "hub", "mit")
    assert model.revision == repo.head.oid


def test_gpt2_is_openai_communitys(hub: HubServer) -> None:
    hub.add_repo("openai-community/gpt2", {"config.json": b"{}"})
    assert base_model.resolve("gpt2").model == base_model.resolve("openai-community/gpt2").model


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("lab/missing", "no model 'lab/missing' on the Hub"),
        ("lab/data", "no config.json"),
        ("lab/gated", "is gated"),
        ("a b", "no folder of a model"),
    ],
)
def test_a_base_that_cannot_be_had_is_named(hub: HubServer, spec: str, said: str) -> None:
    hub.add_repo("lab/data", {"notes.txt": b"no model"})
    hub.add_repo("lab/gated", {"config.json": b"{}"}, gated="manual")
    with pytest.raises(BaseModelError, match=said) as refused:
        base_model.resolve(spec)
    assert refused.value.next_step
