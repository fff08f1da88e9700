"""What a citizen's yes rested on: what the app said of itself, and what it asked.

An app that changed since is asked about again, and the page says in what it changed
(draft-ietf-oauth-client-id-metadata-document, section 6.4). Kept are hashes of what it said, sealed under the pod's own
keys: enough to say what is different, nothing to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.details import DOCUMENT_MEMBER, AccessRequest
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.vault import Vault
from werkpod.vocab.fields import fields_of

WATCHED: Mapping[str, tuple[str, ...]] = {
    "name": ("client_name", "client_name#nl", "client_name#en"),
    "address": ("client_uri",),
    "redirect_uris": ("redirect_uris",),
    "keys": ("jwks", "jwks_uri"),
    "authentication": ("token_endpoint_auth_method",),
    "logo": ("logo_uri",),
    "contacts": ("contacts",),
    "scope": ("scope",),
    "access": (DOCUMENT_MEMBER,),
    "terms": ("policy_uri", "tos_uri"),
}
"""What a yes rests on: what a change of it is called, and the members of a client document."""
SOMETHING = "something"
"""A change of before it was kept what an app said."""
_PURPOSE = "consented-client"


class Consented(msgspec.Struct, frozen=True):
    """`said`: hashes by the names of `WATCHED`; `asked`: keys of the sections and fields that were asked."""

    said: dict[str, bytes]
    asked: tuple[str, ...] = ()


def said_of(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Hashes of what an app says of itself, by the names of `WATCHED`."""
    chosen = {name: [document.get(member) for member in members] for name, members in WATCHED.items()}
    return {
        name: hashlib.sha256(msgspec.json.encode(value, order="sorted")).digest()[:16] for name, value in chosen.items()
    }


def snapshot_of(said: Mapping[str, bytes]) -> bytes:
    """One hash of all that."""
    return hashlib.sha256(b"".join(said[name] for name in WATCHED)).digest()


def asked_of(access: AccessRequest) -> tuple[str, ...]:
    """Keys of the sections, and of each the fields, that a request asks; none where the citizen chooses."""
    partly = {*access.fields, *access.optional_fields}
    whole = [field.key for key in access.possible if key not in partly for field in fields_of(key)]
    some = [key for names in (*access.fields.values(), *access.optional_fields.values()) for key in names]
    return (*access.possible, *whole, *some)


class ConsentedClients:
    """One row for each grant to an app."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def remember(self, pod: str, grant_id: str, client: Client, access: AccessRequest) -> None:
        """Keep what the app said and asked when the citizen said yes."""
        record = Consented(dict(client.said), asked_of(access))
        vault = await self._vault.open(pod)
        sealed = vault.seal_record(_PURPOSE, grant_id, msgspec.msgpack.encode(record))
        await self._database.write(
            Statement(
                "INSERT INTO consented_client (pod, grant_id, snapshot, sealed) VALUES (?1, ?2, ?3, ?4)"
                " ON CONFLICT (pod, grant_id) DO UPDATE SET snapshot = excluded.snapshot, sealed = excluded.sealed",
                (pod, grant_id, client.snapshot, sealed),
            )
        )

    async def find(self, pod: str, grant_id: str, client: Client) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """(what the app changed since, what it asked then) of a grant; None where nothing was kept of it."""
        rows = await self._database.fetch(
            "SELECT snapshot, sealed FROM consented_client WHERE pod = ?1 AND grant_id = ?2", pod, grant_id
        )
        if not rows:
            return None
        snapshot, sealed = cast("tuple[bytes, bytes | None]", rows[0])
        same = bytes(snapshot) == client.snapshot
        if sealed is None:
            return () if same else (SOMETHING,), ()
        plain = (await self._vault.open(pod)).open_record(_PURPOSE, grant_id, bytes(sealed))
        record = msgspec.msgpack.decode(plain, type=Consented)
        changed = tuple(name for name in WATCHED if record.said.get(name) != client.said.get(name))
        return () if same else changed or (SOMETHING,), record.asked
