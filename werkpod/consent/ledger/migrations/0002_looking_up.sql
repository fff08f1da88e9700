-- What makes the log quick to look up: for each 512 lines of a pod what they say, taken together. Sealed as the lines
-- are, and made of them: it may be deleted at any time.
CREATE TABLE ledger_index (
  pod    TEXT    NOT NULL,
  part   INTEGER NOT NULL,     -- 0: lines 1 to 512, 1: lines 513 to 1024, ...
  sealed BLOB    NOT NULL,
  PRIMARY KEY (pod, part)
) WITHOUT ROWID;

-- Where a chain stood, signed. What was signed says whose log it is, so that is sealed.
CREATE TABLE ledger_heads (
  pod    TEXT    NOT NULL,
  seq    INTEGER NOT NULL,     -- the last line then
  at     REAL    NOT NULL,     -- Unix seconds
  sealed BLOB    NOT NULL,
  PRIMARY KEY (pod, seq)
) WITHOUT ROWID;

-- Up to which line the citizen has seen the log: who looked for the first time after it is told on the home page.
CREATE TABLE ledger_noticed (
  pod    TEXT    NOT NULL PRIMARY KEY,
  seq    INTEGER NOT NULL
) WITHOUT ROWID;

-- To whom a pod gives or gave, asked by receiver: whoever receives may look up what it did itself. Under the server's own
-- pseudo-pod, since it is about two; the receiver is a keyed hash.
CREATE TABLE ledger_givers (
  pod      TEXT    NOT NULL,
  receiver BLOB    NOT NULL,
  giver    TEXT    NOT NULL,
  PRIMARY KEY (pod, receiver, giver)
) WITHOUT ROWID;
