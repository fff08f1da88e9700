"""What somebody is called: a citizen by whom they share with, an asker by a citizen, and who acted by who reads of it.

A citizen's name is a part of the CV like any other: who did not get it there does not get it from a list or a message
either, and sees what they have anyway, the name of the pod in its address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from werkpod.consent.accounts.model import Account
from werkpod.consent.grants.record import GrantRecord
from werkpod.vocab.fields import FIELDS

_NAME = FIELDS["identity.name"]


def opens_name(grant: GrantRecord) -> bool:
    """Whether who holds this grant reads the citizen's name in the CV: nothing of the name is left out."""
    if "read" not in grant.actions or not (grant.everything or _NAME.section in grant.sections):
        return False
    chosen = (*grant.hidden_entries, *grant.only_entries)
    left_out = _NAME.key in grant.hidden_fields or bool(set(_NAME.predicates) & set(grant.hidden_predicates))
    return not left_out and not any(entry.startswith(f"{_NAME.section}#") for entry in chosen)


def giver(citizen: Account, grants: Iterable[GrantRecord]) -> str:
    """The name of a citizen for who holds these grants of theirs; "" where none of them opens it."""
    return citizen.name if any(opens_name(grant) for grant in grants) else ""


def nameless(citizen: Account, say: Callable[..., str]) -> str:
    """What a citizen is called where the name was not shared."""
    _ = say
    return _("Iemand (%(pod)s)", pod=citizen.slug)


def asker(name: str, host: str, say: Callable[..., str]) -> str:
    """What somebody who asks is called: by their account here; of who is from elsewhere, where from."""
    _ = say
    return name or _("Iemand van %(host)s", host=host)
