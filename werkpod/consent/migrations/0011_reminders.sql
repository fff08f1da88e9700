-- What a citizen was told of a grant, once for each end that it has ("ends_14", "ends_2"), and the hints that they put
-- aside ("aside:..."). Readable here: ids, times, and which of a few words it was; as of grants themselves.
CREATE TABLE reminders (
  pod      TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  what     TEXT NOT NULL,
  until    REAL NOT NULL,      -- the end that it was about; 0 for a hint
  at       REAL NOT NULL,
  PRIMARY KEY (pod, grant_id, what, until)
) WITHOUT ROWID;

-- Which grants end soon, for the chore that reminds: what lasts or was stopped is not in it.
CREATE INDEX grants_ending ON grants (until) WHERE superseded = 0 AND revoked_at IS NULL AND until IS NOT NULL;
