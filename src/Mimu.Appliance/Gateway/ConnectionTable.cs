using System.Net.WebSockets;
using Mimu.Core;

namespace Mimu.Appliance.Gateway;

/// <summary>All open sockets, by session.</summary>
internal sealed class ConnectionTable(GatewayContext gateway)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SessionId, List<Connection>> _bySession = [];
    private bool _isClosed;

    /// <summary>How many sockets are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _bySession.Values.Sum(sockets => sockets.Count);
            }
        }
    }

    /// <summary>Takes a socket in; the session's oldest gives way when there are too many. False when no more are taken.</summary>
    public bool TryAdd(Connection connection)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }
            var session = connection.Caller.SessionId;
            if (!_bySession.TryGetValue(session, out var sockets))
            {
                _bySession.Add(session, sockets = []);
            }
            sockets.Add(connection);
            if (sockets.Count > gateway.Settings.MaxSocketsPerSession)
            {
                sockets[0].Close(CloseCodes.TooManySockets, "the session opened another socket");
                sockets.RemoveAt(0);
            }
            return true;
        }
    }

    /// <summary>Forgets a socket that has ended.</summary>
    public void Remove(Connection connection)
    {
        lock (_gate)
        {
            var session = connection.Caller.SessionId;
            if (_bySession.TryGetValue(session, out var sockets) && sockets.Remove(connection) && sockets.Count == 0)
            {
                _bySession.Remove(session);
            }
        }
    }

    /// <summary>Closes the sockets whose token has expired and was not renewed, and has the others show that somebody is there.</summary>
    public void Beat() => Beat(Environment.TickCount64);

    /// <param name="ticks">What <see cref="Environment.TickCount64"/> is.</param>
    internal void Beat(long ticks)
    {
        var now = gateway.Clock.GetUtcNow();
        CloseWhere(connection => connection.Token.ExpiresAt <= now, CloseCodes.SessionOver, "the access token has expired");
        ForEach(connection => connection.Beat(ticks));
    }

    /// <summary>Closes all sockets and takes no more.</summary>
    public void CloseAll()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
        CloseWhere(_ => true, CloseCodes.Restarting, "the server is restarting");
    }

    private void CloseWhere(Predicate<Connection> matches, WebSocketCloseStatus code, string reason) => ForEach(connection =>
    {
        if (matches(connection))
        {
            connection.Close(code, reason);
        }
    });

    private void ForEach(Action<Connection> action)
    {
        lock (_gate)
        {
            foreach (var sockets in _bySession.Values)
            {
                foreach (var connection in sockets)
                {
                    action(connection);
                }
            }
        }
    }
}
