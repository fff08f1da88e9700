"""What can go wrong with vocabularies.

WerkpodError
 |- ImportFailed      422  a source file is missing, cut short or says something impossible: file, line, column
 |- PackDamaged       503  a taxonomy pack cannot be used: the file, and what is wrong with it
 |- SourceFailed      503  a service that a taxonomy is imported from does not answer as it should
 |- KeyRefused        422  that service does not take the key, or the key is none
 |- PackMissing       503  a taxonomy that was asked for by name was not imported
 `- UnknownConcept    422  IRIs or codes that the taxonomy in use does not have
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from werkpod.web.errors import Unavailable, Unprocessable


class ImportFailed(Unprocessable):
    """A source file cannot be imported; says where. `line` counts lines of text from 1, as an editor does."""

    code, title = "import_failed", "The taxonomy cannot be imported"

    def __init__(self, file: Path, problem: str, *, line: int | None = None, column: str | None = None) -> None:
        where = str(file)
        if line is not None:
            where += f", line {line}"
        if column is not None:
            where += f", column {column}"
        super().__init__(f"{where}: {problem}")
        self.file, self.line, self.column, self.problem = file, line, column, problem


class PackDamaged(Unavailable):
    """A pack file is not whole or was made by another version; importing again mends it."""

    code, title = "pack_damaged", "The taxonomy pack cannot be read"


class PackMissing(Unavailable):
    """A taxonomy that an operator names is not there; says which file, and what can be done."""

    code, title = "pack_missing", "The taxonomy was not imported"


class SourceFailed(Unavailable):
    """A service that a taxonomy is imported from cannot be reached, answers rubbish, or does not give all. Never says
    the key."""

    code, title = "source_failed", "The source of the taxonomy does not answer as it should"


class KeyRefused(Unprocessable):
    """The key to a service is missing, is no key, or is not taken. Never says the key."""

    code, title = "key_refused", "The key is not taken"


class UnknownConcept(Unprocessable):
    """IRIs or codes that are not in the taxonomy; all of them are named, with where they stood in the input."""

    code, title = "unknown_concept", "Not in the taxonomy in use"

    def __init__(self, unknown: Sequence[tuple[str, str]], *, taxonomy: str, hint: str) -> None:
        named = ", ".join(f"{value!r} ({where})" for where, value in unknown[:20])
        more = f" and {len(unknown) - 20} more" if len(unknown) > 20 else ""
        super().__init__(
            f"Not in the taxonomy {taxonomy}: {named}{more}. {hint}",
            unknown=[{"in": where, "value": value} for where, value in unknown[:200]],
        )
