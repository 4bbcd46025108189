"""Upgrade published cards to the current form, one commit per repository, and restore them.

`upgrade` reads the facts of a card and renders them again; `revert` undoes the upgrades in a report.
"""

from huggingtweets_hub.upgrade.cards import Mode, listed, upgrade
from huggingtweets_hub.upgrade.report import Outcome
from huggingtweets_hub.upgrade.reverting import revert

__all__ = ["Mode", "Outcome", "listed", "revert", "upgrade"]
