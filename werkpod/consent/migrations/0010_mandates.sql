-- Who may act for whom.

-- state: asked, accepted, declined, stopped. used: how often the representative did something, so that whatever they
-- do is one unit with "the mandate holds". sealed: who, what they may, limits, times.
CREATE TABLE mandates (
  pod    TEXT    NOT NULL,
  id     TEXT    NOT NULL,
  state  TEXT    NOT NULL,
  until  REAL    NOT NULL,
  used   INTEGER NOT NULL DEFAULT 0,
  sealed BLOB    NOT NULL,
  PRIMARY KEY (pod, id)
) WITHOUT ROWID;

-- For whom somebody may act: kept under the server's own pseudo-pod, because it is asked by representative. accepted: 1
-- once they said yes, so that a heap of invitations does not hide for whom they act; gone when it is over.
CREATE TABLE mandate_actors (
  pod   TEXT NOT NULL,
  actor BLOB NOT NULL,         -- keyed hash of the representative's WebID
  id    TEXT NOT NULL,         -- the mandate
  giver TEXT NOT NULL,         -- the citizen's pod
  accepted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (pod, actor, id)
) WITHOUT ROWID;

-- For whom the person of a session acts, sealed under that person's own keys; NULL: for themselves.
ALTER TABLE session ADD COLUMN acting BLOB;
