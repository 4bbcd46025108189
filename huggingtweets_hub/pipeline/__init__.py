"""One account, from the options to the commit: gather, learn, send; and unpublish."""
