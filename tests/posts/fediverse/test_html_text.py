"""HTML as servers of the Fediverse write it, and as nobody should."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huggingtweets_hub.posts.fediverse import html_text
from huggingtweets_hub.posts.fediverse.html_text import plain

LINK = (
    '<a href="https://www.example.com/a/long/path" rel="nofollow"><span class="invisible">https://www.</span>'
    '<span class="ellipsis">example.com/a/long</span><span class="invisible">/path</span></a>'
)
MENTION = (
    '<span class="h-card" translate="no"><a href="{}" class="u-url mention">@<span>bob</span></a></span>'
)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<br>two<br/>three<br />four</p>", "one\ntwo\nthree\nfour"),
        ("<p>one<BR>two</P><P>three", "one\ntwo\n\nthree"),
        ("<p>one</p><ul><li>two</li><li>three</li></ul><p>four</p>", "one\n\ntwo\n\nthree\n\nfour"),
        ("<blockquote><p>one</p></blockquote><p>two</p>", "one\n\ntwo"),
        ("<pre><code>if x:\n  y</code></pre>", "if x:\ny"),
        ("<p>one\n   two</p>\n\n<p>three</p>\n", "one two\n\nthree"),
        ("<p>one  two</p>", "one  two"),
        ("no markup at all", "no markup at all"),
        (f"<p>See {LINK}</p>", "See https://www.example.com/a/long/path"),
        (f"<p>{MENTION.format('https://m.example/@bob')} hi</p>", "@bob hi"),
        (
            '<p><a href="https://m.example/t/cats" class="mention hashtag">#<span>cats</span></a></p>',
            "#cats",
        ),
        ('<p class="quote-inline">RE: <a href="https://m.example/1">m.example/1</a></p><p>mine</p>', "mine"),
        ('<p>mine<span class="a quote-inline"><br><br>RE: <span>m.example</span>/1</span></p>', "mine"),
        ("<p class='quote-inline'>RE: never closed<p>mine</p>", "mine"),
        ('<br class="quote-inline">mine', "mine"),
        ('<p data-x="quote-inline">mine</p>', "mine"),
        ("<p>quote-inline is a class</p>", "quote-inline is a class"),
        ("<script>if (a < b) { '<p>' }</script><style>p { }</style><p>mine</p>", "mine"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
        ("<p>&lt;3 &amp;amp; &#39;x&#39; &quot;y&quot; &amp;lt;</p>", "<3 &amp; 'x' \"y\" &lt;"),
        ("<p>&am<b></b>p;</p>", "&amp;"),
        ("<p>a < b and a<3</p>", "a < b and a<3"),
        ("<p>:blobcat: <del>no</del> <em>yes</em> <u>so</u></p>", ":blobcat: no yes so"),
        ("<p>a<!-- <p>secret</p> -->b</p>", "ab"),
        ("<!DOCTYPE html><p>a</p><?x y?>", "a"),
        ("a<!-- never closed", "a"),
        ('<p title="a > b">c</p>', "c"),
        ("<p></p><p> </p><p>a</p><br><br><br><p>b</p>", "a\n\nb"),
        ("", ""),
    ],
)
def test_the_text_is_what_its_author_wrote(content: str, text: str) -> None:
    assert plain(content) == text


@settings(max_examples=150)
@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Z"]), max_size=50))
def test_any_text_comes_back_as_it_was_written(text: str) -> None:
    assert plain(f"<p>{html.escape(text)}</p>") == text.strip()


_PIECES = (
    *("<p>", "</p>", "<br>", "<br/>", "<br />", LINK, MENTION, "<span>", "</span>", '<a href="x>y">', "</a>"),
    *(
        "<a ",
        "<",
        ">",
        "a < b",
        "&lt;p&gt;",
        "&amp;lt;",
        "&nbsp;",
        " ",
        "  ",
        "word",
        "\n",
        "<span x='<'>",
        '"',
    ),
)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_what_most_posts_consist_of_is_read_as_anything_else(content: str) -> None:
    assert plain(content) == plain(f"<b></b>{content}")


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("<a", "<a"), ("<a<", "<a<"), ("<!--", ""), ("</", "</"), ("<!", "<!"), ("<b>", ""), ("</b>", ""),
     ("<a x=\"", "<a x=\""), ("<a '\"", "<a '\""), ("&", "&"), ("x ", "x "), ("x \n", "x "), ("<p ", "<p ")],
)  # fmt: skip
def test_a_text_that_is_made_to_take_hours_does_not(unit: str, shown: str) -> None:
    """With `html.parser`, most of these take minutes."""
    size = html_text.LONGEST // 4 // len(unit)
    assert plain(unit * size) == (shown * size).strip()


def test_what_is_too_long_to_be_a_post_is_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        plain("x" * (html_text.LONGEST + 1))


def test_an_entity_that_is_no_character_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        plain(f"&#{'9' * 5000};")
