namespace Mimu.Core.Push;

/// <summary>How phones are woken (<c>[push]</c>).</summary>
/// <param name="Ttl">How long a wake-up is tried, and a push service keeps it for a device that is off.</param>
/// <param name="Platforms">Those that there is a sender for.</param>
public sealed record PushSettings(TimeSpan Ttl, IReadOnlyCollection<PushPlatform> Platforms)
{
    /// <summary>Between two pushes of one registration: a burst of messages is one push.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Longer than anything waits to be tried again: what is due later was queued under another clock.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(10);

    /// <summary>How much older than it might be a wake-up may get before it is renewed.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromHours(1);

    /// <summary>The platforms as bits, each at its number.</summary>
    public int PlatformBits { get; } = Platforms.Aggregate(0, (bits, platform) => bits | 1 << (int)platform);
}
