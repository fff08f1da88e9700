"""What a grant can say, and what it means at the pod: entries, fields, links, terms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.regie import Regie, regie

from werkpod.consent.grants import GrantRecord, InvalidGrant, opens, to_access
from werkpod.consent.grants.presets import PRESETS, preset
from werkpod.consent.grants.record import check
from werkpod.consent.grants.terms import (
    LEGAL_BASES,
    PURPOSES,
    is_keep,
    keep_label,
    legal_basis_label,
    purpose_label,
)
from werkpod.pod.access.lens import through
from werkpod.pod.access.model import Mode
from werkpod.pod.ldp.graphs import parse
from werkpod.vocab.fields import FIELDS, fields_of
from werkpod.vocab.sections import SECTIONS

STORAGE = "https://pod.example/anna/"


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as built:
        yield built


def record(**changes: Any) -> GrantRecord:
    """A grant of two sections to a coach, but for `changes`."""
    fields: dict[str, Any] = {
        "id": "01AAAAAAAAAAAAAAAAAAAAAAAA", "pod": "p", "agent": "https://pod.example/karin#me", "client": None,
        "receiver_name": "Karin", "receiver_kind": "coach", "created": 1.0, "not_before": 1.0, "until": 1e9,
        "sections": ("experience", "competences"),
    }  # fmt: skip
    return GrantRecord(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"only_entries": ("experience",)}, "section#entry"),
        ({"only_entries": ("education#x",)}, "education#x"),
        ({"hidden_entries": ("experience#a#b",)}, "a#b"),
        ({"hidden_entries": ("experience#",)}, "experience#"),
        ({"sections": ("inbox",), "only_entries": ("inbox/#x",)}, "inbox/#x"),
        ({"hidden_entries": ("experience#x",), "only_entries": ("experience#x",)}, "experience#x"),
        ({"hidden_fields": ("experience.boss",)}, "experience.boss"),
        ({"hidden_fields": ("education.period",)}, "education.period"),
        ({"hidden_fields": ("experience.period",), "actions": ("read", "write")}, "Under a field lens no write"),
        ({"only_entries": ("experience#x",), "actions": ("read", "append")}, "only_entries"),
        ({"hidden_predicates": ("https://e/p",), "actions": ("append",)}, "hidden_predicates"),
        ({"sections": (), "everything": True, "hidden_fields": ("identity.name",)}, "identity.name"),
        ({"sections": (), "everything": True, "only_entries": ("summary#me",)}, "summary#me"),
        ({"keep": "forever"}, "forever"),
        ({"keep": "P"}, "P30D"),
        ({"legal_basis": "https://w3id.org/dpv#Whatever"}, "dpv#Whatever"),
        ({"purpose": "https://example.org/fun"}, "https://example.org/fun"),
        ({"preset": "all"}, "'all'"),
        ({"once": True, "until": None}, "once"),
        ({"once": True, "until": 200_000.0}, "once"),
        ({"until": float("nan")}, "until"),
        ({"not_before": float("inf")}, "not_before"),
        ({"created": -1.0}, "created"),
        ({"until": 1.0}, "after it begins"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    """An unknown field, an entry that is not shared, a term that is none: the error says which."""
    with pytest.raises(InvalidGrant) as raised:
        check(record(**changes))
    assert named in str(raised.value)


def test_what_can_be_given_is_taken() -> None:
    """Entries, fields, every legal basis, a period to keep, once: all together."""
    for basis in LEGAL_BASES:
        check(
            record(
                only_entries=("experience#a", "experience#b"),
                hidden_entries=("competences#c",),
                hidden_fields=("experience.period",),
                keep="P1Y6M",
                legal_basis=basis,
                once=True,
                until=800.0,
                preset="skills",
                purpose="https://w3id.org/dpv#ServiceProvision",
                onward=True,
            )
        )


def test_terms_have_words_for_people_in_both_languages() -> None:
    """Every legal basis and purpose is called something, and so is how long may be kept."""
    for term in (*LEGAL_BASES.values(), *PURPOSES.values()):
        assert term.label("nl")
        assert term.label("en") not in ("", term.label("nl"))
    assert all(term.why("nl") and term.why("en") for term in LEGAL_BASES.values())
    assert (legal_basis_label("https://w3id.org/dpv#Consent", "nl"), purpose_label("https://w3id.org/dpv#X", "nl")) == (
        "Jij zegt ja", "",
    )  # fmt: skip
    assert keep_label("P1Y2M", "nl") == "Zij mogen het nog 1 jaar 2 maanden bewaren nadat het delen stopt."
    assert keep_label("P1D", "en") == "They may keep it for 1 day after sharing ends."
    assert (keep_label("", "nl"), keep_label("nothing", "en")) == ("", "They may keep nothing.")
    assert [is_keep(keep) for keep in ("P30D", "PT2H", "until_end", "P", "PT", "P0D", "30 dagen")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_each_preset_is_a_grant_that_can_be_given_and_says_what_it_is() -> None:
    """A label and a sentence in both languages; the fields it leaves out are of its own sections."""
    assert list(PRESETS) == ["skills", "anonymous", "coach"]
    for key, ready in PRESETS.items():
        sections, hidden = preset(key)
        check(record(sections=sections, hidden_fields=hidden, preset=key))
        for lang in ("nl", "en"):
            assert ready.label(lang)
            assert ready.explained(lang).endswith(".")


CV = {
    "identity": '<#me> a s:Person ; s:name "Anna Verzonnen" ; s:birthDate "1960-02-03" .',
    "contact": '<#me> a s:ContactPoint ; s:telephone "0612345678" ; s:addressLocality "Fictiestad" .',
    "summary": '<#me> a wp:Summary ; s:description "Ik ben Anna Verzonnen uit 1960" ; s:headline "Anna" .',
    "experience": '<#e-0000000001> a wp:Experience ; s:roleName "Kok" ; wp:employer "Herberg" ; s:startDate "1980" ;'
    ' s:location "Fictiestad" ; s:description "Herberg was leuk" ; wp:kind wp:Work ; s:url <https://herberg.example> .',
    "education": '<#e-0000000002> a wp:Education ; s:name "Koken" ; wp:institution "Kokschool" ; s:endDate "1979" ;'
    ' s:description "Kokschool was leuk" ; wp:course "Snijden" .',
    "competences": '<#e-0000000003> a wp:Competence ; s:name "Soep koken" ; wp:level 3 ;'
    " wp:gainedIn <experience#e-0000000001>, <education#e-0000000002> .",
    "languages": '<#e-0000000004> a wp:LanguageSkill ; s:name "Frans" ; wp:languageLevel wp:B1 ; s:description "197" .',
    "certificates": '<#e-0000000005> a s:EducationalOccupationalCredential ; s:name "HACCP" ; wp:issuer "Keurhuis" ;'
    ' <http://purl.org/dc/terms/issued> "1999" ; s:description "Bij Keurhuis" ; s:url <https://keurhuis.example> .',
    "wishes": '<#e-0000000006> a wp:Wish ; s:name "Chef-kok" ; s:description "Dicht bij Fictiestad" .',
}


def read(shared: GrantRecord) -> str:
    """Everything that the receiver of a grant reads of this CV, as N-Triples."""
    found = []
    for key, body in CV.items():
        path = SECTIONS[key].path
        scopes = [s for s in to_access(shared).scopes if s.path == path and Mode.READ in s.modes]
        turtle = f"@prefix s: <http://schema.org/> . @prefix wp: <https://w3id.org/werkpod/cv#> . {body}"
        triples = parse(turtle.encode(), "text/turtle", STORAGE + path).triples
        for scope in scopes:
            found += [str(t) for t in through((scope.lens,) if scope.lens else (), triples, STORAGE + path)]
    return "\n".join(found)


def test_only_what_i_can_says_neither_where_nor_when() -> None:
    """Competences, languages, certificates; no sources, issuers, dates or own texts."""
    sections, hidden = preset("skills")
    text = read(record(sections=sections, hidden_fields=hidden))
    for word in ("Soep koken", "Frans", "HACCP", "B1"):
        assert word in text
    for word in (
        "Herberg",
        "Kokschool",
        "Keurhuis",
        "keurhuis",
        "197",
        '"1999',
        "Anna",
        "gainedIn",
        "experience#",
        "Bij",
    ):
        assert word not in text, word


def test_without_name_and_age_says_no_name_and_no_year() -> None:
    """What was done, learnt and can be done, and where each competence comes from; no name, place, date or own text."""
    sections, hidden = preset("anonymous")
    text = read(record(sections=sections, hidden_fields=hidden))
    for word in ("Kok", "Koken", "Snijden", "Soep koken", "experience#e-0000000001", "HACCP", "Chef-kok", "Work"):
        assert word in text
    for word in (
        "Anna",
        "Verzonnen",
        "197",
        "198",
        '"1999',
        "Herberg",
        "herberg",
        "Kokschool",
        "Fictiestad",
        "Keurhuis",
        "061",
        "1960",
    ):
        assert word not in text, word


def test_everything_for_my_coach_is_the_whole_cv() -> None:
    """Every section, nothing left out."""
    sections, hidden = preset("coach")
    text = read(record(sections=sections, hidden_fields=hidden))
    for word in ("Anna Verzonnen", "1960", "Herberg", "Kokschool", "Keurhuis", "0612345678", "gainedIn"):
        assert word in text


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_each_field_can_be_left_out_and_leaves_the_others(key: str) -> None:
    """None of its predicates passes; every other field of the section does."""
    section = FIELDS[key].section
    (scope,) = (
        s for s in to_access(record(sections=(section,), hidden_fields=(key,))).scopes if s.path.startswith("cv/")
    )
    passing = scope.lens.only_predicates
    assert not passing & FIELDS[key].predicates
    for other in fields_of(section):
        assert other.predicates - FIELDS[key].predicates <= passing


LINKS = (
    "<#e-0000000003> a wp:Competence ; s:name 'Koken' ; wp:gainedIn <experience#e-0000000001>, <experience#2019-kok>,"
    " <experience#e-0000000002>, <education#e-0000000004> ."
)


@pytest.mark.parametrize(
    ("changes", "passing"),
    [
        ({}, {"e-0000000001", "2019-kok", "e-0000000002"}),
        ({"sections": ("competences",)}, set()),
        ({"sections": ("competences", "experience", "education")},
         {"e-0000000001", "2019-kok", "e-0000000002", "e-0000000004"}),
        ({"hidden_entries": ("experience#e-0000000001",)}, {"2019-kok", "e-0000000002"}),
        ({"only_entries": ("experience#e-0000000001",)}, {"e-0000000001"}),
        ({"hidden_fields": ("experience.period",)}, {"e-0000000001", "e-0000000002"}),
        ({"hidden_fields": ("experience.period",), "only_entries": ("experience#2019-kok",)}, set()),
        ({"hidden_fields": ("competences.level",)}, {"e-0000000001", "2019-kok", "e-0000000002"}),
        ({"hidden_fields": ("competences.source",)}, set()),
    ],
)  # fmt: skip
def test_a_competence_points_only_at_entries_that_are_shared(changes: dict[str, Any], passing: set[str]) -> None:
    """An entry that is left out, not chosen, not shared, or whose name tells what is left out, is not pointed at."""
    shared = record(**changes)
    (lens,) = (scope.lens for scope in to_access(shared).scopes if scope.path == "cv/competences")
    turtle = f"@prefix s: <http://schema.org/> . @prefix wp: <https://w3id.org/werkpod/cv#> . {LINKS}"
    document = STORAGE + "cv/competences"
    triples = through((lens,) if lens else (), parse(turtle.encode(), "text/turtle", document).triples, document)
    assert {t.object.value.partition("#")[2] for t in triples if t.predicate.value.endswith("gainedIn")} == passing
    assert any(t.object.value == "Koken" for t in triples)


def test_what_a_grant_opens_is_told_without_the_document_about_itself() -> None:
    """For the page before the yes: the sections with their lenses, and for an app the way to them."""
    assert [path for path, _ in opens(record())] == ["cv/experience", "cv/competences"]
    app = record(receiver_kind="app", hidden_fields=("experience.period",))
    assert [(path, bool(lens)) for path, lens in opens(app)] == [
        ("cv/experience", True), ("cv/competences", True), ("settings/prefs.ttl", True),
        ("settings/privateTypeIndex.ttl", True),
    ]  # fmt: skip
    assert opens(record(actions=("append",))) == []
    assert any(scope.path.startswith("consent/") for scope in to_access(record()).scopes)
    link = record(receiver_kind="link", agent=None, client="https://app.example/id")
    assert not any(scope.path.startswith("consent/") for scope in to_access(link).scopes)
    assert [path for path, _ in opens(record(sections=(), everything=True))] == [""]
