"""Signing up: a whole account with a pod, or nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.oauth import BASE, PASSPHRASE, OAuthServer, oauth_server

from werkpod.consent.errors import NameUnfit, PassphraseTooWeak, SignUpFailed, TooManyTries
from werkpod.pod.errors import PodUnavailable, SlugRefused, SlugTaken, StoreFailure
from werkpod.pod.store.protocol import Statement
from werkpod.vocab.sections import CV_SECTIONS


async def test_signing_up_makes_an_account_with_a_pod(server: OAuthServer) -> None:
    """Account, directory entry, WebID document and empty sections are there."""
    account, code = await server.accounts.sign_up("Anna de Vries", PASSPHRASE)
    assert account.slug == "anna-de-vries"
    assert account.webid == f"{BASE}/anna-de-vries/profile/card#me"
    assert account.storage == f"{BASE}/anna-de-vries/"
    assert len(code.replace("-", "")) == 28
    pod = await server.pods.directory.find("anna-de-vries")
    assert pod is not None
    assert pod.id == account.id
    for section in CV_SECTIONS:
        assert await server.pods.storage.head(account.id, section.path) is not None
    card = await server.pods.storage.get(account.id, "profile/card")
    assert card is not None
    assert BASE.encode() in card.body


async def test_an_account_is_found_by_id_user_name_and_webid(server: OAuthServer) -> None:
    """And by nothing else."""
    anna = await server.citizen(role="coach", lang="en")
    assert await server.accounts.get(anna.id) == anna
    assert await server.accounts.by_slug(anna.slug) == anna
    assert await server.accounts.by_webid(anna.webid) == anna
    assert await server.accounts.with_role("coach") == [anna]
    assert await server.accounts.with_role("employer") == []
    assert await server.accounts.get("0" * 26) is None
    assert await server.accounts.by_slug("bram") is None
    assert await server.accounts.by_webid(anna.webid + "x") is None


async def test_people_of_one_name_get_user_names_of_their_own(server: OAuthServer) -> None:
    """The second is numbered; a user name that was asked for and is taken is refused."""
    made = [await server.citizen("Jan Jansen") for _ in range(3)]
    assert [a.slug for a in made] == ["jan-jansen", "jan-jansen-2", "jan-jansen-3"]
    with pytest.raises(SlugTaken):
        await server.citizen("Jan Jansen", slug="jan-jansen")


async def test_at_once_is_as_one_after_the_other(server: OAuthServer) -> None:
    """Eight people of one name who sign up together get eight accounts that all work."""
    made = await asyncio.gather(*(server.citizen("Jan Jansen") for _ in range(8)))
    assert len({a.slug for a in made}) == 8
    for account in made:
        assert await server.accounts.get(account.id) == account
        assert await server.pods.directory.find(account.slug) is not None


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200b", "a\x00b", "x" * 81, "Anna\u202evries", "!!!"])
async def test_a_name_must_be_readable(server: OAuthServer, name: str) -> None:
    """Empty, endless or invisible names are refused."""
    with pytest.raises(NameUnfit):
        await server.citizen(name)


@pytest.mark.parametrize("slug", ["ab", "a" * 41, "Anna", "anna_x", "admin", "oauth", "-anna", "anna-", "ánna", "a/b"])
async def test_a_user_name_must_be_one(server: OAuthServer, slug: str) -> None:
    """Short, long, other characters or Werkpod's own words are refused."""
    with pytest.raises(SlugRefused):
        await server.citizen("Anna", slug=slug)


