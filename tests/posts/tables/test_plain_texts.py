"""Files of nothing but texts: whether lines or blank lines separate their posts, and that this is said."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.posts.file import TweetFile
from tests.posts.tables.test_networks import Read

POEMS = [f"The mill wheel turns {number} times\n and the water\n\trests" for number in range(20)]
SAID = [poem.replace("\n ", "\n").replace("\n\t", "\n") for poem in POEMS]


def text(folder: Path, content: str, name: str = "posts.txt") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith("gz") else content.encode())
    return path


@pytest.mark.parametrize("gap", ["\n\n", "\n\n\n \n", "\r\n\r\n"])
@pytest.mark.parametrize("name", ["posts.txt", "posts.txt.gz"])
def test_blank_lines_separate_posts_of_several_lines(tmp_path: Path, gap: str, name: str) -> None:
    read = Read(text(tmp_path, gap.join(POEMS), name), "other:ann")
    assert read.texts == SAID and read.timeline.account.handle == "other:ann"
    form = "blank lines, or lines such as ---, separate the posts; if each line is a post, remove them"
    assert f"{name}: {form}." in read.said


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(POEMS),
        "\n\n".join(POEMS[:19]),  # too few paragraphs
        "\n\n".join(
            [*POEMS, "\n".join(f"A line of number {number}" for number in range(21))]
        ),  # one too long
        "\n\n".join(f"A line of number {number}" for number in range(30)),
        "\n".join(f"A line of number {number}" for number in range(30)),
    ],
)
def test_else_each_line_is_a_post(tmp_path: Path, content: str) -> None:
    read = Read(text(tmp_path, content), "other:ann")
    assert read.texts == [line.strip() for line in content.splitlines() if line.strip()]
    assert "posts.txt: each line is a post." in read.said


def test_a_paragraph_may_have_twenty_lines(tmp_path: Path) -> None:
    long = "\n".join(f"A line of number {number}" for number in range(20))
    assert long in Read(text(tmp_path, "\n\n".join([*POEMS, long])), "other:ann").texts


@pytest.mark.parametrize("content", ["", " \n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(EmptyTimelineError):
        TweetFile(text(tmp_path, content)).require_usable("other:ann")


def test_an_endless_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="a line of more than"):
        TweetFile(text(tmp_path, "words " * (2 << 20))).require_usable("other:ann")


CHATS = {
    "WhatsApp, iOS": "[31/12/2020, 14:05:11] Ann: hello there\n\u200e[31/12/2020, 14:06:11] Bob: and to you",
    "WhatsApp, Android": "31/12/20, 2:05\u202fpm - Bob: hello there\n12/31/20, 21:15 - +49 170: and to you",
    "WhatsApp, German": "31.12.20, 14:05 - Ann: hello there\n31.12.20, 14:06 - Bob: and to you",
    "WhatsApp, with long messages": "[31.12.20, 14:05:11] Ann: hello there" + "\nand more" * 3,
    "KakaoTalk": "[Ann] [오후 2:05] hello there\n[Bob Smith] [2:06 PM] and to you",
    "KakaoTalk, Korean phone": "2020년 12월 31일 오후 2:05, Ann : hello\n2020. 12. 31. 오후 2:06, Bob : you",
    "KakaoTalk, English phone": "December 31, 2020 at 2:05 PM, Ann : hello\nDec 31, 2020, 2:06 PM, Bob : you",
    "IRC": "[14:05] <Ann> hello there\n2020-12-31 14:05:11 <@bob> and to you",
    "LINE": "14:05\tAnn\thello there\n14:06\tBob\tand to you",
    "Discord": "[31-Dec-20 02:05 PM] ann#1234\nhello there\n\n[12/31/2020 14:06] bob.b (pinned)\nand to you",
    "iMessage": "Dec 31, 2020  2:05:11 PM\nAnn\nhello\n\nDec 31, 2020  2:06:11 PM (Read by Bob)\nBob\nhi",
    "Telegram": "Ann Smith, [31.12.2020 14:05]\nhello there\nBob, [31 Dec 2020 at 14:06:11]:\nand to you",
}


@pytest.mark.parametrize("kind", CHATS)
def test_a_chat_is_refused(tmp_path: Path, kind: str) -> None:
    path = text(tmp_path, "\n".join([CHATS[kind]] * 3))
    with pytest.raises(UnreadableFileError, match="a chat") as refused:
        TweetFile(path).require_usable("other:ann")
    assert "docs/networks.md" in refused.value.next_step


def test_posts_that_begin_with_a_time_are_no_chat(tmp_path: Path) -> None:
    posts = [
        line
        for hour in range(10, 20)
        for line in (f"{hour}:30 Mass: come early", f"2020-01-01 {hour}:30 - I wrote this", "Dear all, [sic]")
    ]
    assert Read(text(tmp_path, "\n".join(posts)), "other:ann").texts == posts


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_that_say_what_they_hold_are_read_as_records(tmp_path: Path, end: str) -> None:
    """As TikTok writes comments."""
    lines = [
        line
        for number, said in enumerate(["The mill wheel turns", "Bread is ready\n\nPS: at seven", ""])
        for line in (f"Date: 2024-03-05 12:0{number}:00 UTC", f"Comment: {said}", "Photo: N/A", "Url: ", "")
    ]
    read = Read(text(tmp_path, end.join("\n".join(lines).split("\n"))), "other:ann")
    assert read.texts == ["", "Bread is ready\n\nPS: at seven", "The mill wheel turns"]
    assert [str(post.created_at)[11:19] for post in read.posts] == ["12:02:00", "12:01:00", "12:00:00"]


def test_lines_that_few_records_have_are_not_part_of_their_texts(tmp_path: Path) -> None:
    below = {2: "Photo: N/A\n", 4: "Reply to: @bob\n"}
    records = [f"Date: 2024-03-05 12:00:0{number}\n{below.get(number, '')}Text: Bread of day {number}\n\n"
               for number in range(1, 8)]  # fmt: skip
    records += [f"Date: 2024-03-06 12:00:00\nText: {'All bread is good ' * 100}\n\n"] * 50
    records += ["Date: 2024-03-07 12:00:00\nText: All bread\nPS: it is good\n\n"]
    records += ["Date: 2024-03-08 12:00:00\nText: Only for friends\nWho can view: Friends\n\n"]
    read = Read(text(tmp_path, "".join(records)), "other:ann")
    assert read.texts[0] == "All bread\nPS: it is good"
    assert read.texts[-7:] == [f"Bread of day {number}" for number in range(7, 0, -1)]
    assert read.posts[-4].is_reply and sum(post.is_reply for post in read.posts) == 1
    assert "skipped 1 record: not public" in read.said


@pytest.mark.parametrize(
    "below",
    ["Secret: add salt\nand stir", "Secret:\nadd salt", "CW: food", "Draft: NFL's"],
)
def test_a_line_of_a_text_that_begins_like_one_of_readers_stays_in_it(tmp_path: Path, below: str) -> None:
    records = [f"Date: 2024-03-0{day}\nText: Bread of day {day}" for day in (1, 2, 3)]
    read = Read(text(tmp_path, "\n\n".join([*records[:2], f"{records[2]}\n{below}"])), "other:ann")
    assert read.texts[0] == f"Bread of day 3\n{below}" and len(read.texts) == 3


@pytest.mark.parametrize("below", ["Status: draft", "Privat: ja", "Who can view: Bob and Eve", "Secret: yes"])
def test_a_line_of_readers_below_a_text_is_heeded(tmp_path: Path, below: str) -> None:
    records = [f"Date: 2024-03-0{day}\nText: Bread of day {day}" for day in (1, 2, 3)]
    read = Read(text(tmp_path, "\n\n".join([*records[:2], f"{records[2]}\n{below}"])), "other:ann")
    assert read.texts == ["Bread of day 2", "Bread of day 1"]


def test_records_that_name_others_or_hold_no_text_are_judged_as_tables(tmp_path: Path) -> None:
    said = [("ann", "The mill wheel turns"), ("bob", "What somebody else has written")]
    records = [f"Date: 2024-03-05\nUser: @{who}\nTweet: {words}\n" for who, words in said]
    assert Read(text(tmp_path, "\n".join(records)), "ann").texts == ["The mill wheel turns"]
    seen = "Date: 2024-03-05\nLink: https://t.example/1\nWho can view: Friends\n\n"
    with pytest.raises(UnreadableFileError, match="Its columns are: Date, Link, Who can view"):
        TweetFile(text(tmp_path, seen * 2)).require_usable("other:ann")


@pytest.mark.parametrize("between", ["", "\n", "---\n"])
def test_records_need_no_blank_line_between_them(tmp_path: Path, between: str) -> None:
    records = [f"Date: 2024-03-0{day}\nComment: Bread of day {day}\n{between}" for day in (3, 2, 1)]
    read = Read(text(tmp_path, "".join(records)), "other:ann")
    assert read.texts == ["Bread of day 3", "Bread of day 2", "Bread of day 1"]


@pytest.mark.parametrize(
    "first",
    [
        "Date: tomorrow\nPlace: the mill",
        "Time: now\nTime: then",
        "Date: it\nTime: flies\nDate: me\nTime: goes",
    ],
)
def test_a_list_of_posts_that_begins_like_a_record_is_one_of_posts(tmp_path: Path, first: str) -> None:
    posts = [*first.split("\n"), "A line of words"]
    assert Read(text(tmp_path, "\n".join(posts)), "ann").texts == posts


@pytest.mark.parametrize("first", ["Status", "Status, everyone"])
def test_a_first_post_of_one_word_for_a_column_is_a_post(tmp_path: Path, first: str) -> None:
    """Though `Status` names a text as well as what became of it."""
    assert Read(text(tmp_path, f"{first}\n{SAID[0]}"), "ann").texts[0] == first


ROWS = [{"id": str(number), "text": poem} for number, poem in enumerate(POEMS)]


@pytest.mark.parametrize("rows", [ROWS, POEMS, {"tweets": ROWS}, [[row] for row in ROWS]])
@pytest.mark.parametrize("indent", [None, 2, 200])
@pytest.mark.parametrize("before", ["", "\n\n", "\ufeff"])
def test_json_is_read_as_json(tmp_path: Path, rows: Any, indent: int | None, before: str) -> None:
    read = Read(text(tmp_path, before + json.dumps(rows, indent=indent)), "other:ann")
    assert sorted(read.texts) == sorted(POEMS)


@pytest.mark.parametrize(
    "first", ['["Hello there", I said', '["I am", "he said"]', "[sighs] what a day", "[]"]
)
def test_a_post_in_brackets_is_a_post(tmp_path: Path, first: str) -> None:
    assert Read(text(tmp_path, f"{first}\nA line of words"), "ann").texts == [first, "A line of words"]


@pytest.mark.parametrize("name", ["tweets.txt", "tweets.json", "tweets.jsonl"])
@pytest.mark.parametrize("variable", ["window.YTD.tweets.part0", 'window.YTD["tweet"]["part0"]'])
def test_a_file_of_xs_archive_is_known_by_its_beginning(tmp_path: Path, name: str, variable: str) -> None:
    path = text(tmp_path, f"{variable} = " + json.dumps([{"tweet": row} for row in ROWS], indent=2), name)
    with pytest.raises(UnreadableFileError, match="a file of X's archive under another name") as refused:
        TweetFile(path).require_usable("ann")
    assert "call it tweets.js" in refused.value.next_step


@pytest.mark.parametrize(
    "form",
    ["{}<|endoftext|>", "<|startoftext|>{}<|endoftext|>\n", "<|endoftext|>{}", "<|startoftext|>\n{}\n\n"],
)
def test_the_marks_of_gpt_2_separate_posts(tmp_path: Path, form: str) -> None:
    posts = ["The mill wheel turns", "Rain on\n\nthe flour sacks", "Bread is ready at seven"]
    read = Read(text(tmp_path, "".join(map(form.format, posts))), "other:ann")
    assert read.texts == posts and "<|endoftext|> separates the posts" in read.said


@pytest.mark.parametrize("line", ["---", "=====", "* * *".replace(" ", ""), "____"])
def test_a_line_that_is_drawn_between_posts_is_a_blank_one(tmp_path: Path, line: str) -> None:
    assert Read(text(tmp_path, f"\n{line}\n".join(POEMS)), "other:ann").texts == SAID
    assert (
        Read(text(tmp_path, f"\n{line}\n".join(["one two three"] * 3)), "other:ann").texts
        == ["one two three"] * 3
    )


@pytest.mark.parametrize(
    "form", ["2024-03-0{}T12:00:00Z\t{}", "2024-03-0{} 12:00 - {}", "2024-03-0{}: {}", "0{}.03.2024 | {}"]
)
def test_a_time_in_front_of_every_line_is_that_of_the_post(tmp_path: Path, form: str) -> None:
    said = ["The mill wheel turns", "I ask @<bob https://b.example/twtxt.txt> for bread", "It rains: again"]
    content = "# nick = ann\n" + "\n".join(form.format(day, one) for day, one in enumerate(said, 1))
    read = Read(text(tmp_path, content), "other:ann")
    assert sorted(read.texts) == ["I ask @bob for bread", "It rains: again", "The mill wheel turns"]
    assert {str(post.created_at)[:10] for post in read.posts} == {f"2024-03-0{day}" for day in (1, 2, 3)}
    assert "each line is a post, after its time" in read.said


@pytest.mark.parametrize("form", ["@{1}: {2}", "{0} 2024-03-05 12:00:00 +0000 <{1}> {2}"])
def test_of_lines_that_name_who_wrote_them_the_accounts_own_are_taken(tmp_path: Path, form: str) -> None:
    """As twint prints them, too."""
    said = [("ann", "The mill wheel turns"), ("bob", "What others say"), ("ann", "@bob: bread")]
    lines = [form.format(number, who, what) for number, (who, what) in enumerate(said, 1)]
    read = Read(text(tmp_path, "\n".join(lines)), "ann")
    assert sorted(read.texts) == ["@bob: bread", "The mill wheel turns"]
    assert ("2024-03-05" in str(read.posts[0].created_at)) == ("2024" in form)
    with pytest.raises(WrongAccountError, match="@ann, @bob"):
        TweetFile(text(tmp_path, "\n".join(lines))).require_usable("choir")


@pytest.mark.parametrize(
    ("form", "said"), [("- {}", "bullet"), ("• {}", "bullet"), ("{n}. {}", "number"), ('"{}",', "quotes")]
)
def test_items_of_a_list_are_read_without_their_marks(tmp_path: Path, form: str, said: str) -> None:
    posts = [f"The mill wheel turns {n} times" for n in range(1, 12)]
    lines = ["My posts:", *(form.format(post, n=n) for n, post in enumerate(posts, 1))]
    read = Read(text(tmp_path, "\n".join(lines)), "other:ann")
    assert read.texts[1:] == posts and f"each line is a post, without its {said}" in read.said


def test_a_few_lines_that_begin_like_items_are_left_alone(tmp_path: Path) -> None:
    posts = [
        "- so it goes",
        "1. That is the first thing",
        '"Bread," she said',
        "Rain on the sacks",
        "- again so",
    ]
    assert Read(text(tmp_path, "\n".join(posts)), "other:ann").texts == posts


def test_a_post_may_speak_of_the_marks_of_gpt_2(tmp_path: Path) -> None:
    posts = [f"The mill wheel turns {n} times" for n in range(90)]
    posts[10] = posts[20] = posts[30] = "GPT-2 ends what it says with <|endoftext|>"
    read = Read(text(tmp_path, "\n".join(posts)), "other:ann")
    assert read.texts == posts and "each line is a post." in read.said


def test_numbers_that_do_not_count_belong_to_the_posts(tmp_path: Path) -> None:
    posts = [f"{year}. What a year for lamps" for year in (1984, 2001, 1917, 1969, 2012)]
    assert Read(text(tmp_path, "\n".join(posts)), "other:ann").texts == posts


def test_a_list_may_be_numbered_from_the_newest_post(tmp_path: Path) -> None:
    lines = [f"{n}. The mill wheel turns {n} times" for n in range(30, 0, -1)]
    assert Read(text(tmp_path, "\n".join(lines)), "other:ann").texts == [
        line[line.index("The") :] for line in lines
    ]


def test_a_line_in_quotes_of_another_is_anothers(tmp_path: Path) -> None:
    own = [f"The mill wheel turns {number} times" for number in range(12)]
    path = tmp_path / "posts.txt"
    path.write_text("\n".join(f'"{text}"' for text in [*own, "@bob: his words"]))
    read = Read(path, "ada")
    assert sum(post.is_retweet for post in read.posts) == 1
    assert sorted(post.text for post in read.posts if not post.is_retweet) == sorted(own)
    path.write_text("\n".join(f'"@{who}: {text}"' for text in own for who in ("ada", "bob")))
    assert sorted(Read(path, "ada").texts) == sorted(own)


def test_a_line_of_text_that_quotes_a_formula_is_left_as_it_is(tmp_path: Path) -> None:
    posts = ['Write this,=HYPERLINK("https://a.example","see")', "Rain on the sacks"]
    assert Read(text(tmp_path, "\n".join(posts)), "other:ann").texts == posts


@pytest.mark.parametrize("first", ["PAR1S is lovely in the spring", "SQLite format 3 is what I like"])
def test_a_text_that_begins_like_a_file_of_another_kind_is_read(tmp_path: Path, first: str) -> None:
    assert Read(text(tmp_path, f"{first}\nA line of words\n"), "ann").texts == [first, "A line of words"]
