-- What the server still has to write in a pod (grants, receipts as RDF): written in the unit of what it is about, taken
-- away when the document stands. place: keyed hash of the path; sealed: the path, under the pod's key; turn: another at
-- each happening, so that a document that was drawn up before the last one is not taken for the last.
CREATE TABLE publication (
    pod    TEXT    NOT NULL,
    place  BLOB    NOT NULL,
    turn   TEXT    NOT NULL,
    sealed BLOB    NOT NULL,
    PRIMARY KEY (pod, place)
) WITHOUT ROWID;

-- Grants in force: by receiver, for each request of theirs, and newest first, for the citizen's pages; however many
-- others ended before.
CREATE INDEX grants_to ON grants (pod, agent, client) WHERE superseded = 0 AND revoked_at IS NULL;
CREATE INDEX grants_in_force ON grants (pod, id, until) WHERE superseded = 0 AND revoked_at IS NULL;

-- Until when a grant leads to its receiver (as in its own row), so that what ended is not looked up in the giver's pod.
ALTER TABLE grant_receivers ADD COLUMN until REAL;
