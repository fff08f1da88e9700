-- Accounts, sessions and OAuth. Nothing readable: ids (ULIDs), keyed hashes, sealed records, times and counters.
-- Every primary key starts with the pod (its id; the server's own pseudo-pod where no citizen is known yet).
-- Times are Unix seconds.

-- state 0: being made (see accounts.py, "half-made"), 1: in use.
-- sealed: name, slug, role, webid, storage, language; passphrase: the argon2id hash; both under the pod's own keys.
CREATE TABLE account (
    id         TEXT PRIMARY KEY,
    state      INTEGER NOT NULL,
    slug_hash  BLOB NOT NULL UNIQUE,
    name_hash  BLOB,
    webid_hash BLOB,
    role_hash  BLOB,
    sealed     BLOB,
    passphrase BLOB,
    recovery   BLOB,
    created    REAL NOT NULL
);
CREATE INDEX account_by_name ON account (name_hash);
CREATE INDEX account_by_webid ON account (webid_hash);
CREATE INDEX account_by_role ON account (role_hash);

CREATE TABLE session (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    created REAL NOT NULL,
    seen    REAL NOT NULL,
    PRIMARY KEY (pod, hash)
);

-- sealed: the signing key (JWK) under the server's keys. slot 0 is the first key.
CREATE TABLE signing_key (
    pod     TEXT NOT NULL,
    slot    INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (pod, slot)
);

-- A citizen's own tools. sealed: label, the id of the grant.
CREATE TABLE credential (
    pod     TEXT NOT NULL,
    id      TEXT NOT NULL,
    secret  BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    created REAL NOT NULL,
    stopped REAL,
    PRIMARY KEY (pod, id)
);

-- What an app asks for and the citizen has not answered yet. pod: the server's own, nobody may have signed in yet.
CREATE TABLE auth_request (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    browser BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    expires REAL NOT NULL,
    PRIMARY KEY (pod, hash)
);

-- used: when the code was redeemed; family: the tokens that came out of it.
CREATE TABLE auth_code (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    family  TEXT NOT NULL,
    sealed  BLOB NOT NULL,
    expires REAL NOT NULL,
    used    REAL,
    PRIMARY KEY (pod, hash)
);

-- All tokens that came out of one authorization. Revoked: none of them works any more, access tokens included.
-- sealed: client, grant, DPoP key, scope.
CREATE TABLE token_family (
    pod     TEXT NOT NULL,
    id      TEXT NOT NULL,
    sealed  BLOB NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL,
    revoked REAL,
    PRIMARY KEY (pod, id)
);

CREATE TABLE refresh_token (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    family  TEXT NOT NULL,
    expires REAL NOT NULL,
    used    REAL,
    PRIMARY KEY (pod, hash)
);

-- Ids of client assertions that were taken, so that none is taken twice.
CREATE TABLE assertion_seen (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    expires REAL NOT NULL,
    PRIMARY KEY (pod, hash)
);

-- What the app's client document said when the citizen consented (a hash): another document, another consent.
CREATE TABLE consented_client (
    pod      TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    snapshot BLOB NOT NULL,
    PRIMARY KEY (pod, grant_id)
);
