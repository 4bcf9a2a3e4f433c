-- Files: what is known of them beside their bytes, which lie elsewhere. A row is there before its bytes and goes after them.
CREATE TABLE files (
    file_key     TEXT    NOT NULL PRIMARY KEY,
    user_id      BLOB    NOT NULL REFERENCES accounts (user_id),
    size         INTEGER NOT NULL CHECK (size >= 1),
    content_type TEXT    NOT NULL,
    sha256       BLOB,             -- asked for; of a finished file, what it is
    state        INTEGER NOT NULL, -- FileState
    created_at   INTEGER NOT NULL,
    upload_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_owner ON files (user_id, state, upload_until, size);
CREATE INDEX files_requested ON files (file_key, upload_until) WHERE state = 0;
CREATE INDEX files_finished ON files (created_at, file_key) WHERE state = 1;
CREATE INDEX files_removed ON files (file_key) WHERE state = 2;

-- The bytes of everybody's finished files: summing up a hundred thousand rows for each upload would hold up all writers.
CREATE TABLE file_totals (
    user_id BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (user_id),
    bytes   INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER files_finish AFTER UPDATE OF state ON files WHEN new.state = 1 AND old.state <> 1 BEGIN
    INSERT INTO file_totals (user_id, bytes) VALUES (new.user_id, new.size) ON CONFLICT (user_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER files_leave AFTER UPDATE OF state ON files WHEN old.state = 1 AND new.state <> 1 BEGIN
    UPDATE file_totals SET bytes = bytes - old.size WHERE user_id = old.user_id;
END;
