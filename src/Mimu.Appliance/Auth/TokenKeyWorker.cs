using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>Has retired keys leave the file when their last token has expired.</summary>
internal sealed partial class TokenKeyWorker(TokenKeys keys, TimeProvider clock, ILogger<TokenKeyWorker> log) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromMinutes(1);

    /// <summary>One round, also the first thing after a start.</summary>
    public void RunOnce()
    {
        try
        {
            keys.DropUseless();
        }
        catch (StorageRefusedException e)
        {
            LogFailure(e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        RunOnce();
        using var timer = new PeriodicTimer(_period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                RunOnce();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Retired token keys could not be dropped")]
    private partial void LogFailure(Exception exception);
}
