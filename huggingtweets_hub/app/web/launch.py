"""The server of the page: on this machine alone, without telemetry, and gone without a trace."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.app.web.guard import OwnPageOnly
from huggingtweets_hub.core.errors import InvalidInputError

if TYPE_CHECKING:
    import gradio as gr

FIRST_PORT, PORTS = 7860, 100
_STYLE = Path(__file__).with_name("style.css")
_ICON = Path(__file__).parents[1] / "page" / "static" / "icon.svg"
_LARGEST_FILE = "2gb"
# gradio's own words follow the browser's language; its field for files is not called what is written on it;
# its groups of choices have no names, and each choice is a group of its own, which arrow keys do not leave,
# and is one again for a moment when it is chosen. Where what had the focus is gone or disabled, its step gets
# it.
_SCRIPT = """() => {
  document.documentElement.lang = "en";
  let last, step;
  document.addEventListener("focusin", ({ target }) => { last = target; step = target.closest(".step"); });
  const arrows = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  document.addEventListener("keydown", (event) => {
    const choices = [...event.target.closest("fieldset.choices")?.querySelectorAll("input") ?? []];
    const by = arrows[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey || !choices.includes(event.target)) return;
    event.preventDefault();
    const next = choices.at((choices.indexOf(event.target) + by) % choices.length);
    next.focus();
    next.click();
  });
  const mend = () => {
    for (const field of document.querySelectorAll(".drop .upload-container:not([aria-label^=File])")) {
      field.ariaLabel = "File with your posts. Drop your file, or press to choose it";
    }
    document.querySelectorAll("fieldset.choices").forEach((group, number) => {
      const label = group.querySelector("[data-testid=block-info]")?.textContent ?? "";
      if (group.ariaLabel !== label) group.ariaLabel = label;
      for (const choice of group.querySelectorAll("input")) {
        if (choice.name !== `choices-${number}`) choice.name = `choices-${number}`;
      }
    });
    if (!last || document.activeElement !== document.body || last.checkVisibility() && !last.disabled) return;
    last = null;
    const heading = step?.checkVisibility() ? step.querySelector("h2") : document.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };
  const attributeFilter = ["name", "class", "style", "disabled"];
  new MutationObserver(() => setTimeout(mend))
    .observe(document.body, { attributeFilter, childList: true, subtree: true });
}"""


def prepare(uploads: Path) -> None:
    """Set what gradio reads when it is imported: where uploads go, and that it tells nobody.

    Raises:
        InvalidInputError: The extra is missing.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        import gradio  # noqa: F401
    except ImportError as error:
        raise InvalidInputError(
            "The app needs gradio, which is not installed.", "Run: pip install 'huggingtweets_hub[app]'"
        ) from error


def look() -> Mapping[str, Any]:
    """How the page looks: what `launch` takes."""
    import gradio as gr

    fonts = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif")
    violet = gr.themes.Color(
        "#f7f2fc", "#efe4f9", "#dfc8f3", "#c9a2f2", "#b583ec", "#9150d0", "#6f2cae", "#5a1f93",
        "#471777", "#35105b", "#240a40",
    )  # fmt: skip
    mono = ("ui-monospace", "monospace")
    theme = gr.themes.Base(primary_hue=violet, neutral_hue="zinc", font=fonts, font_mono=mono).set(
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_400",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_300",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#17111f",
    )
    return {"theme": theme, "css": _STYLE.read_text("utf-8"), "js": _SCRIPT, "favicon_path": str(_ICON)}


def launch(page: "gr.Blocks", *, port: int | None, is_public: bool = False) -> str:
    """Serve the page until `page.close()`, and return its address.

    Args:
        port: Where; by default the first that is free from 7860 on.
        is_public: Answer other machines, too, as a Space must.

    Raises:
        InvalidInputError: The port is in use.
    """
    from starlette.middleware import Middleware

    guards = [] if is_public else [Middleware(OwnPageOnly)]
    if port is None:
        os.environ.pop("GRADIO_SERVER_PORT", None)
    try:
        _, address, _ = page.launch(
            server_name="0.0.0.0" if is_public else "127.0.0.1",
            server_port=port,
            share=False,
            prevent_thread_lock=True,
            quiet=True,
            max_file_size=_LARGEST_FILE,
            enable_monitoring=False,
            footer_links=[],
            run_history=False,
            allowed_paths=[],
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            app_kwargs={"middleware": guards},
            **look(),
        )
    except OSError as error:
        raise InvalidInputError(f"The port {port} is in use.", "Use another with --port.") from error
    return address
