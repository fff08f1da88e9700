"""Proof of what was shared: checks 143 and 144, and what a page that takes files of strangers must stand."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from joserfc.jwk import ECKey
from support.helping import helping
from support.oauth import BASE
from support.site import Site, Visitor

from werkpod.consent.grants import GrantRecord
from werkpod.consent.proof import ProofRefused, PublicKeys
from werkpod.consent.proof.keys import DAYS, POLL
from werkpod.consent.receipts import signed
from werkpod.consent.receipts.expiry import Expiry


async def _shared(site: Site, giver: Visitor, seconds: float = 86400.0) -> GrantRecord:
    now = site.clock()
    return await site.house.grants.create(
        GrantRecord(
            id="", pod=giver.account.id, agent="https://elsewhere.example/karin#me", client=None,
            receiver_name="<script>alert(1)</script>", receiver_kind="coach", created=now - 60, not_before=now - 60,
            until=now + seconds, sections=("experience",), purpose_text="Samen werk zoeken",
        )
    )  # fmt: skip


async def test_a_receipt_checks_with_the_published_key_and_stopping_gives_a_second(site: Site) -> None:
    """Checklist 143: the downloaded files check with the keys at their public address; a changed byte anywhere
    fails; stopping makes a second receipt, which names the hash of the first."""
    anna = await site.person("Anna")
    grant = await _shared(site, anna)
    await anna.post("/regie/delen/stop", {"delen": grant.id})
    keys = PublicKeys.read((await site.visitor().get("/.well-known/werkpod-proof-keys")).json())
    stopped, given = [
        (await anna.get(f"/regie/bewijzen/{kept.receipt.id}/bewijs.jsonld")).content
        for kept in await site.house.receipts.list(anna.account.id)
    ]
    first, second = signed.verify(given, keys), signed.verify(stopped, keys)
    assert (first.receipt.kind, second.receipt.kind) == ("given", "stopped")
    assert second.receipt.place.before == (first.receipt.id, signed.digest(first.document).hex())
    compact = (await anna.get(f"/regie/bewijzen/{first.receipt.id}/bewijs.jws")).content.rstrip(b"\n")
    for file in (given, compact):
        for place in (*range(0, len(file), 101), *range(len(file) - 90, len(file))):
            with pytest.raises(ProofRefused):
                signed.verify(file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :], keys)


async def test_a_key_of_somebody_else_makes_no_receipt(site: Site) -> None:
    """Checklist 143: a receipt that another server signed with a key of its own is refused, with our key's id in it
    too."""
    anna = await site.person("Anna")
    await _shared(site, anna)
    (kept,) = await site.house.receipts.list(anna.account.id)
    published = site.house.proof.jwks()["keys"][0]
    forger = ECKey.generate_key("P-256").as_dict(private=False)
    keys = PublicKeys.read({"keys": [{**published, "x": forger["x"], "y": forger["y"]}]})
    with pytest.raises(ProofRefused) as refused:
        signed.verify(kept.readable, keys)
    assert refused.value.failed == "key"


async def test_receipts_outlive_what_they_are_of(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checklist 144: three years after a grant was stopped and another ran out, every chore done and the key
    followed up twice, their receipts are there and check (FIDA, article 8(2)(d): two years)."""
    anna, years = await site.person("Anna"), 3 * (DAYS + 2) * 86400.0
    stopped, expired = await _shared(site, anna), await _shared(site, anna, seconds=1800.0)
    await site.house.grants.revoke(anna.account.id, stopped.id, by=anna.account.id)
    proof, clock = site.house.proof, site.clock
    for turn in range(1, 4):
        monkeypatch.setattr(proof, "_clock", lambda turn=turn: clock() + turn * (DAYS + 1) * 86400.0 + POLL)
        await proof.fresh()
    for part in (proof, site.house.grants, site.house.receipts):
        monkeypatch.setattr(part, "_clock", lambda: clock() + years)
    await Expiry(site.house.receipts._database, site.house.grants, clock=lambda: clock() + years).run()
    for chore in site.house.chores:
        await chore.run()
    assert len(proof.jwks()["keys"]) == 4
    for grant, kinds in ((stopped, ["given", "stopped"]), (expired, ["given", "expired"])):
        kept = await site.house.receipts.of_grant(anna.account.id, grant.id)
        assert [one.receipt.kind for one in kept] == kinds
        for one in kept:
            page = await anna.get(f"/regie/bewijzen/{one.receipt.id}")
            assert page.status_code == 200
            assert signed.verify(one.readable, PublicKeys.read(proof.jwks())).receipt == one.receipt


