namespace Mimu.Appliance.Gateway;

/// <summary>Closes sockets whose token ran out, and pings the others: one timer for all of them.</summary>
internal sealed class HeartbeatWorker(ConnectionTable connections, TimeProvider clock) : PeriodicWorker(TimeSpan.FromSeconds(1), clock)
{
    public override Task RunOnceAsync(CancellationToken cancellation)
    {
        connections.Beat();
        return Task.CompletedTask;
    }
}
