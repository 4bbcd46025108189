"""Whether a handle still belongs to the account that its model was made of, by the ids that are known."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from huggingtweets_hub import WrongAccountError
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.pipeline import owners

X = "1234567890123456789"


@pytest.mark.parametrize(
    ("handle", "before", "now", "is_same"),
    [
        ("ada", X, X, True),
        ("ada", X, "1234567890123456788", False),
        ("ada", "501", "502", False),
        ("ada", X, "1.23457E+18", True),  # which says nothing
        ("ada", X, None, True),
        ("ann.example.org", "did:plc:a", "did:plc:A", True),
        ("ann.example.org", "did:plc:a", "did:plc:b", False),
        ("ann.example.org", "did:plc:a", "7", True),
        ("ann@m.example", "https://m.example/users/ann", "109", True),
        ("ann@m.example", "https://m.example/users/ann", "https://m.example/users/eve", False),
    ],
)
def test_two_ids_of_one_kind_that_differ_are_two_accounts(
    handle: str, before: str, now: str | None, is_same: bool
) -> None:
    published = Published(facts={"accounts": [{"handle": handle.title(), "id": before}]})
    with nullcontext() if is_same else pytest.raises(WrongAccountError, match="belongs to another account"):
        owners.require_same("huggingtweets/ada", published, handle, now)


@pytest.mark.parametrize("kind", ["file", "bluesky + file"])
def test_ids_of_a_table_may_be_anybodys_numbers(kind: str) -> None:
    accounts = [{"handle": "ada", "id": "1234567890123450000"}]
    of_table = Published(facts={"accounts": accounts, "source": {"kind": kind}})
    owners.require_same("huggingtweets/ada", of_table, "ada", X)
    of_x = Published(facts={"accounts": accounts, "source": {"kind": "x_api"}})
    table = Timeline(account=Account(handle="ada", id=X), tweets=(), source="file")
    owners.require_same_owners("huggingtweets/ada", of_x, (table,))
    with pytest.raises(WrongAccountError):
        owners.require_same_owners("huggingtweets/ada", of_x, (replace(table, source="x_archive"),))
