"""The X API v2: pages are paid for, kept on disk, and never bought twice."""

from huggingtweets_hub.posts.x_api.source import XApi

__all__ = ["XApi"]
