-- When a token was last registered: a provider's verdict counts only if it is not older than that. And when it was last pushed: bursts are one push.
ALTER TABLE push_registrations ADD COLUMN registered_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE push_registrations ADD COLUMN pushed_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX push_registrations_by_voip_token ON push_registrations (voip_token) WHERE voip_token IS NOT NULL;

-- A device that is signed out is not to be woken any more.
CREATE TRIGGER sessions_end AFTER DELETE ON sessions
WHEN NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = old.user_id AND device_id = old.device_id) BEGIN
    DELETE FROM push_registrations WHERE user_id = old.user_id AND device_id = old.device_id;
END;

-- At most one wake-up waits for a registration: it only says that there is something to fetch. While one is being sent, a message that comes puts is_sending back, so that the row stays.
DROP TABLE push_queue;
CREATE TABLE push_queue (
    registration_id BLOB    NOT NULL PRIMARY KEY REFERENCES push_registrations (registration_id) ON DELETE CASCADE,
    platform        INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    is_sending      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX push_queue_by_due ON push_queue (platform, due_at);
