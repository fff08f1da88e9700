"""What could be less, told from the citizen's own grants and log: each hint where it is so, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from werkpod.consent.dashboard.hints import QUIET, USUAL, Hint, Seen, hints
from werkpod.consent.grants import GrantRecord
from werkpod.vocab.sections import SECTIONS

NOW = 1_795_000_000.0
DPV = "https://w3id.org/dpv#"
USED = Seen(NOW - 60, frozenset({"experience", "competences"}))


def grant(name: str = "a", **changes: object) -> GrantRecord:
    """An app's grant, given long ago and used since."""
    fields: dict[str, object] = {
        "id": name, "pod": "p", "agent": "https://anna.example/#me", "client": f"https://{name}.example/id",
        "receiver_name": name, "receiver_kind": "app", "created": NOW - 2 * QUIET, "not_before": NOW - 2 * QUIET,
        "until": NOW + QUIET, "sections": ("experience", "competences"), "purpose": DPV + "ServiceProvision",
    }  # fmt: skip
    return GrantRecord(**{**fields, **changes})  # type: ignore[arg-type]


def told(record: GrantRecord, seen: Seen = USED, *others: GrantRecord) -> list[tuple[str, str, tuple[str, ...]]]:
    """The hints of a grant."""
    return [(hint.kind, hint.cure, hint.sections) for hint in hints(record, seen, others, NOW)]


def test_a_grant_that_fits_and_is_used_gets_no_hint() -> None:
    """Nothing is said of what is as it should be."""
    assert told(grant(), USED, grant("b"), grant("c")) == []


@pytest.mark.parametrize(
    ("record", "seen", "hint"),
    [
        (grant(sections=("experience", "people"), purpose=DPV + "PersonnelHiring"),
         Seen(NOW, frozenset({"experience", "people"})), ("beyond", "narrow", ("people",))),
        (grant(sections=("experience", "identity"), purpose=DPV + "ScientificResearch"),
         Seen(NOW, frozenset({"experience", "identity"})), ("beyond", "narrow", ("identity",))),
        (grant(), Seen(NOW - QUIET - 1, USED.sections), ("unread", "stop", ())),
        (grant(), Seen(), ("unread", "stop", ())),
        (grant(), Seen(NOW - 60, frozenset({"experience"})), ("parts_unread", "narrow", ("competences",))),
        (grant(until=None), USED, ("endless", "shorten", ())),
        (grant(actions=("read", "append", "write")), USED, ("never_wrote", "read_only", ())),
    ],
)  # fmt: skip
def test_each_hint_is_a_fact_with_the_one_action_that_cures_it(
    record: GrantRecord, seen: Seen, hint: tuple[str, str, tuple[str, ...]]
) -> None:
    """Beyond its purpose, not read for 90 days, parts never read, without an end, may write and never did."""
    assert told(record, seen) == [hint]


@pytest.mark.parametrize(
    ("record", "seen"),
    [
        (grant(), Seen(NOW - QUIET + 1, USED.sections)),
        (grant(created=NOW - QUIET + 1), Seen()),
        (grant(created=NOW - 60), Seen(NOW, frozenset())),
        (grant(actions=("read", "append")), replace(USED, wrote=True)),
        (grant(purpose="https://w3id.org/dpv#SomethingElse", sections=tuple(SECTIONS)), Seen(NOW, frozenset(SECTIONS))),
        (grant(receiver_kind="tool", everything=True, sections=(), until=None), Seen()),
        (grant(purpose=DPV + "PersonalPurpose", until=None), Seen()),
    ],
)
def test_where_it_is_not_so_nothing_is_said(record: GrantRecord, seen: Seen) -> None:
    """A day too early, an unknown purpose, a tool of one's own."""
    assert told(record, seen) == []


def test_broader_than_similar_needs_two_others_that_do_the_same() -> None:
    """Only the citizen's own apps with the same purpose count, and only those that may do the same."""
    wide = grant("wide", sections=("experience", "competences", "contact"))
    seen = Seen(NOW, frozenset(wide.sections))
    hint = ("broader", "narrow", ("contact",))
    assert told(wide, seen, grant("b"), grant("c")) == [hint]
    assert told(wide, seen, grant("b")) == []
    assert told(wide, seen, grant("b"), grant("b", id="b2")) == []
    assert told(wide, seen, grant("b"), grant("c", actions=("read", "append"))) == []
    assert told(wide, seen, grant("b"), grant("c", purpose=DPV + "PersonnelHiring")) == []
    assert told(wide, seen, grant("b"), grant("c", sections=("contact",))) == []
    assert told(replace(wide, receiver_kind="coach"), seen, grant("b"), grant("c")) == []


def test_everything_is_beyond_a_purpose_that_is_known() -> None:
    """All of the pod for choosing somebody for a job: what is beyond that is named."""
    found = told(grant(everything=True, sections=(), purpose=DPV + "PersonnelHiring"))
    assert ("beyond", "narrow", ("wishes", "people", "inbox")) in found


def test_the_table_names_sections_that_there_are() -> None:
    """Every purpose is a DPV IRI and every section one of ours; a hint is a value."""
    assert all(purpose.startswith(DPV) and set(SECTIONS) >= usual for purpose, usual in USUAL.items())
    assert Hint("endless", "shorten") == Hint("endless", "shorten", ())
