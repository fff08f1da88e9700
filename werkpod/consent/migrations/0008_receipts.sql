-- Keys that sign receipts and the heads of access logs. sealed: the key (JWK) and its times, under the server's own
-- keys; without the private half once it has signed for the last time. Rows stay for ever.
CREATE TABLE proof_key (
    pod    TEXT    NOT NULL,
    slot   INTEGER NOT NULL,
    sealed BLOB    NOT NULL,
    PRIMARY KEY (pod, slot)
) WITHOUT ROWID;

-- Receipts: one a happening of a grant, numbered from 1; each names the hash of the one before. sealed: the signed
-- receipt, under the pod's key. Readable: ids, times and what kind of happening (1 given, 2 changed, 3 renewed,
-- 4 stopped, 5 expired).
CREATE TABLE receipt (
    pod      TEXT    NOT NULL,
    grant_id TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    at       REAL    NOT NULL,
    hash     BLOB    NOT NULL,     -- SHA-256 of the receipt
    sealed   BLOB    NOT NULL,
    PRIMARY KEY (pod, grant_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX receipt_by_id ON receipt (pod, id);

-- A grant expires once: the row of its expired version is the mark.
CREATE UNIQUE INDEX receipt_of_expiry ON receipt (pod, grant_id, version) WHERE kind = 5;

-- Grants whose time passes, in the order in which it does.
CREATE INDEX grants_by_end ON grants (until, pod, id) WHERE superseded = 0 AND revoked_at IS NULL AND until IS NOT NULL;
