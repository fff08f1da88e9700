"""Who asks, and how that is known: from the token, and from nothing that the request says of itself."""

from __future__ import annotations

from typing import Protocol

from werkpod.consent.accounts.accounts import Accounts
from werkpod.consent.asking.errors import MayNotAsk
from werkpod.consent.asking.model import Asker
from werkpod.consent.grants import GrantNotFound, Grants
from werkpod.pod.access.model import Requester
from werkpod.web.errors import Unauthorized


class People(Protocol):
    """Where accounts and their grants are found."""

    @property
    def base_url(self) -> str:
        """Origin, without a slash at the end."""
        ...

    @property
    def accounts(self) -> Accounts:
        """The accounts of this server."""
        ...

    @property
    def grants(self) -> Grants:
        """Their grants."""
        ...


async def asker_of(people: People, who: Requester, now: float) -> Asker:
    """Who asks with this token. Raises Unauthorized (nobody), MayNotAsk.

    A coach or an employer of this server asks with one of its services, or with a tool of their own: what they let into
    a section of their pod cannot speak for them. Of who is from elsewhere only the address is known, as their own
    provider vouches for it (Solid-OIDC); nothing that they call themselves is repeated.
    """
    if who.agent is None or who.confined:
        challenge = {"WWW-Authenticate": f'DPoP realm="{people.base_url}"'}
        raise Unauthorized("Send a DPoP-bound access token of who asks.", headers=challenge)
    account = await people.accounts.by_webid(who.agent)
    if account is None:
        if who.issuer in (None, people.base_url) or who.agent.startswith(people.base_url + "/"):
            raise Unauthorized("The token is of somebody who has no account here.")
        return Asker(who.agent, "elsewhere", client=who.client or "")
    if account.role == "citizen":
        raise MayNotAsk("Coaches, employers and services ask; a citizen shares.")
    try:
        grant = await people.grants.get(account.id, who.grant or "")
    except GrantNotFound:
        raise MayNotAsk("The token names no grant of this account.") from None
    if not grant.active(now) or grant.client is None or grant.client != who.client:
        raise MayNotAsk("The grant that the token names has ended.")
    if grant.receiver_kind != "tool" and not grant.client.startswith(f"{people.base_url}/apps/"):
        raise MayNotAsk("Ask with a service of this server, or with a tool that may do everything for you.")
    return Asker(
        account.webid, account.role, name=account.name, client=grant.client,
        client_name=grant.client_name or grant.receiver_name, pod=account.id,
    )  # fmt: skip
