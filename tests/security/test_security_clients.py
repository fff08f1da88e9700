"""What strangers name is fetched with care, and who an app says it is gives it no rights (checklist section 5)."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from support.oauth import BASE
from support.site import Site, Visitor, whole_site

from werkpod.consent.oauth.clients import FETCHES
from werkpod.consent.oauth.documents import OIDC_CONTEXT
from werkpod.pod.access.model import Requester


async def publish(person: Visitor, path: str, body: str, media_type: str) -> str:
    """Put a document in a person's own pod for everybody to read; its address."""
    pod = await person.site.house.pods.by_id(person.account.id)
    assert pod is not None
    owner = Requester(agent=person.account.webid, own_pages=True)
    service, url = person.site.house.service, person.account.storage + path
    await service.put(owner, pod, path, body.encode(), media_type)
    rules = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#>. <#a> a acl:Authorization; acl:mode acl:Read;"
        f" acl:agentClass <http://xmlns.com/foaf/0.1/Agent>; acl:accessTo <{url}>."
    )
    await service.put(owner, pod, f"{path}.acl", rules.encode(), "text/turtle")
    return url


def asks(client_id: str, redirect_uri: str) -> str:
    """An authorization request of a client."""
    fields = {
        "response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri, "scope": "webid",
        "code_challenge": "A" * 43, "code_challenge_method": "S256", "state": "s",
    }  # fmt: skip
    return f"/oauth/authorize?{urlencode(fields)}"


async def app_in_a_pod(person: Visitor, redirect_uri: str) -> str:
    """The client id of an app whose document lies in a pod on our own origin."""
    client_id = f"{person.account.storage}app"
    document = {
        "@context": OIDC_CONTEXT,
        "client_id": client_id,
        "client_name": "Werkpod Hulp",
        "redirect_uris": [redirect_uri],
    }
    assert await publish(person, "app", json.dumps(document), "application/ld+json") == client_id
    return client_id


async def test_an_endpoint_of_our_own_is_no_client(site: Site) -> None:
    """Checklist 108: a client id that names our own endpoint, which would then wait for itself, is refused at once."""
    inner = asks(f"{BASE}/apps/x/y", "https://x.test/")
    request = asks(BASE + inner, "https://x.test/")
    answers = await asyncio.wait_for(asyncio.gather(*(site.http.get(request) for _ in range(40))), 20)
    assert {answer.status_code for answer in answers} == {400}
    for path in ("/oauth/jwks", "/oauth/authorize", "/regie/cv", "/health", "/static/x", "/k/abc", "/apps/cv/weg"):
        assert (await site.http.get(asks(BASE + path, "https://x.test/"))).status_code == 400


async def test_an_app_in_a_pod_is_a_stranger(site: Site) -> None:
    """Checklist 130: a document in a pod on our origin is not shown as one of our own services."""
    mallory, sanne = await site.person("Mallory"), await site.person("Sanne")
    client_id = await app_in_a_pod(mallory, "https://evil.test/cb")
    waiting = await sanne.get(asks(client_id, "https://evil.test/cb"))
    assert waiting.status_code == 302
    page = await sanne.page(waiting.headers["location"])
    assert "Werkpod Hulp" in page
    assert site.house.settings.organisation not in page.split("<main")[1].split("</main>")[0]


async def test_an_app_in_a_pod_is_not_redirected_to_by_http(site: Site) -> None:
    """Checklist 12, 14: plain http on this machine is for our own apps on a server that is tried out, for no other."""
    for number, redirect_uri in enumerate(
        ("http://localhost:9/cb", "http://127.0.0.1/cb", "http://[::1]:1/cb", "javascript:alert(1)//", "data:,")
    ):
        mallory = await site.person(f"Mallory {number}")
        answer = await site.http.get(asks(await app_in_a_pod(mallory, redirect_uri), redirect_uri))
        assert answer.status_code == 400
        assert "location" not in answer.headers


OTHER_ADDRESSES = (
    "https://app.test/cb/", "https://app.test/CB", "https://app.test/cb?x=1", "https://app.test/%63b",
    "https://app.test:443/cb", "https://app.test@evil.test/cb", "https://app.test/cb#f", "https://app.test/cb/..",
    "https://app.test\\@evil.test/cb", "https://evil.test/https://app.test/cb", "",
)  # fmt: skip


