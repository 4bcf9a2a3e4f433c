using System.Security.Cryptography;

namespace Mimu.Appliance.Push;

/// <summary>How long to wait after a failure: twice as long each time, and never all at once (FCM, "Scale FCM": not before 10 s, with jitter).</summary>
internal static class PushBackoff
{
    private const int MaxDoublings = 9;

    /// <summary>A service that wants more has gone wrong, and a wake-up is worth nothing by then.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromHours(6);

    /// <summary>After the first failure.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(10);

    /// <param name="failures">How often it has failed before.</param>
    /// <param name="atLeast">What the service asked for; null for nothing.</param>
    public static TimeSpan After(int failures, TimeSpan? atLeast)
    {
        var usual = First * (1 << Math.Min(failures, MaxDoublings));
        var jitter = 1 + (RandomNumberGenerator.GetInt32(0, 501) / 1000.0);
        return (atLeast > _longest ? _longest : atLeast > usual ? atLeast.Value : usual) * jitter;
    }
}
