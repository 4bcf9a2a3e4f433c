using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Core.Storage;

namespace Mimu.Core.Push;

/// <summary>
/// Has phones woken for messages (protocol 11.2). The wake-up is stored in the message's own transaction, so that there is never a message for a sleeping device without one; that it
/// is there is told to <see cref="Workers"/> after the commit.
/// </summary>
public sealed class WakeUps(IDatabase database, IPresence presence, PushSettings settings, TimeProvider clock)
{
    /// <summary>Events of a stream that are looked through for a message.</summary>
    private const int Page = 50;

    private static readonly UserId[] _workers = [Workers];

    /// <summary>Who loses a socket and means to go on is back by then.</summary>
    private static readonly TimeSpan _return = TimeSpan.FromSeconds(5);

    /// <summary>The same when the server starts again.</summary>
    private static readonly TimeSpan _restart = TimeSpan.FromSeconds(60);

    /// <summary>Whom those who send pushes subscribe as: no account has this id.</summary>
    public static UserId Workers => default;

    /// <summary>Queues a wake-up for all who are to have a message, except its sender, and the devices that have an open socket.</summary>
    internal async ValueTask QueueAsync(ITransaction tx, Message message, IReadOnlyList<UserId> audience, DateTimeOffset now)
    {
        var isNew = false;
        for (var i = 0; i < audience.Count; i++)
        {
            if (audience[i] != message.SenderId)
            {
                isNew |= await tx.Push.QueueAsync(audience[i], presence.OnlineDevices(audience[i]), settings, now);
            }
        }
        if (isNew)
        {
            Tell(tx);
        }
    }

    /// <summary>
    /// A device's last socket has ended. What came in the meantime, and what was sent and perhaps never arrived, is what the device is woken for.
    /// </summary>
    /// <param name="caller">Whose socket it was.</param>
    /// <param name="taken">The last place of the stream that the client has surely got.</param>
    /// <param name="isStopping">Whether the server stops, so that clients need longer to be back.</param>
    public async ValueTask SocketLostAsync(Caller caller, Cursor taken, bool isStopping = false)
    {
        if (presence.OnlineDevices(caller.UserId).Contains(caller.DeviceId) || settings.Platforms.Count == 0
            || (await database.ReadAsync(tx => tx.Push.ListAsync(caller.UserId))).All(one => one.DeviceId != caller.DeviceId))
        {
            return;
        }
        // Looked at where messages are stored: one that found the device online is committed by then.
        await database.WriteAsync<Done>(async tx =>
        {
            var now = clock.Now();
            if (await HasMissedAsync(tx, caller.UserId, taken, now)
                && await tx.Push.QueueAsync(caller.UserId, DeviceSet.AllBut(caller.DeviceId), settings, now + (isStopping ? _restart : _return)))
            {
                Tell(tx);
            }
            return default(Done);
        });
    }

    /// <summary>Whoever is so far behind that a page does not tell is woken without looking further.</summary>
    private static async ValueTask<bool> HasMissedAsync(ITransaction tx, UserId user, Cursor taken, DateTimeOffset now) =>
        await tx.Events.ReadAsync(user, taken, Page, now) is not { HasMore: false } page
        || page.Events.Any(happened => happened is { Type: nameof(NewMessage), Message: { } message } && message.SenderId != user);

    private static void Tell(ITransaction tx) => tx.Publish(new Publication(Cursor: null, WakeUpsQueued.One, _workers, Origin: null));
}
