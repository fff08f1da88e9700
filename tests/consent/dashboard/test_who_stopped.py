"""Who ended or changed what is shared: the page, the log and the receipt say it."""

from __future__ import annotations

from support.site import Site

from werkpod.consent.grants import GrantRecord
from werkpod.consent.receipts import document, reading

CLIENT = "https://app.example/id.jsonld"


async def given(site: Site, pod: str, webid: str) -> GrantRecord:
    """A grant to an app."""
    now = site.clock()
    record = GrantRecord(
        id="", pod=pod, agent=webid, client=CLIENT, receiver_name="Banenzoeker", receiver_kind="app", created=now,
        not_before=now, until=now + 86400, sections=("summary", "wishes"), purpose_text="Banen zoeken.",
    )  # fmt: skip
    return await site.house.grants.create(record)


async def test_an_app_that_stops_by_itself_is_named_everywhere(site: Site) -> None:
    """138: not "you stopped": the page of the grant, the log and the receipt say that the app did."""
    anna = await site.person("Anna")
    grant = await given(site, anna.account.id, anna.account.webid)
    ended = await site.house.grants.revoke(grant.pod, grant.id, by=grant.pod, actor=CLIENT)
    assert (ended.by, grant.by) == (CLIENT, None)
    page = await anna.page(f"/regie/delen/{grant.id}")
    assert page.count("Banenzoeker is zelf gestopt.") == 2
    assert "Je bent gestopt met delen." not in page
    await site.house.acts.settled()
    log = await anna.page("/regie/delen/logboek")
    assert "Banenzoeker is zelf gestopt." in log
    assert "Je stopte met delen" not in log
    given_receipt, stopped = (kept.receipt for kept in await site.house.receipts.of_grant(grant.pod, grant.id))
    assert (given_receipt.by, stopped.by, stopped.by_app) == (None, CLIENT, True)
    assert reading.from_bytes(document.to_bytes(stopped)) == stopped
    assert "De app zelf." in await anna.page(f"/regie/bewijzen/{stopped.id}")


async def test_what_a_tool_of_the_citizen_does_has_its_name(site: Site) -> None:
    """A tool that stops what another app has is told apart from the citizen, by the name that they gave it."""
    anna = await site.person("Anna")
    await anna.post("/regie/instellingen/hulpmiddel", {"naam": "Mijn script", "zeker": "ja"})
    (tool,) = await site.house.credentials.list(anna.account)
    grant = await given(site, anna.account.id, anna.account.webid)
    await site.house.grants.revoke(grant.pod, grant.id, by=grant.pod, actor=tool.client_id)
    assert "Mijn script stopte dit voor jou." in await anna.page(f"/regie/delen/{grant.id}")
    await site.house.acts.settled()
    assert "Namens jou stopte Mijn script met delen met Banenzoeker." in await anna.page("/regie/delen/logboek")
    stopped = (await site.house.receipts.of_grant(grant.pod, grant.id))[-1].receipt
    assert f"Een eigen hulpmiddel: {tool.client_id}" in await anna.page(f"/regie/bewijzen/{stopped.id}")
