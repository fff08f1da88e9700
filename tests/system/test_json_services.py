"""The JSON services, member for member: with the starter, and with ESCO where its files are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from support.esco import real_pack
from support.jsonapis import client_of, every_service

from werkpod.vocab.taxonomy import Taxonomy, load_pack

OCCUPATION = {"iri": str, "code": str, "isco": str, "title": str}
COMPETENCE = {"iri": str, "label": str}
REQUIRED = {**COMPETENCE, "kind": str, "weight": float, "type": str}
TOLD = {"lang": str, "plain": str, "group": dict, "collections": list}
FORKLIFT = "https://w3id.org/werkpod/competence/heftruck-rijden"


@dataclass(frozen=True)
class Services:
    """The services over one taxonomy. `kind`: starter or esco; `forklift`, `loader`: codes of two occupations there."""

    request: Callable[..., httpx2.Response]
    kind: str
    forklift: str
    loader: str

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a GET under /api."""
        return self._read(self.request("GET", f"/api/{path}"))

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON of a POST under /api."""
        return self._read(self.request("POST", f"/api/{path}", json=body))

    def asked(self, code: str) -> Any:
        """What an occupation asks."""
        status, answer = self.get(f"competentnl/v1/occupations/{code}/competences")
        assert status == 200, answer
        return answer

    def _read(self, answer: httpx2.Response) -> tuple[int, Any]:
        problem = answer.status_code >= 400
        assert answer.headers["Content-Type"] == ("application/problem+json" if problem else "application/json")
        assert answer.headers["API-Version"] == "1.0.0"
        return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def over() -> Iterator[Callable[[Taxonomy | None], Callable[..., httpx2.Response]]]:
    """A function that gives a client of the services over a taxonomy."""
    with start_blocking_portal() as portal:

        def client(taxonomy: Taxonomy | None) -> Callable[..., httpx2.Response]:
            http = client_of(every_service(taxonomy))
            return lambda method, path, **kwargs: portal.call(lambda: http.request(method, path, **kwargs))

        yield client


@pytest.fixture(scope="module")
def starter(over: Callable[..., Callable[..., httpx2.Response]]) -> Services:
    """The services with nothing but the starter."""
    return Services(over(None), "starter", "8344", "9333")


@pytest.fixture(scope="module")
def esco(tmp_path_factory: pytest.TempPathFactory, over: Callable[..., Callable[..., httpx2.Response]]) -> Services:
    """The services over the real ESCO."""
    return Services(over(load_pack(real_pack(tmp_path_factory))), "esco", "8344.1", "9333.1")


@pytest.fixture(params=["starter", "esco"])
def services(request: pytest.FixtureRequest) -> Services:
    """Each in turn."""
    found: Services = request.getfixturevalue(request.param)
    return found


def holds(value: Any, form: dict[str, Any], *, optional: dict[str, Any] | None = None) -> None:
    """`value` has exactly the members of `form` with these types, and of `optional` at most."""
    assert isinstance(value, dict)
    assert set(form) <= set(value) <= set(form) | set(optional or {}), sorted(value)
    for name, kind in {**form, **(optional or {})}.items():
        assert name not in value or isinstance(value[name], kind), (name, value[name])


def all_hold(values: Any, form: dict[str, Any], *, optional: dict[str, Any] | None = None) -> None:
    """`values` is a list with something in it, of things that each have this form."""
    assert isinstance(values, list)
    assert values
    for value in values:
        holds(value, form, optional=optional)


def test_occupations_are_found_by_everyday_words(services: Services) -> None:
    """`results` with IRI, code, ISCO code, title and score, best first, no more than `limit`."""
    status, answer = services.get("competentnl/v1/occupations?q=heftruck&lang=nl&limit=10")
    assert status == 200
    assert set(answer) == {"results"}
    all_hold(answer["results"], {**OCCUPATION, "score": float, "matched": str, "why": str}, optional={"source": str})
    assert len(answer["results"]) <= 10
    scores = [each["score"] for each in answer["results"]]
    assert scores == sorted(scores, reverse=True)
    assert answer["results"][0]["isco"] == "8344"
    assert len(services.get("competentnl/v1/occupations?q=werk&limit=3")[1]["results"]) == 3


def test_limit_and_lang_have_a_default_and_bounds(services: Services) -> None:
    """Ten and Dutch where nothing is said; a limit out of bounds and an unknown language are a 400 that names them."""
    path = "competentnl/v1/occupations?q=verkoper"
    assert services.get(path) == services.get(f"{path}&lang=nl&limit=10")
    for wrong, right in (("limit=0", "from 1 to 100"), ("limit=101", "from 1 to 100"), ("lang=fr", "nl")):
        status, problem = services.get(f"{path}&{wrong}")
        assert (status, problem["status"], problem["parameter"]) == (400, 400, wrong.partition("=")[0])
        assert right in problem["detail"]
    assert services.get("competentnl/v1/occupations")[0] == 400


def test_titles_and_labels_come_in_english(services: Services) -> None:
    """The same things under other names."""
    dutch = services.get("competentnl/v1/occupations?q=forklift&lang=nl&limit=1")[1]["results"]
    english = services.get("competentnl/v1/occupations?q=forklift&lang=en&limit=1")[1]["results"]
    assert english[0]["isco"] == "8344"
    path = f"competentnl/v1/occupations/{services.forklift}/competences?lang="
    nl, en = services.get(path + "nl")[1], services.get(path + "en")[1]
    assert nl["occupation"]["iri"] == en["occupation"]["iri"]
    assert nl["occupation"]["title"] != en["occupation"]["title"]
    assert [each["iri"] for each in nl["essential"]] == [each["iri"] for each in en["essential"]]
    assert [each["label"] for each in nl["essential"]] != [each["label"] for each in en["essential"]]
    assert dutch == [] or dutch[0]["title"] != english[0]["title"]


def test_an_occupation_is_known_by_code_and_by_encoded_iri(services: Services) -> None:
    """The occupation and three lists; the same answer for the code, the IRI and, with ESCO, the ISCO group's code."""
    by_code = services.asked(services.forklift)
    assert set(by_code) == {"occupation", "essential", "important", "optional"}
    holds(by_code["occupation"], OCCUPATION)
    all_hold(by_code["essential"], REQUIRED, optional=TOLD)
    all_hold(by_code["optional"], REQUIRED, optional=TOLD)
    assert by_code["important"] == []  # neither the starter nor ESCO has a kind between the two
    assert services.asked(quote(by_code["occupation"]["iri"], safe="")) == by_code
    holds(services.asked(by_code["occupation"]["isco"])["occupation"], OCCUPATION)


@pytest.mark.parametrize("code", ["0000", "x", quote("http://data.europa.eu/esco/occupation/none", safe="")])
def test_an_unknown_occupation_is_a_404_that_shows_a_right_one(services: Services, code: str) -> None:
    """The detail names the input and what a code and an IRI look like."""
    status, problem = services.get(f"competentnl/v1/occupations/{code}/competences")
    assert (status, problem["code"]) == (404, "unknown_code")
    assert problem["value"] in problem["detail"]
    assert "http://data.europa.eu/esco/" in problem["detail"]


def test_matches_have_what_one_can_and_what_is_missing(services: Services) -> None:
    """`matches` with `occupation`, `score`, `have`, `missing`, best first, the occupation done left out."""
    experience = [
        {"occupation": services.forklift, "from": "2015-03", "to": "2020-06"},
        {"occupation": services.asked(services.loader)["occupation"]["iri"], "from": "2020-07", "to": None},
    ]
    asked = {"experience": experience, "competences": [], "limit": 10, "lang": "nl"}
    status, answer = services.post("matcher/v1/matches", asked)
    assert status == 200
    assert set(answer) == {"matches"}
    assert len(answer["matches"]) == 10
    all_hold(answer["matches"], {"occupation": dict, "score": float, "have": list, "missing": list})
    for match in answer["matches"]:
        holds(match["occupation"], OCCUPATION)
        assert match["occupation"]["code"] not in (services.forklift, services.loader)
        for each in match["have"]:
            holds(each, COMPETENCE, optional={"lang": str, "experience": list})
        for each in match["missing"]:
            holds(each, COMPETENCE, optional={"lang": str})
        assert not {c["iri"] for c in match["have"]} & {c["iri"] for c in match["missing"]}
    assert any(each.get("experience") for each in answer["matches"][0]["have"])
    scores = [match["score"] for match in answer["matches"]]
    assert scores == sorted(scores, reverse=True)


