"""A real server process for tests: own data folder, own port, on loopback, ended by its process id."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from werkpod.vocab.files import make_folder
from werkpod.vocab.shipped import is_kept, keep, shipped_path
from werkpod.vocab.starter import starter_tables

_PORTS, _SHARE = 10_000, 2_000
"""Below the ports that a system gives to whoever connects (32768 and up on Linux), and how many a test worker has."""


def free_port() -> int:
    """A port that nobody listens on now and that no other worker of this run, and no client, is given meanwhile."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 10
    while True:
        port = _PORTS + worker * _SHARE + random.randrange(_SHARE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


_BUILT = Path(__file__).resolve().parents[2] / ".pytest_cache" / "built"
"""Where the starter taxonomy lies as the first server of all tests built it."""


def _seed(data: Path) -> None:
    """Give a new server the starter taxonomy as an earlier start would have built it: it takes a second."""
    own = shipped_path(data)
    if not own.exists():
        if not is_kept(_BUILT):
            keep(_BUILT, starter_tables())
        make_folder(own.parent)
        shutil.copy(shipped_path(_BUILT), own)


class RunningServer:
    """`werkpod serve` as a process. `base` is its address; `output` what it printed so far."""

    def __init__(
        self, data: Path, *, demo: bool = False, port: int | None = None, environ: dict[str, str] | None = None
    ) -> None:
        self.data, self.demo = data, demo
        self.port = port or free_port()
        self.base = f"http://localhost:{self.port}"
        self._environ = {**os.environ, "PYTHONWARNINGS": "error::DeprecationWarning:werkpod", **(environ or {})}
        self._log = data.parent / f"{data.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """Everything that the server printed."""
        return self._log.read_text("utf-8")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A `werkpod` command on the same data folder; raises where it fails."""
        command = [sys.executable, "-m", "werkpod", *words, "--data", str(self.data)]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=self._environ, timeout=120)

    def json(self, *words: str) -> Any:
        """The JSON that a `werkpod` command prints."""
        return json.loads(self.run(*words, "--base-url", self.base, "--json").stdout)

    def start(self) -> RunningServer:
        """Start and wait until it answers."""
        words = [
            "serve",
            "--data",
            str(self.data),
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--base-url",
            self.base,
        ]
        _seed(self.data)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "werkpod", *words, *(["--demo"] if self.demo else [])],
                stdout=log, stderr=subprocess.STDOUT, env=self._environ,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.output}")
            try:
                urllib.request.urlopen(f"{self.base}/health", timeout=2).read()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the server did not answer in 60 seconds:\n{self.output}")

    def kill(self) -> None:
        """End it as a power cut would, with SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(20)

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def __enter__(self) -> RunningServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
