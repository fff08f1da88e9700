"""Asking somebody for help, saying yes, doing something for them, and stopping: the pages."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from support.helping import FOR, ROOT, Helping, forms


async def test_nothing_is_ticked_and_there_is_a_second_step(two: Helping) -> None:
    """The form chooses nothing; the second page says all of it in words before anybody is asked."""
    page = await two.sanne.page(f"{ROOT}/nieuw")
    assert " checked" not in page
    check = (await two.sanne.post(f"{ROOT}/nieuw", two.asks())).text
    for words in ("Je vraagt Tante Karin", "Stoppen met delen", "90 dagen per keer", "Ja, vraag Tante Karin"):
        assert words in check
    assert await two.site.house.mandates.of(two.sanne.account.id) == []
    again = (await two.sanne.post(f"{ROOT}/nieuw", {**two.asks(), "terug": "1"})).text
    assert 'value="Tante Karin"' in again
    assert again.count(" checked") == 6  # mentor, three acts, two sections


async def test_nothing_counts_before_the_other_says_yes(two: Helping) -> None:
    """An invitation gives nothing; who says no is told to the citizen, and cannot say yes after that."""
    await two.sanne.post(f"{ROOT}/nieuw/ja", two.asks())
    (asked,) = await two.site.house.mandates.of(two.sanne.account.id)
    two.mandate = asked.id
    assert (await two.karin.post(f"{FOR}/begin", {"hulp": asked.id})).status_code == 404
    assert "Sanne de Wit vraagt of je wilt helpen" in await two.karin.page(FOR)
    messages = await two.karin.page("/regie/berichten")
    assert "Sanne de Wit vraagt of je wilt helpen" in messages
    assert f"Van iemand die je niet kent: {two.sanne.account.webid}" in messages
    await two.karin.post(f"{FOR}/antwoord", {"hulp": asked.id, "antwoord": "nee"})
    assert "Tante Karin kan je nu niet helpen" in await two.sanne.page("/regie/berichten")
    assert (await two.karin.post(f"{FOR}/antwoord", {"hulp": asked.id, "antwoord": "ja"})).status_code == 404
    assert [what for what, _, _ in await two.acts()] == ["mandate:given", "mandate:declined"]


async def test_who_helps_sees_on_each_page_for_whom(two: Helping) -> None:
    """After the switch every page says so with a way back, under a new session; the ledger has who did it."""
    await two.agree()
    before = two.karin.client.cookies[two.site.house.sessions.cookie]
    await two.begin()
    assert two.karin.client.cookies[two.site.house.sessions.cookie] != before
    assert await two.site.house.sessions.account(before) is None
    for path in (FOR, "/regie/delen"):
        page = await two.karin.page(path)
        assert "Je regelt dit voor Sanne de Wit." in page
        assert f'action="{FOR}/klaar"' in page
    assert "Deze bladzijde gaat over jezelf" in await two.karin.page("/over")
    karin = two.karin.account.webid
    assert await two.acts() == [
        ("mandate:given", karin, None), ("mandate:accepted", karin, None), ("mandate:used", karin, karin),
    ]  # fmt: skip
    await two.karin.post(f"{FOR}/klaar")
    assert "Sanne" not in await two.karin.page("/over")


async def test_the_citizen_stops_it_with_one_press(two: Helping) -> None:
    """The very next page of the other shows nothing any more, and both have it in writing."""
    await two.agree()
    await two.begin()
    await two.sanne.post(f"{ROOT}/stop", {"hulp": two.mandate})
    there = await two.karin.get("/regie/delen")
    assert (there.status_code, there.headers["location"]) == (303, f"{FOR}?over=1")
    over = await two.karin.page(FOR)
    assert "Je regelt niets meer voor deze persoon" in over
    assert "Sanne" not in over
    await two.karin.post(f"{FOR}/klaar")
    assert "Niemand heeft je gevraagd" in await two.karin.page(FOR)
    messages = await two.karin.page("/regie/berichten")
    assert "Je regelt niets meer voor Sanne de Wit" in messages
    assert (await two.acts())[-1] == ("mandate:stopped", two.karin.account.webid, None)


async def test_who_helps_can_give_it_up(two: Helping) -> None:
    """One press of the other ends it too; the citizen hears it, and the ledger says who did it."""
    await two.agree()
    await two.begin()
    await two.karin.post(f"{FOR}/stop", {"hulp": two.mandate})
    assert "Niemand heeft je gevraagd" in await two.karin.page(FOR)
    assert "Tante Karin regelt niets meer voor je." in await two.sanne.page("/regie/berichten")
    assert (await two.acts())[-1] == ("mandate:stopped", two.karin.account.webid, two.karin.account.webid)


async def test_every_form_says_in_whose_name_it_was_shown(two: Helping) -> None:
    """What one page showed for Sanne does nothing when the window is one's own again, and the other way round."""
    await two.agree()
    own = await two.karin.page("/regie/delen/stop-alles")
    assert 'name="namens"' not in own
    await two.begin()
    page = await two.karin.page("/regie/delen")
    assert all(f'name="namens" value="{two.mandate}"' in form for form in forms(page))
    fields: dict[str, str | list[str]] = {"delen": "01J00000000000000000000000"}
    assert (await two.karin.post("/regie/delen/stop", fields)).status_code == 409
    assert (await two.karin.post("/regie/delen/stop", two.named(fields))).status_code == 404
    await two.karin.post(f"{FOR}/klaar")
    assert (await two.karin.post("/regie/delen/stop", two.named(fields))).status_code == 409


