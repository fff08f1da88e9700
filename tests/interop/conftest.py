"""Packages of others, from npm, and a server for them to talk to; without Node.js these tests skip and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.running import RunningServer

HERE = Path(__file__).parent
FOLDERS = (HERE, HERE.with_name("interop_servers"))
SKIPPED = pytest.StashKey[tuple[int, str]]()


def _missing() -> str:
    """What is not there, and how to get it; empty when all is."""
    if shutil.which("node") is None:
        return "there is no Node.js here (version 20 or later; Debian 13: apt-get install nodejs npm)"
    if not all((folder / "node_modules/.installed").exists() for folder in FOLDERS):
        return "their packages are not installed (make interop)"
    return ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip them all where something is missing, except in CI: there they fail."""
    missing = _missing()
    if not missing:
        return
    mine = [item for item in items if item.path.is_relative_to(HERE)]
    config.stash[SKIPPED] = len(mine), missing
    if not os.environ.get("CI"):
        for item in mine:
            item.add_marker(pytest.mark.skip(reason=missing))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in one line, whatever the options, that the tests with software of others did not run."""
    count, missing = config.stash.get(SKIPPED, (0, ""))
    if count:
        terminalreporter.write_line(f"{count} tests with software of others did not run: {missing}", yellow=True)


@pytest.fixture(scope="session")
def werkpod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A fresh server without people; whoever needs some signs them up."""
    with RunningServer(tmp_path_factory.mktemp("werkpod") / "data", environ={"WERKPOD_ALLOW_LOOPBACK": "1"}) as running:
        yield running
