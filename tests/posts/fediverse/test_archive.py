"""An archive in every form that it comes in, whose it is, and what is said where it cannot be read."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import (
    AccountInactiveError,
    AccountSuspendedError,
    EmptyTimelineError,
    OptedOutError,
    SourceError,
    UnreadableFileError,
    WrongAccountError,
)
from huggingtweets_hub.posts import containers
from huggingtweets_hub.posts.fediverse import FediverseArchive, is_fediverse, members
from huggingtweets_hub.posts.reading import Reading
from tests.posts.archives import PLAIN
from tests.posts.archives import archive as x_archive
from tests.posts.fediverse.reading import HANDLE, Told, read, texts
from tests.servers.fediverse_archives import (
    FOLLOWERS,
    HOST,
    ME,
    OTHER,
    PICTURE,
    actor,
    archive,
    boost,
    create,
    note,
    outbox,
    post,
    tarred,
    unpacked,
    zipped,
)

SECRET = "secret words"
ITEMS = (post(1), post(2, SECRET, to=[FOLLOWERS]), boost(3), post(4))
Make = Callable[[Path, Mapping[str, bytes]], Path]


def below(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files in a folder, as they are after unpacking and packing again."""
    return {f"archive-2024/{name}": content for name, content in files.items()}


def lone(folder: Path, files: Mapping[str, bytes]) -> Path:
    return unpacked(folder, files) / "outbox.json"


