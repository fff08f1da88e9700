"""The command line, beside a running server and on its own."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pod_client import OwnPod
from support.running import RunningServer

from bench.client import Key, request


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """An empty server."""
    with RunningServer(tmp_path_factory.mktemp("cli") / "data") as running:
        yield running


def werkpod(*words: str) -> subprocess.CompletedProcess[str]:
    """A command with whatever outcome."""
    return subprocess.run([sys.executable, "-m", "werkpod", *words], capture_output=True, text=True, timeout=60)


def test_an_account_made_beside_a_running_server_works_at_once(server: RunningServer) -> None:
    """The printed WebID dereferences on the server that was running all the while."""
    made = server.json("account", "create", "lotte", "--password", "een lange zin voor lotte")
    assert made["webid"] == f"{server.base}/lotte/profile/card#me"
    assert made["storage"] == f"{server.base}/lotte/"
    assert made["issuer"] == server.base
    with urllib.request.urlopen(made["webid"].partition("#")[0]) as answer:
        assert f"<{server.base}>" in answer.read().decode()


def test_client_credentials_give_the_whole_own_pod_and_no_other(server: RunningServer) -> None:
    """With the credentials a script reads and writes all of its citizen's pod, access rules too, and nothing else."""
    server.json("account", "create", "mees", "--password", "een lange zin voor mees")
    server.json("account", "create", "fleur", "--password", "een lange zin voor fleur")
    pod = OwnPod(server, "mees", server.json("credentials", "create", "mees", "--label", "script"))
    assert pod.send("PUT", "cv/experience", b"<#a> <https://schema.org/name> 'x' .", "text/turtle").status in (200, 204)
    assert pod.send("PUT", "notes/deep/er", b"hello", "text/plain").status == 201
    assert pod.send("GET", "notes/deep/er").body == b"hello"
    assert pod.send("GET", ".acl").status == 200
    other = f"{server.base}/fleur/cv/experience"
    assert pod.send_to("GET", other).status == 403
    assert pod.send_to("PUT", other, b"<#a> <#b> <#c> .", "text/turtle").status == 403


def test_each_use_of_the_credentials_shows_up_in_nobody_elses_name(server: RunningServer) -> None:
    """A token is bound to the key that asked for it: another key's proof is refused."""
    server.json("account", "create", "tijn", "--password", "een lange zin voor tijn")
    pod = OwnPod(server, "tijn", server.json("credentials", "create", "tijn", "--label", "script"))
    url = f"{server.base}/tijn/cv/experience"
    stolen = {"Authorization": f"DPoP {pod.token}", "DPoP": Key().proof("GET", url, pod.token)}
    assert pod.raw(request("GET", url, stolen)).status == 401


def test_a_name_that_is_taken_is_refused_and_nothing_is_made(server: RunningServer) -> None:
    """One sentence on standard error, exit code 2, the first account untouched."""
    words = ["--data", str(server.data), "--base-url", server.base]
    made = server.json("account", "create", "saar", "--password", "een lange zin voor saar")
    again = werkpod("account", "create", "saar", "--password", "een andere lange zin", *words)
    assert again.returncode == 2
    assert "saar" in again.stderr
    assert "Traceback" not in again.stderr
    with urllib.request.urlopen(made["webid"].partition("#")[0]) as answer:
        assert answer.status == 200


def test_an_operator_may_choose_a_short_passphrase_and_is_warned(server: RunningServer) -> None:
    """A harness with "pw" works; standard error says what it is worth, standard output stays one JSON object."""
    answer = server.run("account", "create", "kort", "--password", "pw", "--base-url", server.base, "--json")
    assert json.loads(answer.stdout)["storage"] == f"{server.base}/kort/"
    assert "guessed" in answer.stderr


