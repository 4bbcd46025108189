"""What docs/networks.md says of sources, wishes and recipes is what is done."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Silent, Timeline, fetch_timeline
from huggingtweets_hub.core.accounts import NETWORKS, is_handle
from huggingtweets_hub.core.wishes import WISHES, Consent
from huggingtweets_hub.posts import source
from tests.posts.exports import (
    COMMENTS,
    INSTAGRAM,
    THREADS,
    instagram,
    picture,
    table,
    thread,
    threads,
    written,
)

PAGE = (Path(__file__).parents[2] / "docs" / "networks.md").read_text("utf-8")
OWN = ("The mill wheel turns slowly", "Bread is ready\nat seven: come early")
THEIRS = "What somebody else has written"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = re.findall(r"^\|(.*)\|$", section, re.MULTILINE)[2:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def read(path: Path, handle: str) -> Timeline:
    return fetch_timeline(handle, source=path, progress=Silent())


# --- wishes ---------------------------------------------------------------------------------------


def effect(needed: frozenset[Consent] | None) -> str:
    if needed is None:
        return "read, and reported"
    return f"refused without {' or '.join(f'`--consent {word}`' for word in sorted(needed))}"


def test_every_wish_has_its_row() -> None:
    *wishes, states = rows("What accounts wish")
    assert wishes == [[wish.signal, effect(wish.online), effect(wish.file)] for wish in WISHES.values()]
    assert states[1] == "refused"


# --- sources --------------------------------------------------------------------------------------


def test_every_network_and_every_word_has_its_row() -> None:
    cells = rows("What can be read")
    said = " ".join(cell for row in cells for cell in row)
    handles = {name for cell in re.findall(r"`([^`]+)`", said) for name in [cell] if ":" in name}
    assert {handle.split(":")[0] for handle in handles if is_handle(handle)} == {
        name for name in NETWORKS if name not in ("x", "bluesky", "fediverse")
    }
    first = " ".join(row[0] for row in cells)
    assert all(f"`{word}`" in first for word in source.ONLINE)


@pytest.mark.parametrize("form", ["zip", "folder", "file"])
@pytest.mark.parametrize(
    ("handle", "name", "content"),
    [
        ("threads:ann", THREADS, threads(thread(OWN[0]))),
        ("instagram:ann", INSTAGRAM, instagram({"media": [picture(OWN[0])]})),
        ("reddit:ann", "comments.csv", table(COMMENTS, {"id": "c1", "body": OWN[0]})),
    ],
)
def test_an_export_is_read_as_the_page_says(
    tmp_path: Path, handle: str, name: str, content: str, form: str
) -> None:
    timeline = read(written(tmp_path, {name: content}, form), handle)
    assert [post.text for post in timeline.tweets] == [OWN[0]] and timeline.account.handle == handle


# --- JSON lines -----------------------------------------------------------------------------------


def test_the_keys_of_json_lines_mean_what_the_page_says(tmp_path: Path) -> None:
    [example] = re.findall(r"^```json\n(.*?)\n```$", PAGE, re.MULTILINE)
    record = json.loads(example)
    assert set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("Any other network")))) == set(record)
    path = tmp_path / "ann.jsonl"

    def posts(**changed: Any) -> Any:
        lines = [{**record, "id": "11", "text": OWN[1]}, {**record, **changed}]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return [post for post in read(path, "other:ann").tweets if post.id != "11"]

    [post] = posts()
    assert (post.text, post.id, post.lang) == ("The lamp is lit.", "12", "en")
    assert post.created_at.isoformat() == "2026-01-31T18:04:00+00:00"
    assert (post.is_retweet, post.is_reply, post.is_quote, post.is_private) == (False, False, False, False)
    assert posts(is_reply=True)[0].is_reply and posts(is_quote=True)[0].is_quote
    assert posts(is_retweet=True)[0].is_retweet and posts(is_retweet=True)[0].text == ""
    assert posts(created_at=1769882640)[0].created_at == post.created_at
    again = {"id": "11", "text": OWN[1]}
    for hidden in ({"username": "bob"}, {"visibility": "private"}, {"cw": "light"}, again):
        assert posts(**hidden) == [], hidden


# --- recipes --------------------------------------------------------------------------------------


def telegram(folder: Path) -> None:
    def message(number: int, text: str, who: str = "user123", **more: Any) -> dict[str, Any]:
        parts = [{"type": "bold", "text": text[:4]}, {"type": "plain", "text": text[4:]}]
        about = {
            "id": number,
            "type": "message",
            "date": "2024-01-01T12:00:00",
            "date_unixtime": "1704110400",
        }
        return {**about, "from": "Ann", "from_id": who, "text": [text], "text_entities": parts, **more}

    service = {"id": 9, "type": "service", "date_unixtime": "1704110400", "actor_id": "user123", "text": "",
               "text_entities": []}  # fmt: skip
    messages = [message(number, text) for number, text in enumerate(OWN, 1)]
    messages += [message(3, THEIRS, "user456"), message(4, THEIRS, forwarded_from="Bob"), service]
    chat = {"name": "Bob", "type": "personal_chat", "id": 1, "messages": messages}
    (folder / "result.json").write_text(json.dumps(chat))


def whatsapp(folder: Path) -> None:
    (folder / "chat.txt").write_text(
        "12/31/23, 9:10 PM - Messages and calls are end-to-end encrypted.\n"
        f"12/31/23, 9:15 PM - Ann: {OWN[0]}\n"
        f"12/31/23, 9:16 PM - Bob: {THEIRS}\nin two lines: Ann: no\n"
        f"12/31/23, 9:17 PM - Ann: {OWN[1]}\n"
        "12/31/23, 9:18 PM - Ann: <Media omitted>\n"
        f"12/31/23, 9:19 PM - Anna: {THEIRS}\n"
    )


def whatsapp_on_ios(folder: Path) -> None:
    (folder / "chat.txt").write_text(
        f"[31.12.23, 21:15:03] Ann: {OWN[0]}\r\n[31.12.23, 21:16:03] Bob: {THEIRS}\r\n"
        f"\u200e[31.12.23, 21:17:03] Ann: \u200eimage omitted\r\n[31.12.23, 21:18:03] Ann: {OWN[1]}\r\n",
        newline="",
    )


def discord(folder: Path) -> None:
    channels: list[tuple[dict[str, Any], str]] = [
        ({"guild": {"id": "1"}}, OWN[0]),
        ({"recipients": ["1", "2"]}, THEIRS),
        ({"guild": {"id": "2"}}, OWN[1]),
    ]
    for number, (about, text) in enumerate(channels):
        place = folder / "Messages" / f"c{number}"
        place.mkdir(parents=True)
        (place / "channel.json").write_text(json.dumps({"id": str(number), **about}))
        sent = {"ID": 1000 + number, "Timestamp": "2024-01-01 12:00:00", "Contents": text, "Attachments": ""}
        (place / "messages.json").write_text(json.dumps([sent]))


def blog(folder: Path) -> None:
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    )
    items = "".join(
        f"<item><guid>{number}</guid><pubDate>Mon, 01 Jan 2024 12:00:00 GMT</pubDate>"
        "<description>short</description>"
        f"<dc:creator>{who}</dc:creator><content:encoded><![CDATA[<p>{text}</p>]]></content:encoded></item>"
        for number, (who, text) in enumerate(
            [("Ann", OWN[0]), ("Bob", THEIRS), ("Ann", OWN[1].replace("\n", "<br>"))]
        )
    )
    (folder / "feed.xml").write_text(f'<rss version="2.0" {spaces}><channel>{items}</channel></rss>')


def blog_of_wordpress(folder: Path) -> None:
    spaces = (
        'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    )
    own = ("post", "publish", "")
    kinds = [own, ("post", "draft", ""), ("post", "private", ""), ("page", "publish", ""), (*own[:2], "x")]
    items = "".join(
        f"<item><guid>{number}</guid><pubDate>Mon, 01 Jan 2024 12:00:00 GMT</pubDate><description/>"
        f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded><wp:status>{status}</wp:status>"
        f"<wp:post_type>{kind}</wp:post_type><wp:post_password>{password}</wp:post_password></item>"
        for number, (text, (kind, status, password)) in enumerate(
            zip([OWN[0], *[THEIRS] * 4, OWN[1].replace("\n", "<br>")], [*kinds, own], strict=True)
        )
    )
    (folder / "feed.xml").write_text(f'<rss version="2.0" {spaces}><channel>{items}</channel></rss>')


def blog_of_blogger(folder: Path) -> None:
    own = ("Ann", "LIVE")
    entries = "".join(
        f"<entry><id>p{number}</id><published>2024-01-01T12:00:00Z</published>"
        f"<author><name>{who}</name></author><b:status>{status}</b:status>"
        f'<content type="html">&lt;p&gt;{text}&lt;/p&gt;</content></entry>'
        for number, (text, (who, status)) in enumerate(
            [
                (OWN[0], own),
                (THEIRS, ("Bob", "LIVE")),
                (THEIRS, ("Ann", "DRAFT")),
                (OWN[1].replace("\n", "&lt;br&gt;"), own),
            ]
        )
    )
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:b="http://schemas.google.com/blogger/2018"'
    (folder / "feed.xml").write_text(f"<feed {spaces}>{entries}</feed>")


CHATS: dict[str, Callable[[Path], None]] = {
    "Telegram": telegram,
    "WhatsApp": whatsapp,
    "WhatsApp, of iOS": whatsapp_on_ios,
    "Discord": discord,
    "A blog": blog,
    "A blog, of WordPress": blog_of_wordpress,
    "A blog, of Blogger": blog_of_blogger,
}


def recipes() -> dict[str, str]:
    return dict(re.findall(r"^\*\*([\w ]+)\*\*.*\n\n```bash\n(python -c .*)\n```$", PAGE, re.MULTILINE))


def test_every_recipe_is_run() -> None:
    assert {name.partition(",")[0] for name in CHATS} == set(recipes())
    assert PAGE.count("python -c") == len(recipes())


@pytest.mark.parametrize("name", CHATS)
def test_a_recipe_takes_ones_own_words_alone(tmp_path: Path, name: str) -> None:
    CHATS[name](tmp_path)
    command = recipes()[name.partition(",")[0]].replace("python -c", f"'{sys.executable}' -c", 1)
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, timeout=60)
    timeline = read(tmp_path / "ann.jsonl", "other:ann")
    assert sorted(post.text for post in timeline.tweets) == sorted(OWN)
    assert THEIRS not in (tmp_path / "ann.jsonl").read_text()
    if "WhatsApp" not in name:
        assert {post.created_at and post.created_at.isoformat() for post in timeline.tweets} == {
            "2024-01-01T12:00:00+00:00"
        }