FORMS: dict[str, Make] = {
    "zip": lambda folder, files: zipped(folder / "archive.zip", files),
    "tar.gz": lambda folder, files: tarred(folder / "archive.tar.gz", files),
    "tgz": lambda folder, files: tarred(folder / "archive.tgz", files),
    "tar": lambda folder, files: tarred(folder / "archive.tar", files),
    "tar.gz that a browser unpacked": lambda folder, files: tarred(folder / "archive.tar", files).rename(
        folder / "archive.tar.gz"
    ),
    "tar that is packed": lambda folder, files: tarred(folder / "archive.tgz", files).rename(
        folder / "archive.tar"
    ),
    "folder": lambda folder, files: unpacked(folder / "archive", files),
    "outbox.json": lambda folder, files: lone(folder / "archive", files),
    "zip of a folder": lambda folder, files: zipped(folder / "archive.zip", below(files)),
    "tar.gz of a folder": lambda folder, files: tarred(folder / "archive.tar.gz", below(files)),
    "folder of a folder": lambda folder, files: unpacked(folder, below(files)),
    "folder with the name of its tar.gz": lambda folder, files: unpacked(folder / "archive.tar.gz", files),
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Make:
    return FORMS[request.param]


def opened(path: Path, **chosen: Any) -> FediverseArchive:
    return FediverseArchive(path, Reading(**chosen))


# --- its forms --------------------------------------------------------------------------------------


def test_every_form_gives_the_same_timeline(tmp_path: Path, form: Make) -> None:
    path, told = form(tmp_path, archive(*ITEMS)), Told()
    assert is_fediverse(path)
    source = opened(path)
    owner = source.account()
    assert owner is not None and owner.picture == PICTURE
    assert (owner.handle, owner.name, owner.id) == (HANDLE, "Ann of the Lamp", ME)
    assert (owner.profile_url, owner.avatar_url) == (f"{HOST}/@ann", None)
    source.require_usable(HANDLE)
    timeline = source.fetch(HANDLE, max_tweets=None, since=None, progress=told)
    assert texts(timeline.tweets) == ["post 4", "", "post 1"]
    assert (timeline.account, timeline.source, timeline.wishes) == (owner, "fediverse_archive", ())
    assert SECRET not in repr((timeline, timeline.tweets, told.notes, told.warnings))
    (said,) = told.notes
    assert said.endswith(": left out 1 post for followers or single people.") and told.warnings == []


def test_the_order_of_the_files_does_not_matter(tmp_path: Path, form: Make) -> None:
    files = archive(*ITEMS)
    assert texts(read(form(tmp_path, dict(reversed(files.items())))).tweets) == ["post 4", "", "post 1"]


def test_the_posts_of_a_packed_tar_file_are_reached_in_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tarred(tmp_path / "archive.tar.gz", archive(*ITEMS))
    monkeypatch.setattr(gzip._GzipReader, "_rewind", lambda self: pytest.fail("it began again"))
    assert len(read(path).tweets) == 3


def test_a_handle_with_other_capitals_or_a_shorter_domain_is_the_same_account(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", archive(*ITEMS, of=actor(id="https://social.m.example/users/ann")))
    # The posts are of m.example, so the archive's own word on whose they are leaves none.
    with pytest.raises(EmptyTimelineError):
        read(path)
    far = "https://social.m.example/users/ann"
    mine = create(note(1, attributedTo=far), actor=far)
    timeline = read(zipped(tmp_path / "b.zip", archive(mine, of=actor(id=far, url=...))))
    assert (timeline.account.handle, timeline.account.id) == (HANDLE, far)
    assert read(zipped(tmp_path / "c.zip", archive(*ITEMS)), "Ann@m.example").tweets


@pytest.mark.parametrize("handle", ["bob@m.example", "ann@other.example", "ann@example", "ann", "ann.m"])
def test_the_archive_of_another_is_refused(tmp_path: Path, form: Make, handle: str) -> None:
    path = form(tmp_path, archive(*ITEMS))
    for ask in (lambda: opened(path).require_usable(handle), lambda: read(path, handle)):
        with pytest.raises(WrongAccountError, match=f"archive of @ann@m.example, not of @{handle}"):
            ask()


# --- whose it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "page"),
    [
        ({}, f"{HOST}/@ann"),
        ({"url": "https://elsewhere.example/@ann"}, None),
        ({"url": "http://m.example/@ann"}, None),
        ({"url": "javascript:alert(1)"}, None),
        ({"url": "https://m.example/\x1b[2J"}, None),
        ({"url": ["https://m.example/@ann"]}, None),
        ({"url": "https://[m.example"}, None),
        ({"url": ...}, None),
    ],
)
def test_the_address_of_the_profile_is_on_the_same_server(
    tmp_path: Path, fields: dict[str, Any], page: str | None
) -> None:
    owner = opened(zipped(tmp_path / "a.zip", archive(*ITEMS, of=actor(**fields)))).account()
    assert owner is not None and owner.profile_url == page


@pytest.mark.parametrize(
    "fields",
    [
        {"preferredUsername": ...},
        {"preferredUsername": "not a name"},
        {"preferredUsername": 7},
        {"id": ...},
        {"id": "actor.json"},
        {"id": 7},
        {"id": "https://[m.example"},
    ],
)
def test_where_nothing_says_whose_it_is_the_handle_that_was_given_counts(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    path, told = zipped(tmp_path / "a.zip", archive(*ITEMS, of=actor(**fields))), Told()
    assert opened(path).account() is None
    timeline = read(path, told=told)
    assert (timeline.account.handle, timeline.account.id) == (HANDLE, ME)
    assert len(timeline.tweets) == 3
    (warning,) = told.warnings
    assert "does not say whose archive it is" in warning


def test_an_outbox_alone_is_that_of_the_actor_of_its_posts(tmp_path: Path) -> None:
    path = tmp_path / "outbox (1).json"
    path.write_bytes(outbox(*ITEMS))
    assert is_fediverse(path) and opened(path).account() is None
    assert read(path).account.id == ME
    with pytest.raises(WrongAccountError, match=f"posts of {ME}, not of @bob@m.example"):
        read(path, "bob@m.example")
    with pytest.raises(WrongAccountError, match=f"posts of {ME}, not of @ann@other.example"):
        read(path, "ann@other.example")
    path.write_bytes(outbox(post(1), create(note(2, SECRET, attributedTo=OTHER), actor=OTHER)))
    with pytest.raises(WrongAccountError, match=f"several accounts, such as {ME} and {OTHER}"):
        read(path)


@pytest.mark.parametrize("at", ["@ann", "users/ann", "ap/users/115", "author/Ann/"])
def test_the_forms_of_an_actors_address_are_known(tmp_path: Path, at: str) -> None:
    path = tmp_path / "outbox.json"
    path.write_bytes(outbox(create(note(1, attributedTo=f"{HOST}/{at}"), actor=f"{HOST}/{at}")))
    assert texts(read(path).tweets) == ["post 1"]


@pytest.mark.parametrize(
    ("icon", "more", "picture"),
    [
        ({"url": "avatar.png"}, {}, PICTURE),
        ([{"url": "avatar.png"}], {}, PICTURE),
        ({"url": "avatar.jpeg"}, {"avatar.jpeg": b"x" * 3_000_000}, b"x" * 3_000_000),
        ({"url": "likes.json"}, {}, None),
        ({"url": "../avatar.png"}, {}, None),
        ({"url": "media_attachments/avatar.png"}, {"media_attachments/avatar.png": b"x"}, None),
        ({"url": "https://m.example/avatar.png"}, {}, None),
        ({"url": 7}, {}, None),
        ("avatar.png", {}, None),
        (None, {}, None),
        ({"url": "avatar.gif"}, {"avatar.gif": b"x" * (members.LARGEST_PICTURE + 1)}, None),
    ],
)
@pytest.mark.parametrize("name", ["zip", "tar.gz", "tar", "folder"])
def test_the_picture_is_the_file_that_the_account_names(
    tmp_path: Path, name: str, icon: Any, more: dict[str, bytes], picture: bytes | None
) -> None:
    path = FORMS[name](tmp_path, {**more, **archive(*ITEMS, of=actor(icon=icon))})
    owner = opened(path).account()
    assert owner is not None and owner.picture == picture


# --- what the account wishes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "wishes"),
    [
        ({"indexable": False}, ("not-indexable",)),
        ({"indexable": ...}, ()),
        ({"summary": "<p>No bots: <a href='x'>#<span>nobot</span></a></p>"}, ("no-bots",)),
        ({"summary": None}, ()),
        ({"manuallyApprovesFollowers": True}, ("locked",)),
        ({"type": "Service"}, ("bot",)),
        ({"name": "Ann #nobot"}, ("no-bots",)),
        ({"attachment": [{"name": "Bots", "value": "<a href='x'>#<span>no_bots</span></a>"}]}, ("no-bots",)),
        ({"attachment": {"name": "#nobot"}}, ()),
        ({"type": ["Person"], "summary": ["#nobot"]}, ()),
    ],
)
def test_its_wishes_are_kept_with_its_posts(
    tmp_path: Path, fields: dict[str, Any], wishes: tuple[str, ...]
) -> None:
    path = zipped(tmp_path / "a.zip", archive(*ITEMS, of=actor(**fields)))
    assert read(path).wishes == wishes


def test_a_wish_that_forbids_files_too_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingtweets_hub.core import wishes

    strict = wishes.WISHES["no-bots"]._replace(file=frozenset({"self"}))
    monkeypatch.setattr(wishes, "WISHES", {**wishes.WISHES, "no-bots": strict})
    path = zipped(tmp_path / "a.zip", archive(*ITEMS, of=actor(summary="#nobot")))
    with pytest.raises(OptedOutError, match=HANDLE):
        opened(path).require_usable(HANDLE)
    assert read(path, consent="self").tweets


@pytest.mark.parametrize(
    ("state", "error"), [("memorial", AccountInactiveError), ("suspended", AccountSuspendedError)]
)
def test_whoever_has_died_or_is_suspended_is_not_read(
    tmp_path: Path, state: str, error: type[SourceError]
) -> None:
    path = zipped(tmp_path / "a.zip", archive(*ITEMS, of=actor(**{state: True})))
    with pytest.raises(error, match=HANDLE):
        opened(path, consent="self").require_usable(HANDLE)
    with pytest.raises(error, match=HANDLE):
        read(path, consent="self")


def test_an_account_that_has_moved_is_read_and_said_to_have_moved(tmp_path: Path) -> None:
    path, told = zipped(tmp_path / "a.zip", archive(*ITEMS, of=actor(movedTo=OTHER))), Told()
    assert read(path, told=told).tweets
    assert told.notes[0] == f"@{HANDLE} has moved to {OTHER}. This is the archive of the old account."


# --- what cannot be read ----------------------------------------------------------------------------


def test_an_archive_without_posts_is_told_from_the_lists_of_accounts(tmp_path: Path, form: Make) -> None:
    lists = {"following_accounts.csv": b"Account address,Show boosts\nbob@m.example,true\n"}
    if form is FORMS["outbox.json"]:
        pytest.skip("a file is itself")
    path = form(tmp_path, lists)
    assert is_fediverse(path)
    with pytest.raises(UnreadableFileError, match=r"holds lists .*following_accounts\.csv") as caught:
        opened(path).account()
    assert "not in the CSV files" in caught.value.next_step and "settings/export" in caught.value.next_step


def test_a_list_of_accounts_by_itself_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "following_accounts.csv"
    path.write_text("Account address,Show boosts\nbob@m.example,true\n", "utf-8")
    assert is_fediverse(path)
    with pytest.raises(UnreadableFileError, match="holds lists"):
        opened(path).require_usable(HANDLE)


def test_an_archive_that_has_lost_its_posts_is_refused(tmp_path: Path, form: Make) -> None:
    path = form(tmp_path, {"actor.json": actor(), "likes.json": b"{}"})
    with pytest.raises(UnreadableFileError, match=r"no outbox\.json|There is no file"):
        opened(path).require_usable(HANDLE)


@pytest.mark.parametrize("name", ["zip", "tar.gz", "folder"])
@pytest.mark.parametrize("depth", [2, containers.DEEPEST, containers.DEEPEST + 1])
def test_folders_around_an_archive_do_no_harm_unless_they_are_too_many(
    tmp_path: Path, name: str, depth: int
) -> None:
    around = "backup/" * depth
    path = FORMS[name](tmp_path, {f"{around}{name}": content for name, content in archive(*ITEMS).items()})
    if depth <= containers.DEEPEST:
        assert is_fediverse(path) and texts(read(path).tweets) == ["post 4", "", "post 1"]
        return
    assert not is_fediverse(path)
    with pytest.raises(UnreadableFileError, match=r"no outbox\.json"):
        read(path)


@pytest.mark.parametrize("folders", [("1/", "2/"), ("1/", "old/2023/2/")])
def test_two_archives_in_one_are_refused(tmp_path: Path, folders: tuple[str, str]) -> None:
    files = {f"{folder}{name}": content for folder in folders for name, content in archive(*ITEMS).items()}
    with pytest.raises(
        UnreadableFileError, match=f"several archives: 1/outbox.json, {folders[1]}outbox.json"
    ):
        opened(zipped(tmp_path / "a.zip", files)).account()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_posts_that_an_editor_has_saved_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(outbox(*ITEMS).decode().encode(encoding))
    assert is_fediverse(path) and texts(read(path).tweets) == ["post 4", "", "post 1"]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (outbox(orderedItems=...), EmptyTimelineError, "holds no posts of @ann@m.example"),
        (outbox(), EmptyTimelineError, "holds no posts of @ann@m.example"),
        (outbox(orderedItems=..., first=f"{ME}/outbox?page=true"), UnreadableFileError, "names the pages"),
        (outbox(orderedItems="x"), EmptyTimelineError, "holds no posts"),
        (outbox(orderedItems=None), EmptyTimelineError, "holds no posts"),
        (b"", UnreadableFileError, "no object"),
        (b"[]", UnreadableFileError, "no object"),
        (b"<html>", UnreadableFileError, "no object"),
        (b"\xff\xfe\xff", UnreadableFileError, "could not be read"),
        (b'{"orderedItems": [\xff]}', UnreadableFileError, "could not be read"),
        (
            outbox(post(1, SECRET)).replace(b'"contentMap"', b'oops "contentMap"'),
            UnreadableFileError,
            "invalid JSON in line 1",
        ),
        (b'{"orderedItems": [' + b"[" * 100_000, UnreadableFileError, "could not be read"),
        (b'{"a":' * 100_000, UnreadableFileError, "could not be read"),
    ],
)
@pytest.mark.parametrize("name", ["zip", "tar.gz", "outbox.json"])
def test_posts_that_cannot_be_read_are_an_error_without_their_words(
    tmp_path: Path, name: str, content: bytes, error: type[SourceError], said: str
) -> None:
    path = FORMS[name](tmp_path, {**archive(), "outbox.json": content})
    with pytest.raises(error, match=said) as caught:
        read(path)
    assert SECRET not in str(caught.value) and caught.value.next_step


