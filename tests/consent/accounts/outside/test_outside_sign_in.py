"""Sign-in through an outside OpenID provider: in, new, refused, added and taken away."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, RSAKey
from support.oauth import BASE
from support.openid import ISSUER, SECRET, OtherProvider, a_secret_key
from support.site import PASSPHRASE, Site, Visitor, whole_site

from werkpod.consent.accounts.outside import OutsideProvider

AT = "/inloggen/met/gemeente"
BACK = f"{AT}/terug"
CODE = re.compile(r'id="herstelcode">([0-9A-Z-]+)<')


class Door:
    """A site with the other provider behind its door."""

    def __init__(self, site: Site, other: OtherProvider) -> None:
        self.site, self.other = site, other

    async def leave(self, visitor: Visitor, onward: str = "/regie/cv") -> str:
        """Press the button; the address at the provider."""
        away = await visitor.get(f"{AT}?verder={onward}")
        assert away.status_code == 303, away.text
        return str(away.headers["location"])

    async def come(self, visitor: Visitor, onward: str = "/regie/cv") -> httpx2.Response:
        """Press the button, sign in there, come back."""
        return await visitor.get(self.other.sign_in(await self.leave(visitor, onward)))

    async def newcomer(self, name: str = "Anouk") -> Visitor:
        """Somebody who came in this way for the first time."""
        visitor = self.site.visitor()
        await self.come(visitor)
        page = await visitor.post(f"{AT}/nieuw", {"naam": name})
        assert CODE.search(page.text), page.text
        return visitor


def provider(**changes: Any) -> OutsideProvider:
    """As an operator configures it."""
    said: dict[str, Any] = {
        "name": "gemeente", "label": "Gemeente Voorbeeldstad", "issuer": ISSUER, "client_id": "werkpod",
        "client_secret": SECRET, **changes,
    }  # fmt: skip
    return OutsideProvider(**said)


def settle(site: Site, other: OtherProvider) -> Door:
    """Lead the provider's address to the one of the test."""
    for one in site.house.outside.providers._providers.values():
        one._transport._inner = other.transport  # the guarded transport would look the name up
    return Door(site, other)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with whole_site(tmp_path, sign_in_with=(provider(),)) as site:
        yield settle(site, OtherProvider())


async def test_a_newcomer_gets_an_account_and_comes_back_to_it(door: Door) -> None:
    """The name that the provider tells is filled in; the second time one goes straight on, to the same account."""
    visitor = door.site.visitor()
    page = await door.come(visitor)
    assert page.status_code == 200
    assert 'value="Anouk Voorbeeld"' in page.text
    made = await visitor.post(f"{AT}/nieuw", {"naam": "Anouk"})
    assert CODE.search(made.text)
    assert await visitor.page("/regie/cv")
    again = door.site.visitor()
    back = await door.come(again, "/regie/delen")
    assert (back.status_code, back.headers["location"]) == (303, "/regie/delen")
    assert "Anouk" in await again.page("/regie/instellingen")
    assert await door.site.house.accounts.by_slug("anouk-2") is None


async def test_what_is_asked_of_the_provider(door: Door) -> None:
    """Code flow with PKCE S256, state and nonce, and to sign in anew: the computers in a town hall are shared."""
    door.other.sign_in(await door.leave(door.site.visitor()))
    asked = door.other.asked
    assert {asked[name] for name in ("response_type", "code_challenge_method", "prompt")} == {"code", "S256", "login"}
    assert asked["redirect_uri"] == f"{BASE}{BACK}"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43


async def test_the_recovery_code_gives_a_passphrase(door: Door) -> None:
    """Who came in from outside is not lost when the provider is: the code sets a passphrase."""
    visitor = door.site.visitor()
    await door.come(visitor)
    code = CODE.search((await visitor.post(f"{AT}/nieuw", {"naam": "Anouk"})).text)
    assert code is not None
    await door.site.visitor().post("/herstel", {"naam": "anouk", "code": code[1], "wachtzin": PASSPHRASE})
    signed_in = await door.site.visitor().post("/inloggen", {"naam": "anouk", "wachtzin": PASSPHRASE, "verder": "/"})
    assert signed_in.status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://ander.example"}, {"aud": "andere-app"}, {"aud": ["andere-app"], "azp": "werkpod"},
        {"nonce": "van iemand anders"}, {"exp": 1_000_000_000}, {"azp": "andere-app"}, {"sub": ""}, {"sub": 7},
        {"iat": 9_999_999_999, "nbf": 9_999_999_999},
    ],
    ids=lambda wrong: ",".join(wrong),
)  # fmt: skip
async def test_an_id_token_that_is_not_right_lets_nobody_in(door: Door, wrong: dict[str, Any]) -> None:
    """Issuer, audience, nonce, times and subject are checked (OpenID Connect Core, 3.1.3.7)."""
    await door.newcomer()
    door.other.changed = wrong
    visitor = door.site.visitor()
    page = await door.come(visitor)
    assert page.status_code == 400
    assert "Inloggen is niet gelukt" in page.text
    assert (await visitor.get("/regie/cv")).status_code == 303


