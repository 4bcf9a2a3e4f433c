using Mimu.Core.Events;

namespace Mimu.Core.Calls;

/// <summary>A socket of a device, as calls see it.</summary>
public interface ICallSocket
{
    /// <summary>Whose it is.</summary>
    Caller Caller { get; }

    /// <summary>Sends it, after all that it was sent before. Returns at once, and never throws nor calls back.</summary>
    /// <returns>Whether it is on its way; false for a socket that is about to end.</returns>
    bool Tell(CallSignal signal);
}
