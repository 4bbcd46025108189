"""What every room stands on: errors, settings, names, records, JSON, files, progress."""
