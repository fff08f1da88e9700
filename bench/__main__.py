"""`python -m bench`: Werkpod alone, or beside other servers in the same run."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import uvloop

from bench import dashboard, lag, ledger, meaning, notify, others, report, smoke, titles
from bench.client import Key, token
from bench.load import Figures, measure, middle
from bench.operations import Operation, Person, match
from bench.processes import ServerProcess
from bench.server import Owner, Server

ESCO = Path(__file__).resolve().parents[2] / "shared/data/esco"
CHILDREN = 1000


def _by_credentials(server: ServerProcess, owner: Owner) -> Callable[[Key], str]:
    return lambda key: asyncio.run(token(owner, server.base, key))


def _person(server: ServerProcess, name: str = "bench") -> Person:
    if isinstance(server, Server):
        owner = server.owner(name)
        return Person(server.base, owner, _by_credentials(server, owner))
    if isinstance(server, others.JavaScriptSolidServer):
        owner = server.owner()
        return Person(server.base, owner, lambda key: server.login(owner, key), mend=server.mend, form=server.form)
    assert isinstance(server, others.CommunitySolidServer)
    owner = server.owner()
    return Person(server.base, owner, _by_credentials(server, owner))


def _run(options: argparse.Namespace, servers: list[ServerProcess]) -> dict[str, dict[str, Figures]]:
    """All operations on all servers, in turns."""
    people = [_person(server) for server in servers]
    work: list[tuple[ServerProcess, Person, dict[str, Operation]]] = []
    for server, person in zip(servers, people, strict=True):
        uvloop.run(person.prepare(CHILDREN))
        operations = person.operations() + ([match(server.base)] if isinstance(server, Server) else [])
        work.append((server, person, {op.name: op for op in operations}))
    found: dict[str, dict[str, list[Figures]]] = {server.name: {} for server in servers}
    wanted = [name for name in work[0][2] if not options.only or options.only in name]
    for round_ in range(options.rounds):
        for name in wanted:
            for server, person, operations_ in work:
                if name not in operations_:
                    continue
                person.renew()
                figures = uvloop.run(
                    measure(server, operations_[name], seconds=options.seconds, concurrency=options.concurrency)
                )
                found[server.name].setdefault(name, []).append(figures)
                print(
                    f"  {round_ + 1}  {name:<20}{server.name:<10}{figures.rate:>8.0f}/s{figures.p50:>8.1f}"
                    f"{figures.p99:>8.1f} ms{figures.cpu:>8.0f} us{figures.errors:>6} errors{figures.memory:>6.0f} MB",
                    flush=True,
                )
    return {server: {name: middle(rounds) for name, rounds in ops.items()} for server, ops in found.items()}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--peers", default="", metavar="A,B", help=f"beside us: {', '.join(others.PEERS)}")
    parser.add_argument("--rounds", type=int, default=1, help="how often, in turns; medians are told (default 1)")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long an operation is loaded (default 3)")
    parser.add_argument("--concurrency", type=int, default=16, help="connections (default 16)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only operations whose name has this in it")
    parser.add_argument("--record", action="store_true", help="add the figures to docs/speed.md, dated")
    parser.add_argument("--lag", type=int, metavar="N", help="list N children, and say how long others waited")
    parser.add_argument("--notify", type=int, metavar="N", help="how soon N subscribers of one resource are told")
    parser.add_argument("--pages", action="store_true", help="the citizen's pages with 100,000 grants, 1,000,000 lines")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="for --pages: fill this folder once, and leave it")
    parser.add_argument("--ledger", action="store_true", help="what the access log costs an authenticated GET")
    parser.add_argument("--meaning", action="store_true", help="how well the starter tells which occupations are alike")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="for --meaning: the N unit groups done worst")
    parser.add_argument("--titles", action="store_true", help="how soon job titles lead to ESCO's occupation")
    parser.add_argument("--smoke", action="store_true", help="each operation a few times, in this process")
    options = parser.parse_args()
    for name in filter(None, options.peers.split(",")):
        if name not in others.PEERS:
            parser.error(f"--peers: {name!r} is none of {', '.join(others.PEERS)}")
    return options


def main() -> None:
    """Measure and print."""
    options = _options()
    if options.smoke:
        print(asyncio.run(smoke.run()))
        return
    if options.meaning:
        said = meaning.report(worst=options.worst)
        print(said)
        if options.record:
            report.record("what the starter knows", report.machine(), said)
        return
    if options.titles:
        said = titles.report()
        print(said)
        if options.record:
            report.record("finding an occupation", report.machine(), said)
        return
    names = [name for name in options.peers.split(",") if name]
    if names:
        others.install()
    machine = report.machine()
    if options.pages:
        _pages(machine, options.keep, record=options.record)
        return
    ours = Server()
    if ESCO.is_dir():
        ours.run("vocab", "import", "esco", str(ESCO))
    taxonomy = "ESCO" if ESCO.is_dir() else "starter (no ESCO files beside the project)"
    described = f"{machine}; taxonomy: {taxonomy}; {options.concurrency} connections"
    if options.lag is None and options.notify is None:
        described += f", {options.rounds} rounds of {options.seconds:g} s in turns"
    print(described, flush=True)
    with contextlib.ExitStack() as stack:
        servers: list[ServerProcess] = [ours, *(others.PEERS[name]() for name in names)]
        if options.ledger:
            options.only = ledger.OPERATIONS[0]
            servers = [ours, ledger.WithoutLog()]
        for server in servers:
            stack.enter_context(server)
        if options.lag is not None:
            said, title = uvloop.run(lag.list_beside(_person(ours), options.lag)), "a large listing"
        elif options.notify is not None:
            people = [_person(ours, f"bench{i}") for i in range(notify.PEOPLE)]
            said = uvloop.run(notify.told(ours, _person(ours), people, options.notify))
            title = "notifications"
        elif options.ledger:
            said, title = ledger.table(_run(options, servers)), "what the access log costs"
        else:
            said, title = report.tables(_run(options, servers)), "requests to a pod"
    print("\n" + said)
    if options.record:
        report.record(title, described, said)


def _pages(machine: str, keep: Path | None, *, record: bool) -> None:
    """Fill a store, start a server on it, and time the pages."""
    print(machine, flush=True)
    server, filled, took = dashboard.prepared(keep)
    print(took, flush=True)
    with server:
        said = asyncio.run(dashboard.pages(server, filled))
    print("\n" + said)
    if record:
        report.record("pages of a citizen", f"{machine}; {took}", said)


if __name__ == "__main__":
    main()
