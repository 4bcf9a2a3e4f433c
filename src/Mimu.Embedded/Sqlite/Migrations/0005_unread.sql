-- What is unread is counted from the index alone: the rows, payloads and all, lie far apart in a large database.
DROP INDEX messages_by_chat;
CREATE INDEX messages_by_chat ON messages (chat_id, position, sender_id, deleted_at, expires_at);
