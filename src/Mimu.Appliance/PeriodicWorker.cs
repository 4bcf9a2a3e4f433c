namespace Mimu.Appliance;

/// <summary>Does one thing again and again until the server stops. The first round comes one period after the start, which has enough to do.</summary>
/// <param name="period">From round to round.</param>
/// <param name="clock">The time.</param>
internal abstract class PeriodicWorker(TimeSpan period, TimeProvider clock) : BackgroundService
{
    /// <summary>The time.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>One round. What it throws ends the server: what may fail is its own to catch.</summary>
    public abstract Task RunOnceAsync(CancellationToken cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunOnceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
