"""The page: its steps from top to bottom, and which button does what."""

import secrets
from collections.abc import Callable, Iterator
from inspect import isgeneratorfunction
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.app.jobs import Jobs
from huggingtweets_hub.app.web import pieces, words
from huggingtweets_hub.app.web.view import SLOW
from huggingtweets_hub.app.web.visit import Answer, Visit
from huggingtweets_hub.app.web.words import ON_THIS_COMPUTER, Place

if TYPE_CHECKING:
    import gradio as gr

Named = dict[str, Any]
"""Components of the page, by the names that their handlers know them by."""
_ASK = f"(visitor, memory) => [visitor, memory, window.confirm('{words.FORGET}')]"
_PRESS = "() => setTimeout(() => document.querySelector('#zip')?.click(), 300)"


def build(
    jobs: Jobs, *, token: Callable[[], str | None] | None = None, place: Place = ON_THIS_COMPUTER
) -> "gr.Blocks":
    """The page over these jobs, to be launched.

    Args:
        token: Gives the token to publish with; without it visitors sign in, as on a Space.
        place: What it says of where it runs.
    """
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="huggingtweets", analytics_enabled=False, fill_width=True) as page:
        # Encrypted: a server that is started anew cannot read it any more.
        visitor = gr.BrowserState(None, storage_key="huggingtweets", secret=secrets.token_hex(8))
        parts: Named = {"timer": gr.Timer(SLOW)}
        inputs, buttons = _lay_out(parts, place, signs_in=token is None)
        _connect(page, Visit(jobs, place), visitor, parts, inputs, buttons, token)
    return page


def _lay_out(parts: Named, place: Place, *, signs_in: bool) -> tuple[Named, Named]:
    """All that is on the page: what changes goes into `parts`; gives what is filled in, and the buttons."""
    import gradio as gr

    inputs: Named = {}
    buttons: Named = {}
    gr.HTML(f'<h1>{words.TITLE}</h1><p class="lead">{words.LEAD}</p><p class="promise">{place.promise}</p>')
    if signs_in:
        gr.LoginButton()
    _lay_out_posts(parts, inputs, buttons)
    _lay_out_training(parts, buttons, place)
    _lay_out_bot(parts, inputs, buttons)
    with gr.Column(elem_classes="foot", visible=False) as parts["forget"]:
        buttons["forget"] = gr.Button("Forget everything")
    return inputs, buttons


def _lay_out_posts(parts: Named, inputs: Named, buttons: Named) -> None:
    """The step in which posts are given."""
    import gradio as gr

    with gr.Column(elem_classes="step"):
        gr.HTML(pieces.heading(1, "Your posts"))
        with gr.Column() as parts["give"]:
            parts["file"] = gr.File(label="File with your posts", elem_classes="drop", height=170)
            where = pieces.folded(words.WHERE_TITLE, words.WHERE)
            gr.HTML(f'<p class="hint">{words.FORMATS}</p>{where}')
            inputs["account"] = gr.Textbox(label="Account", info=words.ACCOUNT, max_lines=1, max_length=300)
            with gr.Row():
                buttons["read"] = gr.Button("Read the posts", variant="primary")
                buttons["sample"] = gr.Button("Try it with a made-up account")
        for name in ("posts_problem", "reading", "found"):
            parts[name] = gr.HTML(elem_id=name)
        parts["again"] = buttons["again"] = gr.Button("Start over with other posts", visible=False)


def _lay_out_training(parts: Named, buttons: Named, place: Place) -> None:
    """The steps in which somebody says whose posts they are, and chooses and trains a model."""
    import gradio as gr

    with gr.Column(elem_classes="step", visible=False) as parts["consent_step"]:
        gr.HTML(pieces.heading(2, words.WHOSE, words.CONSENT))
        parts["wishes"] = gr.HTML()
        choices = [(says, key) for key, says in words.CONSENTS.items()]
        parts["consent"] = gr.Radio(choices, label=words.WHOSE, show_label=False, elem_classes="choices")
    with gr.Column(elem_classes="step", visible=False) as parts["base_step"]:
        gr.HTML(pieces.heading(3, words.WHICH, words.BASES))
        parts["base"] = gr.Radio([], label=words.WHICH, show_label=False, elem_classes="choices")
    with gr.Column(elem_classes="step", visible=False) as parts["train_step"]:
        gr.HTML(pieces.heading(4, "Train it", f"{words.TRAINING} {place.cost}".strip()))
        parts["progress"] = gr.HTML(elem_id="progress")
        with gr.Row():
            parts["train"] = buttons["train"] = gr.Button("Train", variant="primary")
            parts["cancel"] = buttons["cancel"] = gr.Button("Cancel", visible=False)
        parts["train_problem"] = gr.HTML(elem_id="train_problem")
        parts["curve"] = gr.HTML(elem_id="curve")


