"""The archive that X gives account holders of their own posts, in its layouts since 2013."""

from huggingtweets_hub.posts.x_archive.other_contents import lone_table
from huggingtweets_hub.posts.x_archive.source import KINDS, XArchive

__all__ = ["KINDS", "XArchive", "lone_table"]
