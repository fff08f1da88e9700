"""Somebody at work for a citizen: who, for whom, under which mandate, for as long as one request is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from werkpod.consent.accounts.model import Account
from werkpod.consent.mandates.model import Mandate

_at_work: ContextVar[Acting | None] = ContextVar("werkpod_acting", default=None)


@dataclass(frozen=True, slots=True)
class Acting:
    """`actor` acts for `citizen` under `mandate`."""

    mandate: Mandate
    citizen: Account
    actor: Account

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Inside the block everything that happens is done by `actor` (`acting_now`)."""
        token = _at_work.set(self)
        try:
            yield
        finally:
            _at_work.reset(token)


def acting_now() -> Acting | None:
    """Who acts for a citizen in the request that is being answered; None: the person themselves.

    It says in whose name a line of the ledger is written, and is the second lock on what a representative gives: a
    page that forgets to name them gives nothing, instead of giving in the citizen's name without limits.
    """
    return _at_work.get()
