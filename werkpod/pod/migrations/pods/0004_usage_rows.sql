-- Every resource counts for 512 bytes beside its body. Pods with nothing but empty ones had no counter yet.

INSERT INTO usage (pod, bytes) SELECT pod, SUM(size + 512) FROM resource WHERE true GROUP BY pod
    ON CONFLICT (pod) DO UPDATE SET bytes = excluded.bytes;
