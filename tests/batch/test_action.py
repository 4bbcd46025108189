"""The GitHub action and workflows: their shell for real, and what must hold of every file."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer

GITHUB = Path(__file__).parents[2] / ".github"
if not GITHUB.is_dir():
    pytest.skip("a source distribution has no .github", allow_module_level=True)
FOLDER = GITHUB / "actions" / "publish"
ACTION = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
WORKFLOWS = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in GITHUB.glob("workflows/*.yml")}
BATCH = WORKFLOWS["publish-batch.yml"]
STEPS = {step.get("name", step.get("uses")): step for step in BATCH["jobs"]["publish"]["steps"]}
TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN", "WANDB_API_KEY")
INNER = {step["name"]: step for step in ACTION["runs"]["steps"]}
FILES = [*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action's runners have bash")


# --- the action, step by step as a runner does it ---------------------------------------------------


@dataclass(frozen=True)
class Done:
    """What a runner sees of the action."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    arguments: list[str]

    @property
    def all_text(self) -> str:
        return "\n".join([self.log, self.summary, *self.outputs.values()])


@pytest.fixture
def act(warm: None, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run the action in a workspace, except for what it downloads.

    `batch_ends_with` puts a `batch` in place that only notes its arguments and ends with that code.
    """
    monkeypatch.delenv("HUGGINGTWEETS_HOME")  # which a runner does not have
    workspace, temporary = tmp_path / "my repo", tmp_path / "runner temp"
    for folder in (workspace, temporary, tmp_path / "bin"):
        folder.mkdir()

    def run(batch_ends_with: int | None = None, **inputs: str) -> Done:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= ACTION["inputs"].keys()
        values = {
            f"inputs.{name}": given.get(name, spec.get("default", ""))
            for name, spec in ACTION["inputs"].items()
        }
        noted, summary = tmp_path / "arguments", tmp_path / "summary.md"
        python(tmp_path / "bin" / "python", noted, batch_ends_with)
        environment = {
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(FOLDER),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(temporary),
        }
        code, log = 0, ""
        for step in ACTION["runs"]["steps"]:
            if step["name"] in ("Set up Python", "Install") or (code and step.get("if") != "always()"):
                continue
            script, output = tmp_path / "script.sh", tmp_path / "output"
            script.write_text(step["run"])
            output.write_text("")
            own = {name: evaluated(value, values) for name, value in step["env"].items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
                env={**environment, **own, "GITHUB_OUTPUT": str(output)},
                cwd=workspace,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            code, log = code or done.returncode, log + done.stdout
            for line in output.read_text().splitlines():
                name, _, value = line.partition("=")
                values[f"steps.{step['id']}.outputs.{name}"] = value
        return Done(
            code=code,
            log=log,
            summary=summary.read_text() if summary.exists() else "",
            outputs={name: evaluated(spec["value"], values) for name, spec in ACTION["outputs"].items()},
            arguments=noted.read_text().splitlines() if noted.exists() else [],
        )

    return run


def python(path: Path, noted: Path, batch_ends_with: int | None) -> None:
    """The `python` that setup-python puts on the PATH: that of the tests."""
    lines = ["#!/bin/sh", f'exec "{sys.executable}" "$@"']
    if batch_ends_with is not None:
        note = f'printf "%s\\n" "$@" >"{noted}"; echo "::error::no command"; exit {batch_ends_with}'
        lines.insert(1, f'if [ "$1" = -m ]; then {note}; fi')
    path.write_text("\n".join(lines))
    path.chmod(0o755)


def evaluated(text: str, values: dict[str, str]) -> str:
    """The expressions of an action that are a name alone, as this one has them."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: values.get(found[1], ""), text)


def test_a_batch_is_published_and_summarized_and_one_failure_fails_the_step(
    hub: HubServer, act: Callable[..., Done], tmp_path: Path, tiny_gpt2: Path
) -> None:
    workspace = tmp_path / "my repo"
    accounts.write(workspace, "ada", 0)
    accounts.write(workspace, "bob", 1, count=3)
    entries = [{"handle": handle, "from": f"{handle}.jsonl"} for handle in ("ada", "bob")]
    defaults = {"consent": "fictional", "samples": 2, "epochs": 1}
    (workspace / "the users.yaml").write_text(yaml.safe_dump({"defaults": defaults, "models": entries}))

    done = act(users="the users.yaml", base_model=str(tiny_gpt2), namespace="huggingtweets", retries="0")

    assert done.code == 3, done.log
    repo = hub.repos["huggingtweets/ada"]
    assert set(hub.repos) == {"huggingtweets/ada"}
    assert json.loads(repo.files["huggingtweets.json"])["consent"] == "fictional"

    report = Path(done.outputs["report"])
    assert report == tmp_path / "runner temp" / "huggingtweets-report.jsonl"
    rows = {row["repo_id"]: row for row in map(json.loads, report.read_text().splitlines())}
    assert rows["huggingtweets/ada"]["commit"] == repo.head.oid
    assert {name: done.outputs[name] for name in ("published", "failed", "left")} == {
        "published": "1",
        "failed": "1",
        "left": "0",
    }

    assert done.summary.startswith("**1 failed, 1 published**\n")
    *_, bob, ada = done.summary.splitlines()
    assert ada.startswith(f"| [`huggingtweets/ada`]({hub.url}/huggingtweets/ada) | published |")
    assert bob.startswith("| `huggingtweets/bob` | failed (for good) |")
    assert rows["huggingtweets/bob"]["message"][:60] in bob

    secrets = [os.environ["HF_TOKEN"]]
    assert not [secret for secret in secrets if secret in done.all_text + report.read_text()]
    assert (tmp_path / "runner temp" / "huggingtweets" / "ledger.sqlite").exists()

    again = act(users="the users.yaml", base_model=str(tiny_gpt2), namespace="huggingtweets")
    assert (again.code, again.outputs["published"], len(repo.commits)) == (0, "0", 2), again.log


def test_handles_of_x_without_consent_are_refused_unless_that_is_said(
    hub: HubServer, x: XServer, act: Callable[..., Done], tiny_gpt2: Path
) -> None:
    accounts.add(x, "eve", 2, count=3)
    handles = {"handles": "eve  # of the tests\n", "base_model": str(tiny_gpt2), "dry_run": "true"}

    refused = act(**handles)
    assert refused.code == 1
    assert "No consent is given" in refused.log
    assert refused.summary == "Nothing was to be done, or nothing could be started: the log says which.\n"

    tried = act(**handles, require_consent="false", allow_failures="true")
    assert tried.code == 0, tried.log
    assert "::warning title=huggingtweets::Some accounts failed." in tried.log
    assert tried.outputs["failed"] == "1"
    for secret in (os.environ["HF_TOKEN"], os.environ["X_BEARER_TOKEN"]):
        assert secret not in tried.all_text
    assert not hub.repos


def test_each_input_reaches_batch_as_one_argument(act: Callable[..., Done], tmp_path: Path) -> None:
    done = act(
        batch_ends_with=0,
        users="--force",
        namespace="my org",
        base_model='$(touch pwned) "; touch pwned; #',
        recipe="original",
        consent="self",
        limit="5",
        shard="2/8",
        refresh="true",
        min_new="50",
        max_cost="1.5",
        retries="0",
        exclude="opt outs.txt\n\n  org/opt-outs  \n",
        report="reports/of today.jsonl",
    )
    assert done.code == 0, done.log
    assert done.arguments == [
        "-m",
        "huggingtweets_hub",
        "batch",
        "--report=reports/of today.jsonl",
        "--namespace=my org",
        '--base-model=$(touch pwned) "; touch pwned; #',
        "--recipe=original",
        "--consent=self",
        "--limit=5",
        "--shard=2/8",
        "--min-new=50",
        "--max-cost=1.5",
        "--retries=0",
        "--require-consent",
        "--refresh",
        "--exclude=opt outs.txt",
        "--exclude=org/opt-outs",
        "--",
        "--force",
    ]
    assert done.outputs["report"] == "reports/of today.jsonl"
    assert not list(tmp_path.rglob("pwned"))


INDEX = "--no-deps --extra-index-url https://download.pytorch.org/whl/cpu"
CPU = f"--require-hashes {INDEX} -r LISTS/torch-cpu.txt"
CUDA = "--require-hashes -r LISTS/torch-cuda.txt"
OURS = ("--require-hashes -r LISTS/run.txt", "--no-index --no-deps --no-build-isolation -- ROOT")


@pytest.mark.parametrize(
    ("version", "torch", "installed"),
    [
        ("", "cpu", [CPU, *OURS]),
        ("", "cuda", [CUDA, *OURS]),
        ("a package==1", "cpu", [CPU, "-- a package==1"]),
    ],
)
def test_what_is_installed_is_the_repository_of_the_action_and_what_its_lists_have_digests_of(
    tmp_path: Path, version: str, torch: str, installed: list[str]
) -> None:
    calls = tmp_path / "calls"
    done = install(tmp_path, f'echo "$*" >>"{calls}"', VERSION=version, TORCH=torch)
    assert done.returncode == 0, done.stdout
    root = f"{FOLDER}/../../.."
    said = calls.read_text().replace(f"{root}/.ci/requirements", "LISTS").replace(root, "ROOT").splitlines()
    assert said == [f"-m pip install -q {arguments}" for arguments in installed]
    assert Path(root, "pyproject.toml").is_file()
    assert all(Path(root, name).is_file() for name in re.findall(r"\.ci/requirements/.+", calls.read_text()))


def test_another_build_of_torch_is_refused(tmp_path: Path) -> None:
    done = install(tmp_path, "exit 99", VERSION="", TORCH="rocm")
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=huggingtweets::The input 'torch'")


@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="only Linux shows a process's environment"
)
def test_what_is_installed_sees_no_token_of_the_caller_or_of_github(tmp_path: Path) -> None:
    """In the process that builds a package, and in those that started it."""
    seen = tmp_path / "seen"
    environments = f'cat /proc/$$/environ /proc/$PPID/environ | tr "\\0" "\\n" >>"{seen}"'
    github = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a secret", "ACTIONS_ID_TOKEN_REQUEST_URL": "a secret"}
    callers = {name: "a secret" for name in TOKENS}
    done = install(tmp_path, environments, VERSION="", TORCH="cpu", **github, **callers | emptied("Install"))
    assert done.returncode == 0, done.stdout
    assert "PYTHONSAFEPATH=1" in seen.read_text()
    assert "a secret" not in seen.read_text()


