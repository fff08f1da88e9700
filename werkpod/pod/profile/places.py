"""Where the documents of a profile are, and the terms that link them.

The card is the WebID document (Solid WebID Profile, 2). From it one gets to the public type index and to the
preferences, and from those, if one may read them, to the private type index (Type Indexes, "Discovery"). The file names
are the ones that Solid apps expect.
"""

from __future__ import annotations

from werkpod.pod.ldp.graphs import PREFIXES

CARD = "profile/card"
SETTINGS = "settings/"
PREFERENCES = "settings/prefs.ttl"
PUBLIC_INDEX = "settings/publicTypeIndex.ttl"
PRIVATE_INDEX = "settings/privateTypeIndex.ttl"
INBOX = "inbox/"

KEPT_DOCUMENTS = frozenset({CARD, PREFERENCES, PUBLIC_INDEX, PRIVATE_INDEX})
"""Documents that are RDF and are there as long as the pod."""

RDF, RDFS, FOAF, SOLID, PIM, LDP, ACL = (
    PREFIXES[name] for name in ("rdf", "rdfs", "foaf", "solid", "pim", "ldp", "acl")
)
TYPE = RDF + "type"
SEE_ALSO = RDFS + "seeAlso"
SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"
PRIMARY_TOPIC, MAKER, AGENT = FOAF + "primaryTopic", FOAF + "maker", FOAF + "Agent"
PROFILE_DOCUMENT = FOAF + "PersonalProfileDocument"
OIDC_ISSUER = SOLID + "oidcIssuer"
STORAGE, PREFERENCES_FILE, CONFIGURATION = PIM + "storage", PIM + "preferencesFile", PIM + "ConfigurationFile"
LDP_INBOX = LDP + "inbox"
PUBLIC_TYPE_INDEX, PRIVATE_TYPE_INDEX = SOLID + "publicTypeIndex", SOLID + "privateTypeIndex"
TYPE_INDEX, LISTED, UNLISTED = (SOLID + name for name in ("TypeIndex", "ListedDocument", "UnlistedDocument"))
REGISTRATION, FOR_CLASS, INSTANCE = (SOLID + name for name in ("TypeRegistration", "forClass", "instance"))
