-- Apps that registered themselves (RFC 7591). pod: the server's own; an app belongs to no citizen. hash: keyed hash of
-- the client id; sealed: what the app said of itself; used: when a citizen last said yes to it.
-- A secret of such an app is nowhere: it is checked by a keyed hash.
CREATE TABLE registered_client (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL,
    used    REAL,
    PRIMARY KEY (pod, hash)
);
CREATE INDEX registered_client_ends ON registered_client (pod, used, expires);

-- From when a signing key signs: it is published before.
ALTER TABLE signing_key ADD COLUMN signs REAL NOT NULL DEFAULT 0;
UPDATE signing_key SET signs = created;
