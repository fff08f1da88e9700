"""Signing in, recovering, and what somebody who guesses learns."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from support.oauth import PASSPHRASE, OAuthServer, oauth_server

from werkpod.consent.accounts.limits import LIMITS
from werkpod.consent.accounts.passphrases import Hasher
from werkpod.consent.errors import AccountUnknown, PassphraseTooWeak, RecoveryRefused, SignInRefused, TooManyTries

NEW = "groene trein fluit zacht"


@pytest.mark.parametrize("name", ["anna-de-vries", "Anna de Vries", "ANNA  DE VRIES ", " Anna-De-Vries"])
async def test_a_person_signs_in_by_user_name_or_name(server: OAuthServer, name: str) -> None:
    """Capitals and spaces do not matter."""
    anna = await server.citizen()
    assert await server.accounts.verify(name, PASSPHRASE) == anna


async def test_spaces_and_unicode_forms_of_a_passphrase_do_not_matter(server: OAuthServer) -> None:
    """How a keyboard writes an accent, or a double space, keeps nobody out; capitals do matter."""
    await server.accounts.sign_up("Anna", "cafe\u0301 op de hoek")
    await server.accounts.verify("anna", " caf\u00e9  op de hoek ")
    with pytest.raises(SignInRefused):
        await server.accounts.verify("anna", "CAFÉ OP DE HOEK")


async def test_wrong_is_wrong_in_one_way(server: OAuthServer) -> None:
    """A wrong passphrase, an unknown name and a name that two people have are answered alike."""
    await server.citizen()
    await server.citizen("Jan Jansen")
    await server.citizen("Jan Jansen")
    answers = []
    for name, passphrase in (("anna-de-vries", "wrong"), ("nobody", PASSPHRASE), ("Jan Jansen", PASSPHRASE), ("", "")):
        with pytest.raises(SignInRefused) as caught:
            await server.accounts.verify(name, passphrase)
        answers.append((caught.value.detail, caught.value.status, caught.value.headers))
    assert len({str(a) for a in answers}) == 1
    await server.accounts.verify("jan-jansen-2", PASSPHRASE)


async def test_an_unknown_name_costs_the_same_work() -> None:
    """For a name that nobody has a hash is verified too: as many, with the same parameters."""
    counted: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            counted.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)  # type: ignore[arg-type,return-value]

    hasher = Hasher(Counting(time_cost=1, memory_cost=1024, parallelism=1))
    known = await hasher.hash("paarse fiets")
    assert await hasher.verify(known, "paarse fiets")
    assert not await hasher.verify(None, "paarse fiets")
    assert not await hasher.verify(None, "no passphrase at all")
    assert len(counted) == 3
    assert len(set(counted)) == 1


async def test_the_default_is_argon2id_of_rfc_9106() -> None:
    """64 MiB, three passes."""
    assert (await Hasher().hash("paarse fiets")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(tmp_path: Path) -> None:
    """Signing in under stronger parameters stores a new hash, once."""
    async with oauth_server(tmp_path) as server:
        anna = await server.citizen()
        before = await stored(server, anna.id)
        server.accounts._hasher = Hasher(PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1))
        await server.accounts.verify(anna.slug, PASSPHRASE)
        after = await stored(server, anna.id)
        assert after != before
        await server.accounts.verify(anna.slug, PASSPHRASE)
        assert await stored(server, anna.id) == after


async def stored(server: OAuthServer, account_id: str) -> object:
    """The sealed hash of an account."""
    return (await server.consent.fetch("SELECT passphrase FROM account WHERE id = ?1", account_id))[0][0]


async def test_hashing_does_not_hold_up_the_loop_and_is_bounded() -> None:
    """While many sign in, the event loop turns; never more hashes at once than allowed."""
    running, most = 0, 0

    class Watching(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                return super().hash(password, salt=salt)
            finally:
                running -= 1

    hasher = Hasher(Watching(time_cost=2, memory_cost=8192, parallelism=1), at_once=2)
    work = asyncio.gather(*(hasher.hash(f"passphrase {n}") for n in range(12)))
    turns = 0
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    assert len(set(await work)) == 12
    assert turns > 12
    assert most <= 2


async def test_guessing_at_one_person_is_slowed_down(tmp_path: Path) -> None:
    """After ten wrong tries even the right passphrase waits, whichever name is used and whatever the address."""
    async with oauth_server(tmp_path) as server:
        await server.citizen()
        for n in range(10):
            with pytest.raises(SignInRefused):
                await server.accounts.verify(
                    "anna-de-vries" if n % 2 else "Anna de Vries", "wrong", address=f"10.0.0.{n}"
                )
        with pytest.raises(TooManyTries) as caught:
            await server.accounts.verify("anna-de-vries", PASSPHRASE, address="10.1.1.1")
        assert 1 <= int(caught.value.headers["Retry-After"]) <= 600


async def test_guessing_at_a_name_that_nobody_has_is_slowed_down_alike(server: OAuthServer) -> None:
    """The limit does not tell whether there is an account."""
    for _ in range(10):
        with pytest.raises(SignInRefused):
            await server.accounts.verify("nobody", "wrong")
    with pytest.raises(TooManyTries):
        await server.accounts.verify("nobody", "wrong")


async def test_a_right_passphrase_clears_the_count(server: OAuthServer) -> None:
    """Somebody who mistypes now and then is not shut out."""
    await server.citizen()
    for _ in range(3):
        for _ in range(6):
            with pytest.raises(SignInRefused):
                await server.accounts.verify("anna-de-vries", "wrong")
        await server.accounts.verify("anna-de-vries", PASSPHRASE)


async def test_guessing_from_one_address_is_slowed_down(tmp_path: Path) -> None:
    """Many names from one address are counted together; another address goes on."""
    async with oauth_server(tmp_path, limits={**LIMITS, "sign-in-address": "5 per 10 minutes"}) as server:
        anna = await server.citizen()
        for n in range(5):
            with pytest.raises(SignInRefused):
                await server.accounts.verify(f"name-{n}", "wrong", address="203.0.113.7")
        with pytest.raises(TooManyTries):
            await server.accounts.verify(anna.slug, PASSPHRASE, address="203.0.113.7")
        assert await server.accounts.verify(anna.slug, PASSPHRASE, address="203.0.113.8") == anna


# Recovery


async def test_a_recovery_code_sets_a_new_passphrase_once(server: OAuthServer) -> None:
    """The code works once, is replaced by another, ends all sessions; the old passphrase is over."""
    anna, code = await server.accounts.sign_up("Anna de Vries", PASSPHRASE)
    session = await server.sessions.start(anna.id)
    found, following = await server.accounts.recover("Anna de Vries", code, NEW)
    assert found == anna
    assert following != code
    assert await server.sessions.account(session) is None
    assert await server.accounts.verify(anna.slug, NEW) == anna
    with pytest.raises(SignInRefused):
        await server.accounts.verify(anna.slug, PASSPHRASE)
    with pytest.raises(RecoveryRefused):
        await server.accounts.recover(anna.slug, code, NEW)
    await server.accounts.recover(anna.slug, following, PASSPHRASE)


async def test_a_code_may_be_typed_as_people_type(server: OAuthServer) -> None:
    """Small letters, spaces for hyphens, O for 0 and l for 1 are the same code."""
    _, code = await server.accounts.sign_up("Anna de Vries", PASSPHRASE)
    typed = " " + code.lower().replace("-", " ").replace("0", "o").replace("1", "l") + "\n"
    await server.accounts.recover("anna-de-vries", typed, NEW)


async def test_a_code_used_by_two_at_once_works_for_one(server: OAuthServer) -> None:
    """Ten parallel uses: one success."""
    _, code = await server.accounts.sign_up("Anna de Vries", PASSPHRASE)
    tries = [server.accounts.recover("anna-de-vries", code, NEW) for _ in range(5)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(a, tuple) for a in answers) == 1
    assert sum(isinstance(a, RecoveryRefused) for a in answers) == 4


async def test_wrong_codes_are_answered_alike_and_slowed_down(server: OAuthServer) -> None:
    """A wrong code and an unknown name are one answer; after five tries one waits."""
    _, code = await server.accounts.sign_up("Anna de Vries", PASSPHRASE)
    answers = set()
    for name in ("anna-de-vries", "nobody"):
        for _ in range(5):
            with pytest.raises(RecoveryRefused) as caught:
                await server.accounts.recover(name, "0000-0000-0000-0000-0000-0000-0000", NEW)
            answers.add((caught.value.detail, caught.value.status))
        with pytest.raises(TooManyTries):
            await server.accounts.recover(name, code, NEW)
    assert len(answers) == 1


async def test_a_weak_new_passphrase_uses_no_code(server: OAuthServer) -> None:
    """What is refused at sign-up is refused here, and the code stays good."""
    _, code = await server.accounts.sign_up("Anna de Vries", PASSPHRASE)
    with pytest.raises(PassphraseTooWeak):
        await server.accounts.recover("anna-de-vries", code, "kort")
    await server.accounts.recover("anna-de-vries", code, NEW)


async def test_a_code_can_be_renewed(server: OAuthServer) -> None:
    """A new code replaces the lost one."""
    anna, code = await server.accounts.sign_up("Anna de Vries", PASSPHRASE)
    renewed = await server.accounts.renew_recovery(anna.id)
    with pytest.raises(RecoveryRefused):
        await server.accounts.recover(anna.slug, code, NEW)
    await server.accounts.recover(anna.slug, renewed, NEW)
    with pytest.raises(AccountUnknown):
        await server.accounts.renew_recovery("0" * 26)


async def test_a_passphrase_can_be_changed_by_who_knows_it(server: OAuthServer) -> None:
    """The old one is asked; all sessions end."""
    anna = await server.citizen()
    session = await server.sessions.start(anna.id)
    with pytest.raises(SignInRefused):
        await server.accounts.change_passphrase(anna.id, "wrong", NEW)
    with pytest.raises(PassphraseTooWeak):
        await server.accounts.change_passphrase(anna.id, PASSPHRASE, "kort")
    await server.accounts.change_passphrase(anna.id, PASSPHRASE, NEW)
    assert await server.sessions.account(session) is None
    assert await server.accounts.verify(anna.slug, NEW) == anna


async def test_recovery_codes_have_140_bits_in_groups() -> None:
    """Seven groups of four, none like another, no letters that look like digits."""
    from werkpod.consent.accounts.recovery import code_hash, new_code

    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(c) == 34 and [len(g) for g in c.split("-")] == [4] * 7 for c in codes)
    assert not set("".join(codes)) & set("ILOU")
    assert len({code_hash(c) for c in codes}) == 200
