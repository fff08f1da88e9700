-- Grants: each version is a row and is never changed but for being superseded. Readable here: ids, times, keyed hashes.
CREATE TABLE grants (
  pod        TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  version    INTEGER NOT NULL,
  agent      BLOB,             -- keyed hash of the WebID, NULL: no agent named
  client     BLOB,             -- keyed hash of the client id, NULL: any client of the agent
  until      REAL,
  revoked_at REAL,
  superseded INTEGER NOT NULL DEFAULT 0,
  sealed     BLOB    NOT NULL, -- the record, under the pod's key
  PRIMARY KEY (pod, id, version)
) WITHOUT ROWID;

CREATE INDEX grants_current ON grants (pod, superseded, id);

-- Who receives: kept under the server's own pseudo-pod, because it is asked by receiver and not by pod.
CREATE TABLE grant_receivers (
  pod      TEXT NOT NULL,
  receiver BLOB NOT NULL,      -- keyed hash of the receiver's WebID
  id       TEXT NOT NULL,      -- the grant
  giver    TEXT NOT NULL,      -- the pod that gives
  PRIMARY KEY (pod, receiver, id)
) WITHOUT ROWID;

-- Share links. The secret itself is nowhere; passcode and label are in the sealed part.
CREATE TABLE share_links (
  pod        TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  grant_id   TEXT    NOT NULL,
  until      REAL    NOT NULL,
  views      INTEGER NOT NULL,
  used       INTEGER NOT NULL DEFAULT 0,
  tries      INTEGER NOT NULL DEFAULT 0,
  stopped_at REAL,
  sealed     BLOB    NOT NULL,
  PRIMARY KEY (pod, id)
) WITHOUT ROWID;

CREATE INDEX share_links_grant ON share_links (pod, grant_id);

CREATE TABLE link_secrets (
  pod    TEXT NOT NULL,
  secret BLOB NOT NULL,        -- SHA-256 of the secret
  giver  TEXT NOT NULL,
  link   TEXT NOT NULL,
  PRIMARY KEY (pod, secret)
) WITHOUT ROWID;
