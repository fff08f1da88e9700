"""Numbered migrations of ledger.db."""
