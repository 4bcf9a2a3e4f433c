using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Push;

namespace Mimu.Core.Calls;

/// <summary>How a call goes on with what its ends say (protocol 9.2 and 9.3). Used by who holds the table alone.</summary>
internal sealed class CallFlow(CallRecords calls, CallSockets sockets, TimeProvider clock, CallSettings settings, ICallPush push)
{
    /// <summary>The first frame of a call.</summary>
    public Result<bool> Begin(Caller caller, CallFrame frame, CallSignal signal)
    {
        if (!calls.Add(frame.CallId, caller, frame.To).Succeeded(out var call, out var refusal))
        {
            return refusal;
        }
        call.ExpiresAt = clock.GetUtcNow() + settings.OfferTimeout;
        return FromCaller(call, frame, signal, isAllowed: true);
    }

    /// <summary>What the calling device says.</summary>
    public Result<bool> FromCaller(Call call, CallFrame frame, CallSignal signal, bool isAllowed)
    {
        switch (call.Stage)
        {
            case CallStage.Expected when frame.Word is CallWord.CallOffer:
                return !isAllowed ? Errors.NotFound : Offer(call, frame.ToDevice, signal);
            case CallStage.Expected when frame.Word is CallWord.IceCandidate:
                call.Keep(signal);
                return false;
            case CallStage.Expected or CallStage.Offered when Ends(frame.Word):
                return End(call, toCaller: null, signal).Callee;
            case CallStage.Offered when frame.Word is CallWord.CallOffer && call.Offer[0].Payload.Span.SequenceEqual(frame.Payload.Span):
                // Said again by who did not hear that it was taken.
                return !Called(call).IsEmpty;
            case CallStage.Offered when frame.Word is CallWord.CallOffer or CallWord.IceCandidate:
                call.Keep(signal);
                return sockets.Tell(call.CalleeId, Called(call), signal);
            case CallStage.Answered:
                return Between(call, call.CalleeId, call.Answerer!.Value, signal);
            default:
                return false;
        }
    }

    /// <summary>What a device of the callee says.</summary>
    public Result<bool> FromCallee(Call call, int device, CallSignal signal)
    {
        switch (call.Stage)
        {
            case CallStage.Offered when signal.Word is CallWord.CallAnswer:
                return Answer(call, device, signal);
            case CallStage.Offered when Ends(signal.Word):
                return End(call, signal, Hangup(call, call.CallerId, CallReasons.HandledElsewhere), exceptOf: device).Caller;
            case CallStage.Offered when signal.Word is CallWord.CallRinging or CallWord.IceCandidate:
                call.Heard = call.Heard.With(device);
                return TellOrMail(call, call.CallerId, call.CallerDevice, signal);
            case CallStage.Answered when device == call.Answerer:
                return Between(call, call.CallerId, call.CallerDevice, signal);
            case CallStage.Answered or CallStage.Ended when signal.Word is CallWord.CallAnswer:
                var word = call.Stage is CallStage.Answered ? Hangup(call, call.CallerId, CallReasons.HandledElsewhere) : call.LastWordFor(call.CalleeId, device, clock.GetUtcNow());
                sockets.Tell(call.CalleeId, DeviceSet.None.With(device), word ?? Hangup(call, call.CallerId, CallReasons.Ended));
                return false;
            default:
                return false;
        }
    }

    private Result<bool> Offer(Call call, int? onlyDevice, CallSignal signal)
    {
        if (!call.Keep(signal))
        {
            // Candidates that came before have taken its room.
            call.DropOffer();
            if (!call.Keep(signal))
            {
                calls.Remove(call);
                return Errors.Unavailable;
            }
        }
        call.OnlyDevice = onlyDevice;
        call.Stage = CallStage.Offered;
        call.ExpiresAt = clock.GetUtcNow() + settings.RingTimeout;
        if (!WinsGlare(call))
        {
            return false;
        }
        if (!IsOnline(call.CallerId, call.CallerDevice))
        {
            call.CallerLeftAt = clock.GetUtcNow();
        }
        var (called, isTold) = (Called(call), false);
        foreach (var one in call.Offer)
        {
            isTold |= sockets.Tell(call.CalleeId, called, one);
        }
        call.Told = called;
        call.OfferedAt = clock.GetUtcNow();
        push.Ring(call.CalleeId, call.OnlyDevice, sockets.DevicesOf(call.CalleeId), call.Id, call.ExpiresAt);
        return isTold;
    }

