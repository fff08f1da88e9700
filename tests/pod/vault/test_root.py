"""The root key file: made once, whole, for its owner only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from werkpod.pod.errors import RootKeyRefused
from werkpod.pod.vault import FileRootKeys

GOOD_KEY = "A" * 43


def test_a_new_file_is_for_its_owner_only_and_leaves_no_draft(tmp_path: Path) -> None:
    """The file is made with mode 0600, also under a generous umask, and nothing else stays in the folder."""
    before = os.umask(0)
    try:
        root = FileRootKeys(tmp_path / "root.key")
    finally:
        os.umask(before)
    assert root.current == 1
    assert (tmp_path / "root.key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["root.key"]


def test_a_file_that_exists_is_used_as_it_is(tmp_path: Path) -> None:
    """The second start derives the same keys as the first and does not touch the file."""
    first = FileRootKeys(tmp_path / "root.key").derive(1, "slot", "a", "b")
    content = (tmp_path / "root.key").read_bytes()
    assert FileRootKeys(tmp_path / "root.key").derive(1, "slot", "a", "b") == first
    assert (tmp_path / "root.key").read_bytes() == content


def test_two_files_give_two_keys(tmp_path: Path) -> None:
    """A root key is random."""
    assert FileRootKeys(tmp_path / "a").derive(1, "slot") != FileRootKeys(tmp_path / "b").derive(1, "slot")


def test_context_cannot_be_shifted(tmp_path: Path) -> None:
    """Each list of purpose and context has a key of its own, also where the letters run together to the same."""
    root = FileRootKeys(tmp_path / "root.key")
    contexts = [("slot", "ab", "c"), ("slot", "a", "bc"), ("slot", "abc"), ("slota", "b", "c"), ("slot", "ab", "c", "")]
    assert len({root.derive(1, *context) for context in contexts}) == len(contexts)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602, 0o610])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    """A file with any right for group or others is refused, with the file, its mode and the mode that is right."""
    path = tmp_path / "root.key"
    FileRootKeys(path)
    path.chmod(mode)
    with pytest.raises(RootKeyRefused, match=rf"{path} has mode {mode:04o}.*0600"):
        FileRootKeys(path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "line 1"),
        ("something else\n", "line 1"),
        ("werkpod root key 1\n", "holds no key"),
        ("werkpod root key 1\n1 short\n", "line 2"),
        (f"werkpod root key 1\none {GOOD_KEY}\n", "line 2"),
        (f"werkpod root key 1\n1 {GOOD_KEY}\n1 {GOOD_KEY}\n", "line 3"),
        (f"werkpod root key 1\n1 {GOOD_KEY}\n2 {GOOD_KEY[:-1]}!\n", "line 3"),
        (f"werkpod root key 1\n1 {GOOD_KEY}AAAA\n", "line 2"),
    ],
)
def test_a_damaged_file_is_refused_with_the_line(tmp_path: Path, content: str, complaint: str) -> None:
    """A file that is not what it should be is refused with its name and line, and is left alone."""
    path = tmp_path / "root.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(RootKeyRefused, match=complaint) as caught:
        FileRootKeys(path)
    assert str(path) in str(caught.value)
    assert GOOD_KEY not in str(caught.value)
    assert path.read_text() == content


def test_several_versions_live_side_by_side(tmp_path: Path) -> None:
    """The highest version is current, lower ones still derive, and one that was destroyed is refused by number."""
    path = tmp_path / "root.key"
    path.write_text(f"werkpod root key 1\n2 {GOOD_KEY}\n3 {'B' * 42}A\n")
    path.chmod(0o600)
    root = FileRootKeys(path)
    assert root.current == 3
    assert root.derive(2, "slot") != root.derive(3, "slot")
    with pytest.raises(RootKeyRefused, match="version 1"):
        root.derive(1, "slot")


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    """Where no key may be made, or none can be, the error names the path."""
    with pytest.raises(RootKeyRefused, match=r"root\.key"):
        FileRootKeys(tmp_path / "root.key", create=False)
    assert os.listdir(tmp_path) == []
    with pytest.raises(RootKeyRefused, match="nowhere"):
        FileRootKeys(tmp_path / "nowhere" / "root.key")
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(RootKeyRefused):
        FileRootKeys(tmp_path / "folder")


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Of several processes that find no file, one makes it and all derive the same keys from it."""
    script = (
        "import sys; from werkpod.pod.vault import FileRootKeys; sys.stdin.read();"
        "print(FileRootKeys(sys.argv[1]).derive(1, 'slot').hex())"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "root.key")]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    outputs = []
    for process in processes:
        assert process.stdout is not None
        outputs.append(process.stdout.read())
        process.stdout.close()
        assert process.wait() == 0
    assert len(set(outputs)) == 1
    assert os.listdir(tmp_path) == ["root.key"]
