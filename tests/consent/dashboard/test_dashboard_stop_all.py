"""Stop alles: one question, then nothing is shared any more, in whatever way it was; and what was done is said."""

from __future__ import annotations

import pytest
from support.site import Site, Visitor

from werkpod.consent.grants import GrantRecord
from werkpod.consent.links import LinkGone
from werkpod.pod.access.model import PUBLIC, Mode

ACL = "http://www.w3.org/ns/auth/acl#"


async def sharer(site: Site) -> tuple[Visitor, str, str]:
    """Anna, who shares in every way there is; the secret of her link, and the id of her tool."""
    anna, karin = await site.person("Anna"), await site.person("Karin Coach", "coach")
    await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": "summary", "dagen": "30"})
    link = await site.house.links.create(anna.account, ["summary"], days=7, views=3, label="Bakkerij")
    tool, _ = await site.house.credentials.create(anna.account, "Mijn script")
    now = site.clock()
    for client, start in (("https://a.example/app", now - 1), ("https://b.example/app", now + 3600)):
        record = GrantRecord(
            id="", pod=anna.account.id, agent=anna.account.webid, client=client, receiver_name="Een app",
            receiver_kind="app", created=now, not_before=start, until=now + 86400, sections=("experience",),
        )  # fmt: skip
        await site.house.grants.create(record)
    at = f"<{anna.account.storage}cv/summary>"
    rule = f"<#r> a <{ACL}Authorization> ; <{ACL}agentClass> <http://xmlns.com/foaf/0.1/Agent> ; "
    await anna.put("cv/summary.acl", f"{rule} <{ACL}accessTo> {at} ; <{ACL}mode> <{ACL}Read> .".encode())
    assert link.url is not None
    return anna, link.url.rpartition("/")[2], tool


async def test_the_question_names_what_will_end_and_ends_nothing(site: Site) -> None:
    """The page before the end lists every receiver and has one button; looking at it stops nothing."""
    anna, _, _ = await sharer(site)
    assert "/regie/delen/stop-alles" in await anna.page("/regie/delen")
    page = await anna.page("/regie/delen/stop-alles")
    for name in ("Karin Coach", "Bakkerij", "Mijn script", "Een app", "Iedereen"):
        assert name in page, name
    assert page.count("<button") - page.count("wp-linkbutton") == 1
    assert len(await site.house.grants.list(anna.account.id, active_only=True)) == 4


async def test_everything_ends_and_the_page_says_what_that_was(site: Site) -> None:
    """Grants (those that would begin later too), link, tool and the rule of another app are over."""
    anna, secret, tool = await sharer(site)
    done = await anna.post("/regie/delen/stop-alles")
    assert done.status_code == 200
    for text in ("Alles is gestopt", "1 app<", "1 coach<", "1 link<", "1 hulpmiddel van jezelf", "1 regel die een app"):
        assert text in done.text, text
    assert all(grant.revoked_at for grant in await site.house.grants.list(anna.account.id))
    with pytest.raises(LinkGone):
        await site.house.links.open(secret)
    assert tool not in {each.client_id for each in await site.house.credentials.list(anna.account)}
    pod = await site.house.pods.by_id(anna.account.id)
    assert pod is not None
    assert (await site.house.service.access(PUBLIC, pod, "cv/summary")).modes == Mode.NONE
    assert (await site.house.service.access(PUBLIC, pod, "profile/card")).modes == Mode.READ
    page = await anna.page("/regie/delen")
    assert "Niemand. Alleen jij kunt je gegevens zien." in page
    assert "/regie/delen/stop-alles" not in page


async def test_a_second_press_says_that_there_was_nothing(site: Site) -> None:
    """Once more does no harm and claims nothing."""
    anna, _, _ = await sharer(site)
    await anna.post("/regie/delen/stop-alles")
    again = await anna.post("/regie/delen/stop-alles")
    assert "Er was niets om te stoppen" in again.text
    assert "Dit is nu voorbij" not in again.text


async def test_it_ends_nothing_of_anybody_else(site: Site) -> None:
    """Another citizen's grants go on."""
    anna, _, _ = await sharer(site)
    bert = await site.person("Bert")
    await bert.post("/regie/delen/stop-alles")
    assert len(await site.house.grants.list(anna.account.id, active_only=True)) == 4


async def test_the_form_takes_no_other_fields(site: Site) -> None:
    """A form with more in it than our page has is refused, and nothing ends."""
    anna, _, _ = await sharer(site)
    assert (await anna.post("/regie/delen/stop-alles", {"behalve": "x"})).status_code == 400
    assert len(await site.house.grants.list(anna.account.id, active_only=True)) == 4
