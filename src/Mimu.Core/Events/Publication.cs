namespace Mimu.Core.Events;

/// <summary>A committed event, or a signal, on its way to those who are online.</summary>
/// <param name="Cursor">Its place in the stream; null for what is told to those who are online and kept nowhere.</param>
/// <param name="Event">What happened.</param>
/// <param name="Audience">Who is told.</param>
/// <param name="Origin">The session that caused it; null when none did.</param>
public sealed record Publication(Cursor? Cursor, Event Event, IReadOnlyList<UserId> Audience, SessionId? Origin)
{
    /// <summary>What the door that tells it made of it, kept so that it is made once for all sockets. Null before.</summary>
    public object? Encoded { get; set; }
}