def test_one_entry_that_is_not_in_a_list_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {**archive(), "outbox.json": outbox(orderedItems=post(1))})
    assert texts(read(path).tweets) == ["post 1"]


def test_an_outbox_that_was_cut_off_gives_what_is_before_the_cut(tmp_path: Path) -> None:
    whole, told = outbox(post(1), post(2), post(3, SECRET)), Told()
    path = tmp_path / "outbox.json"
    path.write_bytes(whole[: whole.index(SECRET.encode()) + 4])
    assert texts(read(path, told=told).tweets) == ["post 2", "post 1"]
    assert any("is cut off" in warning for warning in told.warnings)
    assert "secr" not in str(told.warnings)
    path.write_bytes(whole[: whole.index(b'"orderedItems"') + 20])
    with pytest.raises(UnreadableFileError, match="could not be read"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"x", b"[" * 100_000, b"\xff", b" " * (5 << 20)])
def test_a_damaged_description_of_the_account_is_an_error(tmp_path: Path, content: bytes, form: Make) -> None:
    path = form(tmp_path, archive(*ITEMS, of=content))
    with pytest.raises(UnreadableFileError, match=r"actor\.json in archive|damaged") as caught:
        opened(path).account()
    assert "settings/export" in caught.value.next_step


@pytest.mark.parametrize("name", ["zip", "tar.gz", "tar"])
def test_a_file_that_was_cut_off_or_is_another_is_an_error(tmp_path: Path, name: str) -> None:
    path = FORMS[name](tmp_path, archive(*ITEMS))
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:100], b"", b"<html>", bytes(reversed(whole))):
        path.write_bytes(content)
        is_fediverse(path)
        with pytest.raises(UnreadableFileError) as caught:
            read(path)
        assert caught.value.next_step


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_is_damaged_is_an_error(tmp_path: Path, packing: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", packing) as packed:
        for name, content in archive(*map(post, range(50))).items():
            packed.writestr(name, content)
    content = bytearray(path.read_bytes())
    place = content.find(b"outbox.json") + 40
    content[place : place + 200] = bytes(byte ^ 0x55 for byte in content[place : place + 200])
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="could not be read"):
        read(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    for name in ("a.zip", "a.tar.gz", "a.tgz", "a.tar", "outbox.json", "folder"):
        assert not is_fediverse(tmp_path / name)
        with pytest.raises(UnreadableFileError, match="There is no file"):
            opened(tmp_path / name).account()


# --- hostile ones -----------------------------------------------------------------------------------


def test_a_tar_file_that_unpacks_to_far_more_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "_ALLOWANCE", 1000)
    path = tarred(tmp_path / "a.tar.gz", {"media_attachments/a.png": b"0" * 5_000_000, **archive(*ITEMS)})
    with pytest.raises(UnreadableFileError, match="damaged or cut off"):
        read(path)


