using Mimu.Core.Devices;
using Mimu.Core.Events;

namespace Mimu.Core.Calls;

/// <summary>One call, from its offer to a while after its end. Used by who holds the table alone.</summary>
internal sealed class Call(Guid id, Caller caller, UserId callee, CallSettings settings, CallMemory memory)
{
    private readonly List<CallSignal> _offer = [];
    private readonly List<(UserId User, int Device, CallSignal Signal)> _mail = [];
    private readonly List<(UserId User, DeviceSet Devices, CallSignal Signal, DateTimeOffset Until)> _lastWords = [];
    private long _taken;

    public Guid Id => id;

    public UserId CallerId { get; } = caller.UserId;

    /// <summary>The device that calls: no other of the caller's takes part.</summary>
    public int CallerDevice { get; } = caller.DeviceId;

    public UserId CalleeId => callee;

    public CallStage Stage { get; set; }

    /// <summary>The one device that is called; null for all.</summary>
    public int? OnlyDevice { get; set; }

    /// <summary>The callee's devices that know of the call.</summary>
    public DeviceSet Told { get; set; }

    /// <summary>The callee's devices that have said something since, or were pushed.</summary>
    public DeviceSet Heard { get; set; }

    /// <summary>When the offer was told.</summary>
    public DateTimeOffset OfferedAt { get; set; }

    /// <summary>The device that answered; null while none has.</summary>
    public int? Answerer { get; set; }

    /// <summary>When it goes on to its next stage by itself, or is forgotten.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Since when the calling device has no socket; null while it has one.</summary>
    public DateTimeOffset? CallerLeftAt { get; set; }

    /// <summary>The offer, and what the caller said after it: what each of the callee's sockets is told.</summary>
    public IReadOnlyList<CallSignal> Offer => _offer;

    /// <summary>Whether this device may be the callee's end.</summary>
    public bool IsFor(int device) => OnlyDevice is null || OnlyDevice == device;

    /// <summary>Keeps what the caller says for those of the callee's sockets that are still to come; the offer goes first, whatever came before it. False when there is no room.</summary>
    public bool Keep(CallSignal signal)
    {
        var isOffer = signal.Word is CallWord.CallOffer;
        // The offer is one more than the candidates.
        if (_offer.Count >= settings.MaxKept + 1 || (!isOffer && _offer.Count(one => one.Word is not CallWord.CallOffer) >= settings.MaxKept) || !TryTake(signal))
        {
            return false;
        }
        _offer.Insert(isOffer && Stage is CallStage.Expected ? 0 : _offer.Count, signal);
        return true;
    }

    /// <summary>Keeps what a device is to be told when it comes back. False when there is no room.</summary>
    public bool Mail(UserId user, int device, CallSignal signal)
    {
        if (_mail.Count >= settings.MaxKept || !TryTake(signal))
        {
            return false;
        }
        _mail.Add((user, device, signal));
        return true;
    }

    /// <summary>What has been kept for this device, once.</summary>
    public List<CallSignal> TakeMail(UserId user, int device)
    {
        var signals = new List<CallSignal>();
        foreach (var letter in _mail)
        {
            if (letter.User == user && letter.Device == device)
            {
                signals.Add(letter.Signal);
                Give(SizeOf(letter.Signal));
            }
        }
        _mail.RemoveAll(letter => letter.User == user && letter.Device == device);
        return signals;
    }

    /// <summary>Notes what devices are told for the last time, to tell those again that come back until then: the first time may have been lost on the way.</summary>
    public void NoteLastWord(UserId user, DeviceSet devices, CallSignal signal, DateTimeOffset until) => _lastWords.Add((user, devices, signal, until));

    /// <summary>The last that this device was told, or was to be.</summary>
    public CallSignal? LastWordFor(UserId user, int device, DateTimeOffset now) =>
        _lastWords.FindLast(word => word.User == user && word.Devices.Contains(device) && word.Until > now).Signal;

    /// <summary>The offer needs to be told to nobody any more.</summary>
    public void DropOffer()
    {
        _offer.ForEach(signal => Give(SizeOf(signal)));
        _offer.Clear();
    }

    /// <summary>All that was kept needs to be told to nobody any more.</summary>
    public void DropAll()
    {
        DropOffer();
        _mail.ForEach(letter => Give(SizeOf(letter.Signal)));
        _mail.Clear();
    }

    /// <summary>Takes room for the call itself. False when there is none.</summary>
    public bool TryTakeRoom() => memory.TryTake(CallMemory.CallOverhead);

    /// <summary>Gives all room back.</summary>
    public void GiveRoom()
    {
        DropAll();
        memory.Give(CallMemory.CallOverhead);
    }

    private bool TryTake(CallSignal signal)
    {
        var size = SizeOf(signal);
        if (_taken + size > settings.MaxKeptBytes || !memory.TryTake(size))
        {
            return false;
        }
        _taken += size;
        return true;
    }

    private void Give(long size)
    {
        _taken -= size;
        memory.Give(size);
    }

    private static long SizeOf(CallSignal signal) => signal.Payload.Length + CallMemory.FrameOverhead;
}

/// <summary>How far a call has come.</summary>
internal enum CallStage
{
    /// <summary>Candidates came; their offer is still to come.</summary>
    Expected,

    /// <summary>It rings, or will as soon as a device of the callee wakes up.</summary>
    Offered,

    /// <summary>One device has answered.</summary>
    Answered,

    /// <summary>It is over, and remembered so that what comes late begins no new one.</summary>
    Ended,
}
