namespace Mimu.Appliance.Configuration;

/// <summary><c>[realtime]</c>: WebSockets (protocol section 7).</summary>
internal sealed class RealtimeOptions
{
    /// <summary>The time between two pings of the server.</summary>
    public TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    /// <summary>How long a socket may stay silent before it is dropped; longer than <see cref="Heartbeat"/>.</summary>
    public TimeSpan IdleTimeout = TimeSpan.FromSeconds(75);

    /// <summary>The most sockets of one session; the oldest gives way.</summary>
    public int MaxSocketsPerSession = 8;

    /// <summary>Outgoing bytes that a socket may owe before it is closed with 4408.</summary>
    public long SendQueue = 1L << 20;
}
