"""Options are said once: Python, the command line and a users file take, document and refuse them alike."""

import dataclasses
import inspect
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from huggingtweets_hub import Silent, fetch_timeline, publish, publish_batch
from huggingtweets_hub.batch import users_file
from huggingtweets_hub.batch.options import BatchOptions
from huggingtweets_hub.cli import main
from huggingtweets_hub.core import options
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.pipeline.options import Options, Order, Selection


def refused_by_python(name: str, value: object) -> str:
    with pytest.raises(InvalidInputError) as caught:
        publish("ada", progress=Silent(), **{name: value})  # type: ignore[arg-type]
    return str(caught.value)


def refused_by_command(flag: str, value: str) -> str:
    done = CliRunner().invoke(main.command, ["publish", "ada", f"--{flag}", value])
    assert done.exit_code == 2
    return done.stderr


def refused_by_file(folder: Path, flag: str, value: str) -> str:
    path = folder / "users.yaml"
    path.write_text(f"- handle: ada\n  {flag}: {value}\n")
    with pytest.raises(InvalidInputError) as caught:
        users_file.read(path, Order())
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("max_tweets", -5, "max-tweets cannot be -5. Give a whole number of 1 or more."),
        ("epochs", 0, "epochs cannot be 0. Give a whole number of 1 or more."),
        ("learning_rate", 1.5, "learning-rate cannot be 1.5. Give a number above 0 and below 1."),
        ("seed", -1, "seed cannot be -1. Give a whole number from 0 to 4,294,967,295."),
        ("consent", "me", "consent cannot be 'me'. Give self, written or fictional."),
        ("recipe", "best", "recipe cannot be 'best'. Give default or original."),
        ("since", "yesterday", "since cannot be 'yesterday'. Give a day such as 2024-12-31."),
        (
            "column",
            "txt=a",
            "column cannot be 'txt=a'. Give MEANING=NAME, where MEANING is text, id, time, language, author, "
            "retweet, reply, quote or visibility.",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_the_same_words(
    tmp_path: Path, name: str, value: object, said: str
) -> None:
    flag = name.replace("_", "-")
    assert refused_by_python(name, value) == said
    assert said in refused_by_command(flag, str(value))
    assert said in refused_by_file(tmp_path, flag, str(value))


def test_days_in_the_wrong_order_are_refused_alike(tmp_path: Path) -> None:
    said = "--since 2024-05-01 is after --until 2024-01-01."
    with pytest.raises(InvalidInputError, match=said):
        publish("ada", since="2024-05-01", until=date(2024, 1, 1), progress=Silent())
    days = ["--since", "2024-05-01", "--until", "2024-01-01"]
    done = CliRunner().invoke(main.command, ["publish", "ada", *days])
    assert said in str(done.exception)
    assert said in refused_by_file(tmp_path, "since", "2024-05-01\n  until: 2024-01-01")


def test_a_misspelt_option_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    assert refused_by_python("namespase", "me") == "There is no option 'namespase'. Did you mean 'namespace'?"
    with pytest.raises(InvalidInputError, match="Did you mean 'namespace'"):
        publish_batch(tmp_path / "none.txt", namespase="me")  # type: ignore[call-arg]
    assert "Did you mean 'namespace'?" in refused_by_file(tmp_path, "namespase", "me")


def test_a_day_may_be_a_text() -> None:
    order = Order(since="2024-05-01")
    assert order.first_day == date(2024, 5, 1) and order == Order(since=date(2024, 5, 1))


def test_every_door_has_every_option() -> None:
    names = set(options.specs(Options))
    assert names <= set(inspect.signature(publish).parameters)
    assert names <= set(inspect.signature(publish_batch).parameters)
    assert set(options.specs(Selection)) <= set(inspect.signature(fetch_timeline).parameters)
    for function, record in ((publish, Options), (publish_batch, BatchOptions)):
        for name, spec in options.specs(record).items():
            assert f"{name}: {spec.about.help.partition('--')[0]}" in str(function.__doc__)
        assert "--" not in str(function.__doc__)  # that is how a command line writes it
    command = main.command.get_command(None, "publish")
    flags = {flag for parameter in command.params for flag in parameter.opts}
    assert {f"--{flag}" for flag in options.by_flag(Options)} <= flags


def test_the_defaults_are_those_of_the_record() -> None:
    shown = inspect.signature(publish).parameters
    for name, spec in options.specs(Options).items():
        assert shown[name].default == spec.default
        assert spec.check(spec.default) == spec.default


def test_a_record_cannot_be_made_wrong() -> None:
    with pytest.raises(InvalidInputError, match="samples cannot be 0"):
        dataclasses.replace(Order(), samples=0)
    with pytest.raises(InvalidInputError, match="--output is for one model"):
        BatchOptions("users.txt", output="folder")


@pytest.mark.parametrize(
    "value", [{"text": "a b", "time": "c"}, "text=a b, time=c", ["text=a b", "time=c"], ("text=a b, time=c",)]
)
def test_columns_are_chosen_in_any_form(value: object) -> None:
    assert Selection(column=value).reading.columns == {"text": "a b", "time": "c"}  # type: ignore[arg-type]


def test_columns_are_chosen_by_an_option_that_may_be_repeated_and_in_a_users_file(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("body,when,message\none two three,2024-01-01,x y z\n")
    done = CliRunner().invoke(
        main.command,
        ["fetch", "ada", "--from", str(path), "-o", str(tmp_path / "out.jsonl"), "--json",
         "--column", "text=body", "--column", "time=when"],
    )  # fmt: skip
    assert done.exit_code == 0 and '"time": "when"' in done.stdout
    users = tmp_path / "users.yaml"
    users.write_text("- handle: ada\n  column: text=body, time=when\n")
    [entry] = users_file.read(users, Order())
    assert entry.order.reading.columns == {"text": "body", "time": "when"}
