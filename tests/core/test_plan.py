"""The time left: what was expected gives way to what is measured, and the bar never goes back."""

import pytest

from huggingtweets_hub.core.plan import Plan
from huggingtweets_hub.core.progress import Parts, Silent


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def run(plan: Plan, clock: Clock, stage: str, units: int, seconds: float) -> None:
    """A stage whose units take so long each."""
    for done in range(1, units + 1):
        clock.now += seconds
        plan.advance(stage, done, units)


def expecting(clock: Clock) -> Plan:
    plan = Plan(clock)
    plan.advance("Preparing", 0, 1)
    clock.now += 10
    plan.advance("Preparing", 1, 1)
    plan.expect("Training", 100)
    plan.expect("Sampling", 50)
    return plan


def test_at_first_the_time_left_is_the_expected_one(clock: Clock) -> None:
    plan = expecting(clock)
    assert plan.left == 150 and not plan.is_over


@pytest.mark.parametrize("slower", [0.5, 1.0, 3.0])
def test_what_is_measured_takes_the_place_of_what_was_expected(clock: Clock, slower: float) -> None:
    plan = expecting(clock)
    for step in range(1, 51):
        clock.now += slower
        plan.advance("Training", step, 100)
        if step >= 25:  # by a sixth of the whole run, at the latest
            assert plan.left is not None
            assert plan.left == pytest.approx((150 - step) * slower, rel=0.25)


def test_a_first_step_that_is_slow_does_not_count_for_the_others(clock: Clock) -> None:
    plan = expecting(clock)
    clock.now += 60
    plan.advance("Training", 1, 100)
    assert plan.left == pytest.approx(149)


def test_a_training_that_goes_on_in_the_middle_is_measured_from_there(clock: Clock) -> None:
    plan = expecting(clock)
    plan.advance("Training", 60, 100)
    for step in range(61, 71):
        clock.now += 2
        plan.advance("Training", step, 100)
    assert plan.left == pytest.approx((30 + 50) * 2, rel=0.25)


def test_the_bar_never_goes_back_and_is_full_at_the_end(clock: Clock) -> None:
    plan = expecting(clock)
    shares = []
    for stage, seconds in (("Training", 4.0), ("Sampling", 0.1)):  # neither takes what it should
        for done in range(1, 101):
            clock.now += seconds
            plan.advance(stage, done, 100)
            shares.append(plan.share)
    assert shares == sorted(shares) and len(set(shares)) == 200
    assert plan.left == 0 and plan.share == 1 and plan.is_over


def test_if_the_expectations_hold_the_bar_is_the_time(clock: Clock) -> None:
    plan = expecting(clock)
    run(plan, clock, "Training", 100, 1.0)
    assert plan.share == pytest.approx(110 / 160, abs=0.02)


def test_stages_that_alternate_are_measured_apart(clock: Clock) -> None:
    plan = expecting(clock)
    plan.expect("Validating", 20)
    for part in range(10):
        for step in range(10):
            clock.now += 1
            plan.advance("Training", 10 * part + step + 1, 100)
        for scored in range(4):
            clock.now += 0.5
            plan.advance("Validating", 4 * part + scored + 1, 40)
        assert plan.left == pytest.approx((9 - part) * 12 + 50, rel=0.05)


def test_nothing_is_foretold_while_a_stage_is_unknown(clock: Clock) -> None:
    plan = Plan(clock)
    plan.expect("Training", None)
    run(plan, clock, "Preparing", 2, 5.0)
    assert plan.left is None and plan.share == 0
    plan.expect("Training", 30)
    clock.now += 5
    plan.advance("Preparing", 3, 3)
    assert plan.left == 30 and plan.share == pytest.approx(10 / 40)


def test_a_stage_that_nobody_expected_is_foretold_from_its_own_pace(clock: Clock) -> None:
    plan = Plan(clock)
    plan.advance("Fetching", 100, 3200)
    assert plan.left is None
    clock.now += 2
    plan.advance("Fetching", 200, 3200)
    assert plan.left == pytest.approx(60)


@pytest.mark.parametrize("units", [(0, 0), (5, 5)])
def test_a_source_that_tells_all_at_once_is_over_at_once(clock: Clock, units: tuple[int, int]) -> None:
    plan = Plan(clock)
    plan.advance("Reading", *units)
    assert plan.is_over and plan.left == 0


class Told(Silent):
    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        self.seen.append((done, total))


def test_parts_may_be_shorter_or_longer_and_the_last_report_alone_is_the_whole() -> None:
    told = Told()
    parts = Parts(told, "Sampling", "tokens", [10, 10, 10])
    with parts.next() as add:
        add(4)  # it comes to its end by itself
    with parts.next() as add:
        add(10)
        add(5)
    with parts.next():
        pass  # it was there already
    assert told.seen == [(4, 30), (4, 24), (14, 34 - 9), (19, 30), (19, 29), (19, 19)]


def test_parts_that_are_not_needed() -> None:
    told = Told()
    parts = Parts(told, "Validating", "tokens", [10] * 3)
    with parts.next() as add:
        add(10)
    parts.finish()
    parts.finish()
    assert told.seen[-1] == (10, 10) and told.seen.count((10, 10)) == 1


def test_a_part_that_breaks_is_not_reported_as_done() -> None:
    told = Told()
    with pytest.raises(ZeroDivisionError), Parts(told, "Scoring", "tokens", [2]).next():
        raise ZeroDivisionError
    assert told.seen == []


def test_a_machine_that_becomes_slower_or_faster_on_the_way_is_noticed_soon(clock: Clock) -> None:
    for before, after in ((1.0, 2.5), (2.5, 1.0)):
        plan = expecting(clock)
        for step in range(1, 91):
            clock.now += before if step <= 50 else after
            plan.advance("Training", step, 100)
        assert plan.left == pytest.approx((10 + 50) * after, rel=0.4)
