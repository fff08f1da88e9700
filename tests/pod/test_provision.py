"""What a new pod begins with."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.podapp import pod_server
from support.pods import BASE

from werkpod.pod.provision import provision
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.web.ids import ulid


@pytest.mark.parametrize(("role", "sections"), [("citizen", len(CV_SECTIONS)), ("coach", 0), ("employer", 0)])
async def test_a_pod_begins_with_what_its_role_needs(tmp_path: Path, role: str, sections: int) -> None:
    """A citizen has empty sections; everybody has a WebID document, rules, an inbox and a place for consent."""
    async with pod_server(tmp_path) as server:
        pod = await server.parts.directory.create("nieuw", pod_id=ulid())
        await provision(server.parts.storage, pod, name="Nieuw", role=role, issuer=BASE)  # type: ignore[arg-type]
        storage = server.parts.storage
        assert len(await storage.children(pod.id, "cv/")) == sections
        for path in ("profile/card", "profile/card.acl", ".acl", "inbox/", "inbox/.acl", "consent/", "people"):
            assert await storage.head(pod.id, path) is not None
        card = await storage.get(pod.id, "profile/card")
        assert card is not None
        assert b"Nieuw" not in card.body


async def test_doing_it_again_keeps_the_cv(tmp_path: Path) -> None:
    """A second time changes nothing that a citizen wrote."""
    async with pod_server(tmp_path) as server:
        anna = await server.person("anna")
        await anna.put(anna.url("cv/summary"), '<#a> <https://schema.org/text> "Over mij" .')
        await provision(server.parts.storage, anna.pod, name="Anna", role="citizen", issuer=BASE)
        assert "Over mij" in (await anna.get(anna.url("cv/summary"))).text
