"""What a running server does now and then, beside answering: sign heads, note what expired, remind, tidy.

Each chore may run in several processes at once and be cut off at any moment, so each must be safe to repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

_log = structlog.get_logger("werkpod.chores")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every `seconds`, the first time at once. `run` must not hold the event loop for more than ms."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]


async def do(chores: Sequence[Chore]) -> None:
    """Do the chores until cancelled, each in its own rhythm; one that fails is logged and tried again next time."""
    async with asyncio.TaskGroup() as group:
        for chore in chores:
            group.create_task(_repeat(chore), name=f"chore-{chore.name}")


async def _repeat(chore: Chore) -> None:
    while True:
        try:
            await chore.run()
        except Exception:  # noqa: BLE001 (the edge of this task: the server goes on, the next round tries again)
            _log.exception("chore_failed", chore=chore.name)
        await asyncio.sleep(chore.seconds)
