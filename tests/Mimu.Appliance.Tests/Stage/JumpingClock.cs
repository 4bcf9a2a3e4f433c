namespace Mimu.Appliance.Tests.Stage;

/// <summary>The system's clock, set wrong. It may be set back, which a FakeTimeProvider may not; timers go on as if nothing had happened, as the system's do.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _offset;

    /// <summary>Sets it forward, or back.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));
}
