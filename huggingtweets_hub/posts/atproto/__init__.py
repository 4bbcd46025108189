"""Posts of Bluesky: from the repository that every account has, in a file or from its server."""

from huggingtweets_hub.posts.atproto.car import is_car as is_repository
from huggingtweets_hub.posts.atproto.source import CarFile

__all__ = ["CarFile", "is_repository"]
