using Mimu.Core.Devices;
using Mimu.Core.Push;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryPushStore(MemoryTransaction tx) : IPushStore
{
    private static readonly TimeSpan _pause = PushSettings.Pause;

    public ValueTask<PushRegistration?> FindAsync(PushPlatform platform, string token) =>
        new(tx.State.Registrations.Find(one => one.Target.Platform == platform && one.Target.Token == token));

    public ValueTask<IReadOnlyList<PushRegistration>> ListAsync(UserId user) => new([.. tx.State.Registrations.Where(one => one.UserId == user).OrderBy(one => one.CreatedAt)]);

    public ValueTask PutAsync(PushRegistration registration)
    {
        var others = tx.State.Registrations.RemoveAll(one => one.Id == registration.Id);
        if (others.Exists(one => one.Target.Platform == registration.Target.Platform && one.Target.Token == registration.Target.Token))
        {
            throw new InvalidOperationException("The token is registered.");
        }
        var voip = registration.Target.VoipToken;
        others = [.. others.Select(one => voip is not null && one.Target.VoipToken == voip ? one with { Target = one.Target with { VoipToken = null } } : one)];
        tx.State = tx.State with { Registrations = others.Add(registration) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(UserId user, RegistrationId id) => new(RemoveAll(one => one.Id == id && one.UserId == user));

    public ValueTask<bool> QueueAsync(UserId user, DeviceSet online, PushSettings settings, DateTimeOffset due)
    {
        var isChanged = false;
        foreach (var one in tx.State.Registrations.Where(one => one.UserId == user && !online.Contains(one.DeviceId) && settings.Platforms.Contains(one.Target.Platform)))
        {
            var next = tx.State.Pushed.TryGetValue(one.Id, out var pushed) && pushed <= due && pushed + _pause > due ? pushed + _pause : due;
            var fresh = new QueuedWakeUp(next, due + settings.Ttl, 0, IsSending: false);
            if (tx.State.PushQueue.GetValueOrDefault(one.Id) is not { } present)
            {
                isChanged = true;
                Queue(one.Id, fresh);
                continue;
            }
            var isTooLate = !present.IsSending && present.Due > next && (present.Attempts == 0 || present.Due > next + PushSettings.LongestWait);
            if ((present.IsSending && !present.HasNew) || present.ExpiresAt < fresh.ExpiresAt - PushSettings.Renewal || isTooLate)
            {
                isChanged = true;
                Queue(one.Id, present with { ExpiresAt = fresh.ExpiresAt, HasNew = present.IsSending, Due = isTooLate ? next : present.Due });
            }
        }
        return new(isChanged);
    }

    public ValueTask<IReadOnlyList<WakeUp>> TakeAsync(PushPlatform platform, DateTimeOffset now, DateTimeOffset leaseUntil, int limit)
    {
        var due = tx.State.Registrations.Where(one => one.Target.Platform == platform && tx.State.PushQueue.TryGetValue(one.Id, out var queued) && queued.Due <= now)
            .Select(one => (Registration: one, Queued: tx.State.PushQueue[one.Id])).OrderBy(it => it.Queued.Due).Take(limit).ToList();
        foreach (var (registration, queued) in due)
        {
            Queue(registration.Id, queued with { Due = leaseUntil, IsSending = true, HasNew = false });
        }
        return new([.. due.Select(it => new WakeUp(it.Registration, it.Queued.Attempts, it.Queued.ExpiresAt))]);
    }

    public ValueTask SentAsync(RegistrationId id, DateTimeOffset now)
    {
        tx.State = tx.State with { Pushed = tx.State.Pushed.SetItem(id, now) };
        return GiveUpAsync(id, now);
    }

    public ValueTask GiveUpAsync(RegistrationId id, DateTimeOffset now)
    {
        if (tx.State.PushQueue.GetValueOrDefault(id) is { } queued && !(queued.IsSending && !queued.HasNew))
        {
            Queue(id, queued with { Due = now + _pause, Attempts = 0, IsSending = false, HasNew = false });
            return ValueTask.CompletedTask;
        }
        return DropAsync(id);
    }

    public ValueTask GiveBackAsync(RegistrationId id, DateTimeOffset due)
    {
        if (tx.State.PushQueue.GetValueOrDefault(id) is { } queued)
        {
            Queue(id, queued with { Due = due, IsSending = false, HasNew = false });
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask PostponeAsync(RegistrationId id, DateTimeOffset due)
    {
        if (tx.State.PushQueue.GetValueOrDefault(id) is { } queued)
        {
            Queue(id, queued with { Due = due, Attempts = queued.Attempts + 1, IsSending = false, HasNew = false });
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask DropAsync(RegistrationId id)
    {
        tx.State = tx.State with { PushQueue = tx.State.PushQueue.Remove(id) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveDeadAsync(RegistrationId id, DateTimeOffset deadSince) => new(RemoveAll(one => one.Id == id && one.RegisteredAt <= deadSince));

    public ValueTask<bool> RemoveDeadVoipTokenAsync(RegistrationId id, DateTimeOffset deadSince)
    {
        if (tx.State.Registrations.Find(one => one.Id == id && one.RegisteredAt <= deadSince && one.Target.VoipToken is not null) is not { } dead)
        {
            return new(false);
        }
        tx.State = tx.State with { Registrations = tx.State.Registrations.Replace(dead, dead with { Target = dead.Target with { VoipToken = null } }) };
        return new(true);
    }

    public ValueTask<DateTimeOffset?> FindNextDueAsync(PushPlatform platform)
    {
        var due = tx.State.Registrations.Where(one => one.Target.Platform == platform && tx.State.PushQueue.ContainsKey(one.Id)).Select(one => tx.State.PushQueue[one.Id].Due).ToList();
        return new(due.Count > 0 ? due.Min() : null);
    }

    public ValueTask ResumeAsync(DateTimeOffset now)
    {
        foreach (var (id, queued) in tx.State.PushQueue.Where(it => it.Value.IsSending || it.Value.Due > now + PushSettings.LongestWait).ToList())
        {
            Queue(id, queued with { Due = now, IsSending = false, HasNew = false });
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<PushQueueCounts>> CountAsync()
    {
        var counts = new List<PushQueueCounts>();
        foreach (var of in tx.State.Registrations.GroupBy(one => one.Target.Platform).OrderBy(of => of.Key))
        {
            var queued = of.Select(one => tx.State.PushQueue.GetValueOrDefault(one.Id)).Where(one => one is not null).ToList();
            counts.Add(new PushQueueCounts(of.Key, of.Count(), queued.Count, queued.Count(one => one!.Attempts > 0), await FindNextDueAsync(of.Key)));
        }
        return counts;
    }

    /// <summary>Removes registrations with what waits for them; false if there were none.</summary>
    public bool RemoveAll(Predicate<PushRegistration> which)
    {
        var gone = tx.State.Registrations.FindAll(which).ConvertAll(one => one.Id);
        tx.State = tx.State with
        {
            Registrations = tx.State.Registrations.RemoveAll(one => gone.Contains(one.Id)),
            Pushed = tx.State.Pushed.RemoveRange(gone),
            PushQueue = tx.State.PushQueue.RemoveRange(gone),
        };
        return gone.Count > 0;
    }

    private void Queue(RegistrationId id, QueuedWakeUp queued) => tx.State = tx.State with { PushQueue = tx.State.PushQueue.SetItem(id, queued) };
}
