namespace Mimu.Core;

/// <summary>An expected refusal. It is a value, told to the client by whichever door the request came through.</summary>
/// <param name="Code">The word of protocol section 13.</param>
/// <param name="Title">What the code means, the same for each occurrence.</param>
/// <param name="Detail">What was wrong this time and what was expected, for a person who develops a client.</param>
public record Error(string Code, string Title, string Detail)
{
    /// <summary>The same refusal, said more precisely.</summary>
    public Error Because(string detail) => this with { Detail = detail };
}

/// <summary>422: what was wrong with a body or query, all of it at once.</summary>
public sealed record ValidationFailed(IReadOnlyList<Fault> Faults)
    : Error("validation_failed", "The request is not valid", "Each member that is wrong is named in `errors`.");

/// <summary>409: the sender encrypted for members who are no longer the chat's (protocol 5.1).</summary>
/// <param name="MembershipVersion">The chat's present version.</param>
public sealed record StaleMembership(long MembershipVersion)
    : Error("stale_membership", "The chat's members have changed", "Fetch the chat, encrypt for its present participants and send again with its membership_version.");

/// <summary>503: there is too much to do at this moment; nothing was changed.</summary>
/// <param name="RetryAfter">When another try is worth while.</param>
public sealed record Overloaded(TimeSpan RetryAfter)
    : Error("unavailable", "The server can't do this right now", "Try again after the time in Retry-After.");

/// <summary>429: too many calls of this kind; nothing was changed.</summary>
/// <param name="RetryAfter">When the next one may come.</param>
public sealed record RateLimited(TimeSpan RetryAfter)
    : Error("rate_limited", "Too many requests", "Try again after the time in Retry-After.");

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Path">The member, as in <c>one_time_prekeys[3].public_key</c>.</param>
/// <param name="Sentence">What was expected of it.</param>
public sealed record Fault(string Path, string Sentence);
