"""From a corpus to a trained model: what it sees in each step, its loss, and when to stop."""

from huggingtweets_hub.model.training.loop import train

__all__ = ["train"]
