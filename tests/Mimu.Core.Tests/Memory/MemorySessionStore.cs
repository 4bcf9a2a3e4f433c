using Mimu.Core.Sessions;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemorySessionStore(MemoryTransaction tx) : ISessionStore
{
    public ValueTask AddAsync(Session session, RefreshToken token)
    {
        tx.State = tx.State with { Sessions = tx.State.Sessions.Add(session.Id, session), Tokens = tx.State.Tokens.Add(Key(token.Hash), token) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<Session?> FindAsync(SessionId id) => new(tx.State.Sessions.GetValueOrDefault(id));

    public ValueTask<RefreshToken?> FindTokenAsync(byte[] hash) => new(tx.State.Tokens.GetValueOrDefault(Key(hash)));

    public ValueTask ReplaceTokenAsync(byte[] hash, RefreshToken successor, DateTimeOffset now)
    {
        var used = tx.State.Tokens[Key(hash)];
        var tokens = tx.State.Tokens
            .SetItem(Key(hash), used with { UsedAt = used.UsedAt ?? now, Successor = successor.Hash })
            .Add(Key(successor.Hash), successor);
        tx.State = tx.State with
        {
            Sessions = tx.State.Sessions.SetItem(successor.SessionId, tx.State.Sessions[successor.SessionId] with { LastSeenAt = now }),
            Tokens = tokens.RemoveRange(tokens.Where(one => one.Value.SessionId == successor.SessionId && one.Value.ExpiresAt <= now).Select(one => one.Key)),
        };
        return ValueTask.CompletedTask;
    }

    public ValueTask WithdrawTokenAsync(byte[] hash)
    {
        tx.State = tx.State with { Tokens = tx.State.Tokens.Remove(Key(hash)) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> EndAsync(SessionId id)
    {
        var ended = tx.State.Sessions.GetValueOrDefault(id);
        tx.State = tx.State with
        {
            Sessions = tx.State.Sessions.Remove(id),
            Tokens = tx.State.Tokens.RemoveRange(tx.State.Tokens.Where(one => one.Value.SessionId == id).Select(one => one.Key)),
        };
        if (ended is not null && !tx.State.Sessions.Values.Any(session => (session.UserId, session.DeviceId) == (ended.UserId, ended.DeviceId)))
        {
            new MemoryPushStore(tx).RemoveAll(registration => (registration.UserId, registration.DeviceId) == (ended.UserId, ended.DeviceId));
        }
        return new(ended is not null);
    }

    public async ValueTask<IReadOnlyList<SessionId>> EndAllAsync(UserId user, SessionId? but, int? deviceId)
    {
        var ending = tx.State.Sessions.Values.Where(session => session.UserId == user && session.Id != but && (deviceId ?? session.DeviceId) == session.DeviceId).Select(session => session.Id).ToList();
        foreach (var session in ending)
        {
            await EndAsync(session);
        }
        return ending;
    }

    public ValueTask<IReadOnlyList<Session>> ListAsync(UserId user, DateTimeOffset now) => new(tx.State.Sessions.Values
        .Where(session => session.UserId == user && tx.State.Tokens.Values.Any(token => token.SessionId == session.Id && token.ExpiresAt > now))
        .OrderBy(session => session.CreatedAt).ThenBy(session => session.Id.Value).ToList());

    private static string Key(byte[] hash) => Convert.ToHexStringLower(hash);
}