async def test_only_the_providers_signature_counts(door: Door) -> None:
    """Another key, and HS256 with the client secret though the provider offers it, let nobody in."""
    door.other.signing = RSAKey.generate_key(2048, {"kid": "eerste"}, private=True)
    assert (await door.come(door.site.visitor())).status_code == 400
    door.other.signing, door.other.algorithm = a_secret_key(), "HS256"
    assert (await door.come(door.site.visitor())).status_code == 400


async def test_a_new_key_of_the_provider_is_found(door: Door) -> None:
    """A key that is not known yet is looked for, without a restart."""
    await door.newcomer()
    door.other.key = RSAKey.generate_key(2048, {"kid": "tweede"}, private=True)
    assert (await door.come(door.site.visitor())).status_code == 303


@pytest.mark.parametrize(
    "answer",
    [{"state": "van-iemand-anders"}, {"iss": "https://ander.example"}, {"iss": ""}, {"code": "geraden"}, {"code": ""}],
    ids=["state", "other iss", "no iss", "guessed code", "no code"],
)
async def test_an_answer_of_somebody_else_lets_nobody_in(door: Door, answer: dict[str, str]) -> None:
    """State binds the answer to this browser, `iss` to this provider (RFC 9207), and a code has to be the real one."""
    door.other.answer = answer
    visitor = door.site.visitor()
    assert (await door.come(visitor)).status_code == 400
    assert (await visitor.get("/regie/cv")).status_code == 303


async def test_an_answer_counts_in_the_browser_that_asked_and_once(door: Door) -> None:
    """Another browser with the same address gets nothing, and neither does the same one a second time."""
    first, other = door.site.visitor(), door.site.visitor()
    target = door.other.sign_in(await door.leave(first))
    assert "Het duurde te lang" in (await other.get(target)).text
    assert (await first.get(target)).status_code == 200
    assert (await first.get(target)).status_code == 400


async def test_who_stops_at_the_provider_reads_so(door: Door) -> None:
    """access_denied is a sentence with a way on, not an error of ours."""
    door.other.answer = {"error": "access_denied", "code": ""}
    page = await door.come(door.site.visitor())
    assert page.status_code == 400
    assert "Misschien ben je gestopt" in page.text


async def test_a_provider_that_is_down_or_not_itself(door: Door) -> None:
    """No discovery document: 503 and a sentence; that of another issuer: refused. Both mend without a restart."""
    door.other.down = True
    page = await door.site.visitor().get(AT)
    assert page.status_code == 503
    assert "geeft geen antwoord" in page.text
    door.other.down, door.other.metadata = False, {"issuer": f"{ISSUER}/"}
    assert (await door.site.visitor().get(AT)).status_code == 400
    door.other.metadata = {}
    assert (await door.site.visitor().get(AT)).status_code == 303


async def test_a_newcomers_form_needs_a_name_and_its_own_browser(door: Door) -> None:
    """Without a name it is asked again; without the sealed cookie there is no account."""
    visitor = door.site.visitor()
    await door.come(visitor)
    empty = await visitor.post(f"{AT}/nieuw", {"naam": ""})
    assert (empty.status_code, "Vul een naam in" in empty.text) == (422, True)
    assert (await door.site.visitor().post(f"{AT}/nieuw", {"naam": "Anouk"})).status_code == 400
    assert CODE.search((await visitor.post(f"{AT}/nieuw", {"naam": "Anouk"})).text)


async def test_an_account_gets_a_second_way_in(door: Door) -> None:
    """Added in the settings after a visit to the provider, used to sign in, taken away again."""
    anna = await door.site.person("Anna")
    page = await anna.post("/regie/instellingen/inlogwijze", {"bij": "gemeente"})
    link = re.search(r'href="(https://inlog[^"]+)"', page.text)
    assert link is not None
    back = await anna.get(door.other.sign_in(link[1].replace("&amp;", "&")))
    assert back.headers["location"] == "/regie/instellingen?toegevoegd=1"
    other = door.site.visitor()
    assert (await door.come(other)).status_code == 303
    assert "Anna" in await other.page("/regie/instellingen")
    key = re.search(r'name="sleutel" value="([0-9a-f]+)"', await anna.page("/regie/instellingen"))
    assert key is not None
    bert = await door.site.person("Bert")
    await bert.post("/regie/instellingen/inlogwijze/stop", {"sleutel": key[1]})
    assert (await door.come(door.site.visitor())).status_code == 303
    await anna.post("/regie/instellingen/inlogwijze/stop", {"sleutel": key[1]})
    assert "Je bent hier nieuw" in (await door.come(door.site.visitor())).text


