"""That an answer gives no more than was asked: the last look before the grant."""

from __future__ import annotations

from werkpod.consent.asking.errors import BadAsk
from werkpod.consent.asking.model import Ask
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.detail_members import kept_seconds

_LATE = 60.0
"""Seconds that a page may take between counting the end and giving."""


def check_within(record: GrantRecord, ask: Ask, now: float) -> None:
    """Raise BadAsk where `record` gives something that `ask` did not ask, or to somebody else."""
    content, access = ask.content, ask.content.access
    client = content.client if content.only_client else None
    if (record.agent, record.client, record.request) != (content.asker, client, ask.id):
        raise BadAsk("The answer is for somebody else than who asked.")
    if record.everything or not set(record.sections) <= set(access.possible):
        raise BadAsk("The answer gives sections that were not asked.")
    if not set(record.actions) <= set(access.actions):
        raise BadAsk("The answer lets do more than was asked.")
    if not set(access.must_hide(record.sections, access_ticked(ask))) <= set(record.hidden_fields):
        raise BadAsk("The answer gives fields that were not asked.")
    if record.until is None or record.until > now + (access.seconds or 0.0) + _LATE:
        raise BadAsk("The answer lasts longer than was asked.")
    if kept_seconds(record.keep) > kept_seconds(access.keep) or (record.onward and not access.onward):
        raise BadAsk("The answer lets keep or pass on more than was asked.")
    if (record.purpose, record.legal_basis) != (access.purpose, access.legal_basis):
        raise BadAsk("The answer is for another purpose than was asked.")


def access_ticked(ask: Ask) -> tuple[str, ...]:
    """The optional fields of a request, all of which an answer may give."""
    return tuple(key for keys in ask.content.access.optional_fields.values() for key in keys)