def test_the_largest_document_is_a_setting(tmp_path: Path) -> None:
    """With body_limit_mb = 1 a document of more is refused with 413, one of less is taken."""
    with RunningServer(tmp_path / "data", environ={"WERKPOD_BODY_LIMIT_MB": "1"}) as small:
        small.json("account", "create", "groot", "--password", "een lange zin voor groot")
        pod = OwnPod(small, "groot", small.json("credentials", "create", "groot", "--label", "script"))
        assert pod.send("PUT", "f/a", b"x" * (1 << 20), "text/plain").status == 201
        assert pod.send("PUT", "f/b", b"x" * ((1 << 20) + 1), "text/plain").status == 413
        assert pod.send("GET", "f/b").status == 404


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["credentials", "create", "niemand", "--label", "x"], "niemand"),
        (["serve", "--base-url", "werkpod.example"], "base_url"),
        (["vocab", "import", "esco", "/nowhere/at/all"], "/nowhere/at/all"),
    ],
)
def test_bad_input_is_named_in_one_sentence(tmp_path: Path, words: list[str], said: str) -> None:
    """No traceback, exit code 2, and the sentence names what was wrong."""
    answer = werkpod(*words, "--data", str(tmp_path / "data"))
    assert answer.returncode == 2, answer.stderr
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_port_that_is_taken_is_said_at_once(server: RunningServer, tmp_path: Path) -> None:
    """A second server on the same port ends with a sentence that names it."""
    answer = werkpod("serve", "--data", str(tmp_path / "data"), "--port", str(server.port))
    assert answer.returncode == 2
    assert str(server.port) in answer.stderr


def test_keys_can_be_read_by_their_owner_only(server: RunningServer) -> None:
    """Key files and databases have mode 0600, the folder 0700."""
    for name in ("root.key", "apps.keys", "keys.db", "pods.db", "consent.db", "ledger.db"):
        assert stat.S_IMODE(os.stat(server.data / name).st_mode) == 0o600, name
    assert stat.S_IMODE(os.stat(server.data).st_mode) == 0o700


def test_a_lost_root_key_is_not_quietly_replaced(tmp_path: Path) -> None:
    """With databases and without root key every command refuses, naming the file."""
    data = tmp_path / "data"
    words = ["--data", str(data), "--base-url", "http://localhost:8080"]
    assert werkpod("account", "create", "bo-test", "--password", "een lange zin voor bo", *words).returncode == 0
    (data / "root.key").rename(tmp_path / "root.key")
    refused = werkpod("account", "create", "jip-test", "--password", "een lange zin voor jip", *words)
    assert refused.returncode == 2
    assert "root.key" in refused.stderr
    (tmp_path / "root.key").rename(data / "root.key")
    assert werkpod("account", "create", "jip-test", "--password", "een lange zin voor jip", *words).returncode == 0


def test_the_taxonomy_in_use_is_the_starter_at_first(tmp_path: Path) -> None:
    """`vocab status` tells version, counts, languages and the licence notice."""
    words = ["--data", str(tmp_path / "data")]
    before = json.loads(werkpod("vocab", "status", "--json", *words).stdout)
    assert before["id"] == "starter"
    assert before["occupations"] >= 60
    assert before["in_use"] == "starter"


def test_what_a_pod_may_use_is_set_beside_a_running_server(server: RunningServer) -> None:
    """A number of MB holds from then on, `default` gives back what the server allows; nonsense is said and refused."""
    server.json("account", "create", "ruim", "--password", "een lange zin voor ruim")
    before = server.json("pod", "quota", "ruim")
    assert before["allowed"] == 4096 << 20
    assert before["used"] > 0
    assert server.json("reports") == {"reports": []}
    assert server.json("pod", "quota", "ruim", "2")["allowed"] == 2 << 20
    pod = OwnPod(server, "ruim", server.json("credentials", "create", "ruim", "--label", "schijf"))
    refused = pod.send("PUT", "groot", bytes(2 << 20), "application/octet-stream")
    assert (refused.status, json.loads(refused.body)["allowed"]) == (507, 2 << 20)
    assert server.json("pod", "quota", "ruim", "default")["allowed"] == before["allowed"]
    assert pod.send("PUT", "groot", bytes(2 << 20), "application/octet-stream").status == 201
    outcome = werkpod("pod", "quota", "ruim", "veel", "--data", str(server.data))
    assert (outcome.returncode, "1 or more" in outcome.stderr) == (2, True)