@pytest.mark.parametrize(
    ("passphrase", "good"),
    [
        ("kort", False),
        ("elf tekens!", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("Anna de Vries", False),
        ("annadevries", False),
        ("ANNA  DE  VRIES", False),
        ("x" * 257, False),
        ("een twee drie vier", True),
        ("ik ga nu weg", True),
        ("twaalf-teken", True),
    ],
)
async def test_a_passphrase_has_twelve_characters_or_four_words(
    server: OAuthServer, passphrase: str, good: bool
) -> None:
    """Short ones, one letter over and over, and the name itself are refused, before anything is made."""
    if good:
        await server.accounts.sign_up("Anna de Vries", passphrase)
        return
    with pytest.raises(PassphraseTooWeak):
        await server.accounts.sign_up("Anna de Vries", passphrase)
    assert await rows(server) == 0


async def rows(server: OAuthServer) -> int:
    """How many accounts there are rows of, whole or half."""
    found = (await server.consent.fetch("SELECT count(*) FROM account"))[0][0]
    assert isinstance(found, int)
    return found


class Broken(Exception):
    """Something that nobody expected."""


@pytest.mark.parametrize("error", [StoreFailure("disk full"), Broken(), asyncio.CancelledError()])
async def test_a_step_that_fails_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    """Provisioning fails half-way: no account, no keys, no resources, and the user name is free again."""
    pods: list[str] = []

    async def make(pod: Any, *, name: str, role: str) -> None:
        pods.append(pod.id)
        await server.pods.storage.put(pod.id, "half", b"made", "text/plain")
        if len(pods) == 1:
            raise error

    async with oauth_server(tmp_path, make=make) as server:
        expected = SignUpFailed if isinstance(error, StoreFailure) else type(error)
        with pytest.raises(expected):
            await server.accounts.sign_up("Anna", PASSPHRASE)
        assert await rows(server) == 0
        assert await server.pods.directory.find("anna") is None
        with pytest.raises(PodUnavailable):
            await server.pods.vault.open(pods[0])
        left = await server.pods.pods.fetch("SELECT count(*) FROM resource WHERE pod = ?1", pods[0])
        assert left[0][0] == 0
        account, _ = await server.accounts.sign_up("Anna", PASSPHRASE)
        assert account.slug == "anna"


async def test_a_user_name_that_the_directory_has_given_out_is_passed_over(server: OAuthServer) -> None:
    """The name of a pod that was erased is not given to another; what was begun under it is taken back."""
    anna = await server.citizen("Anna")
    await server.pods.vault.erase(anna.id)
    await server.pods.directory.remove(anna.id)
    await server.consent.write(Statement("DELETE FROM account WHERE id = ?1", (anna.id,)))
    again = await server.citizen("Anna")
    assert again.slug == "anna-2"
    assert await rows(server) == 1


async def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    """A half-made account blocks its user name for ten minutes, then `sweep` or the next sign-up clears it."""
    begun = asyncio.Event()

    async def make(pod: Any, *, name: str, role: str) -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()

    async with oauth_server(tmp_path, make=make) as server:
        task = asyncio.create_task(server.accounts.sign_up("Anna", PASSPHRASE))
        await begun.wait()
        assert await server.accounts.by_slug("anna") is None
        assert await server.accounts.sweep() == 0
        with pytest.raises(SlugTaken):
            await server.accounts.sign_up("Anna", PASSPHRASE, slug="anna")
        server.clock.now += 601
        assert await server.accounts.sweep() == 1
        assert (await server.accounts.sign_up("Anna", PASSPHRASE, slug="anna"))[0].slug == "anna"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await server.accounts.by_slug("anna") is not None


async def test_an_address_cannot_make_accounts_without_end(tmp_path: Path) -> None:
    """Sign-ups are counted for an address; the command line, which has none, is not counted."""
    from werkpod.consent.accounts.limits import LIMITS

    async with oauth_server(tmp_path, limits={**LIMITS, "sign-up-address": "2 per 10 minutes"}) as server:
        for _ in range(2):
            await server.citizen(address="203.0.113.7")
        with pytest.raises(TooManyTries) as caught:
            await server.citizen(address="203.0.113.7")
        assert 1 <= int(caught.value.headers["Retry-After"]) <= 600
        assert caught.value.status == 429
        await server.citizen()


async def test_nothing_of_an_account_is_readable_in_the_database(server: OAuthServer) -> None:
    """No name, user name, WebID, passphrase hash or recovery code in any file, WAL included."""
    account, code = await server.accounts.sign_up("Zoë Wonderbaar", PASSPHRASE)
    session = await server.sessions.start(account.id)
    files = b"".join(path.read_bytes() for path in server.folder.iterdir() if path.is_file())
    assert account.id.encode() in files
    secrets = (
        "Wonderbaar",
        "wonderbaar",
        account.slug,
        account.webid,
        "argon2",
        PASSPHRASE,
        code,
        code.replace("-", ""),
    )
    for text in (*secrets, session.partition(".")[2]):
        assert text.encode() not in files, text
