using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Push;

/// <summary>A push that has ended.</summary>
/// <param name="WakeUp">What it was for.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Begun">When it was begun.</param>
internal sealed record FinishedPush(WakeUp WakeUp, PushOutcome Outcome, DateTimeOffset Begun);

/// <summary>What is to be done after a push of one platform: with its wake-up and its registration, and whether all others have to wait. Used by its lane alone.</summary>
internal sealed partial class PushNotes(PushPlatform platform, ILogger<PushWorker> log)
{
    /// <summary>How long nothing goes out after the service has refused this server.</summary>
    private static readonly TimeSpan _refusal = TimeSpan.FromMinutes(5);

    /// <summary>The longest that a whole service is left alone since it has too much to do.</summary>
    private static readonly TimeSpan _longestHold = TimeSpan.FromMinutes(15);

    private DateTimeOffset _heldUntil;
    private DateTimeOffset _refusedUntil;

    /// <summary>Until when nothing is to be sent; null if it may. Not longer than anything is held: the clock may have been set back.</summary>
    public DateTimeOffset? HeldUntil(DateTimeOffset now) => _heldUntil > now && _heldUntil <= now + _longestHold ? _heldUntil : null;

    /// <summary>Notes what became of a push.</summary>
    public async ValueTask NoteAsync(ITransaction tx, FinishedPush finished, DateTimeOffset now)
    {
        var (wakeUp, outcome) = (finished.WakeUp, finished.Outcome);
        var id = wakeUp.Registration.Id;
        switch (outcome.Result)
        {
            case PushResult.Accepted:
                await tx.Push.SentAsync(id, now);
                break;
            case PushResult.Dead when await tx.Push.RemoveDeadAsync(id, outcome.DeadBefore(finished.Begun)):
                LogDead(platform, outcome.Detail);
                break;
            case PushResult.Rejected:
                LogRejected(platform is PushPlatform.WebPush ? LogLevel.Debug : LogLevel.Warning, platform, outcome.Detail);
                await tx.Push.GiveUpAsync(id, now);
                break;
            case PushResult.Unauthorized:
                if (_refusedUntil <= now || _refusedUntil > now + _refusal)
                {
                    LogUnauthorized(platform, outcome.Detail);
                    _refusedUntil = now + _refusal;
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
        LogRetry(platform, outcome.Detail, wakeUp.Attempts + 1);
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
