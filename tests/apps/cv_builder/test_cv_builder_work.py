"""CV-bouwer: work, and what a person could do there, saved in a real pod."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.cvbuilder import Builder, cv_builder, hidden

from werkpod.vocab.cv import entry_iri
from werkpod.vocab.taxonomy import Taxonomy, starter

WORK = {
    "id": "", "versie": "", "naam": "Heftruckchauffeur", "werkgever": "Magazijn De Hoek", "begin_maand": "3",
    "begin_jaar": "2019", "nog": "ja", "soort": "work",
}  # fmt: skip


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with Werkpod."""
    return starter()


@pytest.fixture
async def builder(tmp_path: Path, taxonomy: Taxonomy) -> AsyncIterator[Builder]:
    """A citizen at the CV-bouwer."""
    async with cv_builder(tmp_path, taxonomy) as made:
        yield made


def links(page: str) -> list[str]:
    """The addresses of the results on a search page."""
    return [html.unescape(href) for href in re.findall(r'class="wp-card__link" href="/apps/cv/([^"]+)"', page)]


def boxes(page: str) -> list[tuple[str, bool]]:
    """The checkboxes for competences: value, ticked."""
    found = re.findall(r'<input[^>]*type="checkbox"[^>]*name="kan" value="([^"]+)"( checked)?', page)
    return [(html.unescape(value), bool(on)) for value, on in found]


async def heftruck(builder: Builder, **changes: Any) -> str:
    """Add a job as a forklift driver through the pages; the address of the next page."""
    (first, *_) = links(await builder.get("werk/zoek", q="heftruck"))
    place, _, query = first.partition("?")
    form = await builder.get(place, **dict(part.split("=") for part in query.split("&") if "beroep" not in part))
    assert 'name="naam"' in form
    occupation = re.search(r"beroep=([^&]+)", first)
    assert occupation
    from urllib.parse import unquote

    response = await builder.post("werk/bewaar", {**WORK, "beroep": unquote(occupation[1]), **changes})
    assert response.status_code == 303, response.text
    return response.headers["location"].removeprefix("/apps/cv/")


async def heftruck_id(builder: Builder) -> str:
    """The fragment of a job as a forklift driver that was just added."""
    found = re.fullmatch(r"werk/kunnen\?id=([^&]+)&nieuw=ja", await heftruck(builder))
    assert found
    return found[1]


async def test_without_a_session_the_app_says_what_it_asks(builder: Builder) -> None:
    """No page shows or writes anything for a person who said nothing yet."""
    builder.http.cookies.clear()
    page = await builder.get("werk")
    assert "Wat CV-bouwer van je vraagt" in page
    assert (await builder.post("werk/bewaar", WORK)).status_code == 200
    assert (await builder.cv()).experience == ()


async def test_an_empty_cv_has_a_start(builder: Builder) -> None:
    """The start page lists the parts and offers the first."""
    page = await builder.get()
    assert "Je cv is nog leeg" in page
    assert page.count('class="wp-card__link"') == 9
    assert "Ga verder met: Je naam" in page


