"""What this server signs so that it can be checked for ever: receipts, and where each access log stands."""

from werkpod.consent.proof.checking import Checked, PublicKeys
from werkpod.consent.proof.errors import ProofRefused
from werkpod.consent.proof.keys import ProofKeys

__all__ = ["Checked", "ProofKeys", "ProofRefused", "PublicKeys"]
