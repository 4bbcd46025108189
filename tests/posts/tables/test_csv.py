"""Tables as spreadsheets, databases and scripts write them, and times that only ids still tell."""

import subprocess
import sys
from pathlib import Path

import pytest

from huggingtweets_hub.core.errors import UnreadableFileError
from tests.effort import at_most
from tests.posts.tables.test_table import TEXTS, Read, table

FIRST, APART = 1346400000000000123, 10**12  # ids of X of 5 January 2021, some four minutes apart


def written(folder: Path, header: str, *rows: str) -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join([header, *rows, ""]))
    return path


@pytest.mark.parametrize("header", ["text, username, created_at", "text,username,created_at"])
@pytest.mark.parametrize("mark", [",", ";"])
def test_a_blank_behind_each_mark_belongs_to_no_value(tmp_path: Path, header: str, mark: str) -> None:
    texts = ['Bread, and ""good"" bread; at seven', "Rain on the flour sacks"]
    rows = [mark.join([f'"{text}"', ' "ada"', ' "2021-01-05 10:00:00"']) for text in texts]
    read = Read(written(tmp_path, header.replace(",", mark), *rows))
    assert read.texts == ['Bread, and "good" bread; at seven', "Rain on the flour sacks"]
    assert [str(post.created_at) for post in read.posts] == ["2021-01-05 10:00:00+00:00"] * 2
    assert read.recognised.columns["author"] == "username"


def test_of_two_columns_with_one_name_the_first_counts(tmp_path: Path) -> None:
    header = "id,text,created_at,id,screen_name,created_at,text,id.1"
    rows = [
        f"{FIRST + n},Rain on the mill {n},2021-01-05 10:15:49,55,ada,2009-03-04,other {n},9"
        for n in range(3)
    ]
    read = Read(written(tmp_path, header, header, *rows), text="text")
    assert read.texts == [f"Rain on the mill {n}" for n in range(3)]
    assert {post.id for post in read.posts} == {str(FIRST + n) for n in range(3)}
    assert {str(post.created_at) for post in read.posts} == {"2021-01-05 10:15:49+00:00"}


@pytest.mark.parametrize("columns", ["id,text", "id,text,created_at"])
def test_ids_of_x_tell_the_times_that_a_table_has_lost(tmp_path: Path, columns: str) -> None:
    rows = [f"{FIRST + n * APART},Rain on the mill {n},00:1{n}.0" for n in range(3)]
    path = written(
        tmp_path, columns, *(row if "created" in columns else row.rpartition(",")[0] for row in rows)
    )
    read = Read(path)
    assert [str(post.created_at)[:16] for post in read.posts] == [
        "2021-01-05 10:23", "2021-01-05 10:19", "2021-01-05 10:15"
    ]  # fmt: skip
    assert "3 times were taken from the ids" in read.said
    assert [post.created_at for post in Read(path, "reddit:ada").posts] == [None] * 3


@pytest.mark.parametrize("number", ["7", "9999999999999999999", "1346400000000000000"])
def test_what_is_no_id_of_x_tells_no_time(tmp_path: Path, number: str) -> None:
    read = Read(written(tmp_path, "id,text", f"{number},Rain on the mill"))
    assert [post.created_at for post in read.posts] == [None]


def test_ids_of_another_network_tell_no_time(tmp_path: Path) -> None:
    # Of Mastodon: milliseconds above 16 bits that are drawn.
    ids = [((1_700_000_000_000 + 3_600_000 * n) << 16) + 40_503 * n % 65_536 for n in range(40)]
    read = Read(written(tmp_path, "id,text", *(f"{one},Rain on the mill {one % 97}" for one in ids)))
    assert {post.created_at for post in read.posts} == {None} and "taken from the ids" not in read.said


