using Mimu.Appliance.Http;
using Mimu.Appliance.Notifications;
using Mimu.Appliance.Push;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Admin;

/// <summary>What an administrator can ask for about pushes.</summary>
/// <param name="database">Where registrations are.</param>
/// <param name="findSenders">The ways to the push services.</param>
/// <param name="counts">What became of pushes since the start.</param>
/// <param name="clock">The time.</param>
internal sealed class PushVerbs(IDatabase database, Func<IEnumerable<IPushSender>> findSenders, PushCounts counts, TimeProvider clock)
{
    /// <summary>A test is for somebody who looks at the phone.</summary>
    private static readonly TimeSpan _ttl = TimeSpan.FromMinutes(1);

    /// <summary>By path.</summary>
    public IEnumerable<KeyValuePair<string, AdminVerb>> All =>
    [
        new("/push/queue", AdminVerbs.Verb(_ => default(Done), (_, cancellation) => CountAsync(cancellation), body => body, MimuJson.Default.PushQueueBody)),
        new("/push/test", AdminVerbs.Verb(AdminBodies.PublicIdOf, TestAsync, body => body, MimuJson.Default.PushTestBody)),
    ];

    private async ValueTask<Result<PushQueueBody>> CountAsync(CancellationToken cancellation)
    {
        var (queue, now) = (await database.ReadAsync(tx => tx.Push.CountAsync(), cancellation), clock.Now());
        var senders = findSenders().Select(sender => sender.Platform).ToHashSet();
        return new PushQueueBody(
            [.. Enum.GetValues<PushPlatform>().Select(platform => (Platform: platform, Counts: queue.FirstOrDefault(one => one.Platform == platform))).Select(one => new PushPlatformBody(
                NotificationBodies.WordOf(one.Platform), senders.Contains(one.Platform), one.Counts?.Registrations ?? 0, one.Counts?.Waiting ?? 0, one.Counts?.Failing ?? 0,
                one.Counts?.NextDueAt is { } due ? (long)Math.Max(0, (due - now).TotalSeconds) : null))],
            [.. counts.All.Select(one => new PushCountBody(NotificationBodies.WordOf(one.Platform), one.Kind is PushKind.Call ? "call" : "fetch", WordOf(one.Result), one.Count))]);
    }

    /// <summary>Sends a push to each of somebody's registrations, past the queue, and tells what the services said. Nothing is removed or tried again.</summary>
    private async ValueTask<Result<PushTestBody>> TestAsync(PublicId publicId, CancellationToken cancellation)
    {
        var registrations = await database.ReadAsync(async tx => await tx.Accounts.FindAsync(publicId) is { State: not AccountState.Deleted } account
            ? await tx.Push.ListAsync(account.Id)
            : null, cancellation);
        if (registrations is null)
        {
            return Errors.NotFound.Because("No account has this public id.");
        }
        var senders = findSenders().ToDictionary(sender => sender.Platform);
        var results = await Task.WhenAll(registrations.Select(async one =>
        {
            var outcome = senders.TryGetValue(one.Target.Platform, out var sender)
                ? await sender.SendAsync(one.Target, PushKind.Fetch, _ttl, cancellation)
                : null;
            return new PushResultBody(one.Id.ToString(), NotificationBodies.WordOf(one.Target.Platform), one.DeviceId,
                outcome is null ? "off" : WordOf(outcome.Result), outcome?.Detail ?? "the settings have no credentials for this platform");
        }));
        return new PushTestBody(results);
    }

    private static string WordOf(PushResult result) => result switch
    {
        PushResult.Accepted => "accepted",
        PushResult.Dead => "dead",
        PushResult.Retry => "retry",
        PushResult.Rejected => "rejected",
        PushResult.Unauthorized => "unauthorized",
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };
}

/// <summary>What waits to be pushed, and what became of pushes since the start.</summary>
internal sealed record PushQueueBody(IReadOnlyList<PushPlatformBody> Platforms, IReadOnlyList<PushCountBody> Counts);

/// <summary>One platform.</summary>
internal sealed record PushPlatformBody(string Platform, bool Configured, long Registrations, long Waiting, long Failing, long? NextInSeconds);

/// <summary>How often something became of pushes.</summary>
internal sealed record PushCountBody(string Platform, string Kind, string Outcome, long Count);

/// <summary>What the services said to a test.</summary>
internal sealed record PushTestBody(IReadOnlyList<PushResultBody> Results);

/// <summary>What one of them said.</summary>
internal sealed record PushResultBody(string RegistrationId, string Platform, int DeviceId, string Outcome, string Detail);
