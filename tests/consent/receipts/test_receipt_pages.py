"""Receipts for people: to read, to download, to have checked; and for the programs of who received."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pypdf
import pytest
import pytest_asyncio
from joserfc import jws
from joserfc.jwk import KeySet
from support.credentials import tool_of
from support.oauth import BASE
from support.site import Site, Visitor, whole_site

from werkpod import cli
from werkpod.consent.grants import GrantRecord
from werkpod.consent.mandates import Mandate
from werkpod.consent.receipts.receipts import Kept

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAME = 'Karin "#read" $x$ <b>vet</b>'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with whole_site(tmp_path_factory.mktemp("receipt-pages")) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anna(site: Site) -> Visitor:
    return await site.person("Anna")


async def _share(site: Site, giver: Visitor, **changes: object) -> Kept:
    now = site.clock()
    fields: dict[str, object] = {
        "id": "", "pod": giver.account.id, "agent": "https://elsewhere.example/karin#me", "client": None,
        "receiver_name": NAME, "receiver_kind": "coach", "created": now, "not_before": now, "until": now + 86400,
        "sections": ("experience",), "hidden_fields": ("experience.employer",), "purpose_text": "Samen werk zoeken",
    }  # fmt: skip
    grant = await site.house.grants.create(GrantRecord(**{**fields, **changes}))  # type: ignore[arg-type]
    return (await site.house.receipts.of_grant(giver.account.id, grant.id))[-1]


async def test_a_citizen_reads_a_receipt_in_plain_words(site: Site, anna: Visitor) -> None:
    """The list leads to the receipt; it says with whom, what, what not, how long; names of others stay text."""
    kept = await _share(site, anna)
    listed = await anna.page("/regie/bewijzen")
    assert f'href="/regie/bewijzen/{kept.receipt.id}"' in listed
    assert "Begonnen met delen" in listed
    page = await anna.page(f"/regie/bewijzen/{kept.receipt.id}")
    for words in (
        "begon het delen met Karin", "&lt;b&gt;vet&lt;/b&gt;", "Je werk, zonder: bij wie je werkte", "Alleen zien.",
        "Samen werk zoeken", "Met toestemming. Stoppen mag altijd.", "Heeft een account op een andere website.",
    ):  # fmt: skip
        assert words in page, words
    assert "<b>vet" not in page


async def test_receipts_of_one_grant_stand_together(site: Site, anna: Visitor) -> None:
    """From the page of what is shared to its receipts; an old one says that something came after it."""
    kept = await _share(site, anna)
    assert "/bewijzen" in await anna.page(f"/regie/delen/{kept.receipt.grant}")
    await site.house.grants.revoke(anna.account.id, kept.receipt.grant, by=anna.account.id)
    page = await anna.page(f"/regie/delen/{kept.receipt.grant}/bewijzen")
    assert page.index("Gestopt met delen") < page.index("Begonnen met delen")
    assert "Daarna is er iets veranderd" in await anna.page(f"/regie/bewijzen/{kept.receipt.id}")


async def test_receipts_are_for_their_owner_alone(site: Site, anna: Visitor) -> None:
    """Who is not signed in signs in first; somebody else gets the answer of a receipt that is not there."""
    kept = await _share(site, anna)
    other = await site.person("Bram")
    assert (await site.visitor().get(f"/regie/bewijzen/{kept.receipt.id}")).status_code == 303
    for path in (f"/regie/bewijzen/{kept.receipt.id}", f"/regie/bewijzen/{kept.receipt.id}/bewijs.pdf",
                 f"/regie/delen/{kept.receipt.grant}/bewijzen", "/regie/bewijzen/x"):  # fmt: skip
        assert (await other.get(path)).status_code == 404
    assert kept.receipt.id not in await other.page("/regie/bewijzen")


async def test_a_long_list_goes_on_page_by_page(site: Site) -> None:
    """Thirty a page, newest first, and a link to what is older."""
    many = await site.person("Veel")
    receipts = [await _share(site, many) for _ in range(32)]
    first = await many.page("/regie/bewijzen")
    assert first.count("/regie/bewijzen/01") == 30
    older = first.split('href="/regie/bewijzen?voor=')[1].split('"')[0]
    second = await many.page(f"/regie/bewijzen?voor={older}")
    assert second.count("/regie/bewijzen/01") == 2
    assert receipts[0].receipt.id in second


async def test_the_files_are_downloaded_as_they_were_signed(site: Site, anna: Visitor) -> None:
    """JSON-LD and JWS come as attachments, byte for byte what was signed; other JOSE software takes the JWS."""
    kept = await _share(site, anna)
    where = f"/regie/bewijzen/{kept.receipt.id}/bewijs."
    found = await anna.get(where + "jsonld")
    assert found.content == kept.readable
    assert found.headers["content-disposition"] == f'attachment; filename="bewijs-{kept.receipt.id}.jsonld"'
    assert found.headers["content-type"] == "application/ld+json"
    compact = (await anna.get(where + "jws")).content.strip()
    published = (await site.visitor().get("/.well-known/werkpod-proof-keys")).json()
    registry = jws.JWSRegistry(strict_check_header=False)
    assert (
        jws.deserialize_compact(compact, KeySet.import_key_set(published), registry=registry).payload == kept.document
    )


@pytest.mark.parametrize(("lang", "words"), [("nl", "Wie krijgt het?"), ("en", "Who gets it?")])
async def test_the_pdf_is_accessible_and_says_the_same(site: Site, anna: Visitor, lang: str, words: str) -> None:
    """A tagged PDF/UA with title and language; names of others are text in it; made twice it is the same file."""
    kept = await _share(site, anna, receiver_name=NAME)
    reader = site.visitor(anna.account, lang)
    reader.client.cookies.update(anna.client.cookies)
    found = [await reader.get(f"/regie/bewijzen/{kept.receipt.id}/bewijs.pdf") for _ in range(2)]
    assert found[0].headers["content-type"] == "application/pdf"
    assert found[0].content == found[1].content
    pdf = pypdf.PdfReader(io.BytesIO(found[0].content))
    root = pdf.trailer["/Root"].get_object()
    # Where a line ends is the typesetter's choice, and it depends on the date: words are compared without spaces.
    text = "".join("".join(page.extract_text() for page in pdf.pages).split())
    assert root["/Lang"] == lang  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in root  # type: ignore[operator]
    assert b"pdfuaid" in found[0].content
    assert pdf.metadata is not None
    assert pdf.metadata.title
    for said in (words, NAME, kept.receipt.id, kept.receipt.place.ledger_hash, f"{BASE}/bewijs"):
        assert "".join(said.split()) in text, said


async def test_a_name_in_a_script_without_glyphs_still_has_a_pdf(site: Site, anna: Visitor) -> None:
    """Where a character cannot be drawn the PDF is made all the same, tagged."""
    kept = await _share(site, anna, receiver_name="Karin 😀 名前")
    found = await anna.get(f"/regie/bewijzen/{kept.receipt.id}/bewijs.pdf")
    assert "/StructTreeRoot" in pypdf.PdfReader(io.BytesIO(found.content)).trailer["/Root"].get_object()  # type: ignore[operator]


async def _check(visitor: Visitor, file: bytes, **headers: str) -> tuple[int, str]:
    sent = {"Origin": BASE, **headers}
    answer = await visitor.client.post("/bewijs", files={"bestand": ("bewijs", file)}, data={"tekst": ""}, headers=sent)
    return answer.status_code, answer.text


async def test_anybody_can_have_a_receipt_checked(site: Site, anna: Visitor) -> None:
    """Without an account, as a file or pasted with the line ends of a browser, in both forms; nothing is kept."""
    kept = await _share(site, anna)
    stranger = site.visitor()
    assert "Is dit bewijs echt?" in await stranger.page("/bewijs")
    before = site.raw()
    for file in (kept.readable, kept.jws.encode()):
        status, page = await _check(stranger, file)
        assert (status, "Dit bewijs is echt." in page, "begon het delen met Karin" in page) == (200, True, True)
        pasted = await stranger.post("/bewijs", {"tekst": file.decode().replace("\n", "\r\n")})
        assert "Dit bewijs is echt." in pasted.text
        assert "Kijk hoe het nu is" not in page + pasted.text
    assert site.raw() == before


async def test_the_owner_is_led_to_how_it_is_now(site: Site, anna: Visitor) -> None:
    """Only whose receipt it is gets a link to what is shared now."""
    kept = await _share(site, anna)
    assert f'href="/regie/delen/{kept.receipt.grant}"' in (await _check(anna, kept.readable))[1]
    other = await site.person("Cor")
    assert "/regie/delen/0" not in (await _check(other, kept.readable))[1]


async def test_what_is_wrong_with_a_receipt_is_said_plainly(site: Site, anna: Visitor) -> None:
    """A changed word, another file, a signature for something else, nothing at all, too much: each has its sentence."""
    kept = await _share(site, anna)
    keys = site.house.proof
    for file, words in (
        (kept.readable.replace(b"Samen", b"Alleen"), "De handtekening past niet bij de tekst."),
        (kept.document, "geen bewijs met een handtekening"),
        (b"%PDF-1.7", "geen bewijs met een handtekening"),
        (keys.sign(kept.document, typ="ledger-head+jws").encode(), "maar niet onder een bewijs van delen"),
        (b"", "Kies een bestand"),
        (b"x" * 70_000, "Dit is te groot"),
    ):
        status, page = await _check(site.visitor(), file)
        assert status == 200
        assert words in page, words
        assert "Dit bewijs is echt." not in page


async def _given_by_a_mentor(site: Site, giver: Visitor, coach: Visitor) -> Kept:
    mentor, now = await site.person("Mentor"), site.clock()
    asked = await site.house.mandates.invite(
        Mandate(
            id="", pod=giver.account.id, actor=mentor.account.webid, actor_name="Mentor", kind="mentor",
            may=("share", "stop"), sections=("experience",), max_days=30, created=now, until=now + 86400,
        )
    )  # fmt: skip
    await site.house.mandates.answer(mentor.account, asked.id, accept=True)
    acting, _ = await site.house.mandates.begin(mentor.account, asked.id)
    with acting.at_work():
        kept = await _share(site, giver, agent=coach.account.webid, given_by=mentor.account.webid)
    assert kept.receipt.by == mentor.account.webid
    assert "Een vertegenwoordiger" in await giver.page(f"/regie/bewijzen/{kept.receipt.id}")
    return kept


async def test_who_received_gets_the_receipts_by_token(site: Site) -> None:
    """A coach's program reads the receipts of what is shared with the coach, ended ones too, and no others."""
    giver, coach = await site.person("Gever"), await site.person("Coach Karin", "coach")
    theirs = await _share(site, giver, agent=coach.account.webid)
    other = await _share(site, giver)
    by_mentor = await _given_by_a_mentor(site, giver, coach)
    await site.house.grants.revoke(giver.account.id, theirs.receipt.grant, by=giver.account.id)
    tool = await tool_of(site, coach)
    slug = giver.account.slug
    listed = (await tool.ask("GET", f"/api/consent/v1/receipts?pod={slug}")).json()["receipts"]
    assert [one["happened"] for one in listed] == ["stopped", "given"]
    one = await tool.ask("GET", f"/api/consent/v1/receipts/{slug}/{theirs.receipt.id}")
    assert one.content == theirs.readable
    for hidden in (other, by_mentor):
        assert (await tool.ask("GET", f"/api/consent/v1/receipts/{slug}/{hidden.receipt.id}")).status_code == 404
    assert (await tool.ask("GET", f"/api/consent/v1/receipts/nobody/{theirs.receipt.id}")).status_code == 404
    assert (await tool.ask("GET", "/api/consent/v1/receipts?pod=nobody")).json() == {"receipts": []}
    assert (await site.visitor().get(f"/api/consent/v1/receipts/{slug}/{theirs.receipt.id}")).status_code == 401


