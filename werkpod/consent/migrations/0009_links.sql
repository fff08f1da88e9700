-- Share links: when one was opened, for its maker. Unix seconds; NULL: not yet.
ALTER TABLE share_links ADD COLUMN first_opened REAL;
ALTER TABLE share_links ADD COLUMN last_opened REAL;
