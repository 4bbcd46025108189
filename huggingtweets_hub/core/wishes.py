"""What accounts say of how they may be used, on every network, and what follows from it.

Accounts that are suspended, moved, in memoriam, deactivated or taken down cannot be read at all: that is an
error of the source that meets them, whatever the consent.
"""

import re
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.errors import OptedOutError

Consent = Literal["self", "written", "fictional"]
_OWN: frozenset[Consent] = frozenset({"self"})
_AGREED: frozenset[Consent] = frozenset({"self", "written"})


class Wish(NamedTuple):
    """A signal, what it says, and who may go on in spite of it.

    Attributes:
        signal: Where it is found, for the documentation.
        says: The end of a sentence that begins with the account.
        online, file: The consent that it takes to read the account over the network, and from a file that a
            user has; None where none is needed.
    """

    signal: str
    says: str
    online: frozenset[Consent] | None = None
    file: frozenset[Consent] | None = None


WISHES: Mapping[str, Wish] = {
    "synthetic-content-not-allowed": Wish(
        "Bluesky: user intents, syntheticContentGeneration: not allowed",
        "does not allow text to be generated from its posts",
        online=_AGREED,
        file=_AGREED,
    ),
    "synthetic-content-allowed": Wish(
        "Bluesky: user intents, syntheticContentGeneration: allowed",
        "allows text to be generated from its posts",
    ),
    "bulk-datasets-not-allowed": Wish(
        "Bluesky: user intents, bulkDataset: not allowed",
        "does not want to be part of bulk datasets; its posts are not published here",
    ),
    "archiving-not-allowed": Wish(
        "Bluesky: user intents, publicAccessArchive: not allowed",
        "does not want to be archived; its posts are not published here",
    ),
    "signed-in-only": Wish(
        "Bluesky: the label !no-unauthenticated",
        "asks that only signed-in people see its posts",
        online=_AGREED,
        file=_OWN,
    ),
    "not-indexable": Wish(
        "Mastodon: indexable is off, or noindex is on",
        "does not want its posts to be found by search",
        online=_AGREED,
    ),
    "no-bots": Wish(
        "Any network: #nobot, #nobots, #noai or #noindex in the profile",
        "says in its profile that it wants no bots",
        online=_AGREED,
    ),
    "locked": Wish("Mastodon: followers must be approved", "approves its followers"),
    "bot": Wish("Bluesky: the label bot; Mastodon: a bot account", "is an automated account itself"),
}
_IN_PROFILE = re.compile(
    r"(?<!\w)(?:[#＃]no[ _-]?(?:bots?|ai(?:[ _-]?training)?|index)|nobots?)(?!\w)", re.IGNORECASE
)


def in_profile(text: str) -> bool:
    """Whether the words of a profile ask that no bots use it."""
    return bool(_IN_PROFILE.search(text))


def require(wishes: Collection[str], handle: str, consent: Consent | None, *, is_file: bool) -> None:
    """Stop where an account has said that it must not be used in this way.

    Args:
        wishes: Keys of `WISHES`.
        is_file: The posts come from a file that a user has, not over the network.

    Raises:
        OptedOutError: It takes a consent that was not given.
    """
    for key in wishes:
        needed = WISHES[key].file if is_file else WISHES[key].online
        if needed is not None and consent not in needed:
            grounds = " or ".join(f"--consent {word}" for word in sorted(needed))
            agreed = ", or its owner has agreed in writing" if "written" in needed else ""
            raise OptedOutError(
                f"{mention(handle)} {WISHES[key].says}.",
                f"If the account is your own{agreed}, say so with {grounds}.",
            )
