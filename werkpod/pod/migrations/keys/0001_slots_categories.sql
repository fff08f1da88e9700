-- Wrapped keys, and nothing that can be read without the root key. All rows of a pod start with its id.

CREATE TABLE slot (
    pod TEXT NOT NULL,
    slot TEXT NOT NULL,              -- 'operator'; later the citizen's own
    root_version INTEGER NOT NULL,   -- which root key the slot key is derived from
    wrapped BLOB NOT NULL,           -- the pod's master key, AES-KW (RFC 3394)
    created REAL NOT NULL,
    PRIMARY KEY (pod, slot)
) WITHOUT ROWID;

CREATE TABLE category_key (
    pod TEXT NOT NULL,
    category BLOB NOT NULL,          -- keyed hash of the category's name
    epoch INTEGER NOT NULL,          -- the highest one is used for writing
    wrapped BLOB NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (pod, category, epoch)
) WITHOUT ROWID;

CREATE TABLE tombstone (
    pod TEXT NOT NULL PRIMARY KEY,   -- an erased pod is never made again
    at REAL NOT NULL
) WITHOUT ROWID;
