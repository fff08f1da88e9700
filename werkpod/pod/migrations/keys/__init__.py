"""The schema of keys.db: slots, category keys and tombstones."""
