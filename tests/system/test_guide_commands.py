"""`werkpod instruments`: guides are read and told of from the command line, and one is served."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from support.guides import RunningGuide, guide
from support.running import free_port

from werkpod.cli import main


async def werkpod(*words: str) -> int:
    """A command in a thread of this process; its exit code."""

    def run() -> int:
        with pytest.raises(SystemExit) as ended:
            main(words)
        return int(ended.value.code or 0)

    return await asyncio.to_thread(run)


def settings(folder: Path, running: RunningGuide) -> None:
    """A settings file with this guide."""
    source = running.source
    lines = [f'{name} = "{getattr(source, name)}"' for name in ("name", "kind", "url", "token")]
    (folder / "werkpod.toml").write_text("[[guides]]\n" + "\n".join(lines) + "\n")


async def test_a_guide_is_read_and_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refresh says how it went, and ends with 1 where a guide did not answer; status says it again, never the token."""
    data = ("--data", str(tmp_path))
    async with guide(page_size=30) as running:
        settings(tmp_path, running)
        assert await werkpod("instruments", "refresh", *data, "--json") == 0
        [told] = json.loads(capsys.readouterr().out)["guides"]
        assert (told["name"], told["instruments"], told["problem"]) == ("eva", len(running.server.items), "")
        running.front.always = (401, {}, b"")
        assert await werkpod("instruments", "refresh", "--guide", "eva", *data) == 1
        said = capsys.readouterr().out
        assert "token is not right" in said
        assert f"instruments: {len(running.server.items)}" in said
        assert await werkpod("instruments", "status", *data) == 0
        assert "token is not right" in capsys.readouterr().out
        assert await werkpod("instruments", "refresh", "--guide", "dennis", *data) == 2
        said = capsys.readouterr().err
        assert "'dennis'" in said
        assert "eva" in said
        assert running.source.token not in said


async def test_without_guides_the_status_says_what_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The starter catalogue."""
    assert await werkpod("instruments", "status", "--data", str(tmp_path)) == 0
    assert "starter catalogue" in capsys.readouterr().out


def test_a_guide_is_served_on_this_machine_with_a_token() -> None:
    """It prints where it is and what to send; without that it answers 401."""
    port = free_port()
    words = ["instruments", "serve-guide", "--kind", "dennis", "--port", str(port), "--as-new"]
    process = subprocess.Popen([sys.executable, "-m", "werkpod", *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        token = re.search(r"Its token: (\S+)", said)
        assert token is not None
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/instrument/list", headers={"Authorization": f"Bearer {token[1]}"}
        )
        answer = json.loads(urllib.request.urlopen(request, timeout=20).read())
        assert answer["data"][0]["name"] == "Loonkostensubsidie"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request.full_url, timeout=5)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout:
            process.stdout.close()


async def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert await werkpod("instruments", "serve-guide", "--port", port) == 2
    assert port in capsys.readouterr().err
