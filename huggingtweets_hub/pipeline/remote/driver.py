"""`publish --remote`: first all that can be refused, then one job; the result is what the Hub holds."""

import dataclasses
from collections.abc import Mapping

from huggingtweets_hub.core import serialization
from huggingtweets_hub.core.errors import HuggingTweetsError, JobRunningError
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import CardFacts, Publication
from huggingtweets_hub.hub import access, publications, repo
from huggingtweets_hub.hub.jobs import Job
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.pipeline import facts, output
from huggingtweets_hub.pipeline.due import trained
from huggingtweets_hub.pipeline.gather import Gathered, gather
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.pipeline.remote import labels, machine
from huggingtweets_hub.pipeline.remote.machine import Ending
from huggingtweets_hub.pipeline.remote.terms import Offer
from huggingtweets_hub.pipeline.send import is_published, made, unchanged
from huggingtweets_hub.posts.source import TimelineSource


def publish(
    order: Order, readers: Mapping[str, TimelineSource], offer: Offer, progress: Progress
) -> Publication:
    """Gather here, train and publish there. A job of the same publication that runs is followed instead.

    Raises:
        JobRunningError: A job publishes to the same repository something else.
        JobFailedError: The job did not publish it; the message says why.
        HuggingTweetsError: What stands in the way, before a machine is rented.
    """
    namespace = machine.account()
    target = access.destination(readers, namespace=order.namespace, repo_id=order.repo_id)
    publication = labels.identity(order, target)
    for job in machine.running(namespace):
        if labels.is_of(job, publication):
            progress.note(f"The job {job.id} is already making this publication; following it.")
            return _followed(order, readers, target, job, offer, progress)
        if labels.publishes(job, target):
            raise JobRunningError(
                f"The job {job.id} is publishing to {target}, with other options or in a batch.",
                f"Wait for it to end, or end it with 'hf jobs cancel {job.id}'; then run the same command "
                "again.",
            )
    machine.sweep(namespace)
    gathered = gather(order, readers, progress)
    facts.rehearse(gathered)
    if made(gathered):
        from huggingtweets_hub.pipeline.publish import publish_gathered

        progress.note("The model is already there, so no machine is needed.")
        return publish_gathered(gathered, Context(progress=progress))
    job = machine.rent(offer, namespace, publication, [gathered])
    ending = machine.follow(job, progress, offer=offer)
    published = held(gathered)
    if published is None:
        raise ending.failure(target, timeout=offer.seconds)
    return _kept(result(gathered, published), published, order)


def held(gathered: Gathered) -> Published | None:
    """What the Hub holds now, if that is the publication that was asked for."""
    published = repo.read(gathered.repo_id)
    if gathered.order.force and published.head == gathered.published.head:
        return None
    return published if is_published(dataclasses.replace(gathered, published=published)) else None


def result(gathered: Gathered, published: Published) -> Publication:
    """What came of a job, as the Hub holds it."""
    publications.remember({gathered.repo_id: gathered.handles})
    return _described(
        dataclasses.replace(
            unchanged(gathered),
            commit=published.head,
            changed=published.head != gathered.published.head,
        ),
        published,
    )


def _followed(
    order: Order,
    handles: Mapping[str, object],
    target: str,
    job: Job,
    offer: Offer,
    progress: Progress,
) -> Publication:
    """What comes of a job that an earlier run of the same command has started."""
    ending = machine.follow(job, progress, offer=offer)
    published = repo.read(target)
    fingerprint = published.facts.get("fingerprint")
    if not _is_of(ending, published):
        raise ending.failure(target, timeout=offer.seconds)
    publications.remember({target: handles})
    publication = Publication(
        repo_id=target,
        url=repo.address(target),
        commit=published.head,
        changed=published.head != job.labels.get(labels.BEFORE),
        fingerprint=str(fingerprint),
    )
    return _kept(_described(publication, published), published, order)


def _is_of(ending: Ending, published: Published) -> bool:
    """Whether the Hub holds what the job was to publish, however it has ended."""
    asked = ending.job.labels
    is_its = published.facts.get("fingerprint") == asked.get(labels.FINGERPRINT)
    return is_its and published.is_complete and published.head != asked.get(labels.BEFORE)


def _described(publication: Publication, published: Published) -> Publication:
    """The publication with what its card says."""
    model = trained(published)
    try:
        accounts = serialization.from_json(CardFacts, published.facts).accounts
    except HuggingTweetsError:
        accounts = ()
    return dataclasses.replace(
        publication,
        kept=sum(account.statistics.kept for account in accounts),
        samples=model.samples.free if model and model.samples else (),
    )


def _kept(publication: Publication, published: Published, order: Order) -> Publication:
    """The publication, with its files in the folder that was asked for."""
    if order.output is None:
        return publication
    folder = expanded(order.output)
    output.fetch(publication.repo_id, str(published.head), folder)
    return dataclasses.replace(publication, output=folder)
