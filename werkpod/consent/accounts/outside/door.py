"""The door for people of outside providers: its parts, made together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from werkpod.consent.accounts.outside.identities import Identities
from werkpod.consent.accounts.outside.journey import Satchel
from werkpod.consent.accounts.outside.model import OutsideProvider
from werkpod.consent.accounts.outside.provider import Provider, Providers
from werkpod.pod.store.protocol import Database
from werkpod.pod.vault import Vault


@dataclass(frozen=True, slots=True)
class OutsideDoor:
    """What the pages need of outside providers."""

    providers: Providers
    identities: Identities
    satchel: Satchel


def outside_door(
    configured: Sequence[OutsideProvider],
    transport: httpx2.AsyncBaseTransport,
    *,
    database: Database,
    vault: Vault,
    base_url: str,
) -> OutsideDoor:
    """The door; `transport` is guarded, and lets through the private hosts that the operator named."""
    return OutsideDoor(
        Providers([Provider(one, transport, base_url=base_url) for one in configured]),
        Identities(database, vault),
        Satchel(vault, base_url=base_url),
    )
