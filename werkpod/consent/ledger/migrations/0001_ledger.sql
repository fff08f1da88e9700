-- The access log: one row an access or refusal. What it says is sealed; the chain of hashes is readable.
CREATE TABLE ledger (
  pod    TEXT    NOT NULL,
  seq    INTEGER NOT NULL,     -- 1, 2, 3, ... without a gap
  sealed BLOB    NOT NULL,
  hash   BLOB    NOT NULL,     -- SHA-256 (hash of the row before || sealed)
  PRIMARY KEY (pod, seq)
) WITHOUT ROWID;
