using Mimu.Core.Messages;

namespace Mimu.Appliance.Messages;

/// <summary>Has what expired, and what is older than the settings keep, erased within a minute (protocol 5.6).</summary>
internal sealed partial class ErasingWorker(EraseMessages erase, TimeProvider clock, ILogger<ErasingWorker> log)
    : PeriodicWorker(TimeSpan.FromSeconds(30), clock)
{
    public override async Task RunOnceAsync(CancellationToken cancellation)
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} messages and events had their time and were erased")]
    private partial void LogErased(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What has had its time could not be erased; another round follows")]
    private partial void LogFailure(Exception exception);
}