def test_matches_keep_to_the_limit_and_speak_english(services: Services) -> None:
    """Three where three are asked; 0 and 201 are refused; English titles."""
    asked = {"experience": [{"occupation": services.forklift, "from": "2015-03", "to": None}], "limit": 3}
    dutch, english = (
        services.post("matcher/v1/matches", asked | {"lang": lang})[1]["matches"] for lang in ("nl", "en")
    )
    assert len(dutch) == len(english) == 3
    assert [m["occupation"]["iri"] for m in dutch] == [m["occupation"]["iri"] for m in english]
    assert [m["occupation"]["title"] for m in dutch] != [m["occupation"]["title"] for m in english]
    for limit in (0, 201, "3"):
        status, problem = services.post("matcher/v1/matches", asked | {"limit": limit})
        assert (status, problem["code"]) == (422, "bad_content")
        assert "limit" in problem["detail"]


def test_competences_alone_are_enough_for_a_match(services: Services) -> None:
    """Somebody without a job in the list gets matches for what they can."""
    can = [each["iri"] for each in services.asked(services.forklift)["essential"]]
    status, answer = services.post("matcher/v1/matches", {"experience": [], "competences": can, "limit": 5})
    assert status == 200
    assert answer["matches"][0]["occupation"]["isco"] == "8344"
    assert answer["matches"][0]["missing"] == []


def test_every_unknown_iri_and_code_is_named(services: Services) -> None:
    """One 422 for all of them, with their places; the known one is not among them."""
    iri, code = "http://data.europa.eu/esco/skill/none", "9999.99"
    jobs = [{"occupation": services.forklift}, {"occupation": code}]
    unknown = [{"in": "experience[1].occupation", "value": code}, {"in": "competences[0]", "value": iri}]
    for path, more in (("matcher/v1/matches", {}), ("wish/v1/gaps", {"wish": services.loader})):
        status, problem = services.post(path, {"experience": jobs, "competences": [iri], **more})
        assert (status, problem["code"], problem["unknown"]) == (422, "unknown_concept", unknown)
        assert code in problem["detail"]
        assert iri in problem["detail"]
    status, problem = services.post("wish/v1/gaps", {"wish": code})
    assert (status, problem["unknown"]) == (422, [{"in": "wish", "value": code}])
    status, problem = services.post("improver/v1/plans", {"missing": [iri]})
    assert (status, problem["unknown"]) == (422, [{"in": "missing[0]", "value": iri}])


@pytest.mark.parametrize(
    ("job", "named"),
    [
        ({"occupation": "8344", "from": "March"}, "experience[0]"),
        ({"occupation": "8344", "from": "2020-06", "to": "2015-03"}, "experience[0]"),
        ({"occupation": 8344}, "experience[0].occupation"),
        ({"from": "2015-03"}, "experience[0]"),
        ({"occupation": "8344", "employer": "x"}, "employer"),
    ],
)
def test_a_job_of_another_form_is_a_422_that_names_it(starter: Services, job: Any, named: str) -> None:
    """Months that are none, an end before the start, members of another type, missing and unknown members."""
    status, problem = starter.post("matcher/v1/matches", {"experience": [job]})
    assert status == 422
    assert named in problem["detail"]


