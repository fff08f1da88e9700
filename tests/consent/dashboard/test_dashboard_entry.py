"""At the door: signing up, in and out, recovery, language."""

from __future__ import annotations

import re

import pytest
from support.oauth import BASE
from support.site import PASSPHRASE, Site

from werkpod.consent.dashboard.parts import own_path

CODE = re.compile(r'id="herstelcode">([0-9A-Z-]+)<')


async def test_a_new_citizen_gets_a_code_once_and_a_pod(site: Site) -> None:
    """After signing up the code is on the page, a session has begun, and the pod's WebID document is there."""
    visitor = site.visitor()
    page = await visitor.post("/aanmelden", {"naam": "Zoë van 't Hof", "wachtzin": PASSPHRASE, "verder": "/regie/cv"})
    assert page.status_code == 200
    code = CODE.search(page.text)
    assert code is not None
    assert "zoe-van-t-hof" in page.text
    saved = await visitor.post("/aanmelden/klaar", {"bewaard": "ja", "code": code[1], "verder": "/regie/cv"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/regie/cv")
    assert code[1] not in await visitor.page("/regie/cv")
    card = await site.visitor().client.get("/zoe-van-t-hof/profile/card", headers={"Accept": "text/turtle"})
    assert card.status_code == 200


async def test_who_did_not_save_the_code_sees_it_once_more(site: Site) -> None:
    """Going on without the tick shows the code again, with a sentence; only something like a code is shown."""
    visitor = await site.person("Anna")
    page = await visitor.post("/aanmelden/klaar", {"code": "ABCD-EFGH-JKMN-PQRS", "verder": "/"})
    assert page.status_code == 400
    assert "ABCD-EFGH-JKMN-PQRS" in page.text
    assert "Zet een vinkje" in page.text
    other = await visitor.post("/aanmelden/klaar", {"code": "<b>hallo</b>", "verder": "/"})
    assert other.status_code == 303


@pytest.mark.parametrize(
    ("name", "passphrase", "says"),
    [
        ("Anna", "kort", "Deze wachtzin is te makkelijk"),
        ("Anna de Vries Jansen", "Anna de Vries Jansen", "Deze wachtzin is te makkelijk"),
        ("", PASSPHRASE, "Vul een naam in"),
        ("x" * 81, PASSPHRASE, "Vul een naam in"),
    ],
)
async def test_what_is_wrong_at_sign_up_is_said_at_its_field(site: Site, name: str, passphrase: str, says: str) -> None:
    """The form comes back with the name as typed and one sentence; the passphrase is not sent back."""
    page = await site.visitor().post("/aanmelden", {"naam": name, "wachtzin": passphrase, "verder": "/"})
    assert page.status_code == 422
    assert says in page.text
    assert 'aria-invalid="true"' in page.text
    assert f'value="{passphrase}"' not in page.text or passphrase == name


async def test_signing_in_makes_a_new_session_each_time(site: Site) -> None:
    """An older session of this browser ends, its cookie included, and the cookie is for this site only."""
    anna = await site.person("Anna")
    old = anna.client.cookies[site.house.sessions.cookie]
    page = await anna.post("/inloggen", {"naam": "anna", "wachtzin": PASSPHRASE, "verder": "/regie/delen"})
    assert (page.status_code, page.headers["location"]) == (303, "/regie/delen")
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert await site.house.sessions.account(old) is None
    assert await anna.page("/regie/delen")


async def test_a_wrong_name_and_a_wrong_passphrase_get_one_answer(site: Site) -> None:
    """Nobody learns from the page who has an account."""
    await site.person("Anna")
    pages = [
        await site.visitor().post("/inloggen", {"naam": name, "wachtzin": "helemaal niet de goede", "verder": "/"})
        for name in ("anna", "bert")
    ]
    assert [page.status_code for page in pages] == [400, 400]
    assert pages[0].text.replace("anna", "bert") == pages[1].text
    assert "set-cookie" not in pages[0].headers


async def test_guessing_is_slowed_down(site: Site) -> None:
    """After ten tries at one name the page says how long to wait, to programs too."""
    await site.person("Anna")
    visitor = site.visitor()
    for _ in range(10):
        await visitor.post("/inloggen", {"naam": "anna", "wachtzin": "helemaal niet de goede", "verder": "/"})
    page = await visitor.post("/inloggen", {"naam": "anna", "wachtzin": PASSPHRASE, "verder": "/"})
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "te vaak geprobeerd" in page.text


async def test_a_page_leads_to_signing_in_and_back(site: Site) -> None:
    """Without a session a page is not shown, and after signing in one is where one wanted to be."""
    await site.person("Anna")
    visitor = site.visitor()
    away = await visitor.get("/regie/delen/logboek?voor=7")
    assert (away.status_code, away.headers["location"]) == (
        303,
        "/inloggen?verder=%2Fregie%2Fdelen%2Flogboek%3Fvoor%3D7",
    )
    form = await visitor.page(away.headers["location"])
    assert 'value="/regie/delen/logboek?voor=7"' in form


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "regie",
        "",
        "/a b",
        "/\tx",
        "/é",
    ],
)
def test_no_form_leads_to_another_site(target: str) -> None:
    """Where a form goes on to is a path of this server, or the start."""
    assert own_path(target) == "/"


async def test_an_open_redirect_is_not_followed(site: Site) -> None:
    """An address of elsewhere in `verder` is ignored at every form that has one."""
    anna = await site.person("Anna")
    for path, fields in (
        ("/inloggen", {"naam": "anna", "wachtzin": PASSPHRASE, "verder": "//evil.example"}),
        ("/taal", {"taal": "en", "terug": "https://evil.example"}),
        ("/aanmelden/klaar", {"bewaard": "ja", "code": "", "verder": "//evil.example/x"}),
    ):
        assert (await anna.post(path, dict(fields))).headers["location"] == "/"


