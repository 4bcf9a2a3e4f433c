using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Mimu.Appliance.Outside;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>Web Push (RFC 8030, RFC 8291, RFC 8292), which UnifiedPush speaks too. Where to is what clients say: see <see cref="CheckedDial"/>.</summary>
internal sealed class WebPushSender : IPushSender, IDisposable
{
    /// <summary>Mozilla takes 30 days, others less or more; the services lower it by themselves (RFC 8030 section 5.2).</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(28);

    private static readonly TimeSpan _afterFault = TimeSpan.FromSeconds(10);

    private readonly Vapid _vapid;
    private readonly bool _allowPrivate;
    private readonly OutsideDoor _door;

    /// <param name="vapid">Who this server is. Not disposed with this: clients ask for its key.</param>
    /// <param name="allowPrivate">Whether endpoints may be <c>http://</c>, at any port, and not on the Internet.</param>
    /// <param name="clock">The time.</param>
    /// <param name="limit">How long a request may take; null as usual.</param>
    /// <param name="resolve">Looks up names; null as usual.</param>
    public WebPushSender(Vapid vapid, bool allowPrivate, TimeProvider clock, TimeSpan? limit = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        (_vapid, _allowPrivate) = (vapid, allowPrivate);
        var handler = OutsideDoor.Handler();
        handler.ConnectCallback = new CheckedDial(allowPrivate, resolve ?? Dns.GetHostAddressesAsync).ConnectAsync;
        _door = new OutsideDoor(handler, clock) { Limit = limit ?? OutsideDoor.Patience };
    }

    public PushPlatform Platform => PushPlatform.WebPush;

    public async Task<PushOutcome> SendAsync(PushTarget target, PushKind kind, TimeSpan ttl, CancellationToken cancellation)
    {
        // Again, as the settings may be others than when the client subscribed.
        if (WebPushSubscription.CheckEndpoint(target.Token, _allowPrivate) is { } fault)
        {
            return new PushOutcome(PushResult.Rejected, $"the endpoint {fault}");
        }
        var endpoint = new Uri(target.Token);
        using var request = Request(endpoint, target, kind, ttl);
        var answer = await _door.SendAsync(request, cancellation);
        return OutcomeOf(answer, endpoint);
    }

    public void Dispose() => _door.Dispose();

    private HttpRequestMessage Request(Uri endpoint, PushTarget target, PushKind kind, TimeSpan ttl)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = new ByteArrayContent(WebPushEncryption.Encrypt(PushText.Json(kind), target.P256dh, target.Auth))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream"), ContentEncoding = { "aes128gcm" } },
            },
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("Authorization", _vapid.Authorize(endpoint));
        headers.TryAddWithoutValidation("TTL", PushText.Seconds(ttl, _longest).ToString(CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation("Urgency", "high");
        // Of several that were not delivered, the last one is enough (RFC 8030 section 5.4). Eight characters, as some services decode it.
        headers.TryAddWithoutValidation("Topic", kind is PushKind.Call ? "mimucall" : "mimunews");
        return request;
    }

    private PushOutcome OutcomeOf(OutsideAnswer answer, Uri endpoint)
    {
        // The host's name and no more: the rest of an endpoint is a secret of the client's.
        var service = endpoint.IdnHost;
        for (var e = answer.Exception; e is not null; e = e.InnerException)
        {
            if (e is BlockedAddressException)
            {
                return new PushOutcome(PushResult.Rejected, $"{service} is not on the Internet, and push.webpush.allow_private_endpoints is not set");
            }
        }
        switch (answer.Status)
        {
            case 404 or 410:
                return new PushOutcome(PushResult.Dead, answer.Tell(service, null));
            case 401 or 403:
                // Of this one service: the others may like it well, and a subscription that is kept works again when the fault is found.
                _vapid.Forget(endpoint);
                return new PushOutcome(PushResult.Rejected, $"{answer.Tell(service, null)}: it does not take this server's key. Check push.webpush.subject, and this server's clock");
            default:
                return answer.ByStatus(service, null, _afterFault);
        }
    }
}