def test_a_gap_splits_what_a_wish_asks(services: Services) -> None:
    """`occupation`, `have`, `missing`: together the essential competences of the wish."""
    asked = {"wish": services.loader, "experience": [{"occupation": services.forklift, "from": "2015", "to": None}]}
    status, answer = services.post("wish/v1/gaps", asked | {"competences": []})
    assert status == 200
    assert set(answer) == {"occupation", "have", "missing", "useful"}
    holds(answer["occupation"], OCCUPATION)
    assert answer["occupation"]["code"] == services.loader
    for each in (*answer["have"], *answer["useful"]):
        holds(each, COMPETENCE, optional={"lang": str, "experience": list})
    all_hold(answer["missing"], COMPETENCE, optional={"lang": str})
    essential = {each["iri"] for each in services.asked(services.loader)["essential"]}
    assert {each["iri"] for each in (*answer["have"], *answer["missing"])} == essential


def test_a_wish_may_be_an_iri_and_a_competence_counts(services: Services) -> None:
    """A competence that is given moves from `missing` to `have`."""
    wish = services.asked(services.loader)["occupation"]["iri"]
    before = services.post("wish/v1/gaps", {"wish": wish, "experience": [], "competences": []})[1]
    first = before["missing"][0]["iri"]
    after = services.post("wish/v1/gaps", {"wish": wish, "experience": [], "competences": [first]})[1]
    assert [each["iri"] for each in after["have"]] == [first]
    assert len(after["missing"]) == len(before["missing"]) - 1


def test_a_plan_covers_what_is_missing_or_says_what_it_does_not(services: Services) -> None:
    """`plan` of `instrument` and `covers`, and `uncovered`: each missing competence is in exactly one of them."""
    truck = "https://w3id.org/werkpod/competence/heftruck-rijden"
    missing = [truck, *(each["iri"] for each in services.asked(services.loader)["essential"])]
    missing = list(dict.fromkeys(missing))
    status, answer = services.post("improver/v1/plans", {"missing": missing})
    assert status == 200
    assert set(answer) == {"plan", "uncovered", "optimal"}
    all_hold(answer["plan"], {"instrument": dict, "covers": list, "proposed": list}, optional={"like": list})
    covered = [each["iri"] for step in answer["plan"] for each in step["covers"]]
    assert truck in covered
    for step in answer["plan"]:
        all_hold(step["covers"], COMPETENCE, optional={"lang": str})
        assert {"id", "name", "summary", "duration", "cost", "develops"} <= set(step["instrument"])
    assert sorted({*covered, *(each["iri"] for each in answer["uncovered"])}) == sorted(missing)


def test_instruments_are_listed_and_are_products_too(starter: Services) -> None:
    """Both forms have the same instruments."""
    status, listed = starter.get("instruments/v1/instruments")
    assert status == 200
    assert listed["count"] == len(listed["results"]) > 0
    for each in listed["results"]:
        assert isinstance(each["name"], str)
        for developed in each["develops"]:
            form = {**COMPETENCE, "level": str, "evidence": str, "confirmed": bool, "stale": bool, "because": list}
            holds(developed, form)
    products = starter.get("instruments/v1/pdc/producten")[1]
    assert [each["uuid"] for each in products["results"]] == [each["uuid"] for each in listed["results"]][:100]


@pytest.mark.parametrize(
    ("code", "level", "parent"), [("5321", 4, "532"), ("532", 3, "53"), ("53", 2, "5"), ("5", 1, None)]
)
def test_a_group_of_isco_has_its_place_in_the_tree(
    services: Services, code: str, level: int, parent: str | None
) -> None:
    """`code`, `level`, `title` in both languages, `parent`; whichever taxonomy is in use."""
    status, group = services.get(f"isco/v1/groups/{code}")
    assert status == 200
    assert (group["code"], group["level"], group["parent"]) == (code, level, parent)
    holds(group["title"], {"nl": str, "en": str})
    assert all(group["title"].values())


def test_an_unknown_group_is_a_404(services: Services) -> None:
    """The detail names the code."""
    status, problem = services.get("isco/v1/groups/9999")
    assert status == 404
    assert "9999" in problem["detail"]


