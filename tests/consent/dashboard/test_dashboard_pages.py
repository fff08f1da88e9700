"""Every page: readable in both languages, whole without scripts, and nothing of it in the database files."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from support.site import Site, Visitor

from werkpod.vocab.cv import (
    Certificate,
    Competence,
    Contact,
    Education,
    Experience,
    Identity,
    Language,
    OnlineProfile,
    PartialDate,
    Summary,
    Wish,
)

PUBLIC = ("/", "/aanmelden", "/inloggen", "/uitloggen", "/herstel", "/over", "/privacy", "/toegankelijkheid")
CITIZEN = (
    "/", "/regie/cv", "/regie/delen", "/regie/delen/logboek", "/regie/delen/link", "/regie/delen/coach",
    "/regie/berichten", "/regie/werk", "/regie/instellingen", "/over",
)  # fmt: skip
SEARCHES = (("get", "/regie/delen"), ("get", "/regie/delen/logboek"))
"""Forms that only look for something."""
OTHERS = ("/", "/regie/berichten", "/regie/delen", "/regie/delen/logboek", "/regie/instellingen")


class Reader(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a name."""
        return [attrs for name, attrs in self.tags if name == tag]


def check(html: str, path: str) -> None:
    """One page: one heading, labels for what is filled in, ids once, nothing inline, forms that need no script."""
    page = Reader(html)
    assert len(page.all("h1")) == 1, path
    labels = {attrs.get("for") for attrs in page.all("label")}
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids)), (path, ids)
    for kind in ("input", "select", "textarea"):
        for attrs in page.all(kind):
            assert attrs.get("type") == "hidden" or attrs.get("id") in labels, (path, attrs)
    for tag, attrs in page.tags:
        assert "style" not in attrs, (path, tag)
        assert not any(name.startswith("on") for name in attrs), (path, tag)
        described = (attrs.get("aria-describedby") or attrs.get("aria-labelledby") or "").split()
        assert set(described) <= set(ids), (path, described)
    assert all(attrs.get("src") for attrs in page.all("script")), path
    for form in page.all("form"):
        method, action = form.get("method"), form.get("action") or ""
        assert method == "post" or (method, action) in SEARCHES, (path, form)
        assert action.startswith("/"), (path, form)


async def full_cv(visitor: Visitor) -> None:
    """Something in every section, and something that another app wrote."""
    storage = visitor.account.storage
    await visitor.write("identity", Identity(name="Anna van Voorbeeld", birth_date=PartialDate("1990-05-06")))
    contact = Contact(email="anna@voorbeeld.example", phone="0000 12", postal_code="0000 XX", city="Nergenshuizen")
    await visitor.write("contact", contact, OnlineProfile("li", network="Netwerkje", username="annavv"))
    await visitor.write("summary", Summary(text="Rustig en precies.", headline="Chauffeur met ervaring"))
    job = Experience(
        "2019-heftruck", "Heftruckchauffeur", None, "Magazijn Nergens", PartialDate("2019-03"), kind="volunteer"
    )
    done = Experience("2015-vakken", "Vakkenvuller", None, "Winkel", PartialDate("2015"), PartialDate("2018-12"))
    await visitor.write("experience", job, done)
    school = Education("mbo", "Logistiek", "mbo 2", "ROC Verzonnen", end=PartialDate("2014"), completed=True)
    await visitor.write("education", school)
    skill = Competence("rijden", "Heftruck rijden", level=3, gained_in=(f"{storage}cv/experience#2019-heftruck",))
    await visitor.write("competences", skill)
    await visitor.write("languages", Language("nl", "nl", "Nederlands", "native"), Language("tr", "tr", "Turks", "B1"))
    await visitor.write("certificates", Certificate("b", "Rijbewijs B", issued=PartialDate("2010-04"), kind="licence"))
    await visitor.put("cv/wishes", b'<#x> <https://x.example/ns#droom> "Kapitein worden" .')
    assert Wish("x").title == ""


@pytest.mark.parametrize("lang", ["nl", "en"])
async def test_every_page_is_whole_in_both_languages(site: Site, lang: str) -> None:
    """Each page of each role opens, full and empty, in the language that was asked."""
    karin = await site.person("Karin Coach", "coach", lang)
    employer = await site.person("Bakkerij", "employer", lang)
    empty, anna = await site.person("Bert", lang=lang), await site.person("Anna", lang=lang)
    await full_cv(anna)
    await anna.post("/regie/delen/link", {"onderdeel": ["summary"], "dagen": "7", "keren": "3", "naam": "Bakkerij"})
    await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": ["summary"], "dagen": "30"})
    await anna.post("/regie/instellingen/hulpmiddel", {"naam": "Script", "zeker": "ja"})
    visits = [
        *((site.visitor(lang=lang), path) for path in PUBLIC),
        *((visitor, path) for visitor in (empty, anna) for path in CITIZEN),
        *((visitor, path) for visitor in (karin, employer) for path in OTHERS),
        (anna, await anna.asked(site.app())),
        (anna, await anna.asked(site.app("ander"), authorization_details=None)),
    ]
    for visitor, path in visits:
        html = await visitor.page(path)
        assert f'<html lang="{lang}"' in html, path
        check(html, path)


