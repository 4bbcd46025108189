"""Accounts of Bluesky are told by their ids: who opts out stays so under a new handle, on every machine."""

import re

import pytest

from huggingtweets_hub.core.errors import OptedOutError
from huggingtweets_hub.hub import namespace_opt_outs, opt_outs
from huggingtweets_hub.hub.namespace_opt_outs import Person
from tests.servers.hub import HubServer

DID, NAMESPACE = "did:plc:" + "a" * 24, "huggingtweets"
ANN = Person(handle="ann.bsky.social", id=DID)


@pytest.mark.parametrize("handle", [DID, ANN.handle])
def test_an_opt_out_by_id_holds_for_a_namespace(hub: HubServer, handle: str) -> None:
    opt_outs.add_to_namespace([Person(handle=DID)], NAMESPACE)
    with pytest.raises(OptedOutError, match="was taken down"):
        opt_outs.require_absent([Person(handle=handle, id=DID)], f"{NAMESPACE}/a")
    assert opt_outs.excluded([DID, "ann.bsky.social"], NAMESPACE) == [DID]
    assert opt_outs.remove(DID, NAMESPACE) and opt_outs.excluded([DID], NAMESPACE) == []


def test_an_id_finds_the_opt_out_of_its_handle_in_a_namespace(hub: HubServer) -> None:
    opt_outs.add_to_namespace([ANN], NAMESPACE)
    assert opt_outs.excluded([DID, "bob.bsky.social"], NAMESPACE) == [DID]
    assert opt_outs.remove(DID, NAMESPACE)
    assert namespace_opt_outs.read(NAMESPACE).entries == ()


def test_the_error_names_what_is_on_the_list(hub: HubServer) -> None:
    opt_outs.add([ANN])
    opt_outs.remove(ANN.handle, NAMESPACE)
    with pytest.raises(OptedOutError) as caught:
        opt_outs.require_absent([ANN])
    (named,) = re.findall("opt-outs remove ([^ ']+)", caught.value.next_step)
    assert opt_outs.remove(named, NAMESPACE)
    opt_outs.require_absent([ANN])
