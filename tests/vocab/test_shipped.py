"""The starter as it is kept in a data directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from werkpod.vocab import shipped
from werkpod.vocab.pack import read_meta
from werkpod.vocab.taxonomy import Taxonomy, active, starter


def test_the_starter_is_built_once_and_mapped_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second start does not build; what it finds is the same."""
    first = active(tmp_path)
    monkeypatch.setattr(shipped, "starter_tables", lambda: pytest.fail("it was built again"))
    second = active(tmp_path)
    assert first.link_count == second.link_count == starter().link_count
    assert [h.occupation for h in second.search_occupations("heftruck")] == [
        h.occupation for h in starter().search_occupations("heftruck")
    ]


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-64], lambda raw: b"x" + raw[1:], lambda raw: b""])
def test_what_is_damaged_is_built_again(tmp_path: Path, spoil: object) -> None:
    """A pack of the starter is only what was built before: no error, a new one."""
    path = shipped.shipped_path(tmp_path)
    small = starter()
    path.parent.mkdir()
    path.write_bytes(spoil(b"WPPACK1\n" + bytes(200)))  # type: ignore[operator]
    assert Taxonomy(shipped.shipped_tables(tmp_path)).link_count == small.link_count
    assert read_meta(path).source == shipped.fingerprint()


def test_another_version_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade the old pack is not used."""
    active(tmp_path)
    monkeypatch.setattr(shipped, "fingerprint", lambda: "werkpod of tomorrow")
    active(tmp_path)
    assert read_meta(shipped.shipped_path(tmp_path)).source == "werkpod of tomorrow"


def test_a_directory_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    """Where the folder of taxonomies is a file, the starter is built in memory."""
    (tmp_path / "vocab").write_text("no folder", encoding="utf-8")
    assert Taxonomy(shipped.shipped_tables(tmp_path)).occupation_count == 436
