"""What can be wrong with asking for a receipt; what can be wrong with one is in `consent.proof.errors`."""

from __future__ import annotations

from werkpod.web.errors import NotFound


class ReceiptNotFound(NotFound):
    """No such receipt, or not for who asks: one answer for both."""

    code, title = "receipt_not_found", "There is no such receipt"