async def test_signing_out_ends_the_session_here(site: Site) -> None:
    """The server forgets the session; the old cookie opens nothing; the browser is told to forget all cookies."""
    anna = await site.person("Anna")
    secret = anna.client.cookies[site.house.sessions.cookie]
    out = await anna.post("/uitloggen")
    assert out.headers["clear-site-data"] == '"cookies"'
    assert await site.house.sessions.account(secret) is None
    assert "Je bent uitgelogd" in await anna.page(out.headers["location"])
    other = site.visitor()
    other.client.cookies.set(site.house.sessions.cookie, secret)
    assert (await other.get("/regie/cv")).status_code == 303


async def test_the_recovery_code_gives_a_new_passphrase_once(site: Site) -> None:
    """With name and code one is in again, with a next code; the used code and the old passphrase are of no use."""
    _, code = await site.house.accounts.sign_up("Anna", PASSPHRASE)
    visitor, fields = (
        site.visitor(),
        {"naam": "anna", "code": code.lower(), "wachtzin": "vijf andere gele stille boten"},
    )
    page = await visitor.post("/herstel", dict(fields))
    following = CODE.search(page.text)
    assert page.status_code == 200
    assert following is not None
    assert following[1] != code
    assert await visitor.page("/regie/cv")
    again = await site.visitor().post("/herstel", dict(fields))
    assert again.status_code == 400
    old = await site.visitor().post("/inloggen", {"naam": "anna", "wachtzin": PASSPHRASE, "verder": "/"})
    assert old.status_code == 400


async def test_the_language_is_remembered(site: Site) -> None:
    """One press, and pages are in English from then on; an unknown language changes nothing."""
    visitor = site.visitor()
    back = await visitor.post("/taal", {"taal": "en", "terug": "/over"})
    assert (back.status_code, back.headers["location"]) == (303, "/over")
    assert "What do we promise?" in await visitor.page("/over")
    await visitor.post("/taal", {"taal": "xx", "terug": "/"})
    assert '<html lang="en"' in await visitor.page("/")


POSTS = [
    "/aanmelden", "/aanmelden/klaar", "/inloggen", "/uitloggen", "/herstel", "/taal", "/regie/delen/stop",
    "/regie/delen/link", "/regie/delen/link/stop", "/regie/delen/coach", "/regie/berichten/weg",
    "/regie/instellingen/herstelcode", "/regie/instellingen/hulpmiddel", "/regie/instellingen/hulpmiddel/stop",
    "/oauth/toestemming", "/regie/delen/regel/stop", "/regie/delen/stop-alles",
    "/inloggen/met/{name}/nieuw", "/regie/instellingen/inlogwijze", "/regie/instellingen/inlogwijze/stop",
    "/regie/profiel", "/oauth/uitloggen",
    "/regie/vragen/deblokkeer", "/regie/vragen/{vraag}", "/regie/vragen/{vraag}/minder", "/regie/vragen/{vraag}/waarom",
    "/regie/vragen/{vraag}/blokkeer", "/regie/vragen/{vraag}/meld",
    "/regie/vertegenwoordiging/nieuw", "/regie/vertegenwoordiging/nieuw/ja", "/regie/vertegenwoordiging/stop",
    "/regie/vertegenwoordiging/voor/antwoord", "/regie/vertegenwoordiging/voor/begin",
    "/regie/vertegenwoordiging/voor/klaar", "/regie/vertegenwoordiging/voor/stop",
    "/bewijs",
    "/regie/delen/{grant}/veranderen",
    "/regie/delen/{grant}/opnieuw",
    "/regie/delen/stop-van",
    "/regie/delen/minder/weg",
    "/regie/delen/logboek/verwijderen",
]  # fmt: skip
OTHERS_MAY = {"/oauth/logout", "/api/consent/v1/requests", "/api/consent/v1/requests/{ask}/answer"}
"""What other sites may send here: an app's question whether somebody signs out, which changes nothing; and requests,
which count by their token alone."""


@pytest.mark.parametrize("path", POSTS)
async def test_no_form_of_another_site_is_taken(site: Site, path: str) -> None:
    """Another origin, another site by the browser's word, or no word at all: refused, on every form."""
    anna = await site.person("Anna")
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": ""}):
        assert (await anna.post(path, {"antwoord": "ja"}, **headers)).status_code == 403, headers


@pytest.mark.parametrize("path", [path for path in POSTS if path not in ("/uitloggen", "/aanmelden/klaar")])
async def test_looking_changes_nothing(site: Site, path: str) -> None:
    """GET of a form's address shows a page or says no; it neither signs out, stops, makes nor approves."""
    anna = await site.person("Anna")
    link = await site.house.links.create(anna.account, ["summary"], days=1, views=1)
    await anna.get(
        f"{path}?antwoord=ja&delen={link.grant}&link={link.id}&naam=x&zeker=ja&onderdeel=summary&dagen=7&keren=3"
    )
    assert [grant.id for grant in await site.house.grants.list(anna.account.id, active_only=True)] == [link.grant]
    assert await anna.page("/regie/cv")


def test_every_form_of_the_dashboard_is_tested_for_its_origin(site: Site) -> None:
    """A form that is added has to be added to the list above."""
    from werkpod.consent.dashboard import _GROUPS

    parts = object()  # routes are made before anything of the parts is used
    found = {
        route.path  # type: ignore[attr-defined]
        for group in _GROUPS
        for route in group(parts).routes()  # type: ignore[arg-type]
        if "POST" in (route.methods or ())  # type: ignore[attr-defined]
    }
    assert found == set(POSTS) | OTHERS_MAY
    assert BASE.startswith("http")
