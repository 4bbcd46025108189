"""Which texts are near-copies of each other, against a plain comparison of all pairs."""

import itertools
import time

import pytest

from huggingtweets_hub.posts import near_copies
from tests.posts import templates


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("@bob Thank you, that is kind", "@eve @kit thank you that is kind!"),
        ("LIVE NOW: our briefing on the lamp", "Live now: our briefing on the lamp."),
        ("The lamp turned 1,234 times", "The lamp turned 7 times"),
        ("It's a quiet night at sea", "It’s a quiet night at sea"),
        ("Happy birthday, Anna!", "Happy birthday, Bob!"),
        ("Watch the launch at 7:30 https://t.co/abc", "Watch the launch at 8 https://t.co/xyz"),
        ("Good night from the light \u2764\ufe0f", "Good night from the light"),
        (
            "We are live with the keeper of the old lamp tonight",
            "We are live with the keeper of the old harbour",
        ),
        ("今日も灯台の明かりは夜通し回り続けます。", "今日も灯台の明かりは夜通し回り続けます！！"),
        (
            "今日も灯台の明かりは夜通し回り続けます。おやすみ",
            "明日も灯台の明かりは夜通し回り続けます。おはよう",
        ),
        ("😀😀😀", "😀😀😀"),
    ],
)
def test_near_copies_are_one_group(one: str, other: str) -> None:
    assert len(set(near_copies.groups([one, "Something else altogether, as it happens", other]))) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The sea was calm all night", "The lamp went out this morning"),
        ("I love the sea and its many moods", "I love the lamp more than all ships"),
        ("今日はとても寒いですね", "灯台の明かりを点けました"),
        ("😀😀😀", "🚢🚢"),
        ("12", "13"),
    ],
)
def test_other_texts_are_not(one: str, other: str) -> None:
    assert len(set(near_copies.groups([one, other]))) == 2


@pytest.mark.parametrize("seed", range(6))
def test_no_pair_is_missed(seed: int) -> None:
    texts = templates.templated(250, 3 + 10 * seed, seed) + templates.natural(150, seed, 60 + 400 * seed)
    groups = near_copies.groups(texts)
    pairs = itertools.combinations(range(len(texts)), 2)
    assert not [
        (texts[i], texts[j])
        for i, j in pairs
        if groups[i] != groups[j] and templates.near(texts[i], texts[j])
    ]


def test_texts_of_their_own_stay_alone() -> None:
    texts = templates.natural(2_000)
    assert len(set(near_copies.groups(texts))) > 1_900


@pytest.mark.parametrize("texts", [[], ["one"], ["", "", "a b c"], ["..."] * 3])
def test_few_or_empty_texts_do_no_harm(texts: list[str]) -> None:
    assert len(near_copies.groups(texts)) == len(texts)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["natural", "templated", "both"])
def test_100_000_texts_take_seconds(kind: str) -> None:
    texts = {
        "natural": lambda: templates.natural(100_000, vocabulary=20_000),
        "templated": lambda: templates.templated(100_000, 40),
        "both": lambda: templates.templated(50_000, 1) + templates.natural(50_000, vocabulary=20_000),
    }[kind]()
    begun = time.process_time()
    near_copies.groups(texts)
    assert time.process_time() - begun < 60
