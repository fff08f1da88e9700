"""What a person says of themselves in the WebID document, beside what is kept there and what apps put in.

| field    | predicates             | value                                  |
|----------|------------------------|----------------------------------------|
| name     | foaf:name, vcard:fn    | one line; apps look for either         |
| role     | vcard:role             | one line: what the person does         |
| note     | vcard:note             | a short text                           |
| homepage | foaf:homepage          | an http(s) address                     |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

import pyoxigraph as ox

from werkpod.pod.ldp.graphs import PREFIXES
from werkpod.pod.profile import places as p
from werkpod.pod.profile.guard import KEPT

VCARD = PREFIXES["vcard"]
_PREDICATES = {
    "name": (p.FOAF + "name", VCARD + "fn"),
    "role": (VCARD + "role",),
    "note": (VCARD + "note",),
    "homepage": (p.FOAF + "homepage",),
}


@dataclass(frozen=True, slots=True)
class Said:
    """The fields; "" for what is not said."""

    name: str = ""
    role: str = ""
    note: str = ""
    homepage: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def said_in(triples: Iterable[ox.Triple], webid: str) -> Said:
    """What a document says of `webid`. Of several values the first in order, of a name the foaf:name first."""
    about = [t for t in triples if t.subject == ox.NamedNode(webid)]
    found = {}
    for field, predicates in _PREDICATES.items():
        for predicate in reversed(predicates):
            values = sorted(_text(t.object) for t in about if t.predicate.value == predicate and _text(t.object))
            if values:
                found[field] = values[0]
    return Said(**found)


def change(triples: Sequence[ox.Triple], webid: str, said: Said) -> str:
    """The SPARQL Update that makes a document say this of `webid`; "" where it says so already.

    A field that stays as it is read leaves its triples alone, in whatever number and language an app wrote them.
    """
    before, owner = said_in(triples, webid), ox.NamedNode(webid)
    out: list[ox.Triple] = []
    into: list[ox.Triple] = []
    for field, predicates in _PREDICATES.items():
        value = getattr(said, field)
        if value == getattr(before, field):
            continue
        out += [
            t for t in triples
            if t.subject == owner and t.predicate.value in predicates and not isinstance(t.object, ox.BlankNode)
        ]  # fmt: skip
        if value:
            term = ox.NamedNode(value) if field == "homepage" else ox.Literal(value)
            into += [ox.Triple(owner, ox.NamedNode(predicate), term) for predicate in predicates]
    steps = (("DELETE", out), ("INSERT", into))
    return " ;\n".join(f"{verb} DATA {{ {' '.join(f'{t} .' for t in some)} }}" for verb, some in steps if some)


def others(triples: Iterable[ox.Triple], webid: str) -> list[tuple[str, str]]:
    """What else there is, put in by apps: the last part of the predicate, and the value. Sorted."""
    document, known = webid.partition("#")[0], {q for some in _PREDICATES.values() for q in some}
    found = set()
    for triple in triples:
        predicate, owner = triple.predicate.value, triple.subject == ox.NamedNode(webid)
        of_document = triple.subject == ox.NamedNode(document) and predicate in (p.PRIMARY_TOPIC, p.MAKER)
        typed = predicate == p.TYPE and _text(triple.object) in (p.AGENT, p.PROFILE_DOCUMENT)
        if not of_document and not typed and not (owner and (predicate in KEPT[p.CARD] or predicate in known)):
            found.add((predicate.rpartition("#")[2].rpartition("/")[2], _text(triple.object)))
    return sorted(found)


def web_address(text: str) -> str | None:
    """`text` as an http(s) address, with https:// where no scheme was typed; None where it cannot be one."""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        ox.NamedNode(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname or parts.username:
        return None
    return None if any(character.isspace() or character in '<>"{}|^`\\' for character in address) else address


def _text(term: object) -> str:
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else ""
