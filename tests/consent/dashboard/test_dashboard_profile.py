"""The page of the public profile: what everybody sees, and changing it."""

from __future__ import annotations

from support.site import Site, Visitor

from werkpod.pod.access.model import Requester
from werkpod.pod.profile.places import CARD

PAGE = "/regie/profiel"
FORM: dict[str, str | list[str]] = {
    "naam": "Mila Proef", "rol": "kok", "tekst": "Ik kook graag.\nOok voor veel mensen.", "website": "mila.example",
}  # fmt: skip


async def card(site: Site, mila: Visitor) -> str:
    """The WebID document as anybody gets it."""
    answer = await site.http.get(f"{mila.account.storage}{CARD}", headers={"Accept": "text/turtle"})
    assert answer.status_code == 200
    return answer.text


async def by_an_app(site: Site, mila: Visitor, update: str) -> None:
    """Change the profile as an app of the citizen would."""
    pod = await site.house.pods.by_id(mila.account.id)
    assert pod is not None
    owner = Requester(agent=mila.account.webid, own_pages=True)
    await site.house.service.patch(owner, pod, CARD, update.encode(), "application/sparql-update")


async def test_at_first_nothing_is_said(site: Site) -> None:
    """A new profile shows no name, and the page says so; the settings lead to it."""
    mila = await site.person("Mila Proef")
    page = await mila.page(PAGE)
    assert "Je naam staat er niet" in page
    assert 'value="Mila' not in page
    assert "Mila" not in await card(site, mila)
    assert f'href="{PAGE}"' in await mila.page("/regie/instellingen")
    assert f'href="{PAGE}"' in await mila.page("/regie/delen")


async def test_what_is_saved_is_what_everybody_sees(site: Site) -> None:
    """Name, role, text and website go into the WebID document, in the words that Solid apps look for, and out again."""
    mila = await site.person("mila")
    answer = await mila.post(PAGE, FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?bewaard=1")
    said = await card(site, mila)
    for part in (
        'foaf:name "Mila Proef"', 'vcard:fn "Mila Proef"', 'vcard:role "kok"',
        "Ook voor veel mensen", "foaf:homepage <https://mila.example>", "solid:oidcIssuer", "pim:preferencesFile",
    ):  # fmt: skip
        assert part in said, part
    page = await mila.page(f"{PAGE}?bewaard=1")
    assert "Het is bewaard" in page
    assert page.count("Mila Proef") >= 3
    assert 'href="https://mila.example"' in page
    await mila.post(PAGE, {**FORM, "naam": "", "website": ""})
    said = await card(site, mila)
    assert "Mila Proef" not in said
    assert "homepage" not in said
    assert '"kok"' in said


async def test_what_apps_wrote_stays_and_is_shown(site: Site) -> None:
    """Other triples, and other values of a field that was not changed, are as the app left them."""
    mila = await site.person("mila")
    foaf = "http://xmlns.com/foaf/0.1/"
    await by_an_app(
        site, mila,
        f'INSERT DATA {{ <#me> <{foaf}name> "Mila"@nl, "Mila-Jo" ; <{foaf}knows> <https://e.example/ben#me> . }}',
    )  # fmt: skip
    page = await mila.page(PAGE)
    assert 'value="Mila"' in page
    assert "https://e.example/ben#me" in page
    assert "knows" in page
    await mila.post(PAGE, {"naam": "Mila", "rol": "kok", "tekst": "", "website": ""})
    said = await card(site, mila)
    assert '"Mila"@nl' in said
    assert '"Mila-Jo"' in said
    await mila.post(PAGE, {"naam": "Mila Jo", "rol": "kok", "tekst": "", "website": ""})
    said = await card(site, mila)
    assert '"Mila"@nl' not in said
    assert '"Mila Jo"' in said
    assert "https://e.example/ben#me" in said


WRONG = [
    ("naam", "x" * 101, "niet meer dan 100 letters"),
    ("naam", "Mila\u202eA", "geen vreemde tekens"),
    ("rol", "x" * 101, "niet meer dan 100 letters"),
    ("tekst", "x" * 501, "te lang"),
    ("website", "javascript:alert(1)", "geen adres van een website"),
    ("website", "ftp://mila.example", "geen adres van een website"),
    ("website", "mijn website", "geen adres van een website"),
    ("website", "https://x@mila.example/", "geen adres van een website"),
    ("website", "https://mila.example/<a>", "geen adres van een website"),
    ("website", "https://[", "geen adres van een website"),
]


async def test_what_cannot_be_is_said_and_nothing_is_saved(site: Site) -> None:
    """The page comes back with what was typed and what is wrong with it."""
    mila = await site.person("mila")
    before = await card(site, mila)
    for field, value, reason in WRONG:
        answer = await mila.post(PAGE, {**FORM, field: value})
        assert answer.status_code == 400, value
        assert reason in answer.text, value
        assert "Ik kook graag" in answer.text or field == "tekst"
    assert await card(site, mila) == before


async def test_what_is_typed_is_text(site: Site) -> None:
    """Quotes and tags are what somebody wrote, in the document and on the page."""
    mila = await site.person("mila")
    odd = '"><script>1</script> \\ } . <#me> a <#x>'
    await mila.post(PAGE, {**FORM, "rol": odd})
    assert "<script>" not in await mila.page(PAGE)
    said = await card(site, mila)
    assert "<script>1</script>" in said
    assert "card#x" not in said
    await mila.post(PAGE, {**FORM, "rol": ""})
    assert "<script>1</script>" not in await card(site, mila)


async def test_a_homepage_of_an_app_is_no_link_that_runs(site: Site) -> None:
    """What an app wrote as a homepage is a link only where it is the address of a website."""
    mila = await site.person("mila")
    first = await card(site, mila)
    for odd in ("javascript://x.example/%0aalert(1)", "mailto:a@b.example", "urn:x:y"):
        said = f"{first}<{mila.account.webid}> <http://xmlns.com/foaf/0.1/homepage> <{odd}> ."
        await mila.put(CARD, said.encode())
        page = await mila.page(PAGE)
        assert odd in page
        assert f'href="{odd[:5]}' not in page


async def test_the_page_is_for_who_is_signed_in_and_from_our_own_pages(site: Site) -> None:
    """A stranger goes to the sign-in page; a form of another site is refused; a coach has a profile too."""
    assert (await site.visitor().get(PAGE)).status_code == 303
    mila = await site.person("mila")
    assert (await mila.post(PAGE, FORM, Origin="https://evil.test")).status_code == 403
    karin = await site.person("karin", role="coach")
    assert (await karin.post(PAGE, FORM)).status_code == 303


async def test_in_english(site: Site) -> None:
    """The page speaks English to who reads English."""
    mila = await site.person("mila", lang="en")
    assert "This is how others see you" in await mila.page(PAGE)
