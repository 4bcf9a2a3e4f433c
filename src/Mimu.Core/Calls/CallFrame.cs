namespace Mimu.Core.Calls;

/// <summary>What a client says of a call (protocol 9.2).</summary>
/// <param name="Word">What it says.</param>
/// <param name="To">To whom.</param>
/// <param name="ToDevice">With an offer: the one device that is called; null for all.</param>
/// <param name="CallId">The call.</param>
/// <param name="Payload">JSON as the client wrote it.</param>
public sealed record CallFrame(CallWord Word, UserId To, int? ToDevice, Guid CallId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Without the payload, so that it gets into no log.</summary>
    public override string ToString() => $"{Word} {CallId}";
}

/// <summary>The words of protocol section 9, by the names that they have on the wire.</summary>
public enum CallWord
{
    CallOffer,
    CallRinging,
    CallAnswer,
    IceCandidate,
    CallDecline,
    CallBusy,
    CallHangup,

    /// <summary>The server's alone: nobody took the offer.</summary>
    CallUnavailable,
}
