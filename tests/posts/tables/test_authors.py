"""Whose posts a table holds, where its columns name people in other ways than by a handle in each record."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.posts.file import TweetFile
from tests.posts.tables.test_table import Read

POSTS = 60


def table(folder: Path, columns: dict[str, list[Any]], form: str = "csv") -> Path:
    """A file of posts, in whose columns these values take turns; each text ends with its author's place."""
    turns = len(next(iter(columns.values())))
    rows = [
        {
            **{name: values[number % turns] for name, values in columns.items()},
            "text": f"words of number {number} by {number % turns}",
        }
        for number in range(POSTS)
    ]
    path = folder / f"table.{form}"
    with path.open("w", newline="", encoding="utf-8") as file:
        if form == "jsonl":
            file.writelines(json.dumps(row) + "\n" for row in rows)
        else:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return path


def places(read: Read) -> set[str]:
    """Whose posts were taken, by their authors' places."""
    return {text[-1] for text in read.texts}


# --- values that are not handles ------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("column", ["author", "username", "screen_name", "account.acct"])
@pytest.mark.parametrize(
    "others",
    [
        ["Bob Jones", "cid"],
        ["Bob Jones", "Dora Hill"],
        ["[deleted]", "cid"],
        ["[removed]", "[deleted by user]"],
        ["Deleted Account", "unknown"],
    ],
)
def test_other_values_beside_the_handle_are_other_people(
    tmp_path: Path, others: list[str], column: str, form: str
) -> None:
    read = Read(table(tmp_path, {column: ["ann", *others]}, form), "ann")
    assert places(read) == {"0"}
    assert "without an author" in read.said and read.recognised.columns["author"] == column


@pytest.mark.parametrize("handle", ["ann", "reddit:ann"])
def test_a_column_of_handles_and_of_deleted_accounts_holds_handles(tmp_path: Path, handle: str) -> None:
    path = table(tmp_path, {"author": [*(f"u{number}" for number in range(8)), "[deleted]"]})
    with pytest.raises(WrongAccountError, match=r"posts of .*u0.* but none of"):
        Read(path, handle)
    assert places(Read(path, handle.replace("ann", "u7"))) == {"7"}


@pytest.mark.parametrize("names", [["[deleted]"], ["Bob Jones", "cid", "dora"], ["Bob Jones", "[deleted]"]])
def test_a_column_of_other_people_alone_is_refused(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(UnreadableFileError, match="names of several people"):
        Read(table(tmp_path, {"author": names}), "ann")


def test_what_surely_names_the_author_counts_more_than_a_display_name(tmp_path: Path) -> None:
    links = [f"https://x.com/{who}/status/1" for who in ("bob", "ann")]
    assert places(Read(table(tmp_path, {"user_name": ["Ann", "Ann Smith"], "url": links}), "ann")) == {"1"}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "values", [["Person 0 Smith", "Person 1 Smith"], ["ann#1234"], ["Ann Smith"], ["[deleted]"], [""]]
)
def test_a_chosen_column_without_handles_is_refused(tmp_path: Path, values: list[str], form: str) -> None:
    path = table(tmp_path, {"who": values}, form)
    said = f", but values such as '{re.escape(values[0])}'" if values[0] else ""
    with pytest.raises(UnreadableFileError, match=f"'who' of table.{form} holds no handles{said}") as refused:
        Read(path, "ann", author="who")
    assert "--column author=" in refused.value.next_step
    assert len(Read(path, "ann", author="").posts) == POSTS


def test_every_value_of_a_chosen_column_counts(tmp_path: Path) -> None:
    path = table(tmp_path, {"who": ["Bob Jones", "cid", "ann"]})
    assert places(Read(path, "ann", author="who")) == {"2"}
    with pytest.raises(WrongAccountError, match="posts of @cid, @ann, but none of @eve"):
        Read(path, "eve", author="who")


# --- columns of any name --------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "columns",
    [
        {"User": ["Ann Smith\n@ann", "Bob J\n@bob"]},
        {"celebrity": ["@ann", "@bob"]},
        {"Usuario": ["@ann", "@bob", "Cid Jones"]},
        {"Twitter": ["Ann Smith (@ann)", "Bob J (@bob)"]},
        {"profile": ["https://x.com/ann", "https://x.com/bob"]},
        {"link": ["https://x.com/ann", "https://x.com/bob"]},
        {"name": ["@ann", "@bob"]},
        {"User Name": ["Ann Smith", "Bob J"], "Nickname": ["ann", "bob"]},
        {"username": ["Ann Smith", "Ann"], "Nickname": ["ann", "bob"]},
        {"created_by": ["ann", "bob"]},
        {"tweet owner": ["ann", "Bob"]},
        {"author": ["Ann Smith", "Bob J"], "login": ["ann", "bob"]},
    ],
    ids=lambda columns: "+".join(columns),
)
def test_a_column_of_any_name_that_shows_handles_names_the_authors(
    tmp_path: Path, columns: dict[str, list[Any]], form: str
) -> None:
    read = Read(table(tmp_path, columns, form), "ann")
    assert places(read) == {"0"} and read.recognised.columns["author"] == list(columns)[-1]
    assert "of other accounts" in read.said


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("mentions", ["@bob", "@ann"]),
        ("In reply to user", ["@bob", "@ann"]),
        ("quoted_user", ["@bob", "@ann"]),
        ("To", ["@bob", "@ann"]),
        ("celebrity", ["@bob", "@cid"]),  # the account is not among them
        ("place", ["@ann", "at home", "", "on the road"]),
        ("Twitter", ["ann", "bob"]),
        ("created_by", ["Twitter for iPhone", "Twitter Web App"]),
        ("login", ["yes", "no"]),
    ],
)
def test_a_column_of_others_does_not(tmp_path: Path, column: str, values: list[str]) -> None:
    read = Read(table(tmp_path, {column: values}), "ann")
    assert len(read.posts) == POSTS and not read.recognised.names_author


