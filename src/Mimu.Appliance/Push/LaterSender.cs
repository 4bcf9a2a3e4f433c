using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>A sender that is made when there is something to send: keys, TLS and HTTP cost a start a third of its time and an idle server some megabytes.</summary>
/// <param name="platform">Whose service it is for.</param>
/// <param name="make">Makes it.</param>
internal sealed class LaterSender(PushPlatform platform, Func<IPushSender> make) : IPushSender, IDisposable
{
    private readonly Lazy<IPushSender> _sender = new(make);

    public PushPlatform Platform => platform;

    public Task<PushOutcome> SendAsync(PushTarget target, PushKind kind, TimeSpan ttl, CancellationToken cancellation) => _sender.Value.SendAsync(target, kind, ttl, cancellation);

    public void Dispose()
    {
        if (_sender.IsValueCreated && _sender.Value is IDisposable sender)
        {
            sender.Dispose();
        }
    }
}
