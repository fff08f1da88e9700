"""A citizen, and somebody who acts for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from support.site import PASSPHRASE, Site, Visitor
from werkpod.consent.accounts import Role

ROOT = "/regie/vertegenwoordiging"
FOR = f"{ROOT}/voor"


@dataclass
class Helping:
    """Sanne, and Karin who helps her."""

    site: Site
    sanne: Visitor
    karin: Visitor
    mandate: str = ""

    def asks(self, **changes: str | list[str]) -> dict[str, str | list[str]]:
        """The form by which Sanne asks Karin, with other values where they are given."""
        form: dict[str, str | list[str]] = {
            "gebruikersnaam": self.karin.account.slug, "naam": "Tante Karin", "soort": "mentor",
            "mag": ["see", "share", "stop"], "onderdeel": ["summary", "experience"], "hooguit": "90", "dagen": "180",
        }  # fmt: skip
        return form | changes

    async def agree(self, **changes: str | list[str]) -> None:
        """Sanne asks, Karin says yes."""
        asked = await self.sanne.post(f"{ROOT}/nieuw/ja", self.asks(**changes))
        assert asked.status_code == 303, asked.text
        self.mandate = (await self.site.house.mandates.of(self.sanne.account.id))[0].id
        said = await self.karin.post(f"{FOR}/antwoord", {"hulp": self.mandate, "antwoord": "ja"})
        assert said.status_code == 303, said.text

    async def begin(self) -> None:
        """Karin switches to acting for Sanne."""
        response = await self.karin.post(f"{FOR}/begin", {"hulp": self.mandate})
        assert response.status_code == 303, response.text

    def named(self, fields: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        """A form as the page shows it to Karin while she acts for Sanne."""
        return {**fields, "namens": self.mandate}

    async def acts(self) -> list[tuple[str, str | None, str | None]]:
        """What Sanne's ledger says of acts of consent, oldest first: what, about whom, done by whom."""
        lines = await self.site.house.ledger.entries(self.sanne.account.id, 200)
        return [(x.entry.action, x.entry.agent, x.entry.by) for x in reversed(lines) if ":" in x.entry.action]


async def helping(site: Site, role: Role = "citizen") -> Helping:
    """Sanne and Karin, who have arranged nothing yet. Karin signs in at the door, as her session changes later."""
    sanne, karin = await site.person("Sanne de Wit"), site.visitor((await site.person("Karin Blom", role)).account)
    await karin.post("/inloggen", {"naam": karin.account.slug, "wachtzin": PASSPHRASE})
    return Helping(site, sanne, karin)


def forms(text: str) -> list[str]:
    """Every form of a page that posts, with what is in it."""
    return re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL)
