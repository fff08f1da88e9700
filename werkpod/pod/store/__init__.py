"""Where rows are kept: the `Database` protocol, one file an engine."""

from werkpod.pod.store.protocol import Database, Duplicate, ExpectationFailed, Row, Statement, Value
from werkpod.pod.store.sqlite import SqliteDatabase, open_database

__all__ = [
    "Database",
    "Duplicate",
    "ExpectationFailed",
    "Row",
    "SqliteDatabase",
    "Statement",
    "Value",
    "open_database",
]
