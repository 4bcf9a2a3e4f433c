using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Push;

/// <summary>Wakes phones (protocol 11.2, 11.3): a lane for each platform that there is a sender for.</summary>
internal sealed partial class PushWorker(
    IEnumerable<IPushSender> senders, IDatabase database, IPubSub pubSub, IPresence presence, PushCounts counts, TimeProvider clock, ILogger<PushWorker> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        PushLane[] lanes = [.. senders.Select(sender => new PushLane(sender, database, presence, counts, clock, log))];
        var subscriptions = Array.ConvertAll(lanes, lane => pubSub.Subscribe(WakeUps.Workers, lane));
        try
        {
            await ResumeAsync(stoppingToken);
            await Task.WhenAll(lanes.Select(lane => lane.RunAsync(stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
        finally
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Dispose();
            }
        }
    }

    private async Task ResumeAsync(CancellationToken cancellation)
    {
        try
        {
            await database.WriteAsync<Done>(async tx =>
            {
                await tx.Push.ResumeAsync(clock.Now());
                return default(Done);
            }, cancellation);
        }
        catch (Exception e) when (e is StorageFullException or StorageBusyException or StorageUnavailableException)
        {
            // They are due again when their lease is over.
            LogNotResumed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pushes that were under way when the server stopped wait some minutes")]
    private partial void LogNotResumed(Exception exception);
}
