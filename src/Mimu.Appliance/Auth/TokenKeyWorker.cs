using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>Has retired keys leave the file when their last token has expired, also as the first thing after a start.</summary>
internal sealed partial class TokenKeyWorker(TokenKeys keys, TimeProvider clock, ILogger<TokenKeyWorker> log) : PeriodicWorker(TimeSpan.FromMinutes(1), clock)
{
    public override Task RunOnceAsync(CancellationToken cancellation)
    {
        try
        {
            keys.DropUseless();
        }
        catch (StorageRefusedException e)
        {
            LogFailure(e);
        }
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await RunOnceAsync(stoppingToken);
        await base.ExecuteAsync(stoppingToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Retired token keys could not be dropped")]
    private partial void LogFailure(Exception exception);
}
