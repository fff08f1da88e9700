"""Revocation, previews and the log: what is shown is what they get, and it ends when it is stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import MATCHER, Person, Server, pod_server

from werkpod.pod.access.model import AccessEntry, Grant, Lens, Mode, Requester, Scope
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.http import PodApp
from werkpod.pod.service import PodService
from werkpod.web.errors import Unavailable

CV = "\n".join(f'<#e{n}> <https://schema.org/name> "Baan {n}" ; <https://schema.org/salary> {n} .' for n in range(40))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    person = await server.person("anna")
    await person.put(person.url("cv/experience"), CV)
    return person


@pytest.mark.parametrize("size", [1, 4000])
async def test_no_read_completes_after_a_revoke_returned(server: Server, anna: Person, size: int) -> None:
    """Readers race with a revoke, with small documents and with ones that are turned around in a thread."""
    url = anna.url("cv/experience")
    await anna.put(url, "".join(f'<#e{n}> <https://schema.org/name> "Baan {n}" .\n' for n in range(size)))
    for _ in range(4):
        grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read",))
        app = server.app_of(anna, MATCHER, grant.id)
        finished: list[tuple[float, int]] = []
        revoked_at: list[float] = []
        first = asyncio.Event()

        async def reader() -> None:
            for _ in range(12):
                answer = await app.get(url, Accept="application/ld+json")  # noqa: B023 - awaited in this round
                finished.append((time.perf_counter(), answer.status_code))  # noqa: B023
                first.set()  # noqa: B023
                await asyncio.sleep(0)

        async def revoker() -> None:
            await first.wait()  # noqa: B023
            await server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)  # noqa: B023
            revoked_at.append(time.perf_counter())  # noqa: B023

        await asyncio.gather(reader(), reader(), revoker(), reader())
        assert {status for _, status in finished} <= {200, 403}
        assert [status for at, status in finished if at > revoked_at[0] and status == 200] == []
        assert (await app.get(url)).status_code == 403


async def test_patches_that_wait_their_turn_are_decided_anew(server: Server, anna: Person) -> None:
    """Of many patches at once only the one whose turn it is may still land when the app is stopped meanwhile."""
    url = anna.url("cv/experience")

    async def landed() -> int:
        return (await anna.get(url, Accept="application/n-triples")).text.count("http://x.test/p")

    for turn in range(3):
        grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read", "append", "write"))
        app = server.app_of(anna, MATCHER, grant.id)

        async def patch(number: int) -> int:
            sent = {"Content-Type": "application/sparql-update"}
            body = f"INSERT DATA {{ <#x> <http://x.test/p> {number} }}"
            return (await app.request("PATCH", url, headers=sent, content=body)).status_code  # noqa: B023

        before = await landed()
        waiting = [asyncio.create_task(patch(100 * turn + number)) for number in range(16)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
        at_the_stop = await landed()
        statuses = await asyncio.gather(*waiting)
        assert set(statuses) <= {204, 403}
        assert await landed() - at_the_stop <= 1
        assert await landed() - before == statuses.count(204)


async def test_a_stopped_app_is_refused_and_that_is_on_record(server: Server, anna: Person) -> None:
    """Whatever token it holds; another grant of the same app does not help a token that names the stopped one."""
    grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read",))
    other = await server.give(anna, client=MATCHER, sections=("education",), actions=("read",))
    app, second = server.app_of(anna, MATCHER, grant.id), server.app_of(anna, MATCHER, other.id)
    assert (await app.get(anna.url("cv/experience"))).status_code == 200
    await server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
    assert (await app.get(anna.url("cv/experience"))).status_code == 403
    assert (await app.get(anna.url("cv/education"))).status_code == 403
    assert (await second.get(anna.url("cv/education"))).status_code == 200
    last = (await server.ledger.entries(anna.pod.id, 3))[2].entry
    assert (last.outcome, last.path, last.client, last.grant) == ("refused", "cv/experience", MATCHER, grant.id)


async def test_a_coachs_app_stops_with_the_coach(server: Server, anna: Person) -> None:
    """An app acts for its person in another's pod as long as that person lets it, and not a request longer."""
    karin = await server.person("karin", everything=False)
    home = await server.give(karin, client=MATCHER, sections=("identity",), actions=("read",))
    app = server.app_of(karin, MATCHER, home.id)
    assert (await app.get(anna.url("cv/experience"))).status_code == 403
    await server.give(anna, client=None, agent=karin.pod.webid, sections=("experience",), actions=("read",))
    assert (await app.get(anna.url("cv/experience"))).status_code == 200
    await server.grants.revoke(karin.pod.id, home.id, by=karin.pod.id)
    assert (await app.get(anna.url("cv/experience"))).status_code == 403


