"""SPARQL 1.1 Update, the flat part of it that Solid apps send as PATCH: data and triple patterns, nothing else.

INSERT DATA, DELETE DATA, DELETE WHERE and DELETE/INSERT ... WHERE on the one document. GRAPH, FILTER, SERVICE, LOAD,
USING, paths and everything else is refused; it never reaches a SPARQL engine.
"""

from __future__ import annotations

import re

from werkpod.pod.ldp.errors import InvalidPatch, InvalidRdf
from werkpod.pod.ldp.formulae import FORMULA, Cut, Pattern, cut, patterns, turtle, variables
from werkpod.pod.ldp.patching import Change, Patch, require_no_blank_nodes

MEDIA_TYPE = "application/sparql-update"
MOST = 64
"""Operations that an update may have, and declarations; each is read with all declarations before it."""
PROLOGUE_LIMIT = 8192
_DECLARATION = re.compile(r"\s*(?:PREFIX\s+[^\s:<>]*:\s*<[^<>\s]*>|BASE\s+<[^<>\s]*>)", re.IGNORECASE)
_F = rf"\s*<{FORMULA}(\d+)>\s*"
_OPERATIONS = (
    ("insert data", re.compile(rf"\s*INSERT\s+DATA{_F}", re.IGNORECASE)),
    ("delete data", re.compile(rf"\s*DELETE\s+DATA{_F}", re.IGNORECASE)),
    ("delete where", re.compile(rf"\s*DELETE\s+WHERE{_F}", re.IGNORECASE)),
    ("modify", re.compile(rf"\s*(?:DELETE{_F})?(?:INSERT{_F})?WHERE{_F}", re.IGNORECASE)),
)


def parse(body: bytes, base: str) -> Patch:
    """Read an update of the document `base`. Raises InvalidRdf (400), InvalidPatch (422: more than is taken here)."""
    pieces = cut(body)
    prologue, rest, changes, declarations = "", pieces.outer, list[Change](), 0
    while rest.strip():
        while declared := _DECLARATION.match(rest):
            prologue += declared[0] + "\n"
            declarations += 1
            if declarations > MOST or len(prologue) > PROLOGUE_LIMIT:
                raise InvalidPatch(f"At most {MOST} declarations of together {PROLOGUE_LIMIT} characters are taken.")
            rest = rest[declared.end() :]
        if not rest.strip():
            break
        base = turtle(prologue, base)[2]
        change, rest = _operation(rest, pieces, prologue, base)
        changes.append(change)
        if len(changes) > MOST:
            raise InvalidPatch(f"An update has at most {MOST} operations; send more of them as more updates.")
        rest = rest.lstrip()
        if rest and not rest.startswith(";"):
            raise InvalidPatch(f"After an operation comes ';' or nothing, not {rest[:40]!r}.")
        rest = rest[1:]
    if not changes:
        raise InvalidPatch("There is no operation in this update.")
    return Patch(tuple(changes), exact=False)


def _operation(rest: str, pieces: Cut, prologue: str, base: str) -> tuple[Change, str]:
    def read(number: str | None) -> tuple[Pattern, ...]:
        if number is None:
            return ()
        try:
            return patterns(pieces.inner[int(number)], prologue, base)
        except InvalidRdf as error:
            raise InvalidPatch(f"Only flat triples and triple patterns are taken here. {error.detail}") from None

    for name, expression in _OPERATIONS:
        match = expression.match(rest)
        if match is None:
            continue
        if name == "insert data":
            change = Change(inserts=read(match[1]))
        elif name == "delete data":
            change = Change(deletes=read(match[1]))
        elif name == "delete where":
            change = Change(where=(found := read(match[1])), deletes=found)
        else:
            change = Change(read(match[3]), read(match[1]), read(match[2]))
        _check(change)
        return change, rest[match.end() :]
    raise InvalidPatch(
        "Taken here are INSERT DATA, DELETE DATA, DELETE WHERE and DELETE/INSERT ... WHERE with flat triple patterns; "
        f"this is {rest.strip()[:40]!r}."
    )


def _check(change: Change) -> None:
    unknown = (variables(change.inserts) | variables(change.deletes)) - variables(change.where)
    if unknown:
        raise InvalidPatch(f"There are variables that WHERE lacks: {', '.join(sorted(unknown))}.")
    require_no_blank_nodes(change.deletes, "DELETE")
