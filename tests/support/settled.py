"""Citizens who have done what a test is not about: the same forms as in a browser, sent without drawing pages.

The browser profile of the person has the session afterwards, for Werkpod and for CV-bouwer.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import APIResponse

from support.walking import PASSPHRASE, Walker

HEFTRUCK = "http://data.europa.eu/esco/isco/C8344"
EMPLOYER = "Pakhuis Fictie"
EXTRAS = ("contact", "wishes")
"""The sections that CV-bouwer could do without."""


def send(person: Walker, path: str, **fields: str | Sequence[str]) -> APIResponse:
    """Send a form as the person's browser would; the page it leads to. Raises where it fails."""
    headers = {"Origin": person.base, "Content-Type": "application/x-www-form-urlencoded"}
    return person.page.context.request.post(
        person.base + path, data=urlencode(fields, doseq=True), headers=headers, fail_on_status_code=True
    )


def signed_up(person: Walker, name: str) -> Walker:
    """A new citizen."""
    send(person, "/aanmelden", naam=name, wachtzin=PASSPHRASE)
    return person


def in_cv_builder(person: Walker) -> Walker:
    """Somebody who has let CV-bouwer in, to every section."""
    asked = send(person, "/apps/cv/vraag", verder="/apps/cv/")
    request = parse_qs(urlsplit(asked.url).query)["verzoek"][0]
    send(person, "/oauth/toestemming", verzoek=request, antwoord="ja", onderdeel=EXTRAS)
    return person


def with_work(person: Walker, name: str) -> Walker:
    """A citizen with a name, a few words about themselves, and a job as fork-lift driver with what one can of it."""
    in_cv_builder(signed_up(person, name))
    send(person, "/apps/cv/naam", naam="Lotte Link")
    send(person, "/apps/cv/over", tekst="Ik houd van geheime tuinen.")
    saved = send(
        person, "/apps/cv/werk/bewaar", naam="Heftruck", beroep=HEFTRUCK, werkgever=EMPLOYER, begin_jaar="2015",
        eind_jaar="2020", soort="work",
    )  # fmt: skip
    job = parse_qs(urlsplit(saved.url).query)["id"][0]
    skills = f"{person.base}/api/competentnl/v1/occupations/8344/competences"
    can = [each["iri"] for each in person.page.context.request.get(skills).json()["essential"][:4]]
    send(person, "/apps/cv/werk/kunnen", id=job, kan=can, actie="bewaar")
    return person
