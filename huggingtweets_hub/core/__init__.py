"""What everything else builds on: errors, settings, names, records, JSON, files, progress."""
