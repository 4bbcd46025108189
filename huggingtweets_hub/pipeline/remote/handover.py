"""What a rented machine is told of a publication, as JSON: the kept posts, never the archive or a local path.

It goes into a private bucket, and is deleted when the job is over.
"""

import base64
import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from huggingtweets_hub import card
from huggingtweets_hub.core import serialization, tokens
from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.options import values
from huggingtweets_hub.core.records import Account, AccountFacts, Corpus, Post, Recipe, SourceFacts, Timeline
from huggingtweets_hub.hub import refusals, repo
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.tracking.tracker import TrackerName
from huggingtweets_hub.pipeline import avatars, facts
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.pipeline.remote import terms
from huggingtweets_hub.posts import corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Those options that still matter when the posts are read."""

    consent: str | None
    template: str
    prompt: str
    samples: int
    tracker: TrackerName
    track_texts: bool
    private: bool
    force: bool
    min_new: int
    overwrite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    id: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One account; its kept posts as they were written only where a tracker records them."""

    account: Account
    kind: str
    posts: tuple[_Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One publication to be made elsewhere: `Gathered` without what is only known, or only meant, here.

    Attributes:
        head: The commit of the repository when it was looked at; None if there was none.
        template_files: What a template of the user's own reads, by name.
        pictures: As base64.
    """

    repo_id: str
    head: str | None
    asked: _Asked
    read: tuple[_Read, ...]
    accounts: tuple[AccountFacts, ...]
    source: SourceFacts
    texts: Corpus
    checkpoint: Checkpoint
    recipe: Recipe
    fingerprint: str
    is_due: bool
    formats: tuple[str, ...]
    page_url: str | None
    stages: dict[str, float]
    pictures: dict[str, str]
    template_files: dict[str, str] = field(default_factory=dict)


def written(gathered: Gathered) -> bytes:
    """What is handed over of a publication.

    Raises:
        SecretFoundError: A post or option holds the value of a token.
        HubError: A picture that is published already could not be read.
    """
    order, template = gathered.order, str(gathered.order.template)
    files = {} if template in card.TEMPLATES else card.read_by(order.template, facts.known(gathered))
    tracker = terms.tracker(order)
    asked = dataclasses.replace(
        values(order, _Asked), tracker=tracker, template=template if not files else Path(template).name
    )
    faces = avatars.loaded(gathered.pictures, gathered.repo_id, gathered.published)
    is_recorded = tracker == "wandb"
    handover = Handover(
        repo_id=gathered.repo_id,
        head=gathered.published.head,
        asked=asked,
        read=tuple(_read(timeline, is_recorded=is_recorded) for timeline in gathered.timelines),
        accounts=gathered.accounts,
        source=gathered.source,
        texts=gathered.texts,
        checkpoint=gathered.checkpoint,
        recipe=gathered.recipe,
        fingerprint=gathered.fingerprint,
        is_due=gathered.is_due,
        formats=gathered.formats,
        page_url=gathered.page_url,
        stages=gathered.stages,
        pictures={name: base64.b64encode(content).decode() for name, content in faces.items()},
        template_files={name: content.decode("utf-8") for name, content in files.items()},
    )
    content = json.dumps(serialization.to_json(handover), ensure_ascii=False).encode("utf-8", "surrogatepass")
    tokens.require_none({"handover.json": content})
    return content


def _read(timeline: Timeline, *, is_recorded: bool) -> _Read:
    posts = corpus.kept_posts(timeline) if is_recorded else ()
    return _Read(
        account=dataclasses.replace(timeline.account, picture=None),
        kind=timeline.source,
        posts=tuple(_Said(id=post.id, text=post.text) for post in posts),
    )


def read(content: bytes) -> Handover:
    """A handover as it was written.

    Raises:
        InvalidFactsError: It is damaged.
    """
    try:
        found = json.loads(content.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise InvalidFactsError(
            "What was handed over to this machine is not JSON.", "Run the same command again."
        ) from error
    return serialization.from_json(Handover, found)


def taken_up(handover: Handover, folder: Path) -> Gathered:
    """A publication to go on with, after another look at what is published.

    Args:
        folder: Where to put a template of the user's own.

    Raises:
        NotOursError, EditedByHandError: Somebody else's work would be replaced.
        HubError: The Hub does not answer, or holds another model meanwhile.
    """
    published = repo.read(handover.repo_id)
    repo.require_ours(handover.repo_id, published, overwrite=handover.asked.overwrite)
    if not handover.is_due and published.facts.get("fingerprint") != handover.fingerprint:
        raise refusals.replaced_meanwhile(handover.repo_id)
    asked = dict(serialization.to_json(handover.asked))
    for name, text in handover.template_files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8"))
    if handover.template_files:
        asked["template"] = folder / handover.asked.template
    return Gathered(
        order=Order(
            tuple(account.handle for account in handover.accounts),
            source="",
            repo_id=handover.repo_id,
            **asked,
        ),
        repo_id=handover.repo_id,
        published=published,
        timelines=tuple(
            Timeline(
                account=one.account,
                source=one.kind,
                tweets=tuple(Post(id=post.id, text=post.text) for post in one.posts),
            )
            for one in handover.read
        ),
        accounts=handover.accounts,
        source=handover.source,
        texts=handover.texts,
        checkpoint=handover.checkpoint,
        recipe=handover.recipe,
        fingerprint=handover.fingerprint,
        pictures={name: base64.b64decode(content) for name, content in handover.pictures.items()},
        is_due=handover.is_due,
        formats=handover.formats,
        page_url=handover.page_url,
        stages=handover.stages,
    )
