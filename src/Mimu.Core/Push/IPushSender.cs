namespace Mimu.Core.Push;

/// <summary>The way to a push service.</summary>
public interface IPushSender
{
    PushPlatform Platform { get; }

    /// <summary>Sends one push, once: the caller tries again. From any thread, many at a time.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="kind">What it says.</param>
    /// <param name="ttl">How long the service may keep it for a device that is off.</param>
    /// <param name="cancellation">Ends it early, with an <see cref="OperationCanceledException"/>. Everything else that goes wrong is an outcome.</param>
    Task<PushOutcome> SendAsync(PushTarget target, PushKind kind, TimeSpan ttl, CancellationToken cancellation);
}

/// <summary>What became of a push.</summary>
public enum PushResult
{
    /// <summary>The service took it.</summary>
    Accepted,

    /// <summary>The token is dead: the registration has to go, if it is not newer than <see cref="PushOutcome.DeadSince"/>.</summary>
    Dead,

    /// <summary>It may work later.</summary>
    Retry,

    /// <summary>It can't work like this, whoever is at fault: the push is dropped and the registration stays.</summary>
    Rejected,

    /// <summary>The service refuses this server (its credentials, its project): nothing goes out until an administrator has seen to it, and nothing is dropped before its time.</summary>
    Unauthorized,
}

/// <summary>What became of a push, and what to do.</summary>
/// <param name="Result">What to do.</param>
/// <param name="Detail">For the log and the administrator: the service's status and code, never a token, a URL or more of its answer.</param>
public sealed record PushOutcome(PushResult Result, string Detail)
{
    /// <summary>Not to be tried again before this has passed; null: as the caller likes.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>When the provider found the token dead; null: now.</summary>
    public DateTimeOffset? DeadSince { get; init; }

    /// <summary>The dead token is <see cref="PushTarget.VoipToken"/>: that alone has to go, and the call may be pushed again at once without it.</summary>
    public bool IsVoipToken { get; init; }

    /// <summary>With <see cref="PushResult.Retry"/>: it is the whole service that can't, and not this one push: all others wait too.</summary>
    public bool IsServicewide { get; init; }

    /// <summary>A verdict on a token that is older than a registration by more than this was not overtaken by it: a clock is wrong.</summary>
    private static readonly TimeSpan _oldest = TimeSpan.FromDays(1);

    /// <summary>Registrations that are older than this are dead, if the outcome says so of a push that was begun at a moment.</summary>
    public DateTimeOffset DeadBefore(DateTimeOffset begun) => DeadSince is not { } verdict ? begun : verdict < begun - _oldest ? begun - _oldest : verdict;

    public static PushOutcome Accepted { get; } = new(PushResult.Accepted, "accepted");
}