async def test_nobody_dates_a_receipt_back_with_a_later_key(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checklist 143: what is signed with a key says when; a time before the key signed, or after its successor
    began, fails."""
    proof, now = site.house.proof, site.clock()
    old = proof.sign(b"{}", typ=signed.TYP)
    monkeypatch.setattr(proof, "_clock", lambda: now + (DAYS + 1) * 86400.0)
    await proof.fresh()
    monkeypatch.setattr(proof, "_clock", lambda: now + (DAYS + 2) * 86400.0)
    keys = proof.jwks()["keys"]
    new = proof.sign(b"{}", typ=signed.TYP)
    swapped = [{**keys[0], "exp": keys[0]["nbf"] - 1}, {**keys[1], "nbf": int(now + (DAYS + 3) * 86400)}]
    for proved in (old, new):
        assert PublicKeys.read({"keys": keys}).check(proved, signed.TYP).payload == b"{}"
        with pytest.raises(ProofRefused) as refused:
            PublicKeys.read({"keys": swapped}).check(proved, signed.TYP)
        assert refused.value.failed == "period"


async def test_the_check_page_takes_forms_of_its_own_only_and_escapes_what_it_shows(site: Site) -> None:
    """Checklist 125, 122: a form of another origin is refused; a name with markup in a real receipt is shown as
    text."""
    anna = await site.person("Anna")
    await _shared(site, anna)
    (kept,) = await site.house.receipts.list(anna.account.id)
    text = {"tekst": kept.readable.decode()}
    stranger = site.visitor()
    assert (await stranger.post("/bewijs", text, Origin="https://evil.example")).status_code == 403
    assert (await stranger.post("/bewijs", text, Origin="", Sec_Fetch_Site="cross-site")).status_code == 403
    page = await stranger.post("/bewijs", text)
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_the_check_page_stands_what_is_no_receipt(site: Site) -> None:
    """Checklist 112, 124: deep, binary or senseless files get the page with a sentence, never an error of ours."""
    endless = (b"{" * 60_000, b"[" * 60_000, b"\x00" * 1000, b"." * 60_000, b'{"wpc:proof": "a..b"\n}\n', b"\xff\xfe{}")
    deep = base64.urlsafe_b64encode(b"[" * 40_000).rstrip(b"=")
    for file in (*endless, deep + b".e30.AA", deep + b"..AA"):
        sent = {"bestand": ("x", file)}
        answer = await site.visitor().client.post("/bewijs", files=sent, headers={"Origin": BASE})
        assert answer.status_code == 200
        assert "Dit bewijs klopt niet." in answer.text


async def test_a_log_that_lost_its_end_does_not_fit_its_receipts(site: Site) -> None:
    """Checklist 141: what `Receipts.heads` gives is where the log stood: a log cut off before it cannot have been
    there."""
    anna = await site.person("Anna")
    grant = await _shared(site, anna)
    await site.house.acts.settled()
    await site.house.grants.change(replace(grant, until=site.clock() + 10))
    heads = await site.house.receipts.heads(anna.account.id)
    assert heads[-1].seq >= heads[0].seq
    assert heads[-1] != heads[0]
    published = json.loads((await site.house.receipts.list(anna.account.id))[0].document)
    assert published["wpc:ledger"] == {"wpc:lines": heads[-1].seq, "wpc:hash": heads[-1].hash.hex()}


async def test_who_acts_for_a_citizen_sees_no_receipts_of_theirs(site: Site) -> None:
    """Checklist 88: a representative stops sharing for a citizen; the receipt says who did it, and is for the
    citizen alone."""
    both = await helping(site)
    grant = await _shared(site, both.sanne)
    await both.agree()
    await both.begin()
    stopped = await both.karin.post("/regie/delen/stop", both.named({"delen": grant.id}))
    assert stopped.status_code == 303, stopped.text
    newest = (await site.house.receipts.list(both.sanne.account.id))[0].receipt
    assert (newest.kind, newest.by) == ("stopped", both.karin.account.webid)
    assert both.karin.account.webid in await both.sanne.page(f"/regie/bewijzen/{newest.id}")
    for path in ("", f"/{newest.id}", f"/{newest.id}/bewijs.jws", f"/{newest.id}/bewijs.pdf"):
        refused = await both.karin.get(f"/regie/bewijzen{path}")
        assert refused.status_code in (303, 404)
        assert newest.id not in refused.text + refused.headers.get("location", "")
