"""Bring published cards up to today's, one commit a repository, and put them back.

`upgrade` reads a card, takes its facts, and renders them anew; `revert` undoes what a report says.
"""

from huggingtweets_hub.upgrade.cards import Mode, listed, upgrade
from huggingtweets_hub.upgrade.report import Outcome
from huggingtweets_hub.upgrade.reverting import revert

__all__ = ["Mode", "Outcome", "listed", "revert", "upgrade"]
