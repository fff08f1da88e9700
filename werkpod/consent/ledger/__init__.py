"""The access log of every pod: sealed, chained, never values."""

from werkpod.consent.ledger.acts import Act, Acts
from werkpod.consent.ledger.audit import Audit
from werkpod.consent.ledger.chain import Head, LogLine
from werkpod.consent.ledger.heads import SignedHead, SignedHeads
from werkpod.consent.ledger.ledger import Ledger
from werkpod.consent.ledger.looking import Receiver, Wanted, receiver_key
from werkpod.consent.ledger.verifying import Verdict

__all__ = [
    "Act",
    "Acts",
    "Audit",
    "Head",
    "Ledger",
    "LogLine",
    "Receiver",
    "SignedHead",
    "SignedHeads",
    "Verdict",
    "Wanted",
    "receiver_key",
]
