"""The very responses that a grant opens, before it is given.

`PodService.read` with the candidate as the only grant, as the receiver: the code that answers them afterwards. So what
is on the page is, byte for byte, what goes out; only the ledger has no line of it, since it is the citizen who looks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.choosing.model import Chosen, Offer
from werkpod.consent.dashboard.own import TURTLE, OwnPod, Pods
from werkpod.consent.dashboard.readable import Say, Shown, plainly
from werkpod.consent.grants import GrantRecord, opens, to_access
from werkpod.pod.access.model import Requester
from werkpod.vocab.cv import SectionDocument
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import CV_SECTIONS, SECTIONS, section_of
from werkpod.web.errors import NotFound


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page shows below a choice. `who`: who gets it; `shown`: the responses; `chosen`: whether anything is.

    `telling`: the sections of which the own text goes along while something else is left out. `reads`: whether the
    receiver gets to see anything at all. `lost`: entries that do not pass though nobody ticked them: another app gave
    them a name that would tell what is left out (record 23).
    """

    who: str
    shown: tuple[Shown, ...]
    telling: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    reads: bool = True
    chosen: bool = True


_CANDIDATE = "voorbeeld"
"""The id of a grant that is not there yet."""


async def seen(
    parts: Pods, account: Account, record: GrantRecord, chosen: Chosen, offered: Sequence[Offer], lang: str, say: Say,
    *, who: str = "",
) -> Seen:  # fmt: skip
    """What to show of a choice, and of the grant that it would make: `record` as `chosen` makes it.

    `who`: what to call the receiver, where that is not its name in the record.
    """
    record = chosen.on(record)
    keys = {FIELDS[key].section for key in chosen.telling(offered)}
    found = tuple(await preview(parts, account, record, lang, say))
    passing = {shown.key: _entries(account, shown) for shown in found}
    return Seen(
        who or record.receiver_name,
        found,
        tuple(offer.label for offer in offered if offer.key in keys),
        tuple(
            piece.label
            for offer in offered
            if offer.key in chosen.sections and "read" in record.actions
            for piece in offer.pieces
            if not chosen.without(piece.key) and piece.key not in passing.get(offer.key, (piece.key,))
        ),
        "read" in record.actions,
        chosen.everything or bool(chosen.sections),
    )


async def preview(parts: Pods, account: Account, record: GrantRecord, lang: str, say: Say) -> Sequence[Shown]:
    """Every document that `record` opens, in the order of the CV, as the receiver would get it.

    A section with nothing in it is there too, empty. Documents that only show the way to the others (`Shown.index`)
    come last. Of everything: the sections; the rest of the pod is as its owner knows it.
    """
    own = await OwnPod.of(parts, account)
    grant = to_access(dataclasses.replace(record, id=record.id or _CANDIDATE))
    receiver = Requester(
        agent=record.agent, client=record.client, grant=grant.id, confined=record.receiver_kind == "link"
    )
    bodies: dict[str, bytes] = {}
    for path in _paths(record):
        try:
            answer = await parts.service.read(
                receiver, own.pod, path, accept=TURTLE, grants=[grant], preview=True
            )  # fmt: skip
        except NotFound:
            continue
        bodies[path] = answer.body
    names = own.names({s.key: bodies[s.path] for s in SECTIONS.values() if s.path in bodies})
    found = []
    for path in _paths(record):
        section = section_of(path)
        if section is not None:
            found.append(own.show(section, bodies.get(path, b""), lang, say, names))
        elif path in bodies:
            found.append(plainly(path, bodies[path], own.iri(path)))
    return found


def _entries(account: Account, shown: Shown) -> frozenset[str]:
    """The entries ("section#fragment") that are in a response."""
    section = SECTIONS.get(shown.key)
    if section is None or not shown.readable or section not in CV_SECTIONS:
        return frozenset()
    document = SectionDocument.parse(shown.key, shown.exact.encode(), account.storage + section.path)
    return frozenset(f"{shown.key}#{entry.id}" for entry in document.entries)


def _paths(record: GrantRecord) -> tuple[str, ...]:
    """The documents that a grant lets somebody read: its sections, then what shows the way to them."""
    readable = [path for path, _lens in opens(dataclasses.replace(record, id=record.id or _CANDIDATE))]
    if "" in readable:
        return tuple(section.path for section in SECTIONS.values())
    ordered = [section.path for section in SECTIONS.values() if section.path in readable]
    return tuple(dict.fromkeys((*ordered, *readable)))
