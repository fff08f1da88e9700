-- Resources, sealed. Readable here: ids, keyed hashes, counters, sizes, times, and which container a resource is in.

CREATE TABLE directory (
    pod TEXT NOT NULL,               -- the server's pseudo-pod, whose key hashes the names
    name BLOB NOT NULL,              -- keyed hash of the pod's slug
    id TEXT NOT NULL,                -- the pod
    sealed BLOB,                     -- slug, under the pod's own key; NULL once the pod was removed
    created REAL NOT NULL,
    PRIMARY KEY (pod, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX directory_id ON directory (pod, id);

CREATE TABLE resource (
    pod TEXT NOT NULL,
    id BLOB NOT NULL,                -- keyed hash of the path without its last slash: "cv" and "cv/" cannot both be
    kind INTEGER NOT NULL,           -- 0 document, 1 container, 2 auxiliary (.acl, .meta)
    parent BLOB,                     -- the container it is a member of; NULL for the root and for auxiliaries
    subject BLOB,                    -- what an auxiliary belongs to
    version INTEGER NOT NULL,        -- starts at a random number, so that a new resource is never taken for an old one
    stamp BLOB NOT NULL,             -- 16 random bytes for each version: the key id, and what the ETag is made of
    name BLOB NOT NULL,              -- path and media type, sealed under the pod's record key
    size INTEGER NOT NULL,
    modified REAL NOT NULL,
    PRIMARY KEY (pod, id)
) WITHOUT ROWID;
CREATE INDEX resource_member ON resource (pod, parent) WHERE parent IS NOT NULL;
CREATE INDEX resource_auxiliary ON resource (pod, subject) WHERE subject IS NOT NULL;

CREATE TABLE blob (
    pod TEXT NOT NULL,
    resource BLOB NOT NULL,
    category BLOB NOT NULL,          -- keyed hash of the encryption category
    epoch INTEGER NOT NULL,
    wrapped BLOB NOT NULL,           -- this version's key, AES-KW under the category key
    previous BLOB NOT NULL,          -- SHA-256 of the blob of the version before; empty for the first
    digest BLOB NOT NULL,            -- SHA-256 of this blob
    chunks INTEGER NOT NULL,         -- 0: the blob is in `body`; else it is in so many rows of `chunk`
    body BLOB,
    PRIMARY KEY (pod, resource)
);

CREATE TABLE chunk (
    pod TEXT NOT NULL,
    resource BLOB NOT NULL,
    version INTEGER NOT NULL,
    part INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (pod, resource, version, part)
);
