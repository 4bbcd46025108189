"""What the libraries that we call must not write to a log: tokens and posts."""

import logging

# At DEBUG, tweepy's client writes every header and every answer, and the Hub's client the bodies that it
# sends, pages for the store among them.
_TELLS_CONTENT = ("tweepy.client", "huggingface_hub.utils._http")


def keep_content_out() -> None:
    """From now on, drop the debug lines of these libraries, whatever level and handlers a program has set."""
    for name in _TELLS_CONTENT:
        logging.getLogger(name).addFilter(_has_no_content)  # adding it twice changes nothing


def _has_no_content(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG
