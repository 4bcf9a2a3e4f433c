namespace Mimu.Core;

/// <summary>Time as Mimu keeps it: UTC in whole milliseconds, so that what is stored is what was told (protocol section 1).</summary>
public static class Clock
{
    /// <summary>The present moment, in whole milliseconds.</summary>
    public static DateTimeOffset Now(this TimeProvider clock) =>
        DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
