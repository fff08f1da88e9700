"""Putting a taxonomy that was just read in place: with the names that crosswalks add, and with what is gone since the
version that was there before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from werkpod.vocab.crosswalk.kept import crosswalks_path, kept
from werkpod.vocab.crosswalk.naming import named_by
from werkpod.vocab.errors import ImportFailed, PackDamaged
from werkpod.vocab.history import (
    History,
    Past,
    Successor,
    brought_up,
    history_path,
    past_of,
    read_history,
    still_hold,
    write_history,
)
from werkpod.vocab.pack import read_pack, write_pack
from werkpod.vocab.succession import proposed, read_replaced
from werkpod.vocab.tables import Meta, Tables


def put_in_place(tables: Tables, target: Path, *, replaced: Path | None = None) -> Meta:
    """Write the pack of a taxonomy and its history; what the taxonomy says of itself, with notes on what is gone.

    `replaced`: the publisher's list of what came in the place of what. The history goes first: after a crash between
    the two it knows more than the pack has, which does no harm. Raises ImportFailed, PackDamaged and OSError; what was
    in place is then as it was."""
    stated = read_replaced(replaced) if replaced is not None else {}
    history = _history(tables, target, stated, replaced)
    tables = named_by(kept(crosswalks_path(target.parent.parent)), tables)
    tables = replace(tables, meta=msgspec.structs.replace(tables.meta, notes=(*tables.meta.notes, *_notes(history))))
    write_history(history, history_path(target))
    write_pack(tables, target)
    return tables.meta


def _history(
    tables: Tables, target: Path, stated: Mapping[str, tuple[int, list[str]]], replaced: Path | None
) -> History:
    kept_history = read_history(history_path(target)) or History(tables.meta.id)
    old = _readable(target)
    before = kept_history.concepts or tuple(past_of(old) if old is not None else ())
    concepts = brought_up(before, past_of(tables), tables.meta.version)
    known = {concept.iri: concept for concept in concepts}
    told = _stated(stated, known, replaced)
    named = {each.old for each in told}
    earlier = [each for each in still_hold(kept_history.successors, concepts) if each.old not in named]
    named |= {each.old for each in earlier}
    fresh = [concept for concept in concepts if concept.gone and concept.iri not in named]
    return History(tables.meta.id, concepts, (*told, *earlier, *proposed(fresh, old, tables)))


def _readable(target: Path) -> Tables | None:
    """The version that is there; None where there is none, or one that this version of Werkpod cannot read."""
    try:
        return read_pack(target) if target.exists() else None
    except PackDamaged:
        return None


def _stated(
    stated: Mapping[str, tuple[int, list[str]]], known: Mapping[str, Past], replaced: Path | None
) -> list[Successor]:
    found = []
    for old, (line, news) in stated.items():
        if old in known and not known[old].gone:
            continue  # the list is of another pair of versions, or the concept came back
        for new in news:
            if new not in known and new not in stated and replaced is not None:
                raise ImportFailed(replaced, f"{new[:120]} is not in this version", line=line, column="new")
            found.append(Successor(old, new, "stated"))
    return found


def _notes(history: History) -> list[str]:
    gone = history.gone
    if not gone:
        return []
    told = {each.old for each in history.successors if not each.proposed}
    likely = {each.old for each in history.successors} - told
    counts = f"{sum(past.iri in told for past in gone)} have a successor that the publisher names"
    counts += f", {sum(past.iri in likely for past in gone)} one that is proposed"
    return [f"Concepts of earlier versions that are gone: {len(gone)}; {counts}."]
