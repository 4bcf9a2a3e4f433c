using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mimu.PushStandIns;

/// <summary>A push service on loopback.</summary>
public abstract class PushStandIn : StandIn
{
    private readonly Channel<ReceivedPush> _channel = Channel.CreateUnbounded<ReceivedPush>();

    private protected PushStandIn(HttpProtocols protocols)
        : base(protocols)
    {
    }

    /// <summary>What it answers to a push that is as it must be; null: that it took it. Called from any thread.</summary>
    public Func<ReceivedPush, StandInAnswer?>? Answer { get; set; }

    /// <summary>All pushes that came and were as they must be, in that order, whatever was answered.</summary>
    public ConcurrentQueue<ReceivedPush> Pushes { get; } = new();

    /// <summary>The next push that nobody has waited for yet.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public async Task<ReceivedPush> NextAsync(TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        try
        {
            return await _channel.Reader.ReadAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {limit.TotalSeconds} s for a push. Faults: {string.Join("; ", Faults)}");
        }
    }

    /// <summary>Looks at a request that is a push.</summary>
    /// <param name="request">The request.</param>
    /// <param name="token">To whom it goes.</param>
    /// <param name="kind">What it says.</param>
    /// <returns>How it is refused; null if it is as it must be.</returns>
    private protected abstract StandInAnswer? Check(ReceivedRequest request, out string token, out string kind);

    /// <summary>That it took a push.</summary>
    private protected abstract StandInAnswer Accept(ReceivedRequest request);

    /// <summary>Answers what is no push; null if it is one.</summary>
    private protected virtual StandInAnswer? ServeOther(ReceivedRequest request) => null;

    private protected sealed override StandInAnswer Decide(ReceivedRequest request)
    {
        if (ServeOther(request) is { } other)
        {
            return other;
        }
        if (Check(request, out var token, out var kind) is { } refusal)
        {
            return refusal;
        }
        var push = new ReceivedPush(request, token, kind);
        Pushes.Enqueue(push);
        var answer = Answer?.Invoke(push) ?? Accept(request);
        _channel.Writer.TryWrite(push);
        return answer;
    }
}

/// <summary>A push that came and was as it must be.</summary>
/// <param name="Request">How it came.</param>
/// <param name="Token">To whom it goes: the device token, or the path of the subscription's endpoint.</param>
/// <param name="Kind">What it says: <c>fetch</c> or <c>call</c>.</param>
public sealed record ReceivedPush(ReceivedRequest Request, string Token, string Kind)
{
    public DateTimeOffset At => Request.At;
}
