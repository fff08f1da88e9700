-- Pushed authorization requests (RFC 9126). pod: the server's own, no citizen is known yet. hash: of the random part of
-- the request_uri, which itself is nowhere; sealed: the client and its parameters; expires: until when it can be used.
CREATE TABLE pushed_request (
    pod     TEXT NOT NULL,
    hash    BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    expires REAL NOT NULL,
    PRIMARY KEY (pod, hash)
);
CREATE INDEX pushed_request_ends ON pushed_request (pod, expires);

-- What the app said of itself and what it asked when the citizen said yes, sealed under the pod's own keys: so that the
-- next question can say what is different. NULL: from before this was kept.
ALTER TABLE consented_client ADD COLUMN sealed BLOB;
