using Mimu.Core.Devices;
using Mimu.Core.Events;

namespace Mimu.Core.Calls;

/// <summary>The sockets that can be told of calls. Used by who holds the table alone.</summary>
internal sealed class CallSockets
{
    /// <summary>Arrays, since nearly all users have one or two, and all who are online are in here.</summary>
    private readonly Dictionary<UserId, ICallSocket[]> _byUser = [];

    public void Add(ICallSocket socket)
    {
        var user = socket.Caller.UserId;
        _byUser[user] = _byUser.TryGetValue(user, out var present) ? [.. present, socket] : [socket];
    }

    public bool Remove(ICallSocket socket)
    {
        var user = socket.Caller.UserId;
        if (!_byUser.TryGetValue(user, out var present) || Array.IndexOf(present, socket) < 0)
        {
            return false;
        }
        if (present.Length > 1)
        {
            _byUser[user] = Array.FindAll(present, one => one != socket);
        }
        else
        {
            _byUser.Remove(user);
        }
        return true;
    }

    /// <summary>The devices of this user that have one.</summary>
    public DeviceSet DevicesOf(UserId user)
    {
        var devices = DeviceSet.None;
        foreach (var socket in Of(user))
        {
            devices = devices.With(socket.Caller.DeviceId);
        }
        return devices;
    }

    /// <summary>Tells all sockets of these devices.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Tell(UserId user, DeviceSet devices, CallSignal signal)
    {
        var isTold = false;
        foreach (var socket in Of(user))
        {
            isTold |= devices.Contains(socket.Caller.DeviceId) && socket.Tell(signal);
        }
        return isTold;
    }

    private ICallSocket[] Of(UserId user) => _byUser.TryGetValue(user, out var sockets) ? sockets : [];
}
