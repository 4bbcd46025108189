"""The exports of other networks, which do not say whose posts they hold: Threads, Instagram, Reddit."""

from huggingtweets_hub.posts.exports.source import Export, is_export

__all__ = ["Export", "is_export"]
