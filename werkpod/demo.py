"""The demo people: citizens with and without a CV, a coach, an employer. All invented; for trying and for tests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from werkpod.compose import House
from werkpod.consent.accounts import Account
from werkpod.consent.asking.model import Asker
from werkpod.consent.asking.reading import read_body
from werkpod.consent.grants import GrantRecord
from werkpod.pod.access.model import Requester
from werkpod.vocab.cv import (
    Certificate,
    Competence,
    Contact,
    Education,
    Entry,
    Experience,
    Identity,
    Language,
    PartialDate,
    Summary,
    Wish,
    entry_iri,
    mint,
    section_iri,
    serialise_section,
)
from werkpod.vocab.sections import SECTIONS
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.errors import NotFound
from werkpod.web.pages import Pages

DEMO_PASSPHRASE = "samen werken aan werk"  # noqa: S105
"""The passphrase of every demo person; printed at the start of a demo server."""

_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a demo person. `code` an ISCO unit group; `can` how many of its competences the person ticks."""

    code: str
    label: str
    employer: str
    start: str
    end: str | None
    can: int = 8


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A demo person. `shares`: the sections that the coach may see; `asked`: what the demo employer asks, in words."""

    slug: str
    name: str
    role: Literal["citizen", "coach", "employer"]
    about: str
    jobs: tuple[Job, ...] = ()
    entries: tuple[tuple[str, Entry], ...] = ()
    shares: tuple[str, ...] = ()
    asked: str = ""


PEOPLE = (
    DemoPerson(
        "sanne", "Sanne Voorbeeld", "citizen", "a citizen with a CV, who shares it with the coach",
        jobs=(
            Job("5322", "Thuishulp", "Thuiszorg De Verzonnen Hoek", "2019-09", None),
            Job("5223", "Winkelmedewerker", "Supermarkt Het Voorbeeld", "2014-03", "2019-08"),
        ),
        entries=(
            ("summary", Summary(text="Ik werk graag met mensen. Ik blijf rustig als het druk is.")),
            ("contact", Contact(email="sanne@voorbeeld.example", phone="0000 000001", city="Voorbeeldstad")),
            ("education", Education("vmbo-zorg", label="Zorg en welzijn", level="vmbo",
                                    institution="Het Verzonnen College", end=PartialDate("2013"), completed=True)),
            ("languages", Language("nl", code="nl", label="Nederlands", level="native")),
            ("languages", Language("tr", code="tr", label="Turks", level="B1")),
            ("certificates", Certificate("rijbewijs-b", label="Rijbewijs B", kind="licence")),
            ("wishes", Wish("verzorgende", label="Verzorgende", occupation="http://data.europa.eu/esco/isco/C5321")),
        ),
        shares=("identity", "summary", "experience", "competences", "education", "wishes"),
        asked="Wij zoeken iemand voor in de winkel. Mogen we zien wat je kunt?",
    ),
    DemoPerson(
        "karim", "Karim Demo", "citizen", "a citizen who drove a fork-lift truck, and shares with the coach",
        jobs=(
            Job("8344", "Heftruckchauffeur", "Magazijn Nergens BV", "2012-01", "2021-06"),
            Job("9333", "Magazijnmedewerker", "Pakhuis Fictie", "2008-05", "2011-12", can=5),
        ),
        entries=(("languages", Language("nl", code="nl", label="Nederlands", level="B1")),),
        shares=("identity", "experience", "competences"),
    ),
    DemoPerson("noor", "Noor Test", "citizen", "a citizen who has just begun: the CV is empty"),
    DemoPerson("carla", "Carla Coach", "coach", "the coach"),
    DemoPerson("bakkerij", "Bakkerij Demo", "employer", "an employer"),
)  # fmt: skip


async def ensure_demo(house: House, taxonomy: Taxonomy) -> Sequence[DemoPerson]:
    """Make the demo people that are not there yet, with CVs and shares. Returns them all."""
    for person in PEOPLE:
        if await house.accounts.by_slug(person.slug) is None:
            account, _ = await house.accounts.sign_up(person.name, DEMO_PASSPHRASE, role=person.role, slug=person.slug)
            if person.jobs:
                await _write_cv(house, taxonomy, account, person)
    coach = await house.account_named("carla")
    for person in PEOPLE:
        citizen = await house.account_named(person.slug)
        if person.shares and not await house.grants.list(citizen.id):
            await _share_with(house, citizen, coach, person.shares)
            if person.asked:
                await _looked(house, citizen, coach, ("experience", "competences"))
                await _ask(house, citizen, await house.account_named("bakkerij"), person.asked)
    return PEOPLE


async def _looked(house: House, citizen: Account, coach: Account, sections: Sequence[str]) -> None:
    """The coach reads sections, as with the coach's app: so there is something in the log from the start."""
    pod = await house.pods.by_webid(citizen.webid)
    if pod is None:
        raise NotFound(f"{citizen.slug} has no pod")
    reader = Requester(agent=coach.webid, client=f"{house.settings.base_url}/apps/coach/client.jsonld")
    for section in sections:
        await house.service.read(reader, pod, SECTIONS[section].path, accept="text/turtle")


