-- Large bodies in parts that are written before the body is complete; what each pod uses; changes since a listing.

CREATE TABLE part (
    pod TEXT NOT NULL,
    stream BLOB NOT NULL,            -- 16 random bytes for each body
    number INTEGER NOT NULL,         -- from 0
    body BLOB NOT NULL,              -- sealed
    PRIMARY KEY (pod, stream, number)
);

CREATE TABLE loose (
    pod TEXT NOT NULL,
    stream BLOB NOT NULL,            -- parts that are not, or no longer, the body of a resource
    since REAL NOT NULL,
    PRIMARY KEY (pod, stream)
) WITHOUT ROWID;

ALTER TABLE blob ADD COLUMN stream BLOB;   -- the body is in so many rows of `part` as `chunks` says

CREATE TABLE usage (
    pod TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL,          -- the sum of the sizes of its resources, kept in the unit of each write
    allowed INTEGER                  -- NULL: what the server allows every pod
) WITHOUT ROWID;
INSERT INTO usage (pod, bytes) SELECT pod, SUM(size) FROM resource GROUP BY pod;

-- The version that the container had when this member last changed in its listing (or one more).
ALTER TABLE resource ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
DROP INDEX resource_member;
CREATE INDEX resource_member ON resource (pod, parent, touched) WHERE parent IS NOT NULL;
