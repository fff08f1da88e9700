-- Requests for access. Readable here: ids, times, counters, keyed hashes. Times are Unix seconds.

-- What a citizen was asked. state: see consent/asking/store.py; turn: counts what happened to it, for compare-and-swap.
-- sealed: what was asked, never changed; talk: questions, answers and how it ended. Both under the citizen's keys.
CREATE TABLE access_request (
  pod     TEXT    NOT NULL,    -- the citizen's
  id      TEXT    NOT NULL,
  asker   BLOB    NOT NULL,    -- keyed hash of the asker's WebID
  state   INTEGER NOT NULL,
  turn    INTEGER NOT NULL DEFAULT 0,
  created REAL    NOT NULL,
  expires REAL    NOT NULL,
  sealed  BLOB    NOT NULL,
  talk    BLOB,
  PRIMARY KEY (pod, id)
) WITHOUT ROWID;

CREATE INDEX access_request_state ON access_request (pod, state, expires);

-- The asker's own copy, under the asker's keys; under the server's where the asker has no pod here. It is there whoever
-- was asked, somebody who does not exist too. delivered: 0 not yet, 1 to the pod `giver`, 2 to nobody.
CREATE TABLE access_request_sent (
  pod       TEXT    NOT NULL,  -- the asker's, or the server's pseudo-pod
  id        TEXT    NOT NULL,
  asker     BLOB    NOT NULL,  -- keyed hash of the asker's WebID
  origin    BLOB    NOT NULL,  -- keyed hash of where that WebID is
  receiver  BLOB    NOT NULL,  -- keyed hash of asker and citizen, whether that one exists or not
  created   REAL    NOT NULL,
  expires   REAL    NOT NULL,
  closed    INTEGER NOT NULL DEFAULT 0,
  withdrawn REAL,
  delivered INTEGER NOT NULL DEFAULT 0,
  giver     TEXT,
  sealed    BLOB    NOT NULL,
  PRIMARY KEY (pod, id)
) WITHOUT ROWID;

CREATE INDEX access_request_sent_asker ON access_request_sent (pod, asker, id);
CREATE INDEX access_request_sent_origin ON access_request_sent (pod, origin, created);
CREATE INDEX access_request_sent_receiver ON access_request_sent (pod, receiver, created);
CREATE INDEX access_request_sent_waits ON access_request_sent (id) WHERE delivered = 0;

-- Who may not ask a citizen anything any more. sealed: who that is.
CREATE TABLE access_block (
  pod     TEXT NOT NULL,
  asker   BLOB NOT NULL,       -- keyed hash of the asker's WebID
  created REAL NOT NULL,
  sealed  BLOB NOT NULL,
  PRIMARY KEY (pod, asker)
) WITHOUT ROWID;
