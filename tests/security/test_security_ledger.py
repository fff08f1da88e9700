"""Checks 140-142, 145, 148 and 170 for the access log, shown at the running site and with nothing of ours to check."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from joserfc import jws
from joserfc.jwk import ECKey
from support.credentials import Tool
from support.site import Site, Visitor, whole_site

from werkpod.consent.dashboard import export_forms
from werkpod.consent.grants import GrantRecord
from werkpod.pod.access.model import AccessEntry

LOG = "/regie/delen/logboek"
STRANGER = "https://x.example/#me"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Town:
    """A citizen with a log of every kind of line, more than one page of an export."""

    site: Site
    anna: Visitor

    async def keys(self) -> list[ECKey]:
        """The published keys."""
        listed = (await self.site.http.get("/.well-known/werkpod-proof-keys")).json()["keys"]
        return [ECKey.import_key({name: key[name] for name in ("kty", "crv", "x", "y")}) for key in listed]

    async def signed(self, compact: str) -> dict[str, object]:
        """What a JWS says, checked with the published keys by a library alone."""
        from joserfc.registry import HeaderParameter

        registry = jws.JWSRegistry({"iat": HeaderParameter("When", "int")}, algorithms=["ES256"])
        (key,) = await self.keys()
        found = jws.deserialize_compact(compact, key, ["ES256"], registry=registry)
        said: dict[str, object] = json.loads(found.payload or b"")
        return said


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with whole_site(tmp_path_factory.mktemp("seclog")) as site:
        anna = await site.person("Anna Voorbeeld")
        now = site.clock()
        for number in range(620):
            entry = AccessEntry(
                now - 9000 + number, "read", "cv/experience", "allowed", agent=STRANGER, client="https://a.example/app",
                purpose="=cmd|' /C calc'!A0",
            )  # fmt: skip
            site.house.ledger.record(anna.account.id, entry)
        site.house.ledger.record(
            anna.account.id, AccessEntry(now - 5, "read", "cv/wishes", "refused", agent=STRANGER, reason="needs read")
        )
        yield Town(site, anna)


async def test_every_line_says_when_who_with_what_and_whether(town: Town) -> None:
    """Checklist 140, 142: looks and refusals are there with their sections, purpose and outcome; nothing of the CV
    is."""
    lines = (await town.anna.get(f"{LOG}/bewaren/json")).json()["lines"]
    assert [line["seq"] for line in lines] == list(range(1, 622))
    assert lines[0]["agent"] == STRANGER
    assert (lines[0]["client"], lines[0]["section"], lines[0]["outcome"]) == (
        "https://a.example/app", "experience", "allowed",
    )  # fmt: skip
    assert (lines[-1]["outcome"], lines[-1]["reason"], lines[-1]["section"]) == ("refused", "needs read", "wishes")
    assert set(lines[0]) == {
        "seq", "at", "action", "path", "outcome", "agent", "client", "grant", "purpose", "reason", "version", "by",
        "times", "section", "who", "proof",
    }  # fmt: skip


async def test_an_export_is_whole_and_signed_and_one_changed_byte_fails(town: Town) -> None:
    """Checklist 141, 170: the chain of the file leads to the signed head, by SHA-256 alone; the file is signed
    whole."""
    raw = (await town.anna.get(f"{LOG}/bewaren/json")).content
    file = json.loads(raw)
    said = await town.signed(file["signed"])
    assert said["log"] == town.anna.account.webid
    assert said["lines"] == len(file["lines"])
    before = raw[: raw.rindex(b'\n],"signed":')]
    assert hashlib.sha256(before).hexdigest() == said["sha256"]
    assert hashlib.sha256(before.replace(b"allowed", b"refused", 1)).hexdigest() != said["sha256"]
    digest = bytes.fromhex(file["origin"])
    for line in file["lines"]:
        digest = hashlib.sha256(digest + base64.b64decode(line["proof"]["bytes"])).digest()
        assert digest.hex() == line["proof"]["hash"]
    assert digest.hex() == said["hash"]


async def test_two_signed_heads_are_of_one_chain(town: Town) -> None:
    """Checklist 170: what lies between two heads that were signed leads from the one to the other, without our code."""
    first = (await town.anna.get(f"{LOG}/bewaren/handtekeningen.txt")).text.split()[0]
    town.site.house.ledger.record(town.anna.account.id, AccessEntry(town.site.clock(), "read", "cv/contact", "allowed"))
    heads = (await town.anna.get(f"{LOG}/bewaren/handtekeningen.txt")).text.split()
    assert heads[1] == first
    old, new = await town.signed(first), await town.signed(heads[0])
    lines = (await town.anna.get(f"{LOG}/bewaren/json")).json()["lines"]
    digest = bytes.fromhex(str(old["hash"]))
    for line in lines[int(str(old["lines"])) : int(str(new["lines"]))]:
        digest = hashlib.sha256(digest + base64.b64decode(line["proof"]["bytes"])).digest()
    assert digest.hex() == new["hash"]


async def test_a_table_holds_no_formula(town: Town) -> None:
    """No cell of the CSV begins as a formula does, and quotes stay inside their cell."""
    raw = (await town.anna.get(f"{LOG}/bewaren/csv")).content
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[1][12] == "'=cmd|' /C calc'!A0"
    assert len(rows) == len((await town.anna.get(f"{LOG}/bewaren/json")).json()["lines"]) + 2
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert rows[-1][0] == "signed"
    assert (await town.signed(rows[-1][-1]))["form"] == "csv"


async def test_the_form_of_the_dutch_standard_has_its_fields(town: Town) -> None:
    """Each record has the fields that the standard demands, ids of the right length, and a pseudonym of the citizen."""
    file = (await town.anna.get(f"{LOG}/bewaren/logboek-dataverwerkingen")).json()
    assert file["standaard"] == export_forms.LDV
    for record in file["logregels"]:
        assert (len(record["trace_id"]), len(record["span_id"])) == (32, 16)
        assert record["status"] in ("Unset", "Ok", "Error")
        assert {"name", "start_time", "end_time", "attributes"} <= set(record)
        assert set(record["attributes"]) >= {
            "dpl.core.processing_activity_id", "dpl.core.data_subject_id", "dpl.core.data_subject_id_type",
        }  # fmt: skip
        assert town.anna.account.slug not in record["attributes"]["dpl.core.data_subject_id"]
    assert len({record["trace_id"] for record in file["logregels"]}) == len(file["logregels"])


async def test_nobody_changes_a_log_through_a_page(town: Town) -> None:
    """Checklist 141: pages of the log take no other method than reading, and are for the citizen alone."""
    for path in ("", "/bewaren", "/bewaren/json", "/bewaren/handtekeningen.txt"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert (await town.anna.client.request(method, LOG + path)).status_code in (404, 405), (method, path)
        stranger = await town.site.visitor().get(LOG + path)
        assert stranger.status_code == 303
        assert stranger.headers["location"].startswith("/inloggen")
    coach = await town.site.person("Carla Coach", "coach")
    assert STRANGER not in await coach.page(LOG)
    assert (await coach.get(f"{LOG}/bewaren/json")).json()["lines"] == []


async def test_the_notice_of_a_first_look_has_no_data_of_the_citizen(town: Town) -> None:
    """Checklist 145: the home page says who looked, and neither what nor when."""
    home = await town.anna.page("/")
    start = home.index("keek voor het eerst")
    notice = home[home.rindex("<p>", 0, start) : home.index("</p>", start)]
    assert STRANGER in notice
    for word in ("Je werk", "experience", "cv/"):
        assert word not in notice


async def test_a_log_has_no_token_proof_or_value(town: Town) -> None:
    """Checklist 148: what apps send to get in stands in no line."""
    app = town.site.app(document={"client_name": "Proefapp"})
    headers = {"Authorization": "DPoP geheim-token-abc", "DPoP": "geheim-bewijs-def"}
    assert (await town.site.http.get(f"{town.anna.account.storage}cv/experience", headers=headers)).status_code == 401
    raw = (await town.anna.get(f"{LOG}/bewaren/json")).content
    plain = b"".join(base64.b64decode(line["proof"]["bytes"]) for line in json.loads(raw)["lines"])
    for secret in (b"geheim-token", b"geheim-bewijs", b"DPoP", b"eyJ"):
        assert secret not in plain
    assert app.id.encode() not in plain


async def test_receivers_see_their_own_accesses_alone(town: Town) -> None:
    """An organisation's token gives its own lines at citizens who shared with it, in pages, and nobody else's."""
    coach = await town.site.person("Carel Coach", "coach")
    house, bea = town.site.house, await town.site.person("Bea Voorbeeld")
    client_id, secret = await house.credentials.create(coach.account, "rapport")
    record_ = {"agent": coach.account.webid, "client": client_id, "grant": "G", "version": 1}
    now = town.site.clock()
    await house.grants.create(GrantRecord(
        id="", pod=bea.account.id, agent=coach.account.webid, client=None, receiver_name="Carel", receiver_kind="coach",
        created=now, not_before=now, until=now + 999, sections=("experience",),
    ))  # fmt: skip
    for number in range(5):
        house.ledger.record(bea.account.id, AccessEntry(now + number, "read", "cv/experience", "allowed", **record_))  # type: ignore[arg-type]
    house.ledger.record(bea.account.id, AccessEntry(now, "read", "cv/contact", "allowed", agent=STRANGER))
    house.ledger.record(town.anna.account.id, AccessEntry(now, "read", "cv/contact", "allowed", **record_))  # type: ignore[arg-type]
    tool = await Tool(town.site, client_id, secret).sign_in()

    async def ask(query: str = "") -> dict[str, object]:
        url = f"{house.settings.base_url}/api/consent/v1/accesses{query}"
        headers = tool.device.headers("GET", url.split("?")[0], tool.access_token)
        answer = await town.site.http.get(url, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    seen: list[dict[str, object]] = []
    page = await ask("?limit=2")
    while True:
        seen += page["accesses"]  # type: ignore[operator]
        if page["next"] is None:
            break
        page = await ask(f"?limit=2&from={page['next']}")
    assert [line["at"] for line in seen if line["storage"] == bea.account.storage] == [now + n for n in (4, 3, 2, 1, 0)]
    assert {line["storage"] for line in seen} == {bea.account.storage}
    assert (await town.site.http.get("/api/consent/v1/accesses")).status_code == 401