def test_ids_that_the_times_beside_them_contradict_tell_no_time(tmp_path: Path) -> None:
    days = ["2017-03-04 10:00:00", "2017-03-05 10:00:00", "2017-03-06 10:00:00", ""]
    rows = [f"{FIRST + n * APART},Rain on the mill {n},{day}" for n, day in enumerate(days)]
    read = Read(written(tmp_path, "id,text,created_at", *rows))
    assert [post.created_at and post.created_at.year for post in read.posts] == [None, 2017, 2017, 2017]


def test_a_few_wrong_times_do_not_take_away_what_hundreds_of_ids_tell(tmp_path: Path) -> None:
    days = ["2007-03-04 10:00:00"] * 3 + [""] * 300
    rows = [f"{FIRST + n * APART},Rain on the mill {n},{day}" for n, day in enumerate(days)]
    read = Read(written(tmp_path, "id,text,created_at", *rows))
    assert "300 times were taken from the ids" in read.said
    assert sum(post.created_at is not None and post.created_at.year == 2021 for post in read.posts) == 300


def test_others_dates_tell_which_number_is_the_day(tmp_path: Path) -> None:
    rows = ["ada,Rain on the mill,12/01/2017 19:52", "bob,Rain on the sea,25/01/2017 02:52"]
    (post,) = Read(written(tmp_path, "author,text,date", *rows)).posts
    assert str(post.created_at) == "2017-01-12 19:52:00+00:00"


@pytest.mark.parametrize("about", ["Report:,Mentions\nFrom:,2021-03-14\n\n", "Posts of March\n", "a;b\n;\n"])
@pytest.mark.parametrize("mark", [",", ";"])
def test_a_report_says_things_above_its_table(tmp_path: Path, about: str, mark: str) -> None:
    path = tmp_path / "report.csv"
    path.write_text(f'{about}Query,Date,"Full Text",Author\nq,2021-03-14,{TEXTS[0]},ada\n'.replace(",", mark))
    read = Read(path)
    assert read.texts == [TEXTS[0]] and read.recognised.columns["author"] == "Author"


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize(
    "cell", ['"=HYPERLINK(""{}""{}""open"")"', '"=HYPERLINK("{}"{}"open")"', '=HYPERLINK("{}"{}"open")']
)
def test_a_formula_of_a_link_is_the_link(tmp_path: Path, cell: str, mark: str) -> None:
    rows = [
        mark.join([f'"{text}"', cell.format(f"https://x.com/{who}/status/{FIRST + n}", mark), '"2021-01-05"'])
        for n, (text, who) in enumerate(zip(TEXTS, ("ada", "bob", "ada"), strict=True))
    ]
    read = Read(written(tmp_path, mark.join(["text", "link", "date"]), *rows))
    assert {post.text: post.id for post in read.posts} == {TEXTS[0]: str(FIRST), TEXTS[2]: str(FIRST + 2)}


def test_a_text_may_be_shown_by_a_formula(tmp_path: Path) -> None:
    cell = f'"=HYPERLINK(""https://x.com/ada/status/{FIRST}"",""{TEXTS[0]}"")"'
    assert Read(written(tmp_path, "id,text", f"7,{cell}")).texts == [TEXTS[0]]


@pytest.mark.parametrize("text", ["A header:\nid,text,created_at\nthat is it", "id,text,created_at"])
def test_what_looks_like_a_header_inside_of_a_cell_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(f'1,{TEXTS[0]},2024-01-01\n2,"{text}",2024-01-02\n')
    with pytest.raises(UnreadableFileError, match="has no header line: its first line is '1,"):
        Read(path)


