"""A static Solid app of somebody else, in Chromium: it reads the one section that its user ticked, and nothing else."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.foreign_software import FOLDER
from support.looking import PHONE, Watch, wrong
from support.running import RunningServer
from support.settled import with_work
from support.visiting import CHROMIUM, chromium
from support.walking import Walker

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

REFUSED = ("cv/education", "cv/competences", "cv/", "", "inbox/", ".acl", "cv/experience.acl", "cv/not-there")


class StaticApp:
    """The files of an app on an origin of its own; with a client id document where it has one."""

    def __init__(self, script: bytes, *, document: bool) -> None:
        page = (FOLDER / "app/index.html").read_text("utf-8")
        self.files: dict[str, tuple[str, bytes]] = {"/app.js": ("text/javascript", script)}
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                media_type, body = files.get(self.path.partition("?")[0], ("", b""))
                self.send_response(200 if media_type else 404)
                self.send_header("Content-Type", media_type or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://localhost:{self._server.server_port}"
        client = f"{self.base}/app.jsonld" if document else ""
        files["/"] = ("text/html", page.replace('data-client=""', f'data-client="{client}"').encode())
        files["/app.jsonld"] = ("application/ld+json", json.dumps(self._document(client)).encode())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def _document(self, client: str) -> dict[str, object]:
        return {
            "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"],
            "client_id": client,
            "client_name": "Any Solid app",
            "redirect_uris": [f"{self.base}/"],
            "scope": "openid offline_access webid",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }

    def __enter__(self) -> StaticApp:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The app with the library in it, as a browser takes it."""
    target: Path = tmp_path_factory.mktemp("app") / "app.js"
    command = ["node_modules/.bin/esbuild", "app/app.mjs", "--bundle", "--format=esm", f"--outfile={target}"]
    subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=60)
    return target.read_bytes()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    yield from chromium()


@pytest.fixture
def person(browser: Browser, werkpod: RunningServer) -> Iterator[Walker]:
    """Somebody on a phone. The app is refused a lot, which is what this is about; nothing else may go wrong."""
    context = browser.new_context(viewport=PHONE, locale="nl-NL")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    watch = Watch(context)
    yield Walker(context.new_page(), werkpod.base)
    context.close()
    assert [problem for problem in watch.problems if not problem.startswith(("401 for ", "403 for "))] == []


def status_of(person: Walker, address: str) -> str:
    """What the app is answered with at an address."""
    page = person.page
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Read").click()
    expect(page.locator("#status")).not_to_have_text("...")
    return page.locator("#status").inner_text()


@pytest.mark.duty(66, 67, 69, 70, 94, 95, 97, 98, 99, 108)
@pytest.mark.parametrize("document", [True, False], ids=["with a client id document", "that registers itself"])
def test_an_app_reads_one_section_and_nothing_else(
    person: Walker, werkpod: RunningServer, script: bytes, document: bool
) -> None:
    """Its user owns the pod and ticks "Je werk" only: not the other sections, the listings or the rules."""
    with_work(person, "Lotte Link")
    with StaticApp(script, document=document) as app:
        person.go(app.base + "/")
        person.page.get_by_label("Where do you keep your data?").fill(werkpod.base)
        person.page.get_by_role("button", name="Sign in").click()
        person.heading("Any Solid app vraagt iets").reads("Jij kiest wat Any Solid app mag zien")
        assert wrong(person.page, f"toestemming-vreemde-app-{document}") == []
        person.tick("Je werk", "Alleen zien").choose("Hoe lang mag dat?", "30 dagen").press("Ja, dat mag")
        who = person.page.locator("#who")
        expect(who).to_contain_text("/profile/card#me")
        pod = who.inner_text().removesuffix("profile/card#me")
        assert status_of(person, f"{pod}cv/experience") == "200"
        expect(person.page.locator("#body")).to_contain_text("Pakhuis Fictie")
        assert {path: status_of(person, pod + path) for path in REFUSED} == dict.fromkeys(REFUSED, "403")
        person.page.get_by_role("button", name="Sign out").click()
        expect(who).to_have_text("nobody")
        assert status_of(person, f"{pod}cv/experience") == "401"
