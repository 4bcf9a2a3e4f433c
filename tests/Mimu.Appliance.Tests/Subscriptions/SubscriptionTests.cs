using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Subscriptions;
using Mimu.Appliance.Tests.Media;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core;
using Mimu.Core.Subscriptions;
using Mimu.Core.Tests.Subscriptions.Apple;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Subscriptions;

/// <summary>Receipts, statuses and the stores' messages (protocol section 10), before an authority of the test's own and a stand-in for Google.</summary>
public sealed class SubscriptionTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _clock = new(AppleAuthority.At("2026-11-22T10:00:00Z"));
    private readonly AppleAuthority _authority = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mimu-stores-");
    private GooglePlayStandIn _google = null!;
    private Host _host = null!;

    private DateTimeOffset Now => _clock.GetUtcNow();

    public async Task InitializeAsync()
    {
        _google = await GooglePlayStandIn.StartAsync(_clock);
        _host = await StartAsync(SubscriptionMode.Stores);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _google.DisposeAsync();
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_purchase_at_Apple_makes_premium_at_once_and_is_told()
    {
        var alice = await _host.RegisterAsync("alice");
        Assert.Equal("""{"active":false,"tier":"free","state":"none","platform":null,"product_id":null,"expires_at":null,"auto_renewing":false}""", (await ValidateAsync(alice)).ToJsonString());
        (await alice.TryRequestUploadAsync(11)).ExpectProblem(413, "payload_too_large");
        await using var socket = await alice.ConnectAsync();

        var status = (await PurchaseAsync(alice, "apple", Sign(Transaction("1", account: alice.UserId)))).Expect(200);
        Assert.Equal("""{"active":true,"tier":"premium","state":"active","platform":"apple","product_id":"plus","expires_at":"2026-12-20T10:00:00.000Z","auto_renewing":true}""", status.ToJsonString());
        Assert.Equal(status.ToJsonString(), (await socket.ExpectDataAsync("SubscriptionChanged")).ToJsonString());
        Assert.Equal(status.ToJsonString(), (await ValidateAsync(alice)).ToJsonString());
        Assert.Equal(status.ToJsonString(), (await alice.Http.GetAsync("/users/me")).Expect(200)["subscription"]!.ToJsonString());
        await alice.RequestUploadAsync(11);

        (await PurchaseAsync(alice, "apple", Sign(Transaction("1", account: alice.UserId)))).Expect(200);
        await socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Receipts_that_Apple_does_not_vouch_for_are_refused()
    {
        var (alice, bob) = (await _host.RegisterAsync("alice"), await _host.RegisterAsync("bob"));
        using var forger = new AppleAuthority();
        (await PurchaseAsync(alice, "apple", forger.Sign(Transaction("1")))).ExpectProblem(422, "receipt_invalid");
        (await PurchaseAsync(alice, "apple", "nonsense")).ExpectProblem(422, "receipt_invalid");
        (await PurchaseAsync(alice, "apple", Sign(Transaction("1", environment: "Sandbox")))).ExpectProblem(422, "receipt_invalid");
        (await PurchaseAsync(alice, "apple", Sign(Transaction("1", environment: "Xcode")))).ExpectProblem(422, "receipt_invalid");
        (await PurchaseAsync(alice, "apple", Sign(Transaction("1", product: "other")))).ExpectProblem(422, "receipt_invalid");
        (await PurchaseAsync(alice, "apple", Sign(Transaction("1", account: bob.UserId)))).ExpectProblem(422, "receipt_invalid");
        (await PurchaseAsync(alice, "apple", Sign(Transaction("1")), "another")).ExpectProblem(422, "receipt_invalid");
        (await alice.Http.PostAsync("/subscriptions/purchase", new JsonObject { ["platform"] = "pigeon" })).ExpectFaults("platform", "receipt");
        Assert.Equal("none", (string)(await ValidateAsync(alice))["state"]!);
        Assert.Equal(7L, _host.Sql("SELECT count(*) FROM subscription_log WHERE decision = 'refused' AND length(receipt_hash) = 32"));
        // What was seen stays as it was seen.
        Assert.Throws<SqliteException>(() => _host.Sql("UPDATE subscription_log SET decision = 'taken'"));
        Assert.Throws<SqliteException>(() => _host.Sql("DELETE FROM subscription_log"));
    }

    [Fact]
    public async Task Of_two_accounts_with_one_receipt_at_once_one_has_it_and_twenty_requests_are_one_row()
    {
        var (alice, bob) = (await _host.RegisterAsync("alice"), await _host.RegisterAsync("bob"));
        var receipt = Sign(Transaction("1"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PurchaseAsync(i % 2 == 0 ? alice : bob, "apple", receipt)));
        Assert.Equal(10, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.ExpectProblem(409, "receipt_in_use"));
        Assert.Equal(1L, _host.Sql("SELECT count(*) FROM purchases"));

        // With its account gone, a restored purchase moves.
        var (owner, other) = answers[0].Status == 200 ? (alice, bob) : (bob, alice);
        await owner.DeleteAccountAsync();
        (await PurchaseAsync(other, "apple", receipt)).Expect(200);
    }

    [Fact]
    public async Task An_expired_receipt_is_taken_and_makes_nobody_premium()
    {
        var alice = await _host.RegisterAsync("alice");
        var status = (await PurchaseAsync(alice, "apple", Sign(Transaction("1", expires: Now.AddDays(-1))))).Expect(200);
        Assert.Equal(("expired", false, "free"), ((string)status["state"]!, (bool)status["active"]!, (string)status["tier"]!));
    }

    [Fact]
    public async Task Apples_messages_move_the_status_and_forged_ones_nothing()
    {
        var alice = await _host.RegisterAsync("alice");
        await PurchaseAsync(alice, "apple", Sign(Transaction("1")));
        await using var socket = await alice.ConnectAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));

        using var forger = new AppleAuthority();
        (await AppleAsync(forger.Sign(Notification("REFUND", forger.Sign(Transaction("1", revoked: true)))))).ExpectProblem(401, "unauthorized");
        (await _host.Anonymous.PostAsync("/subscriptions/notifications/apple", new JsonObject())).ExpectFaults("signedPayload");
        Assert.Equal("active", (string)(await ValidateAsync(alice))["state"]!);

        Assert.Equal(200, (await AppleAsync(Sign(Notification("REFUND", Sign(Transaction("nobody's", revoked: true)))))).Status);
        var refund = Sign(Notification("REFUND", Sign(Transaction("1", revoked: true))));
        Assert.Equal(200, (await AppleAsync(refund)).Status);
        Assert.Equal("revoked", (string)(await socket.ExpectDataAsync("SubscriptionChanged"))["state"]!);
        Assert.Equal(200, (await AppleAsync(refund)).Status);
        await socket.ExpectNothingElseAsync();
        Assert.Equal("revoked", (string)(await ValidateAsync(alice))["state"]!);
    }

    [Fact]
    public async Task A_purchase_at_Google_is_looked_up_acknowledged_and_checked_again_before_its_end()
    {
        var alice = await _host.RegisterAsync("alice");
        _google.Subscribe("token-1", "ACTIVE", "plus", Now.AddDays(1), alice.UserId);
        Assert.Equal("active", (string)(await PurchaseAsync(alice, "google", "token-1")).Expect(200)["state"]!);
        await WorkAsync();
        Assert.Contains(_google.Calls, call => call.StartsWith("POST ", StringComparison.Ordinal) && call.EndsWith(":acknowledge", StringComparison.Ordinal));
        var calls = _google.Calls.Count;
        await WorkAsync();
        Assert.Equal(calls, _google.Calls.Count);

        // It is renewed; then it is out of reach for a day; then it has ended.
        _google.Subscribe("token-1", "ACTIVE", "plus", Now.AddDays(2), alice.UserId)["acknowledgementState"] = GooglePlayStandIn.Acknowledged;
        _clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(5));
        await alice.RefreshAsync();
        await WorkAsync();
        Assert.Equal(Wire(Now.AddDays(1).AddMinutes(5)), (string)(await ValidateAsync(alice))["expires_at"]!);
        _google.Answer = _ => new StandInAnswer(500);
        _clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromHours(23));
        await alice.RefreshAsync();
        await WorkAsync();
        Assert.Equal("active", (string)(await ValidateAsync(alice))["state"]!);
        await using var socket = await alice.ConnectAsync();
        _clock.Advance(TimeSpan.FromHours(2));
        await WorkAsync();
        Assert.Equal("expired", (string)(await socket.ExpectDataAsync("SubscriptionChanged"))["state"]!);
        Assert.Equal("expired", (string)(await ValidateAsync(alice))["state"]!);
    }

    [Fact]
    public async Task What_Google_does_not_know_is_refused_and_what_it_can_not_tell_changes_nothing()
    {
        var alice = await _host.RegisterAsync("alice");
        (await PurchaseAsync(alice, "google", "unknown-token")).ExpectProblem(422, "receipt_invalid");
        (await PurchaseAsync(alice, "google", "../../x")).ExpectProblem(422, "receipt_invalid");
        _google.Answer = _ => GooglePlayStandIn.Error(503, "backendError");
        (await PurchaseAsync(alice, "google", "token-1")).ExpectProblem(503, "store_unavailable");
        Assert.Equal(0L, _host.Sql("SELECT count(*) FROM purchases"));
    }

    [Fact]
    public async Task Googles_messages_are_looked_up_and_never_believed()
    {
        var alice = await _host.RegisterAsync("alice");
        _google.Subscribe("token-1", "ACTIVE", "plus", Now.AddDays(30));
        await PurchaseAsync(alice, "google", "token-1");
        (await GoogleAsync("wrong", "1", "token-1")).ExpectProblem(401, "unauthorized");
        (await _host.Anonymous.PostAsync("/subscriptions/notifications/google?token=shared-secret", new JsonObject())).ExpectProblem(400, "malformed_request");
        Assert.Equal(200, (await GoogleAsync("shared-secret", "1", "token-1")).Status);
        Assert.Equal("active", (string)(await ValidateAsync(alice))["state"]!);

        _google.Subscribe("token-1", "ON_HOLD", "plus", Now.AddDays(30));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await GoogleAsync("shared-secret", "2", "token-1")).Status);
        Assert.False((bool)(await ValidateAsync(alice))["active"]!);
        _google.Answer = _ => new StandInAnswer(500);
        (await GoogleAsync("shared-secret", "3", "token-1")).ExpectProblem(503, "store_unavailable");
        _google.Answer = null;
        Assert.Equal(200, (await GoogleAsync("shared-secret", "4", "nobodys-token")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Everybody_or_nobody_is_premium_as_the_administrator_likes(bool isEveryone)
    {
        var mode = isEveryone ? SubscriptionMode.Everyone : SubscriptionMode.Off;
        await using var host = await StartAsync(mode);
        var alice = await host.RegisterAsync("alice");
        var answer = await alice.Http.GetAsync("/subscriptions/validate");
        var self = (await alice.Http.GetAsync("/users/me")).Expect(200);
        if (mode is SubscriptionMode.Off)
        {
            answer.ExpectProblem(404, "not_found");
            (await PurchaseAsync(alice, "apple", Sign(Transaction("1")))).ExpectProblem(404, "not_found");
            Assert.Null(self["subscription"]);
            (await alice.TryRequestUploadAsync(11)).ExpectProblem(413, "payload_too_large");
            return;
        }
        Assert.Equal("granted", (string)answer.Expect(200)["state"]!);
        Assert.Equal("granted", (string)self["subscription"]!["state"]!);
        Assert.Equal("granted", (string)(await PurchaseAsync(alice, "apple", Sign(Transaction("1")))).Expect(200)["state"]!);
        await alice.RequestUploadAsync(11);
    }

    private async Task<Host> StartAsync(SubscriptionMode mode)
    {
        var (root, account) = (Path.Combine(_directory.FullName, "root.pem"), Path.Combine(_directory.FullName, "account.json"));
        await File.WriteAllTextAsync(root, _authority.Root.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(account, _google.Account);
        return await Host.Start(options =>
        {
            options.Subscriptions.Mode = mode;
            (options.Subscriptions.Apple.BundleId, options.Subscriptions.Apple.ProductIds, options.Subscriptions.Apple.RootCertificateFile) = ("org.example.app", ["plus"], root);
            (options.Subscriptions.Google.PackageName, options.Subscriptions.Google.ProductIds, options.Subscriptions.Google.CredentialsFile) = (GooglePlayStandIn.Package, ["plus"], account);
            (options.Subscriptions.Google.Endpoint, options.Subscriptions.Google.NotificationToken) = (_google.Endpoint.ToString(), "shared-secret");
            (options.Media.MaxFile, options.Auth.AccessTokenLifetime) = (10, TimeSpan.FromDays(7));
        }, _clock);
    }

    private JsonObject Transaction(
        string id, string? account = null, string environment = "Production", string product = "plus", DateTimeOffset? expires = null, bool revoked = false)
    {
        var transaction = new JsonObject
        {
            ["transactionId"] = $"{id}-2",
            ["originalTransactionId"] = id,
            ["bundleId"] = "org.example.app",
            ["productId"] = product,
            ["purchaseDate"] = AppleAuthority.At("2026-11-20T10:00:00Z").ToUnixTimeMilliseconds(),
            ["expiresDate"] = (expires ?? AppleAuthority.At("2026-12-20T10:00:00Z")).ToUnixTimeMilliseconds(),
            ["type"] = "Auto-Renewable Subscription",
            ["signedDate"] = Now.ToUnixTimeMilliseconds(),
            ["environment"] = environment,
        };
        if (account is not null)
        {
            transaction["appAccountToken"] = account;
        }
        if (revoked)
        {
            transaction["revocationDate"] = Now.ToUnixTimeMilliseconds();
        }
        return transaction;
    }

    private JsonObject Notification(string type, string transaction) => new()
    {
        ["notificationType"] = type,
        ["notificationUUID"] = $"{Ids.NewTokenId()}",
        ["version"] = "2.0",
        ["signedDate"] = Now.ToUnixTimeMilliseconds(),
        ["data"] = new JsonObject { ["environment"] = "Production", ["bundleId"] = "org.example.app", ["signedTransactionInfo"] = transaction },
    };

    private string Sign(JsonObject payload) => _authority.Sign(payload);

    private Task<Answer> AppleAsync(string payload) => _host.Anonymous.PostAsync("/subscriptions/notifications/apple", new JsonObject { ["signedPayload"] = payload });

    private Task<Answer> GoogleAsync(string secret, string id, string token)
    {
        var data = new JsonObject
        {
            ["version"] = "1.0",
            ["packageName"] = GooglePlayStandIn.Package,
            ["eventTimeMillis"] = "1790000000000",
            ["subscriptionNotification"] = new JsonObject { ["version"] = "1.0", ["notificationType"] = 4, ["purchaseToken"] = token },
        };
        return _host.Anonymous.PostAsync($"/subscriptions/notifications/google?token={secret}", new JsonObject
        {
            ["message"] = new JsonObject { ["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(data.ToJsonString())), ["messageId"] = id },
        });
    }

    private static Task<Answer> PurchaseAsync(Person person, string platform, string receipt, string? product = null)
    {
        var body = new JsonObject { ["platform"] = platform, ["receipt"] = receipt };
        if (product is not null)
        {
            body["product_id"] = product;
        }
        return person.Http.PostAsync("/subscriptions/purchase", body);
    }

    private static async Task<JsonObject> ValidateAsync(Person person) => (await person.Http.GetAsync("/subscriptions/validate")).Expect(200);

    private Task WorkAsync() => _host.Services.GetRequiredService<SubscriptionWorker>().RunOnceAsync(default);

    private static string Wire(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
