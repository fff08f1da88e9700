"""Which of the taxonomies on a server is in use. Imported ones lie beside one another as packs; the setting `taxonomy`
names one, or leaves it to `auto`: the one with the most competences, since what sets occupations apart is in those."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from werkpod.vocab.errors import PackMissing

AUTO, STARTER = "auto", "starter"
IMPORTED = ("esco", "competentnl")
"""Taxonomies that can be imported."""
SETTING = (AUTO, STARTER, *IMPORTED)
"""What `taxonomy` can be set to."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The taxonomy in use: its id, its pack (None: the starter, that needs none), and why it is this one."""

    id: str
    path: Path | None
    why: str


def pack_path(data_dir: Path, taxonomy: str) -> Path:
    """Where the pack of an imported taxonomy lies."""
    return Path(data_dir) / "vocab" / f"{taxonomy}.pack"


def choose(data_dir: Path, setting: str = AUTO) -> Choice:
    """The taxonomy that a server on this data directory uses. Raises PackMissing for one that is set and was not
    imported, and PackDamaged where a pack cannot be read: that is never a silent change of taxonomy."""
    from werkpod.vocab.pack import read_meta  # numpy: not for who only wants to know what can be set

    there = [name for name in IMPORTED if pack_path(data_dir, name).exists()]
    if setting == STARTER:
        return Choice(STARTER, None, "taxonomy is set to starter")
    if setting != AUTO:
        if setting not in there:
            raise PackMissing(
                f"taxonomy = {setting!r}, and it was not imported: {pack_path(data_dir, setting)} is not there. Import "
                f"it (werkpod vocab import {setting}), or set taxonomy to one that is there or to auto."
            )
        return Choice(setting, pack_path(data_dir, setting), f"taxonomy is set to {setting}")
    if not there:
        return Choice(STARTER, None, "taxonomy is auto, and no other one was imported")
    sizes = {name: read_meta(pack_path(data_dir, name)).competences for name in there}
    richest = max(there, key=lambda name: sizes[name])
    others = "".join(f", {name} has {sizes[name]}" for name in there if name != richest)
    why = "the only one that was imported" if len(there) == 1 else "the one with the most competences"
    return Choice(richest, pack_path(data_dir, richest), f"taxonomy is auto: {why} ({sizes[richest]}{others})")
