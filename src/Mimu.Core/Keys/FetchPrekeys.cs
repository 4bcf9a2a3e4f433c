using Mimu.Core.Accounts;
using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Keys;

/// <summary>Hands out what is needed to begin a session with somebody (protocol 3.3). One-time prekeys are consumed in the same transaction.</summary>
public sealed class FetchPrekeys(IDatabase database, Limits limits)
{
    /// <param name="caller">Who asks; of their own account, the calling device is left out.</param>
    /// <param name="publicId">Whose keys.</param>
    /// <param name="deviceId">One device alone; null for all.</param>
    /// <param name="cancellation">Gives up before it has begun.</param>
    /// <returns>The bundles; <c>not_found</c> where there is no such account or device.</returns>
    public ValueTask<Result<PrekeyBundle>> RunAsync(Caller caller, PublicId publicId, int? deviceId, CancellationToken cancellation) =>
        database.WriteAsync<PrekeyBundle>(async tx =>
        {
            if (await tx.Accounts.FindAsync(publicId) is not { State: not AccountState.Deleted } account
                || await tx.Blocks.IsBlockedAsync(caller.UserId, by: account.Id))
            {
                return Errors.NotFound;
            }
            var bundles = new List<DeviceBundle>();
            foreach (var device in await tx.Devices.ListAsync(account.Id))
            {
                var isCaller = account.Id == caller.UserId && device.DeviceId == caller.DeviceId;
                if (!isCaller && (deviceId ?? device.DeviceId) == device.DeviceId && await TakeAsync(tx, device) is { } bundle)
                {
                    bundles.Add(bundle);
                }
            }
            return bundles.Count == 0 ? Errors.NotFound : new PrekeyBundle(account, bundles);
        }, cancellation);

    private async ValueTask<DeviceBundle?> TakeAsync(ITransaction tx, Device device)
    {
        var (user, id) = (device.UserId, device.DeviceId);
        if (await tx.Keys.FindStandingAsync(user, id, PrekeyKind.Signed) is not { } signed)
        {
            return null;
        }
        var oneTime = await tx.Keys.TakeAsync(user, id, PrekeyKind.OneTime);
        var pq = await tx.Keys.TakeAsync(user, id, PrekeyKind.PqOneTime) ?? await tx.Keys.FindStandingAsync(user, id, PrekeyKind.PqLastResort);
        var stock = await tx.Keys.CountAsync(user, id);
        if (stock.IsLow(limits.PrekeysLow))
        {
            tx.Publish(new Publication(Cursor: null, new PrekeysLow(id, stock.OneTime, stock.PqOneTime), [user], Origin: null));
        }
        return new DeviceBundle(id, device.SignalRegistrationId, signed, oneTime, pq);
    }
}
