namespace Mimu.Appliance.Gateway;

/// <summary>
/// How far a client has surely got the stream: what was handed to its socket before a ping that it answered, or, when it says goodbye, more than a beat before. Places of the stream. One thread
/// beats, another reads; none waits for the other.
/// </summary>
internal sealed class TakenMark
{
    private long _handed;
    private long _handedBefore;
    private long _handedAtPing;
    private long _taken;

    public long Taken => Volatile.Read(ref _taken);

    /// <summary>The client has all up to here.</summary>
    public void StartFrom(long position)
    {
        Volatile.Write(ref _handed, position);
        Volatile.Write(ref _handedBefore, position);
        Volatile.Write(ref _handedAtPing, position);
        Volatile.Write(ref _taken, position);
    }

    /// <summary>A beat has come; so much has been handed over by now.</summary>
    public void OnBeat(long handed)
    {
        Volatile.Write(ref _handedBefore, _handed);
        Volatile.Write(ref _handed, handed);
    }

    /// <summary>A ping is sent, behind all that was handed over at the last beat.</summary>
    public void OnPing() => Volatile.Write(ref _handedAtPing, _handed);

    /// <summary>The ping was answered.</summary>
    public void OnPong() => Take(Volatile.Read(ref _handedAtPing));

    /// <summary>The client says goodbye: what was on its way for more than a moment has arrived.</summary>
    public void OnGoodbye() => Take(Volatile.Read(ref _handedBefore));

    private void Take(long position) => Volatile.Write(ref _taken, Math.Max(_taken, position));
}
