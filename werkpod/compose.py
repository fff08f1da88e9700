"""The composition root: builds the parts and gives each what it needs. `site.py` puts the application in front."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from werkpod.apps.instruments.keeper import SECONDS as INSTRUMENTS_SECONDS
from werkpod.apps.instruments.keeper import Keeper
from werkpod.chores import Chore
from werkpod.config import SettingError, Settings
from werkpod.consent.accounts import Account, Accounts, Limiter, Sessions
from werkpod.consent.accounts.names import slug_stem
from werkpod.consent.accounts.outside import OutsideDoor, outside_door, private_hosts
from werkpod.consent.asking import REQUESTS, Asking, Delivery
from werkpod.consent.asking.asking import SECONDS as ASKING_SECONDS
from werkpod.consent.dashboard.with_coach import CoachSharing
from werkpod.consent.grants import Grants
from werkpod.consent.grants.documents import SWEEP_SECONDS, GrantDocuments
from werkpod.consent.ledger import Acts, Ledger, SignedHeads
from werkpod.consent.ledger.acts import SECONDS as ACTS_SECONDS
from werkpod.consent.ledger.heads import SECONDS as HEADS_SECONDS
from werkpod.consent.ledger.index import SECONDS as INDEX_SECONDS
from werkpod.consent.ledger.journal import Journal
from werkpod.consent.links import ShareLinks
from werkpod.consent.mandates import Mandates, WithinMandate, acting_now
from werkpod.consent.oauth.carrier import Parts
from werkpod.consent.oauth.clients import Clients
from werkpod.consent.oauth.credentials import Credentials
from werkpod.consent.oauth.flow import Authorization
from werkpod.consent.oauth.keys import SigningKeys
from werkpod.consent.oauth.store import TokenStore
from werkpod.consent.proof import ProofKeys
from werkpod.consent.proof.keys import POLL as PROOF_SECONDS
from werkpod.consent.publishing import SECONDS as PUBLICATIONS_SECONDS
from werkpod.consent.publishing import Publications
from werkpod.consent.receipts.expiry import SECONDS as EXPIRY_SECONDS
from werkpod.consent.receipts.expiry import Expiry
from werkpod.consent.receipts.receipts import Receipts
from werkpod.consent.reminding import Reminders
from werkpod.consent.reminding.telling import SECONDS as REMINDING_SECONDS
from werkpod.consent.reminding.telling import Reminding
from werkpod.guides import keeper_of
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.issuers import ForeignIssuers
from werkpod.pod.authn.replay import ReplayCache
from werkpod.pod.authn.tokens import OwnKeys
from werkpod.pod.directory import PodDirectory
from werkpod.pod.elsewhere import Elsewhere
from werkpod.pod.notify.hub import Room
from werkpod.pod.notify.notifications import Notifications
from werkpod.pod.provision import provision
from werkpod.pod.service import PodService
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.store.sqlite import SqliteDatabase, open_database
from werkpod.pod.usage import Usage
from werkpod.pod.vault import SERVER, FileRootKeys, Vault
from werkpod.vocab.taxonomy import Taxonomy, active
from werkpod.web.client import GuardedTransport, OwnApp, guarded_client
from werkpod.web.errors import NotFound
from werkpod.web.pages import Pages

EMPLOYER_CLIENT = "/apps/werkgever/client.jsonld"
"""Where the client id document of the employer's app is: the one app that may open share links."""


