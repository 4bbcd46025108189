"""The command line: one file a verb, loaded when it is called."""

from huggingtweets_hub.cli._main import main

__all__ = ["main"]
