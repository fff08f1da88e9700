-- Who signs in through an outside OpenID provider. hash: keyed, of issuer, role and what the provider calls the person;
-- sealed: which provider, under the pod's own keys. Times are Unix seconds.
CREATE TABLE outside_identity (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (pod, hash)
);
CREATE UNIQUE INDEX outside_identity_by_hash ON outside_identity (hash);