@pytest.mark.parametrize("text", ["heftruck", "thuiszorg", "caissiere"])
async def test_a_job_is_found_as_people_say_it(builder: Builder, text: str) -> None:
    """Each result leads to the form with the occupation filled in; htmx gets the results alone."""
    page = await builder.get("werk/zoek", q=text)
    assert links(page)
    assert all(place.startswith("werk/nieuw?beroep=http") for place in links(page))
    response = await builder.http.get("/apps/cv/werk/zoek", params={"q": text}, headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert links(response.text) == links(page)


async def test_own_words_will_do(builder: Builder) -> None:
    """Work that no taxonomy knows can go in a CV too."""
    page = await builder.get("werk/zoek", q="qqqzzz")
    assert "werk/nieuw?naam=qqqzzz" in page
    assert (await builder.post("werk/bewaar", {**WORK, "naam": "qqqzzz"})).status_code == 303
    (job,) = (await builder.cv()).experience
    assert (job.label, job.occupation) == ("qqqzzz", None)


async def test_from_a_job_to_competences_that_lead_back_to_it(builder: Builder, taxonomy: Taxonomy) -> None:
    """The whole way: search, dates, tick, and each competence is linked to the job in the pod."""
    page = await builder.get("werk/kunnen", id=await heftruck_id(builder), nieuw="ja")
    offered = boxes(page)
    (job,) = (await builder.cv()).experience
    assert job.occupation is not None
    assert (job.label, job.employer, job.start, job.end) == ("Heftruckchauffeur", "Magazijn De Hoek", "2019-03", None)
    occupation = taxonomy.occupation(job.occupation)
    assert occupation is not None
    assert [value for value, _ in offered] == [link.competence.iri for link in taxonomy.links(occupation)]
    assert not any(on for _, on in offered), "nothing is ticked beforehand"
    ticks = [value for value, _ in offered][:2]
    response = await builder.post(
        "werk/kunnen", {"id": job.id, "kan": [*ticks, "eigen:Grapjes maken"], "actie": "bewaar"}
    )
    assert response.status_code == 303
    cv = await builder.cv()
    iri = entry_iri(cv.storage, "experience", job.id)
    assert {c.concept or c.label for c in cv.competences} == {*ticks, "Grapjes maken"}
    assert all(c.gained_in == (iri,) and c.label for c in cv.competences)
    again = boxes(await builder.get("werk/kunnen", id=job.id))
    assert {value for value, on in again if on} == {*ticks, "eigen:Grapjes maken"}


async def test_a_tick_that_goes_takes_its_link_along(builder: Builder) -> None:
    """A competence gained at two jobs loses one link; one gained nowhere else goes."""
    await heftruck(builder)
    await heftruck(builder, begin_jaar="2010", nog="", eind_jaar="2012")
    cv = await builder.cv()
    first, second = (job.id for job in cv.experience)
    for job_id in (first, second):
        await builder.post(
            "werk/kunnen", {"id": job_id, "kan": ["eigen:Laden", "eigen:Tellen"][: 1 + (job_id == first)]}
        )
    stood = ["eigen:Laden", "eigen:Tellen"]
    assert (await builder.post("werk/kunnen", {"id": first, "stond": stood})).status_code == 303
    (left,) = (await builder.cv()).competences
    assert (left.label, left.gained_in) == ("Laden", (entry_iri(cv.storage, "experience", second),))


async def test_searching_for_something_else_keeps_the_ticks(builder: Builder) -> None:
    """Without JavaScript: press "Zoek erbij", and what was ticked still is; nothing is saved yet."""
    job_id = await heftruck_id(builder)
    page = await builder.get("werk/kunnen", id=job_id)
    tick = boxes(page)[0][0]
    response = await builder.post("werk/kunnen", {"id": job_id, "kan": [tick], "zoek": "schoonmaken", "actie": "zoek"})
    assert response.status_code == 200
    assert (tick, True) in boxes(response.text)
    assert any(value == "eigen:schoonmaken" for value, _ in boxes(response.text))
    assert len(boxes(response.text)) > len(boxes(page)) + 1
    assert (await builder.cv()).competences == ()


async def test_what_is_typed_and_not_ticked_is_saved_as_own_words(builder: Builder) -> None:
    """A person who types "brood bakken" and presses Bewaar does not lose it."""
    job_id = await heftruck_id(builder)
    await builder.post("werk/kunnen", {"id": job_id, "zoek": "brood bakken", "actie": "bewaar"})
    assert [c.label for c in (await builder.cv()).competences] == ["brood bakken"]


async def test_the_type_ahead_keeps_what_was_ticked_in_it(builder: Builder) -> None:
    """A new search by htmx shows the ticked finds of the last one, still ticked."""
    page = await builder.get("kunnen/zoek", zoek="koken", kan="eigen:Grapjes maken")
    assert boxes(page)[0] == ("eigen:Grapjes maken", True)
    assert len(boxes(page)) > 1


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"naam": ""}, "naam", "Schrijf op hoe je dit werk noemt."),
        ({"naam": "x" * 301}, "naam", "Dit is te lang."),
        ({"begin_jaar": ""}, "begin", "Vul ook het jaar in."),
        ({"begin_jaar": "", "begin_maand": ""}, "begin", "Vul in wanneer je begon."),
        ({"begin_jaar": "19"}, "begin", "Schrijf het jaar met vier cijfers"),
        ({"begin_jaar": "²019"}, "begin", "Schrijf het jaar met vier cijfers"),
        ({"nog": ""}, "eind", "Vul in wanneer je stopte."),
        ({"nog": "", "eind_jaar": "2001"}, "eind", "Je stopte eerder dan je begon."),
        ({"tekst": "x" * 5001}, "tekst", "Dit is te lang."),
    ],
)
async def test_a_mistake_is_told_at_its_field(
    builder: Builder, changes: dict[str, str], field: str, sentence: str
) -> None:
    """In plain Dutch, with what was typed still there; nothing is saved."""
    response = await builder.post("werk/bewaar", {**WORK, "plaats": "Zwolle <&>", **changes})
    assert response.status_code == 422
    assert sentence in response.text
    assert f'href="#{field}"' in response.text
    assert f'id="{field}"' in response.text
    assert "Zwolle &lt;&amp;&gt;" in response.text
    assert (await builder.cv()).experience == ()


