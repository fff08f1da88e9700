"""The starter taxonomy as tables for others to work with: `werkpod vocab links --csv FILE`."""

from __future__ import annotations

import csv
import io

from werkpod.vocab.taxonomy import Taxonomy, starter

COLUMNS = ("unitGroup", "competence", "weight")


def links_csv(taxonomy: Taxonomy | None = None) -> str:
    """What each unit group asks, as CSV (RFC 4180, LF): code of the group, IRI of the competence, weight (1 essential,
    0.75 important, 0.5 useful); by group, the heaviest and most distinctive first. `taxonomy`: the starter."""
    taxonomy = taxonomy or starter()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for occupation in taxonomy.occupations():
        for link in taxonomy.links(occupation):
            writer.writerow((occupation.code, link.competence.iri, f"{link.weight:g}"))
    return text.getvalue()
