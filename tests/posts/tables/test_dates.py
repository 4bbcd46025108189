"""Times in the forms in which tools and people write them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from huggingtweets_hub.posts.tables import dates, times
from huggingtweets_hub.posts.tables.dates import read
from huggingtweets_hub.posts.tables.written_dates import Numeric

FORMS = {
    "2020-01-31T14:33:22": """
        2020-01-31T14:33:22.000Z | 2020-01-31 14:33:22 | 2020-01-31 14:33:22+00:00 | 2020-01-31 14:33:22 UTC
        2020-01-31 14:33:22 +0000 | 2020-01-31 14:33:22 +0000 UTC | 2020-01-31T15:33:22+0100
        2020-01-31 15:33:22 CET | 2020-01-31 23:33:22 JST | 2020-01-31-23:33:22_JST | 2020/01/31 14:33:22
        Fri Jan 31 14:33:22 +0000 2020 | Fri Jan 31 06:33:22 PST 2020 | Fri Jan 31 14:33:22 GMT 2020
        Fri Jan 31 14:33:22 2020 | Fri 31 Jan 14:33:22 UTC 2020 | Fri, 31 Jan 2020 15:33:22 +0100
        Fri Jan 31 2020 15:33:22 GMT+0100 (Central European Standard Time) | Fri Jan 31, 2020 14:33:22 UTC
        Jan 31, 2020 02:33:22 PM | 1580481202 | 1580481202.0 | 1580481202000 | 1580481202000.0
        Fri Jan 31 22:33:22 +0800 2020
        1.580481202e+09 | 2020-01-31 14:33:22 GMT+0 | 2020-01-31 17:33:22 UTC+3 | 31-Jan-2020 14:33:22
    """,
    "2020-01-31T14:33:00": """
        Jan 31, 2020 · 2:33 PM UTC | 2:33 PM - 31 Jan 2020 | 2:33 PM · Jan 31, 2020 | 31 Jan 2020 at 14:33
        31/01/2020 14:33 | 1/31/2020 14:33 | 31.01.2020 14:33 | 1/31/20 2:33 PM | 01/31/2020, 02:33 p.m.
        January 31, 2020 at 02:33PM | 2020-01-31 14:33 | 31-01-2020 14:33
    """,
    "2020-01-31T00:00:00": """
        2020-01-31 | Fri, Jan 31, 2020 | 31 Jan 2020 | January 31st, 2020 | 31-Jan-20 | 20200131 | 31.01.2020
        2020/1/31 | 1/31/2020
    """,
}
CASES = [
    (written.strip(), meant)
    for meant, lines in FORMS.items()
    for line in lines.strip().splitlines()
    for written in line.split("|")
]


@pytest.mark.parametrize(("written", "meant"), CASES)
def test_a_form_is_read(written: str, meant: str) -> None:
    assert dates.moment(written) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (datetime(2020, 1, 31, 14, 33, tzinfo=UTC), "2020-01-31T14:33:00"),
        (date(2020, 1, 31), "2020-01-31T00:00:00"),
        ("31 de enero de 2020 14:33", "2020-01-31T14:33:00"),
        ("14:33 - 31 janv. 2020", "2020-01-31T14:33:00"),
        ("31. Januar 2020 um 14:33", "2020-01-31T14:33:00"),
        ("2:33 PM · 31 gen 2020", "2020-01-31T14:33:00"),
        ("31. 1. 2020 14:33", "2020-01-31T14:33:00"),
        ("2020年1月31日 14:33", "2020-01-31T14:33:00"),
        *(
            (written, "2020-01-31T14:33:00")
            for written in (
                *(
                    "Fr., 31. Jan. 2020, 14:33 Uhr",
                    "Freitag, 31. Januar 2020 14:33",
                    "le 31 janv. 2020 à 14h33",
                ),
                *(
                    "ven. 31 janvier 2020 14:33",
                    "viernes, 31 de enero de 2020, 14:33",
                    "31 de jan. de 2020 às 14:33",
                ),
                *("午後2:33 · 2020年1月31日", "下午2:33 · 2020年1月31日", "오후 2:33 · 2020년 1월 31일"),
            )
        ),
        ("午前0:33 · 2020年1月31日", "2020-01-31T00:33:00"),
        ({"$date": "2020-01-31T14:33:00Z"}, "2020-01-31T14:33:00"),
        ("b'2020-01-31 14:33:00'", "2020-01-31T14:33:00"),
        ('="2020-01-31 14:33:00"', "2020-01-31T14:33:00"),
        ("'2020-01-31 14:33:00", "2020-01-31T14:33:00"),
        ({"$date": {"$numberLong": "1580481180000"}}, "2020-01-31T14:33:00"),
        (1580481180, "2020-01-31T14:33:00"),
        (1580481180.5, "2020-01-31T14:33:00.500000"),
    ],
)
def test_a_value_of_another_type_is_read(value: Any, meant: str) -> None:
    assert dates.moment(value) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        *["soon", "2024-13-45", "", "NaT", None, "0001-01-01T00:00:00+05:00", "Feb 30 2020", "2 hours ago"],
        *["Mar 5", "2017", "31/31/2020", "2020-01-31 25:10", "2020-01-31 14:33 IST", "05-11-16 12:33"],
        *["2020-01-31 14:33:22 Somewhere Standard Time", "13:00 PM 31 Jan 2020", "12", "0", "-1", True],
        *["1e400", "9" * 400, "Jan " * 500, [], {}, "Mon Xyz 06 22:19:45 +0000 2009"],
    ],
)
def test_what_is_no_time_or_could_be_several_is_not_read(written: Any) -> None:
    assert dates.moment(written) is None


def test_the_column_tells_which_number_is_the_day() -> None:
    order = times.Order()
    first, telling = dates.read("3/4/2017 10:00"), dates.read("25/4/2017 10:00")
    assert isinstance(first, Numeric) and isinstance(telling, Numeric)
    order.see(first)
    assert order.day_first is None
    order.see(telling)
    assert order.day_first is True
    assert first.dated(day_first=True) == datetime(2017, 4, 3, 10, tzinfo=UTC)
    order.see_with_id(first, datetime(2017, 3, 4, 10, tzinfo=UTC))
    assert order.day_first is None, "they contradict each other"


@pytest.mark.parametrize(
    ("column", "day_first"),
    [
        (["05.03.2024", "04.03.2024 12:00"], True),
        (["05/03/2024", "04/03/2024"], None),
        (["05.03.2024", "04/03/2024"], None),
        (["05.03.2024", "03.25.2024"], False),
    ],
)
def test_who_writes_dots_writes_the_day_first(column: list[str], day_first: bool | None) -> None:
    order = times.Order()
    for value in map(read, column):
        assert isinstance(value, Numeric)
        order.see(value)
    assert order.day_first is day_first


@pytest.mark.parametrize("mark", ".,")
def test_numbers_of_times_may_have_a_decimal_comma(mark: str) -> None:
    assert dates.moment(f"1580481180{mark}0") == datetime(2020, 1, 31, 14, 33, tzinfo=UTC)
    assert dates.is_serial(f"43861{mark}5")
    assert dates.of_serial(f"43861{mark}5") == datetime(2020, 1, 31, 12, tzinfo=UTC)


def test_an_id_of_x_tells_when_it_was_made() -> None:
    assert dates.of_id("1212092628029698048") == datetime(2019, 12, 31, 19, 26, 16, 771000, UTC)
    for other in ("7", "12345678901", "x" * 18, None, "9" * 20):
        assert dates.of_id(other) is None


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        *[("200", "+0200"), ("-800", "-0800"), ("530", "+0530"), ("+0100", "+0100"), ("0", "+0000")],
        *[("UTC", "UTC"), ("+05:30", "+05:30"), ("200.0", "+0200")],
        *[("Argentina Standard Time", ""), ("", ""), (None, "")],
    ],
)
def test_a_zone_is_read_as_twint_writes_it(written: Any, zone: str) -> None:
    assert dates.zone(written) == zone
