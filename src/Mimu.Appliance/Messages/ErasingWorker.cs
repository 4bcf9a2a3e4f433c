using Mimu.Core.Messages;

namespace Mimu.Appliance.Messages;

/// <summary>Has what expired, and what is older than the settings keep, erased within a minute (protocol 5.6).</summary>
internal sealed partial class ErasingWorker(EraseMessages erase, TimeProvider clock, ILogger<ErasingWorker> log) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(30);

    /// <summary>One round. The first comes some time after the start, which has enough to do.</summary>
    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        try
        {
            if (await erase.RunAsync(cancellation) is > 0 and var erased)
            {
                LogErased(erased);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogFailure(e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_period, clock);
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} messages and events had their time and were erased")]
    private partial void LogErased(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What has had its time could not be erased; another round follows")]
    private partial void LogFailure(Exception exception);
}
