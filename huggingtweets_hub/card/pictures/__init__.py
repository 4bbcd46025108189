"""The pictures of a publication: its social preview, its training curve, the accounts' avatars.

Everything that comes in was written by strangers: names, samples and downloaded bytes of any kind
give a picture or None, never an exception. The same input gives the same bytes.
"""

from huggingtweets_hub.card.pictures.avatar import MAX_DOWNLOAD, square_avatar
from huggingtweets_hub.card.pictures.curve import training_curve
from huggingtweets_hub.card.pictures.social import Face, drawn_face, social_preview

__all__ = ["MAX_DOWNLOAD", "Face", "drawn_face", "social_preview", "square_avatar", "training_curve"]