def install(folder: Path, body: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the action's installation with a `python` that does `body`."""
    (folder / "python").write_text(f"#!/bin/sh\n{body}\n")
    (folder / "python").chmod(0o755)
    paths = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "GITHUB_ACTION_PATH": str(FOLDER)}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", INNER["Install"]["run"]],
        env={**paths, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def emptied(step: str) -> dict[str, str]:
    """What a step sets by itself, whatever its caller has given the action."""
    return {name: value for name, value in INNER[step]["env"].items() if "${{" not in value}


@pytest.mark.parametrize("step", sorted(INNER.keys() - {"Publish"}))
def test_no_step_has_a_token_but_the_one_that_publishes(step: str) -> None:
    assert emptied(step) == {**dict.fromkeys(TOKENS, ""), "PYTHONSAFEPATH": "1"}


def test_the_step_that_publishes_keeps_the_tokens_and_imports_nothing_of_the_callers() -> None:
    assert not set(TOKENS) & INNER["Publish"]["env"].keys()
    assert emptied("Publish") == {"PYTHONSAFEPATH": "1"}


@pytest.mark.parametrize(
    ("inputs", "is_trusted"),
    [({}, False), ({"trust_users_file": "false"}, False), ({"trust_users_file": "true"}, True)],
)
def test_a_users_file_is_trusted_only_where_that_is_said(
    act: Callable[..., Done], inputs: dict[str, str], is_trusted: bool
) -> None:
    done = act(batch_ends_with=0, users="users.yaml", **inputs)
    assert ("--trust-users-file" in done.arguments) is is_trusted


def test_every_option_that_the_action_gives_is_one_of_batch() -> None:
    from huggingtweets_hub.cli.batch import batch

    known = {name for parameter in batch.params for name in parameter.opts}
    script = (FOLDER / "run.sh").read_text()
    given = set(re.findall(r"^ *(?:option|flag) (--[\w-]+)", script, re.MULTILINE))
    assert len(given) == 14
    assert given <= known
    assert given == {f"--{name}" for name in ACTION["inputs"]} & known - {"--report"}


@pytest.mark.parametrize("code", [1, 2, 3, 130])
def test_the_exit_code_of_batch_is_that_of_the_step(act: Callable[..., Done], code: int) -> None:
    done = act(batch_ends_with=code, users="users.txt")
    assert done.code == code
    assert done.summary


def test_the_runner_takes_no_commands_from_what_batch_prints(act: Callable[..., Done]) -> None:
    done = act(batch_ends_with=0, users="users.txt")
    stop, printed, go_on = done.log.splitlines()
    assert printed == "::error::no command"
    assert stop.startswith("::stop-commands::") and go_on == f"::{stop.removeprefix('::stop-commands::')}::"


@pytest.mark.parametrize(
    "inputs",
    [{}, {"users": "users.txt", "handles": "ada"}, {"users": "users.txt", "dry_run": "yes"}],
)
def test_inputs_that_make_no_sense_are_refused(act: Callable[..., Done], inputs: dict[str, str]) -> None:
    done = act(batch_ends_with=0, **inputs)
    assert done.code == 2
    assert done.log.startswith("::error title=huggingtweets::")
    assert not done.arguments


def test_an_older_report_does_not_count(act: Callable[..., Done], tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    report.write_text(json.dumps({"repo_id": "a/b", "state": "published"}))
    done = act(batch_ends_with=1, users="users.txt", report=str(report))
    assert done.outputs["published"] == "0"


# --- the summary --------------------------------------------------------------------------------------


def summary(path: Path, *options: str) -> str:
    arguments = [sys.executable, str(FOLDER / "summary.py"), *options, str(path)]
    return subprocess.run(arguments, check=True, capture_output=True).stdout.decode()


def report_of(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "report.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


HOSTILE = [
    "[click](https://evil.example) ![pixel](https://evil.example/p.png)",
    "<img src=https://evil.example/p.png><script>alert(1)</script><!--",
    "`[out](https://evil.example)` ``[out](https://evil.example)``",
    "a | b \\| [c](https://evil.example) \\\\| `d` |",
    "https://evil.example www.evil.example mail@evil.example @octocat #1",
    "two\nlines\r\n\n| a | row |\n\n# A heading\u2028<b>\x85x",
    "ends with a backslash \\",
    "$`x`$ $$y$$ \u202emirrored \ud800half",
    "```",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["message", "next_step", "repo_id", "url", "remedy", "state"])
def test_a_hostile_text_stays_text_in_its_cell(tmp_path: Path, text: str, name: str) -> None:
    row = {"repo_id": "my-org/ada", "state": "failed", "message": "It failed.", "next_step": "Look."}
    row |= {"state": "published", "url": text} if name == "url" else {name: text}
    shown = summary(report_of(tmp_path, row, {"repo_id": "my-org/zoe", "state": "failed"}))
    page = MarkdownIt("gfm-like").render(shown)
    assert not re.findall(r"<(?!/?(?:p|strong|table|thead|tbody|tr|th|td|code|br)\b)", page), page
    assert page.count("<tr>") == 3
    assert page.count("<td") == 10
    assert not set("\u2028\u202e\ud800\x85\r") & set(shown)


def test_failures_come_first_and_a_long_batch_is_cut(tmp_path: Path) -> None:
    rows = [{"repo_id": f"org/m{n:03}", "state": "published", "seconds": 61.4} for n in range(230)]
    rows += [{"repo_id": "org/w", "state": "waiting", "message": "X has no credits left."}]
    rows += [{"repo_id": "org/z", "state": "failed", "remedy": "person", "message": "m" * 1000}]
    rows += [{"repo_id": "org/m007", "state": "unchanged", "tweets_bought": 1200, "cost_usd": 6.01}]
    path = report_of(tmp_path, *rows)
    with path.open("a") as file:
        file.write('{"repo_id": "org/cut')
    counts, _, _, _, first, second, third, *_, last = summary(path).splitlines()
    assert counts == "**1 failed, 1 waiting, 229 published, 1 unchanged** · 1,200 tweets bought for $6.01"
    assert first.startswith("| `org/z` | failed (needs you) |") and "mmm…`" in first and len(first) < 400
    assert second == "| `org/w` | waiting |  |  | `X has no credits left.` |"
    assert third == "| `org/m000` | published |  | 61 |  |"
    assert last == "… and 32 more, which are in the report."
    assert summary(path, "--counts") == "published=229\nfailed=1\nleft=1\n"


@pytest.mark.parametrize(
    "value", ['"1200"', '"many"', "[1]", "NaN", "Infinity", "-1", f"1{'0' * 400}", "null"]
)
@pytest.mark.parametrize("name", ["tweets_bought", "cost_usd", "seconds"])
def test_what_stands_in_the_place_of_a_number_does_not_count(tmp_path: Path, name: str, value: str) -> None:
    path = report_of(tmp_path, {"repo_id": "org/zoe", "tweets_bought": 1200, "cost_usd": 6.01, "seconds": 9})
    with path.open("a") as file:
        file.write(f'{{"repo_id": "org/ada", "state": "failed", "{name}": {value}}}\n')
    head, *_, first, _ = summary(path).splitlines()
    assert head == "**1 failed, 1 waiting** · 1,200 tweets bought for $6.01"
    assert first == "| `org/ada` | failed |  |  |  |"


def test_a_report_that_is_missing_is_an_empty_one(tmp_path: Path) -> None:
    assert summary(tmp_path / "none.jsonl").startswith("Nothing was to be done")
    assert summary(tmp_path / "none.jsonl", "--counts") == "published=0\nfailed=0\nleft=0\n"


# --- the shards ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "wanted", "parts"),
    [
        ("users.txt", "ada\n# nobody\n\nbob eve # two\nzoe\n", 2, ["1/2", "2/2"]),
        ("users.txt", "ada\nbob\n", 4, ["1/2", "2/2"]),
        ("users.txt", "# nobody\n", 4, []),
        ("users.txt", "ada\n", 0, ["1/1"]),
        ("users.txt", "ada\n" * 1000, 1000, [f"{n}/256" for n in range(1, 257)]),
        ("users.yaml", "- ada\n- {handle: bob}\n- [eve, zoe]\n", 8, ["1/3", "2/3", "3/3"]),
        ("users.yaml", "defaults: {seed: 1}\nmodels: [ada, bob]\n", 8, ["1/2", "2/2"]),
        ("users.yaml", "", 4, []),
        ("users.json", '{"models": []}', 4, []),
        ("users.yaml", "- [", 4, ["1/1"]),  # for `batch` to say what is wrong with it
        ("users.yaml", "- 2024-13-45", 4, ["1/1"]),
        ("users.json", "[" * 3000, 4, ["1/1"]),
        ("users.yaml", "handle: ada", 4, ["1/1"]),
    ],
)
def test_there_are_no_more_shards_than_entries(
    tmp_path: Path, name: str, text: str, wanted: int, parts: list[str]
) -> None:
    (tmp_path / name).write_text(text)
    arguments = [sys.executable, str(FOLDER / "shards.py"), str(tmp_path / name), str(wanted)]
    assert json.loads(subprocess.run(arguments, check=True, capture_output=True).stdout) == parts


@pytest.mark.parametrize(
    ("users", "wanted", "said"),
    [
        ("none.txt", "4", "none.txt' could not be read (No such file or directory)"),
        ("", "4", "could not be read (Is a directory)"),
        ("users.txt", "4.5", "'4.5' is not a number of machines"),
        ("users.txt", "-1", "'-1' is not a number of machines"),
        ("users.txt", "", "'' is not a number of machines"),
    ],
)
def test_inputs_that_cannot_be_shared_out_are_named(
    tmp_path: Path, users: str, wanted: str, said: str
) -> None:
    (tmp_path / "users.txt").write_text("ada\n")
    arguments = [sys.executable, str(FOLDER / "shards.py"), str(tmp_path / users), wanted]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("::error title=huggingtweets::") and said in done.stderr


# --- what must hold of every file ---------------------------------------------------------------------


PIN = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def pins(path: Path) -> list[str]:
    """The actions of a file as they are written, with what says their version."""
    return re.findall(r"\buses: *(.+)", path.read_text("utf-8"))


def steps_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_expression_is_pasted_into_a_shell(path: Path) -> None:
    assert not [
        step for step in steps_of(yaml.safe_load(path.read_text("utf-8"))) if "${{" in step.get("run", "")
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_of_others_is_pinned_by_its_commit(path: Path) -> None:
    for name in pins(path):
        assert name.startswith("$/") or PIN.fullmatch(name), name
    everywhere = {name.partition("@")[0]: name for file in FILES for name in pins(file)}
    assert all(everywhere[name.partition("@")[0]] == name for name in pins(path))


MAY_WRITE = {
    ("release.yml", "attest"): {"id-token": "write", "attestations": "write"},
    ("release.yml", "publish"): {"id-token": "write"},
}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_and_ends_some_time(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]
    for job_name, job in workflow["jobs"].items():
        assert job["permissions"] == MAY_WRITE.get((name, job_name), {"contents": "read"})
        assert job["timeout-minutes"] < 360
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_secrets_are_in_the_protected_environment_and_in_the_one_step_that_needs_them() -> None:
    holders = [
        (name, job.get("environment"), step["uses"])
        for name, workflow in WORKFLOWS.items()
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "secrets." in json.dumps(step)
    ]
    assert holders == [("publish-batch.yml", "publish", "$/.github/actions/publish")]
    assert "secrets." not in json.dumps(STEPS["Publish"]["with"])
    for workflow in WORKFLOWS.values():
        beside = [{**job, "steps": []} for job in workflow["jobs"].values()]
        assert "secrets." not in json.dumps([{**workflow, "jobs": beside}], default=str)


def test_what_may_sign_or_publish_a_release_runs_no_code_of_ours() -> None:
    for workflow, name in MAY_WRITE:
        steps = WORKFLOWS[workflow]["jobs"][name]["steps"]
        assert not [step for step in steps if "run" in step or "checkout" in step["uses"]]
    assert WORKFLOWS["release.yml"]["jobs"]["publish"]["environment"] == "pypi"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_whatever_a_workflow_installs_has_a_digest(path: Path) -> None:
    scripts = [step.get("run", "") for step in steps_of(yaml.safe_load(path.read_text("utf-8")))]
    for line in "\n".join(scripts).splitlines():
        if "pip install" in line:
            assert "--require-hashes" in line or "--no-index" in line, line


def test_the_workflow_knows_the_inputs_and_cancels_nothing() -> None:
    assert STEPS["Publish"]["with"].keys() <= ACTION["inputs"].keys()
    assert BATCH["concurrency"]["cancel-in-progress"] is False
    assert BATCH["jobs"]["publish"]["strategy"]["fail-fast"] is False


def test_what_is_cached_holds_no_tweets_and_no_list_of_opt_outs() -> None:
    kept = [step["with"]["path"] for step in STEPS.values() if "/cache" in step.get("uses", "")]
    names = {line.rpartition("/")[2] for path in kept for line in path.splitlines()}
    assert len(kept) == 3 and names == {"models--*", "ledger.sqlite*"}
    assert STEPS["Ledger"]["with"]["path"] == STEPS["Keep the ledger"]["with"]["path"]  # or none is found
