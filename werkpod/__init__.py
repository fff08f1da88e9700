"""Werkpod: a personal data store for work."""

__version__ = "0.1.0"
