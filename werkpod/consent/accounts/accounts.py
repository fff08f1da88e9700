"""Accounts: made whole or not at all, found by user name, name or WebID, proven by a passphrase or a recovery code.

An account is not readable in the database: look-up columns are keyed hashes, the record and the argon2 hash are sealed
under the keys of the person's own pod, so that they go with the pod. Two people may have one name, never one user name.

**Half-made.** Sign-up is five steps: a row that reserves the user name (state 0), the pod's keys, its first resources,
its place in the directory, the row made whole (state 1). A step that fails takes back what was made; what a killed
process left is taken away by `sweep`, or when the user name is asked for again.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, cast

import msgspec

from werkpod.consent.accounts.limits import Limiter
from werkpod.consent.accounts.model import Account, Role
from werkpod.consent.accounts.names import clean_name, name_key, numbered, slug_stem
from werkpod.consent.accounts.passphrases import Hasher, check_passphrase
from werkpod.consent.accounts.recovery import code_hash, new_code
from werkpod.consent.errors import (
    AccountUnknown,
    RecoveryRefused,
    SignInRefused,
    SignUpFailed,
    TooManyTries,
)
from werkpod.pod.addresses import is_slug
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.errors import PodUnavailable, SlugRefused, SlugTaken
from werkpod.pod.store.protocol import Database, Duplicate, ExpectationFailed, Row, Statement
from werkpod.pod.vault import SERVER, Vault
from werkpod.web.errors import WerkpodError
from werkpod.web.ids import secret, ulid

HALF_MADE_SECONDS = 600.0
"""A sign-up that has not ended after this long never will."""
_ATTEMPTS = 30
_COLUMNS = "id, sealed, passphrase, recovery"


class Provision(Protocol):
    """Makes the first resources of a new pod (`pod.provision.provision`, with its storage and issuer filled in)."""

    def __call__(self, pod: Pod, *, name: str, role: Role) -> Awaitable[None]:
        """Write WebID document, access rules, empty sections and inbox."""
        ...


class EraseResources(Protocol):
    """Takes away all rows of a pod's resources (`ResourceStorage.erase`)."""

    def __call__(self, pod: str) -> Awaitable[None]:
        """Idempotent; needs no keys."""
        ...


class _Record(msgspec.Struct, frozen=True):
    """The sealed part of an account."""

    name: str
    slug: str
    role: Role
    webid: str
    storage: str
    lang: str = "nl"


@dataclass(frozen=True, slots=True)
class _Found:
    account: Account
    passphrase: str
    recovery: bytes


