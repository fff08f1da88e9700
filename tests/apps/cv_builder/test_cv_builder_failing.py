"""CV-bouwer: when the pod fails, another writes first, or a part was not shared, nothing is lost and it is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.cvbuilder import Builder, cv_builder, hidden

from werkpod.vocab.cv import Competence, Experience, SectionDocument, entry_iri, section_iri
from werkpod.vocab.taxonomy import Taxonomy, starter

WORK = {"naam": "Kok", "werkgever": "De Pan", "begin_jaar": "2019", "nog": "ja"}
FOREIGN = """
@prefix : <{iri}#> . @prefix wp: <https://w3id.org/werkpod/cv#> . @prefix schema: <http://schema.org/> .
@prefix ex: <https://other.example/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:2001-bakker a wp:Experience ; schema:roleName "Bakker"@nl ; ex:stars 5 ; schema:startDate "2001"^^xsd:gYear .
:other ex:says "from another app" .
"""


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with Werkpod."""
    return starter()


@pytest.fixture
async def builder(tmp_path: Path, taxonomy: Taxonomy) -> AsyncIterator[Builder]:
    """A citizen at the CV-bouwer."""
    async with cv_builder(tmp_path, taxonomy) as made:
        yield made


async def job_of(builder: Builder) -> str:
    """The fragment of a job that was just added."""
    made = await builder.post("werk/bewaar", WORK)
    return made.headers["location"].partition("?id=")[2].partition("&")[0]


async def test_when_the_second_write_fails_the_job_is_saved_and_the_ticks_stay(builder: Builder) -> None:
    """The page says what is saved and what is not; pressing again finishes it."""
    job_id = await job_of(builder)
    builder.between.refuse = lambda method, path: 503 if method == "PUT" and path.endswith("competences") else None
    form = {"id": job_id, "kan": ["eigen:Koken"], "actie": "bewaar"}
    response = await builder.post("werk/kunnen", form)
    assert response.status_code == 503
    assert "“Kok” staat wel in je cv. Wat je kon nog niet." in response.text
    assert 'value="eigen:Koken" checked' in response.text
    cv = await builder.cv()
    assert [job.label for job in cv.experience] == ["Kok"]
    assert cv.competences == ()
    builder.between.refuse = lambda method, path: None
    assert (await builder.post("werk/kunnen", form)).status_code == 303
    assert [c.gained_in for c in (await builder.cv()).competences] == [(entry_iri(cv.storage, "experience", job_id),)]


@pytest.mark.parametrize("status", [500, 503, 412, 409, 413])
async def test_when_the_pod_refuses_a_job_what_was_typed_stays(builder: Builder, status: int) -> None:
    """Whatever the reason: the form comes back filled in, and nothing is half written."""
    builder.between.refuse = lambda method, path: status if method == "PUT" else None
    response = await builder.post("werk/bewaar", WORK)
    assert response.status_code in (409, 503)
    assert "Het is nog niet bewaard." in response.text
    assert 'value="De Pan"' in response.text
    builder.between.refuse = lambda method, path: None
    assert (await builder.cv()).experience == ()
    assert (await builder.post("werk/bewaar", WORK)).status_code == 303


async def test_when_taking_away_fails_half_way_it_can_be_done_again(builder: Builder) -> None:
    """The links go first: the job is still there, and a second try takes it away."""
    job_id = await job_of(builder)
    await builder.post("werk/kunnen", {"id": job_id, "kan": ["eigen:Koken"]})
    builder.between.refuse = lambda method, path: 503 if method == "PUT" and path.endswith("experience") else None
    response = await builder.post("werk/weg", {"id": job_id})
    assert response.status_code == 503
    assert "Er is niets verloren." in response.text
    cv = await builder.cv()
    assert [job.id for job in cv.experience] == [job_id]
    assert [c.gained_in for c in cv.competences] == [()]
    builder.between.refuse = lambda method, path: None
    assert (await builder.post("werk/weg", {"id": job_id})).status_code == 303
    assert (await builder.cv()).experience == ()


