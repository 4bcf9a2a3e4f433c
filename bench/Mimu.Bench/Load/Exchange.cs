using System.Diagnostics;
using System.Text;
using Mimu.Bench.Client;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Load;

/// <summary>
/// The load: senders who keep their places in flight filled (a closed loop), recipients whose ledgers say what came. Everything happens
/// on the thread that calls <see cref="Run"/>, so there are no locks.
/// </summary>
internal sealed class Exchange : IInbox, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<Sender> _senders = [];
    private readonly Dictionary<int, Ledger?[]> _ledgers = [];
    private readonly Faults _faults;
    private readonly Payload _payload;
    private long _messageLimit = long.MaxValue;
    private long _inFlight;
    private long _answers;
    private bool _sending;

    public Exchange(Payload payload, Faults faults)
    {
        if (Stopwatch.Frequency != 1_000_000_000)
            throw new BenchException("Stopwatch ticks are not nanoseconds: this is not Linux");
        _payload = payload;
        _faults = faults;
    }

    public Poller Poller { get; } = new();

    public Window Window { get; } = new();

    /// <summary>Sockets that have said Hello.</summary>
    public int Hellos { get; private set; }

    /// <summary>Messages that were delivered since the beginning, warm-up included.</summary>
    public long Delivered { get; private set; }

    /// <summary>When a party's last message came (Stopwatch ticks).</summary>
    public Dictionary<int, long> LastDelivery { get; } = [];

    public long Sent => _senders.Sum(sender => (long)sender.Sent);

    /// <summary>Adds a sender; its number is the order of adding. Parties are known by numbers too, and a sender may be a party.</summary>
    /// <param name="depth">Messages in flight.</param>
    /// <param name="isAcked">Whether the server answers each message: all but the echo floor do.</param>
    /// <param name="recipients">The parties that are online and must get each message.</param>
    /// <param name="template">The message.</param>
    public Sender AddSender(int depth, bool isAcked, IReadOnlyCollection<int> recipients, MessageTemplate template)
    {
        var sender = new Sender(_senders.Count, depth, recipients.Count + (isAcked ? 1 : 0), template) { Connections = [] };
        _senders.Add(sender);
        foreach (int party in recipients)
            Expect(sender, party);
        return sender;
    }

    /// <summary>A party that will get the sender's messages some time, whether it is online now or not.</summary>
    public void Expect(Sender sender, int party)
    {
        Ledger?[] ledgers = _ledgers.GetValueOrDefault(party) ?? [];
        if (ledgers.Length <= sender.Number)
            Array.Resize(ref ledgers, sender.Number + 1);
        ledgers[sender.Number] = new Ledger();
        _ledgers[party] = ledgers;
    }

    /// <summary>Reads until so many sockets have said Hello.</summary>
    public void AwaitHellos(int count)
    {
        if (!PumpWhile(() => Hellos < count, Patience))
            throw new BenchException($"only {Hellos} of {count} sockets were greeted with Hello: {_faults}");
    }

    /// <summary>Warm-up, measured time, then the rest in flight is awaited.</summary>
    public void Run(TimeSpan warmUp, TimeSpan measured, ProcessMeter server)
    {
        StartSending();
        PumpFor(warmUp);
        Window.Begin(server);
        PumpFor(measured);
        Window.End(server);
        _sending = false;
        AwaitAnswers();
    }

    /// <summary>Each sender sends so many messages, and the window is the time that takes.</summary>
    public void RunCounted(long messagesEach, TimeSpan atMost, ProcessMeter server)
    {
        _messageLimit = messagesEach;
        Window.Begin(server);
        StartSending();
        PumpWhile(() => _inFlight > 0, atMost);
        Window.End(server);
        _sending = false;
        AwaitAnswers();
    }

    /// <summary>Reads until so many messages were delivered in all; the window is the time since <see cref="Window.Begin"/>.</summary>
    public void Drain(long deliveries, TimeSpan atMost, ProcessMeter server)
    {
        PumpWhile(() => Delivered < deliveries, atMost);
        Window.End(server);
    }

    /// <summary>Only answers pings and reads.</summary>
    public void PumpFor(TimeSpan time)
    {
        long end = Stopwatch.GetTimestamp() + time.Ticks * 100;
        PumpWhile(() => Stopwatch.GetTimestamp() < end, time + Patience);
    }

    /// <summary>Every message to every recipient exactly once? Duplicates and strays are faults on arrival; here the lost ones are counted.</summary>
    public void CheckDeliveries()
    {
        foreach ((int party, Ledger?[] ledgers) in _ledgers)
        {
            for (int i = 0; i < ledgers.Length; i++)
            {
                if (ledgers[i] is { } ledger && ledger.Count != _senders[i].Sent)
                    _faults.Add($"LOST: party {party} got {ledger.Count} of the {_senders[i].Sent} messages of sender {i}");
            }
        }
    }

    public void Dispose() => Poller.Dispose();

    void IInbox.Text(WebSocketConnection from, ReadOnlySpan<byte> frame, long now)
    {
        // The first letter of the type is enough to tell the frames of the hot path apart.
        ReadOnlySpan<byte> name = "\"type\":\""u8;
        int at = frame.IndexOf(name);
        int kind = at < 0 || at + name.Length >= frame.Length ? 0 : frame[at + name.Length];
        switch (kind)
        {
            case 'N': // NewMessage
            case 'S': // SendMessage, which comes back from the echo floor alone
                Deliver(from, frame, now);
                break;
            case 'A': // Ack
                if (MessageTemplate.TryReadId(frame, out int slot, out uint sequence))
                    Acknowledge(from.Party, slot, sequence, now);
                else
                    _faults.Add($"an Ack without our id: {Show(frame)}");
                break;
            case 'H': // Hello
                Hellos++;
                break;
            case 'E': // Error
            case 'R': // ResyncRequired
            case 0:
                _faults.Add($"party {from.Party} got {Show(frame)}");
                break;
            default: // ChatCreated and other events
                break;
        }
    }

    void IInbox.Response(HttpConnection from, int status, ReadOnlySpan<byte> headAndBody, long now)
    {
        if (status == 201)
            Acknowledge(from.Party, from.Slot, _senders[from.Party].SequenceIn(from.Slot), now);
        else
            _faults.Add($"sender {from.Party} got {Show(headAndBody)}");
    }

    void IInbox.Lost(string who, string reason) => _faults.Add($"{who}: {reason}");

    private static string Show(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 400)]).ReplaceLineEndings(" ");

    private void Deliver(WebSocketConnection to, ReadOnlySpan<byte> frame, long now)
    {
        if (!_payload.TryRead(frame, out Stamp stamp))
        {
            _faults.Add($"ALTERED: party {to.Party} got a payload that was not sent so: {Show(frame)}");
            return;
        }

        Ledger?[]? ledgers = _ledgers.GetValueOrDefault(to.Party);
        if (ledgers is null || stamp.Sender >= ledgers.Length || ledgers[stamp.Sender] is not { } ledger)
        {
            _faults.Add($"MISDELIVERED: party {to.Party} got message {stamp.Sequence} of sender {stamp.Sender}");
            return;
        }

        if (!ledger.Add(stamp.Sequence))
        {
            _faults.Add($"TWICE: party {to.Party} got message {stamp.Sequence} of sender {stamp.Sender} again");
            return;
        }

        Delivered++;
        Window.Deliveries++;
        Window.ToDelivery.Record(now - stamp.Time);
        if (_inFlight == 0)
            LastDelivery[to.Party] = now; // nobody is sending: a drain
        else if (_senders[stamp.Sender].IsInFlight(stamp.Slot, stamp.Sequence))
            Answered(_senders[stamp.Sender], stamp.Slot);
        else
            _faults.Add($"STRAY: party {to.Party} got message {stamp.Sequence} of sender {stamp.Sender}, which is not in flight");
    }

    private void Acknowledge(int party, int slot, uint sequence, long now)
    {
        Sender sender = _senders[party];
        if (!sender.IsInFlight(slot, sequence))
        {
            _faults.Add($"STRAY: an answer to message {sequence} of sender {party}, which is not in flight");
            return;
        }

        Window.Acks++;
        Window.ToAck.Record(now - sender.SentAt(slot));
        Answered(sender, slot);
    }

    private void Answered(Sender sender, int slot)
    {
        _answers++;
        if (!sender.Answered(slot))
            return;
        _inFlight--;
        if (_sending && sender.Sent < _messageLimit)
            Send(sender, slot);
    }

    private void Send(Sender sender, int slot)
    {
        _inFlight++;
        sender.Send(slot, Stopwatch.GetTimestamp());
    }

    private void StartSending()
    {
        _sending = true;
        foreach (Sender sender in _senders)
        {
            for (int slot = 0; slot < sender.Depth && sender.Sent < _messageLimit; slot++)
                Send(sender, slot);
        }
    }

    private void AwaitAnswers()
    {
        if (!PumpWhile(() => _inFlight > 0, Patience))
            _faults.Add($"{_inFlight} messages were still not answered or delivered {Patience.TotalSeconds} s after the last was sent");
        PumpFor(TimeSpan.FromMilliseconds(200)); // anything that comes twice would come now
    }

    /// <summary>Polls while the condition holds; false when time ran out, nothing moves any more, or something went wrong.</summary>
    private bool PumpWhile(Func<bool> condition, TimeSpan atMost)
    {
        long start = Stopwatch.GetTimestamp();
        long moved = start;
        long answers = _answers + Delivered;
        while (condition())
        {
            Poller.Poll(5);
            long now = Stopwatch.GetTimestamp();
            if (_answers + Delivered != answers || _inFlight == 0)
                (moved, answers) = (now, _answers + Delivered);
            if (_faults.IsFull || Stopwatch.GetElapsedTime(start, now) > atMost || Stopwatch.GetElapsedTime(moved, now) > Patience)
                return false;
        }

        return true;
    }
}
