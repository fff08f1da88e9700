"""What was measured, as tables, with the marks; and, when asked, as a dated section of `docs/speed.md`."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.load import Figures

Results = Mapping[str, Mapping[str, Figures]]
"""Figures by server, then by operation."""

MARKS: Mapping[str, float] = {
    "GET public": 1.0,
    "GET private": 1.5,
    "PUT 2 KB, new": 1.0,
    "PUT 2 KB, over": 1.0,
    "PATCH N3 insert": 1.0,
    "POST to container": 1.0,
    "list of 1,000": 1.0,
}
"""How many times the rate of the fast JavaScript server each operation is to have."""
FACTOR_P99, MEMORY_MB, PRIVATE_GET_US = 3.0, 200.0, 450.0
FILE = Path(__file__).resolve().parents[1] / "docs" / "speed.md"


def tables(results: Results) -> str:
    """All figures and the marks, in Markdown."""
    lines = [
        "| operation | server | req/s | p50 ms | p99 ms | CPU us/req | errors | MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    names = list(dict.fromkeys(name for figures in results.values() for name in figures))
    for name in names:
        for server, figures in results.items():
            if (f := figures.get(name)) is not None:
                said = f"{f.errors} of {f.requests}" if f.errors else "0"
                lines.append(
                    f"| {name} | {server} | {f.rate:,.0f} | {f.p50:.1f} | {f.p99:.1f} | {f.cpu:,.0f} | {said} "
                    f"| {f.memory:.0f} |"
                )
    return "\n".join([*lines, "", *_marks(results)])


def _marks(results: Results) -> Iterator[str]:
    ours, mark = results["Werkpod"], results.get("JSS")
    yield "| mark | wanted | is | |"
    yield "|---|---:|---:|---|"
    for name, factor in MARKS.items():
        if mark is not None and name in ours:
            ratio = ours[name].rate / max(mark[name].rate, 0.001)
            yield f"| {name}, of JSS | {factor:.2f} | {ratio:.2f} | {_met(ratio >= factor)} |"
    for name, f in ours.items():
        factor = f.p99 / max(f.p50, 0.001)
        yield f"| {name}, p99 of p50 | {FACTOR_P99:.1f} | {factor:.1f} | {_met(factor < FACTOR_P99)} |"
    if "GET private" in ours:
        cpu = ours["GET private"].cpu
        yield f"| GET private, us of CPU | {PRIVATE_GET_US:.0f} | {cpu:.0f} | {_met(cpu < PRIVATE_GET_US)} |"
    memory = max((f.memory for f in ours.values()), default=0.0)
    yield f"| memory at the end, MB | {MEMORY_MB:.0f} | {memory:.0f} | {_met(memory < MEMORY_MB)} |"


def _met(yes: bool) -> str:
    return "met" if yes else "**not met**"


def machine() -> str:
    """The machine that it was measured on, without a name of it."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in info if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / (1 << 20)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}; load of the machine at the start {load:.1f}"
    )


def record(title: str, described: str, said: str) -> None:
    """Add a dated section to docs/speed.md."""
    day = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M")
    with FILE.open("a", encoding="utf-8") as file:
        file.write(f"\n## {day} UTC: {title}\n\n{described}\n\n{said}\n")
