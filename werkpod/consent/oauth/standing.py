"""Whether a grant in force answers a request already, so that nobody has to be asked again."""

from __future__ import annotations

from collections.abc import Collection

from werkpod.consent.accounts.model import Account
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.carrier import Parts
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.details import AccessRequest
from werkpod.vocab.fields import fields_of

_GENERATIONS = 10
"""How many times a grant can be given again before the app is asked about anew."""


async def standing_answer(parts: Parts, account: Account, client: Client, access: AccessRequest) -> GrantRecord | None:
    """The grant of this citizen to this client that answers a request, given when the client was what it is; or None.

    Of several the one with the most of what is optional, and of those the newest.
    """
    if access.once:
        return None
    found = []
    for record in await parts.grants.standing(account.id, agent=account.webid, client=client.id):
        kept = await kept_of(parts, record, client)
        if kept is not None and not kept[0] and answers(record, access, kept[1]):
            found.append(record)
    return max(found, key=lambda r: (r.everything, len(set(access.optional) & set(r.sections)), r.id), default=None)


async def kept_of(parts: Parts, record: GrantRecord, client: Client) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """What a client changed since the yes behind a grant, and what it asked then; None where that is not known.

    A grant that was given again after it ended rests on the yes to the first one.
    """
    for _ in range(_GENERATIONS):
        kept = await parts.store.consented.find(record.pod, record.id, client)
        if kept is not None or record.renews is None:
            return kept
        record = await parts.grants.get(record.pod, record.renews)
    return None


def answers(record: GrantRecord, access: AccessRequest, asked: Collection[str]) -> bool:
    """Whether a grant is an answer to a request; `asked`: the sections and fields that were asked when it was given.

    A citizen who left out an entry, or a field that was not called needed, has answered: the same question again is no
    reason to ask again. A section or a needed field that is missing is, and so is a field that was not asked then.
    """
    if not access.sections:
        return True
    if not (record.everything or set(access.sections) <= set(record.sections)):
        return False
    if not set(access.actions) <= set(record.actions) or record.once:
        return False
    if (access.purpose and record.purpose != access.purpose) or record.legal_basis != access.legal_basis:
        return False
    partly, hidden = {*access.fields, *access.optional_fields}, set(record.hidden_fields)
    needed = {key for section, names in access.fields.items() if section in access.sections for key in names}
    whole = {field.key for key in access.sections if key not in partly for field in fields_of(key)}
    if needed & hidden or whole & (hidden - set(asked)):
        return False
    return record.onward or not access.onward


async def changed_since(parts: Parts, account: Account, client: Client) -> tuple[str, ...]:
    """What a client changed of itself since this citizen's last yes to it that still holds; empty for nothing."""
    for record in reversed(await parts.grants.standing(account.id, agent=account.webid, client=client.id)):
        kept = await kept_of(parts, record, client)
        if kept is not None:
            return kept[0]
    return ()
