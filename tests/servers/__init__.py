"""Loopback servers that speak the real services' protocols to their real clients."""