def test_whom_a_text_mentions_is_not_its_author(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    rows = [
        {"Menciones": f"@{who}", "text": f"Hello @{who}, it is {n}"} for n in range(9) for who in ("ann", "b")
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert not Read(path, "ann").recognised.names_author


# --- display names alone --------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["name", "Display Name", "author", "user.name"])
@pytest.mark.parametrize(
    "names",
    [
        ["Barack Obama", "Donald Trump", "Joe Biden"],
        ["NASA", "NASA Mars"],
        ["Ann Smith"] * 19 + ["Bob Jones"],
    ],
)
def test_different_display_names_are_different_people(tmp_path: Path, names: list[str], column: str) -> None:
    path = table(tmp_path, {column: names})
    with pytest.raises(UnreadableFileError, match="names of several people, such as") as refused:
        Read(path, "barackobama")
    assert "--column author=" in refused.value.next_step
    assert len(Read(path, "barackobama", author="").posts) == POSTS


@pytest.mark.parametrize(
    "names", [["Ann Smith", "ann smith 🎃", "Ann-Smith!", "𝐀𝐧𝐧 Smith"], ["Ann Smith"] * 29 + ["Ann S."]]
)
def test_a_display_name_that_was_dressed_up_is_one_persons(tmp_path: Path, names: list[str]) -> None:
    assert len(Read(table(tmp_path, {"name": names}), "ann").posts) == POSTS


def test_two_columns_may_show_two_names_of_one_person(tmp_path: Path) -> None:
    path = table(tmp_path, {"name": ["Ann Smith"], "fullname": ["Ann B. Smith"]})
    assert len(Read(path, "ann").posts) == POSTS


# --- chats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who",
    [
        {"from": ["Bob Jones", "Ann Smith"], "from_id": ["user22", "user11"]},
        {"from_id": ["channel1", "user11"]},
        {"userid": ["9bde2fd9+x/Q=", "4f0c"]},
        {"sender_name": ["Bob Jones", "Ann Smith"]},
    ],
)
def test_a_chat_of_two_is_refused(tmp_path: Path, who: dict[str, list[Any]]) -> None:
    rows = [
        {"id": n, "date": "2020-01-01T10:00:00", "text": f"words of number {n}"}
        | {key: values[n % 2] for key, values in who.items()}
        for n in range(POSTS)
    ]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "Bob Jones", "id": 1, "messages": rows}))
    with pytest.raises(UnreadableFileError, match="2 accounts and names none|names of several people"):
        Read(path, "other:ann")


CHANNEL = {"type": "public_channel"}


@pytest.mark.parametrize(
    "chat",
    [
        {"type": "personal_chat"},
        {"type": "private_supergroup"},
        {"type": "public_supergroup"},
        {"type": "private_channel"},
        {"type": "saved_messages"},
        {"participants": [{"name": "ann"}, {"name": "Bob"}]},
        {"channel": {"type": "DirectTextChat"}},
        CHANNEL,
    ],
)
@pytest.mark.parametrize("many", [1, 40_000])  # the latter too many for one value in memory
def test_a_chat_is_refused_also_where_only_the_handle_has_written(
    tmp_path: Path, chat: dict[str, Any], many: int
) -> None:
    said = [{"from": "ann", "sender_name": "ann", "text": "for you alone, as " + "ever " * 40, "id": n}
            for n in range(many)]  # fmt: skip
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "Bob", **chat, "messages": said}))
    if chat is CHANNEL:
        assert len(Read(path, "other:ann").posts) == many
        return
    with pytest.raises(UnreadableFileError, match=r"result\.json is a chat"):
        Read(path, "other:ann")
    with pytest.raises(UnreadableFileError, match=r"result\.json is a chat"):
        TweetFile(path).account()


@pytest.mark.parametrize("many", [1, 40_000])
def test_all_chats_of_telegram_are_refused(tmp_path: Path, many: int) -> None:
    messages = [{"from": "ann", "from_id": "user1", "text": "ever " * 40, "id": n} for n in range(many)]
    chats = [{"type": "public_channel", "name": "Ann", "messages": messages}]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"about": "All of it", "chats": {"about": "Chats", "list": chats}}))
    with pytest.raises(UnreadableFileError, match="all your Telegram chats") as refused:
        Read(path, "other:ann")
    assert "Export just the channel" in refused.value.next_step


@pytest.mark.parametrize(
    "about",
    [
        {"from": "ann", "to": "bob", "subject": "hello"},
        {"username": "ann", "channel_url": "https://r.example/1", "conversation_type": "direct"},
    ],
)
def test_messages_in_a_table_are_passed_over_whoever_sent_them(tmp_path: Path, about: dict[str, str]) -> None:
    path = table(tmp_path, {key: [value] for key, value in about.items()})
    with pytest.raises(EmptyTimelineError, match="not public"):
        Read(path, "reddit:ann")


def test_whom_a_post_answers_makes_it_no_message(tmp_path: Path) -> None:
    path = table(tmp_path, {"username": ["ann"], "to": ["bob"]})
    assert len(Read(path, "ann").posts) == POSTS


@pytest.mark.parametrize(
    ("key", "value"), [("forwarded_from", "Bob Jones"), ("forwarded_from", None), ("is_forwarded", True)]
)
def test_what_was_forwarded_is_a_repost(tmp_path: Path, key: str, value: Any) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps([{"id": "1", "text": "my own words"}, {"id": "2", "text": "his", key: value}]))
    assert [post.is_retweet for post in Read(path, "other:ann").posts] == [bool(value), False]