@pytest.mark.parametrize("name", ["zip", "tar.gz", "outbox.json"])
def test_more_posts_than_any_archive_has_are_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(members.LARGEST, members.OUTBOX, 1000)
    with pytest.raises(UnreadableFileError, match="larger than|damaged"):
        read(FORMS[name](tmp_path, archive(*(post(number) for number in range(9)))))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_link_in_a_tar_file_is_not_followed(tmp_path: Path, kind: bytes) -> None:
    target = tmp_path / "target.json"
    target.write_bytes(outbox(*ITEMS))
    for name in ("a.tar.gz", "a.tar"):
        with tarfile.open(tmp_path / name, "w:gz" if name.endswith("gz") else "w") as packed:
            link = tarfile.TarInfo("outbox.json")
            link.type, link.linkname = kind, str(target)
            packed.addfile(link)
            described = tarfile.TarInfo("actor.json")
            described.size = len(actor())
            packed.addfile(described, io.BytesIO(actor()))
        with pytest.raises(UnreadableFileError, match=r"no outbox\.json"):
            read(tmp_path / name)


def test_a_link_in_a_folder_is_not_followed_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "outbox.json").write_bytes(outbox(*ITEMS))
    folder = unpacked(tmp_path / "archive", {"actor.json": actor()})
    (folder / "outbox.json").symlink_to(tmp_path / "outbox.json")
    with pytest.raises(UnreadableFileError, match="leads out"):
        read(folder)


