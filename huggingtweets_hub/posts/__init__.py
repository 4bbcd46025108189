"""From a source to a timeline, and from timelines to a corpus."""
