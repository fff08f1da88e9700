"""What the access log costs an authenticated GET: one server with it and one without, in turns, on one machine.

`python -m bench --ledger`. The mark: with the log at least 85% of the rate without it. One core does the work, so the
rate is what CPU a request leaves; that is judged, because it depends least on who else uses the machine.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from bench.load import Figures
from bench.server import Server

OPERATIONS = ("GET private", "GET private, 2 KB")
MARK = 0.85


class WithoutLog(Server):
    """The same server, but for the log."""

    name = "no log"

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "bench.unlogged", *self._words("serve")[3:], "--host", "127.0.0.1",
                "--port", str(self.port), "--base-url", self.base]  # fmt: skip


def table(results: Mapping[str, Mapping[str, Figures]]) -> str:
    """The figures and the ratios, in Markdown."""
    lines = [
        "| operation | log | req/s | p50 ms | p99 ms | CPU us/req |",
        "|---|---|---:|---:|---:|---:|",
    ]
    marks = [
        "| operation | rate, of without | by CPU | wanted | CPU us more | |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for name in OPERATIONS:
        with_log, without = results["Werkpod"][name], results[WithoutLog.name][name]
        for log, f in (("yes", with_log), ("no", without)):
            lines.append(f"| {name} | {log} | {f.rate:,.0f} | {f.p50:.1f} | {f.p99:.1f} | {f.cpu:,.0f} |")
        rate, ratio = with_log.rate / without.rate, without.cpu / with_log.cpu
        met = "met" if ratio >= MARK else "**not met**"
        more = with_log.cpu - without.cpu
        marks.append(f"| {name} | {rate:.2f} | {ratio:.2f} | {MARK:.2f} | {more:,.0f} | {met} |")
    return "\n".join([*lines, "", *marks])
