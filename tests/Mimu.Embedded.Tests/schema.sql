CREATE TABLE accounts (
    user_id       BLOB    NOT NULL PRIMARY KEY CHECK (length(user_id) = 16),
    public_id     TEXT    NOT NULL,
    display_name  TEXT    NOT NULL,
    avatar        TEXT,
    identity_key  BLOB    NOT NULL,
    signing_key   BLOB    NOT NULL,
    password_hash TEXT    NOT NULL,
    state         INTEGER NOT NULL CHECK (state IN (0, 1, 2)), -- active, disabled, deleted
    created_at    INTEGER NOT NULL
, last_device_id INTEGER NOT NULL DEFAULT 1 CHECK (last_device_id BETWEEN 1 AND 127)) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX accounts_by_public_id ON accounts (public_id);

CREATE TABLE blocks (
    user_id    BLOB    NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE, -- who blocks
    blocked_id BLOB    NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_by_blocked ON blocks (blocked_id, user_id);

CREATE TABLE chats (
    chat_id            BLOB    NOT NULL PRIMARY KEY CHECK (length(chat_id) = 16),
    type               INTEGER NOT NULL CHECK (type IN (1, 2)), -- direct, group
    created_by         BLOB    NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    membership_version INTEGER NOT NULL,
    message_ttl        INTEGER,
    direct_low         BLOB,                                    -- of a direct chat: its two people, the lower id first
    direct_high        BLOB,
    encrypted_metadata BLOB
, activity INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE UNIQUE INDEX chats_direct ON chats (direct_low, direct_high) WHERE direct_low IS NOT NULL;

CREATE TABLE devices (
    user_id                BLOB    NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    device_id              INTEGER NOT NULL CHECK (device_id BETWEEN 1 AND 127),
    name                   TEXT,
    signal_registration_id INTEGER,
    created_at             INTEGER NOT NULL,
    last_seen_at           INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE edits (
    position         INTEGER PRIMARY KEY,                       -- of the MessageEdited
    message_position INTEGER,                                   -- NULL, and everything else too: another edit followed, or the message was removed
    edited_at        INTEGER,
    payload          BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX edits_by_message ON edits (message_position) WHERE message_position IS NOT NULL;

CREATE TABLE events (
    position   INTEGER PRIMARY KEY,
    audience   BLOB    NOT NULL,
    type       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    data       BLOB    NOT NULL
, message_position INTEGER) STRICT;

CREATE INDEX events_by_audience ON events (audience, position);

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

CREATE TABLE files (
    file_key     TEXT    NOT NULL PRIMARY KEY,
    user_id      BLOB    NOT NULL REFERENCES accounts (user_id),
    size         INTEGER NOT NULL CHECK (size >= 1),
    content_type TEXT    NOT NULL,
    sha256       BLOB,             -- asked for; of a finished file, what it is
    state        INTEGER NOT NULL, -- FileState
    created_at   INTEGER NOT NULL,
    upload_until INTEGER NOT NULL
, is_erased INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE INDEX files_by_owner ON files (user_id, state, upload_until, size, is_erased);

CREATE INDEX files_finished ON files (created_at, file_key) WHERE state = 1;

CREATE INDEX files_removed ON files (file_key, is_erased, upload_until) WHERE state = 2;

CREATE INDEX files_requested ON files (file_key, upload_until) WHERE state = 0;

CREATE TABLE grants (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (user_id),
    until      INTEGER NOT NULL,
    granted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invites (
    invite_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    code_hash  BLOB    NOT NULL CHECK (length(code_hash) = 32),
    uses_left  INTEGER NOT NULL CHECK (uses_left > 0),
    public_id  TEXT,                                           -- NULL: whatever name its users like
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX invites_by_code ON invites (code_hash);

CREATE TABLE key_backups (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (user_id) ON DELETE CASCADE,
    etag       TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    backup     BLOB    NOT NULL
) STRICT;

CREATE TABLE messages (
    position          INTEGER PRIMARY KEY,
    message_id        BLOB    CHECK (length(message_id) = 16),  -- NULL, and everything else too: removed, an empty row
    chat_id           BLOB    REFERENCES chats (chat_id),       -- its messages are emptied before it goes
    sender_id         BLOB,
    sender_device_id  INTEGER NOT NULL,
    type              TEXT    NOT NULL,
    reply_to          BLOB,
    forwarded_from    BLOB,
    created_at        INTEGER NOT NULL,
    expires_at        INTEGER,
    is_deleted        INTEGER NOT NULL DEFAULT 0 CHECK (is_deleted IN (0, 1)), -- a tombstone, whose payload is erased
    is_edited         INTEGER NOT NULL DEFAULT 0 CHECK (is_edited IN (0, 1)),  -- what it says by now is among the edits
    client_message_id BLOB,
    payload           BLOB    NOT NULL,
    CHECK (is_deleted = 1 OR (message_id IS NOT NULL AND chat_id IS NOT NULL AND sender_id IS NOT NULL))
) STRICT;

CREATE INDEX messages_by_chat ON messages (chat_id, position, sender_id, is_deleted, expires_at) WHERE chat_id IS NOT NULL;

CREATE UNIQUE INDEX messages_by_client_id ON messages (sender_id, client_message_id) WHERE client_message_id IS NOT NULL;

CREATE UNIQUE INDEX messages_by_id ON messages (message_id) WHERE message_id IS NOT NULL;

CREATE INDEX messages_expiring ON messages (expires_at) WHERE expires_at IS NOT NULL AND is_deleted = 0;

CREATE TABLE participants (
    chat_id         BLOB    NOT NULL REFERENCES chats (chat_id) ON DELETE CASCADE,
    user_id         BLOB    NOT NULL REFERENCES accounts (user_id),
    role            INTEGER NOT NULL CHECK (role IN (1, 2)),    -- member, admin
    joined_at       INTEGER NOT NULL,
    joined_position INTEGER NOT NULL,                           -- messages up to here are not theirs to see
    read_position   INTEGER NOT NULL DEFAULT 0,
    read_message_id BLOB,
    PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX participants_by_user ON participants (user_id, chat_id);

CREATE TABLE prekeys (
    id         INTEGER PRIMARY KEY,                            -- the order of uploading
    user_id    BLOB    NOT NULL,
    device_id  INTEGER NOT NULL,
    kind       INTEGER NOT NULL CHECK (kind IN (1, 2, 3, 4)),  -- one-time, signed, KEM one-time, KEM last resort
    key_id     INTEGER NOT NULL CHECK (key_id BETWEEN 0 AND 2147483647),
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),   -- SHA-256 of the key, to tell the same key from another under the same number
    public_key BLOB,                                           -- NULL: handed out or replaced
    signature  BLOB,
    FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, device_id) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX prekeys_by_number ON prekeys (user_id, device_id, min(kind, 3), key_id);

CREATE INDEX prekeys_left ON prekeys (user_id, device_id, kind, id) WHERE public_key IS NOT NULL;

CREATE TABLE purchases (
    platform        INTEGER NOT NULL,           -- StorePlatform
    purchase_id     TEXT    NOT NULL,
    user_id         BLOB    NOT NULL REFERENCES accounts (user_id),
    product_id      TEXT    NOT NULL,
    state           INTEGER NOT NULL,           -- PurchaseState
    expires_at      INTEGER,
    auto_renewing   INTEGER NOT NULL,
    is_subscription INTEGER NOT NULL,
    period_start    INTEGER,
    as_of           INTEGER NOT NULL,           -- when the store said so
    acknowledge     INTEGER NOT NULL DEFAULT 0, -- the store waits to be told that it was delivered
    check_at        INTEGER,                    -- when the store is to be asked again
    PRIMARY KEY (platform, purchase_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX purchases_by_user ON purchases (user_id);

CREATE INDEX purchases_to_check ON purchases (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE push_queue (
    registration_id BLOB    NOT NULL PRIMARY KEY REFERENCES push_registrations (registration_id) ON DELETE CASCADE,
    platform        INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    is_sending      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX push_queue_by_due ON push_queue (platform, due_at);

CREATE TABLE push_registrations (
    registration_id BLOB    NOT NULL PRIMARY KEY CHECK (length(registration_id) = 16),
    user_id         BLOB    NOT NULL,
    device_id       INTEGER NOT NULL,
    platform        INTEGER NOT NULL CHECK (platform IN (1, 2, 3)), -- FCM, APNs, Web Push
    token           TEXT    NOT NULL,                               -- of Web Push: the endpoint
    voip_token      TEXT,
    sandbox         INTEGER NOT NULL DEFAULT 0,
    p256dh          BLOB,
    auth            BLOB,
    created_at      INTEGER NOT NULL, registered_at INTEGER NOT NULL DEFAULT 0, pushed_at INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, device_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX push_registrations_by_device ON push_registrations (user_id, device_id);

CREATE UNIQUE INDEX push_registrations_by_token ON push_registrations (platform, token);

CREATE INDEX push_registrations_by_voip_token ON push_registrations (voip_token) WHERE voip_token IS NOT NULL;

CREATE TABLE refresh_tokens (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    session_id BLOB    NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    successor  BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id, expires_at);

CREATE TRIGGER sessions_end AFTER DELETE ON sessions
WHEN NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = old.user_id AND device_id = old.device_id) BEGIN
    DELETE FROM push_registrations WHERE user_id = old.user_id AND device_id = old.device_id;
END;

CREATE TABLE sessions (
    session_id   BLOB    NOT NULL PRIMARY KEY CHECK (length(session_id) = 16),
    user_id      BLOB    NOT NULL,
    device_id    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, device_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_device ON sessions (user_id, device_id);

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE store_messages (
    platform   INTEGER NOT NULL,
    message_id TEXT    NOT NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (platform, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX store_messages_by_time ON store_messages (seen_at);

CREATE TABLE stream (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    epoch    INTEGER NOT NULL,
    position INTEGER NOT NULL
, floor INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE stream_marks (
    position  INTEGER NOT NULL,
    marked_at INTEGER NOT NULL
) STRICT;

CREATE TABLE stream_spans (
    user_id        BLOB    NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    audience       BLOB    NOT NULL,                            -- a chat_id, or the user_id itself
    from_position  INTEGER NOT NULL,                            -- exclusive
    until_position INTEGER NOT NULL DEFAULT 9223372036854775807, -- inclusive
    PRIMARY KEY (user_id, audience, from_position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER subscription_log_keeps AFTER UPDATE ON subscription_log BEGIN
    SELECT RAISE (ABORT, 'What was seen of subscriptions is never changed.');
END;

CREATE TRIGGER subscription_log_stays BEFORE DELETE ON subscription_log BEGIN
    SELECT RAISE (ABORT, 'What was seen of subscriptions is never removed.');
END;

CREATE TABLE subscription_log (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    user_id      BLOB,
    platform     INTEGER,
    source       TEXT    NOT NULL,
    receipt_hash BLOB,
    decision     TEXT    NOT NULL,
    reason       TEXT    NOT NULL
) STRICT;

CREATE INDEX subscription_log_by_user ON subscription_log (user_id, id);

CREATE TABLE subscription_status (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (user_id),
    told       TEXT    NOT NULL,
    changes_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_status_changing ON subscription_status (changes_at) WHERE changes_at IS NOT NULL;

CREATE TABLE used_resets (
    signature_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(signature_hash) = 32),
    good_until     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX used_resets_by_end ON used_resets (good_until);
