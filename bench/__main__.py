"""`python -m bench`: authenticated pod requests at concurrency 1 and 16, and matches a second."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.client import Connection, Key, request, token
from bench.server import Owner, Server

DOCUMENT = (
    "@prefix s: <https://schema.org/> .\n"
    + "".join(
        f'<#job{i}> a s:Role ; s:roleName "Medewerker nummer {i}" ; s:startDate "201{i % 10}-03" .\n' for i in range(24)
    )
).encode()
ESCO = Path(__file__).resolve().parents[2] / "shared/data/esco"

Prepare = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in milliseconds, CPU of the server in microseconds a request."""

    scenario: str
    concurrency: int
    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float


class Load:
    """Makes requests for one owner, signed beforehand, and measures them."""

    def __init__(self, server: Server, owner: Owner, key: Key, access: str) -> None:
        self.server, self.owner, self._key, self._access = server, owner, key, access

    def signed(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """A request to the owner's pod with token and proof."""
        url = self.owner.storage + path
        auth = {"Authorization": f"DPoP {self._access}", "DPoP": self._key.proof(method, url, self._access)}
        return request(method, url, auth | {k.replace("_", "-"): v for k, v in headers.items()}, body)

    async def measure(self, scenario: str, prepare: Prepare, count: int, concurrency: int, *expect: int) -> Row:
        """Send `count` prepared requests over `concurrency` connections. Another status than `expect` ends the run."""
        raws = [prepare(i) for i in range(count)]
        times: list[float] = []
        queue = iter(raws)

        async def worker() -> None:
            connection = Connection(self.server.base)
            for raw in queue:
                started = time.perf_counter()
                answer = await connection.send(raw)
                times.append(time.perf_counter() - started)
                if answer.status not in expect:
                    raise SystemExit(f"{scenario}: {answer.status}, expected one of {expect}: {answer.body[:300]!r}")
            await connection.close()

        cpu, started = self.server.cpu_seconds(), time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(concurrency)))
        elapsed, cpu = time.perf_counter() - started, self.server.cpu_seconds() - cpu
        times.sort()
        return Row(
            scenario, concurrency, count / elapsed, statistics.median(times) * 1e3,
            times[min(len(times) - 1, int(len(times) * 0.99))] * 1e3, cpu / count * 1e6, self.server.memory_mb(),
        )  # fmt: skip


PUBLIC_ACL = (
    "@prefix acl: <http://www.w3.org/ns/auth/acl#> .\n"
    "<#owner> a acl:Authorization ; acl:accessTo <{0}bench/public> ; acl:agent <{1}> ; acl:mode acl:Control .\n"
    "<#public> a acl:Authorization ; acl:accessTo <{0}bench/public> ; acl:agentClass"
    " <http://xmlns.com/foaf/0.1/Agent> ; acl:mode acl:Read ."
)
PATCH = (
    "@prefix solid: <http://www.w3.org/ns/solid/terms#> .\n"
    '_:p a solid:InsertDeletePatch ; solid:inserts {{ <#n{0}> <https://schema.org/name> "naam {0}" . }} .'
)


