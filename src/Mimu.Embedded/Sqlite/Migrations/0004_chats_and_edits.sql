-- What moved a chat to the top of lists last, as a place in the stream: no two have the same, and clocks have no say in it.
ALTER TABLE chats ADD COLUMN activity INTEGER NOT NULL DEFAULT 0;
UPDATE chats SET activity = max(
    coalesce((SELECT max(m.position) FROM messages m WHERE m.chat_id = chats.chat_id), 0),
    coalesce((SELECT max(e.position) FROM events e WHERE e.audience = chats.chat_id), 0));

-- Where it stood before it moved after an hour's rest or more: what stood there may have been removed since, and a list that was begun then still finds its place.
ALTER TABLE chats ADD COLUMN resting_activity INTEGER NOT NULL DEFAULT 0;

-- Where its last MessageEdited stands, so that who has left before does not read what came after.
ALTER TABLE messages ADD COLUMN edited_position INTEGER;

-- Of a MessageEdited: the message, which has the data.
ALTER TABLE events ADD COLUMN message_position INTEGER;

-- Cursors before this place are no longer served: events have been removed up to here.
ALTER TABLE stream ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;

-- Where the stream's end was at a time, noted now and then, so that a floor can be found for an age.
CREATE TABLE stream_marks (
    position  INTEGER NOT NULL,
    marked_at INTEGER NOT NULL
) STRICT;

-- A chat that is removed leaves nobody's stream pointing at it.
CREATE INDEX stream_spans_by_audience ON stream_spans (audience);
