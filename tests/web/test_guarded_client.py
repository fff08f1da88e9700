"""The client for addresses that strangers name: where it goes, and where it never goes."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from werkpod.web.client import (
    AddressRefused,
    FetchRefused,
    GuardedTransport,
    OwnApp,
    check_url,
    fetch,
    guarded_client,
    is_public,
)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """A server on loopback that counts who connects."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[bytes] = []


@asynccontextmanager
async def listening(
    answer: bytes | Handler = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Listener]:
    """A listener that gives `answer` to each request."""
    found = Listener()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        try:
            found.requests.append(await reader.readuntil(b"\r\n\r\n"))
            if callable(answer):
                await answer(reader, writer)
            else:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


def to(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    """A resolver that answers with these addresses, whatever is asked."""

    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1",
        "2001::1", "2001:db8::1", "::127.0.0.1", "fec0::1", "4000::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, documentation, multicast, and those that embed another (RFC 6890)."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_ordinary_addresses_are_public(address: str) -> None:
    """The rest of the internet can be reached."""
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/x", "ftp://app.example/x", "file:///etc/passwd", "gopher://app.example/", "//app.example/x",
        "/x", "x", "", "https://", "https:///x", "https://user@app.example/x", "https://user:pw@app.example/x",
        "https://app.example/a/../b", "https://app.example/a/%2e%2E/b", "https://app.example/./b",
        "https://app.example:8443/x", "https://app.example:x/", "https://app.example:99999/", "https://app.example/a b",
        "https://app.example/a\tb", "https://app.example\\@evil.example/", "https://app.example/\x7f", "https://[::1",
        "javascript:alert(1)", "data:text/html,x",
    ],
)  # fmt: skip
def test_other_addresses_than_plain_https_are_refused(url: str) -> None:
    """Scheme, user, port, dot segments, spaces and malformed hosts are refused before any look-up."""
    with pytest.raises(FetchRefused):
        check_url(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "localhost.", "[::1]", "0.0.0.0", "2130706433", "0x7f000001", "017700000001", "127.1",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    ],
)  # fmt: skip
async def test_this_machine_is_not_connected_to_however_it_is_written(host: str) -> None:
    """A listener on loopback stays silent for every spelling of its address."""
    async with listening() as listener, guarded_client() as client:
        for scheme in ("http", "https"):
            with pytest.raises(FetchRefused):
                await fetch(client, f"{scheme}://{host}:{listener.port}/", accept="*/*", limit=100)
            with pytest.raises(httpx2.HTTPError):
                await client.get(f"{scheme}://{host}:{listener.port}/")
        assert listener.connections == 0


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("1.1.1.1", "127.0.0.1"), ("::1", "1.1.1.1"), ("10.0.0.1",), ()])
async def test_a_name_with_one_private_address_is_refused(addresses: tuple[str, ...]) -> None:
    """All addresses of a name must be public; the answer does not say which it was."""
    async with guarded_client(resolver=to(*addresses)) as client:
        with pytest.raises(AddressRefused) as caught:
            await client.get("https://app.example/")
        assert not any(address in str(caught.value) for address in addresses)


async def test_the_address_that_was_checked_is_the_one_connected_to(tmp_path: Path) -> None:
    """The name is looked up once; an answer that changes afterwards (rebinding) changes nothing."""
    server_tls, client_tls = certificate(tmp_path, "app.test")
    asked: list[str] = []

    async def once(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.255.255.1"]

    async with (
        listening(tls=server_tls) as listener,
        guarded_client(allow_loopback=True, resolver=once, tls=client_tls) as client,
    ):
        response = await client.get(f"https://app.test:{listener.port}/path?q=1")
        assert response.text == "ok"
        assert asked == ["app.test"]
        assert f"Host: app.test:{listener.port}".encode() in listener.requests[0]
        assert listener.requests[0].startswith(b"GET /path?q=1 HTTP/1.1")


async def test_the_certificate_is_checked_for_the_name_not_the_address(tmp_path: Path) -> None:
    """A certificate of another name is refused, though the address is right."""
    server_tls, client_tls = certificate(tmp_path, "app.test")
    async with (
        listening(tls=server_tls) as listener,
        guarded_client(allow_loopback=True, resolver=to("127.0.0.1"), tls=client_tls) as client,
    ):
        assert (await client.get(f"https://app.test:{listener.port}/")).status_code == 200
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"https://other.test:{listener.port}/")


