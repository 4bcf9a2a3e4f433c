using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Push;
using Mimu.Core.Push;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Push;

public sealed class WebPushSenderTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-11-22T10:00:00Z", CultureInfo.InvariantCulture));
    private readonly Vapid _vapid;
    private WebPushStandIn _service = null!;
    private WebPushSender _sender = null!;

    public WebPushSenderTests() => _vapid = new Vapid(ECDsa.Create(ECCurve.NamedCurves.nistP256), "mailto:admin@example.org", _clock);

    public async Task InitializeAsync()
    {
        _service = await WebPushStandIn.StartAsync(_clock);
        _service.ServerKey = _vapid.PublicKey;
        _sender = new WebPushSender(_vapid, allowPrivate: true, _clock);
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    public void Dispose()
    {
        _sender.Dispose();
        _vapid.Dispose();
    }

    [Fact]
    public async Task The_client_decrypts_what_it_must_and_no_more()
    {
        var target = PushStage.To(_service.Subscribe());
        (await _sender.FetchAsync(target)).Expect(PushResult.Accepted, "");
        await _sender.SendAsync(target, PushKind.Call, TimeSpan.FromSeconds(45), default);
        Assert.Empty(_service.Faults);
        Assert.Collection(
            _service.Pushes,
            fetch => Assert.Equal(("fetch", "604800", "high", "mimunews"), (fetch.Kind, fetch.Request.Header("TTL"), fetch.Request.Header("Urgency"), fetch.Request.Header("Topic"))),
            call => Assert.Equal(("call", "45", "high", "mimucall"), (call.Kind, call.Request.Header("TTL"), call.Request.Header("Urgency"), call.Request.Header("Topic"))));
        Assert.Equal(_service.Pushes.First().Request.Body.Length, _service.Pushes.Last().Request.Body.Length);
        Assert.All(_service.Pushes, push => Assert.DoesNotContain(push.Request.Headers.Keys, name => name is "traceparent" or "Cookie" or "User-Agent"));
    }

    [Theory]
    [InlineData(200, PushResult.Accepted)]
    [InlineData(202, PushResult.Accepted)]
    [InlineData(404, PushResult.Dead)]
    [InlineData(410, PushResult.Dead)]
    [InlineData(400, PushResult.Rejected)]
    [InlineData(413, PushResult.Rejected)]
    [InlineData(401, PushResult.Rejected)]
    [InlineData(403, PushResult.Rejected)]
    [InlineData(429, PushResult.Retry, 10)]
    [InlineData(500, PushResult.Retry, 10)]
    [InlineData(503, PushResult.Retry, 10)]
    public async Task Each_status_has_its_outcome(int status, PushResult result, int? retryAfter = null)
    {
        _service.Answer = _ => new StandInAnswer(status, "Some words that nobody should read, <b>say</b>.");
        (await _sender.FetchAsync(PushStage.To(_service.Subscribe()))).Expect(
            result, status < 300 ? "accepted" : $"127.0.0.1 answers {status}", retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        Assert.Single(_service.Pushes);
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "Sun, 22 Nov 2026 10:05:00 GMT", 300)]
    public async Task Retry_After_is_honoured(int status, string header, int seconds)
    {
        _service.Answer = _ => new StandInAnswer(status, "", ("Retry-After", header));
        (await _sender.FetchAsync(PushStage.To(_service.Subscribe()))).Expect(PushResult.Retry, $"{status}", TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task A_service_is_told_the_same_for_hours_and_anew_when_it_does_not_like_it()
    {
        var target = PushStage.To(_service.Subscribe());
        for (var hour = 0; hour < 11; hour++)
        {
            await _sender.FetchAsync(target);
            _clock.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(1, _service.Authorizations);
        await _sender.FetchAsync(target);
        Assert.Equal(2, _service.Authorizations);
        _service.Answer = _ => new StandInAnswer(403);
        (await _sender.FetchAsync(target)).Expect(PushResult.Rejected, "does not take this server's key. Check push.webpush.subject");
        _service.Answer = null;
        await _sender.FetchAsync(target);
        Assert.Equal(3, _service.Authorizations);
        Assert.Empty(_service.Faults);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        var other = _service.Subscribe();
        _service.Answer = _ => new StandInAnswer(status, "", ("Location", other.Endpoint));
        (await _sender.FetchAsync(PushStage.To(_service.Subscribe()))).Expect(PushResult.Rejected, $"127.0.0.1 answers {status}");
        Assert.Single(_service.Pushes);
    }

    [Fact]
    public async Task Addresses_inside_are_refused()
    {
        using var sender = new WebPushSender(_vapid, allowPrivate: false, _clock);
        var target = PushStage.To(_service.Subscribe());
        (await sender.FetchAsync(target)).Expect(PushResult.Rejected, "the endpoint must be an https:// URL");
        (await sender.FetchAsync(target with { Token = "https://127.0.0.1/push/x" })).Expect(PushResult.Rejected, "the endpoint must be on the Internet");
        (await sender.FetchAsync(target with { Token = "https://localhost/push/x" })).Expect(PushResult.Rejected, "localhost is not on the Internet, and push.webpush.allow_private_endpoints is not set");
        Assert.Empty(_service.Pushes);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("8.8.8.8", "127.0.0.1")]
    [InlineData("127.0.0.1", "8.8.8.8")]
    [InlineData("2606:4700::1", "::ffff:192.168.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("fd00::1")]
    public async Task One_address_inside_among_those_of_a_name_is_enough(params string[] addresses)
    {
        using var sender = new WebPushSender(_vapid, allowPrivate: false, _clock, resolve: (_, _) => Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse)));
        (await sender.FetchAsync(PushStage.To(_service.Subscribe()) with { Token = "https://push.example.org/push/x" })).Expect(PushResult.Rejected, "push.example.org is not on the Internet");
    }

    [Fact]
    public async Task The_connection_goes_to_the_address_that_was_looked_at()
    {
        // A name that leads to the service the first time that it is looked up, and nowhere afterwards.
        var asked = new List<string>();
        using var sender = new WebPushSender(_vapid, allowPrivate: true, _clock, resolve: (name, _) =>
        {
            asked.Add(name);
            return Task.FromResult<IPAddress[]>([asked.Count == 1 ? IPAddress.Loopback : IPAddress.Parse("192.0.2.1")]);
        });
        (await sender.FetchAsync(PushStage.To(_service.Subscribe("rebinding.example.org")))).Expect(PushResult.Accepted, "");
        Assert.Equal(["rebinding.example.org"], asked);
        Assert.Empty(_service.Faults);
    }

    [Fact]
    public async Task A_name_in_a_private_network_may_be_allowed()
    {
        (await _sender.FetchAsync(PushStage.To(_service.Subscribe("localhost")))).Expect(PushResult.Accepted, "");
        Assert.Empty(_service.Faults);
    }

    [Fact]
    public async Task A_service_that_never_answers_is_given_up()
    {
        using var sender = new WebPushSender(_vapid, allowPrivate: true, _clock, PushStage.Impatience);
        _service.Answer = _ => StandInAnswer.Silence;
        (await sender.FetchAsync(PushStage.To(_service.Subscribe()))).Expect(PushResult.Retry, "127.0.0.1 does not answer in time");
    }

    [Fact]
    public async Task A_service_that_is_not_there_may_be_there_later()
    {
        var target = PushStage.To(_service.Subscribe());
        (await _sender.FetchAsync(target with { Token = $"http://127.0.0.1:{PushStage.FreePort()}/push/x" })).Expect(PushResult.Retry, "127.0.0.1 can't be reached: ConnectionRefused");
        (await _sender.FetchAsync(target with { Token = "https://push.invalid/push/x" })).Expect(PushResult.Retry, "push.invalid is not known to the DNS");
        // TLS, where there is none.
        (await _sender.FetchAsync(target with { Token = target.Token.Replace("http:", "https:", StringComparison.Ordinal) })).Expect(PushResult.Retry, "127.0.0.1");
    }
}
