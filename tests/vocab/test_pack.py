"""Packs: what goes in comes out, a damaged one is refused, a failed write changes nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import pytest

from werkpod.vocab import pack, packed
from werkpod.vocab.errors import PackDamaged
from werkpod.vocab.starter import starter_tables
from werkpod.vocab.strings import Strings
from werkpod.vocab.tables import Tables
from werkpod.vocab.taxonomy import Taxonomy, load_pack


@pytest.fixture(scope="module")
def tables() -> Tables:
    return starter_tables()


@pytest.fixture
def written(tmp_path: Path, tables: Tables) -> Path:
    path = tmp_path / "vocab" / "test.pack"
    pack.write_pack(tables, path)
    return path


def test_a_pack_gives_back_the_tables(written: Path, tables: Tables) -> None:
    """Occupations, links, titles and search are the same from the file."""
    one, other = Taxonomy(tables), load_pack(written)
    assert pack.read_meta(written) == tables.meta
    for occupation in one.occupations():
        again = other.occupation(occupation.iri)
        assert again is not None
        assert (again, again.labels) == (occupation, occupation.labels)
        assert other.links(again) == one.links(occupation)
    assert other.search_occupations("heftruck") == one.search_occupations("heftruck")
    assert np.array_equal(tables.link_weight, pack.read_pack(written).link_weight)


@pytest.mark.parametrize("keep", [0, 4, 100, -1, -5000])
def test_a_pack_that_is_cut_short_is_refused(written: Path, keep: int) -> None:
    """Not one byte may be missing, and the file is named."""
    raw = written.read_bytes()
    written.write_bytes(raw[:keep])
    with pytest.raises(PackDamaged, match=r"test\.pack"):
        pack.read_pack(written)


def test_a_pack_that_was_changed_is_refused(written: Path) -> None:
    """A flipped bit in the arrays shows."""
    raw = bytearray(written.read_bytes())
    raw[-1000] ^= 1
    written.write_bytes(raw)
    with pytest.raises(PackDamaged, match="checksum"):
        pack.read_pack(written)


@pytest.mark.parametrize(("dtype", "offset", "length"), [
    ("|O8", 0, 1), ("<f4", 1 << 40, 4), ("<f4", -64, 4), ("<f4", 0, 1 << 40), ("<f4", 0, -1), ("<M8", 0, 1),
])  # fmt: skip
def test_a_header_that_leads_out_of_the_file_is_refused(written: Path, dtype: str, offset: int, length: int) -> None:
    """Arrays of objects, and arrays that start or end outside the file: the checksum does not see the header."""
    raw = written.read_bytes()
    size = int.from_bytes(raw[8:16], "little")
    start = 16 + size + (-(16 + size) % 64)
    header = msgspec.msgpack.decode(raw[16 : 16 + size])
    header["arrays"][0][1:] = [dtype, offset, length]
    new = msgspec.msgpack.encode(header)
    head = raw[:8] + len(new).to_bytes(8, "little") + new
    written.write_bytes(head + b"\0" * (-len(head) % 64) + raw[start:])
    with pytest.raises(PackDamaged, match="header"):
        pack.read_pack(written)


def test_a_small_pack_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little on disk may be much in memory: what it holds is bounded."""
    monkeypatch.setattr(packed, "LARGEST", 1000)
    packed.write_packed(tmp_path / "a.pack", b"X\n", "a" * 900)
    assert packed.read_packed(tmp_path / "a.pack", b"X\n", str, "Mend it.") == "a" * 900
    packed.write_packed(tmp_path / "a.pack", b"X\n", "a" * 100_000)
    with pytest.raises(PackDamaged, match="does not end"):
        packed.read_packed(tmp_path / "a.pack", b"X\n", str, "Mend it.")


def test_a_pack_of_another_format_says_so(written: Path) -> None:
    """An old pack is told apart from a damaged one, with what mends it."""
    written.write_bytes(b"WPPACK1\n" + written.read_bytes()[8:])
    with pytest.raises(
        PackDamaged, match=rf"format 1, from another version .* reads format {pack.FORMAT.decode()}\. Import"
    ):
        pack.read_pack(written)


def test_another_file_is_no_pack(tmp_path: Path) -> None:
    """A file of another kind, and none at all, are told apart from a pack."""
    path = tmp_path / "x.pack"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(PackDamaged, match="not a taxonomy pack"):
        pack.read_pack(path)
    with pytest.raises(PackDamaged, match="No such file"):
        pack.read_pack(tmp_path / "none.pack")


def test_a_write_that_fails_leaves_the_old_pack_and_no_rest(written: Path, tables: Tables) -> None:
    """The pack that was there is still there, byte for byte, and the folder holds nothing else."""
    before = written.read_bytes()
    broken = dataclasses.replace(tables, group_code=Strings(None, tables.group_code.starts))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        pack.write_pack(broken, written)
    assert written.read_bytes() == before
    assert list(written.parent.iterdir()) == [written]


def test_a_reader_keeps_the_old_pack_while_a_new_one_is_put_in_place(written: Path, tables: Tables) -> None:
    """A running server does not notice an import until it starts again."""
    taxonomy = load_pack(written)
    meta = dataclasses.replace(tables, meta=tables.meta.__class__(**{**_fields(tables), "version": "2"})).meta
    pack.write_pack(dataclasses.replace(tables, meta=meta), written)
    assert taxonomy.search_occupations("kok")[0].occupation.isco == "5120"
    assert (taxonomy.version, load_pack(written).version) == (tables.meta.version, "2")


def _fields(tables: Tables) -> dict[str, object]:
    return {name: getattr(tables.meta, name) for name in tables.meta.__struct_fields__}


def test_many_strings_in_two_arrays_are_a_sequence() -> None:
    """Strings reads as a tuple of str does, letters beyond ASCII included."""
    values = ("caissière", "", "kok", "漢字")
    strings = Strings.of(values)
    assert tuple(strings) == values
    assert (strings[0], strings[-1], strings[1:3], len(strings)) == ("caissière", "漢字", ["", "kok"], 4)
    with pytest.raises(IndexError):
        strings[4]