async def test_a_host_that_the_operator_named_may_be_private_and_no_other(tmp_path: Path) -> None:
    """A named host may have a private address and another port, over TLS; other hosts stay under the rules."""
    server_tls, client_tls = certificate(tmp_path, "inlog.test")
    transport = GuardedTransport(resolver=to("127.0.0.1"), tls=client_tls, private_hosts=["inlog.test"])
    async with (
        listening(tls=server_tls) as listener,
        httpx2.AsyncClient(transport=transport, trust_env=False) as client,
    ):
        assert (await client.get(f"https://inlog.test:{listener.port}/")).text == "ok"
        for url in (
            f"https://other.test:{listener.port}/",
            "https://other.test/",
            f"http://inlog.test:{listener.port}/",
        ):
            with pytest.raises(AddressRefused):
                await client.get(url)
        assert listener.connections == 1


async def test_an_unknown_certificate_is_refused(tmp_path: Path) -> None:
    """A certificate that no known authority signed is refused, on loopback too."""
    server_tls, _ = certificate(tmp_path, "app.test")
    async with (
        listening(tls=server_tls) as listener,
        guarded_client(allow_loopback=True, resolver=to("127.0.0.1")) as client,
    ):
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"https://app.test:{listener.port}/")


async def test_http_is_for_loopback_only_even_when_allowed() -> None:
    """`allow_loopback` opens this machine, not plain http to the world or to the town hall's network."""
    for address in ("1.1.1.1", "10.0.0.1"):
        async with guarded_client(allow_loopback=True, resolver=to(address)) as client:
            with pytest.raises(AddressRefused):
                await client.get("http://app.example/")
            with pytest.raises(AddressRefused):
                await client.get("https://app.example:8443/")


async def test_a_redirect_is_not_followed() -> None:
    """A 302 to another address is an answer that is not taken, and nobody goes there."""
    async with listening() as target:
        location = f"http://127.0.0.1:{target.port}/".encode()
        redirect = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
        async with listening(redirect) as first, guarded_client(allow_loopback=True) as client:
            url = f"http://127.0.0.1:{first.port}/"
            assert (await client.get(url)).status_code == 302
            with pytest.raises(FetchRefused, match="302"):
                await fetch(client, url, accept="*/*", limit=100, allow_loopback=True)
            assert target.connections == 0


async def test_proxies_and_passwords_of_the_environment_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """HTTP_PROXY and a .netrc change nothing."""
    async with listening() as proxy, listening() as listener:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login me password secret\n")
        monkeypatch.setenv("NETRC", str(netrc))
        async with guarded_client(allow_loopback=True) as client:
            assert (await client.get(f"http://127.0.0.1:{listener.port}/")).text == "ok"
        assert proxy.connections == 0
        assert b"authorization" not in listener.requests[0].lower()


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        await writer.drain()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, each in time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """No answer at all."""
    await reader.read()


async def test_a_body_ends_at_the_limit() -> None:
    """A body without end, or a long one with its length said, is cut and refused."""
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b"x" * 200
    for answer in (endless, long):
        async with listening(answer) as listener, guarded_client(allow_loopback=True) as client:
            url = f"http://127.0.0.1:{listener.port}/"
            with pytest.raises(FetchRefused, match="larger than 100"):
                await fetch(client, url, accept="*/*", limit=100, allow_loopback=True)
        async with listening(answer) as listener, guarded_client(allow_loopback=True, limit=150) as client:
            with pytest.raises(httpx2.ReadError):
                await client.get(f"http://127.0.0.1:{listener.port}/")


@pytest.mark.parametrize("answer", [dripping, silent])
async def test_the_whole_exchange_has_one_deadline(answer: Handler) -> None:
    """One byte at a time does not hold us longer than the deadline, nor does silence."""
    async with listening(answer) as listener, guarded_client(allow_loopback=True, deadline=0.2) as client:
        with pytest.raises(FetchRefused):
            await fetch(client, f"http://127.0.0.1:{listener.port}/", accept="*/*", limit=5000, allow_loopback=True)


