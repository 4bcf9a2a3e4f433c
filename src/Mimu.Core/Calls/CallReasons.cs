namespace Mimu.Core.Calls;

/// <summary>The payloads of what the server itself says of a call (protocol 9.3).</summary>
internal static class CallReasons
{
    public static readonly ReadOnlyMemory<byte> None = "null"u8.ToArray();

    /// <summary>Another device of the callee has answered or declined.</summary>
    public static readonly ReadOnlyMemory<byte> HandledElsewhere = """{"reason":"handled_elsewhere"}"""u8.ToArray();

    /// <summary>Both called each other, and the other call has the lower id.</summary>
    public static readonly ReadOnlyMemory<byte> Glare = """{"reason":"glare"}"""u8.ToArray();

    /// <summary>It rang for as long as a call rings.</summary>
    public static readonly ReadOnlyMemory<byte> Timeout = """{"reason":"timeout"}"""u8.ToArray();

    /// <summary>The calling device has lost its connection and did not come back.</summary>
    public static readonly ReadOnlyMemory<byte> CallerGone = """{"reason":"caller_gone"}"""u8.ToArray();

    /// <summary>It is over for whatever reason.</summary>
    public static readonly ReadOnlyMemory<byte> Ended = """{"reason":"ended"}"""u8.ToArray();
}
