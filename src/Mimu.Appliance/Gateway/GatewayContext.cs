using Mimu.Appliance.Configuration;
using Mimu.Core;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Gateway;

/// <summary>What every socket works with.</summary>
internal sealed record GatewayContext(IDatabase Database, IPubSub PubSub, TimeProvider Clock, GatewaySettings Settings, Limits Limits);

/// <summary>The settings under <c>[realtime]</c> and the frame's limit.</summary>
/// <param name="Heartbeat">Between two pings of the server.</param>
/// <param name="IdleTimeout">Who is silent for longer is cut off.</param>
/// <param name="SendQueue">Bytes that a socket may owe.</param>
/// <param name="MaxFrame">Bytes of the largest frame from a client.</param>
/// <param name="MaxSocketsPerSession">The oldest closes when there would be more.</param>
/// <param name="Frames">How many frames a socket may send; null for any number.</param>
internal sealed record GatewaySettings(TimeSpan Heartbeat, TimeSpan IdleTimeout, long SendQueue, int MaxFrame, int MaxSocketsPerSession, Rate? Frames);
