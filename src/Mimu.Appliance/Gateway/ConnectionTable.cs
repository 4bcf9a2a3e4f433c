using System.Collections.Concurrent;
using System.Net.WebSockets;
using Mimu.Core;
using Mimu.Core.Devices;

namespace Mimu.Appliance.Gateway;

/// <summary>All open sockets, by user.</summary>
internal sealed class ConnectionTable(GatewayContext gateway) : IPresence
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, List<Connection>> _byUser = [];

    /// <summary>Written under the gate, read by the thread that all writing is done on, which waits for nobody.</summary>
    private readonly ConcurrentDictionary<UserId, DeviceSet> _online = new();
    private bool _isClosed;

    /// <summary>Whether no more sockets are taken, since the server stops.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>How many sockets are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byUser.Values.Sum(sockets => sockets.Count);
            }
        }
    }

    public DeviceSet OnlineDevices(UserId user) => _online.GetValueOrDefault(user);

    /// <summary>Takes a socket in; the session's oldest gives way when there are too many. False when no more are taken.</summary>
    public bool TryAdd(Connection connection)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }
            var (user, session, device) = connection.Caller;
            if (!_byUser.TryGetValue(user, out var sockets))
            {
                _byUser.Add(user, sockets = []);
            }
            sockets.Add(connection);
            if (sockets.Count(socket => socket.Caller.SessionId == session) > gateway.Settings.MaxSocketsPerSession)
            {
                var oldest = sockets.First(socket => socket.Caller.SessionId == session);
                oldest.Close(CloseCodes.TooManySockets, "the session opened another socket");
                sockets.Remove(oldest);
            }
            _online[user] = OnlineDevices(user).With(device);
            return true;
        }
    }

    /// <summary>Forgets a socket that has ended.</summary>
    public void Remove(Connection connection)
    {
        lock (_gate)
        {
            var user = connection.Caller.UserId;
            if (!_byUser.TryGetValue(user, out var sockets) || !sockets.Remove(connection))
            {
                return;
            }
            if (sockets.Count > 0)
            {
                _online[user] = sockets.Aggregate(DeviceSet.None, static (devices, socket) => devices.With(socket.Caller.DeviceId));
            }
            else
            {
                _byUser.Remove(user);
                _online.TryRemove(user, out _);
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
            foreach (var sockets in _byUser.Values)
            {
                foreach (var connection in sockets)
                {
                    action(connection);
                }
            }
        }
    }
}
