"""The access log of every pod: sealed, chained, never values."""

from werkpod.consent.ledger.ledger import Head, Ledger, LogLine, Verdict

__all__ = ["Head", "Ledger", "LogLine", "Verdict"]
