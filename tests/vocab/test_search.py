"""Finding a concept by words."""

from __future__ import annotations

import pytest

from werkpod.vocab.compounds import Splitter, learn
from werkpod.vocab.names import LOWEST_SCORE, ExtraName, Finder, Named, add_extras, build_every
from werkpod.vocab.spelling import Speller
from werkpod.vocab.taxonomy import Taxonomy, starter
from werkpod.vocab.text import normalise

CONCEPTS = [
    Named("heftruckchauffeur", []),
    Named("vrachtwagenchauffeur", []),
    Named("kok", ["sous-chef"]),
    Named("verpleegkundige", ["verpleegster algemene zorg"]),
]


def finder(concepts: list[Named]) -> Finder:
    lexicon, names, _ = build_every(concepts, [])
    return Finder(names, lexicon)


@pytest.fixture(scope="module")
def found() -> Finder:
    return finder(CONCEPTS)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return starter()


def first(found: Finder, query: str) -> int | None:
    hits = found.find(query, 5)
    return hits[0].row if hits else None


@pytest.mark.parametrize(
    ("query", "concept"),
    [
        ("heftruck", 0), ("hefturckchauffeur", 0), ("HEFTRUCKCHAUFFEUR", 0), ("chauffeur heftruck", 0),
        ("vrachtwagen", 1), ("sous chef", 2), ("verpleegster", 3), ("verpleger", 3),
    ],
)  # fmt: skip
def test_typing_errors_parts_and_gender_forms_find_the_concept(found: Finder, query: str, concept: int) -> None:
    """What people type leads to what they mean."""
    assert first(found, query) == concept


def test_a_concept_is_found_once_at_its_best_name(found: Finder) -> None:
    """Two names of one concept that both fit give one hit, with the better name."""
    hits = found.find("verpleegster algemene zorg", 5)
    assert [hit.row for hit in hits].count(3) == 1
    assert hits[0].matched == "verpleegster algemene zorg"


@pytest.mark.parametrize("query", ["", "   ", "?!", "xqzw", "ж"])
def test_words_that_no_name_has_find_nothing(found: Finder, query: str) -> None:
    """No answer is better than a chance one."""
    assert found.find(query, 5) == []


def test_what_hardly_fits_is_not_an_answer(found: Finder) -> None:
    """Every hit is at least as like the query as the floor asks."""
    assert all(hit.score >= LOWEST_SCORE for hit in found.find("kokkin", 5))


def test_a_long_query_is_cut_not_refused(found: Finder) -> None:
    """A pasted text does no harm."""
    assert first(found, "kok " * 5000) == 2


def test_scores_lie_between_nought_and_one(found: Finder) -> None:
    """Every score is a share, best first."""
    for query in ("heftruckchauffeur", "kok", "sous-chef", "chauffeur", "zorg"):
        scores = [hit.score for hit in found.find(query, 5)]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)


def test_nothing_to_find_in_answers_nothing() -> None:
    """A taxonomy without names in a language can be searched in it."""
    assert finder([]).find("kok", 5) == []
    assert finder([Named("", [])]).find("kok", 5) == []


@pytest.mark.parametrize(
    ("typed", "unit_group"),
    [
        ("heftruck", "8344"), ("thuiszorg", "5322"), ("caissiere", "5230"), ("schoonmaker", "9112"),
        ("vrachtwagenchauffeur", "8332"), ("schoonmaakster", "9112"), ("forklift driver", "8344"),
        ("tandarts", "2261"), ("magazijn", "9333"), ("verpleegkundige", "2221"), ("buschauffeur", "8331"),
    ],
)  # fmt: skip
def test_the_starter_knows_how_people_call_their_job(taxonomy: Taxonomy, typed: str, unit_group: str) -> None:
    """The everyday word puts the unit group first, in Dutch and English."""
    lang = "en" if " " in typed else "nl"
    assert taxonomy.search_occupations(typed, lang=lang, limit=3)[0].occupation.isco == unit_group


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_occupation_is_found_by_its_title(taxonomy: Taxonomy, lang: str) -> None:
    """What a page calls an occupation, typed into a search field, gives that occupation first."""
    astray = [
        o for o in taxonomy.occupations() if taxonomy.search_occupations(o.title(lang), lang=lang)[0].occupation != o
    ]
    assert astray == []


def test_competences_are_found_by_their_everyday_name(taxonomy: Taxonomy) -> None:
    """The words that the page shows find the competence again."""
    some = [c for o in taxonomy.occupations() for link in taxonomy.links(o) if (c := link.competence).plain][:20]
    for competence in some:
        found = taxonomy.search_competences(competence.plain, limit=3)
        assert competence in [hit.competence for hit in found]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("Kok", "title"), ("sous-chef", "other-name"), ("koks", "form"), ("chauffeur van een heftruck", "form"),
        ("algemene zorg", "part"), ("zorg voor dieren", "word"), ("verpleegkunidge", "spelling"),
    ],
)  # fmt: skip
def test_a_hit_says_why_it_was_found(found: Finder, query: str, why: str) -> None:
    """The name itself, a form of it, a part of it, one word of it, or written alike."""
    assert found.find(query, 1)[0].why == why


