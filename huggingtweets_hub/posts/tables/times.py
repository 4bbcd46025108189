"""What the times of a column mean, once all of them are known."""

from datetime import UTC, datetime, time

from huggingtweets_hub.core.text import counted
from huggingtweets_hub.posts.tables import dates
from huggingtweets_hub.posts.tables.meanings import Meaning
from huggingtweets_hub.posts.tables.rows import Findings, Row
from huggingtweets_hub.posts.tables.written_dates import Numeric

_MINUTE = 60  # seconds; many columns leave the seconds out
_FARTHEST = 14 * 3600
_ENOUGH = 3
_ENOUGH_TO_TELL = 5
_SAMPLE = 5000
# X numbers the posts of a millisecond in the last 12 bits of their ids, so that few of these are large.
_LAST_BITS, _LARGE, _ENOUGH_IDS = 0xFFF, 0x400, 20


class Order:
    """What the dates of a column say about which of two numbers is the day."""

    def __init__(self) -> None:
        self.is_day_first = False
        self.is_month_first = False
        self._marks: set[str] = set()

    def see(self, value: Numeric) -> None:
        """Take one more value into account."""
        self._marks.add(value.mark)
        self.is_day_first |= value.first > 12
        self.is_month_first |= value.second > 12

    def see_with_id(self, value: Numeric, posted: datetime) -> None:
        """Take into account what a post's id says about the same time."""
        readings = [value.dated(day_first=day_first) for day_first in (True, False)]
        near = [found is not None and abs(found - posted) < dates.NEAR for found in readings]
        if near[0] != near[1]:
            self.is_day_first |= near[0]
            self.is_month_first |= near[1]

    @property
    def day_first(self) -> bool | None:
        """Whether the day stands first; None if nothing tells, or the values contradict each other.

        Who writes dots between the numbers writes the day first.
        """
        if self.is_day_first != self.is_month_first:
            return self.is_day_first
        return True if self._marks == {"."} and not self.is_day_first else None


def settle(rows: list[Row], findings: Findings, *, order: Order, have_ids_of_x: bool) -> None:
    """Give every record its time in UTC, or none.

    Args:
        order: What stands first in the dates of the whole table.
        have_ids_of_x: Their ids tell when they were posted.
    """
    are_serials = not any(isinstance(row.when, datetime | Numeric) for row in rows)
    numeric = 0
    for row in rows:
        if isinstance(row.when, datetime) or row.when is None:
            continue
        written = row.when
        if isinstance(written, str):
            row.when = dates.of_serial(written) if are_serials else None
        else:
            numeric += 1
            row.when = None if order.day_first is None else written.dated(day_first=order.day_first)
        if row.when is None:
            findings.miss(Meaning.TIME, written)
    if numeric and order.day_first is None:
        why = "they contradict each other" if order.is_day_first else "nothing shows which"
        findings.notes.append(
            f"{counted(numeric, 'date')} could start with the day or the month ({why}) and were not read."
        )
    if have_ids_of_x and _are_local(rows):
        _mend_from_ids(rows, findings)
    if have_ids_of_x:
        _fill_from_ids(rows, findings)
    if (one := _only_time(rows)) is not None:
        findings.notes.append(
            f"all posts have the same time ({one:%Y-%m-%d %H:%M:%S}). If that is wrong, say which column "
            "holds the time: --column time=NAME."
        )


def _only_time(rows: list[Row]) -> datetime | None:
    """The one second in which all posts were posted, as only a wrong column would say."""
    told = {row.when for row in rows}
    one = told.pop() if len(told) == 1 and len(rows) >= _ENOUGH_TO_TELL else None
    return one if isinstance(one, datetime) and one.time() != time() else None


def are_of_x(rows: list[Row]) -> bool:
    """Whether the posts' ids can be X's, by the times that are known, or else by how they end."""
    some = rows[:: 1 + len(rows) // _SAMPLE]
    told = [(row.when, posted) for row in some if (posted := dates.of_id(row.best_id))]
    near = [abs(when - posted) < dates.NEAR for when, posted in told if isinstance(when, datetime)]
    # A few times that are wrong are not to take those of all others away.
    if len(near) >= max(_ENOUGH, len(told) // 10):
        return 2 * sum(near) >= len(near)
    ids = [row.best_id or "" for row in some if dates.of_id(row.best_id) and not _is_rounded(row.best_id)]
    large = sum(int(number) & _LAST_BITS >= _LARGE for number in ids)
    return len(ids) < _ENOUGH_IDS or 2 * large <= len(ids)


def order(rows: list[Row], found: Order, *, have_ids_of_x: bool) -> Order:
    """Whether the day stands first, by the numbers themselves, else by the ids.

    Args:
        found: What other records of the table say.
    """
    numeric = [(row, row.when) for row in rows if isinstance(row.when, Numeric)]
    for _, written in numeric:
        found.see(written)
    if have_ids_of_x and not found.is_day_first and not found.is_month_first:
        for row, written in numeric:
            if posted := dates.of_id(row.best_id):
                found.see_with_id(written, posted)
    return found


def _fill_from_ids(rows: list[Row], findings: Findings) -> None:
    """Take the ids' times where there are no others."""
    found = [
        (row, posted)
        for row in rows
        if row.when is None and not _is_rounded(row.best_id) and (posted := dates.of_id(row.best_id))
    ]
    if found and max(posted for _, posted in found) <= datetime.now(UTC):  # else they are other ids
        for row, posted in found:
            row.when = posted.replace(microsecond=0)
        findings.notes.append(f"{counted(len(found), 'time')} were taken from the ids, which hold them.")


def _is_rounded(number: str | None) -> bool:
    """Whether a spreadsheet has taken an id for a number and kept its first digits."""
    return number is not None and number.endswith("0000")


def _mend_from_ids(rows: list[Row], findings: Findings) -> None:
    """Take the ids' times where those of the column are a place's and do not say so."""
    count = 0
    for row in rows:
        posted = dates.of_id(row.best_id)
        if isinstance(row.when, datetime) and posted and _is_off((row.when - posted).total_seconds()):
            row.when = posted.replace(microsecond=0)
            count += 1
    findings.notes.append(
        f"{counted(count, 'time')} were not in UTC, as the ids show; the ids' times were taken."
    )


def _are_local(rows: list[Row]) -> bool:
    """Whether the times are those of a place, by what X's ids tell to the millisecond.

    Such times are off by whole quarters of an hour.
    """
    apart = [
        (row.when - posted).total_seconds()
        for row in rows[:: 1 + len(rows) // _SAMPLE]
        if isinstance(row.when, datetime) and (posted := dates.of_id(row.best_id))
    ]
    off = sum(map(_is_off, apart))
    on_time = sum(abs(seconds) <= _MINUTE for seconds in apart)
    return off >= _ENOUGH and 20 * (off + on_time) >= 19 * len(apart)


def _is_off(apart: float) -> bool:
    return _MINUTE < abs(apart) <= _FARTHEST and abs((apart + 450) % 900 - 450) <= _MINUTE
