"""Schemas that only tests use."""
