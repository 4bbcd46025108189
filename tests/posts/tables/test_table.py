"""Tables as people have them, read through the file that holds them: what only a whole column can tell."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Timeline
from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.posts import source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.reading import Reading
from tests.posts.archives import Told

TEXTS = ["The mill wheel turns slowly", "Bread is ready at seven", "Rain on the flour sacks"]


class Read:
    """What is read of a file, and what is said of it."""

    def __init__(self, path: Path, handle: str = "ada", **columns: str) -> None:
        told = Told()
        self.timeline: Timeline = source.open(path, Budget(0), Reading(columns=columns)).fetch(
            handle, max_tweets=None, since=None, progress=told
        )
        self.said = "\n".join([*told.notes, *told.warnings])
        self.posts = self.timeline.tweets
        assert self.timeline.recognised is not None
        self.recognised = self.timeline.recognised

    @property
    def retweets(self) -> int:
        return sum(post.is_retweet for post in self.posts)

    @property
    def replies(self) -> int:
        return sum(post.is_reply for post in self.posts)

    @property
    def texts(self) -> list[str]:
        return sorted(post.text for post in self.posts)


def table(folder: Path, columns: dict[str, list[Any]], form: str = "csv") -> Path:
    """A file of three posts with these further columns, or these in place of the usual ones."""
    whole = {"id": ["1", "2", "3"], "text": TEXTS, **columns}
    whole = {name: values for name, values in whole.items() if values}
    rows = [dict(zip(whole, values, strict=True)) for values in zip(*whole.values(), strict=True)]
    path = folder / f"table.{form}"
    if form == "json":
        path.write_text(json.dumps(rows))
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        file = io.StringIO()
        writer = csv.DictWriter(file, list(whole), delimiter="\t" if form == "tsv" else ",")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(file.getvalue(), "utf-8")
    return path


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
@pytest.mark.parametrize(
    ("column", "values", "retweets"),
    [
        ("is_retweet", ["False", "True", "0"], 1),
        ("Is Retweet", ["N", "Y", "N"], 1),
        ("retweeted_status", ["False", "", "True"], 1),
        ("retweeted_status_id", ["NA", "77", "N/A"], 1),
        ("retweet_id", ["0", "77", "-1"], 1),
        ("retweet_status", ["Original", "Retweet", "Not a retweet"], 1),
        ("retweeted_by", ["not retweeted", "ada", "Own tweet"], 1),
        ("retweetedTweet", ["None", "Tweet(url='…')", "nan"], 1),
        (
            "referenced_tweets",
            ["", "[{'type': 'retweeted', 'id': '1'}]", "[{'type': 'quoted', 'id': '2'}]"],
            1,
        ),
        ("type", ["tweet", "Retweet", "quote"], 1),
        ("tweet_type", ["original", "retweeted", "reply"], 1),
        ("retweet", ["True", "False", "False"], 1),
        ("retweet", ["1", "0", "0"], 1),
        ("retweet", ["0", "1", "7"], 0),  # counts
        ("rt", ["1", "1", "2"], 0),
        ("retweeted", ["True", "True", "False"], 0),  # by the reader
        ("retweet_count", ["1", "1", "0"], 0),
        ("repost_text", ["", "Somebody else's words", ""], 0),  # quoted, with words of one's own
    ],
)
def test_retweets_go_by_their_marks(
    tmp_path: Path, form: str, column: str, values: list[str], retweets: int
) -> None:
    assert Read(table(tmp_path, {column: values}, form)).retweets == retweets


def test_a_column_beside_likes_counts(tmp_path: Path) -> None:
    read = Read(
        table(tmp_path, {"reply": ["0", "1", "1"], "retweet": ["1", "0", "1"], "like": ["4", "9", "2"]})
    )
    assert (read.retweets, read.replies) == (0, 0)
    assert "retweet" not in read.recognised.columns
    read = Read(table(tmp_path, {"retweet": ["True", "False", "False"], "like": ["4", "9", "2"]}))
    assert read.retweets == 1


@pytest.mark.parametrize(
    ("column", "values", "replies"),
    [
        ("in_reply_to_screen_name", ["bob", "NA", ""], 1),
        ("in_reply_to_status_id", ["0", "-1", "12"], 1),
        ("inReplyToUser", ["None", "User(username='bob')", ""], 1),
        ("replyToSID", ["", "12", "NA"], 1),
        ("Is Reply", ["TRUE", "FALSE", ""], 1),
        ("referenced_tweets.replied_to.id", ["", "5", ""], 1),
        ("type", ["reply", "tweet", "tweet"], 1),
        ("conversation_id", ["1", "9", "3"], 1),
        ("reply_count", ["1", "2", "0"], 0),
    ],
)
def test_replies_go_by_their_marks(tmp_path: Path, column: str, values: list[str], replies: int) -> None:
    assert Read(table(tmp_path, {column: values})).replies == replies


@pytest.mark.parametrize(
    "columns",
    [
        {"user_screen_name": ["ada", "bob", "ada"]},
        {"from_user": ["ada", "bob", "ada"]},
        {"screenName": ["Ada", "Bob", "ada"]},
        {"User Name": ["@ada", "@bob", "@ada"]},
        {"author/userName": ["ada", "bob", "ada"]},
        {"account": ["ada", "bob", "ada"]},
        {"Tweet URL": [f"https://x.com/{who}/status/{n}" for n, who in enumerate(["ada", "bob", "ada"])]},
        {
            "user": [
                "{'username': 'ada', 'id': 1}",
                "{'username': 'bob', 'id': 2}",
                "{'username': 'ada', 'id': 1}",
            ]
        },
        {"username": ["Ada L.", "Bob B.", "Ada L."], "handle": ["ada", "bob", "ada"]},
        {
            "username": ["Jo", "Bo", "Jo"],
            "url": [f"https://x.com/{who}/status/1" for who in ("ada", "bob", "ada")],
        },
        {"UserScreenName": ["Jo", "Bo", "Jo"], "UserName": ["@ada", "@bob", "@ada"]},
        {"user": ["12345678", "23456789", "12345678"], "user_name": ["ada", "bob", "ada"]},
        {"Usuario": ["ada", "bob", "ada"]},
        {"username": ["b'ada'", "b'bob'", "b'ada'"]},
    ],
    ids=lambda columns: "+".join(columns),
)
def test_only_the_accounts_own_posts_are_taken_whatever_names_the_author(
    tmp_path: Path, columns: dict[str, list[Any]]
) -> None:
    read = Read(table(tmp_path, columns))
    assert read.texts == sorted([TEXTS[0], TEXTS[2]])
    assert "skipped 1 post of other accounts" in read.said
    assert read.recognised.names_author and read.recognised.passed_over == 1
    assert read.recognised.columns["author"]


def test_nested_objects_name_the_author_as_flat_columns_do(tmp_path: Path) -> None:
    people = [{"userName": "ada", "name": "Ada"}, {"userName": "bob", "name": "Bob"}, {"userName": "ada"}]
    read = Read(table(tmp_path, {"author": people}, "json"))
    assert len(read.posts) == 2 and read.timeline.account.name == "Ada"
    legacy = [{"screen_name": who, "name": who.title()} for who in ("ada", "bob", "ada")]
    core = [{"user_results": {"result": {"rest_id": "7", "legacy": one}}} for one in legacy]
    inner = [{"full_text": text, "lang": "en", "created_at": "2024-03-05T12:00:00Z"} for text in TEXTS]
    read = Read(
        table(tmp_path, {"text": [], "id": [], "rest_id": [1, 2, 3], "core": core, "legacy": inner}, "json")
    )
    assert len(read.posts) == 2 and read.posts[0].id == "3" and read.posts[0].lang == "en"


def test_gallery_dls_retweets_are_the_timelines(tmp_path: Path) -> None:
    own, other = {"id": 7, "name": "ada", "nick": "Ada L."}, {"id": 8, "name": "bob", "nick": "Bob"}
    columns = {
        "author": [own, own, other],
        "user": [own, own, own],
        "retweet_id": [0, 0, 88],
        "quote_id": [0, 5, 0],
    }
    read = Read(table(tmp_path, columns, "json"))
    assert (len(read.posts), read.retweets) == (3, 1)
    assert sum(bool(post.is_quote) for post in read.posts) == 1


def test_a_file_that_names_no_author_is_taken_for_the_handles_and_says_so(tmp_path: Path) -> None:
    read = Read(table(tmp_path, {}))
    assert len(read.posts) == 3 and not read.recognised.names_author
    assert "does not say whose posts it holds; they are assumed to be by @ada" in read.said


def test_many_peoples_names_are_asked_about(tmp_path: Path) -> None:
    rows = [f"{n},text number {n} of somebody,Name {n}" for n in range(9)]
    path = tmp_path / "many.csv"
    path.write_text("id,text,name\n" + "\n".join(rows))
    with pytest.raises(UnreadableFileError, match="such as 'Name 0' and 'Name 1', but no handles") as asked:
        Read(path)
    assert "--column author=" in asked.value.next_step
    assert len(Read(path, author="").posts) == 9


def test_a_wrong_handle_names_those_of_the_file_and_the_way_out(tmp_path: Path) -> None:
    path = table(tmp_path, {"username": ["Jo", "Jo", "Jo"]})
    with pytest.raises(WrongAccountError, match="posts of @Jo, but none of @ada") as refused:
        Read(path)
    assert "--column author=" in refused.value.next_step
    assert len(Read(path, author="").posts) == 3


@pytest.mark.parametrize("private", [{"visibility": ["public", "direct", "private"]},
                                     {"visibility": ["home", "followers", "specified"]},
                                     {"protected": ["False", "True", "True"]},
                                     {"user": [{"protected": p} for p in (False, True, True)]}])  # fmt: skip
def test_what_is_not_public_is_never_taken(tmp_path: Path, private: dict[str, list[Any]]) -> None:
    read = Read(table(tmp_path, private, "json"))
    assert read.texts == [TEXTS[0]] and "skipped 2 records: not public" in read.said
    columns = {name: values[1:] for name, values in {"id": ["1", "2", "3"], "text": TEXTS, **private}.items()}
    with pytest.raises(EmptyTimelineError, match="2 not public"):
        Read(table(tmp_path, columns, "json"))


def test_mastodons_list_is_read_as_text_without_boosts_and_messages(tmp_path: Path) -> None:
    account = {"username": "ada", "acct": "ada"}
    markup = (
        '<p>Fog &amp; gulls<br />tonight</p><p>See <a href="https://long.example/page" rel="nofollow">'
        '<span class="invisible">https://</span><span class="ellipsis">long.exam</span>'
        '<span class="invisible">ple/page</span></a> '
        '<a href="https://m.example/@bob" class="u-url mention">@<span>bob</span></a></p>'
    )
    toots = [
        {"id": "1", "content": markup, "visibility": "public", "reblog": None, "account": account},
        {"id": "2", "content": "", "visibility": "public", "reblog": {"id": "9"}, "account": account},
        {"id": "3", "content": "<p>for you alone</p>", "visibility": "direct", "account": account},
    ]
    path = tmp_path / "toots.json"
    path.write_text(json.dumps(toots))
    read = Read(path)
    assert len(read.posts) == 2 and read.retweets == 1
    assert "1 text held HTML" in read.said
    assert read.posts[1].text == "Fog & gulls\ntonight\n\nSee https://long.example/page @bob"


# --- ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "ids"),
    [
        ({"id": [0, 0, 0], "tweetId": ["201", "202", "203"]}, ["203", "202", "201"]),
        ({"id": [7, 7, 7], "tweet_id": ["201", "202", "203"]}, ["203", "202", "201"]),
        ({"id": [-1, -1, -1], "Post id": ["201", "202", "203"]}, ["203", "202", "201"]),
        ({"id": ["x101", "x102", "x103"]}, ["103", "102", "101"]),
        ({"id": [], "status_id": ["xx201", "xx202", "xx203"]}, ["203", "202", "201"]),
        ({"id": [], "link": [f"https://x.com/ada/status/{n}" for n in (1, 2, 3)]}, ["3", "2", "1"]),
        ({"id": [7, 7, 7]}, [None] * 3),
        ({"id": ["1,23457E+18"] * 3}, [None] * 3),
        ({"id": ["1234567890123456800"] * 2 + ["1234567890123457000"]}, [None] * 3),
        ({"id": ["1234567890123450000", "1234567890123460000", "1234567890123470000"]}, [None] * 3),
    ],
)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_id_that_is_none_loses_no_post(
    tmp_path: Path, form: str, columns: dict[str, list[Any]], ids: list[str | None]
) -> None:
    read = Read(table(tmp_path, columns, form))
    assert [post.id for post in read.posts] == ids and read.texts == sorted(TEXTS)


def test_true_duplicates_count_once_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("Tweet Id,text,date\n1,one,2024-01-01\n1,one,2024-01-01\n2,two,2024-01-02\n")
    read = Read(path)
    assert [post.id for post in read.posts] == ["2", "1"] and read.recognised.duplicates == 1
    assert "left out 1 duplicate" in read.said
    path.write_text("text,date\none,2024-01-01 10:00\none,2024-01-01 10:00\none,2024-01-02 10:00\n")
    assert len(Read(path).posts) == 2


def test_a_text_that_was_cut_off_is_the_same_post(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_text("id,text\n1,the whole of a long te…\n1,the whole of a long text\n2,another\n")
    read = Read(path)
    assert read.texts == ["another", "the whole of a long text"]


def test_without_an_order_the_dated_come_first_by_date(tmp_path: Path) -> None:
    read = Read(table(tmp_path, {"id": [], "date": ["2024-01-01", "", "2024-02-01"]}))
    assert [post.text for post in read.posts] == [TEXTS[2], TEXTS[0], TEXTS[1]]


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "first"),
    [
        ({"created": ["31/12/2017 10:00", "1/2/2018 10:00", "3/4/2018 10:00"]}, "2017-12-31T10:00:00+00:00"),
        ({"created": ["12/31/2017 10:00", "2/1/2018 10:00", "4/3/2018 10:00"]}, "2017-12-31T10:00:00+00:00"),
        ({"Date": ["43831.5", "43832.5", "43833.5"]}, "2020-01-01T12:00:00+00:00"),
        (
            {"date": ["2019-10-27"] * 3, "time": ["23:56:35"] * 3, "timezone": ["-0300"] * 3},
            "2019-10-28T02:56:35+00:00",
        ),
        ({"date": ["2019-10-27"] * 3, "time": ["8:04 AM"] * 3}, "2019-10-27T08:04:00+00:00"),
        (
            {
                "created_at": ["1572231395000"] * 3,
                "date": ["2019-10-27"] * 3,
                "time": ["23:56:35"] * 3,
                "timezone": ["Argentina Standard Time"] * 3,
            },
            "2019-10-28T02:56:35+00:00",
        ),
        (
            {
                "created_at": ["2020-02-08 23:47:21 Some Standard Time"] * 3,
                "date": ["2020-02-08"] * 3,
                "time": ["23:47:21"] * 3,
                "timezone": ["600"] * 3,
            },
            "2020-02-08T17:47:21+00:00",
        ),
        ({"time": ["2020-02-08 23:47:21"] * 3}, "2020-02-08T23:47:21+00:00"),
    ],
)
def test_the_column_tells_how_its_dates_are_meant(
    tmp_path: Path, columns: dict[str, list[Any]], first: str
) -> None:
    read = Read(table(tmp_path, columns))
    times = {post.id: post.created_at for post in read.posts}
    assert None not in times.values()
    assert times["1"] is not None and times["1"].isoformat() == first


def test_others_posts_too_tell_which_number_is_the_day(tmp_path: Path) -> None:
    columns = {"user": ["@ada", "@bob", "@ada"], "date": ["5/3/2024", "25/3/2024", "6/3/2024"]}
    read = Read(table(tmp_path, columns))
    assert [str(post.created_at)[:10] for post in read.posts] == ["2024-03-06", "2024-03-05"]


def test_ids_of_x_tell_which_number_is_the_day(tmp_path: Path) -> None:
    # Made on 31 December 2019 and on 1 January 2020.
    ids = ["1212092628029698048", "1212182628029698048", "1212192628029698048"]
    read = Read(table(tmp_path, {"id": ids, "date": ["12/31/2019 19:26", "1/1/2020 1:23", "1/1/2020 2:03"]}))
    assert [str(post.created_at)[:10] for post in read.posts] == ["2020-01-01", "2020-01-01", "2019-12-31"]


def test_times_of_a_place_are_set_right_by_the_ids(tmp_path: Path) -> None:
    ids = ["1212092628029698048", "1212182628029698048", "1212192628029698048"]
    local = ["2019-12-31 14:26:16", "2019-12-31 20:23:54", "2019-12-31 21:03:38"]  # five hours west
    read = Read(table(tmp_path, {"id": ids, "date": local}))
    assert [str(post.created_at) for post in read.posts][-1] == "2019-12-31 19:26:16+00:00"
    assert "3 times were not in UTC" in read.said


def test_dates_that_could_be_two_are_said_to_be_unread(tmp_path: Path) -> None:
    read = Read(table(tmp_path, {"date": ["3/4/2017 10:00", "5/6/2017 10:00", "7/8/2017 10:00"]}))
    assert not any(post.created_at for post in read.posts)
    assert read.recognised.unread == {"time": 3} and "could start with the day or the month" in read.said
    read = Read(table(tmp_path, {"date": ["13/4/2017", "4/13/2017", "7/8/2017"]}))
    assert not any(post.created_at for post in read.posts) and "contradict" in read.said
    read = Read(table(tmp_path, {"date": ["soon", "2024-01-01", "later"]}))
    assert "2 could not be read, such as 'soon'" in read.said


# --- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant", "said"),
    [
        (
            [r"b'It\xe2\x80\x99s the mill'", "b'RT @bob: no'", '''b"The miller's bread"'''],
            ["It’s the mill", "RT @bob: no", "The miller's bread"],
            "3 texts held bytes",
        ),
        (
            [r" b'It\xe2\x80\x99s the mill'", r"""u'RT @bob: no'""", """'b"The bread"'"""],
            ["It’s the mill", "RT @bob: no", "The bread"],
            "3 texts held bytes",
        ),
        (
            ["Fog &amp;amp; gulls", "a &amp;lt; b", "plain words here"],
            ["Fog &amp; gulls", "a &lt; b", "plain words here"],  # as X gives them
            "escaped twice",
        ),
        (
            ["It&#39;s the mill", "so &quot;quoted&quot;", "and &amp; so"],
            ["It's the mill", 'so "quoted"', "and & so"],
            "HTML entities",
        ),
        (
            ["one\\ntwo", "three\\nfour", "five\\nsix \\ud83d\\ude00"],
            ["one\ntwo", "three\nfour", "five\nsix 😀"],
            "escapes",
        ),
        (
            ["Itâ€™s the mill", "cafÃ© at seven", "no accents here"],
            ["It’s the mill", "café at seven", "no accents here"],
            "garbled",
        ),
    ],
)
def test_damage_that_a_whole_column_shows_is_undone_and_said(
    tmp_path: Path, written: list[str], meant: list[str], said: str
) -> None:
    read = Read(table(tmp_path, {"text": written}))
    assert read.texts == sorted(meant)
    assert said in read.said


def test_what_people_write_themselves_is_left_alone(tmp_path: Path) -> None:
    own = [
        "In Python \\n is a new line",
        "C:\\new is a folder",
        "Ça va, naïve Ångström? Ã la carte &amp;amp; so",
    ]
    texts = [*own, "This & that &amp; those"]
    path = tmp_path / "own.jsonl"
    path.write_text(
        "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts, 1))
    )
    assert Read(path).texts == sorted(texts)


def test_half_an_emoji_is_replaced_and_two_halves_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "half.jsonl"
    path.write_text('{"id": "1", "text": "a lamp \\ud83d"}\n{"id": "2", "text": "a lamp \\ud83d\\ude00"}\n')
    assert [post.text for post in Read(path).posts] == ["a lamp 😀", "a lamp \ufffd"]


def test_languages_are_codes(tmp_path: Path) -> None:
    read = Read(table(tmp_path, {"language": ["English", "en_US", "NA"]}))
    assert [post.lang for post in read.posts] == [None, "en", "en"]


# --- which column --------------------------------------------------------------------------------


def test_two_columns_that_could_be_the_text_are_asked_about(tmp_path: Path) -> None:
    path = table(tmp_path, {"message": ["other words", "stand here", "for once"]})
    with pytest.raises(
        UnreadableFileError, match="two columns that could be the text: 'text'.*'message'"
    ) as asked:
        Read(path)
    assert "--column text=text" in asked.value.next_step
    assert Read(path, text="message").texts == ["for once", "other words", "stand here"]
    assert Read(table(tmp_path, {"message": TEXTS})).texts == sorted(TEXTS), "the same in both"
    assert Read(table(tmp_path, {"clean_text": ["mill", "bread", "rain"]})).texts == sorted(TEXTS)
    assert Read(table(tmp_path, {"text": ["a", "b", "c"], "full_text": TEXTS})).texts == sorted(TEXTS)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_column_can_be_chosen_for_each_meaning(tmp_path: Path, form: str) -> None:
    path = table(
        tmp_path,
        {
            "id": [],
            "text": [],
            "Was": TEXTS,
            "Nr": ["5", "6", "7"],
            "Wann": ["2024-01-01"] * 3,
            "Wer": ["ada", "bob", "ada"],
            "Sprache": ["en"] * 3,
            "Weiter": ["ja", "", "0"],
            "Antwort": ["", "x", ""],
        },
        form,
    )
    with pytest.raises(UnreadableFileError, match=r"no column with the text|is not a post") as refused:
        Read(path)
    assert "--column text=NAME" in refused.value.next_step
    read = Read(
        path,
        text="was",
        id="NR",
        time="wann",
        author="wer",
        language="sprache",
        retweet="weiter",
        reply="antwort",
    )
    assert [post.id for post in read.posts] == ["7", "5"]
    assert read.posts[0].created_at is not None and read.posts[0].lang == "en"
    assert [post.is_retweet for post in read.posts] == [False, True]
    with pytest.raises(UnreadableFileError, match="no column 'wo' for time"):
        Read(path, text="was", time="wo")


def test_what_was_recognised_is_said_in_one_line(tmp_path: Path) -> None:
    columns = {
        "Created At": ["2024-01-01", "x", ""],
        "user_screen_name": ["ada"] * 3,
        "is_rt": ["0", "1", "0"],
    }
    read = Read(table(tmp_path, columns))
    assert read.said.splitlines()[0] == (
        "table.csv: text from 'text', id from 'id', time from 'Created At' (1 could not be read, such as "
        "'x'), author from 'user_screen_name', retweets by 'is_rt', replies not marked."
    )
    assert read.recognised.columns == {
        "text": "text",
        "id": "id",
        "time": "Created At",
        "author": "user_screen_name",
        "retweet": "is_rt",
    }


# --- forms of files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", {"handle": "ada", "totalTweets": 3, "tweets": "ROWS"}),
        ("a.json", {"statuses": "ROWS", "search_metadata": {"count": 3}}),
        ("a.json", {"meta": {"account": "@ada"}, "records": "ROWS"}),
        ("a.json", {"data": "ROWS", "includes": {"users": [{"id": "9", "username": "ada"}]}, "meta": {}}),
        ("a.json", {"data": {"user": {"result": {"timeline": {"instructions": [{"entries": "ROWS"}]}}}}}),
        ("a.json", {"1": {"text": TEXTS[0]}, "2": {"text": TEXTS[1]}, "3": {"text": TEXTS[2]}}),
        ("a.json", {"tweets": {"1": {"text": TEXTS[0]}, "2": {"text": TEXTS[1]}, "3": {"text": TEXTS[2]}}}),
        ("a.json", {"text": dict(enumerate(TEXTS)), "id": {0: "1", 1: "2", 2: "3"}}),
        ("a.json", {"columns": ["id", "text"], "data": [["1", TEXTS[0]], ["2", TEXTS[1]], ["3", TEXTS[2]]]}),
        ("a.json", {"bbc": "ROWS"}),
        ("a.json", TEXTS),
        ("a.json", [["id", "text"], ["1", TEXTS[0]], ["2", TEXTS[1]], ["3", TEXTS[2]]]),
        ("a.jsonl", "\n".join(map(json.dumps, [["text", "id"], *([text, None] for text in TEXTS)]))),
        ("a.json", [[TEXTS[0]], TEXTS[1:]]),
        ("a.jsonl", "\n".join(json.dumps(json.dumps({"id": 1, "text": text})) for text in TEXTS)),
        ("a.json", [{"status": {"text": text}} for text in TEXTS]),
        ("a.json", {"rows": [{"row_idx": 1, "row": {"text": text}} for text in TEXTS]}),
        ("a.ndjson", "LINES"),
        ("a.txt", "LINES"),
        ("a.txt", "\n".join(TEXTS)),
        ("a.csv", "sep=;\nid;text\n1;" + TEXTS[0] + "\n2;" + TEXTS[1] + "\n3;" + TEXTS[2]),
        ("a.csv", "# exported\n\nid|text\n1|" + TEXTS[0] + "\n2|" + TEXTS[1] + "\n3|" + TEXTS[2]),
        ("a.csv", "id,text\r1," + TEXTS[0] + "\r2," + TEXTS[1] + "\r3," + TEXTS[2]),
        ("a.csv", "id,text\n1," + TEXTS[0] + "\n,\nid,text\n2," + TEXTS[1] + "\n\n3," + TEXTS[2]),
    ],
)
def test_a_form_is_read(tmp_path: Path, name: str, content: Any) -> None:
    rows = [{"id": str(n), "text": text} for n, text in enumerate(TEXTS, 1)]
    if content == "LINES":
        content = "\n".join(map(json.dumps, rows))
    elif not isinstance(content, str):
        content = json.dumps(content).replace('"ROWS"', json.dumps(rows))
    (tmp_path / name).write_bytes(content.encode())
    assert Read(tmp_path / name).texts == sorted(TEXTS)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        (tmp_path / name).write_bytes(content.encode(encoding))
        assert Read(tmp_path / name).texts == sorted(TEXTS)


@pytest.mark.parametrize("more", [0, 1500])
def test_a_list_of_texts_is_no_header_though_it_has_names_of_columns_among_them(
    tmp_path: Path, more: int
) -> None:
    texts = ["Text", "Date", *(f"{TEXTS[0]} {n}" for n in range(more))]
    (tmp_path / "a.json").write_text(json.dumps(texts))
    assert Read(tmp_path / "a.json").texts == sorted(texts)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", ""), ("a.csv", "\n\n"), ("a.csv", "id,text\n"), ("a.json", "[]"), ("a.json", '{"tweets": []}'),
     ("a.json", '{"handle": "ada", "data": {}}'), ("a.jsonl", "")],
)  # fmt: skip
def test_a_file_of_nothing_is_said_to_hold_no_posts(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(EmptyTimelineError, match="holds no posts"):
        Read(tmp_path / name)


def test_a_wrapper_longer_than_a_record_is_read_as_well(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"{n} " + "words " * 40} for n in range(6000)]
    path = tmp_path / "long.json"
    for wrapped in (
        {"handle": "ada", "tweets": rows},
        {"tweets": rows, "handle": "ada"},
        {row["id"]: {"text": row["text"]} for row in rows},
    ):
        path.write_text(json.dumps(wrapped))
        assert path.stat().st_size > 1 << 20
        assert len(Read(path).posts) == 6000


def test_a_wrappers_handle_is_the_authors(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"handle": "bob", "tweets": [{"id": "1", "text": TEXTS[0]}]}))
    with pytest.raises(WrongAccountError, match="posts of @bob"):
        Read(path)
    account = source.open(path, Budget(0)).account()
    assert account is not None and account.handle == "bob"


def test_others_posts_beside_a_page_are_not_taken(tmp_path: Path) -> None:
    page = {
        "data": [{"id": "1", "text": TEXTS[0], "author_id": "9"}],
        "includes": {"users": [{"id": "9", "username": "ada"}], "tweets": [{"id": "8", "text": "not hers"}]},
        "errors": [{"title": "Not Found", "detail": "gone"}],
        "meta": {"result_count": 1},
    }
    path = tmp_path / "page.jsonl"
    path.write_text(json.dumps(page))
    assert Read(path).texts == [TEXTS[0]]


def test_stray_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    post = json.dumps({"id": "1", "text": TEXTS[0]})
    strays = ['{"url": "https://x.com/ada", "error": "no tweets"}', '{"delete": {"status": {"id": 5}}}',
              '{"limit": {"track": 5}}', '{"code": 88, "message": "Rate limit exceeded"}']  # fmt: skip
    path = tmp_path / "stream.jsonl"
    path.write_text(
        "\n".join([strays[0], post, *(post.replace('"1"', f'"{n}"') for n in range(2, 6)), *strays[1:]])
    )
    read = Read(path)
    assert len(read.posts) == 5 and read.recognised.passed_over == 4
    assert "skipped 4 records: not posts (the first in line 1: its fields are url, error)" in read.said
    path.write_text("\n".join([post, *strays]))
    with pytest.raises(UnreadableFileError, match=r"Line 2 .* not a post, like 3 others: its fields are url"):
        Read(path)
    path.write_text("\n".join([post, *strays[:2]]))
    with pytest.raises(UnreadableFileError, match="not a post, like 1 other: "):
        Read(path)


def test_a_file_without_a_header_is_said_to_have_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('101,2023-01-01 10:00:00,"The mill wheel turns slowly today"\n')
    with pytest.raises(
        UnreadableFileError, match="has no header line: its first line is '101, 2023"
    ) as refused:
        Read(path)
    assert "id,created_at,text" in refused.value.next_step


def test_lists_of_words_are_not_posts(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("text\n" + "\n".join(f"word{n}" for n in range(50)))
    with pytest.raises(UnreadableFileError, match="does not hold posts"):
        Read(path)


@pytest.mark.parametrize("column", ["retweet", "reply", "is_retweet", "kind", "cw", "privacy", "deleted"])
def test_a_number_beyond_all_measure_says_nothing(tmp_path: Path, column: str) -> None:
    path = table(tmp_path, {column: [10**400, None, None], "pubkey": ["a", "a", "a"]}, "jsonl")
    assert TEXTS[1] in Read(path).texts


def test_quotes_in_a_tsv_are_part_of_the_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('id\ttext\n1\t"Most Wanted" is a film\n2\tbread at seven\n')
    assert Read(path).texts == ['"Most Wanted" is a film', "bread at seven"]
    path.write_text('id\ttext\n1\t"a tab\tinside"\n2\tbread at seven\n')
    assert Read(path).texts == ["a tab\tinside", "bread at seven"]


def test_a_zip_of_one_table_is_read(tmp_path: Path) -> None:
    packed = tmp_path / "posts.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(table(tmp_path, {}), "exports\\table.csv")
        archive.writestr("README.md", "about")
    assert Read(packed).texts == sorted(TEXTS)
    assert source.open(packed, Budget(0)).account() is None


@pytest.mark.parametrize(
    "above",
    [",tweet,tweet,tweet,user", ",data,data,data,data", ",a,a,a,b", ",ID,Created At,Text,Screen Name"],
)
def test_two_rows_of_names_are_read_as_one(tmp_path: Path, above: str) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{n},{n + 1},2024-03-0{n + 1},{text},ada" for n, text in enumerate(TEXTS)]
    path.write_text(
        "\n".join([above, ",id,created_at,text,screen_name", *rows, "3,4,2024-03-04,Not hers,bob"])
    )
    read = Read(path)
    assert read.texts == sorted(TEXTS) and [post.id for post in read.posts] == ["3", "2", "1"]


@pytest.mark.parametrize("word", ["Total", "Gesamt", "SUMME", "合計"])
@pytest.mark.parametrize("column", ["text", "id"])
def test_the_sum_below_a_table_is_not_a_post(tmp_path: Path, word: str, column: str) -> None:
    last = f",{word},9" if column == "text" else f"{word},,9"
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["id,text,likes", *(f"{n},{text},3" for n, text in enumerate(TEXTS, 1)), last]))
    assert Read(path).texts == sorted(TEXTS)


def test_a_post_of_the_word_for_a_sum_is_one(tmp_path: Path) -> None:
    assert Read(table(tmp_path, {"text": ["Total", *TEXTS[:2]]})).texts == sorted(["Total", *TEXTS[:2]])


def test_texts_as_python_prints_them_lose_their_quotes(tmp_path: Path) -> None:
    printed = [repr(text) for text in ("It's the mill", "Bread\nat seven", 'A "sack"')]
    assert Read(table(tmp_path, {"text": printed})).texts == ['A "sack"', "Bread\nat seven", "It's the mill"]
    some = ["'Quoted by her'", *TEXTS[:2]]
    assert Read(table(tmp_path, {"text": some})).texts == sorted(some)


@pytest.mark.parametrize(("header", "row"), [(",0", "{},{}"), ("0", "{1}"), ("index,0", "{},{}")])
def test_a_column_that_pandas_has_not_named_is_the_text(tmp_path: Path, header: str, row: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *(row.format(n, text) for n, text in enumerate(TEXTS))]))
    assert Read(path).texts == sorted(TEXTS)


@pytest.mark.parametrize("days", [("03", "02", "01"), ("01", "02", "03")])
def test_numbered_rows_are_ordered_by_their_times(tmp_path: Path, days: tuple[str, ...]) -> None:
    read = Read(table(tmp_path, {"created_at": [f"2024-03-{day}" for day in days]}))
    assert [str(post.created_at)[8:10] for post in read.posts] == ["03", "02", "01"]


def test_posts_of_x_are_ordered_by_their_ids_whatever_their_times(tmp_path: Path) -> None:
    times = ["2020-03-02 23:54:56", "2020-03-02 20:11:13", "2020-03-02 16:27:29"]  # each in another zone
    ids = ["1234567890123456789", "1234571986123485461", "1234576082123514133"]
    read = Read(table(tmp_path, {"id": ids, "created_at": times}))
    assert [post.id for post in read.posts] == [*reversed(ids)]


def test_other_long_ids_do_not_order_posts_that_have_times(tmp_path: Path) -> None:
    ids = ["10158765432109876", "10157765432109876", "10156765432109876"]
    read = Read(table(tmp_path, {"id": ids, "created_at": [f"2024-03-0{day}" for day in (1, 2, 3)]}))
    assert [post.id for post in read.posts] == [*reversed(ids)]


def test_html_and_its_text_are_one_text(tmp_path: Path) -> None:
    rows = [
        {
            "id": "1",
            "content": "<p>The mill wheel<br>turns slowly</p>",
            "content_text": "The mill wheel\nturns slowly",
        }
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows))
    assert Read(path).texts == ["The mill wheel\nturns slowly"]


def test_a_file_of_private_posts_says_so_before_it_says_whose_they_are(tmp_path: Path) -> None:
    path = table(tmp_path, {"visibility": ["private"] * 3})
    with pytest.raises(EmptyTimelineError, match="3 not public") as refused:
        source.open(path, Budget(0)).account()
    assert "--include-private" in refused.value.next_step


def test_private_posts_beside_one_without_a_text_are_told(tmp_path: Path) -> None:
    path = table(tmp_path, {"text": [*TEXTS[:2], ""], "visibility": ["private", "private", "public"]})
    with pytest.raises(EmptyTimelineError, match="2 not public") as refused:
        Read(path)
    assert "--include-private" in refused.value.next_step


@pytest.mark.parametrize(("column", "marked"), [("RT", "retweets"), ("reply", "replies")])
def test_a_column_of_ids_marks_also_beside_others_that_count(
    tmp_path: Path, column: str, marked: str
) -> None:
    columns = {"Favorites": ["4", "0", "7"], column: ["", "1234567890123456789", ""]}
    assert getattr(Read(table(tmp_path, columns)), marked) == 1
