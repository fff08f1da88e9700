"""CompetentNL from its service: a local one that answers as it does, over HTTP, and misbehaves in every way."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.competentnl import KEY, OCCUPATION, TURTLE, FakeService, Waits, serving, write_turtle

from werkpod.vocab.choice import pack_path
from werkpod.vocab.competentnl import import_from_files, import_from_service
from werkpod.vocab.competentnl.partial import Partial
from werkpod.vocab.competentnl.service import TRIES, Service
from werkpod.vocab.errors import ImportFailed, KeyRefused, SourceFailed
from werkpod.vocab.status import Status
from werkpod.vocab.taxonomy import Taxonomy, load_pack


@pytest.fixture
def remote() -> Iterator[FakeService]:
    with serving() as service:
        yield service


class Reader:
    """Imports from the service into a data folder, and notes how long it was asked to wait."""

    def __init__(self, remote: FakeService, data: Path) -> None:
        self.remote, self.data, self.waits = remote, data, Waits()

    def __call__(self, *, key: str = KEY, page: int = 2, pause: float = 0) -> Status:
        service = Service(self.remote.url, key, page=page, pause=pause, allow_loopback=True, sleep=self.waits)
        return import_from_service(service, self.data)

    @property
    def partial(self) -> Path:
        return pack_path(self.data, "competentnl").with_suffix(".partial")

    @property
    def pages(self) -> list[str]:
        return sorted(path.name for path in self.partial.glob("*.nt"))


@pytest.fixture
def reader(remote: FakeService, tmp_path: Path) -> Reader:
    return Reader(remote, tmp_path)


def said(taxonomy: Taxonomy) -> dict[str, list[tuple[str, str, str]]]:
    """What each occupation asks, and its place."""
    return {
        each.iri: [
            (each.isco, each.title("nl"), ""),
            *((link.competence.iri, link.kind, link.competence.label("nl")) for link in taxonomy.links(each)),
        ]
        for each in taxonomy.occupations()
    }


def test_the_service_gives_what_the_export_gives(reader: Reader, tmp_path: Path) -> None:
    """Page by page it is the same taxonomy; the version is the day; nothing of the pages is left."""
    status = reader()
    assert (status.occupations, status.competences, status.links, status.groups) == (4, 6, 14, 4)
    assert (status.version, status.source) == (datetime.now(UTC).date().isoformat(), "127.0.0.1")
    other = tmp_path / "other"
    (other / "vocab").mkdir(parents=True)
    import_from_files([write_turtle(other)], other)
    one, two = (load_pack(pack_path(data, "competentnl")) for data in (tmp_path, other))
    assert said(one) == said(two)
    assert one.search_occupations("eetcafékok")[0].occupation.iri == OCCUPATION.format(1)
    assert not reader.partial.exists()
    assert not list((tmp_path / "vocab").glob(".*"))


@pytest.mark.parametrize("page", [1, 3, 4, 50])
def test_the_size_of_pages_does_not_matter(reader: Reader, page: int) -> None:
    """The last page may be full, half full or empty."""
    assert reader(page=page).links == 14


def test_an_answer_that_is_cut_off_is_noticed_and_asked_again_in_smaller_pages(reader: Reader) -> None:
    """A service may give a part without a word; what cannot be had whole even one by one is an error."""
    reader.remote.most = 25
    assert reader(page=4).links == 14
    reader.remote.most = 10
    with pytest.raises(SourceFailed, match="cuts its answers off"):
        reader(page=4)


def test_waits_grow_and_retry_after_is_obeyed(reader: Reader) -> None:
    """429 and 5xx are tried again, after what the service asks for, else after longer and longer."""
    later = (datetime.now(UTC) + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    reader.remote.faults = [
        (500, {}, b""), (502, {}, b""), (503, {"Retry-After": "nonsense"}, b""), (429, {"Retry-After": "17"}, b""),
        (429, {"Retry-After": later}, b""),
    ]  # fmt: skip
    assert reader().links == 14
    assert reader.waits.seconds[:4] == [1, 2, 4, 17]
    assert 80 < reader.waits.seconds[4] <= 90


def test_between_requests_there_is_a_pause(reader: Reader) -> None:
    """One request at a time, and not at once after another."""
    reader(pause=30)
    assert len(reader.waits.seconds) == len(reader.remote.asked) - 1
    assert all(29 < seconds <= 30 for seconds in reader.waits.seconds)


RUBBISH = [
    (200, {"Content-Type": "text/html"}, b"<h1>Onderhoud</h1>"),
    (200, {"Content-Type": "application/n-triples"}, b"<urn:a> <urn:b> \"half"),
    (200, {}, b""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rubbish", "says"), list(zip(RUBBISH, ("text/html", "not N-Triples", "no media type"), strict=True))
)
def test_rubbish_is_tried_again_and_then_told(
    reader: Reader, rubbish: tuple[int, dict[str, str], bytes], says: str
) -> None:
    """Once is passed over; when it goes on the import stops, says what came, and the pack that was there stays."""
    reader.remote.faults = [rubbish]
    reader()
    before = pack_path(reader.data, "competentnl").read_bytes()
    reader.remote.faults = [rubbish] * TRIES
    with pytest.raises(SourceFailed, match=f"{says}.*{TRIES} times in a row.*goes on from there"):
        reader()
    assert pack_path(reader.data, "competentnl").read_bytes() == before


def test_a_broken_import_goes_on_where_it_was(reader: Reader) -> None:
    """Pages that came are kept, and are not asked again."""
    whole = len(reader_queries(reader))
    reader.remote.breaks_after = 3
    with pytest.raises(SourceFailed, match="answered 500, 6 times"):
        reader()
    assert reader.pages == ["00001.nt", "00002.nt"]
    reader.remote.asked.clear()
    reader.remote.breaks_after = None
    assert reader().links == 14
    assert len(reader.remote.asked) == whole - 3
    assert not reader.partial.exists()


def reader_queries(reader: Reader) -> list[str]:
    """The queries of an import that nothing breaks."""
    reader()
    asked, reader.remote.asked = reader.remote.asked, []
    return asked


def broken(reader: Reader) -> None:
    """Break an import after two pages."""
    reader.remote.breaks_after = 3
    with pytest.raises(SourceFailed):
        reader()
    reader.remote.breaks_after = None
    reader.remote.asked.clear()


@pytest.mark.parametrize(
    "change",
    [{"started": "2020-01-01T00:00:00+00:00"}, {"url": "https://old.example/"}, {"format": 0}, {"total": "x"}],
    ids=lambda change: next(iter(change)),
)
def test_stale_pages_are_not_used(reader: Reader, change: dict[str, object]) -> None:
    """Of long ago, of another service, of another version, or with a plan that cannot be read: it starts anew."""
    broken(reader)
    plan = json.loads((reader.partial / "plan.json").read_bytes())
    (reader.partial / "plan.json").write_text(json.dumps({**plan, **change}))
    assert reader().links == 14
    assert "COUNT(DISTINCT ?s) AS ?n" in reader.remote.asked[0]


def test_a_damaged_page_is_asked_again(reader: Reader) -> None:
    """With those after it."""
    broken(reader)
    (reader.partial / "00002.nt").write_bytes((reader.partial / "00002.nt").read_bytes()[:-9])
    assert reader().links == 14
    assert OCCUPATION.format(2) in reader.remote.asked[0]


def test_a_source_that_changes_meanwhile_is_noticed(reader: Reader) -> None:
    """Fewer occupations than it said: nothing is put in place, and the next import starts anew."""
    fewer = b'<urn:werkpod:page> <urn:werkpod:subjects> "9"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    reader.remote.faults = [(200, {"Content-Type": "application/n-triples"}, fewer)]
    with pytest.raises(SourceFailed, match="has 9 occupations, and gave 4"):
        reader()
    assert not pack_path(reader.data, "competentnl").exists()
    assert reader.pages == []


def _locked(data: Path) -> None:
    with Partial(pack_path(data, "competentnl").with_suffix(".partial")).locked():
        pytest.fail("two are in")


def test_two_imports_at_a_time_are_one_too_many(reader: Reader) -> None:
    """The second is told; the first is not disturbed."""
    found: list[str] = []

    async def meanwhile(_: float) -> None:
        with pytest.raises(SourceFailed, match="Another import is at work") as caught:
            _locked(reader.data)
        found.append(str(caught.value))

    reader.remote.faults = [(503, {}, b"")]
    service = Service(reader.remote.url, KEY, pause=0, allow_loopback=True, sleep=meanwhile)
    assert import_from_service(service, reader.data).links == 14
    assert found


@pytest.mark.parametrize("key", ["another-key", "x"])
def test_a_key_that_is_not_taken_stops_at_once(reader: Reader, key: str) -> None:
    """Not tried again: that would look like guessing."""
    with pytest.raises(KeyRefused, match="does not take the key") as caught:
        reader(key=key)
    assert len(reader.remote.asked) == 1
    assert "another-key" not in str(caught.value)


def test_the_key_is_told_to_nobody_but_the_service(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """Not in logs, errors or files, also when the service says it back."""
    caplog.set_level(logging.DEBUG)
    reader.remote.faults = [(400, {}, f"bad request with {KEY}".encode())]
    with pytest.raises(SourceFailed, match=r"400.*bad request with \(the key\)") as caught:
        reader()
    broken(reader)
    reader()
    files = [path.read_text("latin-1") for path in reader.data.rglob("*") if path.is_file()]
    assert not any(KEY in text for text in (caplog.text, str(caught.value), *files))
    assert KEY not in repr(Service("https://cnl.example/sparql", KEY))


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "ключ"])
def test_what_is_no_key_is_not_sent(key: str) -> None:
    """A header takes letters, digits and marks only."""
    with pytest.raises(KeyRefused, match="no key has"):
        Service("https://cnl.example/sparql", key)


@pytest.mark.parametrize(
    "url",
    ["http://cnl.example/sparql", "https://cnl.example:8443/sparql", "https://u:p@cnl.example/", "ftp://x", "cnl"],
)
def test_only_a_public_https_address_is_asked(url: str) -> None:
    """Checklist 104: the key goes over TLS, to port 443, to an address with nothing odd in it."""
    with pytest.raises(SourceFailed, match="An address must"):
        Service(url, KEY)


def test_loopback_is_for_tests_only(reader: Reader) -> None:
    """Checklist 101: without that setting this machine is not asked, whatever it is called."""
    with pytest.raises(SourceFailed, match="must start with https"):
        Service(reader.remote.url, KEY)
    service = Service("https://127.0.0.1/sparql", KEY, sleep=reader.waits)
    with pytest.raises(SourceFailed, match="not on the public internet"):
        import_from_service(service, reader.data)


def test_a_redirect_is_not_followed(reader: Reader) -> None:
    """Checklist 103: the key would go along."""
    reader.remote.faults = [(302, {"Location": "https://elsewhere.example/"}, b"")]
    with pytest.raises(SourceFailed, match="answered 302"):
        reader()


def test_who_asks_to_wait_too_long_is_not_waited_for(reader: Reader) -> None:
    """An hour is for another time; what came is kept."""
    reader.remote.faults = [(429, {"Retry-After": "3600"}, b"")]
    with pytest.raises(SourceFailed, match=r"wait 3600 seconds.*goes on from there"):
        reader()
    assert reader.waits.seconds == []


def test_a_service_that_is_not_there_is_told(reader: Reader) -> None:
    """After a number of tries."""
    with serving("") as gone:
        url = gone.url
    with pytest.raises(SourceFailed, match="did not answer"):
        import_from_service(Service(url, KEY, allow_loopback=True, sleep=reader.waits, pause=0), reader.data)
    assert reader.waits.seconds == [1, 2, 4, 8, 16]


def test_a_service_without_occupations_is_refused(tmp_path: Path) -> None:
    """An empty store is not an empty taxonomy."""
    with serving(TURTLE.replace("a cnlo:Occupation", "a cnlo:Something")) as remote:
        reader = Reader(remote, tmp_path)
        with pytest.raises(ImportFailed, match="no occupation"):
            reader()


@pytest.mark.parametrize("said", [b'"veel"', b'"-1"', b'"%b"' % (b"9" * 5000), b"<urn:x>"])
def test_a_count_that_is_none_is_told(reader: Reader, said: bytes) -> None:
    """Words, a number below zero, one of thousands of digits, an IRI: no import, and a sentence that says why."""
    triples = {"Content-Type": "application/n-triples"}
    reader.remote.faults = [(200, triples, b"<urn:werkpod:page> <urn:werkpod:subjects> %b .\n" % said)]
    with pytest.raises(SourceFailed, match="does not say how many"):
        reader()


def test_a_text_without_end_is_told(reader: Reader, tmp_path: Path) -> None:
    """The parser has a bound of its own, and answers as if memory were full: it is told as rubbish is, from both."""
    triples = {"Content-Type": "application/n-triples"}
    endless = b'<urn:x> <urn:y> "%b" .\n' % (b"a" * (17 << 20))
    reader.remote.faults = [(200, triples, endless)] * TRIES
    with pytest.raises(SourceFailed, match="too long"):
        reader()
    file = tmp_path / "whole.nt"
    file.write_bytes(endless)
    with pytest.raises(ImportFailed, match="too long"):
        import_from_files([file], tmp_path)


def test_a_service_that_says_the_same_without_end_is_left(reader: Reader) -> None:
    """Whatever is asked, it gives the first occupations: the disk does not fill with copies of them."""
    reader()
    count, first = reader.remote.asked[:2]
    answers = [reader.remote.answer(KEY, query) for query in (count, first, first)]
    reader.remote.faults = answers
    with pytest.raises(SourceFailed, match="the same occupations again"):
        reader()
    assert len(reader.pages) == 1
