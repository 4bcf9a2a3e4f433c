namespace Mimu.Core.Sessions;

/// <summary>
/// Tickets for WebSockets (protocol 2.4): each opens one socket within half a minute, in the place of the access token that it was asked for with. They live
/// in memory: a client whose ticket was lost with the process asks for another.
/// </summary>
public sealed class WsTickets(TimeProvider clock)
{
    /// <summary>Protocol 2.4.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>As many as a session may have sockets (protocol section 7); one more takes the place of its oldest.</summary>
    private const int MaxPerSession = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Ticket> _byHash = [];
    private readonly Dictionary<SessionId, List<Ticket>> _bySession = [];

    // Oldest first: all live equally long.
    private readonly LinkedList<Ticket> _byAge = [];

    /// <summary>A ticket that stands for this access token.</summary>
    public string Issue(AccessToken token)
    {
        var secret = Secret.New();
        var ticket = new Ticket(HashOf(secret), token, clock.GetUtcNow() + Lifetime);
        lock (_gate)
        {
            ForgetExpired();
            if (!_bySession.TryGetValue(token.Caller.SessionId, out var siblings))
            {
                _bySession.Add(token.Caller.SessionId, siblings = []);
            }
            siblings.Add(ticket);
            _byHash.Add(ticket.Hash, ticket);
            _byAge.AddLast(ticket);
            if (siblings.Count > MaxPerSession)
            {
                Forget(siblings[0]);
            }
        }
        return secret;
    }

    /// <summary>What the ticket stands for, once; whether that is still good is for the caller to ask.</summary>
    /// <returns><c>unauthorized</c> for a ticket that is unknown, used or too old.</returns>
    public Result<AccessToken> Redeem(string ticket)
    {
        lock (_gate)
        {
            ForgetExpired();
            if (_byHash.TryGetValue(HashOf(ticket), out var found))
            {
                Forget(found);
                return found.Token;
            }
        }
        return Errors.Unauthorized.Because("The ticket is unknown, used or too old: ask for another.");
    }

    private void ForgetExpired()
    {
        var now = clock.GetUtcNow();
        while (_byAge.First is { Value: var oldest } && oldest.ExpiresAt <= now)
        {
            Forget(oldest);
        }
    }

    private void Forget(Ticket ticket)
    {
        _byHash.Remove(ticket.Hash);
        _byAge.Remove(ticket);
        var siblings = _bySession[ticket.Token.Caller.SessionId];
        siblings.Remove(ticket);
        if (siblings.Count == 0)
        {
            _bySession.Remove(ticket.Token.Caller.SessionId);
        }
    }

    private static string HashOf(string ticket) => Convert.ToBase64String(Secret.Hash(ticket));

    private sealed record Ticket(string Hash, AccessToken Token, DateTimeOffset ExpiresAt);
}
