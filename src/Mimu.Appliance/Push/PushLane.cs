using System.Threading.Channels;
using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Push;

/// <summary>
/// Sends the wake-ups of one platform: one loop that takes what is due, has some sent at once, and notes what became of them, many in one transaction. A platform that does not
/// answer keeps only its own lane busy.
/// </summary>
internal sealed partial class PushLane(
    IPushSender sender, IDatabase database, IPresence presence, PushCounts counts, TimeProvider clock, ILogger<PushWorker> log) : IEventSubscriber
{
    /// <summary>Pushes under way at a time.</summary>
    public const int AtOnce = 64;

    /// <summary>Of one account: its endpoints may be ones that never answer.</summary>
    private const int AtOnceOfOne = 8;

    /// <summary>When to look again for those of an account that has so many under way.</summary>
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(1);

    /// <summary>A wake-up of which nobody says what became of it is due again. Longer than any sender takes.</summary>
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(2);

    /// <summary>How long nothing goes out after the service has refused this server.</summary>
    private static readonly TimeSpan _hold = TimeSpan.FromMinutes(5);

    /// <summary>The longest that a whole service is left alone since it has too much to do.</summary>
    private static readonly TimeSpan _longestHold = TimeSpan.FromMinutes(15);

    /// <summary>A verdict on a token that is older than a registration by more than this was not overtaken by it: a clock is wrong.</summary>
    private static readonly TimeSpan _oldVerdict = TimeSpan.FromDays(1);

    /// <summary>How long to wait for a database that does not answer.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly Channel<Finished?> _signals = Channel.CreateUnbounded<Finished?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<Finished> _finished = [];
    private readonly Dictionary<UserId, int> _underWayOf = [];
    private int _underWay;
    private DateTimeOffset _heldUntil;
    private DateTimeOffset _refusedUntil;

    /// <summary>There is something new to send.</summary>
    public bool OnEvent(Publication publication)
    {
        _signals.Writer.TryWrite(null);
        return false;
    }

    public void OnTold()
    {
    }

    /// <summary>Sends until it is stopped. What is under way then is due again after the next start.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                DateTimeOffset? next;
                try
                {
                    next = await StepAsync(cancellation);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogFailure(e, sender.Platform);
                    next = clock.GetUtcNow() + _patience;
                }
                await WaitAsync(next, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What has ended by now is not sent again after the next start.
            Collect();
            await NoteAllAsync(clock.Now(), CancellationToken.None);
        }
    }

    /// <summary>Notes what became of pushes, and has sent what is due.</summary>
    /// <returns>When to look again though nothing happens; null when there is nothing to come.</returns>
    private async ValueTask<DateTimeOffset?> StepAsync(CancellationToken cancellation)
    {
        var now = clock.Now();
        await NoteAllAsync(now, cancellation);
        var room = AtOnce - _underWay;
        if (room == 0)
        {
            return null;
        }
        // Not longer than anything is held: the clock may have been set back.
        if (_heldUntil > now && _heldUntil <= now + _longestHold)
        {
            return _heldUntil;
        }
        var due = await database.ReadAsync(tx => tx.Push.FindNextDueAsync(sender.Platform), cancellation);
        if (due is null || due > now)
        {
            return due;
        }
        var taken = (await database.WriteAsync<List<WakeUp>>(async tx => await TakeAsync(tx, now, room), cancellation)).Value;
        foreach (var wakeUp in taken)
        {
            _underWay++;
            _underWayOf[wakeUp.Registration.UserId] = _underWayOf.GetValueOrDefault(wakeUp.Registration.UserId) + 1;
            _ = SendAsync(wakeUp, cancellation);
        }
        return now;
    }

    private async ValueTask NoteAllAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (_finished.Count == 0)
        {
            return;
        }
        await database.WriteAsync<Done>(async tx =>
        {
            foreach (var finished in _finished)
            {
                await NoteAsync(tx, finished, now);
            }
            return default(Done);
        }, cancellation);
        _finished.Clear();
    }

    /// <summary>Takes what is due, without what need not be sent any more.</summary>
    private async ValueTask<List<WakeUp>> TakeAsync(ITransaction tx, DateTimeOffset now, int limit)
    {
        var wanted = new List<WakeUp>();
        foreach (var wakeUp in await tx.Push.TakeAsync(sender.Platform, now, now + _lease, limit))
        {
            var registration = wakeUp.Registration;
            if (wakeUp.ExpiresAt <= now || presence.OnlineDevices(registration.UserId).Contains(registration.DeviceId))
            {
                await tx.Push.DropAsync(registration.Id);
            }
            else if (_underWayOf.GetValueOrDefault(registration.UserId) + wanted.Count(one => one.Registration.UserId == registration.UserId) >= AtOnceOfOne)
            {
                await tx.Push.GiveBackAsync(registration.Id, now + _turn);
            }
            else
            {
                wanted.Add(wakeUp);
            }
        }
        return wanted;
    }

    private async Task SendAsync(WakeUp wakeUp, CancellationToken cancellation)
    {
        var begun = clock.Now();
        PushOutcome? outcome = null;
        try
        {
            outcome = await sender.SendAsync(wakeUp.Registration.Target, PushKind.Fetch, wakeUp.ExpiresAt - begun, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception e)
        {
            LogBug(e, sender.Platform);
            outcome = new PushOutcome(PushResult.Retry, "the server failed");
        }
        if (outcome is not null)
        {
            counts.Add(sender.Platform, PushKind.Fetch, outcome.Result);
            _signals.Writer.TryWrite(new Finished(wakeUp, outcome, begun));
        }
    }

    private async ValueTask NoteAsync(ITransaction tx, Finished finished, DateTimeOffset now)
    {
        var (wakeUp, outcome) = (finished.WakeUp, finished.Outcome);
        var id = wakeUp.Registration.Id;
        switch (outcome.Result)
        {
            case PushResult.Accepted:
                await tx.Push.SentAsync(id, now);
                break;
            case PushResult.Dead when await tx.Push.RemoveDeadAsync(id, DeadSince(outcome, finished.Begun)):
                LogDead(sender.Platform, outcome.Detail);
                break;
            case PushResult.Rejected:
                LogRejected(sender.Platform is PushPlatform.WebPush ? LogLevel.Debug : LogLevel.Warning, sender.Platform, outcome.Detail);
                await tx.Push.GiveUpAsync(id, now);
                break;
            case PushResult.Unauthorized:
                if (_refusedUntil <= now || _refusedUntil > now + _hold)
                {
                    LogUnauthorized(sender.Platform, outcome.Detail);
                    _refusedUntil = now + _hold;
                }
                Hold(_refusedUntil, now);
                // Not all in the same moment, nor before others that wait.
                await tx.Push.PostponeAsync(id, _heldUntil + PushBackoff.After(wakeUp.Attempts, atLeast: null));
                break;
            case PushResult.Retry when outcome.IsServicewide:
                var pause = outcome.RetryAfter is { } asked && asked > PushBackoff.First ? asked : PushBackoff.First;
                Hold(now + (pause < _longestHold ? pause : _longestHold), now);
                await PostponeAsync(tx, wakeUp, outcome, now);
                break;
            default:
                await PostponeAsync(tx, wakeUp, outcome, now);
                break;
        }
    }

    private async ValueTask PostponeAsync(ITransaction tx, WakeUp wakeUp, PushOutcome outcome, DateTimeOffset now)
    {
        var due = now + PushBackoff.After(wakeUp.Attempts, outcome.RetryAfter);
        LogRetry(sender.Platform, outcome.Detail, wakeUp.Attempts + 1);
        if (due < wakeUp.ExpiresAt)
        {
            await tx.Push.PostponeAsync(wakeUp.Registration.Id, due);
        }
        else
        {
            await tx.Push.GiveUpAsync(wakeUp.Registration.Id, now);
        }
    }

    /// <summary>Sends nothing before a moment; a longer pause that holds already stays.</summary>
    private void Hold(DateTimeOffset until, DateTimeOffset now)
    {
        if (until > _heldUntil || _heldUntil > now + _longestHold)
        {
            _heldUntil = until;
        }
    }

    private static DateTimeOffset DeadSince(PushOutcome outcome, DateTimeOffset begun) =>
        outcome.DeadSince is not { } verdict ? begun : verdict < begun - _oldVerdict ? begun - _oldVerdict : verdict;

    /// <summary>Waits until something happens, or the time has come.</summary>
    private async Task WaitAsync(DateTimeOffset? until, CancellationToken cancellation)
    {
        if (until is { } time)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var signal = _signals.Reader.WaitToReadAsync(waiting.Token).AsTask();
            if (time - clock.GetUtcNow() is { Ticks: > 0 } pause)
            {
                await Task.WhenAny(signal, Task.Delay(pause < _longest ? pause : _longest, clock, waiting.Token));
            }
            await waiting.CancelAsync();
            await ((Task)signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            await _signals.Reader.WaitToReadAsync(cancellation);
        }
        Collect();
    }

    private void Collect()
    {
        while (_signals.Reader.TryRead(out var finished))
        {
            if (finished is null)
            {
                continue;
            }
            _underWay--;
            _finished.Add(finished);
            var user = finished.WakeUp.Registration.UserId;
            if (--_underWayOf[user] == 0)
            {
                _underWayOf.Remove(user);
            }
        }
    }

    /// <summary>A timer's longest is shorter than a wake-up may wait.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    private sealed record Finished(WakeUp WakeUp, PushOutcome Outcome, DateTimeOffset Begun);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pushes by {Platform} stopped for a moment")]
    private partial void LogFailure(Exception exception, PushPlatform platform);

    [LoggerMessage(Level = LogLevel.Error, Message = "A push by {Platform} failed in the server")]
    private partial void LogBug(Exception exception, PushPlatform platform);

    [LoggerMessage(Level = LogLevel.Information, Message = "A token of {Platform} is dead and was removed: {Detail}")]
    private partial void LogDead(PushPlatform platform, string detail);

    /// <summary>A Web Push endpoint is anybody's, who is not to fill the log.</summary>
    [LoggerMessage(Message = "A push by {Platform} was refused and is dropped: {Detail}")]
    private partial void LogRejected(LogLevel level, PushPlatform platform, string detail);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A push by {Platform} failed and will be tried again: {Detail} (failure {Attempts})")]
    private partial void LogRetry(PushPlatform platform, string detail, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Platform} refuses this server, so that nobody is notified by it: {Detail}. It is tried again every five minutes")]
    private partial void LogUnauthorized(PushPlatform platform, string detail);
}
