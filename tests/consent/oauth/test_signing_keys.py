"""The keys that sign tokens: a new one is known before it signs, an old one until its last token is over."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from support.oauth import OAuthServer, claims_of
from support.regie import Clock

from werkpod.cli import main
from werkpod.consent.oauth.keys import DAYS, KEPT, LEAD, OVERLAP, POLL, SigningKeys
from werkpod.consent.oauth.tokens import ACCESS_SECONDS
from werkpod.pod.store import open_database
from werkpod.pod.vault import FileRootKeys, Vault

DAY = 86400.0


@asynccontextmanager
async def other_process(server: OAuthServer, clock: Clock, days: int = DAYS) -> AsyncIterator[SigningKeys]:
    """The keys as another process on the same files sees them."""
    keys_db = open_database(server.folder / "keys.db", "werkpod.pod.migrations.keys", secure_delete=True)
    consent = open_database(server.folder / "consent.db", "werkpod.consent.migrations")
    try:
        vault = Vault(keys_db, FileRootKeys(server.folder / "root.key"))
        yield await SigningKeys.load(consent, vault, clock=clock, days=days)
    finally:
        await consent.close()
        await keys_db.close()


async def published(server: OAuthServer) -> list[str]:
    """The ids of the keys at /oauth/jwks."""
    return [key["kid"] for key in (await server.http.get("/oauth/jwks")).json()["keys"]]


def kid_of(server: OAuthServer, token: str) -> str:
    """Which published key signed a token; fails where none did."""
    verified = jwt.decode(token, KeySet.import_key_set(server.parts.keys.jwks()), algorithms=["ES256"])  # type: ignore[arg-type]
    return str(verified.header["kid"])


def test_the_times_of_a_rotation_agree() -> None:
    """A new key waits longer than jwks is kept and polled, an old one stays longer than its tokens live."""
    assert LEAD > KEPT + POLL
    assert OVERLAP > ACCESS_SECONDS


async def test_a_key_is_rotated_under_a_running_server(server: OAuthServer) -> None:
    """Made beside the server: seen, published, then signing; the old one goes when its last token is over."""
    anna, app = await server.citizen(), server.app()
    old = (await published(server))[0]
    async with other_process(server, server.clock) as beside:
        new = (await beside.rotate()).kid
        assert (await beside.rotate()).kid == new, "one that waits is enough"
    server.clock.now += POLL
    assert set(await published(server)) == {old, new}
    last = (await server.tokens(app, anna))["access_token"]
    assert kid_of(server, last) == old
    server.clock.now += LEAD
    fresh = (await server.tokens(app, anna, prompt="consent"))["access_token"]
    assert kid_of(server, fresh) == new
    assert kid_of(server, last) == old, "what it signed still holds"
    assert set(await published(server)) == {old, new}
    server.clock.now += OVERLAP
    assert claims_of(last)["exp"] < server.clock()
    assert await published(server) == [new]
    assert await server.consent.fetch("SELECT count(*) FROM signing_key") == [(1,)]


async def test_jwks_is_kept_no_longer_than_a_new_key_waits(server: OAuthServer) -> None:
    """Cache-Control of /oauth/jwks is what the lead of a new key is counted from."""
    response = await server.http.get("/oauth/jwks")
    assert response.headers["cache-control"] == f"public, max-age={KEPT}"


async def test_a_key_that_is_old_gets_a_successor_by_itself(server: OAuthServer) -> None:
    """Once, however many processes notice; and never where the operator said so."""
    first = await published(server)
    server.clock.now += DAYS * DAY + 1
    assert len(await published(server)) == 2
    async with other_process(server, server.clock) as beside:
        server.clock.now += POLL
        await beside.fresh()
        assert len(beside.all()) == 2
        server.clock.now += LEAD
        assert beside.signer().kid not in first
    async with other_process(server, server.clock, days=0) as never:
        server.clock.now += 10 * DAYS * DAY
        await never.fresh()
        assert len(never.all()) == 1


async def test_two_processes_that_rotate_at_once_make_one_key(server: OAuthServer) -> None:
    """The second finds the key of the first in its place."""
    server.clock.now += DAYS * DAY + 1
    async with other_process(server, server.clock) as one, other_process(server, server.clock) as two:
        made = {(await one.rotate()).kid, (await two.rotate()).kid}
    assert len(made) == 1


async def test_a_stolen_key_is_gone_at_once(server: OAuthServer) -> None:
    """`rotate(now=True)`: the new key signs, the others verify nothing any more."""
    anna, app = await server.citizen(), server.app()
    token = (await server.tokens(app, anna))["access_token"]
    old = server.parts.keys.signer().kid
    new = (await server.parts.keys.rotate(now=True)).kid
    assert await published(server) == [new] != [old]
    form = {"token": token, **app.authentication()}
    assert (await server.http.post("/oauth/introspect", data=form)).json() == {"active": False}
    assert kid_of(server, (await server.tokens(app, anna, prompt="consent"))["id_token"]) == new


def test_the_command_makes_a_key_that_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`werkpod keys rotate-signing --json` says which key, and from when it signs; the file does not show it."""
    words = ["keys", "rotate-signing", "--data", str(tmp_path), "--base-url", "http://localhost:8080", "--json"]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0, sys.stderr
    said = json.loads(capsys.readouterr().out)
    assert len(said["kid"]) == 43
    assert said["signs_from"].endswith("+00:00")
    assert all(said["kid"].encode() not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
