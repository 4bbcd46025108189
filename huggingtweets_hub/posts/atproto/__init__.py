"""Bluesky: accounts and their repositories of posts, as the AT Protocol keeps them."""
