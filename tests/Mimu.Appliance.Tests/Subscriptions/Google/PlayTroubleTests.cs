using Mimu.Appliance.Tests.Push;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Subscriptions;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Subscriptions.Google;

/// <summary>What becomes of a look-up when something is not as it should be.</summary>
public sealed class PlayTroubleTests : PlayStage
{
    [Theory]
    [InlineData(400, "invalid", false)]
    [InlineData(404, "purchaseTokenNotFound", false)]
    [InlineData(410, "subscriptionPurchaseNoLongerAvailable", true)]
    [InlineData(410, "purchaseTokenNoLongerValid", true)]
    public async Task A_token_that_is_none_is_refused(int status, string reason, bool isGone)
    {
        Play.Answer = _ => GooglePlayStandIn.Error(status, reason);
        var invalid = await RefusedAsync();
        Assert.Equal(($"Google Play answers {status} {reason}", isGone), (invalid.Reason, invalid.IsGone));
        Assert.Empty(Log);
    }

    [Fact]
    public async Task What_is_gone_is_not_looked_for_among_products()
    {
        Play.Answer = _ => GooglePlayStandIn.Error(410, "purchaseTokenNoLongerValid");
        Assert.True((await RefusedAsync(product: Monthly)).IsGone);
        Assert.Single(Play.Calls);
    }

    [Theory]
    [InlineData(429, "rateLimitExceeded", null, 60)]
    [InlineData(429, "rateLimitExceeded", "120", 120)]
    [InlineData(403, "userRateLimitExceeded", null, 60)]
    [InlineData(403, "quotaExceeded", "5", 5)]
    [InlineData(500, "backendError", null, null)]
    [InlineData(503, "backendError", "30", 30)]
    [InlineData(503, "backendError", "Sun, 22 Nov 2026 10:05:00 GMT", 300)]
    public async Task What_passes_is_tried_again(int status, string reason, string? header, int? seconds)
    {
        Play.Answer = _ => header is null ? GooglePlayStandIn.Error(status, reason) : GooglePlayStandIn.Error(status, reason, ("Retry-After", header));
        var unavailable = await UnavailableAsync(product: Monthly);
        Assert.Equal(($"Google Play answers {status} {reason}", seconds is { } wait ? TimeSpan.FromSeconds(wait) : null), (unavailable.Reason, unavailable.RetryAfter));
        Assert.Single(Play.Calls);
        Assert.Empty(Log);
    }

