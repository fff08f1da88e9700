"""Receipts: what was shared, with whom, when it changed and when it ended, signed so that anybody can check it."""
