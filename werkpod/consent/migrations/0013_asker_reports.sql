-- What citizens reported of who asks them, for who runs the server; under the server's own pseudo-pod. Of the citizen there
-- is a keyed hash only, so that each counts once. sealed: who asked, and what.
CREATE TABLE asker_report (
  pod     TEXT NOT NULL,
  asker   BLOB NOT NULL,       -- keyed hash of the asker's WebID
  citizen BLOB NOT NULL,       -- keyed hash of asker and citizen
  day     REAL NOT NULL,       -- Unix seconds, at midnight: the moment would say whose it was
  sealed  BLOB NOT NULL,
  PRIMARY KEY (pod, asker, citizen)
) WITHOUT ROWID;
