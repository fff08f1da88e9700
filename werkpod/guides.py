"""The catalogue of instruments of an installation, put together from the settings."""

from __future__ import annotations

from collections.abc import Callable

from werkpod.apps.instruments.competences import Competences
from werkpod.apps.instruments.decisions import Decisions
from werkpod.apps.instruments.keeper import Keeper
from werkpod.config import Settings
from werkpod.vocab.taxonomy import Taxonomy, starter

FOLDER = "instruments"
"""Folder of the data directory with the last good copies and what editors decided."""


def keeper_of(settings: Settings, taxonomy: Callable[[], Taxonomy] = starter) -> Keeper:
    """What keeps the catalogue; nothing is read or loaded yet. `taxonomy` gives the starter taxonomy."""
    folder = settings.data / FOLDER
    competences = Competences(Decisions(folder / "decisions.db"), taxonomy)
    return Keeper(settings.guides, folder, competences, allow_loopback=settings.allow_loopback)
