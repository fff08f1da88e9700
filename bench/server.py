"""A Werkpod server of its own for a run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bench.processes import ServerProcess


@dataclass(frozen=True, slots=True)
class Owner:
    """A citizen with client credentials for the own pod."""

    webid: str
    storage: str
    issuer: str
    client_id: str
    client_secret: str


class Server(ServerProcess):
    """`with Server() as server:` runs `werkpod serve` on loopback until the end of the block."""

    name = "Werkpod"

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "werkpod", *words, "--data", str(self.data)]

    def command(self) -> Sequence[str]:
        return self._words("serve", "--host", "127.0.0.1", "--port", str(self.port), "--base-url", self.base)

    def folder(self) -> None:
        """Where the bench is started, so that the code measured is the code that lies there."""

    def ready_url(self) -> str:
        return self.base + "/health"

    def run(self, *words: str) -> str:
        """The output of a `werkpod` command on this server's data folder."""
        return subprocess.run(self._words(*words), check=True, capture_output=True, text=True).stdout

    def owner(self, name: str) -> Owner:
        """A new citizen and their client credentials, made beside the running server."""
        common = ("--base-url", self.base, "--json")
        account = json.loads(self.run("account", "create", name, "--password", "een lange zin voor de bank", *common))
        made = json.loads(self.run("credentials", "create", name, "--label", "bench", *common))
        return Owner(account["webid"], account["storage"], made["issuer"], made["client_id"], made["client_secret"])
