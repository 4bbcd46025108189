"""Many accounts with one command: nothing is lost, nothing is done or paid for twice."""

from huggingtweets_hub.batch.run import Batch, publish_batch

__all__ = ["Batch", "publish_batch"]
