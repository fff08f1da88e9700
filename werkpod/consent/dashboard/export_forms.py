"""The forms in which a log is given out: JSON, CSV, and that of the Dutch standard Logboek dataverwerkingen.

JSON holds `proof.bytes` of each line, so that the whole can be checked against a signed head without a key
(`ledger/chain.py`). CSV is for a spreadsheet: a cell that one would take for a formula starts with an apostrophe
(OWASP, "CSV Injection").

**Logboek dataverwerkingen** (Logius; the working version after 0.8.0, whose `status` is Unset, Ok or Error): each line
is one record. `trace_id` and `span_id` are the first 16 and the next 8 bytes of the line's hash. Attributes outside
`dpl.core` belong to extensions that were adopted, so what has no field there (the outcome in words, the section, the
grant's version) is in the other two forms alone. What was refused is `Unset`: nothing went wrong inside.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from werkpod import __version__
from werkpod.consent.ledger.chain import ChainLine, entry_of
from werkpod.pod.access.model import AccessEntry
from werkpod.vocab.sections import section_of

LDV = "Logboek dataverwerkingen, Logius, werkversie na 0.8.0"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CELL = re.compile(r"([;\t\r\n][\s\"]*)([=+\-@＝＋－＠])")
"""What begins a cell where another sign than the comma parts them, as in Dutch spreadsheets: there no quotes help."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose log it is: `log` the WebID, `storage` the pod, `issuer` this server, `subject` a pseudonym of the citizen;
    `at` when it is given out, Unix seconds; `origin` what the chain begins with."""

    log: str
    storage: str
    issuer: str
    subject: str
    at: float
    origin: bytes


class Form(Protocol):
    """One form. `name`: as it is signed; the file is `begin`, the lines with `between` in between, `seal`."""

    name: str
    media_type: str
    between: bytes

    def begin(self, about: About) -> bytes:
        """What comes before the first line."""
        ...

    def line(self, about: About, line: ChainLine, who: str) -> bytes:
        """One line; `who`: the name of who it was, in words."""
        ...

    def seal(self, signed: str) -> bytes:
        """What ends the file; `signed` is over all bytes before it."""
        ...


def moment(at: float) -> str:
    """RFC 3339, in UTC, to the millisecond."""
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry(line: ChainLine) -> AccessEntry | None:
    return None if line.plain is None else entry_of(line.plain)


def _section(entry: AccessEntry) -> str | None:
    section = None if ":" in entry.action else section_of(entry.path)
    return None if section is None else section.key


class _Json:
    """What JSON forms share."""

    media_type = "application/json"
    between = b",\n"

    def seal(self, signed: str) -> bytes:
        """The last member."""
        return b'\n],"signed":' + msgspec.json.encode(signed) + b"}\n"


class JsonForm(_Json):
    """All that is known of each line, and what proves it."""

    name = "json"

    def begin(self, about: About) -> bytes:
        """What comes before the first line."""
        head = {
            "format": "werkpod-ledger-export/1", "log": about.log, "issuer": about.issuer, "at": moment(about.at),
            "origin": about.origin.hex(),
        }  # fmt: skip
        return msgspec.json.encode(head)[:-1] + b',"lines":[\n'

    def line(self, about: About, line: ChainLine, who: str) -> bytes:
        """One line."""
        proof = {"hash": line.hash.hex()}
        proof["bytes" if line.plain is not None else "sealed"] = base64.b64encode(line.plain or line.sealed).decode()
        entry = _entry(line)
        if entry is None:
            return msgspec.json.encode({"seq": line.seq, "broken": True, "proof": proof})
        said: dict[str, Any] = msgspec.to_builtins(entry)
        return msgspec.json.encode(
            {"seq": line.seq, **said, "at": moment(entry.at), "section": _section(entry), "who": who, "proof": proof}
        )


class LdvForm(_Json):
    """The Dutch standard."""

    name = "logboek-dataverwerkingen"

    def begin(self, about: About) -> bytes:
        """What comes before the first line."""
        head = {"standaard": LDV, "log": about.log, "issuer": about.issuer, "at": moment(about.at)}
        return msgspec.json.encode(head)[:-1] + b',"logregels":[\n'

    def line(self, about: About, line: ChainLine, who: str) -> bytes:
        """One line."""
        entry = _entry(line)
        record: dict[str, Any] = {"trace_id": line.hash[:16].hex(), "span_id": line.hash[16:24].hex()}
        if entry is None:
            record |= {"status": "Error", "name": "unreadable", "start_time": "", "end_time": "", "attributes": {}}
            return msgspec.json.encode(record)
        activity = f"{about.storage}consent/grants/{entry.grant}" if entry.grant else f"{about.issuer}/privacy"
        attributes = {
            "dpl.core.processing_activity_id": activity,
            "dpl.core.data_subject_id": about.subject,
            "dpl.core.data_subject_id_type": "Werkpod-pseudoniem",
        }
        if (other := entry.client or entry.agent) is not None and ":" not in entry.action:
            attributes["dpl.core.foreign_operation.processor"] = other
        record |= {
            "status": "Ok" if entry.outcome == "allowed" else "Unset",
            "name": f"{entry.action} {entry.path}".strip(),
            "start_time": moment(entry.at),
            "end_time": moment(entry.at),
            "resource": {"attributes": {"service.name": "Werkpod", "service.version": __version__}},
            "attributes": attributes,
        }
        return msgspec.json.encode(record)


class CsvForm:
    """A table (RFC 4180, UTF-8 with a byte order mark, so that spreadsheets read it right)."""

    name = "csv"
    media_type = "text/csv; charset=utf-8"
    between = b""
    columns = (
        "seq", "at", "who", "action", "outcome", "times", "section", "path", "agent", "client", "grant", "version",
        "purpose", "reason", "by", "hash",
    )  # fmt: skip

    def begin(self, about: About) -> bytes:
        """What comes before the first line."""
        return b"\xef\xbb\xbf" + _row(self.columns)

    def line(self, about: About, line: ChainLine, who: str) -> bytes:
        """One line."""
        entry = _entry(line)
        if entry is None:
            return _row([str(line.seq), *[""] * 13, "broken", line.hash.hex()])
        return _row((
            str(line.seq), moment(entry.at), who, entry.action, entry.outcome, str(entry.times), _section(entry) or "",
            entry.path, entry.agent or "", entry.client or "", entry.grant or "", str(entry.version), entry.purpose,
            entry.reason, entry.by or "", line.hash.hex(),
        ))  # fmt: skip

    def seal(self, signed: str) -> bytes:
        """The last row."""
        return _row(["signed", *[""] * (len(self.columns) - 2), signed])


def _row(cells: Any) -> bytes:
    return (",".join(f'"{_safe(cell)}"' for cell in cells) + "\r\n").encode()


def _safe(cell: str) -> str:
    text = _CELL.sub(r"\1'\2", cell.replace('"', '""'))
    return f"'{text}" if text.startswith(_FORMULA) else text


FORMS: dict[str, Form] = {form.name: form for form in (JsonForm(), CsvForm(), LdvForm())}
