"""`werkpod vocab import competentnl` as an operator types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.competentnl import KEY, serving, write_turtle

from werkpod.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a `vocab` command on a data folder: (exit code, standard output, standard error)."""
    monkeypatch.setenv("WERKPOD_ALLOW_LOOPBACK", "1")
    monkeypatch.delenv("WERKPOD_COMPETENTNL_KEY", raising=False)

    def command(*words: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["vocab", *map(str, words), "--data", str(tmp_path / "data")])
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return command


def test_an_export_is_imported_told_used_and_removed(run: Run, tmp_path: Path) -> None:
    """Import, status as text and JSON, remove: what an operator sees."""
    code, out, err = run("import", "competentnl", write_turtle(tmp_path))
    assert (code, "4 occupations, 6 competences, 14 links" in out, "CC BY 4.0" in out) == (0, True, True)
    assert "A running server uses it from its next start." in out
    assert "competentnl-1.2.ttl" in err
    status = json.loads(run("status", "--json")[1])
    assert (status["in_use"], status["id"], status["version"]) == ("competentnl", "competentnl", "1.2")
    text = run("status")[1]
    assert text.startswith("In use: competentnl (taxonomy is auto: the only one that was imported (6)).")
    assert "Occupations without an ISCO-08 group (2)" in text
    code, out, _ = run("remove", "competentnl")
    assert (code, "uses starter from its next start (taxonomy is auto, and no other one" in out) == (0, True)
    assert run("remove", "competentnl")[0] == 2


def test_the_service_is_asked_with_a_key_from_a_file_or_the_environment(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never from the command line, where everybody on the machine can read it; without one it says how to give it."""
    (tmp_path / "key").write_text(f"{KEY}\n")
    with serving() as remote:
        words = ("import", "competentnl", "--api", remote.url, "--pause", "0")
        assert run(*words, "--key-file", tmp_path / "key")[0] == 0
        code, out, err = run(*words)
        assert (code, "--key-file" in err, "WERKPOD_COMPETENTNL_KEY" in err) == (2, True, True)
        monkeypatch.setenv("WERKPOD_COMPETENTNL_KEY", KEY)
        code, out, err = run(*words)
        assert (code, KEY in out + err) == (0, False)
        monkeypatch.setenv("WERKPOD_COMPETENTNL_KEY", "another")
        code, _, err = run(*words)
        assert (code, "127.0.0.1 does not take the key (it answered 403)" in err) == (2, True)
        monkeypatch.setenv("WERKPOD_ALLOW_LOOPBACK", "0")
        assert "must start with https" in run(*words)[2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "one of the two"),
        (("a.ttl", "--api", "https://cnl.example/"), "one of the two"),
        (("--api", "https://cnl.example/", "--page", "0"), "1 to 1000"),
        (("--api", "https://cnl.example/", "--key-file", "/none/key"), "'/none/key' cannot be read"),
        (("/none/a.ttl",), "a.ttl: the file cannot be read"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_what_is_right(run: Run, words: tuple[str, ...], says: str) -> None:
    """One sentence on standard error, exit code 2."""
    code, out, err = run("import", "competentnl", *words)
    assert (code, out) == (2, "")
    assert says in err


def test_a_disk_that_does_not_take_it_is_told(run: Run, tmp_path: Path) -> None:
    """Where the folder of packs should be is a file: the path and the reason, no traceback."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "vocab").write_text("")
    code, _, err = run("import", "competentnl", write_turtle(tmp_path))
    assert (code, "this cannot be written" in err, str(tmp_path / "data") in err) == (2, True, True)