@dataclass(frozen=True, slots=True)
class House:
    """All parts, open. Made by `opened`."""

    settings: Settings
    pods: PodDirectory
    storage: ResourceStorage
    service: PodService
    notifications: Notifications
    authenticator: Authenticator
    accounts: Accounts
    sessions: Sessions
    grants: Grants
    ledger: Ledger
    acts: Acts
    heads: SignedHeads
    asking: Asking
    links: ShareLinks
    mandates: Mandates
    proof: ProofKeys
    receipts: Receipts
    outside: OutsideDoor
    credentials: Credentials
    authorization: Authorization
    limiter: Limiter
    replay: ReplayCache
    http: httpx2.AsyncClient
    own: OwnApp
    apps_secret: bytes
    reminders: Reminders
    publications: Publications
    instruments: Keeper
    chores: tuple[Chore, ...] = ()

    def taxonomy(self) -> Taxonomy:
        """The taxonomy in use: what is set or imported, else the starter. Takes up to a second; call it once."""
        return active(self.settings.data, self.settings.taxonomy)

    def coach_sharing(self, pages: Pages) -> CoachSharing:
        """What begins and ends sharing with a coach; `pages` translates the message that the coach gets."""
        return CoachSharing(
            grants=self.grants, pods=self.pods, service=self.service, pages=pages, base_url=self.settings.base_url
        )

    async def account_named(self, name: str) -> Account:
        """The account whose pod has this name, or the name that is made of it. Raises NotFound."""
        account = await self.accounts.by_slug(name) or await self.accounts.by_slug(slug_stem(name))
        if account is None:
            raise NotFound(f"There is no account {name!r} here; give the name of the pod, as in its address.")
        return account


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """The house on a data folder, made when it is new; closed in order at the end of the block.

    Raises SettingError where the folder cannot be used; any number of processes may have it open at once.
    """
    data = settings.data
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data / "vocab").mkdir(exist_ok=True)
    except OSError as error:
        raise SettingError(f"data = {str(data)!r} cannot be used: {error.strerror}.") from error
    async with AsyncExitStack() as stack:

        def database(name: str, migrations: str, **how: bool) -> SqliteDatabase:
            opened_ = open_database(data / name, migrations, **how)
            stack.push_async_callback(opened_.close)
            return opened_

        root = FileRootKeys(data / "root.key", create=not (data / "keys.db").exists())
        vault = Vault(database("keys.db", "werkpod.pod.migrations.keys", secure_delete=True), root)
        await vault.ensure(SERVER)
        house = await _build(
            settings,
            vault,
            pods_db=database("pods.db", "werkpod.pod.migrations.pods", shrinks=True),
            consent_db=database("consent.db", "werkpod.consent.migrations"),
            ledger_db=database(
                "ledger.db", "werkpod.consent.ledger.migrations", durable=settings.ledger_sync == "full", inline=True
            ),
        )
        stack.push_async_callback(house.ledger.close)
        stack.push_async_callback(house.acts.settled)
        stack.push_async_callback(house.http.aclose)
        stack.push_async_callback(house.storage.settled)
        stack.push_async_callback(house.publications.settled)
        stack.push_async_callback(house.asking.settled)
        stack.push_async_callback(house.notifications.close)
        yield house


