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

    /// <summary>How long to wait for a database that does not answer.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>A timer's longest is shorter than a wake-up may wait.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    private readonly Channel<FinishedPush?> _signals = Channel.CreateUnbounded<FinishedPush?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<FinishedPush> _finished = [];
    private readonly Dictionary<UserId, int> _underWayOf = [];
    private int _underWay;
    private readonly PushNotes _notes = new(sender.Platform, log);

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
        if (_notes.HeldUntil(now) is { } held)
        {
            return held;
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
                await _notes.NoteAsync(tx, finished, now);
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
            _signals.Writer.TryWrite(new FinishedPush(wakeUp, outcome, begun));
        }
    }

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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pushes by {Platform} stopped for a moment")]
    private partial void LogFailure(Exception exception, PushPlatform platform);

    [LoggerMessage(Level = LogLevel.Error, Message = "A push by {Platform} failed in the server")]
    private partial void LogBug(Exception exception, PushPlatform platform);
}
