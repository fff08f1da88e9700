"""Channels that outlive a restart, as sealed records: a dump says how many there are and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import msgspec
import structlog

from werkpod.pod.access.model import Requester
from werkpod.pod.directory import PodDirectory
from werkpod.pod.notify.channels import Channel
from werkpod.pod.notify.subscriptions import Wanted
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.vault import Vault
from werkpod.web.errors import WerkpodError

_PURPOSE = "channel"

log = structlog.get_logger("werkpod.notify")


class _Record(msgspec.Struct, frozen=True):
    """The sealed form of a channel."""

    secret: str
    type: str
    path: str
    requester: Requester
    wanted: Wanted
    end: float
    seen: str | None
    form: str


_RECORD = msgspec.msgpack.Decoder(_Record)


class KeptChannels:
    """The table of channels, in pods.db. Every method raises StoreFailure."""

    def __init__(self, database: Database, vault: Vault, pods: PodDirectory) -> None:
        self._database, self._vault, self._pods = database, vault, pods

    async def put(self, channel: Channel) -> None:
        """Keep a channel as it is now; on disk when it returns. Raises PodUnavailable."""
        vault = await self._vault.open(channel.pod.id)
        row = vault.tag(_PURPOSE, channel.secret.encode())
        record = _Record(
            channel.secret, channel.type, channel.path, channel.requester, channel.wanted, channel.end, channel.seen,
            channel.form,
        )  # fmt: skip
        sealed = vault.seal_record(_PURPOSE, row.hex(), msgspec.msgpack.encode(record))
        await self._database.write(
            Statement(
                "INSERT INTO channel (pod, id, sealed) VALUES (?1, ?2, ?3)"
                " ON CONFLICT (pod, id) DO UPDATE SET sealed = excluded.sealed",
                (channel.pod.id, row, sealed),
            )
        )

    async def forget(self, channel: Channel) -> None:
        """Keep a channel no longer. Idempotent. Raises PodUnavailable."""
        vault = await self._vault.open(channel.pod.id)
        row = vault.tag(_PURPOSE, channel.secret.encode())
        await self._database.write(Statement("DELETE FROM channel WHERE pod = ?1 AND id = ?2", (channel.pod.id, row)))

    async def all(self) -> AsyncIterator[Channel]:
        """Every channel that is kept; those whose pod is gone, or that do not open, are passed over."""
        for pod_id, row, sealed in await self._database.fetch("SELECT pod, id, sealed FROM channel ORDER BY pod, id"):
            try:
                pod = await self._pods.by_id(cast("str", pod_id))
                if pod is None:
                    continue
                vault = await self._vault.open(pod.id)
                record = _RECORD.decode(vault.open_record(_PURPOSE, cast("bytes", row).hex(), cast("bytes", sealed)))
            except (WerkpodError, msgspec.DecodeError):
                log.warning("a notification channel could not be read", pod=pod_id)
                continue
            yield Channel(
                record.secret, record.type, pod, record.path, record.requester, record.wanted, record.end, record.seen,
                record.form,
            )  # fmt: skip
