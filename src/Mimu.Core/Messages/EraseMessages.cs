using Mimu.Core.Storage;

namespace Mimu.Core.Messages;

/// <summary>How long things are kept (<c>[messages] retention</c>, <c>[events] retention</c>).</summary>
/// <param name="Messages">Older ones are erased; null to keep them for ever.</param>
/// <param name="Events">How long cursors are served.</param>
public sealed record Retention(TimeSpan? Messages, TimeSpan Events);

/// <summary>Erases what has had its time: messages that expired, and what is older than the settings keep.</summary>
public sealed class EraseMessages(IDatabase database, TimeProvider clock, Retention retention)
{
    /// <summary>Rows of one piece of work, so that messages being sent wait for no more than these.</summary>
    private const int Batch = 500;

    /// <summary>Marks are no further apart than this part of the time that cursors are served, and than an hour.</summary>
    private const int MarksInRetention = 20;

    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    /// <summary>Erases all that there is to erase at this moment, also from the storage's files.</summary>
    /// <returns>How many messages and events went.</returns>
    public async ValueTask<int> RunAsync(CancellationToken cancellation)
    {
        var now = clock.Now();
        var erased = await RepeatAsync(tx => tx.Messages.EraseExpiredAsync(now, Batch), cancellation);
        if (retention.Messages is { } age)
        {
            erased += await RepeatAsync(tx => tx.Messages.RemoveOlderAsync(now - age, Batch), cancellation);
        }
        var apart = retention.Events / MarksInRetention < _hour ? retention.Events / MarksInRetention : _hour;
        await database.WriteAsync<Done>(async tx =>
        {
            await tx.Events.MarkAsync(now, now - apart);
            return default(Done);
        }, cancellation);
        erased += await RepeatAsync(tx => tx.Events.RetireAsync(now - retention.Events, Batch), cancellation);
        await database.ScrubAsync(cancellation);
        return erased;
    }

    private async ValueTask<int> RepeatAsync(Func<ITransaction, ValueTask<int>> erase, CancellationToken cancellation)
    {
        var total = 0;
        int erased;
        do
        {
            erased = (await database.WriteAsync<int>(async tx => await erase(tx), cancellation)).Value;
            total += erased;
        }
        while (erased == Batch);
        return total;
    }
}
