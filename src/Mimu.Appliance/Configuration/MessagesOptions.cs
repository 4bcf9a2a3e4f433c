namespace Mimu.Appliance.Configuration;

/// <summary><c>[messages]</c> (protocol section 5).</summary>
internal sealed class MessagesOptions
{
    /// <summary>How old a message may be for its sender to edit it.</summary>
    public TimeSpan EditWindow = TimeSpan.FromHours(48);

    /// <summary>The most bytes of a message's payload, decoded.</summary>
    public long MaxPayload = 256L << 10;

    /// <summary>The age at which messages are erased. null: never.</summary>
    public TimeSpan? Retention;
}

/// <summary><c>[events]</c> (protocol section 6).</summary>
internal sealed class EventsOptions
{
    /// <summary>How long events are kept, and with them the cursors that clients may go on from.</summary>
    public TimeSpan Retention = TimeSpan.FromDays(90);
}

/// <summary><c>[chats]</c> (protocol section 4).</summary>
internal sealed class ChatsOptions
{
    /// <summary>The most participants of a group.</summary>
    public int MaxParticipants = 1000;
}