async def test_pages_that_follow_a_form_are_whole_too(site: Site) -> None:
    """Errors, codes and links that are shown once."""
    anna = await site.person("Anna")
    for path, fields in (
        ("/inloggen", {"naam": "anna", "wachtzin": "x", "verder": "/"}),
        ("/aanmelden", {"naam": "", "wachtzin": "vier rustige blauwe fietsen", "verder": "/"}),
        ("/aanmelden", {"naam": "Carl", "wachtzin": "vier rustige blauwe fietsen", "verder": "/"}),
        ("/herstel", {"naam": "anna", "code": "x", "wachtzin": "x"}),
        ("/regie/instellingen/herstelcode", {}),
        ("/regie/instellingen/hulpmiddel", {"naam": "Script"}),
        ("/regie/instellingen/hulpmiddel", {"naam": "Script", "zeker": "ja"}),
        ("/regie/delen/link", {"dagen": "7"}),
        ("/regie/delen/link", {"onderdeel": "summary", "dagen": "7", "keren": "3", "code": "geheim"}),
        ("/regie/delen/coach", {"onderdeel": "summary"}),
    ):
        check((await anna.post(path, dict(fields))).text, path)


async def test_my_cv_reads_as_a_cv(site: Site) -> None:
    """Every section in everyday words; what another app wrote is there as well."""
    anna = await site.person("Anna")
    await full_cv(anna)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", await anna.page("/regie/cv")))
    for part in (
        "Anna van Voorbeeld", "geboren op 6 mei 1990", "anna@voorbeeld.example", "0000 XX Nergenshuizen", "Netwerkje",
        "Chauffeur met ervaring", "Rustig en precies.", "sinds maart 2019", "2015 tot december 2018",
        "vrijwilligerswerk", "mbo 2", "met diploma", "Heftruck rijden goed, geleerd bij: Heftruckchauffeur",
        "moedertaal", "Rijbewijs B gehaald in april 2010", "droom: Kapitein worden",
    ):  # fmt: skip
        assert part in text, part
    log = await anna.page("/regie/delen/logboek")
    assert "Niemand heeft nog gekeken." in log


async def test_a_section_that_is_no_rdf_breaks_no_page(site: Site) -> None:
    """Another app may write what it likes; the page says that it cannot be shown."""
    anna = await site.person("Anna")
    pod = await site.house.pods.by_id(anna.account.id)
    assert pod is not None
    await site.house.storage.put(pod.id, "cv/summary", b"\xff\xfe not turtle", "text/turtle")
    assert "niet als tekst kunnen laten zien" in await anna.page("/regie/cv")
    assert await anna.page("/")
    assert await anna.page("/regie/delen/link")


async def test_the_home_page_says_how_things_stand(site: Site) -> None:
    """Nothing yet; then a CV; then something shared: the sentence and the next step follow."""
    anna, karin = await site.person("Anna"), await site.person("Karin", "coach")
    page = await anna.page("/")
    assert "Niemand anders kan je cv zien." in page
    assert "Begin met een baan" in page
    await full_cv(anna)
    assert "Kijk welk werk bij je past." in await anna.page("/")
    await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": "summary", "dagen": "30"})
    page = await anna.page("/")
    assert "Je deelt nu met 1 ander." in page
    assert "Kijk of je cv nog klopt." in page


@pytest.mark.parametrize("path", ["/regie/cv", "/regie/werk", "/regie/delen/link", "/regie/delen/coach"])
async def test_pages_of_citizens_are_not_for_coaches(site: Site, path: str) -> None:
    """Another role gets a page that says so."""
    karin = await site.person("Karin", "coach")
    assert (await karin.get(path)).status_code == 403


async def test_the_database_files_say_nothing_of_what_the_pages_show(site: Site) -> None:
    """After a full day no name, word, section, address or receiver stands in any file."""
    anna, karin = await site.person("Anna van Voorbeeld"), await site.person("Karin Coach", "coach")
    await full_cv(anna)
    made = await anna.post(
        "/regie/delen/link", {"onderdeel": ["summary"], "dagen": "7", "keren": "3", "naam": "Bakkerij"}
    )
    secret = made.text.partition("/k/")[2].partition("<")[0]
    await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": ["summary"], "dagen": "30"})
    await site.visitor().post(f"/k/{secret}", {})
    raw = site.raw()
    assert anna.account.id.encode() in raw
    for literal in (
        "Anna van Voorbeeld", "anna-van-voorbeeld", "Karin", "karin-coach", "Bakkerij", "localhost:8080",
        "profile/card",
        "client.jsonld", "experience", "cv/summary", "summary", "Heftruck",
        "anna@voorbeeld", "Kapitein", "ServiceProvision",
        "inbox/", "Om je te helpen", secret,
    ):  # fmt: skip
        assert literal.encode() not in raw, literal
