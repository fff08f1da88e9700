"""What a new pod begins with: a WebID profile, access rules, an inbox, and for a citizen the sections of a CV.

Written through the storage, before anybody can ask for anything. What the documents say is in `profile/seed.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

import pyoxigraph as ox

from werkpod.pod import kept
from werkpod.pod.directory import Pod
from werkpod.pod.ldp.graphs import TURTLE, Document, serialise
from werkpod.pod.profile import places, seed
from werkpod.pod.storage import ANY, ResourceStorage
from werkpod.vocab.sections import CV_SECTIONS

Role = Literal["citizen", "coach", "employer"]


async def provision(storage: ResourceStorage, pod: Pod, *, name: str, role: Role, issuer: str) -> None:
    """Write what a pod begins with; what is there is written again, CV sections excepted. `issuer`: the OP's URL.

    `name` is asked so that a later form of the profile can carry it; it is not made public.
    """

    async def put(path: str, *parts: Sequence[ox.Triple]) -> None:
        triples = tuple(triple for part in parts for triple in part)
        await storage.put(pod.id, path, serialise(Document(triples), TURTLE), TURTLE)

    async def empty(path: str) -> None:
        if await storage.head(pod.id, path) is None:
            await storage.put(pod.id, path, b"", TURTLE, expected=ANY)

    sections = CV_SECTIONS if role == "citizen" else ()
    public, private = pod.storage + places.PUBLIC_INDEX, pod.storage + places.PRIVATE_INDEX
    registered = seed.registrations(pod, private, [section.key for section in sections])
    await put(".acl", seed.owner_rule(pod, "", default=True))
    # Side by side: the writer makes one transaction of them. What hangs under something comes after it.
    containers = ["profile/", places.INBOX, places.SETTINGS, *kept.CONTAINERS, *(["cv/"] if sections else [])]
    await asyncio.gather(*[storage.put(pod.id, path, b"", TURTLE) for path in containers])
    await asyncio.gather(
        put(places.CARD, seed.card(pod, issuer)),
        put("inbox/.acl", seed.owner_rule(pod, places.INBOX, default=True),
            seed.rule(pod, places.INBOX, "senders", ("Append",), agent_class=seed.AUTHENTICATED)),
        put("settings/.acl", seed.owner_rule(pod, places.SETTINGS, default=True)),
        put(places.PREFERENCES, seed.preferences(pod)),
        put(places.PUBLIC_INDEX, seed.type_index(public, public=True)),
        put(places.PRIVATE_INDEX, seed.type_index(private, public=False), *registered.values()),
        *[empty(path) for path in (*(section.path for section in sections), "people")],
    )  # fmt: skip
    await asyncio.gather(
        *[put(f"{path}.acl", seed.public_rules(pod, path)) for path in (places.CARD, places.PUBLIC_INDEX)]
    )
