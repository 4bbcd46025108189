"""The page in a real Chromium, with the real transformers.js, on a Hub of this machine."""

import json
import random
from typing import Any

import pytest

from huggingtweets_hub.core import accounts
from huggingtweets_hub.model import masking
from tests.app.conftest import NAMESPACE, Site, Visit
from tests.model import test_masking as fixtures
from tests.servers.hub import HubServer

pytestmark = pytest.mark.slow
ADA = f"{NAMESPACE}/lighthouse_ada"
PHONE = {"viewport": {"width": 360, "height": 800}}
LONGEST = 160  # tokens; a text that has fewer has ended by itself


def bots(hub: HubServer, site: Site, *handles: str) -> None:
    for handle in handles:
        hub.add_repo(f"{NAMESPACE}/{handle}", site.files(handle))


def problem(visit: Visit, kind: str) -> str:
    """The message of this kind, which gives a way on."""
    shown = visit.page.wait_for_selector(f".problem[data-kind={kind}]", timeout=60_000)
    return str(shown.inner_text())


# --- a visit ----------------------------------------------------------------------------------------


def test_a_bot_writes_five_different_posts_that_end(hub: HubServer, site: Site, visit: Visit) -> None:
    bots(hub, site, "lighthouse_ada")
    page = visit.open("#/lighthouse_ada?prompt=Tonight+the")
    assert page.wait_for_selector("#prompt").input_value() == "Tonight the"
    assert "MB" in page.inner_text(".status") and visit.asked_for(".onnx") == 0  # nobody has asked for it yet
    texts = visit.write()
    assert len(set(texts)) == len(texts) == 5 and all(text.startswith("Tonight the") for text in texts)
    lengths = page.locator("[data-tokens]").evaluate_all("all => all.map((post) => +post.dataset.tokens)")
    assert max(lengths) < LONGEST
    assert "not by @lighthouse_ada" in page.inner_text(".notice")
    assert page.text_content("#said").startswith("Press") or page.text_content("#said").startswith("Post 5")

    page.locator("ol[aria-label='New posts'] button:text-is('Copy')").first.click()
    page.wait_for_selector("button:text-is('Copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines() == [texts[0], "", "(Written by an AI bot, not by @lighthouse_ada.)"]

    page.fill("#prompt", "Fog & rain")
    page.click("button:text-is('Share link')")
    page.wait_for_selector("button:text-is('Link copied')")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url == f"{site.url}#/lighthouse_ada?prompt=Fog+%26+rain"

    page.reload()  # what was downloaded is kept
    page.wait_for_selector(".status:has-text('This browser still has the bot')")
    texts = visit.write("")
    assert len(set(texts)) == 5 and all(texts)
    assert sum(request.path.endswith(".onnx") and request.status == 200 for request in hub.log) == 1
    assert visit.complaints == []


def test_two_bots_one_after_the_other_by_keyboard_alone(hub: HubServer, site: Site, visit: Visit) -> None:
    bots(hub, site, "ferry_bob", "lighthouse_ada")
    page = visit.open()
    page.wait_for_selector(".card .sample:not(.ghost)")

    def to(what: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("(what) => document.activeElement.matches(what)", what):
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", what
                return
        raise AssertionError(f"Tab does not lead to {what}")

    for handle in ("ferry_bob", "lighthouse_ada"):
        to(f"a.card[href='#/{handle}']")
        page.keyboard.press("Enter")
        page.wait_for_selector("form.composer")
        assert page.evaluate("document.activeElement.tagName") == "H1"
        to("#prompt")
        page.keyboard.press("Control+A")
        page.keyboard.type("The sea")
        page.keyboard.press("Enter")
        page.wait_for_selector("button.main:text-is('Again')", timeout=120_000)
        assert len(visit.posts()) == 5 and f"not by @{handle}" in page.inner_text(".notice")
        page.go_back()
        page.wait_for_selector(".gallery")
    loaded = {url.split("/resolve/")[0] for url in visit.asked if url.endswith(".onnx")}
    assert loaded == {f"{hub.url}/{NAMESPACE}/{handle}" for handle in ("ferry_bob", "lighthouse_ada")}
    assert visit.complaints == []


def test_writing_can_be_stopped(hub: HubServer, site: Site, visit: Visit) -> None:
    bots(hub, site, "lighthouse_ada")
    page = visit.open("#/lighthouse_ada")
    page.wait_for_selector("#prompt")
    page.click("button.main")
    page.wait_for_selector(".post.fresh", timeout=60_000)
    page.click("button.main:text-is('Stop')")
    page.wait_for_selector("button.main:text-is('Again')")
    assert 1 <= len(visit.posts()) < 5


def test_a_download_can_be_stopped(hub: HubServer, site: Site, visit: Visit) -> None:
    bots(hub, site, "lighthouse_ada")
    hub.faults.delay("GET", r"\.onnx$", 600, times=2)
    page = visit.open("#/lighthouse_ada")
    page.wait_for_selector("#prompt")
    page.click("button.main")
    page.wait_for_selector("progress")
    page.click("button.main:text-is('Stop')")
    page.wait_for_selector("button.main:text-is('Write')")
    assert "downloads the bot" in page.inner_text(".status") and visit.posts() == []


# --- what goes wrong --------------------------------------------------------------------------------


def test_a_broken_file_is_said_and_the_next_try_takes_a_mended_one(
    hub: HubServer, site: Site, visit: Visit
) -> None:
    bots(hub, site, "lighthouse_ada")
    (path,) = (path for path in site.bot if path.endswith(".onnx"))
    repo = hub.repos[ADA]
    repo.commit({path: bytes(len(site.bot[path]))})
    page = visit.open("#/lighthouse_ada")
    page.wait_for_selector("#prompt")
    page.click("button.main")
    assert "could not be read" in problem(visit, "broken")
    repo.commit({path: site.bot[path]})
    page.click("button:text-is('Try again')")
    page.wait_for_selector("button.main:text-is('Again')", timeout=120_000)
    assert len(visit.posts()) == 5 and visit.page.locator(".problem").count() == 0
    repo.commit({}, delete=[path])
    page.reload()
    page.wait_for_selector("#prompt")
    page.click("button.main")
    assert "is missing" in problem(visit, "incomplete")


def test_the_network_goes_in_the_middle_and_comes_back(hub: HubServer, site: Site, visit: Visit) -> None:
    bots(hub, site, "lighthouse_ada")
    hub.faults.drop("GET", "/api/models")
    page = visit.open()
    assert "connection was lost" in problem(visit, "network")
    page.click("button:text-is('Try again')")
    page.click("a.card")
    page.wait_for_selector("#prompt")
    # The first request for it asks for its size alone.
    hub.faults.truncate("GET", r"\.onnx$", keep=100_000, times=2)
    page.click("button.main")
    assert "try again" in problem(visit, "network")
    page.click("button:text-is('Try again')")
    page.wait_for_selector("button.main:text-is('Again')", timeout=120_000)
    assert len(visit.posts()) == 5


def test_a_hub_that_is_busy_and_a_bot_that_is_not_there(hub: HubServer, site: Site, visit: Visit) -> None:
    hub.faults.html("GET", "/api/models", 200)
    visit.open()
    assert "is not responding properly" in problem(visit, "busy")
    visit.open("#/nobody")
    assert "no such bot" in problem(visit, "missing")
    hub.add_repo(f"{NAMESPACE}/other-model", {"README.md": b"not one of ours"})
    visit.open("#/other-model")
    assert "no such bot" in problem(visit, "missing")


def test_a_bot_without_onnx_shows_its_samples_and_its_card(hub: HubServer, site: Site, visit: Visit) -> None:
    hub.add_repo(ADA, site.files(forms=[{"form": "onnx", "kind": "q4", "reason": "its loss differs"}]))
    page = visit.open("#/lighthouse_ada")
    assert "cannot run in a browser" in problem(visit, "no-onnx")
    assert page.locator(".problem a").get_attribute("href") == f"{hub.url}/{ADA}"
    samples = json.loads(site.bot["huggingtweets.json"])["samples"]
    shown = page.locator("ol[aria-label='Earlier posts'] .text").all_text_contents()
    assert shown and set(shown) <= {*samples["free"], *samples["prompted"]}
    assert page.locator("form").count() == 0 and visit.complaints == []
    above, below = (page.locator(place).bounding_box() for place in (".problem", ".earlier"))
    assert below["y"] - above["y"] - above["height"] == pytest.approx(40, abs=1), "nothing empty in between"


def test_a_bot_without_samples_shows_nothing_in_their_place(hub: HubServer, site: Site, visit: Visit) -> None:
    hub.add_repo(ADA, site.files(forms=[], samples={"free": [], "prompted": []}))
    page = visit.open("#/lighthouse_ada")
    problem(visit, "no-onnx")
    assert page.inner_text("main").endswith("Open its model card")


def test_what_comes_from_the_hub_stays_text(hub: HubServer, site: Site, visit: Visit) -> None:
    evil = "<img src=x onerror=alert(1)><b>Ada</b>"
    files = site.files(name=evil, samples={"free": [evil], "prompted": [7, None]}, prompt=evil, forms="none")
    hub.add_repo(ADA, files)
    hub.add_repo(f"{NAMESPACE}/empty", {**files, "huggingtweets.json": b"[]"})
    page = visit.open()
    page.wait_for_selector(".card .sample:not(.ghost)")
    assert page.locator(".sample").first.text_content() in (evil, "No sample here.")
    visit.open("#/lighthouse_ada")
    page.wait_for_selector(".notice")
    assert page.text_content("h1") == evil and page.locator("img[src=x], h1 b").count() == 0
    assert visit.complaints == []


def test_many_bots_come_page_by_page_and_can_be_searched(hub: HubServer, site: Site, visit: Visit) -> None:
    small = {path: content for path, content in site.files().items() if not path.endswith(".onnx")}
    for number in range(130):
        hub.add_repo(f"{NAMESPACE}/bot_{number:03}", {"README.md": small["README.md"]})
    page = visit.open()
    page.wait_for_selector(".card >> nth=99")
    page.locator(".after button").scroll_into_view_if_needed()
    page.wait_for_selector(".card >> nth=129")
    page.fill("input[type=search]", "@bot_12")
    page.wait_for_selector(".grid > [data-bot=bot_129]:last-child:nth-child(10)")
    page.fill("input[type=search]", "bot_129")
    page.locator("#said", has_text="1 bot found").wait_for(state="attached")
    page.fill("input[type=search]", "nobody")
    page.wait_for_selector(".after:has-text('No bot here')")


# --- how it looks -----------------------------------------------------------------------------------


BOTTOMS = """() => {
  const around = document.querySelector(".sample:has(.clamped)");
  return [around.querySelector(".clamped"), around].map((one) => one.getBoundingClientRect().bottom);
}"""


@pytest.mark.parametrize(
    "visit", [PHONE | {"color_scheme": scheme, "reduced_motion": "reduce"} for scheme in ("light", "dark")],
    indirect=True, ids=["light", "dark"],
)  # fmt: skip
def test_a_phone_needs_no_sideways_scrolling(hub: HubServer, site: Site, visit: Visit) -> None:
    long = "W" * 60
    for handle in ("lighthouse_ada", "bob"):
        hub.add_repo(f"{NAMESPACE}/{handle}", site.files(handle, long, samples={"free": [long * 3]}))
    for place, there in (("", ".card .sample:not(.ghost)"), ("#/lighthouse_ada", ".composer")):
        page = visit.open(place)
        page.wait_for_selector(there)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["viewport"]["width"]
        if place == "":
            text, around = page.evaluate(BOTTOMS)  # of one card at one moment: others may load
            assert text <= around - 12, "a line is cut in two"
    assert contrast_of_edge(page, "#prompt") >= 3  # WCAG 1.4.11
    ink, paper = (
        page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor")
    )
    brightness = [sum(map(int, value[4:-1].split(","))) for value in (ink, paper)]
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert (brightness[0] > brightness[1]) == is_dark


def contrast_of_edge(page: Any, what: str) -> float:
    """The contrast of an element's edge with what it surrounds, as WCAG counts it."""
    colours = page.locator(what).evaluate(
        "one => [getComputedStyle(one).borderTopColor, getComputedStyle(one).backgroundColor]"
    )
    lights = []
    for colour in colours:
        parts = [int(part) / 255 for part in colour[4:-1].split(",")]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(lights) / min(lights)


def test_on_paper_there_are_posts_and_no_buttons(hub: HubServer, site: Site, visit: Visit) -> None:
    bots(hub, site, "lighthouse_ada")
    page = visit.open("#/lighthouse_ada")
    page.wait_for_selector(".composer")
    page.emulate_media(media="print")
    assert (
        page.locator(".notice, .post").count() == page.locator(".notice:visible, .post:visible").count() > 1
    )
    assert page.locator("button:visible, input:visible, .back:visible").count() == 0


def test_the_heading_that_takes_the_focus_has_no_frame(hub: HubServer, site: Site, visit: Visit) -> None:
    bots(hub, site, "lighthouse_ada")
    visit.open().locator(".card").focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("h1:focus")
    assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_it_says_what_it_is(hub: HubServer, visit: Visit) -> None:
    page = visit.open()
    assert "AI bots that write in the style of an account" in page.inner_text("main")
    link = page.locator("main a")
    assert link.get_attribute("href") == f"{hub.url}/models?author={NAMESPACE}&other=huggingtweets"
    assert link.get_attribute("target") == "_blank", "the Hub does not open in its own frame"


def test_opened_as_a_file_it_says_how_to_serve_it(site: Site, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto((site.folder / "index.html").as_uri())
    page.locator("main", has_text="python -m http.server").locator("visible=true").wait_for()
    page.close()


# --- its rules are those of Python ------------------------------------------------------------------


OWN = ["Bob", "ann.bsky.social", "Ann@m.example", "reddit:jane"]


def texts() -> list[str]:
    """The texts of masking's own tests, and others of the same pieces at random."""
    marks = [mark.args[1] for mark in _parametrized(fixtures)]
    known = [case if isinstance(case, str) else case[0] for cases in marks for case in cases]
    pieces = [*" .,@＠/-+()x:\u200b\u00a0", "555", "12", "a", "é", "ı", "K", "_", "com", "CO.UK", "www.",
              "https://", "jane", "@Bob", "٣٤", "2020-05-30", "½", "日本", "😀", "$", "%", "in",
              "ly/", "\x1c", "io", ".example", "m.example", "@ann.bsky.social",
              "@bob.example", "u/", " at ", " dot ", "(at)", "harbour", "DE89", "3704 0044",
              "GB", "ｃｏｍ", "．", "ｂｏｂ", "shop", "０", ":", "：", "4111 1111", "！"]  # fmt: skip
    chance = random.Random(0)
    made = ["".join(chance.choices(pieces, k=chance.randint(1, 14))) for _ in range(20_000)]
    return [*known, *made]


def _parametrized(module: Any) -> list[Any]:
    tests = (getattr(module, name) for name in dir(module) if name.startswith("test_"))
    return [mark for test in tests for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]


def test_the_page_masks_what_a_card_masks(hub: HubServer, visit: Visit) -> None:
    page = visit.open()
    cases = texts()
    masked = page.evaluate(
        "async (texts) => { const { mask } = await import('./masking.js');"
        " return texts.map(([text, own]) => mask(text, own)); }",
        [[text, OWN] for text in cases],
    )
    differing = [
        (text, here, there)
        for text, there in zip(cases, masked, strict=True)
        if (here := masking.mask(text, OWN)) != there
    ]
    assert differing == []


def test_the_page_names_accounts_as_a_card_does(hub: HubServer, visit: Visit) -> None:
    marked = [handle for name in accounts.NETWORKS if accounts.is_handle(handle := f"{name}:ann")]
    handles = ["ada", "ann.bsky.social", "ann@m.example", *marked, *accounts.NETWORKS]
    named = visit.open().evaluate(
        "async (all) => { const { handles, nameOf } = await import('./faces.js');"
        " return all.map((handle) => [handles([{ handle }]), nameOf(handle)]); }",
        handles,
    )
    assert len({accounts.network_of(handle) for handle in handles}) == len(accounts.NETWORKS)
    assert named == [[accounts.mention(handle), accounts.name_of(handle)] for handle in handles]


def test_a_text_that_is_being_written_shows_nothing_that_is_masked_in_the_end(
    hub: HubServer, visit: Visit
) -> None:
    page = visit.open()
    secrets = [
        "jane.doe@example.com",
        "+1 (555) 123-4567",
        "https://t.co/AbC123",
        "@bob_smith",
        "linktr.ee/jane",
        "jane (at) harbour dot org",
        "jane at harbour dot org",
        "DE89 3704 0044 0555 0130 00",
        "@ bob",
    ]
    shown = page.evaluate(
        "async (secrets) => { const { maskUnfinished } = await import('./masking.js');"
        " return secrets.flatMap((secret) => { const text = `So I said ${secret} and went on to bed again`;"
        " return [...text].map((_, end) => maskUnfinished(text.slice(0, end))); }); }",
        secrets,
    )
    assert {
        text for text in shown if any(part in text for part in ("jane", "555", "t.co", "bob", "linktr"))
    } == set()
    assert any("and went" in text for text in shown)


def test_a_token_is_drawn_from_the_likeliest_by_the_published_settings(hub: HubServer, visit: Visit) -> None:
    page = visit.open()
    drawn = page.evaluate(
        "async (settings) => { const { draw } = await import('./sampling.js');"
        " const logits = Float32Array.from([0.5, 0.3, 0.1, 0.06, 0.04].map(Math.log));"
        " const drawn = (one) => Array.from({ length: 500 }, () => draw(logits, one));"
        " return settings.map((one) => [...new Set(drawn(one))].sort()); }",
        [
            {"do_sample": True, "top_k": 50, "top_p": 0.85},
            {"do_sample": True, "top_k": 2, "top_p": 1.0},
            {"do_sample": True, "top_k": 50, "top_p": 1.0},
            {"do_sample": False},
        ],
    )
    assert drawn == [[0, 1, 2], [0, 1], [0, 1, 2, 3, 4], [0]]
