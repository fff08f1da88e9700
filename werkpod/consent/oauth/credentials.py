"""Credentials: client id and secret that a citizen makes for a tool of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.consent.accounts.model import Account
from werkpod.consent.errors import NameUnfit
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.clients import CREDENTIAL_ID, CredentialRecord
from werkpod.consent.oauth.ports import GrantStore
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.vault import Vault
from werkpod.web.ids import secret, secret_hash, ulid

PURPOSE = "https://w3id.org/dpv#PersonalPurpose"
"""The citizen's own use of their own data."""
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as the citizen sees it; `grant` is what ends when it is stopped."""

    client_id: str
    label: str
    grant: str
    created: float


class Credentials:
    """The credentials of all citizens. A client id is `pod.ulid` and says nothing of who the citizen is."""

    def __init__(
        self, database: Database, vault: Vault, grants: GrantStore, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._vault, self._grants, self._clock = database, vault, grants, clock

    async def create(self, account: Account, label: str) -> tuple[str, str]:
        """(client id, secret) with a grant of everything in the account's own pod, without an end. Raises NameUnfit.

        The secret is not shown again. Grant first, credential second: should the second fail, nobody can use the first.
        """
        label = " ".join(label.split())
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            raise NameUnfit(f"A label has 1 to {LONGEST_LABEL} readable characters.")
        now = self._clock()
        name, value = ulid(now), secret()
        client_id = f"{account.id}.{name}"
        own = await self._vault.open(account.id)
        grant = await self._grants.create(
            GrantRecord(
                id="",
                pod=account.id,
                agent=account.webid,
                client=client_id,
                client_name=label,
                receiver_name=label,
                receiver_kind="tool",
                everything=True,
                actions=("read", "append", "write"),
                purpose=PURPOSE,
                created=now,
                not_before=now,
                until=None,
            )
        )
        sealed = own.seal_record("credential", name, msgspec.json.encode(CredentialRecord(label, grant.id)))
        await self._database.write(
            Statement(
                "INSERT INTO credential (pod, id, secret, sealed, created) VALUES (?1, ?2, ?3, ?4, ?5)",
                (account.id, name, secret_hash(value), sealed, now),
            )
        )
        return client_id, value

    async def list(self, account: Account) -> list[Credential]:
        """The credentials in use, newest first."""
        own = await self._vault.open(account.id)
        rows = await self._database.fetch(
            "SELECT id, sealed, created FROM credential WHERE pod = ?1 AND stopped IS NULL ORDER BY id DESC", account.id
        )
        found = []
        for row in rows:
            name, sealed, created = cast("tuple[str, bytes, float]", row)
            record = msgspec.json.decode(own.open_record("credential", name, sealed), type=CredentialRecord)
            found.append(Credential(f"{account.id}.{name}", record.label, record.grant, created))
        return found

    async def stop(self, account: Account, client_id: str) -> None:
        """Make a credential useless for new tokens; stop its grant too, so that those that are out end. Idempotent."""
        match = CREDENTIAL_ID.match(client_id)
        if match and match[1] == account.id:
            await self._database.write(
                Statement(
                    "UPDATE credential SET stopped = coalesce(stopped, ?3) WHERE pod = ?1 AND id = ?2",
                    (account.id, match[2], self._clock()),
                )
            )
