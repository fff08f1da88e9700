"""The database alone is worthless: the files of a used server hold no word of any CV and no readable name."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from support.pod_client import OwnPod
from support.running import RunningServer

from werkpod.compose import opened
from werkpod.config import load
from werkpod.consent.accounts.outside import OutsideProvider
from werkpod.demo import DEMO_PASSPHRASE, PEOPLE
from werkpod.vocab.cv import section_iri
from werkpod.vocab.sections import CV_SECTIONS, SECTIONS
from werkpod.vocab.shipped import shipped_path

NOTE = b"een geheim woord: kwikstaartje"


@dataclass(frozen=True)
class Used:
    """A server that was used, and its files as they were at the kill."""

    server: RunningServer
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    """A demo server that was used: documents written, read by a tool, a link made; then killed, so the WALs stay."""
    server = RunningServer(tmp_path_factory.mktemp("plain") / "data", demo=True)
    with server:
        pod = OwnPod(server, "sanne", server.json("credentials", "create", "sanne", "--label", "Sannes leesprogramma"))
        assert pod.send("PUT", "aantekeningen/sollicitatie-bakker", NOTE, "text/plain").status == 201
        for section in CV_SECTIONS:
            assert pod.send("GET", section.path).status == 200
        assert pod.send("GET", "cv/bestaat-niet-echt").status == 404
        _use_what_apps_bring(server, pod)
        asyncio.run(_make_link(server))
        server.kill()
        yield Used(server, _files(server.data))


def _use_what_apps_bring(server: RunningServer, pod: OwnPod) -> None:
    """A large file, a webhook, and an app that registered itself and waits for an answer."""
    film = b"poedersuikerfilm " * 60_000
    assert pod.send("PUT", "films/opnames-wafelbakker", film, "video/mp4").status == 201
    wanted = {
        "@context": ["https://www.w3.org/ns/solid/notifications-context/v1"], "type": "WebhookChannel2023",
        "topic": pod.storage + "films/opnames-wafelbakker", "sendTo": "https://ontvanger.invalid/stroopkoekje",
    }  # fmt: skip
    service = ".well-known/notifications/WebhookChannel2023"
    assert pod.send("POST", service, json.dumps(wanted).encode(), "application/ld+json").status == 200
    back = "https://speculaas-app.invalid/terug"
    app = {"client_name": "Marsepeinapp", "redirect_uris": [back], "post_logout_redirect_uris": [back + "/uit"]}
    asked = urllib.request.Request(
        f"{server.base}/oauth/register", json.dumps(app).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked) as answer:
        client = json.load(answer)["client_id"]
    query = {"client_id": client, "redirect_uri": back, "response_type": "code", "scope": "openid webid",
             "state": "nougatblokje", "code_challenge": "x" * 43, "code_challenge_method": "S256"}  # fmt: skip
    with urllib.request.urlopen(f"{server.base}/oauth/authorize?{urlencode(query)}") as answer:
        assert answer.status == 200  # the sign-in page: the request waits


async def _make_link(server: RunningServer) -> None:
    provider = OutsideProvider(
        name="gemeente", label="Gemeente Drempeldorp", issuer="https://drempeldorp.invalid", client_id="werkpod"
    )
    async with opened(load({"data": server.data, "base_url": server.base}, {})) as house:
        account = await house.account_named("sanne")
        await house.links.create(account, ["experience"], days=7, views=3, label="Bakkerij Het Kruimeltje")
        await house.outside.identities.link(account, provider, "999990019-appelflap")


def _files(data: Path) -> dict[str, bytes]:
    # The taxonomy is public, and its words are words of CVs too.
    own = [p for p in data.rglob("*") if p.is_file() and p.name != "root.key" and p != shipped_path(data)]
    found = {p.name: p.read_bytes() for p in own}
    assert {"pods.db", "keys.db", "consent.db", "ledger.db"} <= set(found)
    assert any(name.endswith("-wal") and body for name, body in found.items())
    return found


def _found(used: Used, words: set[str]) -> set[tuple[str, str]]:
    """Which of `words` stand in which files, in UTF-8 or UTF-16, in any case of letters."""
    hits = set()
    for name, body in used.files.items():
        lower = body.lower()
        for word in words:
            if word.lower().encode() in lower or word.lower().encode("utf-16-le") in lower:
                hits.add((name, word))
    return hits


async def _literals(server: RunningServer) -> set[str]:
    """Every literal and every IRI of our own of the demo CVs, read with the keys."""
    words: set[str] = set()
    async with opened(load({"data": server.data, "base_url": server.base}, {})) as house:
        for person in PEOPLE:
            pod = await house.pods.find(person.slug)
            assert pod is not None
            for section in CV_SECTIONS:
                stored = await house.storage.get(pod.id, section.path)
                if stored is None:
                    continue
                iri = section_iri(pod.storage, section.key)
                for triple in ox.parse(stored.body, format=ox.RdfFormat.TURTLE, base_iri=iri):
                    words |= {
                        term.value
                        for term in (triple.subject, triple.object)
                        if isinstance(term, ox.Literal | ox.NamedNode)
                    }
    return {word for word in words if len(word) >= 5 and not word.startswith("http://www.w3.org/")}


def test_no_word_of_a_cv_is_in_any_file(used: Used) -> None:
    """Not one literal or entry address of the demo CVs can be found in the databases or their logs."""
    words = asyncio.run(_literals(used.server))
    assert len(words) > 60, "the demo CVs have words to look for"
    assert "Supermarkt Het Voorbeeld" in words
    assert _found(used, words) == set()


def test_no_path_name_or_receiver_is_in_any_file(used: Used) -> None:
    """No resource path, pod name, WebID, person, tool or link name, and no word of a plain text document."""
    words = {section.path for section in SECTIONS.values() if len(section.path) > 6} | {
        "cv/experience", "aantekeningen", "sollicitatie-bakker", "profile/card", "kwikstaartje", "leesprogramma",
        "Kruimeltje", "client.jsonld", "localhost", DEMO_PASSPHRASE,
        "poedersuiker", "wafelbakker", "video/mp4", "stroopkoekje", "ontvanger.invalid", "Webhook", "Marsepein",
        "speculaas", "nougatblokje", "Drempeldorp", "999990019", "appelflap",
    }  # fmt: skip
    words |= {person.name for person in PEOPLE} | {f"/{person.slug}/" for person in PEOPLE}
    words |= {person.slug for person in PEOPLE if len(person.slug) > 3}
    assert _found(used, words) == set()


def test_nothing_that_people_or_apps_sent_is_in_the_log(used: Used) -> None:
    """The server's own output names none of it, whatever went well or wrong."""
    said = used.server.output.lower()
    for word in ("poedersuiker", "wafelbakker", "stroopkoekje", "marsepein", "speculaas", "nougatblokje", "appelflap"):
        assert word not in said, word


def test_the_search_would_find_what_is_there(used: Used) -> None:
    """The search itself works: a word of the schema is found in every database."""
    assert {name for name, _ in _found(used, {"create table"})} >= {"pods.db", "keys.db", "consent.db", "ledger.db"}


def test_another_root_key_opens_nothing(used: Used, tmp_path: Path) -> None:
    """The files with a root key of another server are refused, not half opened."""
    with RunningServer(tmp_path / "other"):
        pass
    for name, body in used.files.items():
        if name.split("-")[0] in ("pods.db", "keys.db", "consent.db", "ledger.db", "apps.keys"):
            (tmp_path / "other" / name).write_bytes(body)
    with pytest.raises(RuntimeError, match="the server ended with 2"):
        RunningServer(tmp_path / "other").start()
