using Mimu.Core.Devices;

namespace Mimu.Core.Push;

/// <summary>What clients have registered for pushes, and the wake-ups that wait to be sent.</summary>
public interface IPushStore
{
    /// <summary>The registration of a token; null if there is none.</summary>
    ValueTask<PushRegistration?> FindAsync(PushPlatform platform, string token);

    /// <summary>Somebody's registrations, the oldest first.</summary>
    ValueTask<IReadOnlyList<PushRegistration>> ListAsync(UserId user);

    /// <summary>Adds a registration, whose token must be new, or puts it in the place of what was there under its id. Its VoIP token is then nobody else's.</summary>
    ValueTask PutAsync(PushRegistration registration);

    /// <summary>Removes a registration with the wake-up that waits for it; false if this user has none such.</summary>
    ValueTask<bool> RemoveAsync(UserId user, RegistrationId id);

    /// <summary>
    /// Has a wake-up wait for each of somebody's registrations, unless one waits already: to be sent at once, or when the registration's last push is long enough ago. One that
    /// waits lives longer by it.
    /// </summary>
    /// <param name="user">Whose.</param>
    /// <param name="online">Devices that need none, since they have an open socket.</param>
    /// <param name="settings">Which platforms there are senders for, and how long between pushes.</param>
    /// <param name="due">Not before this.</param>
    /// <returns>Whether there is anything new to send.</returns>
    ValueTask<bool> QueueAsync(UserId user, DeviceSet online, PushSettings settings, DateTimeOffset due);

    /// <summary>Takes wake-ups that are due, the longest waiting first. They are due again at the end of the lease, should nobody say what became of them.</summary>
    ValueTask<IReadOnlyList<WakeUp>> TakeAsync(PushPlatform platform, DateTimeOffset now, DateTimeOffset leaseUntil, int limit);

    /// <summary>A wake-up was sent. If something new came while it was, the next waits for its time.</summary>
    ValueTask SentAsync(RegistrationId id, DateTimeOffset now);

    /// <summary>A wake-up is given up. If something new came while it was being sent, that waits for its time.</summary>
    ValueTask GiveUpAsync(RegistrationId id, DateTimeOffset now);

    /// <summary>A wake-up that was taken has not been sent yet, and is due again.</summary>
    ValueTask GiveBackAsync(RegistrationId id, DateTimeOffset due);

    /// <summary>A wake-up is to be tried again.</summary>
    ValueTask PostponeAsync(RegistrationId id, DateTimeOffset due);

    /// <summary>A wake-up is not needed, nor is what came since.</summary>
    ValueTask DropAsync(RegistrationId id);

    /// <summary>Removes a registration unless it was made anew after a moment; false if it was.</summary>
    ValueTask<bool> RemoveDeadAsync(RegistrationId id, DateTimeOffset deadSince);

    /// <summary>The same for its VoIP token alone.</summary>
    ValueTask<bool> RemoveDeadVoipTokenAsync(RegistrationId id, DateTimeOffset deadSince);

    /// <summary>When the next wake-up of a platform is due; null for none.</summary>
    ValueTask<DateTimeOffset?> FindNextDueAsync(PushPlatform platform);

    /// <summary>What was being sent when the server died is due at once, and what waits for longer than anything does: the clock has been set.</summary>
    ValueTask ResumeAsync(DateTimeOffset now);

    /// <summary>How many registrations there are, and wake-ups that wait, by platform.</summary>
    ValueTask<IReadOnlyList<PushQueueCounts>> CountAsync();
}

/// <summary>Something that is registered for pushes (protocol 11.1).</summary>
/// <param name="Id">Its name.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="DeviceId">The device that it goes with.</param>
/// <param name="Target">Where pushes go.</param>
/// <param name="CreatedAt">When it was first registered.</param>
/// <param name="RegisteredAt">When it was last registered.</param>
public sealed record PushRegistration(RegistrationId Id, UserId UserId, int DeviceId, PushTarget Target, DateTimeOffset CreatedAt, DateTimeOffset RegisteredAt);

/// <summary>A wake-up that is due.</summary>
/// <param name="Registration">Where to.</param>
/// <param name="Attempts">How often it failed.</param>
/// <param name="ExpiresAt">When it is given up.</param>
public sealed record WakeUp(PushRegistration Registration, int Attempts, DateTimeOffset ExpiresAt);

/// <summary>What there is of one platform.</summary>
/// <param name="Platform">Whose.</param>
/// <param name="Registrations">How many registrations.</param>
/// <param name="Waiting">How many wake-ups wait.</param>
/// <param name="Failing">How many of them have failed at least once.</param>
/// <param name="NextDueAt">When the first of them is due; null for none.</param>
public sealed record PushQueueCounts(PushPlatform Platform, long Registrations, long Waiting, long Failing, DateTimeOffset? NextDueAt);
