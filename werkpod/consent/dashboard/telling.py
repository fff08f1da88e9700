"""A message from one person of this server in the inbox of another."""

from __future__ import annotations

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import notes
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.pod.access.model import Requester
from werkpod.vocab.sections import INBOX
from werkpod.web.errors import WerkpodError


async def tell(parts: DashboardParts, sender: Account, receiver: Account, message: str, **values: str) -> None:
    """Drop a message in `receiver`'s inbox, in their language. What it is about is done: a full inbox changes nothing.

    `message`: a msgid with `values` for its `%(name)s`.
    """
    pod = await parts.pods.by_id(receiver.id)
    if pod is None:
        return
    text = parts.pages.gettext(receiver.lang)(message, **values)
    body = notes.share_note(sender.webid, receiver.webid, text, parts.clock())
    # The sender is an agent like any other at the receiver's pod; these pages are the client.
    asker = Requester(agent=sender.webid, client=parts.base_url)
    try:
        await parts.service.post(asker, pod, INBOX.path, body, "text/turtle")
    except WerkpodError:
        return