async def test_redirects_go_to_the_very_address(site: Site) -> None:
    """Checklist 12, 13: anything but the registered address, character for character, is an error page of ours."""
    mallory = await site.person("Mallory")
    client_id = await app_in_a_pod(mallory, "https://app.test/cb")
    assert (await site.http.get(asks(client_id, "https://app.test/cb"))).status_code == 302
    requests = [asks(client_id, redirect_uri) for redirect_uri in OTHER_ADDRESSES]
    for request in (*requests, *(r.replace("response_type=code", "response_type=token") for r in requests)):
        answer = await site.http.get(request)
        assert answer.status_code == 400
        assert "location" not in answer.headers


NOT_PUBLIC = [
    "127.0.0.1", "[::1]", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "[fc00::1]",
    "[fe80::1]", "[::ffff:127.0.0.1]", "100.64.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost.",
    "127.1", "localhost", "user:pw@localhost",
]  # fmt: skip


async def test_nothing_in_this_network_is_fetched(site: Site) -> None:
    """Checklist 101, 104, 112: no connection to a listener on this machine, however it is written, with any scheme."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        port = listener.getsockname()[1]
        for scheme, host in itertools.product(("https", "http", "file", "gopher", "ftp"), NOT_PUBLIC):
            for target in (f"{scheme}://{host}:{port}/app", f"{scheme}://{host}/app"):
                answer = await site.http.get(asks(target, "https://x.test/"))
                assert answer.status_code == 400, target
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_slow_strangers_do_not_hold_up_others(tmp_path: Path) -> None:
    """Checklist 105, 108: while many documents of strangers do not come, other apps are answered as ever."""
    connections: list[asyncio.StreamWriter] = []
    full, over = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if over.is_set():  # who waited for a place gets one now
            writer.close()
            return
        connections.append(writer)
        if len(connections) == FETCHES:
            full.set()
        await reader.read()

    async with whole_site(tmp_path) as site:
        listener = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        http = site.http
        slow = [
            asyncio.create_task(http.get(asks(f"http://127.0.0.1:{port}/{n}", "https://x.test/"))) for n in range(30)
        ]
        await asyncio.wait_for(full.wait(), 10)
        app = site.app()
        answer = await asyncio.wait_for(site.http.get(f"/oauth/authorize?{urlencode(app.query())}"), 4)
        assert answer.status_code == 302
        assert len(connections) == FETCHES
        over.set()
        for writer in connections:
            writer.close()
        assert {answer.status_code for answer in await asyncio.gather(*slow)} == {400}
        listener.close()


async def test_what_an_app_is_called_is_text(site: Site) -> None:
    """Checklist 122, 123: a name with markup or invisible characters is shown as plain text, beside the host."""
    mallory, sanne = await site.person("Mallory"), await site.person("Sanne")
    client_id = f"{mallory.account.storage}app"
    name = "<script>alert(1)</script>\u202egnp\u200b{{7*7}}"
    document = {
        "@context": OIDC_CONTEXT, "client_id": client_id, "client_name": name, "redirect_uris": ["https://evil.test/cb"],
    }  # fmt: skip
    await publish(mallory, "app", json.dumps(document), "application/ld+json")
    waiting = await sanne.get(asks(client_id, "https://evil.test/cb"))
    page = await sanne.page(waiting.headers["location"])
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;gnp{{7*7}}" in page
    assert not {"\u202e", "\u200b"} & set(page)
    assert urlsplit(BASE).netloc in page


async def test_request_objects_by_reference_are_not_fetched(site: Site) -> None:
    """Checklist 21: `request_uri` and `request` are refused; nothing is asked of the address."""
    mallory = await site.person("Mallory")
    client_id = await app_in_a_pod(mallory, "https://app.test/cb")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        there = quote(f"http://127.0.0.1:{listener.getsockname()[1]}/r", safe="")
        answer = await site.http.get(asks(client_id, "https://app.test/cb") + f"&request_uri={there}")
        assert "error=request_uri_not_supported" in answer.headers["location"]
        with pytest.raises(BlockingIOError):
            listener.accept()
