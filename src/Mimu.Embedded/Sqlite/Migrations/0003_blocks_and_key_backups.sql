-- Who wants nothing from whom.
CREATE TABLE blocks (
    user_id    BLOB    NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE, -- who blocks
    blocked_id BLOB    NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_by_blocked ON blocks (blocked_id, user_id);

-- Large rows, so not without a rowid.
CREATE TABLE key_backups (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (user_id) ON DELETE CASCADE,
    etag       TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    backup     BLOB    NOT NULL
) STRICT;

-- The number that a device was given last: numbers go round before one comes back.
ALTER TABLE accounts ADD COLUMN last_device_id INTEGER NOT NULL DEFAULT 1 CHECK (last_device_id BETWEEN 1 AND 127);