def test_no_time_is_spent_on_wide_lines_below_a_header_without_a_text(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("Title\n" + "".join(",".join(f"c{n}" for n in range(20_000)) + "\n" for _ in range(20)))
    with at_most(2.0), pytest.raises(UnreadableFileError, match="no column with the text"):
        Read(path)


@pytest.mark.parametrize(
    "header",
    [
        "Date,Impressions,Likes,Engagements,Bookmarks,New follows,Replies,Reposts,Create Post",
        "Date,Tweets published,impressions,engagements,retweets,replies,likes",
    ],
)
def test_xs_analytics_by_day_are_said_to_hold_no_posts(tmp_path: Path, header: str) -> None:
    path = tmp_path / "account_overview_analytics.csv"
    path.write_text(f'{header}\n"Tue, Mar 5, 2024"{",1" * header.count(",")}\n')
    with pytest.raises(UnreadableFileError, match="daily totals") as refused:
        Read(path)
    assert "the Content tab" in refused.value.next_step


def test_numbers_of_days_beside_a_text_are_not_xs_analytics(tmp_path: Path) -> None:
    path = tmp_path / "insights.csv"
    path.write_text("Date,Impressions,Tekstas\n2024-03-05,1,The lamp is lit\n")
    with pytest.raises(UnreadableFileError, match="Its columns are: Date, Impressions, Tekstas") as refused:
        Read(path)
    assert "--column text=NAME" in refused.value.next_step


def test_a_text_in_pieces_of_json_is_whole(tmp_path: Path) -> None:
    cells = ['{"text":"The lamp "},{"text":"is lit"},{"text":"!","mention":{}}', '{"text":"One piece of it"}',
             '{"text": half of it']  # fmt: skip
    read = Read(table(tmp_path, {"text": [], "Comment Text": cells}), text="Comment Text")
    assert read.texts == sorted(["The lamp is lit!", "One piece of it", cells[-1]])


@pytest.mark.parametrize("again", ["id,created_at,text", "Id,Created At,Text", "ID,created-at,TEXT"])
def test_a_header_that_is_written_again_is_not_a_post(tmp_path: Path, again: str) -> None:
    rows = [f"{n},2021-01-05 10:00:00,{text}" for n, text in enumerate(TEXTS, 1)]
    read = Read(written(tmp_path, "Id,Created At,Text", rows[0], again, *rows[1:]))
    assert read.texts == sorted(TEXTS)


def test_rows_that_are_numbered_from_zero_have_ids(tmp_path: Path) -> None:
    read = Read(written(tmp_path, "id,text", *(f"{n},{text}" for n, text in enumerate(TEXTS))))
    assert read.texts == sorted(TEXTS) and "could not be read" not in read.said


def test_a_file_without_a_header_is_told_one_that_fits(tmp_path: Path) -> None:
    rows = [
        f'"0","146781036{n}","Mon Apr 06 22:19:4{n} PDT 2009","NO_QUERY","ada","{TEXTS[0]} {n}"'
        for n in (1, 2)
    ]
    with pytest.raises(UnreadableFileError, match="has no header line") as refused:
        Read(written(tmp_path, *rows))
    header = "column1,id,created_at,column4,column5,text"
    assert f"for instance {header}. If a column holds the authors' handles, call it author." in (
        refused.value.next_step
    )
    read = Read(written(tmp_path, header.replace("column5", "author"), *rows))
    assert read.texts == [f"{TEXTS[0]} {n}" for n in (1, 2)] and read.posts[0].id == "1467810362"


def test_texts_in_another_encoding_are_read_once_the_command_has_run(tmp_path: Path) -> None:
    texts = ["Die Mühle läuft, „schön“ – für 3 €", "Dès l’été, où l’on mange des crêpes…"]
    (tmp_path / "posts.csv").write_bytes(
        "\r\n".join(["text", *(f'"{text}"' for text in texts)]).encode("cp1252")
    )
    with pytest.raises(UnreadableFileError, match="posts.csv is not UTF-8 text") as refused:
        Read(tmp_path / "posts.csv")
    program = refused.value.next_step.partition('python -c "')[2].removesuffix('" FILE')
    subprocess.run([sys.executable, "-c", program, "posts.csv"], cwd=tmp_path, check=True, timeout=60)
    assert sorted(Read(tmp_path / "utf8-posts.csv").texts) == sorted(texts)
