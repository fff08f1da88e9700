"""Reading a receipt that was signed: what it says, for a page, a PDF or the command line."""

from __future__ import annotations

from typing import Any, cast, get_args
from urllib.parse import urlsplit

import msgspec

from werkpod.consent.grants.events import Happening
from werkpod.consent.proof import ProofRefused
from werkpod.consent.receipts.model import Change, ChangeOf, Known, Part, Party, Place, Receipt, seconds
from werkpod.consent.receipts.terms import KNOWN

_HOW = {name: how for how, name in KNOWN.items()}


def from_bytes(document: bytes) -> Receipt:
    """The receipt that `document.to_bytes` wrote. Raises ProofRefused: it does not say what a receipt says."""
    try:
        return _receipt(msgspec.json.decode(document, type=dict[str, Any]))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise ProofRefused("content", "This is no receipt as we write them.") from None


def _receipt(said: dict[str, Any]) -> Receipt:
    record = said["dpv:hasRecordOfActivity"]
    process, event = record["dpv:hasProcess"], record.get("dpv:hasConsentStatus") or record["wpc:event"]
    issuer, purpose = said["dct:publisher"], process["dpv:hasPurpose"]
    base = _text(issuer["@id"])
    pod, _, rest = _text(said["@id"]).removeprefix(base + "/").partition("/")
    receipt_id = _text(said["dct:identifier"])
    kind = _after(said["wpc:happening"], "wpc:").lower()
    if rest != f"consent/receipts/{receipt_id}" or kind not in get_args(Happening) or not urlsplit(base).netloc:
        raise ValueError(rest)
    by = event["dpv:isIndicatedBy"]
    data = process["dpv:hasPersonalData"]
    everything = data[0]["dct:identifier"] == "everything"
    ends = process.get("wpc:ends")
    renews = record.get("wpc:renews")
    return Receipt(
        id=receipt_id,
        kind=cast("Happening", kind),
        at=seconds(event["dpv:isIndicatedAtTime"]),
        created=seconds(said["dct:created"]),
        base=base,
        organisation=_text(issuer["dpv:hasName"]),
        pod=pod,
        subject=_text(record["dpv:hasDataSubject"]["@id"]),
        grant=_text(record["dct:identifier"]),
        version=int(record["wpc:version"]),
        receiver=_party(record["dpv:hasEntity"]),
        by=_text(by["@id"] if "@id" in by else by["wpc:client"]) if isinstance(by, dict) else None,
        everything=everything,
        parts=()
        if everything
        else tuple(Part(_text(p["dct:identifier"]), _texts(p.get("wpc:hiddenField"))) for p in data),
        hidden_predicates=_texts(process.get("wpc:hiddenPredicate")),
        actions=_texts(process["wpc:action"]),
        purpose=_text(purpose.get("skos:broader", "")),
        purpose_text=_text(purpose["dct:description"]),
        legal_basis=_text(record["dpv:hasLegalBasis"]),
        begins=seconds(process["wpc:begins"]),
        until=None if ends is None else seconds(ends),
        once="dpv:hasFrequency" in process,
        keep=_text(process["wpc:keep"]),
        onward=process["dpv:hasRule"]["@type"] == "dpv:Permission",
        renews=None if renews is None else _text(renews).rpartition("/")[2],
        request=record.get("wpc:answers"),
        changes=tuple(_change(change) for change in said.get("wpc:change", ())),
        place=_place(said),
    )


def _party(said: dict[str, Any]) -> Party:
    known = tuple(cast("Known", _HOW[_after(how, "wpc:")]) for how in said["wpc:knownBy"])
    webid, client = said.get("wpc:webid"), said.get("wpc:client")
    return Party(_text(said["dpv:hasName"]), _text(said["wpc:kind"]), webid, client, said.get("wpc:host", ""), known)


def _change(said: dict[str, Any]) -> Change:
    of = said["wpc:of"]
    if of not in get_args(ChangeOf):
        raise ValueError(of)
    return Change(of, _text(said["wpc:before"]), _text(said["wpc:after"]))


def _place(said: dict[str, Any]) -> Place:
    ledger, before = said["wpc:ledger"], said.get("dct:replaces")
    chained = None if before is None else (_text(before).rpartition("/")[2], _text(said["wpc:hashBefore"]))
    return Place(int(said["wpc:number"]), chained, int(ledger["wpc:lines"]), _text(ledger["wpc:hash"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in cast("list[object]", value or []))


def _after(value: object, prefix: str) -> str:
    text = _text(value)
    if not text.startswith(prefix):
        raise ValueError(text)
    return text.removeprefix(prefix)
