"""A message from one person of this server in the inbox of another."""

from __future__ import annotations

from werkpod.consent import posting
from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import DashboardParts


async def tell(parts: DashboardParts, sender: Account, receiver: Account, message: str, **values: str) -> None:
    """Drop a message in `receiver`'s inbox, in their language. What it is about is done: a full inbox changes nothing.

    `message`: a msgid with `values` for its `%(name)s`.
    """
    text = parts.pages.gettext(receiver.lang)(message, **values)
    body = posting.message(sender.webid, receiver.webid, text, parts.clock())
    await posting.drop(parts.service, parts.pods, sender.webid, receiver, body, client=parts.base_url)