def test_what_an_occupation_is_about_finds_it() -> None:
    """Words of a description lead to an occupation that is called otherwise, and it says that it was found so."""
    concepts = [
        Named("ontvanger", [], [("De medewerker int belastingen voor de schatkist.", 1.0)]),
        Named("kapper", [], [("Knipt en verft haar in een salon.", 1.0)]),
        Named("bakker", [], [("Bakt brood en gebak in de nacht.", 1.0)]),
    ]
    hits = finder(concepts).find("belastingen voor de schatkist", 3)
    assert [(hit.row, hit.why) for hit in hits] == [(0, "about")]


def test_a_name_that_only_one_has_goes_first() -> None:
    """Of occupations that share a name the one that is called nothing else comes first."""
    concepts = [Named("rijinstructeur", ["chauffeur"]), Named("chauffeur", ["tuinman"]), Named("chauffeur", [])]
    assert [hit.row for hit in finder(concepts).find("chauffeur", 3)] == [2, 1, 0]


def test_words_of_one_compound_find_the_other() -> None:
    """Which words a compound is made of is learned from the names."""
    concepts = [
        Named("schipper", ["schipper binnenvaart"]), Named("matroos", ["matroos binnenvaart"]),
        Named("binnenvaartschipper", []), Named("kok", []),
    ]  # fmt: skip
    parts = learn(normalise(name) for each in concepts for name in each.names)
    assert Splitter(parts).split("binnenvaartmatroos") == ("binnenvaart", "matroos")
    assert Splitter(parts).split("kok") == ("kok",)
    assert Splitter().split("binnenvaartmatroos") == ("binnenvaartmatroos",)
    assert finder(concepts).find("binnenvaartmatroos", 1)[0].matched == "matroos binnenvaart"


def test_names_from_elsewhere_find_and_are_told_and_replaced() -> None:
    """A name of another classification leads to the concept, says whose it is, and goes when its source is read
    again; one of an unknown concept or language is left out."""
    lexicon, names, _ = build_every(CONCEPTS, [])
    rows, words = {"urn:heftruck": 0}, {"nl": lexicon}
    extra = [ExtraName("urn:heftruck", "nl", "Stapelaar", "vdab"), ExtraName("urn:heftruck", "de", "Stapler", "vdab")]
    named = add_extras({"nl": names}, words, rows, [*extra, ExtraName("urn:nobody", "nl", "Niemand", "vdab")])
    hit = Finder(named["nl"], lexicon).find("stapelaar", 1)[0]
    assert (hit.row, hit.why, hit.source, hit.matched) == (0, "mapped-name", "vdab", "Stapelaar")
    again = add_extras(named, words, rows, [ExtraName("urn:heftruck", "nl", "Anders", "vdab")])
    assert list(again["nl"].extras.labels) == ["Anders"]
    other = add_extras(named, words, rows, [ExtraName("urn:heftruck", "nl", "Nog anders", "uwv-boc")])
    assert list(other["nl"].extras.sources) == ["uwv-boc", "vdab"]


def test_a_code_is_found_as_a_code(taxonomy: Taxonomy) -> None:
    """The code of an occupation leads to it first."""
    hit = taxonomy.search_occupations(" 8344 ", limit=1)[0]
    assert (hit.occupation.isco, hit.why) == ("8344", "code")


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("ik kan goed met oude mensen omgaan", {"ouderenzorg-kennis", "dementie-begeleiden", "gezelschap-bieden"}),
        ("ik ben goed met kinderen", {"toezicht-op-kinderen", "spelen-met-kinderen"}),
        ("leiding geven", {"team-leiden"}),
        ("I can drive a truck", {"vrachtwagen-rijden"}),
    ],
)  # fmt: skip
def test_a_sentence_finds_competences(taxonomy: Taxonomy, said: str, ids: set[str]) -> None:
    """What people say of themselves leads to what they can do, among the first five."""
    lang = "en" if said.startswith("I ") else "nl"
    found = {hit.competence.iri.rsplit("/", 1)[1] for hit in taxonomy.search_competences(said, lang=lang, limit=5)}
    assert found & ids, found


def test_finding_is_the_same_each_time_it_is_made() -> None:
    """What finds concepts is learned from a fixed start, so that an answer does not change with a restart."""
    assert finder(CONCEPTS).find("verpleger van een truck", 5) == finder(CONCEPTS).find("verpleger van een truck", 5)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vepleegkundige", "verpleegkundige"), ("hefturckchauffeur", "heftruckchauffeur"), ("koks", "koks"),
        ("vrachtwagnchauffer", "vrachtwagenchauffeur"), ("verpleegkundigen", "verpleegkundigen"), ("zrg", "zrg"),
        ("paraplu", "paraplu"), ("c3po1", "c3po1"),
    ],
)  # fmt: skip
def test_a_slip_is_mended_by_the_words_of_names(typed: str, meant: str) -> None:
    """A letter too many, too few, another or in the wrong place; a form of a known word and a strange one stay."""
    assert Speller(learn(normalise(name) for each in CONCEPTS for name in each.names)).mend(typed) == meant


def test_who_reads_english_may_type_dutch() -> None:
    """Where the names of one language find nothing, or only what is near, those of the other do."""
    taxonomy = starter()
    assert taxonomy.search_occupations("vuilnisman", lang="en")[0].occupation.code == "9611"
    assert taxonomy.search_occupations("forklift driver", lang="en")[0].occupation.code == "8344"
    assert taxonomy.search_occupations("vakkenvuller", lang="en")[0].occupation.code == "9334"
    assert taxonomy.search_occupations("zzzqqq", lang="en") == []