def _lay_out_bot(parts: Named, inputs: Named, buttons: Named) -> None:
    """The steps in which the bot is tried and kept."""
    import gradio as gr

    with gr.Column(elem_classes="step", visible=False) as parts["bot_step"]:
        gr.HTML(pieces.heading(5, "Try it"))
        parts["result"] = gr.HTML(elem_id="result")
        inputs["beginning"] = gr.Textbox(
            label="How a post starts", info=words.BEGINNING, max_lines=2, max_length=280
        )
        buttons["write"] = gr.Button("Write five posts", variant="primary")
        parts["bot_problem"] = gr.HTML(elem_id="bot_problem")
        parts["samples"] = gr.HTML(elem_id="written")
        gr.HTML(f'<h3>The card</h3><p class="hint">{words.CARD}</p>')
        parts["picture"] = gr.HTML(elem_id="picture")
        parts["card"] = gr.HTML(elem_id="card")
    with gr.Column(elem_classes="step", visible=False) as parts["keep_step"]:
        gr.HTML(pieces.heading(6, "Keep it", words.KEEP))
        buttons["pack"] = gr.Button("Download as a zip")
        parts["pack_problem"] = gr.HTML(elem_id="pack_problem")
        parts["zip"] = gr.DownloadButton("Download", elem_id="zip", visible="hidden")
        inputs["namespace"] = gr.Textbox(
            label="Publish as", info=words.NAMESPACE, placeholder="your own name", max_lines=1, max_length=100
        )
        parts["publish"] = buttons["publish"] = gr.Button(words.PUBLISH, variant="primary")
        parts["publish_problem"] = gr.HTML(elem_id="publish_problem")
        parts["publishing"] = gr.HTML(elem_id="publishing")


def _connect(
    page: "gr.Blocks",
    visit: Visit,
    visitor: Any,
    parts: Named,
    inputs: Named,
    buttons: Named,
    token: Callable[[], str | None] | None,
) -> None:
    """Say what each button does."""
    import gradio as gr

    memory = gr.State({})
    sure = gr.Checkbox(visible=False)  # the answer to a question of the browser
    names, shown = list(parts), [visitor, memory, *parts.values()]

    def sent(answer: Answer) -> list[Any]:
        kept, remembered, changes = answer
        return [
            kept,
            remembered,
            *(gr.update(**changes[name]) if name in changes else gr.skip() for name in names),
        ]

    def on(event: Callable[..., Any], action: Callable[..., Any], *given: Any, **how: Any) -> Any:
        def handle(*values: Any) -> list[Any]:
            return sent(action(*values))

        def handle_long(*values: Any) -> Iterator[list[Any]]:
            yield from map(sent, action(*values))

        def publish(kept: Any, remembered: Any, namespace: str, signed: gr.OAuthToken | None) -> list[Any]:
            key = token() if token else signed.token if signed else None
            return sent(visit.publish(kept, remembered, namespace, key))

        quiet = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
        asked = handle_long if isgeneratorfunction(action) else handle
        if action == visit.publish:
            asked = publish
        return event(asked, [visitor, memory, *given], shown, api_name=action.__name__, **quiet, **how)

    on(page.load, visit.arrive)
    on(parts["timer"].tick, visit.look)
    for event in (buttons["read"].click, inputs["account"].submit):
        on(event, visit.read, parts["file"], inputs["account"])
    on(buttons["sample"].click, visit.sample)
    on(buttons["train"].click, visit.train, parts["consent"], parts["base"])
    on(buttons["cancel"].click, visit.cancel)
    for event in (buttons["write"].click, inputs["beginning"].submit):
        on(event, visit.write, inputs["beginning"])
    on(buttons["pack"].click, visit.pack).then(None, js=_PRESS)
    on(buttons["publish"].click, visit.publish, inputs["namespace"])
    for button in (buttons["again"], buttons["forget"]):
        on(button.click, visit.forget, sure, js=_ASK)
