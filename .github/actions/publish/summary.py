"""The report of a batch, as Markdown for the summary of a run, or as counts for the action's outputs.

usage: summary.py [--counts] REPORT.jsonl
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STATES = ("failed", "waiting", "running", "excluded", "published", "unchanged", "made")
"""Those that want attention first."""
LEFT = ("waiting", "running")
REMEDIES = {"permanent": "for good", "retry": "comes again by itself", "person": "needs you"}
MOST_ROWS = 200
LONGEST_TEXT = 300
_MOST = 1e15  # beyond, a number is a mistake, or no number

_ADDRESS = re.compile(r"https?://[\w./:-]+", re.ASCII)


def read(path: Path) -> list[dict[str, Any]]:
    """The last line of each model, those first that want attention; a line that a kill cut off is none."""
    last: dict[str, dict[str, Any]] = {}
    for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else ():
        try:
            row = json.loads(line)
            last[row["repo_id"]] = row
        except (ValueError, TypeError, KeyError):
            continue
    return sorted(last.values(), key=lambda row: (STATES.index(_state(row)), str(row["repo_id"])))


def counts(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The action's outputs."""
    states = Counter(map(_state, rows))
    yield f"published={states['published']}"
    yield f"failed={states['failed']}"
    yield f"left={sum(states[state] for state in LEFT)}"


def markdown(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of the summary."""
    if not rows:
        yield "Nothing was to be done, or nothing could be started: the log says which."
        return
    states = Counter(map(_state, rows))
    said = ", ".join(f"{states[state]:,} {state}" for state in STATES if states[state])
    tweets, cost = (sum(_value(row, name) for row in rows) for name in ("tweets_bought", "cost_usd"))
    yield f"**{said}**" + (f" · {tweets:,} tweets bought for ${cost:,.2f}" if cost else "")
    yield ""
    yield "| Model | State | Tweets bought | Seconds | Why, and what to do |"
    yield "| --- | --- | ---: | ---: | --- |"
    for row in rows[:MOST_ROWS]:
        why = [code(row[name]) for name in ("message", "next_step") if row.get(name)]
        cells = [_model(row), _outcome(row), _number(row, "tweets_bought"), _number(row, "seconds")]
        yield f"| {' | '.join([*cells, '<br>'.join(why)])} |"
    if len(rows) > MOST_ROWS:
        yield ""
        yield f"… and {len(rows) - MOST_ROWS:,} more, which are in the report."


def code(text: object) -> str:
    """A text that may be anybody's, so that it stays text: in a code span nothing is a link or a picture.

    Two characters could end the span or the table's cell, and nothing escapes both at once: others that
    look like them take their place.
    """
    visible = "".join(c if c.isprintable() else " " for c in str(text))
    line = " ".join(visible.split()).replace("`", "'").replace("|", "¦")
    if len(line) > LONGEST_TEXT:
        line = f"{line[: LONGEST_TEXT - 1]}…"
    return f"`{line}`" if line else ""


def _model(row: dict[str, Any]) -> str:
    name, url = code(row["repo_id"]), str(row.get("url"))
    is_there = _state(row) in ("published", "unchanged")
    is_its_own = _ADDRESS.fullmatch(url) and url.endswith(f"/{row['repo_id']}")
    return f"[{name}]({url})" if is_there and is_its_own else name


def _outcome(row: dict[str, Any]) -> str:
    remedy = REMEDIES.get(str(row.get("remedy")))
    return f"{_state(row)} ({remedy})" if _state(row) == "failed" and remedy else _state(row)


def _state(row: dict[str, Any]) -> str:
    """One that is not known is not an end."""
    return row["state"] if row.get("state") in STATES else "waiting"


def _number(row: dict[str, Any], name: str) -> str:
    return f"{value:,.0f}" if (value := _value(row, name)) else ""


def _value(row: dict[str, Any], name: str) -> float:
    """A number; 0 where something else stands, as after an edit by hand."""
    value = row.get(name)
    return value if isinstance(value, int | float) and 0 <= value < _MOST else 0


def main(arguments: list[str]) -> None:
    """Print what is asked for."""
    rows = read(Path(arguments[-1]))
    lines = counts(rows) if arguments[0] == "--counts" else markdown(rows)
    # The same bytes on every machine, whatever its code page.
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
