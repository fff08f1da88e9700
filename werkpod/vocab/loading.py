"""What a data directory knows of concepts that are not in the taxonomy in use: crosswalks, histories, and what the
other taxonomies there say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from werkpod.vocab.choice import IMPORTED, STARTER, pack_path
from werkpod.vocab.crosswalk.kept import crosswalks_path, kept
from werkpod.vocab.elsewhere import Elsewhere
from werkpod.vocab.errors import PackDamaged
from werkpod.vocab.history import History, history_path, read_history
from werkpod.vocab.matches import ConceptMatch
from werkpod.vocab.pack import read_pack
from werkpod.vocab.starter import starter_close_matches
from werkpod.vocab.tables import Tables


def elsewhere_of(data_dir: Path, in_use: str) -> Elsewhere:
    """What is known beside the taxonomy in use (its id). Raises PackDamaged for crosswalks or a history that cannot be
    read; another taxonomy that cannot be read just says nothing."""
    histories = (read_history(history_path(pack_path(data_dir, name))) for name in IMPORTED)
    return Elsewhere(
        kept(crosswalks_path(data_dir)),
        tuple(_worth_keeping(history, in_use) for history in histories if history is not None),
        matches=lambda: _matches(data_dir, in_use),
        places=lambda: _places(data_dir, in_use),
    )


def _worth_keeping(history: History, in_use: str) -> History:
    """Of the taxonomy in use only what is gone; its pack knows the rest."""
    return History(history.taxonomy, history.gone, history.successors) if history.taxonomy == in_use else history


def _others(data_dir: Path, in_use: str) -> Iterator[Tables]:
    for name in IMPORTED:
        if name != in_use and pack_path(data_dir, name).exists():
            try:
                yield read_pack(pack_path(data_dir, name))
            except PackDamaged:
                continue


def _matches(data_dir: Path, in_use: str) -> Mapping[str, Sequence[ConceptMatch]]:
    found: dict[str, list[ConceptMatch]] = {}
    for tables in _others(data_dir, in_use):
        for iris, matches in (
            (tables.occupation_iri, tables.occupation_matches), (tables.competence_iri, tables.competence_matches),
        ):  # fmt: skip
            for row, iri in enumerate(iris):
                if every := matches[row]:
                    found.setdefault(iri, []).extend(every)
    if in_use != STARTER:
        for iri, other in starter_close_matches().items():
            found.setdefault(iri, []).append(ConceptMatch("closeMatch", other))
    return found


def _places(data_dir: Path, in_use: str) -> Mapping[str, str]:
    return {
        iri: isco
        for tables in _others(data_dir, in_use)
        for iri, isco in zip(tables.occupation_iri, tables.occupation_isco, strict=True)
        if isco
    }
