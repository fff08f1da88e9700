-- One table that begins with the pod, like all of ours.
CREATE TABLE item (
    pod TEXT NOT NULL,
    id TEXT NOT NULL,
    text TEXT,
    bytes BLOB,
    number BIGINT,
    ratio DOUBLE PRECISION,
    PRIMARY KEY (pod, id)
);