class Accounts:
    """The accounts of this server. `provision` and `erase_resources` are the pod's; `base_url` is the issuer."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        directory: PodDirectory,
        *,
        provision: Provision,
        erase_resources: EraseResources,
        base_url: str,
        limiter: Limiter | None = None,
        hasher: Hasher | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._vault, self._directory = database, vault, directory
        self._provision, self._erase_resources = provision, erase_resources
        self._base = base_url
        self._limiter, self._hasher = limiter or Limiter(), hasher or Hasher()
        self._clock = clock

    # Signing up

    async def sign_up(
        self,
        name: str,
        passphrase: str,
        *,
        role: Role = "citizen",
        slug: str | None = None,
        lang: str = "nl",
        address: str = "",
        by_operator: bool = False,
    ) -> tuple[Account, str]:
        """A new account with its pod, and the recovery code, which is never shown again.

        `by_operator`: on the command line, where whoever runs the server answers for how strong the passphrase is.

        Raises NameUnfit, PassphraseTooWeak, SlugRefused, SlugTaken (only where `slug` is given), TooManyTries,
        SignUpFailed (then nothing of it is left).
        """
        name = clean_name(name)
        if slug is not None and not is_slug(slug):
            raise SlugRefused("A user name has 3 to 40 of a-z, 0-9 and hyphens, and is not a word that Werkpod uses.")
        check_passphrase(passphrase, name, slug or "", by_operator=by_operator)
        await self._limit("sign-up-address", address)
        return await self._named_freely(name, slug, role, lang, await self._hasher.hash(passphrase))

    async def sign_up_outside(
        self, name: str, *, role: Role = "citizen", lang: str = "nl", address: str = ""
    ) -> tuple[Account, str]:
        """A new account of somebody who signs in through an outside provider, and the recovery code.

        It has no passphrase that anybody knows; the recovery code sets one. Raises NameUnfit, TooManyTries,
        SignUpFailed.
        """
        name = clean_name(name)
        await self._limit("sign-up-address", address)
        return await self._named_freely(name, None, role, lang, await self._hasher.hash(secret()))

    async def _named_freely(
        self, name: str, slug: str | None, role: Role, lang: str, hashed: str
    ) -> tuple[Account, str]:
        """The account under `slug`, else under the first user name that is free. Raises SlugTaken, SignUpFailed."""
        stem = slug or slug_stem(name)
        for attempt in range(_ATTEMPTS):
            chosen = stem if attempt == 0 else numbered(stem, attempt)
            try:
                return await self._make(name, chosen, role, lang, hashed)
            except SlugTaken:
                if slug is not None:
                    raise
        raise SignUpFailed("No free user name was found for this name; choose one yourself.")

    async def _make(self, name: str, slug: str, role: Role, lang: str, hashed: str) -> tuple[Account, str]:
        account = Account(
            ulid(self._clock()), name, slug, role, f"{self._base}/{slug}/profile/card#me", f"{self._base}/{slug}/", lang
        )
        await self._reserve(account)
        code = new_code()
        try:
            await self._vault.create(account.id)
            pod = Pod(account.id, slug, account.webid, account.storage)
            await self._provision(pod, name=name, role=role)
            await self._directory.create(slug, pod_id=account.id)
            await self._complete(account, hashed, code)
        except BaseException as error:
            await self._take_back(account.id)
            if isinstance(error, (WerkpodError, ExpectationFailed)) and not isinstance(error, SlugTaken):
                raise SignUpFailed(f"The pod could not be made: {error}.") from error
            raise
        return account, code

    async def _reserve(self, account: Account) -> None:
        """Take the user name. Raises SlugTaken."""
        slug_hash = (await self._vault.open(SERVER)).lookup("account-slug", account.slug)
        insert = Statement(
            "INSERT INTO account (id, state, slug_hash, created) VALUES (?1, 0, ?2, ?3)",
            (account.id, slug_hash, self._clock()),
        )
        try:
            await self._database.write(insert)
        except Duplicate:
            rows = await self._database.fetch(
                "SELECT id FROM account WHERE slug_hash = ?1 AND state = 0 AND created < ?2",
                slug_hash, self._clock() - HALF_MADE_SECONDS,
            )  # fmt: skip
            if not rows:
                raise SlugTaken(f"The user name {account.slug} is taken.") from None
            await self._take_back(str(rows[0][0]))
            raise SlugTaken(f"The user name {account.slug} was being cleared; try again.") from None

    async def _complete(self, account: Account, hashed: str, code: str) -> None:
        server, own = await self._vault.open(SERVER), await self._vault.open(account.id)
        record = _Record(account.name, account.slug, account.role, account.webid, account.storage, account.lang)
        await self._database.write(
            Statement(
                "UPDATE account SET state = 1, name_hash = ?2, webid_hash = ?3, role_hash = ?4, sealed = ?5,"
                " passphrase = ?6, recovery = ?7 WHERE id = ?1 AND state = 0",
                (
                    account.id,
                    server.lookup("account-name", name_key(account.name)),
                    server.lookup("account-webid", account.webid),
                    server.lookup("account-role", account.role),
                    own.seal_record("account", account.id, msgspec.json.encode(record)),
                    own.seal_record("passphrase", account.id, hashed.encode()),
                    code_hash(code),
                ),
                rows=1,
            )
        )

    async def _take_back(self, account_id: str) -> None:
        """Undo a sign-up that did not end, whatever of it was made."""
        await self._vault.erase(account_id)
        await self._erase_resources(account_id)
        await self._directory.remove(account_id)
        await self._database.write(Statement("DELETE FROM account WHERE id = ?1 AND state = 0", (account_id,)))

    async def sweep(self) -> int:
        """Take away what killed processes left half-made; how many. For the start of a server."""
        rows = await self._database.fetch(
            "SELECT id FROM account WHERE state = 0 AND created < ?1", self._clock() - HALF_MADE_SECONDS
        )
        for row in rows:
            await self._take_back(str(row[0]))
        return len(rows)

    # Finding

    async def get(self, account_id: str) -> Account | None:
        """The account of this id, or None."""
        found = await self._one("id = ?1", account_id)
        return found.account if found else None

    async def by_slug(self, slug: str) -> Account | None:
        """The account of this user name, or None."""
        found = await self._by_slug(slug)
        return found.account if found else None

    async def by_webid(self, webid: str) -> Account | None:
        """The account of this WebID, or None."""
        found = await self._one("webid_hash = ?1", await self._key("account-webid", webid))
        return found.account if found else None

    async def with_role(self, role: Role) -> list[Account]:
        """All accounts of a role, in the order in which they were made: the coaches that a citizen may pick from."""
        key = await self._key("account-role", role)
        rows = await self._database.fetch(
            f"SELECT {_COLUMNS} FROM account WHERE state = 1 AND role_hash = ?1 ORDER BY id",  # noqa: S608
            key,
        )
        return [found.account for row in rows if (found := await self._open(row)) is not None]

    # Signing in

    async def verify(self, slug_or_name: str, passphrase: str, *, address: str = "") -> Account:
        """The account of somebody who knows its passphrase. Raises SignInRefused, TooManyTries.

        One answer, after the same work, whether the name is unknown, is two people's, or the passphrase is wrong.
        """
        found = await self._named(slug_or_name)
        whom = found.account.id if found else name_key(slug_or_name)[:200]
        await self._limit("sign-in-address", address)
        await self._limit("sign-in-name", whom)
        right = await self._hasher.verify(found.passphrase if found else None, passphrase)
        if found is None or not right:
            raise SignInRefused("The name or the passphrase is wrong.")
        await self._limiter.forgive("sign-in-name", whom)
        if self._hasher.outdated(found.passphrase):
            await self._store_passphrase(found.account.id, await self._hasher.hash(passphrase))
        return found.account

    async def recover(
        self, slug_or_name: str, code: str, new_passphrase: str, *, address: str = ""
    ) -> tuple[Account, str]:
        """Set a new passphrase with the recovery code; the account and its next code. All sessions end.

        Raises PassphraseTooWeak, RecoveryRefused (one answer, same work), TooManyTries.
        """
        check_passphrase(new_passphrase, slug_or_name)
        found = await self._named(slug_or_name)
        whom = found.account.id if found else name_key(slug_or_name)[:200]
        await self._limit("recovery-address", address)
        await self._limit("recovery-name", whom)
        hashed = await self._hasher.hash(new_passphrase)
        if not hmac.compare_digest(found.recovery if found else b"", code_hash(code)) or found is None:
            raise RecoveryRefused("The name or the recovery code is wrong.")
        following = new_code()
        own = await self._vault.open(found.account.id)
        try:
            await self._database.write(
                Statement(
                    "UPDATE account SET passphrase = ?2, recovery = ?3 WHERE id = ?1 AND recovery = ?4",
                    (
                        found.account.id,
                        own.seal_record("passphrase", found.account.id, hashed.encode()),
                        code_hash(following),
                        found.recovery,
                    ),
                    rows=1,
                ),
                Statement("DELETE FROM session WHERE pod = ?1", (found.account.id,)),
            )
        except ExpectationFailed:  # used a moment ago
            raise RecoveryRefused("The name or the recovery code is wrong.") from None
        await self._limiter.forgive("recovery-name", whom)
        await self._limiter.forgive("sign-in-name", whom)
        return found.account, following

    # Changing

    async def renew_recovery(self, account_id: str) -> str:
        """A new recovery code in place of the old one. Raises AccountUnknown."""
        code = new_code()
        await self._update(account_id, "recovery = ?2", code_hash(code))
        return code

    async def change_passphrase(self, account_id: str, old: str, new: str) -> None:
        """Set another passphrase; all sessions end. Raises SignInRefused for a wrong old one, PassphraseTooWeak."""
        found = await self._one("id = ?1", account_id)
        if found is None:
            raise AccountUnknown("There is no such account.")
        check_passphrase(new, found.account.name, found.account.slug)
        await self._limit("sign-in-name", account_id)
        if not await self._hasher.verify(found.passphrase, old):
            raise SignInRefused("The passphrase is wrong.")
        await self._limiter.forgive("sign-in-name", account_id)
        await self._store_passphrase(account_id, await self._hasher.hash(new))
        await self._database.write(Statement("DELETE FROM session WHERE pod = ?1", (account_id,)))

    async def _store_passphrase(self, account_id: str, hashed: str) -> None:
        own = await self._vault.open(account_id)
        await self._update(account_id, "passphrase = ?2", own.seal_record("passphrase", account_id, hashed.encode()))

    async def _update(self, account_id: str, assignment: str, value: bytes) -> None:
        sql = f"UPDATE account SET {assignment} WHERE id = ?1 AND state = 1"  # noqa: S608
        try:
            await self._database.write(Statement(sql, (account_id, value), rows=1))
        except ExpectationFailed:
            raise AccountUnknown("There is no such account.") from None

    # Look-up

    async def _named(self, slug_or_name: str) -> _Found | None:
        """By user name; else by name, where only one person has it."""
        found = await self._by_slug(slug_or_name.strip().lower())
        return found or await self._one("name_hash = ?1", await self._key("account-name", name_key(slug_or_name)))

    async def _by_slug(self, slug: str) -> _Found | None:
        return await self._one("slug_hash = ?1", await self._key("account-slug", slug))

    async def _one(self, where: str, value: str | bytes) -> _Found | None:
        sql = f"SELECT {_COLUMNS} FROM account WHERE state = 1 AND {where} LIMIT 2"  # noqa: S608
        rows = await self._database.fetch(sql, value)
        return await self._open(rows[0]) if len(rows) == 1 else None

    async def _open(self, row: Row) -> _Found | None:
        account_id, sealed, passphrase, recovery = cast("tuple[str, bytes, bytes, bytes]", row)
        try:
            own = await self._vault.open(account_id)
        except PodUnavailable:
            return None
        record = msgspec.json.decode(own.open_record("account", account_id, sealed), type=_Record)
        account = Account(account_id, record.name, record.slug, record.role, record.webid, record.storage, record.lang)
        return _Found(account, own.open_record("passphrase", account_id, passphrase).decode(), recovery)

    async def _key(self, purpose: str, value: str) -> bytes:
        return (await self._vault.open(SERVER)).lookup(purpose, value)

    async def _limit(self, what: str, whom: str) -> None:
        """Count a try; nobody in particular (the command line) is not counted. Raises TooManyTries."""
        if whom and (seconds := await self._limiter.wait(what, whom)):
            raise TooManyTries(seconds)
