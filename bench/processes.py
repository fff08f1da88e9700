"""A server process for a run: own data folder, own port on loopback, measured from /proc, ended by its process id."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """`with server:` runs it until the end of the block. `base`: its address, without a slash at the end."""

    name = "server"
    host = "localhost"

    def __init__(self, keep: Path | None = None, port: int | None = None) -> None:
        """`keep`: a data folder that stays afterwards; None: one of its own, that goes."""
        self.keep = keep
        self.data = keep or Path(tempfile.mkdtemp(prefix="werkpod-bench-"))
        self.port = port or free_port()
        self.base = f"http://{self.host}:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        """What starts it."""
        raise NotImplementedError

    def folder(self) -> Path | None:
        """Where it is started: what it may write beside its data goes with the data."""
        return self.data

    def ready_url(self) -> str:
        """What answers once it runs; any status will do."""
        return self.base + "/"

    def mend(self) -> None:
        """Called all the time under load: for a server that breaks under it, so that there is something to measure."""

    def __enter__(self) -> ServerProcess:
        with (self.data / "output.txt").open("wb") as output:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder(), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.ready_url(), timeout=5).read()
                return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                time.sleep(0.05)
        said = (self.data / "output.txt").read_text(errors="replace")[-2000:]
        self.__exit__()
        raise SystemExit(f"{self.name} did not start:\n{said}")

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self.keep is None:
            shutil.rmtree(self.data, ignore_errors=True)

    def cpu_seconds(self) -> float:
        """CPU time that the server has used, user and system, of all its threads and of its children."""
        total = 0
        for pid in self._family():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
                total += sum(int(field) for field in fields[11:15])  # its own, and of children that ended
        return total / _TICKS

    def memory_mb(self) -> float:
        """Resident memory of the server and its children, in MB of 2^20 bytes."""
        total = 0
        for pid in self._family():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                total += int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
        return total / 1024

    def _family(self) -> list[int]:
        assert self.process is not None
        family = [self.process.pid]
        for pid in family:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    family += [int(child) for child in (task / "children").read_text().split()]
        return family
