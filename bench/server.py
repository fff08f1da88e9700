"""A Werkpod server of its own for a run: own data folder, own port, ended by its process id."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Owner:
    """A citizen with client credentials for the own pod."""

    webid: str
    storage: str
    issuer: str
    client_id: str
    client_secret: str


class Server:
    """`with Server() as server:` runs `werkpod serve` on loopback until the end of the block."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="werkpod-bench-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.base = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "werkpod", *words, "--data", str(self.data)]

    def run(self, *words: str) -> str:
        """The output of a `werkpod` command on this server's data folder."""
        return subprocess.run(self._command(*words), check=True, capture_output=True, text=True).stdout

    def __enter__(self) -> Server:
        words = ("serve", "--host", "127.0.0.1", "--port", str(self.port), "--base-url", self.base)
        self.process = subprocess.Popen(self._command(*words), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.base}/health", timeout=1).read()
                return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server did not start within 30 seconds")

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.data, ignore_errors=True)

    def owner(self, name: str) -> Owner:
        """A new citizen and their client credentials, made beside the running server."""
        common = ("--base-url", self.base, "--json")
        account = json.loads(self.run("account", "create", name, "--password", "een lange zin voor de bank", *common))
        made = json.loads(self.run("credentials", "create", name, "--label", "bench", *common))
        return Owner(account["webid"], account["storage"], made["issuer"], made["client_id"], made["client_secret"])

    def cpu_seconds(self) -> float:
        """CPU time that the server has used, user and system."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """Resident memory of the server in MB."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
