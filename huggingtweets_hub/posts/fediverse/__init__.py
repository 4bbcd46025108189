"""Posts of the Fediverse: from the archive that a server gives, and from the server itself."""

from huggingtweets_hub.posts.fediverse.archive import FediverseArchive
from huggingtweets_hub.posts.fediverse.recognition import is_fediverse

__all__ = ["FediverseArchive", "is_fediverse"]