async def test_a_citizens_own_tool_reads_all_their_receipts(site: Site) -> None:
    """What the citizen's tool with everything asks for is the citizen's; as a JWS where it asks for that."""
    giver = await site.person("Gerda")
    kept = await _share(site, giver)
    tool = await tool_of(site, giver)
    listed = (await tool.ask("GET", "/api/consent/v1/receipts")).json()["receipts"]
    assert kept.receipt.iri in [one["receipt"] for one in listed]
    path = f"/api/consent/v1/receipts/{giver.account.slug}/{kept.receipt.id}"
    headers = tool.device.headers("GET", f"{BASE}{path}", tool.access_token)
    found = await site.http.get(path, headers={**headers, "Accept": "application/jose"})
    assert found.text == kept.jws


@pytest.fixture
def keys_at(site: Site) -> Iterator[str]:
    """The published keys at an address of this machine."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(site.house.proof.jwks()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()
        thread.join()


async def test_the_command_checks_a_receipt_offline(
    site: Site, anna: Visitor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a file of published keys it says what the receipt says and ends with 0; one changed byte ends it with 1."""
    kept = await _share(site, anna)
    file, keys = tmp_path / "bewijs.jsonld", tmp_path / "keys.json"
    keys.write_text(json.dumps(site.house.proof.jwks()))
    file.write_bytes(kept.readable)
    assert _run("receipt", "verify", str(file), "--keys", str(keys), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["valid"], said["issuer"], said["happened"], said["shared"]) == (True, BASE, "given", "experience")
    assert (said["ledger_lines"], said["receipt"]) == (kept.receipt.place.ledger_lines, kept.receipt.id)
    for changed in (kept.readable.replace(b"Samen", b"samen"), b"", kept.document):
        file.write_bytes(changed)
        assert _run("receipt", "verify", str(file), "--keys", str(keys)) == 1
        assert "this receipt is not real" in capsys.readouterr().err
    assert _run("receipt", "verify", str(tmp_path / "nothing"), "--keys", str(keys)) == 1
    keys.write_text("{}")
    file.write_bytes(kept.readable)
    assert _run("receipt", "verify", str(file), "--keys", str(keys), "--json") == 1
    assert json.loads(capsys.readouterr().out)["failed"] == "key"


async def test_the_command_fetches_the_keys_where_they_are_published(
    site: Site, anna: Visitor, tmp_path: Path, keys_at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address in place of a file; one that does not answer is said to be so."""
    kept = await _share(site, anna)
    file = tmp_path / "bewijs.jws"
    file.write_text(kept.jws)
    assert await asyncio.to_thread(_run, "receipt", "verify", str(file), "--keys", keys_at) == 0
    assert "valid: True" in capsys.readouterr().out
    assert await asyncio.to_thread(_run, "receipt", "verify", str(file), "--keys", "https://127.0.0.1:1/x") == 2


def _run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    return int(ended.value.code or 0)
