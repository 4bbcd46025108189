"""What an archive says of its owner and itself, its long, edited and community posts, and damaged files."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.posts import json_cursor, source
from huggingtweets_hub.posts.budget import Budget
from tests.posts.archives import (
    ACCOUNT,
    PLAIN,
    PROFILE,
    TWEETS,
    Told,
    archive,
    ids,
    js,
    manifest,
    read,
    record,
    tweets,
    unpacked,
)

OWNER = {"userName": "Ada", "displayName": "Ada L", "accountId": "7"}


def posts(*records: dict[str, Any]) -> str:
    return js("YTD.tweets.part0", [{"tweet": one} for one in records])


# --- the owner --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "account", [None, "[]", "window.YTD.account.part0 = [ ]", '= [{"account": {}}]', "", "oops"]
)
def test_the_manifest_names_the_owner_where_account_js_does_not(tmp_path: Path, account: str | None) -> None:
    files = {"data/tweets.js": TWEETS, "data/profile.js": PROFILE, "data/manifest.js": manifest(3, **OWNER)}
    path = archive(tmp_path, files if account is None else {**files, "data/account.js": account})
    owner = source.open(path, Budget(0)).account()
    assert owner is not None and owner == read(path).account
    assert (owner.handle, owner.name, owner.id) == ("Ada", "Ada L", "7")
    assert owner.avatar_url == "https://pbs.twimg.com/a.jpg"
    with pytest.raises(WrongAccountError, match="archive of @Ada, not of @bob"):
        read(path, "bob")


def test_account_js_goes_before_the_manifest_which_adds_what_it_lacks(tmp_path: Path) -> None:
    said = manifest(3, userName="older", displayName="Old", accountId="7")
    account = read(archive(tmp_path, {**PLAIN, "data/manifest.js": said})).account
    assert (account.handle, account.name, account.id) == ("Ada", "Ada 🔦", "7")


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"data/account.js": "[ ]"},
        {"data/account.js": '[{"account": {"accountId": "7", "accountDisplayName": "Ada", "username": ""}}]'},
        {"data/manifest.js": manifest(3)},
        {"data/manifest.js": manifest(3, userName="not a handle")},
    ],
)
def test_where_nothing_names_the_owner_the_handle_that_was_given_counts(
    tmp_path: Path, files: dict[str, str]
) -> None:
    told = Told()
    path = archive(tmp_path, {"data/tweets.js": TWEETS, "data/profile.js": PROFILE, **files})
    assert source.open(path, Budget(0)).account() is None
    timeline = read(path, "ada", told)
    assert ids(timeline) == [5, 2, 1]
    assert timeline.account.handle == "ada" and timeline.account.avatar_url
    assert (timeline.account.id, timeline.account.name) in ((None, ""), ("7", "Ada"))
    (warning,) = told.warnings
    assert "does not say whose archive it is" in warning and "@ada" in warning


def test_posts_that_name_another_author_are_not_taken_for_the_handles_own(tmp_path: Path) -> None:
    files = {"tweets.js": posts(record(1), record(2, user={"screen_name": "Bob"}))}
    with pytest.raises(WrongAccountError, match="posts of @Bob, not of @ada") as refused:
        read(archive(tmp_path, files))
    assert "Use Bob as the handle" in refused.value.next_step
    assert ids(read(archive(tmp_path, files), "bob")) == [2, 1]


# --- how much of it is there ------------------------------------------------------------------------


def test_an_archive_that_its_owner_pruned_is_read_with_a_warning(tmp_path: Path) -> None:
    told = Told()
    assert ids(read(archive(tmp_path, {**PLAIN, "data/manifest.js": manifest(7)}), told=told)) == [5, 2, 1]
    (warning,) = told.warnings
    assert "lists 7 posts but holds 3" in warning


@pytest.mark.parametrize("count", [3, 2])
def test_what_the_manifest_lists_or_more_is_nothing_to_speak_of(tmp_path: Path, count: int) -> None:
    told = Told()
    read(archive(tmp_path, {**PLAIN, "data/manifest.js": manifest(count)}), told=told)
    assert told.warnings == []


def test_parts_that_the_manifest_lists_and_that_are_missing_are_named(tmp_path: Path) -> None:
    told = Told()
    said = manifest(3, "data/tweets.js", "data/tweets-part1.js", "data/tweets-part2.js")
    assert ids(read(archive(tmp_path, {**PLAIN, "data/manifest.js": said}), told=told)) == [5, 2, 1]
    (warning,) = told.warnings
    assert "lacks tweets-part1.js, tweets-part2.js" in warning


def test_parts_that_the_others_numbers_call_for_are_named(tmp_path: Path) -> None:
    told = Told()
    files = {"data/account.js": ACCOUNT, "data/tweets-part2.js": TWEETS}
    assert ids(read(archive(tmp_path, files), told=told)) == [5, 2, 1]
    (warning,) = told.warnings
    assert "lacks tweets.js, tweets-part1.js" in warning


def test_a_manifest_that_cannot_be_read_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    told = Told()
    assert ids(read(archive(tmp_path, {**PLAIN, "data/manifest.js": '= {"a": [}'}), told=told)) == [5, 2, 1]
    (warning,) = told.warnings
    assert "manifest.js" in warning and "skipped" in warning


# --- JavaScript as it was written, rewritten or cut off ---------------------------------------------

LIST = json.dumps(tweets(2, 5, 1), indent=1)


@pytest.mark.parametrize(
    "script",
    [
        f'window.YTD["tweets"]["part0"] = {LIST}',
        f"window.YTD['tweets'][0]={LIST};",
        f"window.YTD.tweets.part0={LIST}",
        f"export default {LIST};\n",
        f"module.exports = {LIST}",
        f"const tweets = {LIST};\nmodule.exports = tweets;",
        f"window.YTD = window.YTD || {{}}; window.YTD.tweets = []; window.YTD.tweets.part0 = {LIST}",
        f"// tweets [part 0]\nwindow.YTD.tweets.part0 =\n\n  {LIST}",
        f"callback({LIST})",
        LIST,
        f"\n\n{LIST}\n",
        json.dumps(tweets(2, 5, 1), separators=(",", ":")),
        f"window.YTD.tweets.part0 = {LIST[:-1].rstrip()},\n]",
        f"window.YTD.tweets.part0 = {json.dumps([record(2), record(5), record(1)])}",
        f"window.YTD.tweets.part0 = {json.dumps(tweets(2))}\nYTD.tweets.part1 = {json.dumps(tweets(5, 1))}",
        json.dumps({"tweets": tweets(2, 5, 1)}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_scripts_that_were_rewritten(
    tmp_path: Path, script: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    folder = unpacked(tmp_path, PLAIN)
    (folder / "data/tweets.js").write_bytes(script.encode(encoding))
    for size in (7, 1 << 20):
        monkeypatch.setattr(json_cursor, "_CHUNK", size)
        assert ids(read(folder, told=told)) == [5, 2, 1]
    assert told.warnings == told.notes == []


@pytest.mark.parametrize("kind", ["deleted_tweets", "community_tweet", "twitter_circle_tweet", "like"])
@pytest.mark.parametrize("variable", ["window.YTD.{}.part0", 'window.YTD["{}"]["part0"]'])
@pytest.mark.parametrize("name", ["data/tweets.js", "data/tweets-part1.js"])
def test_a_script_that_says_that_it_holds_something_else_is_refused_under_any_name(
    tmp_path: Path, kind: str, variable: str, name: str
) -> None:
    path = archive(tmp_path, {**PLAIN, name: f"{variable.format(kind)} = {LIST}"})
    with pytest.raises(UnreadableFileError, match=f"{name} .* says that it holds '{kind.replace('_', ' ')}'"):
        read(path)


FORMATTED = """window.YTD.tweets.part0 = [
  {
    tweet: {
      id_str: "1002",
      full_text:
        'He said "no": it\\'s {a, b: [1,]} \\\\ \\"x\\"',
      created_at: "Tue Mar 05 12:02:00 +0000 2024",
      entities: { hashtags: [], urls: [{ url: "a", },], },
    },
  },
  {
    tweet: { id_str: "1005", full_text: "b: 'c', }", truncated: false, },
  },
"""


def test_a_script_that_an_editor_formatted_as_javascript(tmp_path: Path) -> None:
    told = Told()
    path = archive(tmp_path, {**PLAIN, "data/tweets.js": f"{FORMATTED}];\n"})
    newest, oldest = read(path, told=told).tweets
    assert newest.text == "b: 'c', }"
    assert oldest.text == """He said "no": it's {a, b: [1,]} \\ "x\""""
    assert oldest.created_at and oldest.created_at.minute == 2 and told.warnings == []


def test_a_formatted_script_may_be_cut_off_too(tmp_path: Path) -> None:
    for end in ("", "{ tweet: { full_text: 'a", "{ tweet: { full_te"):
        told = Told()
        path = archive(tmp_path, {**PLAIN, "data/tweets.js": FORMATTED + end})
        assert len(read(path, told=told).tweets) == 2
        assert "only the first 2 posts were read" in told.warnings[0]


@pytest.mark.parametrize("line", ["a" * 10**6, '"' + '\\"' * 10**5 + "\\", "'" * 10**5, ", " * 10**5])
def test_a_line_of_any_kind_takes_no_time(tmp_path: Path, line: str) -> None:
    began = time.process_time()
    with pytest.raises(UnreadableFileError, match="could not be read"):
        read(archive(tmp_path, {**PLAIN, "data/tweets.js": f"= [{{ a: {line}"}))
    assert time.process_time() - began < 5


@pytest.mark.parametrize("end", ["", ",", ",\n {", '{"tweet": {"full_te', '{"full_text": "ü', ", nul"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_of_a_file_that_was_cut_off_the_posts_before_the_cut_are_read_with_a_warning(
    tmp_path: Path, end: str, encoding: str
) -> None:
    told = Told()
    folder = unpacked(tmp_path, {**PLAIN, "data/manifest.js": manifest(9)})
    start = TWEETS.rstrip("]\n")
    end = f", {end}" if end.startswith("{") else end
    content = (start + end).encode(encoding)
    (folder / "data/tweets.js").write_bytes(content[:-1] if end.endswith("ü") else content)
    assert ids(read(folder, told=told)) == [5, 2, 1]
    (warning,) = told.warnings
    assert "data/tweets.js" in warning and "cut off in line" in warning
    assert "only the first 3 of 9 posts were read" in warning


def test_the_parts_behind_one_that_was_cut_off_are_read(tmp_path: Path) -> None:
    told = Told()
    cut = js("YTD.tweets.part0", tweets(2, 5))[:-30]
    files = {**PLAIN, "data/tweets.js": cut, "data/tweets-part1.js": js("YTD.tweets.part1", tweets(8))}
    assert ids(read(archive(tmp_path, files), told=told)) == [8, 2]
    (warning,) = told.warnings
    assert "only the first 1 posts" in warning


@pytest.mark.parametrize("script", ["", "window.YTD.tweets.part0 = [", TWEETS[:60], "\n", "window.YTD"])
def test_a_file_of_which_nothing_can_be_read_is_refused(tmp_path: Path, script: str) -> None:
    with pytest.raises(UnreadableFileError, match="could not be read"):
        read(archive(tmp_path, {**PLAIN, "data/tweets.js": script}))


@pytest.mark.parametrize("bad", ['{"a" 5}', "oops", "{]"])
def test_a_file_that_is_damaged_in_the_middle_is_refused_with_its_line(tmp_path: Path, bad: str) -> None:
    script = f"= [\n{json.dumps(record(1))},\n{bad},\n{json.dumps(record(2))}]"
    with pytest.raises(UnreadableFileError, match="in line 3"):
        read(archive(tmp_path, {**PLAIN, "data/tweets.js": script}))


def test_records_that_are_no_posts_are_refused_or_counted(tmp_path: Path) -> None:
    other = {"like": {"tweetId": "1"}}
    with pytest.raises(UnreadableFileError, match="holds no posts: its fields are like"):
        read(archive(tmp_path, {**PLAIN, "data/tweets.js": json.dumps([other])}))
    told = Told()
    path = archive(tmp_path, {**PLAIN, "data/tweets.js": json.dumps([record(1), other])})
    assert ids(read(path, told=told)) == [1]
    assert told.warnings == ["archive.zip: left out what has no text (1 of 2 records)."]


# --- long posts -------------------------------------------------------------------------------------

START = (
    "The new wheel is made of oak from the hill and the smith says that it will turn for forty years if we"
)
WHOLE = f"{START} grease it every second week & keep the ice away."


def note(text: str, second: int = 0, minute: int = 3) -> dict[str, Any]:
    when = f"2024-03-05T12:{minute:02}:{second:02}.000Z"
    return {"noteTweet": {"noteTweetId": "9", "createdAt": when, "core": {"text": text}}}


def texts(folder: Path, cut: list[dict[str, Any]], notes: list[dict[str, Any]]) -> list[str]:
    """The texts of posts with these notes, oldest first."""
    files = {**PLAIN, "data/tweets.js": posts(*cut), "data/note-tweet.js": js("YTD.note_tweet.part0", notes)}
    return [post.text for post in reversed(read(archive(folder, files)).tweets)]


@pytest.mark.parametrize(
    ("front", "written", "expected"),
    [
        ("", "", ""),
        ("@bob ", "", "@bob "),
        ("@bob @Eve_1 ", "", "@bob @Eve_1 "),
        ("@bob @eve ", "@eve ", "@bob @eve "),
        ("@bob @eve ", "@Bob @eve ", "@Bob @eve "),
        ("@bob\n", "", "@bob "),
    ],
)
@pytest.mark.parametrize("end", ["…", " …", "… https://t.co/abc1", " https://t.co/abc1"])
def test_a_long_reply_is_whole_and_keeps_its_mentions(
    tmp_path: Path, front: str, written: str, expected: str, end: str
) -> None:
    cut = record(3, f"{front}{START}{end}", in_reply_to_user_id_str="5")
    assert texts(tmp_path, [cut], [note(written + WHOLE)]) == [expected + WHOLE]


def test_entities_do_not_keep_a_note_from_its_post(tmp_path: Path) -> None:
    cut = record(3, f"@bob {START} grease it every second week &amp; keep… https://t.co/abc1")
    assert texts(tmp_path, [cut], [note(WHOLE)]) == [f"@bob {WHOLE}"]


def test_a_note_that_is_no_longer_than_its_post_takes_off_the_dots(tmp_path: Path) -> None:
    assert texts(tmp_path, [record(3, f"@bob {START}…")], [note(START)]) == [f"@bob {START}"]
    assert texts(tmp_path, [record(3, f"{START} https://t.co/abc1")], [note(START)]) == [START]


@pytest.mark.parametrize(
    ("shared", "minute", "second", "is_joined"),
    [
        (START, 3, 10, True),
        (START, 2, 50, True),
        (START, 23, 0, True),  # as of a post that was edited
        (START[:40], 3, 10, True),
        (START[:40], 4, 10, False),
        (START[:12], 3, 2, True),
        (START[:12], 3, 10, False),
    ],
)
def test_the_farther_off_a_note_is_the_more_it_must_share(
    tmp_path: Path, shared: str, minute: int, second: int, is_joined: bool
) -> None:
    (text,) = texts(tmp_path, [record(3, f"{shared}…")], [note(WHOLE, second, minute)])
    assert text == (WHOLE if is_joined else f"{shared}…")


def test_a_note_is_used_once_for_the_post_that_is_nearest(tmp_path: Path) -> None:
    cut = [record(3, f"{START}…"), record(4, f"@bob {START}…"), record(5, f"{START}…")]
    assert texts(tmp_path, cut, [note(WHOLE, minute=4)]) == [f"{START}…", f"@bob {WHOLE}", f"{START}…"]
    other = f"{START} never look at it again."
    found = texts(tmp_path, cut, [note(other, minute=5), note(WHOLE, minute=3)])
    assert found == [WHOLE, f"@bob {START}…", other]


def test_a_note_with_another_beginning_is_not_joined(tmp_path: Path) -> None:
    cut = record(3, f"@bob {START} may…")
    assert texts(tmp_path, [cut], [note(WHOLE)]) == [cut["full_text"]]
    retweet = record(3, f"RT @bob: {START}…")
    assert texts(tmp_path, [retweet], [note(WHOLE)]) == [retweet["full_text"]]


def test_notes_that_were_cut_off_complete_what_they_can_with_a_warning(tmp_path: Path) -> None:
    told = Told()
    notes = js("YTD.note_tweet.part0", [note(WHOLE), note(WHOLE)])[:-40]
    files = {**PLAIN, "data/tweets.js": posts(record(3, f"{START}…")), "data/note-tweet.js": notes}
    assert read(archive(tmp_path, files), told=told).tweets[0].text == WHOLE
    (warning,) = told.warnings
    assert "note-tweet.js" in warning and "Long posts stay cut off" in warning


# --- edited posts, community posts ------------------------------------------------------------------


def test_of_an_edited_post_the_last_version_is_read(tmp_path: Path) -> None:
    told = Told()
    chain = ["1001", "1002", "1003"]
    first = record(1, edit_info={"initial": {"editTweetIds": chain}})
    edit = {"initialTweetId": "1001", "editControlInitial": {"editTweetIds": chain}}
    later = [record(number, edit_info={"edit": edit}) for number in (2, 3)]
    never = record(9, edit_info={"initial": {"editTweetIds": ["1009"]}})
    files = {**PLAIN, "data/tweets.js": posts(first, *later, never), "data/manifest.js": manifest(4)}
    assert ids(read(archive(tmp_path, files), told=told)) == [9, 3]
    assert told.notes == ["archive.zip: left out 2 older versions of posts that were edited."]
    assert told.warnings == []


@pytest.mark.parametrize("name", ["community-tweet.js", "community_tweets.js", "community-tweet-part1.js"])
def test_community_posts_are_counted(tmp_path: Path, name: str) -> None:
    told = Told()
    community = js("YTD.community_tweet.part0", tweets(20, 21))
    assert ids(read(archive(tmp_path, {**PLAIN, f"data/{name}": community}), told=told)) == [5, 2, 1]
    assert told.notes == ["archive.zip: left out 2 community posts, written for members only."]


def test_an_archive_of_community_posts_only_holds_no_posts(tmp_path: Path) -> None:
    files = {**PLAIN, "data/tweets.js": "window.YTD.tweets.part0 = [ ]", "data/community-tweet.js": TWEETS}
    with pytest.raises(EmptyTimelineError):
        read(archive(tmp_path, files))