async def test_nobody_adds_a_way_in_to_the_account_of_another(door: Door) -> None:
    """An answer that comes back to another session adds nothing; a person who has an account keeps that one."""
    await door.newcomer("Cees")
    anna, bert = await door.site.person("Anna"), await door.site.person("Bert")
    page = await anna.post("/regie/instellingen/inlogwijze", {"bij": "gemeente"})
    link = re.search(r'href="(https://inlog[^"]+)"', page.text)
    assert link is not None
    target = door.other.sign_in(link[1].replace("&amp;", "&"))
    anna.client.cookies.set(door.site.house.sessions.cookie, await door.site.house.sessions.start(bert.account.id))
    assert (await anna.get(target)).status_code == 400
    page = await bert.post("/regie/instellingen/inlogwijze", {"bij": "gemeente"})
    link = re.search(r'href="(https://inlog[^"]+)"', page.text)
    assert link is not None
    taken = await bert.get(door.other.sign_in(link[1].replace("&amp;", "&")))
    assert (taken.status_code, "al in een ander account" in taken.text) == (409, True)


async def test_what_the_provider_calls_a_person_is_nowhere_on_disk(door: Door) -> None:
    """Not the subject (a citizen service number, it may be), not the issuer, not the label."""
    door.other.claims["sub"] = "burger-0123456789"
    await door.newcomer()
    stored = door.site.raw()
    for word in ("burger-0123456789", "inlog.example", "Gemeente Voorbeeldstad", "Anouk"):
        assert word.encode() not in stored


async def test_claims_that_are_asked_for_and_claims_of_userinfo(tmp_path: Path) -> None:
    """A level of assurance is a condition; subject and name may be other claims, and come from userinfo."""
    said = provider(
        subject="bsn",
        person_name=("given_name", "family_name"),
        require={"acr": ("hoog",)},
        acr_values="hoog",
        prompt="",
    )
    async with whole_site(tmp_path, sign_in_with=(said,)) as site:
        door = settle(site, OtherProvider())
        door.other.more = {"bsn": "123", "given_name": "Anouk", "family_name": "Voorbeeld", "acr": "laag"}
        assert (await door.come(site.visitor())).status_code == 400
        assert (door.other.asked["acr_values"], "prompt" in door.other.asked) == ("hoog", False)
        door.other.more["acr"] = "hoog"
        assert 'value="Anouk Voorbeeld"' in (await door.come(site.visitor())).text
        door.other.more["sub"] = "iemand anders"
        assert (await door.come(site.visitor())).status_code == 400


async def test_only_known_people_where_the_operator_says_so(tmp_path: Path) -> None:
    """`create = false`: no account for a newcomer, and a sentence that says whom to ask."""
    async with whole_site(tmp_path, sign_in_with=(provider(create=False),)) as site:
        page = await settle(site, OtherProvider()).come(site.visitor())
        assert (page.status_code, "Vraag je gemeente" in page.text) == (403, True)


async def test_roles_are_of_the_entry_one_came_in_by(tmp_path: Path) -> None:
    """One issuer, two entries: the same person has an account as a citizen and one as a coach."""
    entries = (provider(), provider(name="medewerker", label="Medewerkers", role="coach"))
    async with whole_site(tmp_path, sign_in_with=entries) as site:
        door = settle(site, OtherProvider())
        await door.newcomer()
        visitor = site.visitor()
        away = await visitor.get("/inloggen/met/medewerker")
        await visitor.get(door.other.sign_in(away.headers["location"]))
        await visitor.post("/inloggen/met/medewerker/nieuw", {"naam": "Anouk"})
        roles = [(await site.house.accounts.by_slug(slug)).role for slug in ("anouk", "anouk-2")]  # type: ignore[union-attr]
        assert roles == ["citizen", "coach"]
        assert "Log in met Medewerkers" in await site.visitor().page("/inloggen")


async def test_a_private_key_in_place_of_a_secret(tmp_path: Path) -> None:
    """private_key_jwt: a signed assertion proves who we are, and no secret is sent."""
    key = ECKey.generate_key("P-256", private=True)
    (tmp_path / "sleutel.pem").write_bytes(key.as_pem(private=True))
    said = provider(client_auth="private_key_jwt", client_secret="", private_key_file=str(tmp_path / "sleutel.pem"))
    (tmp_path / "data").mkdir()
    async with whole_site(tmp_path / "data", sign_in_with=(said,)) as site:
        door = settle(site, OtherProvider())
        door.other.client_key = key
        await door.newcomer()
        assert "client_secret" not in door.other.seen[0]


async def test_who_is_signed_in_goes_on_and_an_unknown_name_is_not_there(door: Door) -> None:
    """The door is for who is outside; another name is 404."""
    anna = await door.site.person("Anna")
    assert (await anna.get(f"{AT}?verder=/regie/delen")).headers["location"] == "/regie/delen"
    assert (await anna.get("/inloggen/met/niemand")).status_code == 404
    assert (await door.site.visitor().get(f"{AT}?verder=https://evil.example")).status_code == 303
