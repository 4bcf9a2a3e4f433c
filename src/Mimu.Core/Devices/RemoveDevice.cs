using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Devices;

/// <summary>Removes a linked device (protocol 3.9): its sessions end, its keys go.</summary>
public sealed class RemoveDevice(IDatabase database, EventWriter events)
{
    /// <returns>Nothing; <c>not_found</c>, or <c>validation_failed</c> for the first device.</returns>
    public ValueTask<Result<Done>> RunAsync(Caller caller, int deviceId, CancellationToken cancellation) =>
        database.WriteAsync<Done>(async tx =>
        {
            if (deviceId == Device.First)
            {
                return new ValidationFailed([new Fault("device_id", "must be a linked device: the first one can't be removed")]);
            }
            if (await tx.Accounts.FindAsync(caller.UserId) is not { State: AccountState.Active } account)
            {
                return Errors.SessionEnded;
            }
            await tx.EndSessionsAsync(account.Id, deviceId: deviceId);
            if (!await tx.Devices.RemoveAsync(account.Id, deviceId))
            {
                return Errors.NotFound;
            }
            await DeviceNews.TellAsync(tx, events, account, caller.SessionId);
            return default(Done);
        }, cancellation);
}
