"""What is left of a post's end where its link was cut off."""

import pytest

from huggingtweets_hub.posts import corpus

LINK = "https://t.co/abc"


@pytest.mark.parametrize(
    ("text", "trained"),
    [
        (f"The lamp was lit at dusk. Read more: {LINK}", "The lamp was lit at dusk."),
        (f"The lamp was lit at dusk! Watch live: {LINK}", "The lamp was lit at dusk!"),
        (f"The lamp was lit at dusk\nDetails: {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk | Info: {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk. Learn more {LINK}", "The lamp was lit at dusk."),
        (f"The lamp was lit at dusk → {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk -> {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk 👉 {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk ⬇️⬇️ {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk 👇🏽 {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk ({LINK})", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk [link] {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk via {LINK}", "The lamp was lit at dusk"),
        (f"The lamp was lit at dusk &gt;&gt; {LINK}", "The lamp was lit at dusk"),
        (f"Here is what we saw tonight: {LINK}", "Here is what we saw tonight"),
        (f"Look at what the sea has left: {LINK} {LINK}", "Look at what the sea has left"),
        (f"The lamp was lit at dusk. Details: {LINK} #lamp", "The lamp was lit at dusk. #lamp"),
        (f"The lamp was lit at dusk. Details: {LINK} #lamp {LINK}", "The lamp was lit at dusk. #lamp"),
        (f"La lámpara se encendió. Más información: {LINK}", "La lámpara se encendió."),
        (f"Die Lampe brennt seit heute. Mehr dazu: {LINK}", "Die Lampe brennt seit heute."),
        (f"灯台の明かりを点けました。続きはこちら：{LINK}", "灯台の明かりを点けました。"),
        (f"灯台の明かりを点けました。詳しくはこちら→ {LINK}", "灯台の明かりを点けました。"),
    ],
)
def test_what_only_led_up_to_the_link_is_not_trained_on(text: str, trained: str) -> None:
    assert corpus.trained(text) == trained


@pytest.mark.parametrize(
    ("text", "trained"),
    [
        ("The keeper said only this:", "The keeper said only this:"),  # there was no link
        ("The lamp was lit at dusk. Read more:", "The lamp was lit at dusk. Read more:"),
        (f"The lamp was lit at dusk. {LINK}", "The lamp was lit at dusk."),
        (f"The lamp was lit: {LINK} and the gulls left", "The lamp was lit: and the gulls left"),
        (f"Hi! Read more: {LINK}", "Hi! Read more"),  # a post must be left
        (f"No. Here: {LINK}", "No. Here:"),
        (f"Read more: {LINK}", "Read more:"),
        (f"{LINK}", ""),
        (f"We saw it. The gulls, the lamp and the sea: {LINK}", "We saw it. The gulls, the lamp and the sea"),
    ],
)
def test_what_a_post_says_stays(text: str, trained: str) -> None:
    assert corpus.trained(text) == trained
