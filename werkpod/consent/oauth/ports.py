"""What OAuth needs of its neighbours, as protocols: grants and share links.

`consent.grants.Grants` and `consent.links.ShareLinks` fulfil them; OAuth knows no more of either than is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from werkpod.consent.grants import GrantRecord


class GrantStore(Protocol):
    """Where the grants are. Answers come from the store at each call, so a stopped grant shows at once."""

    async def create(self, record: GrantRecord) -> GrantRecord:
        """Keep a new grant; an empty `id` gets a new one. Raises InvalidGrant."""
        ...

    async def get(self, pod: str, grant_id: str) -> GrantRecord:
        """The current version of a grant, whatever its state. Raises GrantNotFound."""
        ...

    async def revoke(self, pod: str, grant_id: str, *, by: str, actor: str | None = None) -> GrantRecord:
        """End a grant now; the ended version. `actor`: the app (client id) that does so itself.

        Ending it twice changes nothing. Raises GrantNotFound.
        """
        ...

    async def standing(self, pod: str, *, agent: str, client: str) -> Sequence[GrantRecord]:
        """The active grants to this client for this agent, oldest first."""
        ...


class LinkOpener(Protocol):
    """Opens share links."""

    async def open(self, secret: str, passcode: str | None = None) -> tuple[str, GrantRecord]:
        """Count a view and return (pod, grant). Raises LinkGone: one answer for every reason."""
        ...
