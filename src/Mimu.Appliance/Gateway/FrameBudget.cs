using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// The token bucket of one socket's frames (protocol section 14): asked for with every frame by the one loop that reads them, and part of the socket, so that it
/// takes neither lock nor memory.
/// </summary>
internal struct FrameBudget(Rate? rate)
{
    private double _tokens = rate?.Burst ?? 0;
    private long _filledAt = Environment.TickCount64;

    /// <summary>Takes a token; false when there is none.</summary>
    public bool TryTake()
    {
        if (rate is not { } limit)
        {
            return true;
        }
        var now = Environment.TickCount64;
        _tokens = Math.Min(limit.Burst, _tokens + ((now - _filledAt) * limit.PerMinute / 60_000));
        _filledAt = now;
        if (_tokens < 1)
        {
            return false;
        }
        _tokens--;
        return true;
    }
}
