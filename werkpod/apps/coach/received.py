"""Who shares with the coach: the answer of `GET /api/consent/v1/received`."""

from __future__ import annotations

import msgspec

from werkpod.apps.kit import PodClient, PodUnavailable
from werkpod.vocab.sections import SECTIONS

PATH = "/api/consent/v1/received"


class Received(msgspec.Struct, frozen=True):
    """One person who shares: pod, WebID, name, sections, until when (Unix seconds; None: until stopped)."""

    storage: str
    webid: str
    name: str = ""
    sections: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    until: float | None = None

    def labels(self, lang: str) -> list[str]:
        """The names of the sections that are shared."""
        return [SECTIONS[key].label(lang) for key in SECTIONS if key in self.sections]


async def received(pod: PodClient, issuer: str) -> list[Received]:
    """Everyone who shares with the token's agent, by name. Raises as `PodClient.get`."""
    answer = await pod.get(f"{issuer}{PATH}", accept="application/json")
    try:
        people = msgspec.json.decode(answer.body, type=list[Received])
    except msgspec.MsgspecError as error:
        raise PodUnavailable(f"{answer.url} answered with something unexpected: {error}") from None
    return sorted(people, key=lambda person: person.name.casefold())
