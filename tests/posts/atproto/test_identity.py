"""Who an account of Bluesky is, as its servers say: handle, DID and server, each confirmed by another."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from huggingtweets_hub import Silent
from huggingtweets_hub.core.errors import (
    AccountNotFoundError,
    BlockedError,
    InvalidInputError,
    ServerUnavailableError,
    SourceError,
    UnsafeAddressError,
    WrongAccountError,
)
from huggingtweets_hub.posts.atproto.identity import Identity, identify, web_of
from tests.servers.at import AtServer, Reply
from tests.servers.x_api import Fault

HANDLE, DID, OTHER = "ann.blue.test", "did:plc:" + "a" * 24, "did:plc:" + "b" * 24
HTML = "<!DOCTYPE html><title>Just a moment…</title>"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtServer]:
    """Bluesky with the account of Ann."""
    with AtServer() as server:
        monkeypatch.setenv("HUGGINGTWEETS_BLUESKY_URL", server.url)
        monkeypatch.setenv("HUGGINGTWEETS_PLC_URL", server.url)
        server.add_account(HANDLE, DID)
        yield server
        assert server.unhandled == []


def identified(name: str = HANDLE) -> Identity:
    return identify(web_of(Silent()), name)


def always(at: AtServer, path: str, status: int, body: Any) -> None:
    at.faults.add(Fault(path, lambda *_: Reply(status, body), float("inf")))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [HANDLE, HANDLE.upper(), DID])
def test_an_account_is_found_by_its_handle_and_by_its_did(at: AtServer, name: str) -> None:
    assert identified(name) == Identity(handle=HANDLE, did=DID, server=at.url)


def test_a_handle_that_only_its_own_domain_knows_is_found_there(at: AtServer) -> None:
    at.resolves.clear()
    at.well_known = f"\n{DID}\n"
    assert identified().did == DID


@pytest.mark.parametrize("did", ["did:web:ann.blue.test"])
def test_an_account_whose_did_is_a_domain_is_found_there(at: AtServer, did: str) -> None:
    at.accounts.clear()
    at.add_account(HANDLE, did)
    assert identified() == identified(did) == Identity(handle=HANDLE, did=did, server=at.url)


@pytest.mark.parametrize("says", ["", "did:plc:short", "hello", "did:key:zQ3sh", "x" * 9000, HTML])
def test_a_handle_that_leads_nowhere_is_no_account(at: AtServer, says: str) -> None:
    at.resolves.clear()
    at.well_known = says
    with pytest.raises(AccountNotFoundError, match=f"no account @{HANDLE}") as refused:
        identified()
    assert "did:plc:" in refused.value.next_step


@pytest.mark.parametrize("answer", [[], {}, {"did": None}, {"did": 7}, {"did": "../7"}, {"did": HANDLE}])
def test_what_is_not_a_did_is_not_followed(at: AtServer, answer: Any) -> None:
    always(at, "resolveHandle", 200, answer)
    with pytest.raises(AccountNotFoundError):
        identified()
    assert at.asked("did:|/7") == 0


@pytest.mark.parametrize("tld", ["invalid", "local", "example", "localhost", "arpa"])
def test_a_handle_that_no_domain_can_be_is_not_looked_for(at: AtServer, tld: str) -> None:
    with pytest.raises(AccountNotFoundError, match=f"no domain ends in .{tld}"):
        identified(f"handle.{tld}")
    assert not at.log


def test_a_handle_must_be_that_of_the_account_it_leads_to(at: AtServer) -> None:
    at.add_account("eve.blue.test", OTHER)
    at.resolves[HANDLE] = OTHER
    with pytest.raises(WrongAccountError, match="says that it is @eve.blue.test") as refused:
        identified()
    assert "eve.blue.test" in refused.value.next_step


@pytest.mark.parametrize(
    "names", [None, [], "at://ann.blue.test", ["https://ann.blue.test"], [7], ["at://x"]]
)
def test_an_account_that_claims_no_handle_is_not_found_by_one_but_by_its_did(
    at: AtServer, names: Any
) -> None:
    at.accounts[DID].document["alsoKnownAs"] = names
    with pytest.raises(WrongAccountError, match="says that it has no handle"):
        identified()
    assert identified(DID).handle == DID


@pytest.mark.parametrize("leads_to", [OTHER, None])
def test_a_handle_that_leads_elsewhere_is_not_that_of_the_did(at: AtServer, leads_to: str | None) -> None:
    at.resolves.clear()
    at.resolves |= {HANDLE: leads_to} if leads_to else {}
    assert identified(DID) == Identity(handle=DID, did=DID, server=at.url)


def test_the_first_of_several_handles_counts(at: AtServer) -> None:
    at.accounts[DID].document["alsoKnownAs"] = ["https://x.test", "at://new.blue.test", f"at://{HANDLE}"]
    with pytest.raises(WrongAccountError, match="@new.blue.test"):
        identified()


@pytest.mark.parametrize(("status", "says"), [(404, "is not known"), (410, "was deleted")])
def test_a_did_without_a_document_is_no_account(at: AtServer, status: int, says: str) -> None:
    always(at, "/did:plc", status, {"message": "DID not available"})
    with pytest.raises(AccountNotFoundError, match=says):
        identified(DID)


@pytest.mark.parametrize("answer", [[], {}, None, OTHER, "no"])
def test_a_document_must_be_that_of_the_did(at: AtServer, answer: Any) -> None:
    document = {**at.accounts[DID].document, "id": OTHER} if answer == OTHER else answer
    always(at, "/did:plc", 200, json.dumps(document).encode())
    with pytest.raises(SourceError, match="another account"):
        identified()


def service(
    address: Any, name: str = "#atproto_pds", kind: str = "AtprotoPersonalDataServer"
) -> dict[str, Any]:
    return {"id": name, "type": kind, "serviceEndpoint": address}


@pytest.mark.parametrize(
    "services",
    [
        lambda url: [service(url, f"{DID}#atproto_pds")],
        lambda url: [service("https://label.test", "#atproto_labeler", "AtprotoLabeler"), service(url)],
        lambda url: [service(url), service("https://second.test")],
        lambda url: ["odd", None, service("https://x.test", kind="Other"), service(f"{url}/")],
    ],
)
def test_the_first_server_for_posts_counts(at: AtServer, services: Callable[[str], Any]) -> None:
    at.accounts[DID].document["service"] = services(at.url)
    assert identified().server == at.url


@pytest.mark.parametrize("services", [None, {}, [], [7], [service("https://m.test", f"{OTHER}#atproto_pds")]])
def test_an_account_without_a_server_for_posts_cannot_be_read(at: AtServer, services: Any) -> None:
    at.accounts[DID].document["service"] = services
    with pytest.raises(AccountNotFoundError, match="names no server") as refused:
        identified()
    assert "repo.car" in refused.value.next_step


@pytest.mark.parametrize(
    "address",
    [
        "http://m.test", "https://m.test/path", "https://m.test?x=1", "https://m.test#x", "m.test", "",
        None, 7, "https://ann:secret@m.test", "ftp://m.test", "https://m.test\r\nx", "https://\x1b[2J",
    ],
)  # fmt: skip
def test_a_server_must_be_an_https_origin(at: AtServer, address: Any) -> None:
    at.accounts[DID].document["service"] = [service(address)]
    with pytest.raises(UnsafeAddressError, match="not an https address") as refused:
        identified()
    assert "secret" not in str(refused.value) and "\x1b" not in str(refused.value)


def test_a_front_that_blocks_the_public_api_is_named_unless_the_domain_itself_answers(at: AtServer) -> None:
    always(at, "resolveHandle", 403, HTML)
    with pytest.raises(BlockedError) as refused:
        identified()
    assert "repo.car" in refused.value.next_step
    at.well_known = DID
    assert identified().did == DID


def test_what_cannot_be_asked_is_not_taken_for_a_no(at: AtServer) -> None:
    always(at, "resolveHandle", 503, {})
    for name in (HANDLE, DID):  # else an account would have its DID for a name on some days
        with pytest.raises(ServerUnavailableError):
            identified(name)


@pytest.mark.parametrize("variable", ["HUGGINGTWEETS_BLUESKY_URL", "HUGGINGTWEETS_PLC_URL"])
def test_the_settings_name_https_or_this_machine(
    at: AtServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://api.test")
    with pytest.raises(InvalidInputError, match=variable):
        identified()
