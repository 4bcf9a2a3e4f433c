namespace Mimu.Appliance.Gateway;

/// <summary>Closes sockets whose token ran out, and pings the others: one timer for all of them.</summary>
internal sealed class HeartbeatWorker(ConnectionTable connections, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                connections.Beat();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
