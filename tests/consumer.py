"""A user's script: every public name, and objects of one's own in the place of ours.

`mypy --strict` must pass on it as on any file outside this repository, and it must run: `consumer.py FOLDER`.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, assert_type

import huggingtweets_hub
from huggingtweets_hub import (
    Account,
    AccountFacts,
    AccountInactiveError,
    AccountNotFoundError,
    AccountProtectedError,
    AccountSuspendedError,
    Attempt,
    BaseModel,
    BaseModelError,
    Batch,
    BlockedError,
    CardFacts,
    Corpus,
    CostLimitError,
    CurvePoint,
    EditedByHandError,
    EmptyTimelineError,
    Evaluation,
    Finding,
    FormFile,
    GatedError,
    HubError,
    HubRefusedError,
    HubUnavailableError,
    HuggingTweetsError,
    InvalidFactsError,
    InvalidInputError,
    JobCanceledError,
    JobFailedError,
    JobNotFoundError,
    JobOutOfMemoryError,
    JobRunningError,
    JobsRefusedError,
    JobTimedOutError,
    JobWithoutResultError,
    LeftOut,
    MissingXTokenError,
    MovedError,
    Newest,
    NoCreditsError,
    NoMachineError,
    NotLoggedInError,
    NotOursError,
    NoWriteAccessError,
    NoXCreditsError,
    OptedOutError,
    Outcome,
    PackageError,
    Page,
    PagesMissingError,
    Post,
    Progress,
    Publication,
    PublicBucketError,
    QuotaExceededError,
    RateLimitedError,
    ReadBackError,
    Recipe,
    Recognised,
    RejectedXTokenError,
    Run,
    RunLink,
    Samples,
    Score,
    SecretFoundError,
    ServerRefusedError,
    ServerUnavailableError,
    Silent,
    SourceError,
    SourceFacts,
    Stages,
    Statistics,
    TakenDownError,
    TemplateError,
    Terminal,
    TextMeasures,
    Timeline,
    TimelineSource,
    TooLittleTextError,
    Tracked,
    Tracker,
    TrackingError,
    TrainedModel,
    Training,
    TrainingError,
    UnexpectedError,
    UnreadableFileError,
    UnsafeAddressError,
    UnwritableError,
    WorkerDiedError,
    WrongAccountError,
    XUnavailableError,
    batch_status,
    check_card,
    fetch_timeline,
    generate,
    parse_card,
    preview_card,
    publish,
    publish_batch,
    publish_page,
    read_facts,
    render_card,
    revert_cards,
    unpublish,
    upgrade_cards,
)

FACTS: dict[str, Any] = {
    "accounts": [
        {"handle": "ada", "statistics": {"downloaded": 9, "retweets": 2, "short": 1, "kept": 6}},
    ],
    "repo_id": "me/ada",
}


class Diary:
    """A source of one's own."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = entries

    def account(self) -> Account | None:
        return Account(handle="ada", name="Ada")

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        posts = tuple(
            Post(text=text, created_at=datetime.fromisoformat(day).replace(tzinfo=UTC))
            for day, text in sorted(self._entries.items(), reverse=True)
            if since is None or date.fromisoformat(day) >= since
        )
        progress.advance("Reading", len(posts), len(posts), "entries")
        if not posts:
            raise EmptyTimelineError(f"The diary of {handle} is empty.", "Write something.")
        return Timeline(account=Account(handle=handle), tweets=posts[:max_tweets], source="diary")


class Notes:
    """A tracker of one's own, and its only run."""

    name = "notes"
    link: RunLink | None = None

    def __init__(self) -> None:
        self.losses: dict[int, float] = {}

    def record_data(
        self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool
    ) -> RunLink | None:
        return RunLink(id=f"{model}-{len(timelines)}-{sum(s.kept for s in corpus.statistics)}")

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        return self

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        self.losses[step] = metrics["loss"]

    def summarize(self, results: Mapping[str, Any]) -> None:
        pass

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        pass

    def finish(self, *, failed: bool = False) -> None:
        pass


class Lines:
    """Progress as lines on stdout."""

    def note(self, message: str) -> None:
        print(message)

    def warn(self, message: str) -> None:
        print(f"! {message}")

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        if done == total:
            print(f"{stage}: {total} {unit}")


def publish_diary(entries: Mapping[str, str]) -> str:
    source: TimelineSource = Diary(entries)
    tracker: Tracker = Notes()
    progress: Progress = Lines()
    timeline = fetch_timeline("ada", source=source, progress=progress)
    assert_type(timeline, Timeline)
    try:
        publication = publish("ada", source=source, tracker=tracker, progress=progress, dry_run=True)
    except (TooLittleTextError, EmptyTimelineError) as error:
        return f"{error.kind}: {error.message} {error.next_step}"
    assert_type(publication, Publication)
    return publication.url


def publish_all(users: Path) -> int:
    batch = publish_batch(users, progress=Silent())
    assert_type(batch, Batch)
    for attempt in batch_status(states=["failed", "running"]):
        assert_type(attempt, Attempt)
        if attempt.remedy == "retry":
            print(f"{attempt.repo_id} can be tried again: {attempt.message}")
    return len(batch.failed)


def modernise(repos: Sequence[str], report: Path) -> list[Outcome]:
    done = list(upgrade_cards(repos, mode="push", report=report, progress=Terminal()))
    if any(outcome.state == "failed" for outcome in done):
        return list(revert_cards(report))
    return done


def sample(model: Path) -> list[str]:
    return generate(model, "Tonight", n=3, seed=1)


def look_at_card(folder: Path) -> Path:
    text = render_card(FACTS, template="classic")
    facts = parse_card(text)
    assert_type(facts, CardFacts)
    first: AccountFacts = facts.accounts[0]
    kept: Statistics = first.statistics
    print(f"{first.handle} of {facts.repo_id}: {kept.kept} tweets")
    findings = check_card(text)
    assert_type(findings, tuple[Finding, ...])
    for finding in findings:
        if finding.level == "error":
            raise SystemExit(f"{finding.place}: {finding.message}")
    (folder / "facts.json").write_text(json.dumps(FACTS))
    page = preview_card(read_facts(folder / "facts.json"), folder / "card.html")
    assert_type(page, Path)
    return page


def main() -> None:
    print(huggingtweets_hub.__version__)
    try:
        render_card({"repo_id": "me/ada"})
    except HuggingTweetsError as error:
        print(error.message)
    print(look_at_card(Path(sys.argv[1])).name)


if __name__ == "__main__":
    main()
