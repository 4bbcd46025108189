"""Servers that anyone may have set up, asked safely."""

from huggingtweets_hub.posts.web.client import Web

__all__ = ["Web"]