async def _build(
    settings: Settings, vault: Vault, *, pods_db: SqliteDatabase, consent_db: SqliteDatabase, ledger_db: SqliteDatabase
) -> House:
    base, own, limiter, replay = settings.base_url, OwnApp(settings.base_url), Limiter(), ReplayCache()
    http = guarded_client(own, allow_loopback=settings.allow_loopback)
    elsewhere = Elsewhere(http, own=base, allow_loopback=settings.allow_loopback)
    outside = GuardedTransport(
        allow_loopback=settings.allow_loopback, private_hosts=private_hosts(settings.sign_in_with)
    )
    storage = ResourceStorage(pods_db, vault, usage=Usage(pods_db, settings.quota_mb << 20))
    pods = PodDirectory(pods_db, vault, base)
    grants = Grants(consent_db, vault, acting=_who_acts, less=storage.move_on)
    journal = None if settings.ledger_sync == "full" else Journal(ledger_db.path)
    ledger = Ledger(ledger_db, vault, journal=journal)
    ledger.recover()  # what a killed process left
    acts = Acts(consent_db, vault, ledger)
    links = ShareLinks(consent_db, vault, grants, acts, base_url=base, employer_client=base + EMPLOYER_CLIENT)
    keys = await SigningKeys.load(consent_db, vault, days=settings.signing_key_days)
    proof = await ProofKeys.load(consent_db, vault)
    store = TokenStore(consent_db, vault)
    accounts = Accounts(
        consent_db,
        vault,
        pods,
        provision=functools.partial(provision, storage, issuer=base),
        erase_resources=storage.erase,
        base_url=base,
        limiter=limiter,
    )
    mandates = Mandates(consent_db, vault, accounts, acts)
    grants.tell(WithinMandate(mandates))
    grants.tell(acts)
    heads = SignedHeads(ledger, pods, proof, issuer=base)
    service = PodService(
        pods=pods, storage=storage, grants=grants, log=ledger, base_url=base, elsewhere=elsewhere,
        beside={"AccessRequestService": base + REQUESTS},
    )  # fmt: skip
    publications = Publications(consent_db, vault, pods, storage, service.changes)
    written_down = GrantDocuments(grants, publications)
    grants.tell(written_down)
    receipts = Receipts(
        consent_db, vault, pods=pods, keys=proof, ledger_head=ledger.head, publications=publications,
        base_url=base, organisation=settings.organisation,
    )  # fmt: skip
    grants.tell(receipts)
    reminders = Reminders(consent_db)
    reminding = Reminding(
        reminders=reminders, accounts=accounts, grants=grants, pods=pods, service=service,
        pages=Pages(["werkpod.consent"], base_url=base),
    )  # fmt: skip
    asking = Asking(
        consent_db, vault, accounts=accounts, acts=acts,
        delivery=Delivery(
            accounts=accounts, pods=pods, service=service, pages=Pages(["werkpod.consent"], base_url=base),
            base_url=base,
        ),
    )  # fmt: skip
    clients = Clients(consent_db, vault, http, base_url=base, allow_loopback=settings.allow_loopback, limiter=limiter)
    instruments = keeper_of(settings)
    return House(
        settings=settings,
        pods=pods,
        storage=storage,
        service=service,
        notifications=Notifications(
            service,
            pods_db,
            vault,
            keys,
            functools.partial(guarded_client, allow_loopback=settings.allow_loopback),
            room=Room(server=settings.notify_channels),
            allow_loopback=settings.allow_loopback,
        ),
        authenticator=_authenticator(base, keys, store, replay, elsewhere),
        accounts=accounts,
        sessions=Sessions(consent_db, accounts, base_url=base),
        grants=grants,
        ledger=ledger,
        acts=acts,
        heads=heads,
        asking=asking,
        links=links,
        mandates=mandates,
        proof=proof,
        receipts=receipts,
        credentials=Credentials(consent_db, vault, grants),
        authorization=Authorization(
            Parts(
                issuer=base,
                accounts=accounts,
                clients=clients,
                grants=grants,
                store=store,
                keys=keys,
                links=links,
                require_par=settings.require_par,
            )
        ),
        outside=outside_door(settings.sign_in_with, outside, database=consent_db, vault=vault, base_url=base),
        limiter=limiter,
        replay=replay,
        http=http,
        own=own,
        apps_secret=apps_secret(settings.data / "apps.keys"),
        reminders=reminders,
        publications=publications,
        instruments=instruments,
        chores=(
            Chore("instruments", INSTRUMENTS_SECONDS, instruments.run),
            Chore("publications", PUBLICATIONS_SECONDS, publications.drain_all),
            Chore("grant-documents", SWEEP_SECONDS, functools.partial(written_down.sweep, pods, storage)),
            Chore("proof-keys", PROOF_SECONDS, proof.fresh),
            Chore("expiry", EXPIRY_SECONDS, Expiry(consent_db, grants).run),
            Chore("acts", ACTS_SECONDS, acts.catch_up),
            Chore("ledger-counts", ACTS_SECONDS, ledger.settle),
            Chore("ledger-index", INDEX_SECONDS, ledger.keep_up),
            Chore("ledger-heads", HEADS_SECONDS, heads.sign_all),
            Chore("reminders", REMINDING_SECONDS, reminding.run),
            Chore("asking", ASKING_SECONDS, asking.tidy),
        ),
    )


def _who_acts() -> str | None:
    """The WebID of who acts for the citizen in the request that is being answered."""
    acting = acting_now()
    return None if acting is None else acting.actor.webid


def _authenticator(
    base: str, keys: SigningKeys, store: TokenStore, replay: ReplayCache, elsewhere: Elsewhere
) -> Authenticator:
    return Authenticator(
        OwnKeys(base, lambda: [*keys.all()], base_url=base),
        issuer=base,
        replay=replay,
        revoked=store.revoked,
        foreign=ForeignIssuers(elsewhere),
    )


def apps_secret(path: Path) -> bytes:
    """The secret from which the apps beside this server make their keys: 32 bytes, mode 0600, made when absent."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            with contextlib.suppress(FileExistsError):  # another process was first: its secret counts
                os.link(draft, path)
        finally:
            os.unlink(draft)
    return path.read_bytes()
