-- So that what is erased has no copies in the file (docs/adr/0010): a message's row never grows, and goes only when its neighbours are empty too. The tables
-- are made anew, which does away with the copies that SQLite has made until now.
DROP INDEX messages_by_id;
DROP INDEX messages_by_chat;
DROP INDEX messages_by_client_id;
DROP INDEX messages_expiring;
ALTER TABLE messages RENAME TO former_messages;

-- A message's row is its NewMessage event: there is never one without the other. The flags take no room in a row, so that setting them has none grow.
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

-- What messages were made to say, in the order of the edits.
CREATE TABLE edits (
    position         INTEGER PRIMARY KEY,                       -- of the MessageEdited
    message_position INTEGER,                                   -- NULL, and everything else too: another edit followed, or the message was removed
    edited_at        INTEGER,
    payload          BLOB    NOT NULL
) STRICT;

INSERT INTO edits (position, message_position, edited_at, payload)
SELECT edited_position, position, edited_at, payload FROM former_messages WHERE edited_position IS NOT NULL ORDER BY edited_position;

INSERT INTO messages (position, message_id, chat_id, sender_id, sender_device_id, type, reply_to, forwarded_from, created_at, expires_at, is_deleted, is_edited,
                      client_message_id, payload)
SELECT position, message_id, chat_id, sender_id, sender_device_id, type, reply_to, forwarded_from, created_at, expires_at, deleted_at IS NOT NULL,
       edited_position IS NOT NULL, client_message_id, iif(edited_position IS NULL, payload, x'')
FROM former_messages ORDER BY position;

DROP TABLE former_messages;

CREATE UNIQUE INDEX messages_by_id ON messages (message_id) WHERE message_id IS NOT NULL;
-- What is unread is counted from the index alone: the rows, payloads and all, lie far apart in a large database.
CREATE INDEX messages_by_chat ON messages (chat_id, position, sender_id, is_deleted, expires_at) WHERE chat_id IS NOT NULL;
CREATE UNIQUE INDEX messages_by_client_id ON messages (sender_id, client_message_id) WHERE client_message_id IS NOT NULL;
CREATE INDEX messages_expiring ON messages (expires_at) WHERE expires_at IS NOT NULL AND is_deleted = 0;
CREATE UNIQUE INDEX edits_by_message ON edits (message_position) WHERE message_position IS NOT NULL;
