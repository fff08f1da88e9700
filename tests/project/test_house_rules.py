"""What holds for every file of the project."""

from __future__ import annotations

import ipaddress
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.site import whole_site

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
HOSTS = {
    "data.europa.eu", "joinup.ec.europa.eu", "json-schema.org", "jsonresume.org", "linkeddata.competentnl.nl",
    "purl.org", "schema.org", "solidproject.org", "standaarden.overheid.nl", "www.autoriteitpersoonsgegevens.nl",
    "w3id.org", "www.w3.org", "xmlns.com", "localhost",
}  # fmt: skip
"""Where terms, standards and licences have their names, complaints go, and this machine. Nothing is fetched there."""
INVENTED = ("example", "test", "invalid", "example.org", "example.com", "example.net")
"""Names that never lead anywhere (RFC 2606)."""


def tracked() -> list[Path]:
    """The files that belong to the project."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: which files belong to the project is not known")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def lines(*, vendored: bool = True) -> Iterator[tuple[str, str]]:
    """Place ("file:line") and text of each line of each text file."""
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path == Path(__file__).resolve() or (not vendored and "static/vendor/" in name):
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        yield from ((f"{name}:{number}", line) for number, line in enumerate(text.splitlines(), 1))


def named_hosts(line: str) -> Iterator[str]:
    """The hosts of the addresses in a line; where one is put together at run time there is none."""
    for found in re.findall(
        r"\b(?:https?|ftp|git|ssh)://(?:[^\s/@\"'<>]*@)?([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,})", line
    ):
        yield found.lower().rstrip(".")


def is_invented(host: str) -> bool:
    """Whether a name leads nowhere by standard."""
    return any(host == name or host.endswith("." + name) for name in INVENTED)


def test_no_address_leads_to_a_place_to_download_from() -> None:
    """Each address in the project is a name of a term or standard, this machine, or invented."""
    strange = [
        (place, host)
        for place, line in lines()
        for host in named_hosts(line)
        if not is_invented(host) and host not in HOSTS
    ]
    assert strange == []


def test_package_lists_name_no_place() -> None:
    """Lock files have versions and checksums; where packages come from is a setting of the machine."""
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"://|--(extra-)?index-url|--find-links|@ file", text), name


def test_no_internet_address_is_written_as_numbers() -> None:
    """Numbers are of this machine, of private networks, or kept for documentation."""
    for place, line in lines(vendored=False):
        for found in re.findall(r"//(\d{1,3}(?:\.\d{1,3}){3})\b", line):
            assert not ipaddress.ip_address(found).is_global, place


def test_no_path_of_a_machine_of_ours_is_written_down() -> None:
    """Not of the folder that this checkout is in, nor of anybody's home."""
    here = [str(ROOT), str(ROOT.parent / "shared"), str(Path.home())]
    homes = re.compile(r"(?<![\w.<>}])/(?:root|home/\w+|Users/\w+)/")
    wrong = [
        place for place, line in lines() if homes.search(line) or any(len(p) > 5 and p + "/" in line for p in here)
    ]
    assert wrong == []


def test_no_number_of_an_issue_is_written_down() -> None:
    """A reason is told, not referred to."""
    number = re.compile(
        r"\b(?:issue|ticket|bug|pull request|PR|GH)[ -]?#?\d+\b|(?<![\w&/\"'<`])#\d{1,5}\b(?!-)", re.IGNORECASE
    )
    wrong = [f"{place}: {line.strip()}" for place, line in lines(vendored=False) if number.search(line)]
    assert wrong == []


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    """400 lines at most."""
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in tracked()
        if path.suffix == ".py" and ROOT / "werkpod" in path.parents
        and (count := len(path.read_text("utf-8").splitlines())) > LONGEST
    }  # fmt: skip
    assert long == {}


def test_no_task_is_left_in_a_comment() -> None:
    """What is to be done is not kept in the code."""
    wrong = [place for place, line in lines(vendored=False) if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line)]
    assert wrong == []


def test_every_decision_has_a_number_of_its_own_and_tells_why() -> None:
    """0001, 0002, ... no number twice; the title has it too; context, decision, consequences."""
    records = sorted(path for path in (ROOT / "docs/decisions").glob("*.md") if path.name != "README.md")
    assert [path.name for path in records if not re.match(r"\d{4}-[a-z]", path.name)] == []
    numbers = [int(path.name[:4]) for path in records]
    assert len(numbers) == len(set(numbers)) > 0
    for number, path in zip(numbers, records, strict=True):
        text = path.read_text("utf-8")
        assert text.startswith(f"# {number}. "), path.name
        assert [part for part in ("Context", "Decision", "Consequences") if f"\n## {part}\n" not in text] == [], (
            path.name
        )


def test_the_list_of_decisions_has_none_or_all() -> None:
    """A list that names some would mislead."""
    index = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    records = [path.name for path in (ROOT / "docs/decisions").glob("0*.md")]
    assert sum(name in index for name in records) in (0, len(records))


TEMPLATES = sorted((ROOT / "werkpod").glob("**/templates/**/*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "werkpod").as_posix())
def test_every_page_says_its_language(path: Path) -> None:
    """A template has an `html` with `lang`, comes down to one that has, or is a piece of a page."""
    text = path.read_text("utf-8")
    if "<html" in text:
        assert '<html lang="{{ lang }}"' in text
    elif parent := re.search(r'{%-? extends "([^"]+)"', text):
        assert any(each.as_posix().endswith(f"/templates/{parent[1]}") for each in TEMPLATES), parent[1]
    else:
        assert not re.search(r"<!doctype|<(head|body)[ >]", text, re.IGNORECASE), "a page without html has no language"


@pytest.mark.parametrize("lang", ["nl", "en"])
async def test_every_kind_of_page_comes_in_the_reader_s_language(tmp_path: Path, lang: str) -> None:
    """The front door, an app, a service, a form and an error: `lang` is what the reader asked for."""
    async with whole_site(tmp_path) as site:
        visitor = site.visitor(lang=lang)
        for path in ("/", "/inloggen", "/apps/beroep/", "/apps/isco/", "/apps/gids/", "/apps/bestaat-niet"):
            answer = await visitor.get(path)
            assert f'<html lang="{lang}">' in answer.text, (path, answer.status_code)
