-- A removed file's row stays while its upload's URL is good, so that bytes which come by it are found and erased, and can be counted.
ALTER TABLE files ADD COLUMN is_erased INTEGER NOT NULL DEFAULT 0;
DROP INDEX files_removed;
CREATE INDEX files_removed ON files (file_key, is_erased, upload_until) WHERE state = 2;
DROP INDEX files_by_owner;
CREATE INDEX files_by_owner ON files (user_id, state, upload_until, size, is_erased);
