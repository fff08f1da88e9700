"""CSV files that others wrote: what is wrong is said with file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from werkpod.vocab.csvfile import CsvFile
from werkpod.vocab.errors import ImportFailed


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_cells_may_hold_line_ends_and_rows_know_their_first_line(tmp_path: Path) -> None:
    """A row is named by the line on which an editor shows its start."""
    rows = list(CsvFile(written(tmp_path, 'a,b\n1,"x\ny\nz"\n2,w\n'), ("a", "b")))
    assert [(row.line, row["a"], row["b"]) for row in rows] == [(2, "1", "x\ny\nz"), (5, "2", "w")]


def test_other_columns_are_not_read_and_optional_ones_may_be_absent(tmp_path: Path) -> None:
    """A file may have more than is asked; what it may lack is empty."""
    rows = list(CsvFile(written(tmp_path, "x,a,y\n1,2,3\n"), ("a",), ("b", "y")))
    assert rows[0].cells == {"a": "2", "y": "3", "b": ""}


@pytest.mark.parametrize("content", ["\ufeffa,b\r\n1,2\r\n", "a,b\n1,2\n\n", "a,b\n\n1,2\n"])
def test_byte_order_marks_dos_line_ends_and_empty_lines_are_fine(tmp_path: Path, content: str) -> None:
    """Files as spreadsheet programs write them are read."""
    assert [row["a"] for row in CsvFile(written(tmp_path, content), ("a", "b"))] == ["1"]


@pytest.mark.parametrize(
    ("content", "line", "column", "says"),
    [
        ("a,c\n1,2\n", 1, "b", "no such column"),
        ("a,b\n1,2\n3\n", 3, "b", "cut short"),
        ("a,b\n1,2,3\n", 2, "b", "3 cells"),
        ('a,b\n1,2\n3,"x\ny\n', 3, None, "never closed"),
        ("a,b\n1,2\n3,4", 3, None, "cut short"),
        ("", 1, None, "empty"),
        (b"a,b\n1,2\n3,\xff\n", 3, None, "0xff"),
        (b"a,b\n1,\x00\n", 2, None, "NUL"),
        ('a,b\n1,"x"y\n', 2, None, "not CSV"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_column(
    tmp_path: Path, content: str | bytes, line: int, column: str | None, says: str
) -> None:
    """The error leads an editor to the very place."""
    path = written(tmp_path, content)
    with pytest.raises(ImportFailed, match=says) as caught:
        list(CsvFile(path, ("a", "b")))
    assert (caught.value.file, caught.value.line, caught.value.column) == (path, line, column)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is an import error, with its path."""
    with pytest.raises(ImportFailed, match=r"nowhere\.csv.*No such file"):
        CsvFile(tmp_path / "nowhere.csv", ("a",))