def test_a_competence_leads_to_who_asks_it_page_by_page(services: Services) -> None:
    """One competence whole; its occupations in pages with their weight, those to which it matters most first; the pages
    together are all of them, each leads to the next, and a page too far is told."""
    first = services.asked(services.forklift)["essential"][0]
    path = f"competentnl/v1/competences/{quote(first['iri'], safe='')}"
    status, whole = services.get(path)
    assert status == 200
    assert (whole["iri"], whole["label"], whole["type"]) == (first["iri"], first["label"], first["type"])
    assert whole["label"] in whole["labels"].values()
    count, found, page = whole["occupationCount"], [], f"{path}/occupations?pageSize=2"
    while page:
        status, answer = services.get(page)
        assert (status, answer["count"]) == (200, count)
        all_hold(answer["occupations"], {**OCCUPATION, "kind": str, "weight": float})
        assert len(answer["occupations"]) <= 2
        found += answer["occupations"]
        page = (answer["next"] or "").partition("/api/")[2]
    assert len({each["iri"] for each in found}) == len(found) == count
    weights = [each["weight"] for each in found]
    assert weights == sorted(weights, reverse=True)
    assert {each["code"] for each in found} >= {services.asked(services.forklift)["occupation"]["code"]}
    status, problem = services.get(f"{path}/occupations?page=9999")
    assert (status, problem["code"]) == (404, "unknown_code")
    assert "the last one is" in problem["detail"]


def test_the_calls_of_the_pilot_answer_in_its_forms(services: Services) -> None:
    """Occupations; one by its OP code with what it asks and is also called; who asks a competence, by its CP code, with
    and without the letters."""
    status, listed = services.get("competentnl/compat/competenties/")
    assert status == 200
    all_hold(listed, {"code": str, "title": str})
    assert len({each["code"] for each in listed}) == len(listed)
    code = next(each["code"] for each in listed if each["title"].lower().startswith("heftruck"))
    assert code.startswith("OP-")
    status, one = services.get(f"competentnl/compat/competenties/{code}")
    assert set(one) == {"title", "essentialCompetences", "alternativeNames"}
    all_hold(one["essentialCompetences"], {"code": str, "description": str})
    all_hold(one["alternativeNames"], {"code": str, "title": str})
    competence = one["essentialCompetences"][0]["code"]
    assert competence.startswith("CP-")
    status, asking = services.get(f"competentnl/compat/competenties/search/CP/{competence}")
    assert {"code": code, "title": one["title"]} in asking
    assert services.get(f"competentnl/compat/competenties/search/CP/{competence[3:]}") == (200, asking)
    for path in ("OP-999999", "search/CP/CP-1"):
        status, problem = services.get(f"competentnl/compat/competenties/{path}")
        assert (status, problem["code"]) == (404, "unknown_code")
    assert services.get("competentnl/compat/competenties") == (200, listed)


def test_codes_of_the_pilots_calls_do_not_change(starter: Services) -> None:
    """They are on other people's pages: a unit group has its own digits, a competence those of its IRI's hash."""
    one = starter.get("competentnl/compat/competenties/OP-8344")[1]
    codes = {each["description"]: each["code"] for each in one["essentialCompetences"]}
    assert codes["Rijden met een heftruck"] == "CP-411908059224"


def test_isco_is_found_by_words_and_codes(services: Services) -> None:
    """By official title, everyday name, job title, with a typing error; by the beginning of a code; all as a tree."""
    words = {"Ziekenverzorgers": "5321", "schoonmakker": "9112", "juf": "2341", "heftrucks": "8344"}
    for text, code in words.items():
        results = services.get(f"isco/v1/search?q={text}&limit=3")[1]["results"]
        form = {"code": str, "level": int, "title": dict, "score": float, "matched": str, "why": str}
        all_hold(results, form, optional={"parent": str})
        assert code in [each["code"] for each in results], (text, results)
    codes = [each["code"] for each in services.get("isco/v1/search?q=532")[1]["results"]]
    assert codes == ["532", "5321", "5322", "5329"]
    assert services.get("isco/v1/search?q=qqqq")[1] == {"results": []}
    assert services.get("isco/v1/groups/5321")[1]["everyday"].keys() == {"nl", "en"}
    tree = services.get("isco/v1/tree")[1]["groups"]
    level, counts = tree, []
    while level:
        counts.append(len(level))
        level = [child for each in level for child in each.get("children", ())]
    assert counts == [10, 43, 130, 436]
