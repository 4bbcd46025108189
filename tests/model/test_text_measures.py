"""Texts beside the tweets that were trained on."""

import pytest

from huggingtweets_hub.model import text_measures

TRAIN = [
    "The lamp turns all night, and nobody asks it why it does so.",
    "Bread & fog.",
    "आज मुझे हिन्दी में लिखना था",
    "灯台の明かりは夜通し回り続けるが誰もその理由を尋ねない",
]


def test_a_repetition_is_found_whatever_its_case_and_blanks() -> None:
    assert text_measures.repeated(["bread &  FOG.", "Bread and fog."], TRAIN) == [True, False]


@pytest.mark.parametrize(
    ("text", "overlaps"),
    [
        ("They say the lamp turns all night and nobody asks me!", True),  # 8 words, but for punctuation
        ("They say THE LAMP turns all night, and nobody ever asks.", False),  # 7 words
        ("bread & fog.", True),  # shorter than a run, but the whole tweet
        ("今夜も灯台の明かりは夜通し回り続けるが眠い", True),  # 16 characters and more
        ("灯台の明かりは夜通し眠い", False),
        ("मुझे हिन्दी में लिखना पसंद है", False),  # 6 words, and 4 of them in common
        ("", False),
    ],
)
def test_a_run_of_eight_words_counts_as_overlapping(text: str, overlaps: bool) -> None:
    assert text_measures.overlapping([text], TRAIN) == [overlaps]


def test_distinct_n_is_the_share_of_different_n_grams() -> None:
    found = text_measures.describe(["a b a b", "a c"], [])
    assert found.distinct_1 == pytest.approx(3 / 6)
    assert found.distinct_2 == pytest.approx(3 / 4)  # a b, b a, a b, a c


def test_the_measures_are_shares_of_the_texts() -> None:
    found = text_measures.describe(["Bread & fog.", "Something of its own."], TRAIN, ended=0.5)
    assert (found.texts, found.repeated, found.overlapping, found.ended) == (2, 0.5, 0.5, 0.5)
    assert found.mean_length == pytest.approx((12 + 21) / 2)


def test_no_texts_give_measures_all_the_same() -> None:
    assert text_measures.describe([], TRAIN).texts == 0


def test_a_word_is_whole_in_scripts_that_write_vowels_as_marks() -> None:
    assert text_measures.describe(["हिन्दी हिन्दी", "שָׁלוֹם שָׁלוֹם"], []).distinct_1 == 2 / 4
