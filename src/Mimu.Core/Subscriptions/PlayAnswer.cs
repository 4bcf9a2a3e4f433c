namespace Mimu.Core.Subscriptions;

/// <summary>What Google Play says of a purchase token: <see cref="PlayFound"/>, <see cref="PlayInvalid"/> or <see cref="PlayUnavailable"/>.</summary>
public abstract record PlayAnswer
{
    private protected PlayAnswer()
    {
    }
}

/// <summary>It is a purchase of one of the products that make premium.</summary>
/// <param name="Purchase">The purchase.</param>
public sealed record PlayFound(StorePurchase Purchase) : PlayAnswer;

/// <summary>It is none, and won't become one.</summary>
/// <param name="Reason">For the administrator: Google's status and its word, never the token or more of its answer.</param>
public sealed record PlayInvalid(string Reason) : PlayAnswer
{
    /// <summary>Google had it once and knows it no more, as it ended 60 days ago or was voided: what was granted for it has ended.</summary>
    public bool IsGone { get; init; }
}

/// <summary>Nothing is known: Google can't be asked, or refuses this server. Nothing is to be changed.</summary>
/// <param name="Reason">For the administrator: Google's status and its word, never the token or more of its answer.</param>
public sealed record PlayUnavailable(string Reason) : PlayAnswer
{
    /// <summary>Not to be tried again before this has passed; null: as the caller likes.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
