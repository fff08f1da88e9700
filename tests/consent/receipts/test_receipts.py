"""Receipts: one for each thing that happens to a grant, chained, signed, in the pod, and never without the grant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest
import pytest_asyncio
from support.site import Site, Visitor, whole_site

from werkpod.consent.accounts import Account
from werkpod.consent.grants import GrantRecord
from werkpod.consent.proof import ProofRefused
from werkpod.consent.receipts import signed
from werkpod.consent.receipts.errors import ReceiptNotFound
from werkpod.consent.receipts.expiry import Expiry
from werkpod.pod.access.model import AccessEntry, Requester
from werkpod.pod.errors import IntegrityError, PodUnavailable
from werkpod.pod.store.protocol import Statement
from werkpod.web.errors import NotFound

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = 86400


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with whole_site(tmp_path_factory.mktemp("receipts")) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def anna(site: Site) -> Visitor:
    return await site.person(f"Anna {len(site.visitors)}")


async def _share(site: Site, account: Account, **changes: object) -> GrantRecord:
    now = site.clock()
    fields: dict[str, object] = {
        "id": "", "pod": account.id, "agent": "https://elsewhere.example/karin#me", "client": None,
        "receiver_name": "Karin <b>", "receiver_kind": "coach", "created": now, "not_before": now, "until": now + DAY,
        "sections": ("identity", "experience"), "hidden_fields": ("experience.employer",),
        "purpose": "https://w3id.org/dpv#ServiceProvision", "purpose_text": "Samen werk zoeken", "keep": "P1M",
    }  # fmt: skip
    return await site.house.grants.create(GrantRecord(**{**fields, **changes}))  # type: ignore[arg-type]


async def test_each_thing_that_happens_has_a_receipt(site: Site, anna: Visitor) -> None:
    """Given, changed, renewed and stopped: four receipts, numbered, each with the hash of the one before it."""
    grants, receipts = site.house.grants, site.house.receipts
    grant = await _share(site, anna.account)
    assert grant.until is not None
    narrowed = await grants.change(replace(grant, sections=("experience",)))
    longer = await grants.change(replace(narrowed, until=grant.until + DAY))
    await grants.revoke(anna.account.id, grant.id, by=anna.account.id)
    kept = await receipts.of_grant(anna.account.id, grant.id)
    assert [one.receipt.kind for one in kept] == ["given", "changed", "renewed", "stopped"]
    assert [one.receipt.place.number for one in kept] == [1, 2, 3, 4]
    assert [one.receipt.version for one in kept] == [1, 2, 3, 4]
    for before, after in pairwise(kept):
        assert after.receipt.place.before == (before.receipt.id, signed.digest(before.document).hex())
    assert [(c.of, c.before, c.after) for c in kept[1].receipt.changes] == [
        ("sections", "identity experience", "experience")
    ]
    assert [c.of for c in kept[2].receipt.changes] == ["end"]
    assert kept[2].receipt.until == int(longer.until or 0)


async def test_a_receipt_checks_in_both_forms(site: Site, anna: Visitor) -> None:
    """The JWS and the readable file both check with the published keys, and hold the same document."""
    grant = await _share(site, anna.account)
    (kept,) = await site.house.receipts.of_grant(anna.account.id, grant.id)
    for file in (kept.jws.encode(), kept.jws.encode() + b"\n", kept.readable):
        found = signed.verify(file, site.house.proof.public)
        assert found.receipt == kept.receipt
        assert found.document == kept.document
    assert json.loads(kept.readable)["dct:identifier"] == kept.receipt.id


async def test_a_receipt_without_its_signature_is_none(site: Site, anna: Visitor) -> None:
    """The document alone, or with the signature of another receipt, does not pass for a receipt."""
    grant = await _share(site, anna.account)
    await site.house.grants.revoke(anna.account.id, grant.id, by=anna.account.id)
    given, stopped = await site.house.receipts.of_grant(anna.account.id, grant.id)
    for file, failed in (
        (given.document, "form"),
        (signed.readable(given.document, stopped.jws), "signature"),
        (site.house.proof.sign(b"{}", typ=signed.TYP).encode(), "content"),
        (site.house.proof.sign(given.document, typ="ledger-head+jws").encode(), "kind"),
        (b"{" * 5000, "form"),
        (b"a" * 200_000, "form"),
        ("een béwijs".encode(), "form"),
    ):
        with pytest.raises(ProofRefused) as refused:
            signed.verify(file, site.house.proof.public)
        assert refused.value.failed == failed


async def test_a_receipt_stands_in_the_pod_for_its_owner_alone(site: Site, anna: Visitor) -> None:
    """`consent/receipts/{id}` is the signed document, as JSON-LD; somebody else does not get it."""
    grant = await _share(site, anna.account)
    (kept,) = await site.house.receipts.of_grant(anna.account.id, grant.id)
    await site.house.publications.settled()
    pod = await site.house.pods.by_id(anna.account.id)
    assert pod is not None
    path = f"consent/receipts/{kept.receipt.id}"
    owner = Requester(agent=anna.account.webid, own_pages=True)
    found = await site.house.service.read(owner, pod, path, accept="application/ld+json")
    assert found.body == kept.readable
    assert signed.verify(found.body, site.house.proof.public).receipt == kept.receipt
    turtle = await site.house.service.read(owner, pod, path, accept="text/turtle")
    assert b"dpv#ConsentReceipt" in turtle.body
    async with site.visitor().client as stranger:
        assert (await stranger.get(f"{anna.account.storage}{path}")).status_code == 401


async def test_no_grant_without_its_receipt(site: Site, anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the receipt cannot be written nothing is shared, and nothing is stopped halfway."""

    async def broken(pod: str) -> None:
        raise PodUnavailable("no head")

    grant = await _share(site, anna.account)
    monkeypatch.setattr(site.house.receipts, "_ledger_head", broken)
    with pytest.raises(PodUnavailable):
        await _share(site, anna.account)
    with pytest.raises(PodUnavailable):
        await site.house.grants.change(replace(grant, sections=("experience",)))
    assert [one.id for one in await site.house.grants.list(anna.account.id)] == [grant.id]
    assert (await site.house.grants.get(anna.account.id, grant.id)).version == 1


