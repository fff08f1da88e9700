"""What the log has to tell of links and mandates survives a log that cannot be written, or a crash before the line."""

from __future__ import annotations

from pathlib import Path

from support.site import whole_site

from werkpod.consent.mandates.model import Mandate
from werkpod.web.errors import Unavailable


async def test_an_opened_link_and_a_mandate_are_in_the_log_once_after_a_crash(tmp_path: Path) -> None:
    """The rows stand in the units of the view and of the mandate; the chore makes lines of them, and only once."""
    async with whole_site(tmp_path) as site:
        anna, tante = await site.person("Anna"), await site.person("Tante")
        pod, now = anna.account.id, site.clock()
        link = await site.house.links.create(anna.account, ["summary"], days=7, views=3)
        write = site.house.ledger.record

        def broken(pod: str, entry: object) -> None:
            raise Unavailable("The log cannot be written.")

        site.house.ledger.record = broken  # type: ignore[method-assign]
        await site.house.links.open(str(link.url).rpartition("/")[2])
        asked = Mandate("", pod, tante.account.webid, "Tante", "parent", ("see",), (), 30, now, now + 86400)
        mandate = await site.house.mandates.invite(asked)
        await site.house.mandates.answer(tante.account, mandate.id, accept=True)
        site.house.ledger.record = write  # type: ignore[method-assign]
        for _ in range(3):
            await site.house.acts.catch_up()
        lines = [line.entry.action for line in await site.house.ledger.entries(pod)]
        assert sorted(what for what in lines if what.startswith(("link:", "mandate:"))) == [
            "link:opened", "mandate:accepted", "mandate:given",
        ]  # fmt: skip
