"""Sign-in through a real outside OpenID provider, `oidc-provider` from npm, over HTTP, as a browser goes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from support.running import RunningServer, free_port

HERE = Path(__file__).parent
FORM = re.compile(r'<form[^>]* action="([^"]+)"')
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@contextmanager
def outside(redirect: str, method: str) -> Iterator[str]:
    """The provider, on a port of its own; its issuer."""
    node = shutil.which("node")
    assert node is not None
    process = subprocess.Popen(
        [node, str(HERE / "outside_provider.mjs"), redirect, method],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture(scope="module", params=["client_secret_basic", "client_secret_post"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that lets people in who signed in at the provider."""
    port, folder = free_port(), tmp_path_factory.mktemp("outside")
    with outside(f"http://localhost:{port}/inloggen/met/gemeente/terug", request.param) as issuer:
        said = {
            "name": "gemeente", "label": "Gemeente Voorbeeldstad", "issuer": issuer, "client_id": "werkpod",
            "client_secret": "een geheim van twee: met dubbele punt", "client_auth": request.param,
        }  # fmt: skip
        environ = {"WERKPOD_ALLOW_LOOPBACK": "1", "WERKPOD_SIGN_IN_WITH": json.dumps([said])}
        with RunningServer(folder / "data", port=port, environ=environ) as running:
            yield running


def arrive(browser: httpx2.Client, base: str, name: str) -> httpx2.Response:
    """Press the button on our page, sign in there, allow it, and come back."""
    assert "Log in met Gemeente Voorbeeldstad" in browser.get(f"{base}/inloggen").text
    page = browser.get(f"{base}/inloggen/met/gemeente?verder=/regie/cv", follow_redirects=True)
    for _ in range(3):
        if str(page.url).startswith(base):
            return page
        form = FORM.search(page.text)
        assert form is not None, page.text
        fields = {**dict(HIDDEN.findall(page.text)), "login": name, "password": "maakt niet uit"}
        page = browser.post(urljoin(str(page.url), form[1]), data=fields, follow_redirects=True)
    return page


def test_a_citizen_comes_in_through_the_provider_and_comes_back(server: RunningServer) -> None:
    """First a newcomer with the name that the provider tells, then straight to the page that was asked for."""
    with httpx2.Client(timeout=30, headers={"Accept-Language": "nl"}) as browser:
        page = arrive(browser, server.base, "Anouk")
        assert (page.status_code, 'value="Anouk Voorbeeld"' in page.text) == (200, True), page.text
        made = browser.post(
            f"{server.base}/inloggen/met/gemeente/nieuw", data={"naam": "Anouk"}, headers={"Origin": server.base}
        )
        assert 'id="herstelcode"' in made.text
    with httpx2.Client(timeout=30, headers={"Accept-Language": "nl"}) as browser:
        page = arrive(browser, server.base, "Anouk")
        assert (page.status_code, page.url.path) == (200, "/regie/cv")


def test_who_refuses_at_the_provider_comes_back_to_a_sentence(server: RunningServer) -> None:
    """Pressing "abort" there is no error here."""
    with httpx2.Client(timeout=30, headers={"Accept-Language": "nl"}) as browser:
        page = browser.get(f"{server.base}/inloggen/met/gemeente", follow_redirects=True)
        abort = re.search(r'href="([^"]*/abort)"', page.text)
        assert abort is not None, page.text
        back = browser.get(urljoin(str(page.url), abort[1]), follow_redirects=True)
        assert (back.status_code, "Misschien ben je gestopt" in back.text) == (400, True)