async def test_a_receipt_says_where_the_log_stood(site: Site, anna: Visitor) -> None:
    """The head of the access log is in the receipt, and comes back for who checks the log."""
    pod = anna.account.id
    site.house.ledger.record(
        pod, AccessEntry(at=1.0, agent=None, client=None, action="read", path="cv/identity", outcome="allowed")
    )
    before = await site.house.ledger.head(pod)
    grant = await _share(site, anna.account)
    (kept,) = await site.house.receipts.of_grant(pod, grant.id)
    assert (kept.receipt.place.ledger_lines, kept.receipt.place.ledger_hash) == (before.seq, before.hash.hex())
    assert list(await site.house.receipts.heads(pod)) == [before]


async def test_what_is_kept_cannot_be_read_or_exchanged(site: Site, anna: Visitor) -> None:
    """Nothing of a receipt is readable in the database, and a row of another pod or receipt does not open."""
    grant = await _share(site, anna.account, receiver_name="Zeldzamenaam", purpose_text="Ongewoondoel")
    (kept,) = await site.house.receipts.of_grant(anna.account.id, grant.id)
    await site.house.publications.settled()
    for text in (b"Zeldzamenaam", b"Ongewoondoel", kept.jws.encode()[200:260]):
        assert text not in site.raw()
    other = await _share(site, anna.account)
    (second,) = await site.house.receipts.of_grant(anna.account.id, other.id)
    database = site.house.receipts._database
    await database.write(
        Statement(
            "UPDATE receipt SET sealed = (SELECT sealed FROM receipt WHERE pod = ?1 AND id = ?2)"
            " WHERE pod = ?1 AND id = ?3",
            (anna.account.id, kept.receipt.id, second.receipt.id),
        )
    )
    with pytest.raises(IntegrityError):
        await site.house.receipts.get(anna.account.id, second.receipt.id)


async def test_a_grant_that_expires_has_one_receipt_of_it(site: Site, anna: Visitor) -> None:
    """Two servers that notice at the same moment write one receipt, the next round none; stopping still does."""
    now = site.clock()
    grant = await _share(site, anna.account, not_before=now - 5 * DAY, until=now - 10.5)
    lasting = await _share(site, anna.account, until=None)
    database, grants = site.house.receipts._database, site.house.grants
    one, two = Expiry(database, grants), Expiry(database, grants)
    assert sum(await asyncio.gather(one.run(), two.run())) == 1
    assert not await grants.expire(anna.account.id, grant.id)
    assert not await grants.expire(anna.account.id, lasting.id)
    kept = await site.house.receipts.of_grant(anna.account.id, grant.id)
    assert [each.receipt.kind for each in kept] == ["given", "expired"]
    assert kept[1].receipt.at == int(now - 10.5)
    assert kept[1].receipt.version == 1
    assert await one.run() == 0
    await grants.revoke(anna.account.id, grant.id, by=anna.account.id)
    assert [each.receipt.kind for each in await site.house.receipts.of_grant(anna.account.id, grant.id)] == [
        "given", "expired", "stopped",
    ]  # fmt: skip


async def test_receipts_stay_and_go_with_the_pod(site: Site, anna: Visitor) -> None:
    """Nothing takes a receipt away but the erasure of the pod; after that it cannot be had any more."""
    grant = await _share(site, anna.account)
    await site.house.grants.revoke(anna.account.id, grant.id, by=anna.account.id)
    first = (await site.house.receipts.list(anna.account.id))[0]
    assert (await site.house.receipts.get(anna.account.id, first.receipt.id)).jws == first.jws
    await site.house.receipts._vault.erase(anna.account.id)
    for asked in (
        site.house.receipts.get(anna.account.id, first.receipt.id),
        site.house.receipts.list(anna.account.id),
    ):
        with pytest.raises(PodUnavailable):
            await asked
    assert signed.verify(first.jws.encode(), site.house.proof.public).receipt.kind == "stopped"


async def test_a_receipt_of_another_is_not_there(site: Site, anna: Visitor) -> None:
    """The id of a receipt of somebody else finds nothing in one's own pod."""
    grant = await _share(site, anna.account)
    (kept,) = await site.house.receipts.of_grant(anna.account.id, grant.id)
    other = await site.person("Bram")
    with pytest.raises(ReceiptNotFound) as refused:
        await site.house.receipts.get(other.account.id, kept.receipt.id)
    assert isinstance(refused.value, NotFound)
