"""Which taxonomy is in use, what `werkpod vocab status` tells of all, and removing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from support.esco import write_esco

from werkpod.vocab.choice import IMPORTED, choose, pack_path
from werkpod.vocab.commands import remove
from werkpod.vocab.errors import PackDamaged, PackMissing
from werkpod.vocab.esco import import_esco
from werkpod.vocab.pack import read_pack, write_pack
from werkpod.vocab.status import Damaged, as_text, vocab_status
from werkpod.vocab.taxonomy import active

Put = Callable[[Path, str, int], None]


@pytest.fixture(scope="module")
def put(tmp_path_factory: pytest.TempPathFactory) -> Put:
    """Puts a small pack under a name, that says it has so many competences."""
    folder = tmp_path_factory.mktemp("small")
    import_esco(write_esco(folder / "csv"), folder / "esco.pack")
    tables = read_pack(folder / "esco.pack")

    def write(data: Path, name: str, competences: int) -> None:
        told = {"id": name, "title": name.upper(), "competences": competences, "notes": ("Half.",)}
        write_pack(replace(tables, meta=msgspec.structs.replace(tables.meta, **told)), pack_path(data, name))

    return write


def test_without_a_setting_the_richest_one_that_was_imported_is_used(put: Put, tmp_path: Path) -> None:
    """The starter until one is imported; of several the one with the most competences; the reason is told."""
    assert (choose(tmp_path).id, choose(tmp_path).path) == ("starter", None)
    put(tmp_path, "competentnl", 500)
    assert choose(tmp_path).id == "competentnl"
    put(tmp_path, "esco", 900)
    assert choose(tmp_path).id == active(tmp_path).id == "esco"
    assert choose(tmp_path).why == "taxonomy is auto: the one with the most competences (900, competentnl has 500)"


def test_a_setting_names_the_taxonomy(put: Put, tmp_path: Path) -> None:
    """It holds whatever else is there; one that was not imported is an error that says what to do."""
    put(tmp_path, "esco", 900)
    assert [choose(tmp_path, name).id for name in ("starter", "esco", "auto")] == ["starter", "esco", "esco"]
    with pytest.raises(PackMissing, match=r"'competentnl'.*competentnl\.pack is not there.*vocab import competentnl"):
        active(tmp_path, "competentnl")


def test_a_damaged_pack_is_never_a_silent_change_of_taxonomy(put: Put, tmp_path: Path) -> None:
    """A server on it does not start; the status still tells of it and of the others, and that none is in use."""
    put(tmp_path, "esco", 900)
    pack_path(tmp_path, "competentnl").write_bytes(b"x")
    with pytest.raises(PackDamaged, match="competentnl"):
        active(tmp_path)
    overview = vocab_status(tmp_path)
    assert (overview.in_use, overview.used, [each.id for each in overview.taxonomies]) == (
        None, None, ["starter", "esco", "competentnl"],
    )  # fmt: skip
    assert isinstance(overview.taxonomies[2], Damaged)
    assert "competentnl: cannot be read" in as_text(overview)
    assert active(tmp_path, "esco").id == "esco"


def test_the_status_tells_of_every_taxonomy(put: Put, tmp_path: Path) -> None:
    """Version, counts, languages, labels, date, source, notes and licence of each, and which is in use and why."""
    put(tmp_path, "esco", 900)
    overview = vocab_status(tmp_path, "starter")
    assert (overview.in_use, overview.setting) == ("starter", "starter")
    text = as_text(overview)
    assert text.startswith("In use: starter (taxonomy is set to starter).")
    assert "esco: ESCO unknown\n  3 occupations, 900 competences" in text
    for part in ("nl (", "en (", "Half.", "EUPL", str(pack_path(tmp_path, "esco")), "groups of competences"):
        assert part in text


def test_a_taxonomy_is_removed_with_what_a_broken_import_left(put: Put, tmp_path: Path) -> None:
    """The next start uses what is left; what is not there cannot be removed."""
    for name in IMPORTED:
        put(tmp_path, name, 500)
    partial = tmp_path / "vocab" / "competentnl.partial"
    partial.mkdir()
    (partial / "page.nt").write_text("")
    assert "uses esco from its next start" in remove(tmp_path, "competentnl")
    assert list((tmp_path / "vocab").iterdir()) == [pack_path(tmp_path, "esco")]
    assert "does not start now" in remove(tmp_path, "esco", setting="esco")
    with pytest.raises(PackMissing, match="esco is not there to remove"):
        remove(tmp_path, "esco")
