"""Sign-in through an outside OpenID provider: a municipality's own, or a broker for DigiD or eHerkenning.

An operator configures a provider by issuer, client and claim mapping (`model`); Authlib's client speaks OpenID Connect
with it (`provider`); which account a person has is kept as a keyed hash (`identities`); what a browser takes along on
the way there and back is sealed in a cookie (`journey`).
"""

from werkpod.consent.accounts.outside.door import OutsideDoor, outside_door
from werkpod.consent.accounts.outside.identities import Identities, Linked
from werkpod.consent.accounts.outside.journey import Journey, Newcomer, Satchel
from werkpod.consent.accounts.outside.model import OutsideProvider, check_providers, private_hosts
from werkpod.consent.accounts.outside.provider import Person, Provider, Providers

__all__ = [
    "Identities",
    "Journey",
    "Linked",
    "Newcomer",
    "OutsideDoor",
    "OutsideProvider",
    "Person",
    "Provider",
    "Providers",
    "Satchel",
    "check_providers",
    "outside_door",
    "private_hosts",
]
