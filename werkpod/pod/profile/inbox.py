"""How much others may leave in an inbox: so fast, and so many in all (W3C LDN, 3.3 and 5: a receiver may refuse).

Who signs in anywhere may leave a message, so anybody with a server of their own can make as many senders as they like:
there is a limit for each sender, one for all senders of a pod together, and one for what stays. Who may write in the
inbox, its owner, is not counted.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from werkpod.pod.access.model import Requester
from werkpod.pod.directory import Pod
from werkpod.pod.profile.errors import InboxBusy, InboxFull
from werkpod.pod.profile.places import INBOX
from werkpod.pod.storage import ResourceStorage

WINDOW = 60.0
"""Seconds in which messages are counted."""
SENDER_MOST = 30
"""Messages that one sender may leave in one inbox in that time."""
POD_MOST = 120
"""Messages that all senders together may leave there in that time."""
MESSAGES_MOST = 1000
BYTES_MOST = 16 << 20
"""Messages of others, and bytes of them, that an inbox keeps; the owner takes some away before there come more."""
_COUNTED = 8192  # senders and pods counted at once, about 300 bytes each


class Inbox:
    """The limits of the inboxes of one server, in this process's memory. `clock`: seconds, forward only."""

    def __init__(self, storage: ResourceStorage, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._storage, self._clock = storage, clock
        self._windows: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    async def admit(self, requester: Requester, pod: Pod, size: int) -> None:
        """Let one message of `size` bytes in, or raise InboxBusy (429, Retry-After) or InboxFull (507)."""
        sender = requester.agent or requester.client or ""
        for whom, most in ((sender, SENDER_MOST), ("*", POD_MOST)):
            seconds = self._left(pod.id, whom, most)
            if seconds:
                detail = f"This inbox takes {most} messages a minute {'in all' if whom == '*' else 'from one sender'}."
                raise InboxBusy(detail, seconds)
        others = [child.size for child in await self._storage.children(pod.id, INBOX) if child.creator != pod.webid]
        if len(others) >= MESSAGES_MOST or sum(others) + size > BYTES_MOST:
            raise InboxFull(
                f"There are {len(others)} messages of {sum(others)} bytes in this inbox; it keeps {MESSAGES_MOST} of "
                f"{BYTES_MOST} bytes, and its owner has to take some away first."
            )
        for whom in (sender, "*"):
            self._count(pod.id, whom)

    def _left(self, pod: str, whom: str, most: int) -> int:
        """Seconds to wait where `whom` has no message left in this window, else 0."""
        began, count = self._windows.get((pod, whom), (-math.inf, 0))
        left = began + WINDOW - self._clock()
        return max(1, math.ceil(left)) if count >= most and left > 0 else 0

    def _count(self, pod: str, whom: str) -> None:
        now = self._clock()
        began, count = self._windows.pop((pod, whom), (now, 0))
        self._windows[pod, whom] = (began, count + 1) if now < began + WINDOW else (now, 1)
        if len(self._windows) > _COUNTED:
            self._windows.popitem(last=False)
