"""A small invented CompetentNL: a graph in its vocabulary, and a service that answers as the real one does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from pyoxigraph import QueryTriples, RdfFormat, Store, serialize

KEY = "verzonnen-sleutel-4711"
OCCUPATION = "https://linkeddata.competentnl.nl/uwv/id/occupation/{:010}"
CAPABILITY = "https://linkeddata.competentnl.nl/id/humancapability/{:010}"
AREA = "https://linkeddata.competentnl.nl/id/knowledgearea/{:010}"
TASK = "https://linkeddata.competentnl.nl/uwv/id/occupationtask/{:010}"
ESCO_COOK = "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-000000000001"
ESCO_PORTER = "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-000000000003"
ESCO_WASHING = "http://data.europa.eu/esco/skill/00000000-0000-4000-9000-000000000003"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "competentnl"
"""The real labels, when the machine has them; the real links nobody has without a key."""

TURTLE = """
@prefix cnlo: <https://linkeddata.competentnl.nl/def/competentnl#> .
@prefix uwv: <https://linkeddata.competentnl.nl/uwv/def/competentnl_uwv#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix occ: <https://linkeddata.competentnl.nl/uwv/id/occupation/> .
@prefix cap: <https://linkeddata.competentnl.nl/id/humancapability/> .
@prefix area: <https://linkeddata.competentnl.nl/id/knowledgearea/> .
@prefix task: <https://linkeddata.competentnl.nl/uwv/id/occupationtask/> .
@prefix item: <https://linkeddata.competentnl.nl/uwv/id/item/> .
@prefix esco: <http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-> .
@prefix skill: <http://data.europa.eu/esco/skill/00000000-0000-4000-9000-> .

occ:0000000001 a cnlo:Occupation ; skos:prefLabel "Kok eetcafé"@nl ;
  xl:prefLabel [ xl:literalForm "Kok eetcafé"@nl ] ; xl:altLabel item:label1 , [ xl:literalForm "Petit-café-kok"@nl ] ;
  uwv:specialization [ xl:literalForm "Kok dagmenu" ] ; skos:definition "Bakt hamburgers en uitsmijters."@nl ;
  cnlo:requiresHATEssential cap:0000000001 ; cnlo:requiresHATImportant cap:0000000002 , area:0000000001 ;
  cnlo:requiresHATSomewhat cap:0000000003 ;
  uwv:isCharacterizedByOccupationTask_Essential task:0000000001 ;
  uwv:isCharacterizedByOccupationTask_Optional task:0000000002 ;
  uwv:exactMatchTaxonomyItemESCOBeroep item:esco1 ; uwv:broadMatchTaxonomyItemKernberoep item:kern1 .
item:label1 xl:literalForm "Eetcafékok"@nl .
item:esco1 a uwv:TaxonomyItemESCOBeroep ; skos:prefLabel "kok" ;
  skos:notation "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-000000000001" .
item:kern1 a uwv:TaxonomyItemKernberoep ; skos:prefLabel "Koks"@nl ;
  uwv:broadMatchTaxonomyItemISCOUnitGroup item:isco1 .
item:isco1 a uwv:TaxonomyItemISCOUnitGroup ; skos:prefLabel "5120 Cooks" .

occ:0000000002 a cnlo:Occupation ; xl:prefLabel [ xl:literalForm "Afwasser bedrijfskeuken"@nl ] ;
  cnlo:requiresHATEssential cap:0000000002 ; cnlo:requiresHATSomewhat cap:0000000001 ;
  uwv:isCharacterizedByOccupationTask_Essential task:0000000002 ;
  cnlo:closeMatchESCO esco:000000000003 ; cnlo:broadMatchESCO esco:000000000001 .
occ:0000000003 a cnlo:Occupation ; skos:prefLabel "Heftruckchauffeur"@nl , "Fork-lift driver"@en ;
  skos:altLabel "Heftruckrijder verzonnen"@nl ;
  cnlo:requiresHATEssential cap:0000000003 ; cnlo:requiresHATImportant cap:0000000001 .
occ:0000000004 a cnlo:Occupation ; skos:prefLabel "Sterrenkijker te paard"@nl ;
  cnlo:requiresHATEssential area:0000000001 , cap:0000000001 ; cnlo:requiresHATSomewhat cap:0000000002 .

cap:0000000001 a cnlo:HumanCapability ; skos:prefLabel "Doorwerken als het druk is"@nl ; skos:broader cap:0000000009 ;
  skos:altLabel "Niet stoppen"@nl , "Volhouden"@nl .
cap:0000000002 a cnlo:HumanCapability ; skos:prefLabel "Netjes werken"@nl ; skos:broader cap:0000000009 ;
  cnlo:closeMatchESCO skill:000000000003 ; cnlo:exactMatchESCO skill:000000000001 .
cap:0000000003 a cnlo:HumanCapability ; skos:prefLabel "Goed kijken"@nl .
cap:0000000009 a cnlo:HumanCapability ; skos:prefLabel "Hoe je werkt"@nl .
area:0000000001 a cnlo:KnowledgeArea ; skos:prefLabel "Voeding en sterren"@nl .
task:0000000001 a uwv:OccupationTask ; skos:prefLabel "Dagmenu koken" .
task:0000000002 a uwv:OccupationTask ; skos:prefLabel "Pannen wassen" .
cap:0000000077 a cnlo:HumanCapability ; skos:prefLabel "Niemand vraagt dit"@nl .
"""
"""4 occupations: one with an ISCO group of its own, one with a mapping to ESCO, one whose title the starter knows, one
with neither. 3 capabilities in a group, 1 area of knowledge, 2 tasks; 14 links."""


def write_turtle(folder: Path, text: str = TURTLE) -> Path:
    """The graph as a file."""
    path = folder / "competentnl-1.2.ttl"
    path.write_text(text, encoding="utf-8")
    return path


@dataclass
class FakeService:
    """What a local service does. `faults`: answers (status, headers, body) that are given first; `most`: triples after
    which an answer is cut off without a word; `asked`: the queries that came; `key`: the one that is taken."""

    store: Store
    url: str = ""
    key: str = KEY
    faults: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    most: int | None = None
    asked: list[str] = field(default_factory=list)
    breaks_after: int | None = None

    def answer(self, key: str, query: str) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) to a query."""
        self.asked.append(query)
        if self.breaks_after is not None and len(self.asked) > self.breaks_after:
            return 500, {}, b"out of order"
        if self.faults:
            return self.faults.pop(0)
        if key != self.key:
            return 401 if not key else 403, {"Content-Type": "application/json"}, b'{"message":"Invalid key"}'
        found = self.store.query(query)
        if not isinstance(found, QueryTriples):
            return 400, {}, b"only CONSTRUCT"
        triples = list(found)[: self.most]
        return 200, {"Content-Type": "application/n-triples"}, serialize(triples, format=RdfFormat.N_TRIPLES) or b""


@contextmanager
def serving(turtle: str = TURTLE) -> Iterator[FakeService]:
    """A service on loopback over HTTP, for as long as the block lasts."""
    service = FakeService(Store())
    service.store.load(turtle.encode(), format=RdfFormat.TURTLE)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            status, headers, body = service.answer(self.headers.get("apikey", ""), form.get("query", [""])[0])
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *parts: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}/sparql"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Waits:
    """Notes how long it is asked to wait, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def iris(pattern: str, numbers: Sequence[int]) -> list[str]:
    """The IRIs of these numbers."""
    return [pattern.format(number) for number in numbers]
