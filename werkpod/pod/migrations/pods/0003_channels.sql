-- Notification channels that outlive a restart: webhooks. What they are about and where they go is sealed.

CREATE TABLE channel (
    pod TEXT NOT NULL,
    id BLOB NOT NULL,                -- keyed hash of the channel's secret
    sealed BLOB NOT NULL,            -- under the pod's record key
    PRIMARY KEY (pod, id)
) WITHOUT ROWID;