    /// <summary>Both call each other: the lower id survives, by its bytes as they are written, which is how these are compared.</summary>
    private bool WinsGlare(Call call)
    {
        foreach (var other in calls.Of(call.CallerId).FindAll(other => other.Stage is CallStage.Offered && other.CallerId == call.CalleeId && other.CalleeId == call.CallerId))
        {
            var (winner, loser) = call.Id.CompareTo(other.Id) < 0 ? (call, other) : (other, call);
            // Both ends hear of it, also who has never heard of the call that is lost.
            loser.Told = loser.Told.With(winner.CallerDevice);
            End(loser, Hangup(loser, loser.CalleeId, CallReasons.Glare, winner.CallerDevice), Hangup(loser, loser.CallerId, CallReasons.Glare));
            if (loser == call)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>A device that was told by its socket, and has lost its last one while it rings, is woken as if it had had none.</summary>
    public void WakeIfLost(Call call, Caller lost)
    {
        if (call.Stage is CallStage.Offered && lost.UserId == call.CalleeId && call.IsFor(lost.DeviceId) && !IsOnline(lost.UserId, lost.DeviceId))
        {
            call.Heard = call.Heard.With(lost.DeviceId);
            push.Ring(call.CalleeId, lost.DeviceId, DeviceSet.None, call.Id, call.ExpiresAt);
        }
    }

    /// <summary>A device that has a socket and does not say that it rings may be asleep, or out of reach though nobody has noticed yet: it is woken too.</summary>
    public void WakeSilent(Call call)
    {
        for (var device = Device.First; device <= Device.Last; device++)
        {
            if (call.Told.Contains(device) && !call.Heard.Contains(device))
            {
                call.Heard = call.Heard.With(device);
                push.Ring(call.CalleeId, device, DeviceSet.None, call.Id, call.ExpiresAt);
            }
        }
    }

    private bool Answer(Call call, int device, CallSignal signal)
    {
        call.Stage = CallStage.Answered;
        call.Answerer = device;
        call.CallerLeftAt = null;
        call.DropOffer();
        Touch(call);
        push.Stop(call.CalleeId, call.Id);
        Say(call, call.CalleeId, call.Told.Without(device), Hangup(call, call.CallerId, CallReasons.HandledElsewhere));
        return TellOrMail(call, call.CallerId, call.CallerDevice, signal);
    }

    /// <summary>From one end of a call that was answered to the other.</summary>
    private bool Between(Call call, UserId user, int device, CallSignal signal)
    {
        if (Ends(signal.Word))
        {
            return user == call.CallerId ? End(call, signal, toCallee: null).Caller : End(call, toCaller: null, signal).Callee;
        }
        Touch(call);
        return signal.Word is not CallWord.CallRinging && TellOrMail(call, user, device, signal);
    }

    /// <summary>Ends a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="toCaller">What the calling device is told; null for nothing.</param>
    /// <param name="toCallee">What the callee's devices that know of it are told; null for nothing.</param>
    /// <param name="exceptOf">The device that ended it.</param>
    public (bool Caller, bool Callee) End(Call call, CallSignal? toCaller, CallSignal? toCallee, int exceptOf = 0)
    {
        if (call.Stage is CallStage.Offered)
        {
            push.Stop(call.CalleeId, call.Id);
        }
        var devices = call.Answerer is { } answerer ? DeviceSet.None.With(answerer) : call.Told.Without(exceptOf);
        call.DropAll();
        call.Stage = CallStage.Ended;
        call.ExpiresAt = clock.GetUtcNow() + settings.EndTimeout;
        return (toCaller is not null && Say(call, call.CallerId, DeviceSet.None.With(call.CallerDevice), toCaller), toCallee is not null && Say(call, call.CalleeId, devices, toCallee));
    }

    /// <summary>The last that devices are told of a call.</summary>
    private bool Say(Call call, UserId user, DeviceSet devices, CallSignal signal)
    {
        call.NoteLastWord(user, devices, signal, clock.GetUtcNow() + settings.EndTimeout);
        return sockets.Tell(user, devices, signal);
    }

    private bool TellOrMail(Call call, UserId user, int device, CallSignal signal)
    {
        var isTold = sockets.Tell(user, DeviceSet.None.With(device), signal);
        if (!isTold)
        {
            call.Mail(user, device, signal);
        }
        return isTold;
    }

    /// <summary>Tells a socket that has just come what the others have been told.</summary>
    public static void TellOffer(Call call, ICallSocket socket)
    {
        foreach (var signal in call.Offer)
        {
            socket.Tell(signal);
        }
        call.Told = call.Told.With(socket.Caller.DeviceId);
        // It has just come, so that it is awake.
        call.Heard = call.Heard.With(socket.Caller.DeviceId);
    }

    /// <summary>Puts off when an answered call is forgotten: while it has a socket, for long.</summary>
    public void Touch(Call call)
    {
        if (call.Stage is CallStage.Answered)
        {
            var isAbandoned = !IsOnline(call.CallerId, call.CallerDevice) && !IsOnline(call.CalleeId, call.Answerer!.Value);
            call.ExpiresAt = clock.GetUtcNow() + (isAbandoned ? settings.AbandonTimeout : settings.SilenceTimeout);
        }
    }

    /// <summary>The callee's devices that are called and have a socket.</summary>
    private DeviceSet Called(Call call)
    {
        var online = sockets.DevicesOf(call.CalleeId);
        return call.OnlyDevice is not { } only ? online : online.Contains(only) ? DeviceSet.None.With(only) : DeviceSet.None;
    }

    /// <summary>Whether this device has a socket.</summary>
    public bool IsOnline(UserId user, int device) => sockets.DevicesOf(user).Contains(device);

    private static bool Ends(CallWord word) => word is CallWord.CallDecline or CallWord.CallBusy or CallWord.CallHangup;

    /// <summary>What the caller of a call that nobody took is told.</summary>
    public static CallSignal Unavailable(Call call) => new(CallWord.CallUnavailable, call.CalleeId, FromDevice: null, call.Id, CallReasons.None);

    /// <summary>An end of the server's making, told to the one end as if it came from the other.</summary>
    public static CallSignal Hangup(Call call, UserId from, ReadOnlyMemory<byte> reason, int? device = null) =>
        new(CallWord.CallHangup, from, from == call.CallerId ? call.CallerDevice : device ?? call.Answerer, call.Id, reason);
}
