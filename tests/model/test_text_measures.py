"""Texts beside the tweets that were trained on."""

import pytest

from huggingtweets_hub.model import text_measures

TRAIN = [
    "The lamp turns all night, and nobody asks it why it does so.",
    "Bread & fog.",
    "आज मुझे हिन्दी में लिखना था",
    "灯台の明かりは夜通し回り続けるが誰もその理由を尋ねない",
]
NONE = text_measures.copies([], TRAIN)


def test_a_repetition_is_found_whatever_its_case_and_blanks() -> None:
    assert text_measures.copies(["bread &  FOG.", "Bread and fog."], TRAIN).repeated == {"bread &  FOG."}


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
    assert bool(text_measures.copies([text], TRAIN).overlapping) == overlaps


LONG = "the sea was calm and I don't know why the gulls were so loud"
CLAUSE = "灯台の明かりは夜通し回り続けるが誰もその理由"
RUN = "one lamp two gulls three ships four storms"


@pytest.mark.parametrize(
    ("sample", "tweet"),
    [
        ("The kettle is on", "The kettle is on."),
        ("Good morning to all of you", "Good morning to all of you!"),
        ("The kettle is on again", "@bob The kettle is on again"),
        ("@eve @kit the kettle is on again", "@bob: The kettle is on again"),
        ("今日はとても寒いですね", "今日はとても寒いですね。"),
        (LONG, LONG.replace("'", "’")),
        (f"well {LONG} tonight", f"oh, {LONG.replace(chr(39), 'ʼ')} today"),
        (CLAUSE, f"My favourite line of the whole book is this one: {CLAUSE}"),
        (f"My favourite line of the whole book is {CLAUSE}", f"昨日の夜に読んだ。{CLAUSE}。とても好きです"),
        (f"so {RUN} gone", "and one lamp two gulls ❤️ three ships ☀️ four storms came"),
        (f"so {RUN} gone", f"and {RUN.replace('gulls', 'gu​lls').replace('ships', 'sh­ips')} came"),
        ("“Bread” & fog", '"bread" & FOG'),
        ("❤️❤️", "❤❤"),
        ("The kettle is on", "The kettle is on https://t.co/abc"),
    ],
)
def test_a_copy_counts_however_it_is_written(sample: str, tweet: str) -> None:
    assert text_measures.copies([sample], [tweet]).overlapping == {sample}
    assert text_measures.copies([tweet], [sample]).overlapping == {tweet}


@pytest.mark.parametrize(
    ("sample", "tweet"),
    [
        (f"Sunny day {'☀️' * 8} at sea", f"Rain again {'☀️' * 8} all night"),
        (f"Sunny day {'❤️ ' * 8}", f"Rain {'❤️ ' * 9}"),
        ("NASANASANASANASANASA 灯", "NASANASANASANASANASA 海"),
        ("❤️", "☀️"),
        ("", "❤️"),
        ("@bob", "@eve"),
    ],
)
def test_hearts_and_suns_are_not_words(sample: str, tweet: str) -> None:
    assert not text_measures.copies([sample], [tweet]).overlapping


def test_a_mark_without_a_letter_is_not_counted() -> None:
    assert text_measures.describe(["sun ☀️ ❤️ sea ☀️"], NONE).distinct_1 == 1


def test_distinct_n_is_the_share_of_different_n_grams() -> None:
    found = text_measures.describe(["a b a b", "a c"], NONE)
    assert found.distinct_1 == pytest.approx(3 / 6)
    assert found.distinct_2 == pytest.approx(3 / 4)  # a b, b a, a b, a c


def test_the_measures_are_shares_of_the_texts() -> None:
    texts = ["Bread & fog.", "Something of its own."]
    found = text_measures.describe(texts, text_measures.copies(texts, TRAIN), ended=0.5)
    assert (found.texts, found.repeated, found.overlapping, found.ended) == (2, 0.5, 0.5, 0.5)
    assert found.mean_length == pytest.approx((12 + 21) / 2)


def test_no_texts_give_measures_all_the_same() -> None:
    assert text_measures.describe([], NONE).texts == 0


def test_a_word_is_whole_in_scripts_that_write_vowels_as_marks() -> None:
    assert text_measures.describe(["हिन्दी हिन्दी", "שָׁלוֹם שָׁלוֹם"], NONE).distinct_1 == 2 / 4
