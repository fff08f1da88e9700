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