async def pod_rows(load: Load, count: int) -> list[Row]:
    """The pod scenarios, each at concurrency 1 and 16."""
    rows = []
    connection = Connection(load.server.base)
    await connection.send(load.signed("PUT", "bench/doc", DOCUMENT, Content_Type="text/turtle"))
    await connection.send(load.signed("PUT", "bench/public", DOCUMENT, Content_Type="text/turtle"))
    acl = PUBLIC_ACL.format(load.owner.storage, load.owner.webid).encode()
    answer = await connection.send(load.signed("PUT", "bench/public.acl", acl, Content_Type="text/turtle"))
    assert answer.status == 201, answer
    for start in range(0, 1000, 100):
        await asyncio.gather(*(_once(load, f"bench/list/{i}") for i in range(start, start + 100)))
    await connection.close()
    for n in (1, 16):
        for name, make, times, expect in _scenarios(load, n, count if n == 16 else count // 2):
            rows.append(await load.measure(name, make, times, n, *expect))
    return rows


def _scenarios(load: Load, n: int, many: int) -> list[tuple[str, Prepare, int, tuple[int, ...]]]:
    def put(i: int) -> bytes:
        return load.signed("PUT", f"bench/new{n}/{i}", DOCUMENT, Content_Type="text/turtle")

    def patch(i: int) -> bytes:
        return load.signed("PATCH", f"bench/new{n}/{i % 64}", PATCH.format(i).encode(), Content_Type="text/n3")

    def post(i: int) -> bytes:
        return load.signed("POST", f"bench/new{n}/", DOCUMENT, Content_Type="text/turtle")

    def alternate(i: int) -> bytes:
        """A listing is kept until something in it changes; here that happens before each one."""
        if i % 2:
            return load.signed("PUT", f"bench/list/{i}", DOCUMENT, Content_Type="text/turtle")
        return load.signed("GET", "bench/list/")

    public = request("GET", load.owner.storage + "bench/public", {})
    return [
        ("GET 2 KB", lambda i: load.signed("GET", "bench/doc"), many * 4, (200,)),
        ("GET 2 KB, public", lambda i: public, many * 4, (200,)),
        ("PUT 2 KB, new", put, many, (201,)),
        ("PUT 2 KB, over", put, many, (204,)),
        ("PATCH N3 insert", patch, many, (204,)),
        ("POST to container", post, many, (201,)),
        ("list of 1,000", lambda i: load.signed("GET", "bench/list/"), max(20, many // 4), (200,)),
        ("list, PUT, list ...", alternate, max(20, many // 10), (200, 201, 204)),
    ]


async def _once(load: Load, path: str) -> None:
    connection = Connection(load.server.base)
    answer = await connection.send(load.signed("PUT", path, b"<#a> <#b> 1 .", Content_Type="text/turtle"))
    assert answer.status == 201, answer
    await connection.close()


async def match_row(load: Load, count: int, occupation: str) -> Row:
    """Matches a second through the JSON service: one job in, ten occupations out."""
    body = json.dumps({"experience": [{"occupation": occupation, "from": "2015-03", "to": "2020-06"}], "limit": 10})
    headers = {"Content-Type": "application/json"}
    raw = request("POST", f"{load.server.base}/api/matcher/v1/matches", headers, body.encode())
    return await load.measure("match, one job", lambda i: raw, count, 16, 200)


async def first_occupation(base: str) -> str:
    """An occupation that the loaded taxonomy knows."""
    connection = Connection(base)
    answer = await connection.send(request("GET", f"{base}/api/isco/v1/groups/5321", {}))
    assert answer.status == 200, answer
    await connection.close()
    return "http://data.europa.eu/esco/isco/C5321"


def show(rows: list[Row]) -> None:
    """Print the table."""
    print(f"{'scenario':<20}{'conc':>5}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU us/req':>12}{'MB':>7}")
    for r in rows:
        print(
            f"{r.scenario:<20}{r.concurrency:>5}{r.rate:>9.0f}{r.p50:>9.2f}{r.p99:>9.2f}{r.cpu:>12.0f}{r.memory:>7.0f}"
        )


async def _run(server: Server, owner: Owner, count: int) -> list[Row]:
    key = Key()
    load = Load(server, owner, key, await token(owner, server.base, key))
    rows = await pod_rows(load, count)
    rows.append(await match_row(load, count, await first_occupation(server.base)))
    return rows


def main() -> None:
    """Run everything once and print the table."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="requests a scenario (default 2000)")
    options = parser.parse_args()
    server = Server()
    if ESCO.is_dir():
        server.run("vocab", "import", "esco", str(ESCO))
    print(f"taxonomy: {'ESCO' if ESCO.is_dir() else 'starter (no ESCO files beside the project)'}")
    with server:
        show(asyncio.run(_run(server, server.owner("bench"), options.count)))


if __name__ == "__main__":
    main()
