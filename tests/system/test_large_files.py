"""Large files against a real server process: little memory, the old content until the new is whole, no residue."""

from __future__ import annotations

import hashlib
import random
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from support.pod_client import OwnPod
from support.running import RunningServer

MB = 1 << 20
BLOCK = random.Random(1).randbytes(MB)
BINARY = "application/octet-stream"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with one citizen."""
    with RunningServer(tmp_path_factory.mktemp("large") / "data") as running:
        running.json("account", "create", "groot", "--password", "een lange zin voor groot")
        yield running


@pytest.fixture(scope="module")
def made(server: RunningServer) -> dict[str, str]:
    """Credentials of a tool of hers."""
    return dict(server.json("credentials", "create", "groot", "--label", "bestanden"))


@pytest.fixture
def pod(server: RunningServer, made: dict[str, str]) -> OwnPod:
    """The tool, signed in."""
    return OwnPod(server, "groot", made)


class Wire:
    """One request, a piece at a time."""

    def __init__(self, pod: OwnPod, method: str, path: str, **headers: str) -> None:
        url = pod.storage + path
        auth = {"Authorization": f"DPoP {pod.token}", "DPoP": pod.key.proof(method, url, pod.token)}
        lines = [f"{method} {urlsplit(url).path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in {**auth, **headers}.items()]
        self.socket = socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), timeout=60)
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.reading = self.socket.makefile("rb")

    def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next answer."""
        status = int(self.reading.readline().split()[1])
        headers = {}
        while (line := self.reading.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        return status, headers

    def close(self) -> None:
        self.reading.close()
        self.socket.close()


def upload(pod: OwnPod, path: str, blocks: int) -> int:
    """PUT so many blocks; the status."""
    wire = Wire(pod, "PUT", path, Content_Type=BINARY, Content_Length=str(blocks * MB))
    for _ in range(blocks):
        wire.socket.sendall(BLOCK)
    status, _ = wire.head()
    wire.close()
    return status


def memory(server: RunningServer, name: str) -> int:
    """A line of the process's status, in MB."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) // 1024


def parts(server: RunningServer) -> tuple[int, int]:
    """How many rows there are of parts and of streams that are no body."""
    connection = sqlite3.connect(server.data / "pods.db", timeout=5)
    try:
        found = connection.execute("SELECT (SELECT COUNT(*) FROM part), (SELECT COUNT(*) FROM loose)").fetchone()
        return int(found[0]), int(found[1])
    finally:
        connection.close()


def comes_to(server: RunningServer, expected: tuple[int, int]) -> None:
    """Wait until there are so many rows: the server sees the end of a connection a little after it."""
    deadline = time.monotonic() + 20
    while parts(server) != expected:
        assert time.monotonic() < deadline, (parts(server), expected)
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.duty(151)
def test_a_large_file_takes_no_memory(server: RunningServer, pod: OwnPod) -> None:
    """Sent, read whole and in part, replaced: the most that the server ever used is at most 40 MB more than before."""
    pod.send("PUT", "warm", BLOCK, BINARY)
    before = memory(server, "VmRSS")
    assert upload(pod, "film", 120) == 201
    wire = Wire(pod, "GET", "film")
    status, headers = wire.head()
    assert (status, headers["content-length"]) == (200, str(120 * MB))
    read, expected = hashlib.sha256(), hashlib.sha256()
    for _ in range(120):
        read.update(wire.reading.read(MB))
        expected.update(BLOCK)
    wire.close()
    assert read.digest() == expected.digest()
    part = pod.send("GET", "film", Range=f"bytes={60 * MB - 3}-{60 * MB + 2}")
    assert (part.status, part.body) == (206, BLOCK[-3:] + BLOCK[:3])
    assert upload(pod, "film", 60) == 204
    assert memory(server, "VmHWM") <= before + 40
    assert pod.send("DELETE", "film").status == 204
    assert parts(server)[1] == 0


def test_a_put_that_is_cut_off_leaves_what_was_there(server: RunningServer, pod: OwnPod) -> None:
    """The connection ends half way: the old content is there and nothing of the new, also without a length."""
    assert pod.send("PUT", "cut", BLOCK, BINARY).status == 201
    tag, before = pod.send("HEAD", "cut").headers["etag"], parts(server)
    for headers in ({"Content_Length": str(50 * MB)}, {"Transfer_Encoding": "chunked"}):
        wire = Wire(pod, "PUT", "cut", Content_Type=BINARY, **headers)
        for _ in range(5):
            wire.socket.sendall((b"%x\r\n" % MB + BLOCK + b"\r\n") if "Transfer_Encoding" in headers else BLOCK)
        wire.close()
    found = pod.send("GET", "cut")
    assert (found.body, found.headers["etag"]) == (BLOCK, tag)
    comes_to(server, before)


def test_a_kill_in_the_middle_leaves_what_was_there(server: RunningServer, made: dict[str, str], pod: OwnPod) -> None:
    """kill -9 while a body comes in: after the restart the old content is there, and no row more than before."""
    assert pod.send("PUT", "killed", BLOCK, BINARY).status == 201
    before = parts(server)
    wire = Wire(pod, "PUT", "killed", Content_Type=BINARY, Content_Length=str(100 * MB))
    for _ in range(20):
        wire.socket.sendall(BLOCK)
    assert parts(server)[0] > before[0]
    server.kill()
    wire.close()
    server.start()
    assert parts(server) == before
    assert OwnPod(server, "groot", made).send("GET", "killed").body == BLOCK


def test_who_may_not_write_is_told_before_the_body(server: RunningServer, pod: OwnPod) -> None:
    """With Expect: 100-continue a refusal comes at once, and the word to go on only to who may (RFC 9110, 10.1.1)."""
    large = {"Content_Type": BINARY, "Content_Length": str(5 * MB), "Expect": "100-continue"}
    refused = Wire(pod, "PUT", ".well-known/solid", **large)
    assert refused.head()[0] == 405
    refused.close()
    allowed = Wire(pod, "PUT", "waited", **large)
    assert allowed.head()[0] == 100
    for _ in range(5):
        allowed.socket.sendall(BLOCK)
    assert allowed.head()[0] == 201
    allowed.close()
    full = Wire(pod, "PUT", "waited", **{**large, "Content_Length": str(2000 * MB), "If_None_Match": "*"})
    assert full.head()[0] == 412
    full.close()


def test_a_full_pod_says_what_is_used_and_allowed(server: RunningServer, pod: OwnPod) -> None:
    """507 before the body where its length says it, else as soon as it is passed; deleting makes room again."""
    assert server.json("pod", "quota", "groot", "20")["allowed"] == 20 * MB
    try:
        known = Wire(pod, "PUT", "full", Content_Type=BINARY, Content_Length=str(50 * MB), Expect="100-continue")
        status, headers = known.head()
        problem = msgspec.json.decode(known.reading.read(int(headers["content-length"])))
        known.close()
        assert (status, problem["allowed"]) == (507, 20 * MB)
        assert 0 < problem["used"] < 20 * MB
        assert "no room" in problem["detail"]
        unknown = Wire(pod, "POST", "", Content_Type=BINARY, Transfer_Encoding="chunked")
        unknown.socket.settimeout(30)
        for _ in range(25):
            unknown.socket.sendall(b"%x\r\n" % MB + BLOCK + b"\r\n")
        assert unknown.head()[0] == 507
        unknown.close()
        assert server.json("verify")["counters_mended"] == 0
    finally:
        assert server.json("pod", "quota", "groot", "default")["used"] == problem["used"]
