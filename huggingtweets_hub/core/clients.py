"""The versions of other programs that published models were tried with: `tests/clients` runs each of them."""

TRANSFORMERS = ("4.46.3", "4.51.3", "4.57.6", "5.0.0", "5.24.0")
"""Oldest first; older ones put no separator in front of a prompt. The last one is that of the tests."""


def short(version: str) -> str:
    """As a reader says it: 4.46 of 4.46.3."""
    return ".".join(version.split(".")[:2])