async def test_a_heap_of_invitations_hides_nobody(two: Helping, monkeypatch: pytest.MonkeyPatch) -> None:
    """For whom somebody acts comes before who else asks, and what is over makes room."""
    monkeypatch.setattr("werkpod.consent.mandates.mandates._LISTED", 2)
    await two.agree()
    for name in ("Noor Bos", "Omar Haddad", "Fatma Yilmaz"):
        asker = await two.site.person(name)
        await asker.post(f"{ROOT}/nieuw/ja", two.asks())
    page = await two.karin.page(FOR)
    assert ("Regel iets voor Sanne de Wit" in page, "Fatma Yilmaz vraagt" in page, "Noor Bos" in page) == (
        True, True, False,
    )  # fmt: skip
    await two.sanne.post(f"{ROOT}/stop", {"hulp": two.mandate})
    assert "Omar Haddad vraagt" in await two.karin.page(FOR)


async def test_a_citizen_has_a_few_helpers_at_most(two: Helping) -> None:
    """Five at once; the sixth is asked when one is stopped."""
    for place in range(5):
        asked = await two.sanne.post(f"{ROOT}/nieuw/ja", two.asks(gebruikersnaam=f"iemand-{place}"))
        assert asked.status_code == 303
    refused = await two.sanne.post(f"{ROOT}/nieuw/ja", two.asks())
    assert (refused.status_code, "Je kunt niet te veel mensen tegelijk vragen" in refused.text) == (400, True)
    first = (await two.site.house.mandates.of(two.sanne.account.id))[0]
    await two.sanne.post(f"{ROOT}/stop", {"hulp": first.id})
    assert (await two.sanne.post(f"{ROOT}/nieuw/ja", two.asks())).status_code == 303


async def test_a_switch_is_no_sign_in(two: Helping) -> None:
    """The session goes on from its own sign-in under another secret; a secret that is gone switches nothing."""
    sessions, account = two.site.house.sessions, two.karin.account
    first = await sessions.start(account.id)
    began = await _created(two, first)
    second = await sessions.switch(first, b"sealed")
    assert second is not None
    assert await sessions.signed_in(second) == (account, b"sealed")
    assert (await sessions.signed_in(first), await _created(two, second)) == ((None, None), began)
    assert await sessions.switch(first, None) is None
    third = await sessions.switch(second, None)
    assert await sessions.signed_in(third) == (account, None)


async def _created(two: Helping, value: str) -> float:
    """When the session of a secret began."""
    cookie = f"{two.site.house.sessions.cookie}={value}".encode()
    return await two.site.house.sessions.began(Request({"type": "http", "headers": [(b"cookie", cookie)]}))


MISSING: list[tuple[dict[str, str | list[str]], str]] = [
    ({"gebruikersnaam": ""}, "Kies wie je helpt"),
    ({"gebruikersnaam": "sanne-de-wit"}, "Dit ben je zelf"),
    ({"gebruikersnaam": "!!"}, "Zo ziet een gebruikersnaam er niet uit"),
    ({"naam": ""}, "Vul in hoe je deze persoon noemt"),
    ({"soort": "baas"}, "Kies wie dit voor jou is"),
    ({"mag": []}, "Kies wat deze persoon mag doen"),
    ({"mag": ["alles"]}, "Kies wat deze persoon mag doen"),
    ({"onderdeel": []}, "Kies welke delen"),
    ({"onderdeel": ["inbox"]}, "Kies welke delen"),
    ({"hooguit": ""}, "Kies hoe lang deze persoon iets mag delen"),
    ({"dagen": ""}, "Kies hoe lang deze persoon je helpt"),
]


async def test_what_is_missing_is_said(two: Helping) -> None:
    """Each step says what still has to be chosen, and nothing is asked."""
    for changes, says in MISSING:
        for path in ("nieuw", "nieuw/ja"):
            answer = await two.sanne.post(f"{ROOT}/{path}", two.asks(**changes))
            assert (answer.status_code, says in answer.text) == (400, True), (changes, answer.text)
    assert await two.site.house.mandates.of(two.sanne.account.id) == []