async def test_what_is_shown_is_what_they_get(server: Server, anna: Person) -> None:
    """The preview of a grant that is not yet given equals, byte for byte, the answer to the app that then has it."""
    for accept in ("text/turtle", "application/ld+json"):
        for hidden in ((), ("https://schema.org/salary",)):
            lens = Lens(frozenset({"e3"}) if hidden else frozenset(), frozenset(hidden))
            draft = Grant("draft", anna.pod.webid, MATCHER, (Scope("cv/experience", Mode.READ, lens),), 0.0, None)
            asker = Requester(anna.pod.webid, MATCHER, "draft")
            shown = await server.service.read(
                asker, anna.pod, "cv/experience", accept=accept, grants=[draft], preview=True
            )
            given = await server.give(
                anna, client=MATCHER, sections=("experience",), actions=("read",), hidden_predicates=hidden,
                hidden_entries=("experience#e3",) if hidden else (),
            )  # fmt: skip
            got = await server.app_of(anna, MATCHER, given.id).get(anna.url("cv/experience"), Accept=accept)
            assert got.content == shown.body
            assert got.headers["etag"] == shown.etag
            assert (b'Baan 3"' in shown.body) == (not hidden)
            await server.grants.revoke(anna.pod.id, given.id, by=anna.pod.id)


async def test_a_preview_is_not_on_record_and_gives_nothing_extra(server: Server, anna: Person) -> None:
    """Nobody has read anything, and what the draft does not give is refused in the preview too."""
    before = len(await server.ledger.entries(anna.pod.id, 100))
    draft = Grant("draft", anna.pod.webid, MATCHER, (Scope("cv/experience", Mode.READ),), 0.0, None)
    asker = Requester(anna.pod.webid, MATCHER, "draft")
    await server.service.read(asker, anna.pod, "cv/experience", grants=[draft], preview=True)
    with pytest.raises(Exception, match="not shared"):
        await server.service.read(asker, anna.pod, "cv/education", grants=[draft], preview=True)
    assert len(await server.ledger.entries(anna.pod.id, 100)) == before


class BrokenLog:
    """A log whose disk is full."""

    def record(self, pod: str, entry: AccessEntry) -> None:
        raise Unavailable("The access log cannot be written.")


async def test_without_a_log_nothing_is_read_or_written(server: Server, anna: Person) -> None:
    """503, no data, no change."""
    service = PodService(
        pods=server.parts.directory, storage=server.parts.storage, grants=server.grants, log=BrokenLog(),
        base_url=server.service.base_url,
    )  # fmt: skip
    app = PodApp(service, Authenticator(server.issuer.keys(), issuer=server.issuer.base_url))
    transport = type(server.http._transport)(app=app)  # type: ignore[call-arg]
    async with type(server.http)(transport=transport, base_url=service.base_url) as http:
        url = anna.url("cv/experience")
        for method in ("GET", "PUT", "DELETE"):
            signed = anna.device.headers(method, url, anna.token())
            answer = await http.request(method, url, headers={**signed, "Content-Type": "text/turtle"}, content=b"")
            assert answer.status_code == 503
            assert b"Baan" not in answer.content
    assert (await anna.get(url)).text == CV


async def test_an_expired_grant_ends_within_the_life_of_a_token(server: Server, anna: Person) -> None:
    """Times are looked at in each request (checklist 84)."""
    grant = await server.give(
        anna, client=MATCHER, sections=("experience",), actions=("read",), until=time.time() + 0.3
    )
    app = server.app_of(anna, MATCHER, grant.id)
    assert (await app.get(anna.url("cv/experience"))).status_code == 200
    await asyncio.sleep(0.35)
    assert (await app.get(anna.url("cv/experience"))).status_code == 403
