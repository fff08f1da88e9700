"""What citizens report of who asks them, to who runs the server: who asked, for what, and how many citizens say so.

Nothing of the citizen goes along: no name, no pod, nothing that they have or wrote, and the day instead of the moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.consent.asking.model import DAY, Content, Kind
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.vault import SERVER, Vault

_INSERT = (
    "INSERT INTO asker_report (pod, asker, citizen, day, sealed) VALUES (?1, ?2, ?3, ?4, ?5)"
    " ON CONFLICT (pod, asker, citizen) DO NOTHING"
)
_LIST = "SELECT asker, citizen, day, sealed FROM asker_report WHERE pod = ?1 ORDER BY day DESC, asker, citizen"
_PURPOSE = "asker-report"


class _Told(msgspec.Struct, frozen=True):
    """The sealed part of a report."""

    asker: str
    kind: Kind
    name: str
    client: str
    sections: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class Reported:
    """An asker whom citizens reported. `citizens`: how many; `first`, `last`: days, in Unix seconds.

    `name`: of their account here, "" for who is from elsewhere; `sections`, `purposes`: what they asked, and the DPV
    terms that they said it was for.
    """

    asker: str
    kind: Kind
    name: str
    clients: tuple[str, ...]
    sections: tuple[str, ...]
    purposes: tuple[str, ...]
    citizens: int
    first: float
    last: float


class Reports:
    """The reports on this server."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def add(self, citizen: str, content: Content, now: float) -> None:
        """Report who sent a request, on behalf of a citizen (a pod's id). Twice is once."""
        vault = await self._vault.open(SERVER)
        asker = vault.lookup("report-asker", content.asker)
        once = vault.lookup("report-citizen", f"{citizen} {content.asker}")
        access = content.access
        told = _Told(
            content.asker, content.kind, content.name, content.client, tuple(access.possible), access.purpose
        )  # fmt: skip
        sealed = vault.seal_record(_PURPOSE, asker.hex() + once.hex(), msgspec.msgpack.encode(told))
        await self._database.write(Statement(_INSERT, (SERVER, asker, once, now - now % DAY, sealed)))

    async def list(self) -> Sequence[Reported]:
        """Everybody who was reported, the last one first."""
        vault = await self._vault.open(SERVER)
        found: dict[bytes, list[tuple[float, _Told]]] = {}
        for row in await self._database.fetch(_LIST, SERVER):
            asker, once, day, sealed = cast("tuple[bytes, bytes, float, bytes]", row)
            plain = vault.open_record(_PURPOSE, asker.hex() + once.hex(), sealed)
            found.setdefault(asker, []).append((day, msgspec.msgpack.decode(plain, type=_Told)))
        return [_together(reports) for reports in found.values()]


def _together(reports: Sequence[tuple[float, _Told]]) -> Reported:
    last, told = reports[0]
    every = [one for _, one in reports]
    return Reported(
        told.asker, told.kind, told.name,
        clients=tuple(dict.fromkeys(one.client for one in every if one.client)),
        sections=tuple(dict.fromkeys(section for one in every for section in one.sections)),
        purposes=tuple(dict.fromkeys(one.purpose for one in every if one.purpose)),
        citizens=len(reports), first=reports[-1][0], last=last,
    )  # fmt: skip
