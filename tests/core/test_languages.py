"""From whatever a source calls a language to the code that the Hub takes."""

import re

import pytest

from huggingtweets_hub.core import languages
from tests.servers import hub as hub_server


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("en", "en"),
        ("EN-us", "en"),
        ("en_US", "en"),
        (" en ", "en"),
        ("pt_BR.UTF-8", "pt"),
        ("zh-cn", "zh"),
        ("zh_Hant_TW", "zh"),
        ("eng", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("cmn", "zh"),
        ("no", "no"),
        ("in", "id"),
        ("iw", "he"),
        ("ckb", "ckb"),
        ("sr-Latn", "sr"),
        ("English", "en"),
        ("ENGLISH", "en"),
        ("Portuguese", "pt"),
        ("Brazilian Portuguese", "pt"),
        ("English (United States)", "en"),
        ("English, UK", "en"),
        ("Simplified Chinese", "zh"),
        ("Chinese (Traditional)", "zh"),
        ("Spanish; Castilian", "es"),
        ("Español", "es"),
        ("espanol", "es"),
        ("Deutsch", "de"),
        ("日本語", "ja"),
        ("中文", "zh"),
        ("한국어", "ko"),
        ("हिन्दी", "hi"),
        ("العربية", "ar"),
        ("русский", "ru"),
        ("Swiss German", "gsw"),
        ("Haitian Creole", "ht"),
    ],
)
def test_codes_tags_and_names_become_the_hubs_code(said: str, code: str) -> None:
    assert languages.code(said) == code


@pytest.mark.parametrize(
    "said",
    [
        *("und", "zxx", "art", "qam", "qct", "qht", "qme", "qst", "mul", "mis", "qaa"),
        *("NA", "N/A", "na", "nan", "None", "null", "\\N", "-", "", " ", "xx", "zz", "0", "1", "12", "1.0"),
        *("English/Spanish", "Not English", "Old English (ca. 450-1100)", "American Sign Language"),
        *("unknown", "undetermined", "other", "multilingual", "e", "[]", "{'a': 1}", "\ud83d"),
    ],
)
def test_what_names_no_language_or_several_is_none(said: str) -> None:
    assert languages.code(said) is None


@pytest.mark.parametrize("said", [None, 5, float("nan"), True, ["en"], b"en"])
def test_what_is_not_text_is_none(said: object) -> None:
    assert languages.code(said) is None  # type: ignore[arg-type]


def test_the_table_is_sound() -> None:
    rows = languages._table()
    codes = [code for codes, _ in rows for code in codes]
    names = [name for _, names in rows for name in names]
    assert len(codes) == len(set(codes)) and len(names) == len(set(map(languages._folded, names)))
    assert all(re.fullmatch("[a-z]{2,3}", code) for code in codes)
    assert sum(len(codes[0]) == 2 for codes, _ in rows) == 183  # ISO 639-1
    assert not {"na", "nan", "nil", "yes", "true", "none", "und"} & set(map(languages._folded, names))
    for row, _ in rows:
        assert hub_server.check_card(f'---\nlanguage: "{row[0]}"\n---\n') == ([], [])


def test_every_code_and_name_of_the_table_leads_to_its_code() -> None:
    for codes, names in languages._table():
        said = [code for code in codes if code != "na"] + names
        assert {languages.code(each) for each in said} == {codes[0]}


def test_only_the_hubs_own_codes_count_as_such() -> None:
    assert all(map(languages.is_code, ("en", "no", "ckb", "aaa")))
    assert not any(map(languages.is_code, ("xx", "iw", "EN", "en-us", "english", "", "zz")))
