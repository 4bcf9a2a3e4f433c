using Microsoft.Extensions.Time.Testing;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>A host whose time passes when a test says so.</summary>
public sealed class ClockHost : Host
{
    public ClockHost()
        : this(new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 18, 50, 0, 250, TimeSpan.Zero)))
    {
    }

    private ClockHost(FakeTimeProvider clock)
        : base(null, clock) => Clock = clock;

    internal FakeTimeProvider Clock { get; }
}
