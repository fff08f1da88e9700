"""Reading CSV files that others wrote (RFC 4180, cells may hold line ends); errors name file, line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from werkpod.vocab.errors import ImportFailed

_LARGEST_CELL = 1 << 24


@dataclass(frozen=True, slots=True)
class Row:
    """The wanted cells of a record and the line of the file on which it starts."""

    file: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def fail(self, problem: str, column: str | None = None) -> ImportFailed:
        """The error to raise for this row."""
        return ImportFailed(self.file, problem, line=self.line, column=column)


class CsvFile:
    """A CSV file with (at least) the `required` columns; cells of `optional` ones are "" where the file has none.
    `short`: rows may leave out empty cells at their end, as some exports do. `starts`: the header is the first row with
    this cell; rows before it are in `preamble`.

    Raises ImportFailed when the file is missing, empty, not UTF-8, lacks a column or does not end in a line end.
    """

    def __init__(
        self,
        path: Path,
        required: Sequence[str],
        optional: Sequence[str] = (),
        *,
        short: bool = False,
        starts: str = "",
    ) -> None:
        self.path, self._text, self._short = path, _read(path), short
        self.size = self._text.count("\n")
        self._reader = csv.reader(io.StringIO(self._text, newline=""), strict=True)
        csv.field_size_limit(_LARGEST_CELL)
        self.preamble: list[list[str]] = []
        self._header = self._next() or []
        while starts and starts not in self._header:
            self.preamble.append(self._header)
            if (after := self._next()) is None:
                raise ImportFailed(path, "there is no row with this column name", line=1, column=starts)
            self._header = after
        first = self._reader.line_num
        for column in required:
            if column not in self._header:
                found = ", ".join(self._header)[:300]
                raise ImportFailed(path, f"there is no such column; the file has: {found}", line=first, column=column)
        wanted = (*required, *optional)
        self._places = {column: self._header.index(column) for column in wanted if column in self._header}
        self._absent = {column: "" for column in optional if column not in self._header}

    @property
    def header(self) -> tuple[str, ...]:
        """The names of all columns, in their order."""
        return tuple(self._header)

    def __iter__(self) -> Iterator[Row]:
        while True:
            line = self._reader.line_num + 1
            cells = self._next()
            if cells is None:
                return
            if not cells:
                continue
            if self._short:
                cells += [""] * (len(self._header) - len(cells))
            if len(cells) != len(self._header):
                self._wrong_length(cells, line)
            yield Row(self.path, line, {column: cells[at] for column, at in self._places.items()} | self._absent)

    def _next(self) -> list[str] | None:
        line = self._reader.line_num + 1
        try:
            return next(self._reader, None)
        except csv.Error as error:
            problem = "a quoted cell that starts here is never closed; the file seems cut short"
            if "unexpected end" not in str(error):
                line, problem = self._reader.line_num, f"this is not CSV: {error}"
            raise ImportFailed(self.path, problem, line=line) from error

    def _wrong_length(self, cells: Sequence[str], line: int) -> None:
        if len(cells) < len(self._header):
            column, problem = self._header[len(cells)], "the row stops before this column; the file seems cut short"
        else:
            column, problem = self._header[-1], f"the row has {len(cells)} cells and the header {len(self._header)}"
        raise ImportFailed(self.path, problem, line=line, column=column)


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFailed(path, f"the file cannot be read: {error.strerror}") from error
    if not raw.strip():
        raise ImportFailed(path, "the file is empty; a header with column names is expected", line=1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ImportFailed(path, f"byte 0x{raw[error.start]:02x} is not UTF-8 text", line=line) from error
    if "\0" in text:
        raise ImportFailed(
            path, "there is a NUL byte; this is not a CSV file", line=text.count("\n", 0, text.index("\0")) + 1
        )
    if not text.endswith("\n"):
        last = text.count("\n") + 1
        raise ImportFailed(path, "the last line has no line end; the file seems cut short", line=last)
    return text