async def test_a_compressed_answer_is_refused() -> None:
    """Nothing is unpacked: a small answer cannot become a large one."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"
    async with listening(answer) as listener, guarded_client(allow_loopback=True) as client:
        with pytest.raises(FetchRefused, match="compressed"):
            await fetch(client, f"http://127.0.0.1:{listener.port}/", accept="*/*", limit=100, allow_loopback=True)
        assert b"accept-encoding: identity" in listener.requests[0].lower()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 404 Nope\r\nContent-Length: 6\r\n\r\nsecret", b"garbage secret\r\n\r\n"])
async def test_an_error_does_not_repeat_what_was_fetched(answer: bytes) -> None:
    """What came back from an address is not shown to the one who named it."""
    async with listening(answer) as listener, guarded_client(allow_loopback=True) as client:
        with pytest.raises(FetchRefused) as caught:
            await fetch(client, f"http://127.0.0.1:{listener.port}/", accept="*/*", limit=100, allow_loopback=True)
        assert "secret" not in str(caught.value)
        assert "127.0.0.1" not in str(caught.value)


async def test_no_cookie_is_kept() -> None:
    """What one answer sets is not sent with the next: one client serves many people."""
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"
    async with listening(answer) as listener, guarded_client(own(), allow_loopback=True) as client:
        for url in (f"http://127.0.0.1:{listener.port}/", "http://localhost:8080/cookie"):
            await client.get(url)
            await client.get(url)
        assert b"cookie" not in b"".join(listener.requests).lower()
        assert not client.cookies


def own() -> OwnApp:
    """An application at http://localhost:8080."""

    async def echo(request: Request) -> Response:
        return PlainTextResponse(
            f"{request.method} {request.scope['raw_path'].decode()} {(await request.body()).decode()}"
        )

    async def cookie(request: Request) -> Response:
        return Response(request.headers.get("cookie", "none"), headers={"Set-Cookie": "a=b"})

    async def broken(request: Request) -> Response:
        raise RuntimeError("broken")

    found = OwnApp("http://localhost:8080")
    routes = [Route("/cookie", cookie), Route("/broken", broken), Route("/{rest:path}", echo, methods=["GET", "POST"])]
    found.bind(Starlette(routes=routes))
    return found


async def test_our_own_address_stays_in_the_process() -> None:
    """Requests for the base URL go to our own application, path as it was; no connection is made, nobody listens."""
    async with guarded_client(own()) as client:
        response = await client.post("http://localhost:8080/a%20b/c?d=e", content="body")
        assert response.text == "POST /a%20b/c body"
        assert (await client.get("http://LOCALHOST:8080/x")).text.startswith("GET /x")
        found = await fetch(client, "http://localhost:8080/x", accept="*/*", limit=100, allow_loopback=True)
        assert found.media_type == "text/plain"
        assert (await client.get("http://localhost:8080/broken")).status_code == 500


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8081/", "https://localhost:8080/", "http://localhost/", "http://127.0.0.1:8080/",
        "http://localhost:8080@evil.example/", "http://localhost:8080.evil.example/", "http://x@localhost:8080/",
    ],
)  # fmt: skip
async def test_what_only_resembles_our_address_goes_outside_and_is_refused(url: str) -> None:
    """Another port, scheme, host or a user name is another origin."""
    async with guarded_client(own()) as client:
        with pytest.raises((AddressRefused, httpx2.InvalidURL)):
            await client.get(url)


async def test_our_application_must_be_bound() -> None:
    """Before the composition root has bound it, a request for it fails plainly."""
    async with guarded_client(OwnApp("http://localhost:8080")) as client:
        assert (await client.get("http://localhost:8080/")).status_code == 500


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server called `name`, and for a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = built.public_bytes(serialization.Encoding.PEM)
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(encoded + pem)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=pem.decode())


def test_an_ipv4_address_in_an_ipv6_one_is_what_counts() -> None:
    """Every private IPv4 network stays private when it is written as IPv6."""
    for network in ("10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16", "169.254.0.0/16"):
        first = ipaddress.ip_network(network)[1]
        assert not is_public(f"::ffff:{first}")
