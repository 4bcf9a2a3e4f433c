using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Push;

namespace Mimu.Appliance.Calls;

/// <summary>Wakes nobody: there are no pushes yet, so that a call rings where there is a socket.</summary>
internal sealed class NoCallPush : ICallPush
{
    public void Ring(UserId callee, int? device, DeviceSet online, Guid call, DateTimeOffset until)
    {
    }

    public void Stop(UserId callee, Guid call)
    {
    }
}