async def _ask(house: House, citizen: Account, employer: Account, why: str) -> None:
    """The employer asks to see what the citizen can, and their work without where and when."""
    wanted = {
        "sections": ["competences", "experience"],
        "fields": {"experience": ["kind"]},
        "actions": ["read"],
        "purpose": "https://w3id.org/dpv#PersonnelHiring",
        "purpose_text": {"nl": why},
        "duration": "P30D",
    }
    base = house.settings.base_url
    asker = Asker(
        employer.webid, "employer", name=employer.name, client=f"{base}/apps/werkgever/client.jsonld",
        client_name="Werkgever", pod=employer.id,
    )  # fmt: skip
    body = msgspec.json.encode({"to": citizen.webid, **wanted})
    copy = await house.asking.ask(asker, read_body(body, base_url=base, now=time.time()))
    house.asking.soon(copy)
    await house.asking.settled()


async def _write_cv(house: House, taxonomy: Taxonomy, account: Account, person: DemoPerson) -> None:
    entries: dict[str, list[Entry]] = {"identity": [Identity(name=person.name)]}
    taken: set[str] = set()
    competences: dict[str, Competence] = {}
    for job in person.jobs:
        fragment = mint(taken=taken)
        taken.add(fragment)
        occupation = taxonomy.occupation(job.code)
        iri = occupation.iri if occupation else None
        end = PartialDate(job.end) if job.end else None
        entries.setdefault("experience", []).append(
            Experience(fragment, job.label, iri, job.employer, PartialDate(job.start), end)
        )
        where = entry_iri(account.storage, "experience", fragment)
        for link in taxonomy.links(occupation)[: job.can] if occupation else ():
            known = competences.get(link.competence.iri)
            gained = (*known.gained_in, where) if known else (where,)
            name = mint(taken={c.id for c in competences.values()})
            competences[link.competence.iri] = Competence(
                known.id if known else name, link.competence.label("nl"), link.competence.iri, None,
                link.competence.kind, gained,
            )  # fmt: skip
    entries["competences"] = list(competences.values())
    for section, entry in person.entries:
        entries.setdefault(section, []).append(entry)
    pod = await house.pods.by_webid(account.webid)
    if pod is None:
        raise NotFound(f"{account.slug} has no pod")
    owner = Requester(agent=account.webid, own_pages=True)
    for section, found in entries.items():
        body = serialise_section(section, found, section_iri(account.storage, section))
        await house.service.put(owner, pod, SECTIONS[section].path, body, "text/turtle")


async def _share_with(house: House, citizen: Account, coach: Account, sections: tuple[str, ...]) -> None:
    now = time.time()
    record = GrantRecord(
        id="",
        pod=citizen.id,
        agent=coach.webid,
        client=None,
        receiver_name=coach.name,
        receiver_kind="coach",
        created=now,
        not_before=now,
        until=now + 180 * _DAY,
        sections=sections,
        purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text="Je coach helpt je om werk te vinden.",
    )
    pages = Pages(["werkpod.consent"], base_url=house.settings.base_url)
    await house.coach_sharing(pages).with_coach(citizen, coach, record)