    [Theory]
    [InlineData(401, "permissionDenied", "may not see purchases")]
    [InlineData(403, "permissionDenied", "may not see purchases")]
    [InlineData(403, "accessNotConfigured", "may not see purchases")]
    public async Task What_an_administrator_has_to_see_to_is_told_once(int status, string reason, string detail)
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth);
        Play.Answer = _ => GooglePlayStandIn.Error(status, reason);
        for (var i = 0; i < 3; i++)
        {
            var unavailable = await UnavailableAsync(product: Monthly);
            Assert.StartsWith($"Google Play answers {status} {reason}: the service account of subscriptions.google.credentials_file {detail}", unavailable.Reason, StringComparison.Ordinal);
        }
        Assert.Equal((3, 1), (Play.Calls.Count, Play.TokensAskedFor));
        Assert.StartsWith("Error ", Assert.Single(Log), StringComparison.Ordinal);
        // Seen to, and lost again.
        Play.Answer = null;
        await FindAsync();
        Play.Answer = _ => GooglePlayStandIn.Error(status, reason);
        await UnavailableAsync();
        Assert.Equal(2, Log.Count);
    }

    [Fact]
    public async Task Another_app_is_not_a_wrong_token()
    {
        var store = Open(package: "org.example.other");
        Assert.Equal("Google Play answers 404 applicationNotFound: there is no such app. Check subscriptions.google.package_name", (await UnavailableAsync(product: Monthly, store: store)).Reason);
        await UnavailableAsync(store: store);
        Assert.Single(Log);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(410)]
    public async Task Only_Google_says_that_a_purchase_is_none(int status)
    {
        foreach (var body in (string[])["", "<html>Not found</html>", "[]", "{}", """{"error":"invalid"}""", """{"error":"\ud800"}"""])
        {
            Play.Answer = _ => new StandInAnswer(status, body);
            Assert.Equal($"Google Play answers {status}, but not as Google does. Check subscriptions.google.endpoint", (await UnavailableAsync(product: Monthly)).Reason);
        }
        Assert.Single(Log);
        var elsewhere = Open(endpoint: $"{Play.Endpoint}v4");
        await UnavailableAsync(store: elsewhere);
        Assert.StartsWith("GET /v4/androidpublisher/v3/applications/", Assert.Single(Play.Faults), StringComparison.Ordinal);
        Play.Faults.Clear();
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"lineItems":[],"subscriptionState":"SUBSCRIPTION_STATE_ACTIVE"}""")]
    [InlineData("""{"lineItems":{"productId":"a"},"subscriptionState":"SUBSCRIPTION_STATE_ACTIVE"}""")]
    [InlineData("""{"lineItems":[{"productId":"a"}],"subscriptionState":"SUBSCRIPTION_STATE_ACTIVE","x":{""")]
    [InlineData("""{"lineItems":[{"productId":"\ud800"}]}""")]
    public async Task What_is_not_understood_changes_nothing(string body)
    {
        Play.Answer = _ => new StandInAnswer(200, body);
        Assert.Equal("Google Play answers 200 with what is not understood", (await UnavailableAsync(product: Monthly)).Reason);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(200_000, true)]
    [InlineData(262_144, false)]
    [InlineData(5_000_000, false)]
    public async Task An_answer_has_its_limit(int length, bool isRead)
    {
        // At its beginning, so that the rest of the purchase is what is cut off.
        Play.Subscriptions[Token] = new System.Text.Json.Nodes.JsonObject { ["padding"] = new string('x', length) };
        foreach (var (name, value) in Play.Subscribe("another", "ACTIVE", Monthly, NextMonth).ToList())
        {
            Play.Subscriptions[Token][name] = value?.DeepClone();
        }
        Assert.Equal(isRead, await LookUpAsync() is PlayFound);
        Assert.Equal(!isRead, await LookUpAsync() is PlayUnavailable);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    public async Task A_redirect_is_not_followed(int status)
    {
        Play.Subscribe("elsewhere", "ACTIVE", Monthly, NextMonth);
        Play.Answer = request => request.Target.EndsWith("elsewhere", StringComparison.Ordinal) ? null
            : new StandInAnswer(status, "", ("Location", request.Target.Replace(Token, "elsewhere", StringComparison.Ordinal)));
        Assert.StartsWith($"Google Play answers {status}, but not as Google does", (await UnavailableAsync()).Reason, StringComparison.Ordinal);
        Assert.Single(Play.Calls);
        // It can be followed, if one does.
        await FindAsync("elsewhere");
    }

    [Fact]
    public async Task A_service_that_never_answers_is_given_up()
    {
        await RefusedAsync();
        Play.Answer = _ => StandInAnswer.Silence;
        var store = Open(PushStage.Impatience);
        Assert.Equal("127.0.0.1 does not answer in time", (await UnavailableAsync(store: store)).Reason);
        Play.TokenAnswer = () => StandInAnswer.Silence;
        Assert.Equal("127.0.0.1 does not answer in time", (await UnavailableAsync(store: Open(PushStage.Impatience))).Reason);
    }

    [Fact]
    public async Task Whoever_asks_may_give_up()
    {
        await RefusedAsync();
        Play.Answer = _ => StandInAnswer.Silence;
        using var gone = new CancellationTokenSource();
        var asking = Store.LookUpAsync(Token, null, gone.Token).AsTask();
        await Deadline.Until("the request to be there", () => Play.Calls.Count == 2);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Deadline.For("the end of it", asking));
    }

    [Fact]
    public async Task A_service_that_is_not_there_may_be_there_later()
    {
        Assert.Equal("127.0.0.1 can't be reached: ConnectionRefused", (await UnavailableAsync(store: Open(endpoint: $"http://127.0.0.1:{PushStage.FreePort()}"))).Reason);
        Assert.Equal("play.invalid is not known to the DNS", (await UnavailableAsync(store: Open(endpoint: "https://play.invalid"))).Reason);
    }

    [Fact]
    public async Task An_access_token_that_has_ended_is_renewed_once()
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth);
        await FindAsync();
        Play.EndTokens();
        await FindAsync();
        Assert.Equal((2, 2), (Play.TokensAskedFor, Play.Calls.Count));
        // One that never helps is not asked for again and again.
        Play.Answer = _ => GooglePlayStandIn.Error(401, "authError");
        Assert.StartsWith("Google Play answers 401 authError: the service account", (await UnavailableAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal((3, 4), (Play.TokensAskedFor, Play.Calls.Count));
    }

    [Fact]
    public async Task Fifty_at_once_fetch_one_access_token()
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth);
        var found = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => FindAsync()));
        Assert.All(found, purchase => Assert.Equal(PurchaseState.Active, purchase.State));
        Assert.Equal((1, 50), (Play.TokensAskedFor, Play.Calls.Count));
    }

    [Fact]
    public async Task A_revoked_key_is_told_once_and_not_tried_again_at_once()
    {
        Play.TokenAnswer = () => new StandInAnswer(400, """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(
                "Google's token service answers 400 invalid_grant. Check the service account's key in subscriptions.google.credentials_file, and this server's clock",
                (await UnavailableAsync()).Reason);
        }
        Assert.Equal(1, Play.TokensAskedFor);
        Assert.Single(Log);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../../../other/purchases")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("a:acknowledge")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("-a")]
    public async Task A_text_that_is_no_name_never_reaches_Google(string text)
    {
        Assert.Equal("It is not a purchase token as Google has them", (await RefusedAsync(text)).Reason);
        Assert.Equal("It is not a product's id as Google has them", (await RefusedAsync(product: text)).Reason);
        Assert.Equal((0, 0), (Play.TokensAskedFor, Play.Calls.Count));
    }

    [Fact]
    public async Task A_long_text_never_reaches_Google()
    {
        await RefusedAsync(new string('a', 10_240));
        await RefusedAsync(new string('a', PlayNames.MaxToken + 1));
        await RefusedAsync(product: new string('a', PlayNames.MaxProduct + 1));
        Assert.Empty(Play.Calls);
        await RefusedAsync(new string('a', PlayNames.MaxToken), new string('a', PlayNames.MaxProduct));
        Assert.Equal(2, Play.Calls.Count);
    }
}
