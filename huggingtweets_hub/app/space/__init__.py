"""The files of the Space that `deploy` fills in and sends: its card, its requirements, its program."""
