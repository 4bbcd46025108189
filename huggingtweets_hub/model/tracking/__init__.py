"""Where a run is recorded: Weights & Biases, trackio, or nowhere."""
