"""`werkpod vocab import esco` as an operator types it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from support.esco import write_esco

from werkpod.cli import main


def run(data: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a `vocab` command: (exit code, standard output, standard error)."""
    with pytest.raises(SystemExit) as ended:
        main(["vocab", *words, "--data", str(data)])
    output = capsys.readouterr()
    return int(ended.value.code or 0), output.out, output.err


def test_an_import_changes_what_is_in_use_and_removing_it_changes_it_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts, notice, which is in use and why; a setting that names another is told at the import."""
    data, source = tmp_path / "data", str(write_esco(tmp_path / "csv"))
    before = run(data, capsys, "status", "--json")[1]
    code, out, err = run(data, capsys, "import", "esco", source, "--languages", "nl,en")
    assert (code, "3 occupations, 4 competences, 8 links" in out, "search index" in err) == (0, True, True)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    after = json.loads(run(data, capsys, "status", "--json")[1])
    assert (after["in_use"], after["occupations"], after["languages"]) == ("esco", 3, ["nl", "en"])
    assert "European Commission" in after["notice"]
    assert [each["id"] for each in after["taxonomies"]] == ["starter", "esco"]
    monkeypatch.setenv("WERKPOD_TAXONOMY", "starter")
    assert "It is not the one in use, that is starter" in run(data, capsys, "import", "esco", source)[1]
    assert json.loads(run(data, capsys, "status", "--json")[1])["in_use"] == "starter"
    monkeypatch.delenv("WERKPOD_TAXONOMY")
    code, out, _ = run(data, capsys, "remove", "esco")
    assert (code, "uses starter from its next start" in out) == (0, True)
    assert run(data, capsys, "status", "--json")[1] == before


def test_what_is_wrong_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is not there; a status of a taxonomy that is set and was not imported has exit code 1."""
    code, out, err = run(tmp_path, capsys, "import", "esco", "/none")
    assert (code, out, "there is no such folder" in err) == (2, "", True)
    monkeypatch.setenv("WERKPOD_TAXONOMY", "esco")
    code, out, _ = run(tmp_path, capsys, "status")
    assert (code, "In use: none, a server does not start" in out) == (1, True)
