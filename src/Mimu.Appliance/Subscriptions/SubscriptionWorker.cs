using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Subscriptions;

/// <summary>Asks the stores again in time, and tells accounts whose subscription has ended (protocol 10.3).</summary>
internal sealed partial class SubscriptionWorker(CheckPurchases check, TimeProvider clock, ILogger<SubscriptionWorker> log) : PeriodicWorker(TimeSpan.FromSeconds(30), clock)
{
    public override async Task RunOnceAsync(CancellationToken cancellation)
    {
        try
        {
            if (await check.RunAsync(cancellation) is { } done && done != (0, 0))
            {
                LogDone(done.Purchases, done.Accounts);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogFailure(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Purchases} purchases were checked, and the subscriptions of {Accounts} accounts looked at")]
    private partial void LogDone(int purchases, int accounts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Subscriptions could not be checked; another round follows")]
    private partial void LogFailure(Exception exception);
}
