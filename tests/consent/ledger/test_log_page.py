"""Wie heeft gekeken: looks, refusals and acts by day; filters; what was shared then; first looks."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from support.site import Site, Visitor, whole_site

from werkpod.consent.dashboard.looks import ZONE
from werkpod.consent.dashboard.picture import key_of
from werkpod.consent.grants import GrantRecord
from werkpod.pod.access.model import AccessEntry
from werkpod.vocab.cv import Experience

LOG = "/regie/delen/logboek"
pytestmark = pytest.mark.asyncio(loop_scope="module")
APP = "https://proef.example/app.jsonld"


@dataclass
class Town:
    """A citizen, and a coach with whom work and contact are shared without the phone number."""

    site: Site
    anna: Visitor
    coach: Visitor
    grant: GrantRecord

    def line(self, at: float, action: str = "read", path: str = "cv/experience", **more: object) -> None:
        """A line of the coach's in Anna's log, but for `more`."""
        fields: dict[str, object] = {
            "at": at, "action": action, "path": path, "outcome": "allowed", "agent": self.coach.account.webid,
            "client": APP, "grant": self.grant.id, "version": 1,
        }  # fmt: skip
        self.site.house.ledger.record(self.anna.account.id, AccessEntry(**{**fields, **more}))  # type: ignore[arg-type]

    @property
    def who(self) -> str:
        """The coach in addresses of pages."""
        return key_of("agent", self.coach.account.webid)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with whole_site(tmp_path_factory.mktemp("log")) as site:
        anna, coach = await site.person("Anna Voorbeeld"), await site.person("Carla Coach", "coach")
        await anna.write("experience", Experience("job-1", "Heftruckchauffeur", None, "Magazijn BV"))
        now = site.clock()
        record = GrantRecord(
            id="", pod=anna.account.id, agent=coach.account.webid, client=None, receiver_name="Carla Coach",
            receiver_kind="coach", created=now, not_before=now, until=now + 86400 * 90,
            sections=("experience", "contact"), hidden_fields=("contact.phone",), purpose_text="Zodat Carla kan helpen",
        )  # fmt: skip
        yield Town(site, anna, coach, await site.house.grants.create(record))


def at(day: str, clock: str) -> float:
    """A moment of the clocks here."""
    return dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE).timestamp()


def text(page: str) -> str:
    """The words of a page, in one line."""
    body = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def test_the_log_says_what_was_looked_at_and_what_was_shared_then(town: Town) -> None:
    """A look can be opened: which sections, what was left out, what for. The act of sharing stands there too."""
    town.line(at("2026-11-20", "10:00"))
    page = text(await town.anna.page(LOG))
    assert "Carla Coach heeft dit gezien: Je werk" in page
    assert "Dit was de eerste keer." in page
    assert "Gedeeld Hoe je te bereiken bent, Je werk Niet gedeeld Hoe je te bereiken bent: je telefoonnummer" in page
    assert "Zodat Carla kan helpen" in page
    assert "Je begon te delen met Carla Coach" in page
    assert "Heftruckchauffeur" not in page


async def test_filters_find_a_receiver_a_section_a_day_and_a_kind(town: Town) -> None:
    """Each filter alone, two together, and one that finds nothing; all work as a plain address."""
    town.line(at("2026-11-21", "11:00"), path="cv/contact")
    town.line(at("2026-11-21", "11:05"), outcome="refused", reason="needs read", path="cv/wishes")
    town.line(at("2026-11-22", "00:30"), agent=town.anna.account.webid, grant=None, version=0, path="cv/summary")
    see = town.anna.page

    only = text(await see(f"{LOG}?wie={town.who}"))
    assert "Hoe je te bereiken bent" in only
    assert "gezien: Over jou" not in only
    day = text(await see(f"{LOG}?dag=2026-11-22"))
    assert "proef.example heeft dit gezien: Over jou" in day
    assert "Carla Coach heeft" not in day
    section = text(await see(f"{LOG}?deel=contact&wie={town.who}"))
    assert "heeft dit gezien: Hoe je te bereiken bent" in section
    assert "gezien: Je werk" not in section
    refused = text(await see(f"{LOG}?soort=geweigerd"))
    assert "Carla Coach wilde dit zien of veranderen: Wat je wilt" in refused
    assert "heeft dit gezien" not in refused
    acts = text(await see(f"{LOG}?soort=jij"))
    assert "Je begon te delen met Carla Coach" in acts
    assert "heeft dit gezien" not in acts
    assert "Hier is niets van te zien." in text(await see(f"{LOG}?wie=bestaat-niet"))
    assert (await town.anna.get(f"{LOG}?dag=gisteren&soort=x&deel=y")).status_code == 200


async def test_a_filter_stays_with_older_lines(town: Town) -> None:
    """The button for older lines keeps what was chosen."""
    for minute in range(130):
        town.line(at("2026-11-10", "08:00") + minute * 60, path="cv/languages")
    page = await town.anna.page(f"{LOG}?wie={town.who}&deel=languages")
    older = html.unescape(re.search(r'href="(/regie/delen/logboek\?[^"]*voor=[^"]*)"', page)[1])  # type: ignore[index]
    assert parse_qs(urlsplit(older).query)["deel"] == ["languages"]
    rest = await town.anna.page(older)
    assert (page.count("<li><span"), rest.count("<li><span")) == (100, 30)


async def test_who_looks_for_the_first_time_is_told_once_on_the_home_page(town: Town) -> None:
    """The notice names who it was and nothing else; it is gone when the log was opened. Check 145."""
    await town.anna.page(LOG)
    assert "voor het eerst" not in await town.anna.page("/")
    stranger = "https://werkgever.example/profile#me"
    town.line(at("2026-11-23", "09:00"), agent=stranger, grant=None, version=0, path="cv/summary")
    town.line(town.site.clock(), agent=stranger, grant=None, version=0, path="cv/summary")
    home = text(await town.anna.page("/"))
    assert f"{stranger} keek voor het eerst naar wat je deelt." in home
    assert "Over jou" not in home
    await town.anna.page(LOG)
    assert "voor het eerst" not in await town.anna.page("/")


async def test_refusals_without_end_are_told_as_such(town: Town) -> None:
    """After twenty refusals in an hour the page says that the rest is counted together, and how many. Check 142."""
    other = await town.site.person("Bea Voorbeeld")
    start = at("2026-11-23", "12:00")
    for number in range(150):
        entry = AccessEntry(start + number, "read", f"cv/{number % 3}", "refused", agent="https://x.example/#me")
        town.site.house.ledger.record(other.account.id, entry)
    page = text(await other.page(LOG))
    assert "Daarom tellen we ze vanaf hier bij elkaar op" in page
    assert "van alles (100 keer)" in page
    assert len(await town.site.house.ledger.entries(other.account.id)) == 23


async def test_the_letter_says_what_was_read_when_and_goes_only_where_it_is_sent(town: Town) -> None:
    """The draft names sections and days; a file and a mail link hold the same; "stuur" puts it in the coach's inbox."""
    town.line(at("2026-11-02", "10:00"), path="cv/education")
    town.line(at("2026-11-04", "10:00"), path="cv/education")
    address = f"{LOG}/verwijderen?wie={town.who}"
    page = await town.anna.page(address)
    assert "artikel 17" in page
    assert "- Je opleiding: 2 keer, van 2 november 2026 tot en met 4 november 2026" in page
    assert "mailto:?subject=Verzoek%20om" in page
    letter = await town.anna.get(f"{LOG}/verwijderen.txt?wie={town.who}")
    assert letter.headers["content-disposition"].startswith("attachment")
    assert "Je opleiding: 2 keer" in letter.text
    assert "Verzoek" not in await town.coach.page("/regie/berichten")
    sent = await town.anna.post(f"{LOG}/verwijderen", {"wie": town.who, "brief": "Haal het weg, alsjeblieft."})
    assert sent.status_code == 303
    assert "Je vraag is verstuurd." in await town.anna.page(sent.headers["location"])
    inbox = await town.coach.page("/regie/berichten")
    assert "Verzoek om mijn gegevens te verwijderen" in inbox
    assert "Haal het weg, alsjeblieft." in inbox
    assert "Je vroeg Carla Coach om je gegevens weg te halen." in text(await town.anna.page(LOG))


async def test_who_has_no_inbox_here_is_written_to_by_other_ways(town: Town) -> None:
    """For somebody elsewhere there is no "stuur", and sending is refused."""
    who = key_of("agent", "https://elders.example/#me")
    town.line(at("2026-11-05", "10:00"), agent="https://elders.example/#me", grant=None, version=0)
    page = await town.anna.page(f"{LOG}/verwijderen?wie={who}")
    assert "Stuur aan" not in page
    assert (await town.anna.post(f"{LOG}/verwijderen", {"wie": who, "brief": "x"})).status_code == 404
    assert (await town.anna.get(f"{LOG}/verwijderen?wie=niemand")).status_code == 404


async def test_a_complaint_goes_to_the_authority_and_to_who_runs_the_server(town: Town) -> None:
    """The page names both, and links to the first."""
    town.line(at("2026-11-06", "10:00"))
    page = await town.anna.page(f"{LOG}/klacht?wie={town.who}")
    assert "autoriteitpersoonsgegevens" in page
    assert town.site.house.settings.organisation in page
