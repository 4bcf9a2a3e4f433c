using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Google;
using Mimu.Appliance.Push;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Push;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Push;

public sealed class FcmSenderTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-11-22T10:00:00Z", CultureInfo.InvariantCulture));
    private FcmStandIn _fcm = null!;
    private FcmSender _sender = null!;

    public async Task InitializeAsync()
    {
        _fcm = await FcmStandIn.StartAsync(_clock);
        _sender = Open();
    }

    public async Task DisposeAsync()
    {
        _sender.Dispose();
        await _fcm.DisposeAsync();
    }

    [Fact]
    public async Task A_push_says_what_it_must_and_no_more()
    {
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Accepted, "accepted");
        await _sender.SendAsync(PushStage.Fcm, PushKind.Call, TimeSpan.FromSeconds(44.2), default);
        Assert.Equal(["fetch", "call"], _fcm.Pushes.Select(push => push.Kind));
        Assert.All(_fcm.Pushes, push => Assert.Equal(PushStage.Token, push.Token));
        var expiration = _clock.GetUtcNow().AddSeconds(45).ToUnixTimeSeconds();
        Assert.Equal($$$$$"""
            {"message":{"token":"{{{{{PushStage.Token}}}}}","data":{"type":"call"},"android":{"priority":"HIGH","ttl":"45s","collapse_key":"call"},"apns":{"headers":{"apns-push-type":"alert","apns-priority":"10","apns-expiration":"{{{{{expiration}}}}}","apns-collapse-id":"call"},"payload":{"aps":{"alert":{"loc-key":"MIMU_CALL"},"mutable-content":1},"type":"call"}}}}
            """, JsonNode.Parse(_fcm.Pushes.Last().Request.Body)!.ToJsonString());
        Assert.Empty(_fcm.Faults);
    }

    [Theory]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(3_000_000, "2419200s")]
    public async Task A_push_is_kept_as_long_as_FCM_keeps_any(int seconds, string ttl)
    {
        await _sender.SendAsync(PushStage.Fcm, PushKind.Fetch, TimeSpan.FromSeconds(seconds), default);
        Assert.Equal(ttl, (string)JsonNode.Parse((await _fcm.NextAsync(Deadline.Usual)).Request.Body)!["message"]!["android"]!["ttl"]!);
    }

    [Theory]
    [InlineData(404, "NOT_FOUND", "UNREGISTERED", null, PushResult.Dead, "404 UNREGISTERED")]
    [InlineData(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", null, PushResult.Dead, "403 SENDER_ID_MISMATCH")]
    [InlineData(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token", PushResult.Dead, "400 INVALID_ARGUMENT")]
    [InlineData(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data", PushResult.Rejected, "400 INVALID_ARGUMENT")]
    [InlineData(400, "INVALID_ARGUMENT", null, null, PushResult.Rejected, "400 INVALID_ARGUMENT")]
    [InlineData(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", null, PushResult.Rejected, "401 THIRD_PARTY_AUTH_ERROR")]
    [InlineData(403, "PERMISSION_DENIED", null, null, PushResult.Unauthorized, "403 PERMISSION_DENIED")]
    [InlineData(404, "NOT_FOUND", null, null, PushResult.Unauthorized, "404 NOT_FOUND")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", null, PushResult.Retry, "429 QUOTA_EXCEEDED", 60)]
    [InlineData(500, "INTERNAL", "INTERNAL", null, PushResult.Retry, "500 INTERNAL", 10)]
    [InlineData(503, "UNAVAILABLE", "UNAVAILABLE", null, PushResult.Retry, "503 UNAVAILABLE", 10)]
    public async Task Each_error_has_its_outcome(int status, string canonical, string? code, string? field, PushResult result, string detail, int? retryAfter = null)
    {
        _fcm.Answer = _ => FcmStandIn.Error(status, canonical, code, field);
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(result, $"FCM answers {detail}", retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        Assert.Single(_fcm.Pushes);
    }

    [Theory]
    [InlineData(502, "<html>Bad Gateway</html>", PushResult.Retry, 10)]
    [InlineData(503, "", PushResult.Retry, 10)]
    [InlineData(418, "[1]", PushResult.Rejected, null)]
    [InlineData(400, "{\"error\":{\"status\":\"a token, say\",\"details\":[null,1,{\"@type\":5}]}}", PushResult.Rejected, null)]
    public async Task An_answer_that_is_not_FCM_s_goes_by_its_status(int status, string body, PushResult result, int? retryAfter)
    {
        _fcm.Answer = _ => new StandInAnswer(status, body);
        var outcome = await _sender.FetchAsync(PushStage.Fcm);
        Assert.Equal($"FCM answers {status}", outcome.Detail);
        outcome.Expect(result, "FCM", retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Sun, 22 Nov 2026 10:05:00 GMT", 300)]
    [InlineData("Sun, 22 Nov 2026 09:05:00 GMT", 0)]
    [InlineData("soon", 10)]
    public async Task Retry_After_is_a_number_or_a_date(string header, int seconds)
    {
        _fcm.Answer = _ => FcmStandIn.Error(503, "UNAVAILABLE", "UNAVAILABLE", null, ("Retry-After", header));
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Retry, "503", TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task Fifty_at_once_fetch_one_access_token()
    {
        await ManyAsync(50);
        Assert.Equal((1, 50), (_fcm.TokensAskedFor, _fcm.Pushes.Count));
        // Ended before its time: again one for all.
        _fcm.EndTokens();
        await ManyAsync(50);
        Assert.Equal((2, 100), (_fcm.TokensAskedFor, _fcm.Pushes.Count));
        Assert.Empty(_fcm.Faults);
    }

    [Fact]
    public async Task An_access_token_is_renewed_five_minutes_before_its_end()
    {
        await _sender.FetchAsync(PushStage.Fcm);
        _clock.Advance(TimeSpan.FromSeconds(3599 - 301));
        await _sender.FetchAsync(PushStage.Fcm);
        Assert.Equal(1, _fcm.TokensAskedFor);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await _sender.FetchAsync(PushStage.Fcm);
        Assert.Equal(2, _fcm.TokensAskedFor);
    }

    [Fact]
    public async Task A_token_that_is_never_taken_is_renewed_once_and_then_told()
    {
        _fcm.Answer = _ => FcmStandIn.Error(401, "UNAUTHENTICATED", null);
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Unauthorized, "FCM answers 401 UNAUTHENTICATED: the service account");
        Assert.Equal((2, 2), (_fcm.TokensAskedFor, _fcm.Pushes.Count));
    }

    [Fact]
    public async Task A_revoked_key_is_told_and_not_tried_again_at_once()
    {
        _fcm.TokenAnswer = () => new StandInAnswer(400, """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""");
        for (var i = 0; i < 3; i++)
        {
            (await _sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Unauthorized, "Google's token service answers 400 invalid_grant. Check the service account's key");
        }
        Assert.Equal((1, 0), (_fcm.TokensAskedFor, _fcm.Pushes.Count));
        _fcm.TokenAnswer = null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Accepted, "");
    }

    [Theory]
    [InlineData(503, "", PushResult.Retry, "Google's token service answers 503")]
    [InlineData(200, "{}", PushResult.Retry, "Google's token service answers without a token")]
    [InlineData(200, "nonsense", PushResult.Retry, "Google's token service answers without a token")]
    [InlineData(302, "", PushResult.Rejected, "Google's token service answers 302")]
    public async Task Trouble_with_tokens_passes(int status, string body, PushResult result, string detail)
    {
        _fcm.TokenAnswer = () => new StandInAnswer(status, body);
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(result, detail);
        _fcm.TokenAnswer = null;
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Accepted, "");
    }

    [Fact]
    public async Task One_who_gives_up_takes_the_token_from_nobody()
    {
        var hold = new TaskCompletionSource();
        _fcm.Hold = hold.Task;
        using var gone = new CancellationTokenSource();
        var first = _sender.SendAsync(PushStage.Fcm, PushKind.Fetch, PushStage.Ttl, gone.Token);
        var second = _sender.SendAsync(PushStage.Fcm, PushKind.Fetch, PushStage.Ttl, default);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        hold.SetResult();
        (await second).Expect(PushResult.Accepted, "");
        Assert.Equal(1, _fcm.TokensAskedFor);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _fcm.Answer = _ => new StandInAnswer(307, "", ("Location", new Uri(_fcm.Endpoint, "/elsewhere").ToString()));
        (await _sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Rejected, "FCM answers 307");
        Assert.Single(_fcm.Pushes);
        Assert.Empty(_fcm.Faults);
    }

    [Fact]
    public async Task A_service_that_never_answers_is_given_up()
    {
        await _sender.FetchAsync(PushStage.Fcm);
        using var sender = Open(PushStage.Impatience);
        _fcm.Answer = _ => StandInAnswer.Silence;
        (await sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Retry, "127.0.0.1 does not answer in time");
    }

    [Fact]
    public async Task A_service_that_is_not_there_may_be_there_later()
    {
        using var sender = new FcmSender(GoogleAccount.Parse(_fcm.Account), $"http://127.0.0.1:{PushStage.FreePort()}", _clock);
        (await sender.FetchAsync(PushStage.Fcm)).Expect(PushResult.Retry, "127.0.0.1 can't be reached: ConnectionRefused");
        using var nowhere = new FcmSender(GoogleAccount.Parse(_fcm.Account), "https://push.invalid", _clock);
        (await nowhere.FetchAsync(PushStage.Fcm)).Expect(PushResult.Retry, "push.invalid is not known to the DNS");
    }

    [Fact]
    public async Task Long_answers_are_not_read_to_their_end()
    {
        _fcm.Answer = _ => new StandInAnswer(400, $"{{\"error\":{{\"status\":\"{new string('A', 1_000_000)}\"}}}}");
        Assert.Equal("FCM answers 400", (await _sender.FetchAsync(PushStage.Fcm)).Detail);
    }

    private async Task ManyAsync(int count)
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => _sender.FetchAsync(PushStage.Fcm)));
        Assert.All(outcomes, outcome => Assert.Equal(PushResult.Accepted, outcome.Result));
    }

    private FcmSender Open(TimeSpan? limit = null) => new(GoogleAccount.Parse(_fcm.Account), _fcm.Endpoint.ToString(), _clock, limit);
}
