-- What was bought, each purchase once: it belongs to one account through all its renewals.
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

-- What an administrator gave.
CREATE TABLE grants (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (user_id),
    until      INTEGER NOT NULL,
    granted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What each account was last told of its status, and when that may change by itself.
CREATE TABLE subscription_status (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (user_id),
    told       TEXT    NOT NULL,
    changes_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_status_changing ON subscription_status (changes_at) WHERE changes_at IS NOT NULL;

-- Messages of the stores that were dealt with: they come again until they are answered.
CREATE TABLE store_messages (
    platform   INTEGER NOT NULL,
    message_id TEXT    NOT NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (platform, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_messages_by_time ON store_messages (seen_at);

-- Everything that was seen and decided, for an administrator who is asked. Nothing of it is ever changed.
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
CREATE TRIGGER subscription_log_keeps AFTER UPDATE ON subscription_log BEGIN
    SELECT RAISE (ABORT, 'What was seen of subscriptions is never changed.');
END;
CREATE TRIGGER subscription_log_stays BEFORE DELETE ON subscription_log BEGIN
    SELECT RAISE (ABORT, 'What was seen of subscriptions is never removed.');
END;
