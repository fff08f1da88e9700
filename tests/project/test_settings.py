"""Settings: sources, errors, documentation."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from werkpod.config import HELP, SettingError, Settings, load

DOCS = Path(__file__).resolve().parents[2] / "docs/operations.md"


def test_every_setting_is_explained_and_documented() -> None:
    """A setting that is missing in the table or in the docs fails here."""
    names = {field.name for field in msgspec.structs.fields(Settings)}
    assert names == set(HELP)
    documented = DOCS.read_text("utf-8")
    assert [name for name in sorted(names) if f"| `{name}` |" not in documented] == []


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    """Command line, environment, file, default: in this order."""
    (tmp_path / "werkpod.toml").write_text('organisation = "file"\nport = 1\nhost = "file"\n')
    environ = {"WERKPOD_PORT": "2", "WERKPOD_HOST": "environ"}
    settings = load({"data": tmp_path, "host": "line"}, environ)
    assert (settings.host, settings.port, settings.organisation) == ("line", 2, "file")
    assert settings.base_url == "http://localhost:2"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"port": "many"}, ["port", "many"]),
        ({"port": 70000}, ["port", "70000"]),
        ({"base_url": "werkpod.example"}, ["base_url", "werkpod.example"]),
        ({"base_url": "https://werkpod.example/pods"}, ["base_url", "/pods"]),
        ({"base_url": "http://werkpod.example"}, ["base_url", "https"]),
        ({"ledger_sync": "perhaps"}, ["ledger_sync", "perhaps"]),
        ({"taxonomy": "onet"}, ["taxonomy", "onet", "competentnl"]),
        ({"colour": "blue"}, ["colour", "base_url"]),
    ],
)
def test_an_error_names_key_and_value(given: dict[str, object], words: list[str]) -> None:
    """A setting that cannot be used is refused with a sentence that says which and why."""
    with pytest.raises(SettingError) as caught:
        load(given, {})
    assert all(word in str(caught.value) for word in words)


def test_a_named_settings_file_must_be_there(tmp_path: Path) -> None:
    """WERKPOD_CONFIG that names no file is an error, not silence."""
    with pytest.raises(SettingError, match=r"nowhere\.toml"):
        load({}, {"WERKPOD_CONFIG": str(tmp_path / "nowhere.toml")})


def test_a_slash_at_the_end_of_the_base_url_is_taken_off() -> None:
    """The issuer is the base URL byte for byte, so it has one form."""
    assert load({"base_url": "https://werkpod.example/"}, {}).base_url == "https://werkpod.example"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"issuer": "http://inlog.example"}, ["issuer", "https"]),
        ({"name": "Gemeente!"}, ["Gemeente!", "a-z"]),
        ({"client_secret": ""}, ["client_secret_file"]),
        ({"client_auth": "private_key_jwt"}, ["private_key_file"]),
        ({"client_secret_file": "/nergens"}, ["/nergens"]),
        ({"scope": "profile"}, ["openid"]),
        ({"role": "king"}, ["sign_in_with", "king"]),
        ({"clientid": "x"}, ["clientid"]),
    ],
)
def test_an_outside_provider_that_is_not_right_is_named(changed: dict[str, object], words: list[str]) -> None:
    """Each mistake says which provider or key, and no message repeats a secret."""
    said = {
        "name": "gemeente", "label": "Gemeente", "issuer": "https://inlog.example", "client_id": "werkpod",
        "client_secret": "heel geheim", **changed,
    }  # fmt: skip
    with pytest.raises(SettingError) as caught:
        load({"sign_in_with": [said]}, {})
    assert all(word in str(caught.value) for word in words)
    assert "heel geheim" not in str(caught.value)


def test_outside_providers_come_from_the_file_or_the_environment(tmp_path: Path) -> None:
    """A [[sign_in_with]] table in TOML, or JSON in the environment."""
    (tmp_path / "werkpod.toml").write_text(
        '[[sign_in_with]]\nname = "a"\nlabel = "A"\nissuer = "https://a.example"\n'
        'client_id = "x"\nclient_auth = "none"\n'
    )
    assert [one.name for one in load({"data": tmp_path}, {}).sign_in_with] == ["a"]
    said = '[{"name":"b","label":"B","issuer":"https://b.example","client_id":"x","client_auth":"none"}]'
    assert [one.name for one in load({}, {"WERKPOD_SIGN_IN_WITH": said}).sign_in_with] == ["b"]
