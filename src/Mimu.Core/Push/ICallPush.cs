using Mimu.Core.Devices;

namespace Mimu.Core.Push;

/// <summary>Wakes phones for a call (protocol 9.3). What it is asked for is kept in memory only, as the call itself is.</summary>
public interface ICallPush
{
    /// <summary>Has the callee's registrations pushed at once and at high priority, until the call rings no more. Returns at once and never throws.</summary>
    /// <param name="callee">Who is called.</param>
    /// <param name="device">The one device that is called; null for all.</param>
    /// <param name="online">Devices that need no push, since they have an open socket.</param>
    /// <param name="call">The call: what <see cref="Stop"/> is told.</param>
    /// <param name="until">When it rings no more.</param>
    void Ring(UserId callee, int? device, DeviceSet online, Guid call, DateTimeOffset until);

    /// <summary>The call rings no more: what has not been pushed yet is not needed. A call that is not known is nothing.</summary>
    void Stop(UserId callee, Guid call);
}
