"""From a corpus to a trained, measured model."""
