using Mimu.Core.Storage;

namespace Mimu.Core.Push;

/// <summary>A registration, and whether it is new.</summary>
public sealed record RegisteredForPush(PushRegistration Registration, bool IsNew);

/// <summary>Registers a token for pushes (protocol 11.1). It belongs to whoever registered it last, and goes with the device that did.</summary>
public sealed class RegisterForPush(IDatabase database, TimeProvider clock)
{
    /// <summary>Registrations of one device. The oldest makes way: tokens change, and nobody says which are no longer in use.</summary>
    public const int MaxPerDevice = 16;

    /// <summary>Registrations of one account, likewise: each of them may keep a sender waiting.</summary>
    public const int MaxPerAccount = 64;

    /// <returns>The registration; <c>session_ended</c>.</returns>
    public ValueTask<Result<RegisteredForPush>> RunAsync(Caller caller, PushTarget target, CancellationToken cancellation) => database.WriteAsync<RegisteredForPush>(async tx =>
    {
        if (await tx.Sessions.FindAsync(caller.SessionId) is null)
        {
            return Errors.SessionEnded;
        }
        var now = clock.Now();
        var found = await tx.Push.FindAsync(target.Platform, target.Token);
        if (found is not null && found.UserId != caller.UserId)
        {
            // Under another id: whoever had it must have no name for it any more.
            await tx.Push.RemoveAsync(found.UserId, found.Id);
            found = null;
        }
        var isNew = found is null;
        var others = (await tx.Push.ListAsync(caller.UserId)).Where(one => one.Id != found?.Id).OrderBy(one => one.RegisteredAt).ToList();
        var ofDevice = others.FindAll(one => one.DeviceId == caller.DeviceId);
        foreach (var oldest in ofDevice.Take(ofDevice.Count - MaxPerDevice + 1).Union(others.Take(others.Count - MaxPerAccount + 1)))
        {
            await tx.Push.RemoveAsync(caller.UserId, oldest.Id);
        }
        var registration = found is null
            ? new PushRegistration(Ids.NewRegistrationId(now), caller.UserId, caller.DeviceId, target, now, now)
            : found with { DeviceId = caller.DeviceId, Target = target, RegisteredAt = now };
        await tx.Push.PutAsync(registration);
        return new RegisteredForPush(registration, isNew);
    }, cancellation);
}
