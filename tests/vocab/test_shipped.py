"""The starter as it is kept in a data directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from werkpod.vocab import shipped
from werkpod.vocab.pack import read_meta
from werkpod.vocab.taxonomy import active, starter


def test_the_starter_is_kept_and_mapped_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second start does not build; what it finds is the same. After an upgrade the old pack is not used."""
    first = active(tmp_path)
    assert not shipped.is_kept(tmp_path)
    first.prepare(tmp_path)
    assert shipped.is_kept(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(shipped, "starter_tables", lambda: pytest.fail("it was built again"))
        second = active(tmp_path)
    assert first.link_count == second.link_count == starter().link_count
    found = [hit.occupation for hit in second.search_occupations("heftruck")]
    assert found == [hit.occupation for hit in first.search_occupations("heftruck")]
    monkeypatch.setattr(shipped, "fingerprint", lambda: "werkpod of tomorrow")
    assert not shipped.is_kept(tmp_path)
    assert active(tmp_path).link_count == first.link_count
    first.prepare(tmp_path)
    assert read_meta(shipped.shipped_path(tmp_path)).source == "werkpod of tomorrow"


@pytest.mark.parametrize("raw", [b"WPPACK1\n" + bytes(200), b"no pack", b""])
def test_what_is_damaged_is_not_used(tmp_path: Path, raw: bytes) -> None:
    """A pack of the starter is only what was built before: no error."""
    path = shipped.shipped_path(tmp_path)
    path.parent.mkdir()
    path.write_bytes(raw)
    assert not shipped.is_kept(tmp_path)
    assert active(tmp_path).link_count == starter().link_count


def test_a_directory_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    """Where the folder of taxonomies is a file, the starter is built each time."""
    (tmp_path / "vocab").write_text("no folder", encoding="utf-8")
    taxonomy = active(tmp_path)
    taxonomy.prepare(tmp_path)
    assert not shipped.is_kept(tmp_path)
