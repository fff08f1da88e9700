"""Who shares with the coach: the answer of `GET /api/consent/v1/received`."""

from __future__ import annotations

import msgspec

from werkpod.apps.kit import PodClient, PodUnavailable
from werkpod.vocab.sections import SECTIONS

PATH = "/api/consent/v1/received"


class Received(msgspec.Struct, frozen=True):
    """One person who shares: pod, WebID, name ("": not shared), sections, until when (Unix seconds; None: no end)."""

    storage: str
    webid: str
    name: str = ""
    sections: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    until: float | None = None

    @property
    def pod(self) -> str:
        """The name of the pod, as its address has it."""
        return self.storage.rstrip("/").rpartition("/")[2]

    def labels(self, lang: str) -> list[str]:
        """The names of the sections that are shared."""
        return [SECTIONS[key].label(lang) for key in SECTIONS if key in self.sections]


async def received(pod: PodClient, issuer: str) -> list[Received]:
    """Everyone who shares with the token's agent, by name, those without one last. Raises as `PodClient.get`."""
    answer = await pod.get(f"{issuer}{PATH}", accept="application/json")
    try:
        people = msgspec.json.decode(answer.body, type=list[Received])
    except msgspec.MsgspecError as error:
        raise PodUnavailable(f"{answer.url} answered with something unexpected: {error}") from None
    return sorted(people, key=lambda person: (not person.name, person.name.casefold(), person.storage))
