"""A wheel, built and installed in an empty environment, is a whole Werkpod."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path

import pytest
from support.running import free_port

ROOT = Path(__file__).resolve().parents[2]
PIP = ["-m", "pip", "--disable-pip-version-check", "--quiet"]


@pytest.mark.slow
def test_an_installed_wheel_serves_its_pages_assets_and_services(tmp_path: Path) -> None:
    """Templates, translations, static files, migrations, shapes and taxonomy are in the wheel."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("werkpod-*.whl")
    venv.create(tmp_path / "empty", with_pip=True)
    python = str(tmp_path / "empty/bin/python")
    lock = str(ROOT / "requirements.lock")
    install = [python, *PIP, "install"]
    subprocess.run([*install, "--require-hashes", "--only-binary", ":all:", "-r", lock], check=True, timeout=300)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, timeout=120)
    port = free_port()
    words = ["serve", "--data", "data", "--port", str(port), "--base-url", f"http://localhost:{port}", "--demo"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([str(tmp_path / "empty/bin/werkpod"), *words], cwd=tmp_path, stdout=log, stderr=log)
        try:
            _wait(port, tmp_path / "log", server)
            for path, words_ in {
                "/": "Werkpod",
                "/static/werkpod.css": ".wp-page",
                "/static/vendor/htmx/htmx.min.js": "htmx",
                "/vocab/cv": "w3id.org/werkpod/cv#",
                "/sanne/profile/card": "oidcIssuer",
                "/api/isco/v1/groups/5321": "5321",
                "/api/instruments/v1/instruments": "instrument",
            }.items():
                assert words_ in _get(port, path), path
            assert "Sign in" in _get(port, "/", "en")
        finally:
            server.terminate()
            server.wait(20)


def _get(port: int, path: str, lang: str = "nl") -> str:
    asked = urllib.request.Request(f"http://localhost:{port}{path}", headers={"Accept-Language": lang})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return str(answer.read().decode())


def _wait(port: int, log: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            _get(port, "/health")
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
