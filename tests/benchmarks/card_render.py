"""How many cards a second are rendered, beside what a plain `str.format` of a text of that length takes.

    python tests/benchmarks/card_render.py

Nothing here is collected by pytest: a speed depends on the machine and on what else it does.
"""

import json
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

# Found in the checkout, whether the package is installed or not.
from huggingtweets_hub import card  # noqa: E402
from huggingtweets_hub.core.records import CardFacts  # noqa: E402
from huggingtweets_hub.core.serialization import from_json  # noqa: E402

FACTS = {
    "seed": ROOT / "tests" / "golden" / "seed_facts.json",
    "example": ROOT / "huggingtweets_hub" / "card" / "example.json",
}
ROUNDS, SECONDS = 7, 0.3
SLOTS = 30  # about as many values as a card has


def per_second(work: Callable[[], object]) -> float:
    """The best of several rounds: what the machine can do while nothing else disturbs it."""
    work()
    best = 0.0
    for _ in range(ROUNDS):
        done, start = 0, time.perf_counter()
        while (passed := time.perf_counter() - start) < SECONDS:
            work()
            done += 1
        best = max(best, done / passed)
    return best


def plain(text: str) -> Callable[[], object]:
    """The least that filling in a text of this length can cost."""
    piece = text[: len(text) // SLOTS].replace("{", "(").replace("}", ")")
    form = (piece + "{}") * SLOTS
    values = ["value"] * SLOTS
    return lambda: form.format(*values)


def main() -> None:
    """Print one line for each facts and template."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("jinja2", "pyyaml"))
    print(f"{platform.platform()}, {platform.machine()}, Python {platform.python_version()}, {libraries}")
    print(f"{'facts':8} {'template':8} {'bytes':>7} {'cards/s':>9} {'ms':>7} {'of str.format':>14}")
    for name, path in FACTS.items():
        facts = card.read_facts(path)
        for template in card.TEMPLATES:
            text = card.render(facts, template)
            size = len(text.encode())
            speed = per_second(lambda facts=facts, template=template: card.render(facts, template))
            share = per_second(plain(text)) / speed
            print(f"{name:8} {template:8} {size:7,} {speed:9,.0f} {1000 / speed:7.3f} {share:13,.0f}×")
    facts = json.loads(FACTS["seed"].read_text("utf-8"))
    for account in facts["accounts"]:
        account["name"] = "नमस्ते " * 12
    odd = from_json(CardFacts, facts)
    print(f"a name of 84 Devanagari characters: {per_second(lambda: card.render(odd)):,.0f} cards/s")


if __name__ == "__main__":
    main()
