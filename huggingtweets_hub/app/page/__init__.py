"""The static page where a namespace's bots run in the visitor's browser, and the Space that holds it."""
