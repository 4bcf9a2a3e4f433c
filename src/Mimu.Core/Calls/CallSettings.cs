namespace Mimu.Core.Calls;

/// <summary>How long calls are kept in mind, and how much of them (protocol section 9).</summary>
public sealed record CallSettings
{
    /// <summary>How long a call rings: <c>calls.ring_timeout</c>.</summary>
    public TimeSpan RingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a device that has a socket may say nothing to an offer before it is woken by a push: it may be asleep, or out of reach.</summary>
    public TimeSpan SilenceBeforePush { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long candidates wait for the offer that they belong to: it is on its way over another socket, or not at all.</summary>
    public TimeSpan OfferTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call goes on ringing whose caller's device is gone: enough to change from one network to another.</summary>
    public TimeSpan CallerTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a call that was answered may be silent. Those who talk renegotiate, or hang up, or lose their sockets.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long a call that was answered is kept in mind with no socket at either end.</summary>
    public TimeSpan AbandonTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the end of a call is told to devices that come back.</summary>
    public TimeSpan EndTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many calls of one account may ring at once. Nobody has so many hands.</summary>
    public int MaxRinging { get; init; } = 8;

    /// <summary>How many calls of one account are kept in mind; of more, the oldest that rings no more is forgotten.</summary>
    public int MaxCalls { get; init; } = 32;

    /// <summary>How many candidates are kept with an offer, and how many frames for a device that is away (protocol 9.3).</summary>
    public int MaxKept { get; init; } = 64;

    /// <summary>How many bytes are kept of one call: an offer of 16 KiB, and candidates of the usual size and more.</summary>
    public int MaxKeptBytes { get; init; } = 128 * 1024;

    /// <summary>How many bytes all calls together may take.</summary>
    public long MaxBytes { get; init; } = 64 << 20;

    /// <summary>The largest payload in bytes of JSON (protocol 9.2).</summary>
    public const int MaxPayload = 16 * 1024;
}
