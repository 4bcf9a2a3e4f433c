using System.Collections.Concurrent;
using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Push;

/// <summary>
/// Has phones ring (protocol 9.3): at once, past everything that waits, and again while the call rings if it fails. Nothing of it is stored: a call does not survive the server.
/// </summary>
internal sealed partial class CallPushes(
    IEnumerable<IPushSender> senders, IDatabase database, PushCounts counts, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<CallPushes> log) : ICallPush, IDisposable
{
    /// <summary>Pushes for calls under way at a time, of each platform.</summary>
    private const int AtOnce = 256;

    /// <summary>Of one call: a callee's endpoints may be ones that never answer.</summary>
    private const int AtOnceOfOne = 8;

    /// <summary>How often one call may have devices pushed: at first, and when they lose their sockets.</summary>
    private const int MaxTimes = 32;

    /// <summary>Calls that are being pushed at a time. More are not pushed, and ring where there is a socket.</summary>
    private const int MaxCalls = 10_000;

    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<PushPlatform, (IPushSender Sender, SemaphoreSlim Room)> _senders = senders.ToDictionary(sender => sender.Platform, sender => (sender, new SemaphoreSlim(AtOnce)));
    private readonly ConcurrentDictionary<(UserId Callee, Guid Call), Ringing> _ringing = new();

    public void Ring(UserId callee, int? device, DeviceSet online, Guid call, DateTimeOffset until)
    {
        var left = until - clock.GetUtcNow();
        if (_senders.Count == 0 || left <= TimeSpan.Zero)
        {
            return;
        }
        if (_ringing.Count >= MaxCalls)
        {
            LogTooMany();
            return;
        }
        var ringing = _ringing.GetOrAdd((callee, call), Begin, left);
        if (Interlocked.Increment(ref ringing.Times) <= MaxTimes)
        {
            _ = RingAsync(callee, device, online, until, ringing);
        }
    }

    public void Stop(UserId callee, Guid call)
    {
        if (_ringing.TryRemove((callee, call), out var ringing))
        {
            // What waits for it goes on elsewhere: whoever hangs up holds the lock of all calls.
            _ = EndAsync(ringing.End);
        }
    }

    public void Dispose()
    {
        foreach (var (_, room) in _senders.Values)
        {
            room.Dispose();
        }
    }

    /// <summary>Once it is over, by Stop or by the time, nothing of it stays.</summary>
    private Ringing Begin((UserId Callee, Guid Call) key, TimeSpan left)
    {
        var ringing = new Ringing(left, clock);
        ringing.End.Token.UnsafeRegister(_ => _ringing.TryRemove(KeyValuePair.Create(key, ringing)), null);
        return ringing;
    }

    private async Task EndAsync(CancellationTokenSource end)
    {
        try
        {
            await end.CancelAsync();
        }
        catch (Exception e)
        {
            LogFailure(e);
        }
    }

    private async Task RingAsync(UserId callee, int? device, DeviceSet online, DateTimeOffset until, Ringing ringing)
    {
        // At once elsewhere: whoever calls holds the lock of all calls.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ringing.End.Token, lifetime.ApplicationStopping);
        try
        {
            var registrations = await database.ReadAsync(tx => tx.Push.ListAsync(callee), both.Token);
            await Task.WhenAll(registrations.Where(one => (device is null || one.DeviceId == device) && !online.Contains(one.DeviceId))
                .Select(one => GuardedAsync(() => RingOneAsync(one, until, ringing, both.Token))));
        }
        catch (OperationCanceledException)
        {
            // It rings no more.
        }
        catch (Exception e)
        {
            LogFailure(e);
        }
    }

    /// <summary>What goes wrong with one registration is no other's matter.</summary>
    private async Task GuardedAsync(Func<Task> ring)
    {
        try
        {
            await ring();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailure(e);
        }
    }

    private async Task RingOneAsync(PushRegistration registration, DateTimeOffset until, Ringing ringing, CancellationToken cancellation)
    {
        if (!_senders.TryGetValue(registration.Target.Platform, out var way))
        {
            return;
        }
        var (sender, room) = way;
        var target = registration.Target;
        for (var pause = _firstPause; ; pause *= 2)
        {
            var begun = clock.Now();
            var outcome = await SendAsync(sender, room, ringing, target, until, cancellation);
            counts.Add(sender.Platform, PushKind.Call, outcome.Result);
            switch (outcome.Result)
            {
                case PushResult.Dead when outcome.IsVoipToken:
                    await RemoveAsync(tx => tx.Push.RemoveDeadVoipTokenAsync(registration.Id, outcome.DeadBefore(begun)), cancellation);
                    // The other token may still show that somebody calls.
                    target = target with { VoipToken = null };
                    break;
                case PushResult.Dead:
                    await RemoveAsync(tx => tx.Push.RemoveDeadAsync(registration.Id, outcome.DeadBefore(begun)), cancellation);
                    return;
                case PushResult.Rejected when target.VoipToken is not null:
                    target = target with { VoipToken = null };
                    break;
                case PushResult.Retry:
                    var wait = outcome.RetryAfter > pause ? outcome.RetryAfter.Value : pause;
                    if (wait >= until - clock.GetUtcNow())
                    {
                        return;
                    }
                    await Task.Delay(wait, clock, cancellation);
                    break;
                case PushResult.Accepted:
                    return;
                default:
                    LogRefused(sender.Platform, outcome.Detail);
                    return;
            }
        }
    }

    private async Task<PushOutcome> SendAsync(IPushSender sender, SemaphoreSlim room, Ringing ringing, PushTarget target, DateTimeOffset until, CancellationToken cancellation)
    {
        await ringing.Room.WaitAsync(cancellation);
        try
        {
            await room.WaitAsync(cancellation);
            try
            {
                return await sender.SendAsync(target, PushKind.Call, until - clock.GetUtcNow(), cancellation);
            }
            finally
            {
                room.Release();
            }
        }
        finally
        {
            ringing.Room.Release();
        }
    }

    private async Task RemoveAsync(Func<ITransaction, ValueTask<bool>> remove, CancellationToken cancellation) =>
        await database.WriteAsync<bool>(async tx => await remove(tx), cancellation);

    /// <summary>A call that rings, until its time is over.</summary>
    private sealed class Ringing(TimeSpan left, TimeProvider clock)
    {
        /// <summary>How often it was asked for.</summary>
        public int Times;

        public CancellationTokenSource End { get; } = new(left, clock);

        public SemaphoreSlim Room { get; } = new(AtOnceOfOne);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A call could not be pushed")]
    private partial void LogFailure(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A push for a call by {Platform} was refused: {Detail}")]
    private partial void LogRefused(PushPlatform platform, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There are so many calls at once that not all are pushed")]
    private partial void LogTooMany();
}
