using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Push;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Push;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Push;

public sealed class ApnsSenderTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-11-22T10:00:00Z", CultureInfo.InvariantCulture));
    private ApnsStandIn _apns = null!;
    private ApnsSender _sender = null!;

    public async Task InitializeAsync()
    {
        _apns = await ApnsStandIn.StartAsync(_clock);
        _sender = Open();
    }

    public async Task DisposeAsync()
    {
        _sender.Dispose();
        await _apns.DisposeAsync();
    }

    [Fact]
    public async Task A_message_is_an_alert_that_the_app_makes_better()
    {
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Accepted, "");
        var push = Assert.Single(_apns.Pushes);
        Assert.Equal((PushStage.DeviceToken, "fetch", "HTTP/2"), (push.Token, push.Kind, push.Request.Protocol));
        Assert.Equal("""{"aps":{"alert":{"loc-key":"MIMU_FETCH"},"mutable-content":1},"type":"fetch"}""", Encoding.UTF8.GetString(push.Request.Body));
        Assert.Equal(("alert", "org.example.mimu", "fetch"), (push.Request.Header("apns-push-type"), push.Request.Header("apns-topic"), push.Request.Header("apns-collapse-id")));
        Assert.Equal($"{_clock.GetUtcNow().AddDays(7).ToUnixTimeSeconds()}", push.Request.Header("apns-expiration"));
        Assert.Empty(_apns.Faults);
    }

    [Fact]
    public async Task A_call_goes_to_PushKit_if_the_app_has_it()
    {
        await _sender.SendAsync(PushStage.Apns with { VoipToken = PushStage.VoipToken }, PushKind.Call, TimeSpan.FromSeconds(30), default);
        await _sender.SendAsync(PushStage.Apns, PushKind.Call, TimeSpan.Zero, default);
        Assert.Empty(_apns.Faults);
        Assert.Collection(
            _apns.Pushes,
            voip =>
            {
                Assert.Equal((PushStage.VoipToken, "call", "voip"), (voip.Token, voip.Kind, voip.Request.Header("apns-push-type")));
                Assert.Equal($"{_clock.GetUtcNow().AddSeconds(30).ToUnixTimeSeconds()}", voip.Request.Header("apns-expiration"));
            },
            alert =>
            {
                Assert.Equal((PushStage.DeviceToken, "call", "alert"), (alert.Token, alert.Kind, alert.Request.Header("apns-push-type")));
                Assert.Equal("0", alert.Request.Header("apns-expiration"));
            });
        // What is to be fetched does not wake PushKit, which is for calls alone.
        await _sender.FetchAsync(PushStage.Apns with { VoipToken = PushStage.VoipToken });
        Assert.Equal(PushStage.DeviceToken, _apns.Pushes.Last().Token);
    }

    [Theory]
    [InlineData(400, "BadDeviceToken", PushResult.Dead)]
    [InlineData(410, "Unregistered", PushResult.Dead)]
    [InlineData(410, "ExpiredToken", PushResult.Dead)]
    [InlineData(400, "DeviceTokenNotForTopic", PushResult.Rejected)]
    [InlineData(400, "BadTopic", PushResult.Rejected)]
    [InlineData(400, "BadPriority", PushResult.Rejected)]
    [InlineData(400, "IdleTimeout", PushResult.Retry)]
    [InlineData(403, "InvalidProviderToken", PushResult.Unauthorized)]
    [InlineData(403, "ExpiredProviderToken", PushResult.Unauthorized)]
    [InlineData(403, "BadEnvironmentKeyIdInToken", PushResult.Rejected)]
    [InlineData(404, "BadPath", PushResult.Rejected)]
    [InlineData(405, "MethodNotAllowed", PushResult.Rejected)]
    [InlineData(413, "PayloadTooLarge", PushResult.Rejected)]
    [InlineData(429, "TooManyRequests", PushResult.Retry)]
    [InlineData(429, "TooManyProviderTokenUpdates", PushResult.Retry)]
    [InlineData(500, "InternalServerError", PushResult.Retry, 10)]
    [InlineData(503, "ServiceUnavailable", PushResult.Retry, 10)]
    [InlineData(503, "Shutdown", PushResult.Retry, 10)]
    [InlineData(301, "Moved", PushResult.Rejected)]
    public async Task Each_reason_has_its_outcome(int status, string reason, PushResult result, int? retryAfter = null)
    {
        _apns.Answer = _ => ApnsStandIn.Error(status, reason);
        (await _sender.FetchAsync(PushStage.Apns)).Expect(result, $"APNs answers {status} {reason}", retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        Assert.Single(_apns.Pushes);
        Assert.Equal(1, _apns.ProviderTokens);
    }

    [Theory]
    [InlineData(410, "Unregistered")]
    [InlineData(400, "BadDeviceToken")]
    public async Task A_dead_token_for_calls_is_told_from_the_other(int status, string reason)
    {
        _apns.Answer = _ => ApnsStandIn.Error(status, reason);
        var target = PushStage.Apns with { VoipToken = PushStage.VoipToken };
        Assert.True((await _sender.SendAsync(target, PushKind.Call, PushStage.Ttl, default)).IsVoipToken);
        Assert.False((await _sender.FetchAsync(target)).IsVoipToken);
    }

    [Fact]
    public async Task A_token_is_dead_since_a_moment()
    {
        var since = DateTimeOffset.Parse("2026-11-20T08:00:00.123Z", CultureInfo.InvariantCulture);
        _apns.Answer = _ => ApnsStandIn.Error(410, "Unregistered", since);
        Assert.Equal(since, (await _sender.FetchAsync(PushStage.Apns)).DeadSince);
        _apns.Answer = _ => new StandInAnswer(410, """{"reason":"Unregistered","timestamp":9223372036854775807}""");
        Assert.Null((await _sender.FetchAsync(PushStage.Apns)).DeadSince);
        _apns.Answer = _ => new StandInAnswer(410, "gone");
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Dead, "APNs answers 410");
    }

    [Fact]
    public async Task What_is_no_token_is_sent_nowhere()
    {
        (await _sender.FetchAsync(PushStage.Apns with { Token = "../../x" })).Expect(PushResult.Dead, "no token");
        Assert.Empty(_apns.Pushes);
        Assert.Empty(_apns.Faults);
    }

    [Fact]
    public async Task The_provider_token_is_renewed_after_45_minutes()
    {
        await _sender.FetchAsync(PushStage.Apns);
        _clock.Advance(TimeSpan.FromMinutes(45) - TimeSpan.FromSeconds(1));
        await _sender.FetchAsync(PushStage.Apns);
        Assert.Equal(1, _apns.ProviderTokens);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _sender.FetchAsync(PushStage.Apns)));
        Assert.Equal(2, _apns.ProviderTokens);
        Assert.Equal(1, _apns.Connections);
        Assert.Empty(_apns.Faults);
    }

    [Fact]
    public async Task An_expired_provider_token_is_replaced_but_not_more_often_than_every_20_minutes()
    {
        await _sender.FetchAsync(PushStage.Apns);
        _clock.Advance(TimeSpan.FromMinutes(20));
        var refusals = 1;
        _apns.Answer = _ => refusals-- > 0 ? ApnsStandIn.Error(403, "ExpiredProviderToken") : null;
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Accepted, "");
        Assert.Equal(2, _apns.ProviderTokens);

        _clock.Advance(TimeSpan.FromMinutes(19));
        refusals = 1;
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Unauthorized, "ExpiredProviderToken: check this server's clock");
        Assert.Equal(2, _apns.ProviderTokens);

        _clock.Advance(TimeSpan.FromMinutes(1));
        refusals = int.MaxValue;
        var before = _apns.Pushes.Count;
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Unauthorized, "ExpiredProviderToken");
        Assert.Equal((3, before + 2), (_apns.ProviderTokens, _apns.Pushes.Count));
    }

    [Fact]
    public async Task Too_many_renewals_change_nothing_about_the_token()
    {
        _apns.Answer = _ => ApnsStandIn.Error(429, "TooManyProviderTokenUpdates");
        await _sender.FetchAsync(PushStage.Apns);
        _apns.Answer = null;
        await _sender.FetchAsync(PushStage.Apns);
        Assert.Equal((1, 1), (_apns.ProviderTokens, _apns.Connections));
    }

    [Fact]
    public async Task Requests_go_one_at_a_time_until_one_has_succeeded()
    {
        var hold = new TaskCompletionSource();
        _apns.Hold = hold.Task;
        var refusals = 3;
        _apns.Answer = _ => Interlocked.Decrement(ref refusals) >= 0 ? ApnsStandIn.Error(400, "BadDeviceToken") : null;
        var pushes = Enumerable.Range(0, 50).Select(_ => _sender.FetchAsync(PushStage.Apns)).ToList();
        await _apns.NextAsync(Deadline.Usual);
        hold.SetResult();
        var outcomes = await Task.WhenAll(pushes);
        Assert.Empty(_apns.Faults);
        Assert.Equal(47, outcomes.Count(outcome => outcome.Result is PushResult.Accepted));
        Assert.Equal((50, 1), (_apns.Pushes.Count, _apns.Connections));
    }

    [Fact]
    public async Task Then_many_go_at_once_on_the_one_connection()
    {
        await _sender.FetchAsync(PushStage.Apns);
        var hold = new TaskCompletionSource();
        _apns.Hold = hold.Task;
        var pushes = Enumerable.Range(0, 50).Select(_ => _sender.FetchAsync(PushStage.Apns)).ToList();
        await Deadline.Until("all to be there at once", () => _apns.Pushes.Count == 51);
        hold.SetResult();
        await Task.WhenAll(pushes);
        Assert.Equal(1, _apns.Connections);
    }

    [Fact]
    public async Task A_key_that_the_connection_does_not_like_is_tried_on_another()
    {
        var refusals = 1;
        _apns.Answer = _ => refusals-- > 0 ? ApnsStandIn.Error(403, "UnrelatedKeyIdInToken") : null;
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Accepted, "");
        Assert.Equal((2, 2), (_apns.Pushes.Count, _apns.Connections));
        refusals = int.MaxValue;
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Unauthorized, "UnrelatedKeyIdInToken");
        Assert.Equal(4, _apns.Pushes.Count);
    }

    [Theory]
    [InlineData(500, "InternalServerError")]
    [InlineData(503, "Shutdown")]
    [InlineData(400, "IdleTimeout")]
    public async Task After_trouble_the_next_one_goes_on_another_connection(int status, string reason)
    {
        await _sender.FetchAsync(PushStage.Apns);
        _apns.Answer = _ => ApnsStandIn.Error(status, reason);
        await _sender.FetchAsync(PushStage.Apns);
        _apns.Answer = null;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _sender.FetchAsync(PushStage.Apns)));
        Assert.All(outcomes, outcome => Assert.Equal(PushResult.Accepted, outcome.Result));
        Assert.Equal(2, _apns.Connections);
        Assert.Empty(_apns.Faults);
    }

    [Fact]
    public async Task When_Apple_closes_the_connection_the_next_one_begins_with_one_request_too()
    {
        await _sender.FetchAsync(PushStage.Apns);
        // It comes before the answer, so that the next request can't be too early for it.
        _apns.Answer = _ =>
        {
            _apns.CloseConnections();
            return null;
        };
        await _sender.FetchAsync(PushStage.Apns);
        _apns.Answer = null;
        var hold = new TaskCompletionSource();
        _apns.Hold = hold.Task;
        var pushes = Enumerable.Range(0, 30).Select(_ => _sender.FetchAsync(PushStage.Apns)).ToList();
        await Deadline.Until("the first of them", () => _apns.Pushes.Count == 3);
        hold.SetResult();
        Assert.All(await Task.WhenAll(pushes), outcome => Assert.Equal(PushResult.Accepted, outcome.Result));
        Assert.Equal((32, 2), (_apns.Pushes.Count, _apns.Connections));
        Assert.Empty(_apns.Faults);
    }

    [Fact]
    public async Task A_service_that_never_answers_is_given_up_by_all_who_wait()
    {
        using var sender = Open(PushStage.Impatience);
        _apns.Answer = _ => StandInAnswer.Silence;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => sender.FetchAsync(PushStage.Apns)));
        Assert.All(outcomes, outcome => outcome.Expect(PushResult.Retry, "127.0.0.1 does not answer in time"));
        _apns.Answer = null;
        (await sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Accepted, "");
    }

    [Fact]
    public async Task A_service_that_is_not_there_may_be_there_later()
    {
        using var sender = Open(endpoint: $"http://127.0.0.1:{PushStage.FreePort()}");
        (await sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Retry, "127.0.0.1 can't be reached: ConnectionRefused");
        using var nowhere = Open(endpoint: "https://push.invalid");
        (await nowhere.FetchAsync(PushStage.Apns)).Expect(PushResult.Retry, "push.invalid is not known to the DNS");
    }

    [Fact]
    public async Task A_service_that_comes_back_is_found()
    {
        await _sender.FetchAsync(PushStage.Apns);
        await _apns.DisposeAsync();
        (await _sender.FetchAsync(PushStage.Apns)).Expect(PushResult.Retry, "127.0.0.1");
    }

    [Fact]
    public async Task A_service_without_HTTP_2_is_told()
    {
        await using var old = await FcmStandIn.StartAsync();
        using var sender = Open(endpoint: old.Endpoint.ToString());
        Assert.Equal(PushResult.Retry, (await sender.FetchAsync(PushStage.Apns)).Result);
    }

    [Fact]
    public async Task Whoever_gives_up_gets_no_outcome()
    {
        _apns.Answer = _ => StandInAnswer.Silence;
        using var gone = new CancellationTokenSource();
        var push = _sender.SendAsync(PushStage.Apns, PushKind.Fetch, PushStage.Ttl, gone.Token);
        await _apns.NextAsync(Deadline.Usual);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => push);
    }

    private ApnsSender Open(TimeSpan? limit = null, string? endpoint = null) =>
        new(new ApnsProviderToken(ApnsKey.Parse(_apns.Key), ApnsStandIn.KeyId, ApnsStandIn.TeamId, _clock), ApnsStandIn.Topic, endpoint ?? _apns.Endpoint.ToString(), _clock, limit);
}
