"""What the documents tell a reader to do works, and gives what they say that it gives."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.documents import Block, blocks, other_shape
from support.running import RunningServer

from werkpod.cli import _parser, main

ROOT = Path(__file__).resolve().parents[2]
SHOWN_BASE = "http://localhost:8080"
KINDS = {"sh", "json", "http", "python", "text", ""}
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md")])
MAKE_TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server as `make run` starts it."""
    with RunningServer(tmp_path_factory.mktemp("docs") / "data", demo=True) as running:
        yield running


class Reader:
    """Somebody who does what a document says, block after block, in a folder of their own."""

    def __init__(self, server: RunningServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.output = ""
        self.script, self.printed = "", ""

    def read(self, block: Block) -> None:
        """Do what a block says, or compare what it shows with what came."""
        if block.kind == "sh":
            for command in block.commands:
                self.output = self._run(command)
        elif block.kind == "json":
            differences = other_shape(json.loads(block.text), json.loads(self.output))
            assert not differences, f"line {block.line}: {differences}\n{self.output[:2000]}"
        elif block.kind == "http":
            self._compare_heads(block)
        elif block.kind == "python":
            self._python(block)
        elif block.kind == "text":
            self.printed += block.text

    def finish(self) -> None:
        """Run the script that the document's pieces make, and compare all that it prints."""
        if self.script:
            (self.folder / "script.py").write_text(self.script, "utf-8")
            assert self._program([sys.executable, "script.py"]) == self.printed

    def _run(self, command: str) -> str:
        if command.startswith("make "):
            assert command.split()[1] in MAKE_TARGETS, f"there is no such target: {command}"
            return self.output
        command = command.replace(SHOWN_BASE, self.server.base).replace(".venv/bin/python", shlex.quote(sys.executable))
        command = command.replace("--data data", f"--data {shlex.quote(str(self.server.data))}")
        if command.startswith(".venv/bin/werkpod "):
            return self._werkpod(shlex.split(command)[1:])
        return self._program(
            ["bash", "-euo", "pipefail", "-c", re.sub(r"^curl ", "curl --no-progress-meter ", command)]
        )

    def _werkpod(self, words: list[str]) -> str:
        """A command of ours, in this process: to start Python and load everything takes most of a second, and
        tests/system/test_command_line.py does that."""
        file = ""
        if ">" in words:
            *words, _, file = words
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 0, words
        if file:
            (self.folder / file).write_text(printed.getvalue(), "utf-8")
            return ""
        return printed.getvalue()

    def _program(self, words: list[str]) -> str:
        done = subprocess.run(
            words, cwd=self.folder, capture_output=True, text=True, timeout=60,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)])},
        )  # fmt: skip
        assert done.returncode == 0, f"{words[-1]}\n{done.stderr}"
        return done.stdout

    def _compare_heads(self, block: Block) -> None:
        status, *shown = block.text.replace(SHOWN_BASE, self.server.base).strip().splitlines()
        head = self.output.partition("\n\n")[0].replace("\r", "").splitlines()
        assert head[0] == status, f"line {block.line}"
        assert set(shown) <= set(head), f"line {block.line}: {head}"

    def _python(self, block: Block) -> None:
        if not (self.folder / "pod.py").exists():
            (self.folder / "pod.py").write_text(block.text, "utf-8")
        else:
            self.script += block.text + "\n"


@pytest.mark.parametrize("name", ["README.md", "docs/api.md", "docs/solid.md"])
def test_every_example_runs_and_gives_what_is_shown(server: RunningServer, tmp_path: Path, name: str) -> None:
    """Each command ends well, each answer has the shape that is shown, each script prints what is shown."""
    if not shutil.which("curl"):
        pytest.skip("no curl here, which the examples use")
    found = blocks(ROOT / name)
    assert any(block.kind == "sh" for block in found)
    reader = Reader(server, tmp_path)
    for block in found:
        assert block.kind in KINDS - {""}, f"{name}, line {block.line}: say what the block holds"
        reader.read(block)
    reader.finish()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_names_is_there(page: Path) -> None:
    """Each file of ours that is named in a page exists, each make target too, each `werkpod` command can be given."""
    text = page.read_text("utf-8")
    spans = re.findall(r"`([^`\n]+)`", text)
    for span in spans:
        if re.fullmatch(r"(docs|tests|werkpod|bench)/[\w./-]*|[A-Z]{4,}(\.md)?|\w+\.(toml|yml|lock)", span):
            here = [ROOT / span, *ROOT.glob(f"werkpod/**/{span}")]
            assert any(each.exists() for each in here) or span in NAMED_BY_OTHERS, f"{page.name} names {span}"
        if re.fullmatch(r"make [a-z]+", span):
            assert span.split()[1] in MAKE_TARGETS, f"{page.name} names {span}"
    for command in _werkpod_commands(spans, blocks(page)):
        words = re.sub(r"\[(.*?)\]", r"\1", command)
        for name, value in {"PORT": "8080", "--port N": "--port 8080"}.items():
            words = words.replace(name, value)
        _parser().parse_args(shlex.split(words)[1:])


NAMED_BY_OTHERS = {"werkpod.toml", "EUPL", "POST", "PATCH", "DELETE"}
"""What reads like a file of ours and is none: a file that an operator may write, words."""


def _werkpod_commands(spans: list[str], found: list[Block]) -> list[str]:
    lines = [line for block in found if block.kind in ("", "sh") for line in block.text.splitlines()]
    given = re.compile(r"^(\.venv/bin/)?werkpod [a-z]")
    return [line.partition(" > ")[0] for line in [*spans, *lines] if given.match(line) and "|" not in line]
