namespace Mimu.Core;

/// <summary>How much of a thing there may be (protocol section 14). Sizes in bytes.</summary>
public sealed record Limits
{
    /// <summary>The largest <c>encrypted_payload</c>, decoded: <c>messages.max_payload</c>.</summary>
    public int MaxPayload { get; init; } = 256 * 1024;

    /// <summary>The largest <c>encrypted_metadata</c> of a chat, decoded (protocol section 14).</summary>
    public int MaxMetadata { get; init; } = 16 * 1024;

    /// <summary>The largest <c>encrypted_backup</c>, decoded (protocol 3.7).</summary>
    public int MaxKeyBackup { get; init; } = 1024 * 1024;

    /// <summary>How many people one group may have: <c>chats.max_participants</c>.</summary>
    public int MaxParticipants { get; init; } = 1000;

    /// <summary>How many one-time prekeys of a kind one call may bring (protocol section 14).</summary>
    public int MaxPrekeysPerCall { get; init; } = 100;

    /// <summary>How many one-time prekeys are kept for a device and kind: <c>limits.one_time_prekeys</c>.</summary>
    public int MaxPrekeysKept { get; init; } = 500;

    /// <summary>A device with fewer one-time prekeys of a kind is told so: <c>limits.prekeys_low</c>.</summary>
    public int PrekeysLow { get; init; } = 10;

    /// <summary>How long a message can be edited: <c>messages.edit_window</c>.</summary>
    public TimeSpan EditWindow { get; init; } = TimeSpan.FromHours(48);

    /// <summary>How many chats a message can be forwarded to at once (protocol 5.3).</summary>
    public const int MaxForwardTargets = 32;

    /// <summary>The longest life of a message that expires, in seconds: 365 days (protocol 5.6).</summary>
    public const int MaxLifetimeSeconds = 31_536_000;
}
