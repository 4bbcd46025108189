"""From a corpus to a trained model: what it sees in each step, how far it is off, when it is good."""

from huggingtweets_hub.model.training.loop import train

__all__ = ["train"]
