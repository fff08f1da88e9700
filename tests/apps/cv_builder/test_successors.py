"""CV-bouwer: what is gone from a new version of the taxonomy, and what came in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.cvbuilder import Builder, cv_builder, hidden

from werkpod.apps.kit import profile_of
from werkpod.vocab.cv import Competence, Experience, serialise_section
from werkpod.vocab.elsewhere import Elsewhere
from werkpod.vocab.history import History, Past, Successor
from werkpod.vocab.starter import starter_tables
from werkpod.vocab.taxonomy import Taxonomy

OLD = "https://taxonomy.example/occupation/{}"
SKILL = "https://taxonomy.example/skill/{}"
HELD = "https://w3id.org/werkpod/competence/heftruck-rijden"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The starter, as if an earlier version of it had two occupations and two competences more."""
    gone = (
        Past(OLD.format("kok"), "occupation", {"nl": "Kok in de oude lijst"}, "5120", "1", "2"),
        Past(OLD.format("weg"), "occupation", {"nl": "Lantaarnopsteker"}, "9622", "1", "2"),
        Past(SKILL.format("heftruck"), "competence", {"nl": "Een vorkheftruck besturen"}, "", "1", "2"),
        Past(SKILL.format("weg"), "competence", {"nl": "Lantaarns aansteken"}, "", "1", "2"),
    )
    successors = (
        Successor(OLD.format("kok"), "http://data.europa.eu/esco/isco/C5120", "stated"),
        Successor(SKILL.format("heftruck"), HELD, "label"),
    )
    return Taxonomy(starter_tables(), Elsewhere(histories=(History("starter", gone, successors),)))


@pytest.fixture
async def builder(tmp_path: Path, taxonomy: Taxonomy) -> AsyncIterator[Builder]:
    """A citizen whose CV was made with the earlier version."""
    async with cv_builder(tmp_path, taxonomy) as made:
        storage = made.person.pod.storage
        jobs = (
            Experience("kok", label="Kok bij De Pan", occupation=OLD.format("kok")),
            Experience("weg", label="Lantaarns", occupation=OLD.format("weg")),
        )
        skills = (
            Competence("vork", "Een vorkheftruck besturen", SKILL.format("heftruck"), level=3),
            Competence("los", "", SKILL.format("weg")),
        )
        for key, entries in (("experience", jobs), ("competences", skills)):
            body = serialise_section(key, entries, f"{storage}cv/{key}")
            response = await made.person.put(f"{storage}cv/{key}", body)
            assert response.status_code in (201, 204, 205), response.text
        yield made


async def answer(builder: Builder, page: str, action: str) -> str:
    """Press a button of the page with an offer; the address of the next page."""
    form = {name: hidden(page, name) for name in ("deel", "id", "oud", "nieuw")}
    response = await builder.post("anders", {**form, "actie": action})
    assert response.status_code == 303, response.text
    return response.headers["location"].removeprefix("/apps/cv/")


async def test_a_successor_is_offered_and_taken_with_one_press(builder: Builder) -> None:
    """The start page says that something is called otherwise; the page offers one thing at a time; own words stay,
    the name that the taxonomy gave a competence goes along, and after the last the person is back at the CV."""
    assert "Iets in je cv heet nu anders" in await builder.get()
    page = await builder.get("anders")
    assert all(words in page for words in ("Kok bij De Pan", "Kok in de oude lijst", "De makers van de lijst zeggen"))
    page = await builder.get((await answer(builder, page, "neem")).partition("?")[0])
    assert "Een vorkheftruck besturen" in page
    assert "Wij denken dat dit hetzelfde is" in page
    await answer(builder, page, "neem")
    assert (await builder.http.get("/apps/cv/anders?bewaard=ja")).headers["location"] == "/apps/cv/?bewaard=ja"
    assert "Iets in je cv heet nu anders" not in await builder.get()
    cv = await builder.cv()
    job = next(job for job in cv.experience if job.id == "kok")
    assert (job.label, job.occupation) == ("Kok bij De Pan", "http://data.europa.eu/esco/isco/C5120")
    skill = next(each for each in cv.competences if each.id == "vork")
    assert (skill.concept, skill.label, skill.level) == (HELD, "Rijden met een heftruck", 3)


async def test_what_was_declined_stays_declined(builder: Builder) -> None:
    """A no changes nothing in the CV but that it is remembered, in the pod; a no to one thing is none to the next."""
    await answer(builder, await builder.get("anders"), "houd")
    page = await builder.get("anders")
    assert hidden(page, "id") == "vork"
    await answer(builder, page, "houd")
    assert (await builder.http.get("/apps/cv/anders")).headers["location"] == "/apps/cv/"
    assert "Iets in je cv heet nu anders" not in await builder.get()
    job = next(job for job in (await builder.cv()).experience if job.id == "kok")
    assert (job.occupation, job.declined) == (OLD.format("kok"), ("http://data.europa.eu/esco/isco/C5120",))


async def test_an_answer_about_what_changed_meanwhile_changes_nothing(builder: Builder) -> None:
    """What is no offer any more, or never was, leads back to the page."""
    page = await builder.get("anders")
    assert await answer(builder, page, "iets anders") == "anders"
    forged = {
        "deel": "experience", "id": "kok", "oud": OLD.format("kok"), "nieuw": "https://x.example/", "actie": "neem",
    }  # fmt: skip
    assert (await builder.post("anders", forged)).headers["location"] == "/apps/cv/anders"
    assert next(job for job in (await builder.cv()).experience if job.id == "kok").occupation == OLD.format("kok")


async def test_what_is_gone_keeps_its_name_and_counts(builder: Builder, taxonomy: Taxonomy) -> None:
    """A competence without a name of its own is called as it was; what is gone counts through its successor, an
    occupation without one through its unit group."""
    page = await builder.get("kunnen")
    assert "Lantaarns aansteken" in page
    assert "Het telt mee" in await builder.get("kunnen/wijzig", id="vork")
    cv = await builder.cv()
    profile = profile_of(cv, taxonomy, "nl")
    assert HELD in profile.skills
    assert profile.occupations == {f"http://data.europa.eu/esco/isco/C{code}" for code in ("5120", "9622")}


async def test_what_is_ticked_in_other_words_is_not_asked_again(tmp_path: Path, taxonomy: Taxonomy) -> None:
    """A competence of another list that means what the occupation asks stands in its place, ticked, by its own name; it
    can be unticked."""
    async with cv_builder(tmp_path, taxonomy) as builder:
        storage = builder.person.pod.storage
        job = Experience("heftruck", label="Heftruck", occupation="http://data.europa.eu/esco/isco/C8344")
        gained = (f"{storage}cv/experience#heftruck",)
        skill = Competence("vork", "Een vorkheftruck besturen", SKILL.format("heftruck"), gained_in=gained)
        for key, entry in (("experience", job), ("competences", skill)):
            response = await builder.person.put(
                f"{storage}cv/{key}", serialise_section(key, (entry,), f"{storage}cv/{key}")
            )
            assert response.status_code in (201, 204, 205), response.text
        page = await builder.get("werk/kunnen", id="heftruck")
        assert f'value="{SKILL.format("heftruck")}" checked' in page
        assert HELD not in page
        form = {"id": "heftruck", "stond": SKILL.format("heftruck")}
        assert (await builder.post("werk/kunnen", form)).status_code == 303
        assert (await builder.cv()).competences == ()
