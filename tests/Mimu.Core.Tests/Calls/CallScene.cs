using System.Text;
using Microsoft.Extensions.Time.Testing;
using Mimu.Core.Calls;
using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Push;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Calls;

/// <summary>A table of calls, with devices that write down what they are told.</summary>
internal sealed class CallScene
{
    private byte _calls;

    public CallScene(CallSettings? settings = null) => Table = new CallTable(Clock, settings ?? new CallSettings(), Push);

    public FakeTimeProvider Clock { get; } = new(Sample.Now);

    public PushLog Push { get; } = new();

    public CallTable Table { get; }

    public UserId Alice { get; } = Ids.NewUserId();

    public UserId Bob { get; } = Ids.NewUserId();

    /// <summary>A socket that is live.</summary>
    public Phone Connect(UserId user, int device = 1)
    {
        var phone = new Phone(new Caller(user, Ids.NewSessionId(Sample.Now), device));
        Table.Connect(phone);
        return phone;
    }

    /// <summary>Ids in the order in which they are made.</summary>
    public Guid NewCall() => new([++_calls, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], bigEndian: true);

    /// <summary>Says something, which must be taken.</summary>
    /// <returns>Whether somebody was told.</returns>
    public bool Say(Phone phone, UserId to, Guid call, CallWord word, string payload = "{}", int? toDevice = null)
    {
        var taken = Try(phone, to, call, word, payload, toDevice);
        Assert.True(taken.IsOk, taken.Error?.Code);
        return taken.Value;
    }

    public Result<bool> Try(Phone phone, UserId to, Guid call, CallWord word, string payload = "{}", int? toDevice = null, bool isAllowed = true) =>
        Table.Take(phone.Caller, new CallFrame(word, to, toDevice, call, Encoding.UTF8.GetBytes(payload)), isAllowed);

    /// <summary>Time passes, with a sweep each second as the worker does it.</summary>
    public void Pass(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            Table.Sweep();
        }
    }
}

/// <summary>A device's socket.</summary>
internal sealed class Phone(Caller caller) : ICallSocket
{
    private readonly Queue<string> _told = new();
    private readonly Lock _gate = new();

    public Caller Caller => caller;

    /// <summary>Whether what it is told is on its way.</summary>
    public bool IsClosing { get; set; }

    public bool Tell(CallSignal signal)
    {
        if (IsClosing)
        {
            return false;
        }
        lock (_gate)
        {
            _told.Enqueue($"{signal.Word} {Encoding.UTF8.GetString(signal.Payload.Span)}");
        }
        Last = signal;
        return true;
    }

    public CallSignal? Last { get; private set; }

    /// <summary>All that it was told since it was last asked.</summary>
    public string[] Told()
    {
        lock (_gate)
        {
            string[] all = [.. _told];
            _told.Clear();
            return all;
        }
    }
}

/// <summary>Who was woken.</summary>
internal sealed class PushLog : ICallPush
{
    public List<(UserId Callee, int? Device, DeviceSet Online, Guid Call, DateTimeOffset Until)> Rung { get; } = [];

    public List<(UserId Callee, Guid Call)> Stopped { get; } = [];

    public void Ring(UserId callee, int? device, DeviceSet online, Guid call, DateTimeOffset until) => Rung.Add((callee, device, online, call, until));

    public void Stop(UserId callee, Guid call) => Stopped.Add((callee, call));
}
