using Mimu.Bench.Client;

namespace Mimu.Bench.Load;

/// <summary>
/// One sending party with a fixed number of places in flight. A place is free again when its message was acknowledged AND delivered to
/// all its recipients: what the server still owes is bounded by that, so a slow delivery slows the load instead of growing a queue.
/// </summary>
internal sealed class Sender
{
    private readonly Place[] _places;

    /// <param name="number">Its number in the stamps.</param>
    /// <param name="depth">Messages in flight.</param>
    /// <param name="answersAwaited">Acknowledgement and deliveries for each message.</param>
    /// <param name="template">The message.</param>
    public Sender(int number, int depth, int answersAwaited, MessageTemplate template)
    {
        Number = number;
        AnswersAwaited = answersAwaited;
        Template = template;
        _places = new Place[depth];
    }

    public int Number { get; }

    public int AnswersAwaited { get; }

    public MessageTemplate Template { get; }

    public int Depth => _places.Length;

    /// <summary>How many were sent, which is the next one's sequence number.</summary>
    public uint Sent { get; private set; }

    /// <summary>One WebSocket, or as many HTTP connections as places.</summary>
    public required Connection[] Connections { get; set; }

    public void Send(int slot, long now)
    {
        ref Place place = ref _places[slot];
        place = new Place { Sequence = Sent++, SentAt = now, Awaited = AnswersAwaited };
        Template.SendTo(Connections[slot % Connections.Length], new Stamp(now, Number, slot, place.Sequence));
    }

    /// <summary>The message in a place; an answer to any other is stray.</summary>
    public bool IsInFlight(int slot, uint sequence)
        => (uint)slot < (uint)_places.Length && _places[slot].Awaited > 0 && _places[slot].Sequence == sequence;

    public uint SequenceIn(int slot) => _places[slot].Sequence;

    public long SentAt(int slot) => _places[slot].SentAt;

    /// <summary>Ticks off one answer; true when it was the last and the place is free.</summary>
    public bool Answered(int slot) => --_places[slot].Awaited == 0;

    private struct Place
    {
        public uint Sequence;
        public long SentAt;
        public int Awaited;
    }
}
