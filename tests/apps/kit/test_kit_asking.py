"""The coach and the employer ask in their own app, and see what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.asking import digest_on
from support.site import Site, Visitor, whole_site

from werkpod.vocab.cv import Competence

FORM: dict[str, str | list[str]] = {
    "wie": "noor", "onderdeel": ["competences"], "waarom": "Om werk te zoeken.", "dagen": "30", "bewaren": "nothing",
}  # fmt: skip
CONSENT, TASK = "https://w3id.org/dpv#Consent", "https://w3id.org/dpv#OfficialAuthorityOfController"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own."""
    async with whole_site(tmp_path) as made:
        yield made


@pytest.fixture
async def noor(site: Site) -> Visitor:
    """A citizen."""
    noor = await site.person("Noor")
    await noor.write("competences", Competence("koken", label="Koken voor veel mensen"))
    return noor


async def enter(visitor: Visitor, slug: str) -> None:
    """Let an app in, all the way, as a person does."""
    there = await visitor.post(f"/apps/{slug}/vraag", {"verder": ""})
    waiting = await visitor.get(there.headers["location"])
    request = waiting.headers["location"].partition("verzoek=")[2]
    yes = await visitor.post("/oauth/toestemming", {"verzoek": request, "antwoord": "ja"})
    assert yes.status_code == 303, yes.text
    assert (await visitor.get(yes.headers["location"])).status_code == 303


async def only(site: Site, noor: Visitor) -> str:
    """The id of the one request that came."""
    await site.house.asking.settled()
    (ask,) = [ask for ask in await site.house.asking.list(noor.account) if ask.open]
    return ask.id


async def test_a_coach_asks_and_looks_at_what_was_given(site: Site, noor: Visitor) -> None:
    """Form, list, question in return, yes; the citizen reads on what ground it is asked; a link leads to the person."""
    karin = await site.person("Karin Coach", "coach")
    await enter(karin, "coach")
    assert "Vraag om mee te kijken" in await karin.page("/apps/coach/")
    assert "checked" not in await karin.page("/apps/coach/vragen/nieuw")
    sent = await karin.post("/apps/coach/vragen/nieuw", {**FORM, "grond": TASK})
    assert sent.headers["location"] == "/apps/coach/vragen?gedaan=gevraagd"
    assert "Wacht op antwoord" in await karin.page(sent.headers["location"])
    ask = await only(site, noor)
    page = await noor.page(f"/regie/vragen/{ask}")
    assert "dit hoort niet alleen bij jouw toestemming" in page
    assert "Ook dan gaat er niets uit zonder jouw ja." in page
    assert "Gevraagd met" not in page
    await noor.post(f"/regie/vragen/{ask}/waarom", {"gezien": digest_on(page), "vraag": "Wat gebeurt er anders?"})
    mine = f"/apps/coach/vragen/{ask}"
    assert "Wat gebeurt er anders?" in await karin.page(mine)
    assert (await karin.post(f"{mine}/antwoord", {"tekst": ""})).status_code == 400
    answered = await karin.post(f"{mine}/antwoord", {"tekst": "Niets. Dan zoeken we samen verder."})
    assert answered.status_code == 303
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    shown = await karin.page(mine)
    assert "Ja gezegd" in shown
    link = shown.split('href="/apps/coach/mens?wie=')[1].split('"')[0]
    assert "Koken voor veel mensen" in await karin.page(f"/apps/coach/mens?wie={link}")
    (grant,) = await site.house.grants.list(noor.account.id)
    assert (grant.legal_basis, grant.keep, grant.client) == (TASK, "nothing", None)
    await site.house.grants.revoke(noor.account.id, grant.id, by=noor.account.id)
    assert "Ja gezegd, en nu gestopt" in await karin.page(mine)


async def test_an_employer_asks_and_reads_the_cv_on_the_same_page(site: Site, noor: Visitor) -> None:
    """After the yes the CV stands by the request, and the answer in the messages; after the stop it is gone."""
    bakker = await site.person("Bakkerij Demo", "employer")
    await enter(bakker, "werkgever")
    assert (await bakker.post("/apps/werkgever/vragen/nieuw", FORM)).status_code == 303
    ask = await only(site, noor)
    mine = f"/apps/werkgever/vragen/{ask}"
    assert "Koken" not in await bakker.page(mine)
    page = await noor.page(f"/regie/vragen/{ask}")
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    assert "Koken voor veel mensen" in await bakker.page(mine)
    assert "Iemand (noor) zegt ja op je vraag." in await bakker.page("/apps/werkgever/vragen")
    (grant,) = await site.house.grants.list(noor.account.id)
    assert grant.receiver_kind == "employer"
    await site.house.grants.revoke(noor.account.id, grant.id, by=noor.account.id)
    assert "Koken" not in await bakker.page(mine)


async def test_what_is_missing_is_said_and_what_was_typed_stays(site: Site, noor: Visitor) -> None:
    """Each thing that has to be said: without it nothing is sent; an address that cannot be is said so too."""
    karin = await site.person("Karin Coach", "coach")
    await enter(karin, "coach")
    good = {**FORM, "grond": CONSENT}
    for missing, words in (
        ("wie", "Vul in aan wie"), ("onderdeel", "Kies eerst"), ("waarom", "Schrijf waarom"),
        ("dagen", "Kies hoe lang"), ("bewaren", "Kies wat er bewaard"), ("grond", "Kies waar de vraag"),
    ):  # fmt: skip
        answer = await karin.post("/apps/coach/vragen/nieuw", {k: v for k, v in good.items() if k != missing})
        assert answer.status_code == 400
        assert words in answer.text
        assert missing == "waarom" or "Om werk te zoeken." in answer.text
    answer = await karin.post("/apps/coach/vragen/nieuw", {**good, "wie": "https://elders.example/iemand"})
    assert "Kijk of het adres klopt." in answer.text
    for _n in range(3):
        assert (await karin.post("/apps/coach/vragen/nieuw", good)).status_code == 303
    assert "Er is te vaak gevraagd." in (await karin.post("/apps/coach/vragen/nieuw", good)).text
    assert (await karin.get("/apps/coach/vragen/nergens")).status_code == 404


async def test_taking_a_request_back(site: Site, noor: Visitor) -> None:
    """One press; the citizen does not see it wait any more."""
    karin = await site.person("Karin Coach", "coach")
    await enter(karin, "coach")
    await karin.post("/apps/coach/vragen/nieuw", {**FORM, "grond": CONSENT})
    ask = await only(site, noor)
    back = await karin.post(f"/apps/coach/vragen/{ask}/terug")
    assert back.headers["location"] == "/apps/coach/vragen?gedaan=terug"
    assert "Teruggenomen" in await karin.page("/apps/coach/vragen")
    assert "Niemand wacht op een antwoord van jou." in await noor.page("/regie/vragen")
    assert (await karin.post(f"/apps/coach/vragen/{ask}/terug")).status_code == 303
