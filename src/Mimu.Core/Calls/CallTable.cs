using Mimu.Core.Events;
using Mimu.Core.Push;

namespace Mimu.Core.Calls;

/// <summary>
/// All calls of this moment, and who can be told of them. It is in memory alone: a server that starts anew knows of no call, and those who talk go on talking, since what
/// they say does not come through here. All is done under one lock, in which nothing waits: so each socket is told everything once and in order, also one that goes live meanwhile.
/// </summary>
public sealed class CallTable
{
    private readonly Lock _gate = new();
    private readonly CallSockets _sockets = new();
    private readonly CallRecords _calls;
    private readonly CallFlow _flow;
    private readonly TimeProvider _clock;
    private readonly CallSettings _settings;

    /// <param name="clock">The time.</param>
    /// <param name="settings">How long, how many and how much.</param>
    /// <param name="push">What wakes devices without a socket.</param>
    public CallTable(TimeProvider clock, CallSettings settings, ICallPush push)
    {
        (_clock, _settings, _calls) = (clock, settings, new CallRecords(settings));
        _flow = new CallFlow(_calls, _sockets, clock, settings, push);
    }

    /// <summary>How many calls are kept in mind.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count;
            }
        }
    }

    /// <summary>What they take, in bytes.</summary>
    internal long Taken
    {
        get
        {
            lock (_gate)
            {
                return _calls.Taken;
            }
        }
    }

    /// <summary>Whether this frame begins a call, so that it must be known whether the one may call the other.</summary>
    public bool Begins(CallFrame frame)
    {
        lock (_gate)
        {
            return frame.Word is CallWord.CallOffer or CallWord.IceCandidate
                && (_calls.Find(frame.CallId) is not { } call || (call.Stage is CallStage.Expected && frame.Word is CallWord.CallOffer));
        }
    }

    /// <summary>Brings a frame to the other end.</summary>
    /// <param name="caller">Who says it.</param>
    /// <param name="frame">What they say.</param>
    /// <param name="isAllowed">If the frame begins a call: whether they may.</param>
    /// <returns>Whether a socket is told now; <c>not_found</c>, <c>limit_reached</c>, <c>unavailable</c>.</returns>
    public Result<bool> Take(Caller caller, CallFrame frame, bool isAllowed)
    {
        var signal = new CallSignal(frame.Word, caller.UserId, caller.DeviceId, frame.CallId, frame.Payload);
        lock (_gate)
        {
            if (_calls.Find(frame.CallId) is not { } call)
            {
                return frame.Word switch
                {
                    CallWord.CallOffer or CallWord.IceCandidate => isAllowed ? _flow.Begin(caller, frame, signal) : Errors.NotFound,
                    CallWord.CallAnswer => Errors.NotFound,
                    // Who ends a call that is over has got what they want.
                    _ => false,
                };
            }
            if (caller.UserId == call.CallerId && caller.DeviceId == call.CallerDevice && frame.To == call.CalleeId)
            {
                return _flow.FromCaller(call, frame, signal, isAllowed);
            }
            return caller.UserId == call.CalleeId && frame.To == call.CallerId && call.IsFor(caller.DeviceId) && call.Stage is not CallStage.Expected
                ? _flow.FromCallee(call, caller.DeviceId, signal)
                : Errors.NotFound;
        }
    }

    /// <summary>A socket is live: it is told of what rings, and what its device has missed.</summary>
    public void Connect(ICallSocket socket)
    {
        var (user, _, device) = socket.Caller;
        lock (_gate)
        {
            _sockets.Add(socket);
            foreach (var call in _calls.Of(user))
            {
                if (user == call.CallerId && device == call.CallerDevice)
                {
                    call.CallerLeftAt = null;
                }
                if (user == call.CalleeId && call.Stage is CallStage.Offered && call.IsFor(device))
                {
                    CallFlow.TellOffer(call, socket);
                }
                call.TakeMail(user, device).ForEach(signal => socket.Tell(signal));
                if (call.LastWordFor(user, device, _clock.GetUtcNow()) is { } word)
                {
                    socket.Tell(word);
                }
                _flow.Touch(call);
            }
        }
    }

    /// <summary>A socket has ended, whether or not it has ever been live.</summary>
    public void Disconnect(ICallSocket socket)
    {
        lock (_gate)
        {
            if (!_sockets.Remove(socket))
            {
                return;
            }
            foreach (var call in _calls.Of(socket.Caller.UserId))
            {
                if (call.Stage is CallStage.Offered && !_flow.IsOnline(call.CallerId, call.CallerDevice))
                {
                    call.CallerLeftAt ??= _clock.GetUtcNow();
                }
                _flow.WakeIfLost(call, socket.Caller);
                _flow.Touch(call);
            }
        }
    }

    /// <summary>Ends what two people have to do with each other: one has blocked the other, and neither learns of it by how the call ends.</summary>
    public void EndBetween(UserId one, UserId other)
    {
        lock (_gate)
        {
            foreach (var call in _calls.Of(one).FindAll(call => call.CallerId == other || call.CalleeId == other))
            {
                if (call.Stage is CallStage.Expected)
                {
                    _calls.Remove(call);
                }
                else if (call.Stage is not CallStage.Ended)
                {
                    var isRinging = call.Stage is CallStage.Offered;
                    _flow.End(call, isRinging ? CallFlow.Unavailable(call) : CallFlow.Hangup(call, call.CalleeId, CallReasons.Ended), CallFlow.Hangup(call, call.CallerId, CallReasons.Ended));
                }
            }
        }
    }

    /// <summary>Ends the calls whose time is over, and forgets those that are.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            foreach (var call in _calls.All())
            {
                if (call.Stage is CallStage.Offered && call.CallerLeftAt + _settings.CallerTimeout <= now)
                {
                    _flow.End(call, CallFlow.Hangup(call, call.CalleeId, CallReasons.CallerGone), CallFlow.Hangup(call, call.CallerId, CallReasons.CallerGone));
                }
                else if (call.Stage is CallStage.Offered && call.OfferedAt + _settings.SilenceBeforePush <= now && call.ExpiresAt > now)
                {
                    _flow.WakeSilent(call);
                }
                else if (call.ExpiresAt <= now && call.Stage is CallStage.Offered)
                {
                    _flow.End(call, CallFlow.Unavailable(call), CallFlow.Hangup(call, call.CallerId, CallReasons.Timeout));
                }
                else if (call.ExpiresAt <= now)
                {
                    _calls.Remove(call);
                }
            }
        }
    }
}