def test_a_tar_file_whose_sizes_lead_back_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("media_attachments/a.png")
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"  # -512: tarfile would read the same header for ever
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    path = tmp_path / "a.tar.gz"
    before = tarfile.TarInfo("media_attachments/b.png").tobuf()
    path.write_bytes(gzip.compress(before + bytes(header) + b"\0" * 10_240))
    is_fediverse(path)
    with pytest.raises(UnreadableFileError):
        read(path)


def test_an_encrypted_zip_file_is_explained(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", archive(*ITEMS))
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):  # the bit of encryption
        start = 0
        while (start := content.find(mark, start)) >= 0:
            content[start + place] |= 1
            start += 4
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="encrypted"):
        read(path)


# --- told from others -------------------------------------------------------------------------------


def test_other_files_are_not_taken_for_it(tmp_path: Path) -> None:
    others = {
        "posts.json": b'[{"text": "orderedItems"}]',
        "record.json": b'{"text": "a post"}',
        "posts.csv": b"text\nAccount address,\n",
        "outbox.txt": outbox(*ITEMS),
        "empty.json": b"",
    }
    unpacked(tmp_path / "others", others)
    for name in others:
        assert not is_fediverse(tmp_path / "others" / name)
    assert not is_fediverse(tmp_path / "others")
    assert not is_fediverse(x_archive(tmp_path, PLAIN))
    packed = tarred(tmp_path / "x.tar.gz", {name: text.encode() for name, text in PLAIN.items()})
    assert not is_fediverse(packed)
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as table:
        table.writestr("posts.csv", "text\n")
    assert not is_fediverse(tmp_path / "t.zip")