async def test_sending_a_form_twice_adds_one_job(builder: Builder) -> None:
    """Somebody who presses the button twice has no double job."""
    assert await heftruck(builder) == await heftruck(builder)
    assert len((await builder.cv()).experience) == 1


async def test_changing_a_job_keeps_its_address(builder: Builder) -> None:
    """The fragment stays, so the competences still lead to it."""
    job_id = await heftruck_id(builder)
    page = await builder.get("werk/wijzig", id=job_id)
    form = {**WORK, "id": job_id, "versie": hidden(page, "versie"), "naam": "Chauffeur"}
    response = await builder.post("werk/bewaar", {**form, "beroep": hidden(page, "beroep"), "begin_jaar": "2018"})
    assert response.headers["location"] == "/apps/cv/werk?bewaard=ja"
    (job,) = (await builder.cv()).experience
    assert (job.id, job.label, job.start) == (job_id, "Chauffeur", "2018-03")


async def test_a_job_that_changed_elsewhere_is_not_written_over(builder: Builder) -> None:
    """The form comes back with what was typed and says so; a second try goes through."""
    job_id = await heftruck_id(builder)
    page = await builder.get("werk/wijzig", id=job_id)
    form = {**WORK, "id": job_id, "versie": hidden(page, "versie")}
    assert (await builder.post("werk/bewaar", {**form, "werkgever": "Eerst"})).status_code == 303
    late = await builder.post("werk/bewaar", {**form, "werkgever": "Later"})
    assert late.status_code == 409
    assert "Dit is net ergens anders veranderd." in late.text
    assert 'value="Later"' in late.text
    assert (await builder.cv()).experience[0].employer == "Eerst"
    retry = await builder.post("werk/bewaar", {**form, "versie": hidden(late.text, "versie"), "werkgever": "Later"})
    assert retry.status_code == 303
    assert (await builder.cv()).experience[0].employer == "Later"


async def test_taking_a_job_away_keeps_what_was_learnt_there(builder: Builder) -> None:
    """Unless the person wants that gone too."""
    for also, left in (("", ["Laden"]), ("ja", [])):
        job_id = await heftruck_id(builder)
        await builder.post("werk/kunnen", {"id": job_id, "kan": ["eigen:Laden"]})
        assert "Heftruckchauffeur" in await builder.get("werk/weg", id=job_id)
        response = await builder.post("werk/weg", {"id": job_id, "ook": also})
        assert response.status_code == 303
        cv = await builder.cv()
        assert cv.experience == ()
        assert [c.label for c in cv.competences] == left
        assert all(c.gained_in == () for c in cv.competences)


async def test_a_job_that_is_gone_is_told(builder: Builder) -> None:
    """Each page about it says so, with status 404."""
    for place in ("werk/wijzig", "werk/weg", "werk/kunnen"):
        response = await builder.http.get(f"/apps/cv/{place}", params={"id": "2001-niets"})
        assert response.status_code == 404
        assert "Dit staat niet meer in je cv." in response.text


async def test_an_occupation_that_does_not_exist_is_not_written(builder: Builder) -> None:
    """A form that was tampered with cannot put an IRI of its own in the CV."""
    await builder.post("werk/bewaar", {**WORK, "beroep": "https://elders.example/x y"})
    assert (await builder.cv()).experience[0].occupation is None


async def test_another_sites_form_is_refused(builder: Builder) -> None:
    """Cross-site request forgery changes nothing."""
    from werkpod.web.errors import Forbidden

    with pytest.raises(Forbidden):
        await builder.http.post("/apps/cv/werk/bewaar", data=WORK, headers={"Origin": "https://elders.example"})
    assert (await builder.cv()).experience == ()
