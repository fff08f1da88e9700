"""Other Solid servers, measured beside Werkpod: from npm, into `bench/peers`, by its lock file, when first asked for.

Each runs as it comes: what is set is the address, the folder, and what somebody needs to sign in. Nothing of them is in
Werkpod.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.client import Key
from bench.operations import IN_JSON_LD, IN_TURTLE
from bench.processes import ServerProcess
from bench.server import Owner

FOLDER = Path(__file__).parent / "peers"
_MODULES = FOLDER / "node_modules"
_MAIL, _PASSWORD = "bench@example.org", "een lange zin voor de bank"


def install() -> None:
    """Put the peers in place, as the lock file has them. Takes a minute, once."""
    lock = FOLDER / "package-lock.json"
    stamp = _MODULES / ".installed"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    if shutil.which("npm") is None:
        raise SystemExit("npm is missing; the other servers run on Node 20 or newer")
    print("Installing the other servers into bench/peers ...", flush=True)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=FOLDER, check=True)
    shutil.copy(lock, stamp)


def _post(url: str, sent: dict[str, object], **headers: str) -> Any:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(
        url, json.dumps(sent).encode(), {"Content-Type": "application/json", "Accept": "application/json", **headers}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def _get(url: str, **headers: str) -> Any:
    asked = urllib.request.Request(url, headers={"Accept": "application/json", **headers})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


class CommunitySolidServer(ServerProcess):
    """Community Solid Server, in memory, as `config/default.json` has it; "file": as `config/file.json` has it."""

    name = "CSS"
    config = "default"

    def command(self) -> Sequence[str]:
        seed = self.data / "seed.json"
        seed.write_text(json.dumps([{"email": _MAIL, "password": _PASSWORD, "pods": [{"name": "bench"}]}]))
        return [
            "node", str(_MODULES / "@solid/community-server/bin/server.js"), "-c", f"@css:config/{self.config}.json",
            "-p", str(self.port), "-b", self.base + "/", "-f", str(self.data / "pods"), "--seedConfig", str(seed),
        ]  # fmt: skip

    def owner(self) -> Owner:
        """The seeded person, with client credentials from the account API."""
        controls = _get(self.base + "/.account/")["controls"]
        token = _post(controls["password"]["login"], {"email": _MAIL, "password": _PASSWORD})["authorization"]
        signed_in = {"Authorization": f"CSS-Account-Token {token}"}
        controls = _get(self.base + "/.account/", **signed_in)["controls"]
        webid = f"{self.base}/bench/profile/card#me"
        made = _post(controls["account"]["clientCredentials"], {"name": "bench", "webId": webid}, **signed_in)
        return Owner(webid, f"{self.base}/bench/", self.base, made["id"], made["secret"])


class CommunitySolidServerFile(CommunitySolidServer):
    """The same on files."""

    name, config = "CSS file", "file"


class JavaScriptSolidServer(ServerProcess):
    """javascript-solid-server with its own identity provider. As it comes it takes and gives JSON-LD, and no Turtle."""

    name = "JSS"
    form = IN_JSON_LD
    options: tuple[str, ...] = ()

    def command(self) -> Sequence[str]:
        return [
            "node", str(_MODULES / "javascript-solid-server/bin/jss.js"), "start", "--port", str(self.port),
            "--host", "127.0.0.1", "--root", str(self.data / "pods"), "--idp", "--idp-issuer", self.base + "/",
            *self.options,
        ]  # fmt: skip

    def owner(self) -> Owner:
        """A new person with a password, which is what a token is asked for with."""
        made = _post(self.base + "/.pods", {"name": "bench", "email": _MAIL, "password": _PASSWORD})
        return Owner(made["webId"], made["podUri"], self.base, _MAIL, _PASSWORD)

    def mend(self) -> None:
        """Its file of what is used breaks when two write at once, and then every write fails: put a broken one away."""
        file = self.data / "pods/bench/.quota.json"
        with contextlib.suppress(OSError, ValueError):
            said = file.read_text()
            try:
                json.loads(said)
            except ValueError:
                file.unlink()

    def login(self, owner: Owner, key: Key) -> str:
        """A token that is bound to `key`, from the address that this server has for programs."""
        url = self.base + "/idp/credentials"
        sent = {"email": owner.client_id, "password": owner.client_secret}
        return str(_post(url, sent, DPoP=key.proof("POST", url))["access_token"])


class JavaScriptSolidServerTurtle(JavaScriptSolidServer):
    """The same with --conneg, so that it takes and gives Turtle."""

    name, form, options = "JSS Turtle", IN_TURTLE, ("--conneg",)


PEERS: dict[str, type[ServerProcess]] = {
    "jss": JavaScriptSolidServer,
    "jss-turtle": JavaScriptSolidServerTurtle,
    "css": CommunitySolidServer,
    "css-file": CommunitySolidServerFile,
}
"""The servers that `--peers` can name."""
