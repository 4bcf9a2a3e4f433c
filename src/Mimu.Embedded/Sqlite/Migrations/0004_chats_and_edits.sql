-- Which event moved a chat to the top of lists last, as a place in the stream: no two have the same, and clocks have no say in it. Its messages need not be noted.
ALTER TABLE chats ADD COLUMN activity INTEGER NOT NULL DEFAULT 0;
UPDATE chats SET activity = coalesce((SELECT max(e.position) FROM events e WHERE e.audience = chats.chat_id), 0);

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
