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

-- Who holds which grants of a pod that were not stopped: asked at each request, however many others the pod has. agent:
-- keyed hash of the WebID, as in grants.
CREATE TABLE grant_held (
    pod   TEXT NOT NULL,
    agent BLOB NOT NULL,
    id    TEXT NOT NULL,
    PRIMARY KEY (pod, agent, id)
) WITHOUT ROWID;
INSERT INTO grant_held (pod, agent, id)
    SELECT pod, agent, id FROM grants WHERE superseded = 0 AND revoked_at IS NULL AND agent IS NOT NULL;

-- Until when a grant leads to its receiver (as in its own row), so that what ended is not looked up in the giver's pod.
ALTER TABLE grant_receivers ADD COLUMN until REAL;
