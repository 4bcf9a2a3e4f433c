-- An invitation that is used up or revoked is gone from here. Its number is never given again.
CREATE TABLE invites (
    invite_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    code_hash  BLOB    NOT NULL CHECK (length(code_hash) = 32),
    uses_left  INTEGER NOT NULL CHECK (uses_left > 0),
    public_id  TEXT,                                           -- NULL: whatever name its users like
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invites_by_code ON invites (code_hash);

-- Signatures that have reset a password, for as long as their timestamps are in the window.
CREATE TABLE used_resets (
    signature_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(signature_hash) = 32),
    good_until     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_resets_by_end ON used_resets (good_until);
