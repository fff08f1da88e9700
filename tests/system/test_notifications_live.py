"""Notifications of `werkpod serve` as a process: told, signed so that a stranger can check it, and ended in order."""

from __future__ import annotations

import json
import queue
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import websockets
from joserfc import jwt
from joserfc.jwk import KeySet
from support.pod_client import OwnPod
from support.running import RunningServer
from websockets.sync.client import connect

CONTEXT = "https://www.w3.org/ns/solid/notifications-context/v1"
Told = tuple[dict[str, str], Any]


@contextmanager
def receiver() -> Iterator[tuple[str, queue.Queue[Told]]]:
    """A receiver of webhooks in a thread: its address, and the headers and messages that it got."""
    got: queue.Queue[Told] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put(({name.lower(): value for name, value in self.headers.items()}, json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    listener = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}/hook", got
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def subscribe(pod: OwnPod, kind: str, path: str, **fields: str) -> Any:
    """A channel of the own pod."""
    wanted = {"@context": [CONTEXT], "type": kind, "topic": pod.storage + path, **fields}
    answer = pod.send("POST", f".well-known/notifications/{kind}", json.dumps(wanted).encode(), "application/ld+json")
    assert answer.status == 200, answer
    return json.loads(answer.body)


def fetched(url: str, accept: str = "application/json") -> bytes:
    """A document, as anybody gets it."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=10) as answer:
        return bytes(answer.read())


def keys_of(sender: str) -> tuple[str, KeySet]:
    """Who may speak for a sender, and with which keys, as a stranger finds out (Solid-OIDC, 8)."""
    profile = ox.parse(fetched(sender.partition("#")[0], "text/turtle"), ox.RdfFormat.TURTLE)
    (issuer,) = [
        quad.object.value
        for quad in profile
        if quad.subject == ox.NamedNode(sender) and quad.predicate.value.endswith("#oidcIssuer")
    ]
    found = json.loads(fetched(f"{issuer}/.well-known/openid-configuration"))
    assert found["issuer"] == issuer
    return issuer, KeySet.import_key_set(json.loads(fetched(found["jwks_uri"])))


@pytest.mark.slow
@pytest.mark.duty(118, 119, 120, 131, 133, 134, 135)
def test_a_running_server_tells_signs_and_stops_in_order(tmp_path: Path) -> None:
    """A socket, a stream and a webhook hear of a change; a stop ends them, and the webhook goes on after a restart."""
    server = RunningServer(tmp_path / "data", environ={"WERKPOD_ALLOW_LOOPBACK": "1"})
    with server, receiver() as (address, got):
        server.json("account", "create", "vera", "--password", "een zin om te luisteren")
        pod = OwnPod(server, "vera", server.json("credentials", "create", "vera", "--label", "luisteraar"))
        socket_channel = subscribe(pod, "WebSocketChannel2023", "note")
        stream_channel = subscribe(pod, "StreamingHTTPChannel2023", "note")
        hook_channel = subscribe(pod, "WebhookChannel2023", "note", sendTo=address)
        with (
            connect(socket_channel["receiveFrom"], proxy=None) as socket,
            urllib.request.urlopen(stream_channel["receiveFrom"], timeout=10) as stream,
        ):
            assert pod.send("PUT", "note", b"een", "text/plain").status == 201
            message = json.loads(socket.recv(timeout=10))
            lines = (line.strip() for line in stream)
            assert json.loads(next(line for line in lines if line)) == message
            headers, sent = got.get(timeout=10)
            assert sent == message
            issuer, keys = keys_of(hook_channel["sender"])
            claims = jwt.decode(headers["authorization"].removeprefix("DPoP "), keys).claims
            assert (claims["iss"], claims["webid"]) == (issuer, hook_channel["sender"])
            server.stop()
            with pytest.raises(websockets.ConnectionClosed):
                socket.recv(timeout=10)
            assert socket.close_code == 1012
            assert [line for line in lines if line] == []
        assert server.process is not None
        assert server.process.returncode in (0, -15)
        assert "Traceback" not in server.output
        server.start()
        assert pod.send("PUT", "note", b"twee", "text/plain").status == 204
        assert got.get(timeout=10)[1]["type"] == "Update"
        assert json.loads(fetched(hook_channel["id"])) == hook_channel