async def test_two_writers_both_keep_their_words(builder: Builder) -> None:
    """Another app writes between our read and our write: If-Match notices, and the change is made anew on top."""
    url = builder.person.url("cv/experience")
    writes: list[str] = []

    async def other_app() -> None:
        document = SectionDocument.parse(
            "experience", (await builder.person.get(url)).content, section_iri(builder.person.pod.storage, "experience")
        )
        other = Experience(f"anders-{len(writes)}", label="Van een ander")
        assert (await builder.person.put(url, document.put(other).turtle())).status_code in (200, 204, 205)

    def before(method: str, path: str) -> object:
        if method == "PUT" and path.endswith("experience") and len(writes) < 2:
            writes.append(path)
            return other_app()
        return None

    builder.between.before = before
    made = await job_of(builder)
    assert {job.id for job in (await builder.cv()).experience} == {made, "anders-1", "anders-2"}


async def test_what_another_solid_app_wrote_survives_an_edit(builder: Builder) -> None:
    """Triples that the CV-bouwer does not know are still there after a change through its form."""
    url = builder.person.url("cv/experience")
    iri = section_iri(builder.person.pod.storage, "experience")
    await builder.person.put(url, FOREIGN.format(iri=iri))
    page = await builder.get("werk/wijzig", id="2001-bakker")
    form = {
        "id": "2001-bakker",
        "versie": hidden(page, "versie"),
        "naam": "Broodbakker",
        "begin_jaar": "2001",
        "nog": "ja",
    }
    assert (await builder.post("werk/bewaar", form)).status_code == 303
    body = (await builder.person.get(url)).text
    assert "Broodbakker" in body
    assert "stars" in body
    assert "from another app" in body
    assert '"Bakker"' not in body


async def test_a_part_that_was_not_shared_is_said_and_not_asked(tmp_path: Path, taxonomy: Taxonomy) -> None:
    """The start page shows it as closed, and the pod was not asked for it."""
    async with cv_builder(tmp_path, taxonomy, sections=("experience", "competences")) as builder:
        asked: list[str] = []
        builder.between.before = lambda method, path: asked.append(path)
        page = await builder.get()
        assert page.count("Dit deel heb je niet gedeeld met CV-bouwer.") == 7
        assert {path.rsplit("/", 1)[1] for path in asked} == {"experience", "competences"}
        for place in ("contact", "talen", "opleiding/kunnen?id=a"):
            asked.clear()
            response = await builder.http.get(f"/apps/cv/{place}")
            assert response.status_code == 403
            assert "Dit deel heb je niet gedeeld met CV-bouwer." in response.text
            assert asked == []
        page = (
            await builder.post("inlezen", {"tekst": '{"basics": {"name": "Lina"}, "work": [{"position": "Kok"}]}'})
        ).text
        assert "Lina" in page
        assert "Dit deel van je cv is niet gedeeld met deze dienst." in page
        done = await builder.post("inlezen/bewaar", {"document": hidden(page, "document")})
        assert done.status_code == 200
        cv = await builder.cv()
        assert (cv.identity, [job.label for job in cv.experience]) == (None, ["Kok"])


async def test_a_competence_without_a_name_is_refused_by_its_shape(builder: Builder) -> None:
    """The shapes are checked before anything is written."""
    from werkpod.apps.cv_builder.records import Records
    from werkpod.vocab.cv import InvalidEntry

    sent: list[str] = []

    class Reader:
        """Reads as the pod client does, from the person's own device; a write would be seen."""

        storage = builder.person.pod.storage

        async def get(self, path: str) -> object:
            from werkpod.apps.kit import Document

            response = await builder.person.get(builder.person.url(path))
            return Document(str(response.url), response.content, "text/turtle", response.headers["etag"])

        async def put(self, path: str, *_: object, **__: object) -> str:
            sent.append(path)
            return ""

    records = Records(Reader())  # type: ignore[arg-type]
    with pytest.raises(InvalidEntry, match="1 to 300"):
        await records.change("competences", lambda document: document.put(Competence("leeg", "")))
    assert sent == []
