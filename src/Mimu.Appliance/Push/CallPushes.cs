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
    /// <summary>Pushes for calls under way at a time.</summary>
    private const int AtOnce = 256;

    /// <summary>Calls that are being pushed at a time. More are not pushed, and ring where there is a socket.</summary>
    private const int MaxCalls = 10_000;

    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<PushPlatform, IPushSender> _senders = senders.ToDictionary(sender => sender.Platform);
    private readonly ConcurrentDictionary<(UserId Callee, Guid Call), CancellationTokenSource> _ringing = new();
    private readonly SemaphoreSlim _room = new(AtOnce);

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
        var end = new CancellationTokenSource(left, clock);
        if (_ringing.TryAdd((callee, call), end))
        {
            _ = RingAsync(callee, device, online, call, until, end);
        }
        else
        {
            end.Dispose();
        }
    }

    public void Stop(UserId callee, Guid call)
    {
        if (_ringing.TryRemove((callee, call), out var end))
        {
            try
            {
                end.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended by itself.
            }
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task RingAsync(UserId callee, int? device, DeviceSet online, Guid call, DateTimeOffset until, CancellationTokenSource end)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, lifetime.ApplicationStopping);
        try
        {
            var registrations = await database.ReadAsync(tx => tx.Push.ListAsync(callee), both.Token);
            await Task.WhenAll(registrations.Where(one => (device ?? one.DeviceId) == one.DeviceId && !online.Contains(one.DeviceId)).Select(one => RingOneAsync(one, until, both.Token)));
        }
        catch (OperationCanceledException)
        {
            // It rings no more.
        }
        catch (Exception e)
        {
            LogFailure(e);
        }
        finally
        {
            _ringing.TryRemove(KeyValuePair.Create((callee, call), end));
            end.Dispose();
        }
    }

    private async Task RingOneAsync(PushRegistration registration, DateTimeOffset until, CancellationToken cancellation)
    {
        if (!_senders.TryGetValue(registration.Target.Platform, out var sender))
        {
            return;
        }
        var target = registration.Target;
        for (var pause = _firstPause; ; pause *= 2)
        {
            var begun = clock.Now();
            var outcome = await SendAsync(sender, target, until - begun, cancellation);
            counts.Add(sender.Platform, PushKind.Call, outcome.Result);
            switch (outcome.Result)
            {
                case PushResult.Dead when outcome.IsVoipToken:
                    await RemoveAsync(tx => tx.Push.RemoveDeadVoipTokenAsync(registration.Id, outcome.DeadSince ?? begun), cancellation);
                    // The other token may still show that somebody calls.
                    target = target with { VoipToken = null };
                    break;
                case PushResult.Dead:
                    await RemoveAsync(tx => tx.Push.RemoveDeadAsync(registration.Id, outcome.DeadSince ?? begun), cancellation);
                    return;
                case PushResult.Retry:
                    await Task.Delay(outcome.RetryAfter > pause ? outcome.RetryAfter.Value : pause, clock, cancellation);
                    break;
                case PushResult.Accepted:
                    return;
                default:
                    LogRefused(sender.Platform, outcome.Detail);
                    return;
            }
        }
    }

    private async Task<PushOutcome> SendAsync(IPushSender sender, PushTarget target, TimeSpan ttl, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation);
        try
        {
            return await sender.SendAsync(target, PushKind.Call, ttl, cancellation);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task RemoveAsync(Func<ITransaction, ValueTask<bool>> remove, CancellationToken cancellation) =>
        await database.WriteAsync<bool>(async tx => await remove(tx), cancellation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A call could not be pushed")]
    private partial void LogFailure(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A push for a call by {Platform} was refused: {Detail}")]
    private partial void LogRefused(PushPlatform platform, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There are so many calls at once that not all are pushed")]
    private partial void LogTooMany();
}
