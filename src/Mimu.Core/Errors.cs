namespace Mimu.Core;

/// <summary>The catalogue of refusals: protocol section 13, one line each. Which status a code has, only the HTTP door knows.</summary>
public static class Errors
{
    public static readonly Error MalformedRequest = new("malformed_request", "The request could not be read", "The body must be one JSON object in UTF-8.");
    public static readonly Error Unauthorized = new("unauthorized", "A valid access token is required", "Send `Authorization: Bearer <access_token>`.");
    public static readonly Error TokenExpired = new("token_expired", "The access token has expired", "Refresh it with POST /auth/refresh.");
    public static readonly Error SessionEnded = new("session_ended", "The session has ended", "Sign in again; the keys of this device stay good.");
    public static readonly Error InvalidCredentials = new("invalid_credentials", "Public id or password is wrong", "No account has this public id and this password.");
    public static readonly Error InvalidRefreshToken = new("invalid_refresh_token", "The refresh token is not valid", "It is unknown or has expired: sign in again.");
    public static readonly Error RefreshTokenReused = new("refresh_token_reused", "The refresh token was used before", "Somebody may have copied it, so the session has ended: sign in again.");
    public static readonly Error AccountDisabled = new("account_disabled", "The account is disabled", "The server's administrator has disabled it.");
    public static readonly Error Blocked = new("blocked", "The other side does not take this", "Nothing can be sent into this chat.");
    public static readonly Error RegistrationClosed = new("registration_closed", "Registration is closed", "This server takes no new accounts.");
    public static readonly Error InviteInvalid = new("invite_invalid", "The invitation is not valid", "It is missing, used up, expired or for another public id.");
    public static readonly Error SignatureInvalid = new("signature_invalid", "The signature is not valid", "It must be by the account's signing key over new_password and timestamp.");
    public static readonly Error SignatureReplayed = new("signature_replayed", "The signature was used before", "Each works once: sign again with the present time.");
    public static readonly Error TimestampOutOfWindow = new("timestamp_out_of_window", "The timestamp is too far from the server's clock", "It must be Unix time in whole seconds, at most 300 s off: see the Date header.");
    public static readonly Error PasswordIncorrect = new("password_incorrect", "The password is not right", "It must be the account's present password.");
    public static readonly Error NotSender = new("not_sender", "The message is somebody else's", "Only its sender can do this, or delete it as an admin of the group.");
    public static readonly Error NotAdmin = new("not_admin", "Only an admin of the group can do this", "Ask one of the participants whose role is `admin`.");
    public static readonly Error QuotaExceeded = new("quota_exceeded", "There is no room left for this account", "Files and uploads under way fill the quota: delete some, or wait for uploads to expire.");
    public static readonly Error NotFound = new("not_found", "Not found", "There is nothing here that this account may see.");
    public static readonly Error MethodNotAllowed = new("method_not_allowed", "The method is not allowed here", "The methods that are stand in the Allow header.");
    public static readonly Error PublicIdTaken = new("public_id_taken", "The public id is taken", "Choose another public_id.");
    public static readonly Error KeyIdReused = new("key_id_reused", "The key_id belongs to another key", "Numbers of prekeys are used once: upload the key under a new one.");
    public static readonly Error KeysDiffer = new("keys_differ", "The server has other keys", "Upload the keys of this device again; the server may have been restored, or the keys replaced.");
    public static readonly Error BackupConflict = new("backup_conflict", "The backup has changed", "Another device has stored one: fetch it, and replace it with its etag.");
    public static readonly Error DirectChat = new("direct_chat", "A direct chat has two people for ever", "Nobody joins it, leaves it or has a role in it: open a group.");
    public static readonly Error EditWindowClosed = new("edit_window_closed", "The message is too old to be edited", "The limit stands in GET /.well-known/mimu.");
    public static readonly Error ReceiptInvalid = new("receipt_invalid", "The receipt is not valid", "The store does not vouch for it, or it is of another app or product.");
    public static readonly Error ReceiptInUse = new("receipt_in_use", "The receipt is another account's", "A purchase belongs to the account that used it first, for as long as there is that account.");
    public static readonly Error StoreUnavailable = new("store_unavailable", "The store can't be asked right now", "Nothing was changed; try again later.");
    public static readonly Error LimitReached = new("limit_reached", "The limit is reached", "There is no room for more of these.");
    public static readonly Error CursorExpired = new("cursor_expired", "The cursor is no longer served", "Take a new cursor from GET /api/v1/sync and list chats and messages afresh.");
    public static readonly Error PayloadTooLarge = new("payload_too_large", "The body or a member is too large", "The limits stand in GET /.well-known/mimu.");
    public static readonly Error UnsupportedMediaType = new("unsupported_media_type", "The media type is not supported", "Send `Content-Type: application/json`.");
    public static readonly Error InternalError = new("internal_error", "Something went wrong in the server", "It is not the request's fault; the log has more under this trace_id.");
    public static readonly Error Unavailable = new("unavailable", "The server can't do this right now", "Try again in a moment.");
    public static readonly Error CallsNotConfigured = new("calls_not_configured", "This server has no TURN servers", "Calls between devices that reach each other work all the same; the administrator can set up [calls].");
    public static readonly Error InsufficientStorage = new("insufficient_storage", "The server's disk is full", "Nothing was changed; try again when there is room.");
}
