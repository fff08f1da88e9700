-- What happened to grants and is not in the access log yet: written in the unit of the grant, deleted when it is.
CREATE TABLE acts (
  pod    TEXT    NOT NULL,
  id     TEXT    NOT NULL,     -- ULID
  sealed BLOB    NOT NULL,
  PRIMARY KEY (pod, id)
) WITHOUT ROWID;
