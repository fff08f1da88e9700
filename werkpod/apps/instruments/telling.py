"""What an instrument teaches, in a Dutch sentence for texts that other systems show: confirmed and proposed apart."""

from __future__ import annotations

from collections.abc import Iterable

from werkpod.apps.instruments.model import Develops, Instrument


def confirmed_text(instrument: Instrument) -> str:
    """ "Dit leer je ermee: heftruck rijden, pallets stapelen." and "" where nothing is confirmed."""
    return _sentence("Dit leer je ermee", (each for each in instrument.develops if each.confirmed))


def proposed_text(instrument: Instrument) -> str:
    """The same for what is only proposed: it says so."""
    said = _sentence("Misschien leer je ook", (each for each in instrument.develops if not each.confirmed))
    return f"{said} Dit is een voorstel: het is nog niet nagekeken." if said else ""


def _sentence(begin: str, develops: Iterable[Develops]) -> str:
    labels = [label for each in develops if (label := each.labels.get("nl", ""))]
    return f"{begin}: {', '.join(label[:1].lower() + label[1:] for label in labels)}." if labels else ""
