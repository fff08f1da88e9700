"""Numbered `.sql` files bring a database to the schema that this Werkpod knows.

A migration is `NNNN_name.sql` in a package (read through importlib.resources, so a wheel works). It is applied once, in
the order of the numbers, in one transaction with its line in `schema_version`: it happened or it did not.
"""

from __future__ import annotations

import re
import sqlite3
import time
from dataclasses import dataclass
from importlib import resources

from werkpod.pod.errors import SchemaRefused

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_TABLE = """CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied REAL NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file: its number, its name and its statements."""

    version: int
    name: str
    statements: tuple[str, ...]


def load(package: str) -> tuple[Migration, ...]:
    """The migrations of a package, by number. Raises SchemaRefused when two have one number or one is not whole."""
    found: dict[int, Migration] = {}
    for file in resources.files(package).iterdir():
        match = _NAME.fullmatch(file.name)
        if match is None:
            continue
        version = int(match[1])
        if version in found:
            raise SchemaRefused(f"{package} has two migrations with number {version:04}; give one another number")
        statements = _split(file.read_text("utf-8"), f"{package}/{file.name}")
        found[version] = Migration(version, match[2], statements)
    if not found:
        raise SchemaRefused(f"{package} holds no migrations; files named NNNN_name.sql were expected")
    return tuple(found[version] for version in sorted(found))


def apply(connection: sqlite3.Connection, migrations: tuple[Migration, ...], where: str) -> None:
    """Bring the database up to date; `where` names it in errors. Safe when two processes start at once.

    Raises SchemaRefused when the database knows a migration that this Werkpod does not, or when one fails.
    """
    if _done(connection) == {migration.version for migration in migrations}:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_TABLE)
        done = _done(connection)
        unknown = done - {migration.version for migration in migrations}
        if unknown:
            raise SchemaRefused(
                f"{where} has schema {max(unknown)}, this Werkpod knows schemas up to {migrations[-1].version}; "
                "start it with the Werkpod that made it, or a newer one"
            )
        for migration in migrations:
            if migration.version not in done:
                _apply_one(connection, migration, where)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _apply_one(connection: sqlite3.Connection, migration: Migration, where: str) -> None:
    try:
        for statement in migration.statements:
            connection.execute(statement)
    except sqlite3.Error as error:
        raise SchemaRefused(
            f"migration {migration.version:04}_{migration.name} failed on {where}: {error}; the database is as it was"
        ) from error
    connection.execute(
        "INSERT INTO schema_version (version, name, applied) VALUES (?1, ?2, ?3)",
        (migration.version, migration.name, time.time()),
    )


def _done(connection: sqlite3.Connection) -> set[int]:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone()
    if known is None:
        return set()
    return {version for (version,) in connection.execute("SELECT version FROM schema_version").fetchall()}


def _split(script: str, where: str) -> tuple[str, ...]:
    """The statements of a script, to be carried out one by one: `executescript` would commit first."""
    statements, pending = [], ""
    *pieces, rest = script.split(";")
    for piece in pieces:
        pending += piece + ";"
        if sqlite3.complete_statement(pending):  # a semicolon in a string, comment or trigger does not end one
            statements.append(pending.strip())
            pending = ""
    pending += rest
    if "".join(line for line in pending.splitlines() if not line.strip().startswith("--")).strip():
        raise SchemaRefused(f"{where} ends in the middle of a statement; a semicolon was expected")
    return tuple(statements)