def test_the_archives_of_pleroma_are_read_too(tmp_path: Path) -> None:
    id = "https://p.example/users/ann"
    mine = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Create",
        "id": "https://p.example/activities/1",
        "actor": id,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [f"{id}/followers"],
        "published": "2024-03-05T12:00:00.123456Z",
        "object": {
            "type": "Note",
            "id": "https://p.example/objects/1",
            "actor": id,
            "attributedTo": id,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [f"{id}/followers"],
            "content": "one<br>two",
            "source": "one\ntwo",
            "published": "2024-03-05T12:00:00.123456Z",
            "summary": "",
            "sensitive": None,
            "emoji": {},
        },
    }
    described = {"id": id, "type": "Person", "preferredUsername": "ann", "name": "Ann", "url": id}
    files = {
        "actor.json": json.dumps(described).encode(),
        "outbox.json": json.dumps(
            {"type": "OrderedCollection", "id": "outbox.json", "orderedItems": [mine], "totalItems": 1}
        ).encode(),
        "likes.json": b"{}",
        "bookmarks.json": b"{}",
    }
    path = zipped(tmp_path / "archive.zip", files)
    assert is_fediverse(path)
    (one,) = read(path, "ann@p.example").tweets
    assert (one.text, one.id, one.lang) == ("one\ntwo", "https://p.example/objects/1", None)


def test_pages_in_one_file_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "outbox.json"
    path.write_bytes(outbox(post(1)) + b"\n" + outbox(post(2)))
    assert texts(read(path).tweets) == ["post 2", "post 1"]


@pytest.mark.parametrize("rest", [b"\0\0", b"]", b" by a program of mine"])
def test_what_stands_behind_an_outbox_does_not_matter(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "outbox.json"
    path.write_bytes(outbox(post(1)) + rest)
    assert texts(read(path).tweets) == ["post 1"]


def test_an_outbox_of_articles_alone_says_so(tmp_path: Path) -> None:
    path = tmp_path / "outbox.json"
    path.write_bytes(outbox(post(1, type="Article"), post(2, type="Video")))
    with pytest.raises(EmptyTimelineError, match="only 2 records of other kinds") as refused:
        read(path)
    assert "docs/networks.md" in refused.value.next_step
    path.write_bytes(outbox(post(1, attributedTo=OTHER)))
    (tmp_path / "actor.json").write_bytes(actor())
    with pytest.raises(EmptyTimelineError, match="only 1 post by other accounts") as refused:
        read(path)
    assert "the right archive" in refused.value.next_step
