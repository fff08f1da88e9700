"""The bench is not part of the test run; that it works is."""

from __future__ import annotations

from bench import report, smoke
from bench.load import Figures


async def test_bench_runs_every_operation() -> None:
    """Each operation of the bench gets the answers it expects from the whole site."""
    assert (await smoke.run()).startswith("27 requests as expected")


def test_report_tells_which_marks_are_met() -> None:
    """A rate under its share of the peer's, a long tail and too much memory are named as not met."""
    ours = Figures(rate=1000, p50=1.0, p99=3.5, cpu=400, errors=0, requests=3000, memory=210)
    peer = Figures(rate=800, p50=1.0, p99=2.0, cpu=900, errors=0, requests=3000, memory=150)
    said = report.tables(
        {"Werkpod": {"GET private": ours, "GET public": ours}, "JSS": {"GET private": peer, "GET public": peer}}
    )
    assert "| GET private, of JSS | 1.50 | 1.25 | **not met** |" in said
    assert "| GET public, of JSS | 1.00 | 1.25 | met |" in said
    assert "| GET private, p99 of p50 | 3.0 | 3.5 | **not met** |" in said
    assert "| memory at the end, MB | 200 | 210 | **not met** |" in said
