using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.PushStandIns;

namespace Mimu.Smoke;

/// <summary>Receipts before the published program: certificates and signatures are checked by the native code, and nothing of them gets into the log (protocol 10.1).</summary>
public sealed class SubscriptionTests : IDisposable
{
    private static readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    private readonly TemporaryDirectory _directory = new();
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _rootKey.Dispose();
        _leafKey.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_receipt_that_leads_to_the_root_makes_premium_and_nothing_of_it_is_logged()
    {
        var root = _directory.PathOf("root.pem");
        var chain = Chain(root);
        var (server, address) = await Program.ServeAsync(_directory.FullName, ("MIMU_SUBSCRIPTIONS__MODE", "stores"), ("MIMU_SUBSCRIPTIONS__APPLE__BUNDLE_ID", "org.example.app"),
            ("MIMU_SUBSCRIPTIONS__APPLE__PRODUCT_IDS", "plus"), ("MIMU_SUBSCRIPTIONS__APPLE__ROOT_CERTIFICATE_FILE", root), ("MIMU_LOG__LEVEL", "trace"));
        await using var program = server;
        var alice = await Client.RegisterAsync(address, "alice");
        Assert.Equal("none", (string?)(await alice.GetAsync("/subscriptions/validate"))["state"]);
        var receipt = Sign(chain, Transaction(alice.UserId));
        var status = await alice.PostAsync("/subscriptions/purchase", new JsonObject { ["platform"] = "apple", ["receipt"] = receipt });
        Assert.Equal(("active", "premium", "plus"), ((string?)status["state"], (string?)status["tier"], (string?)status["product_id"]));

        var (exitCode, output, _) = await Program.RunAsync(_directory.FullName, "admin", "subscription", "grant", "alice", "--until", "2999-12-31", "--json");
        Assert.Equal(0, exitCode);
        Assert.Equal("granted", (string?)JsonNode.Parse(output)!["subscription"]!["state"]);
        (exitCode, output, _) = await Program.RunAsync(_directory.FullName, "admin", "subscription", "revoke", "alice");
        Assert.Equal(0, exitCode);
        Assert.Contains("taken", output, StringComparison.Ordinal);
        Assert.Equal("active", (string?)(await alice.GetAsync("/subscriptions/validate"))["state"]);

        Assert.Equal(401, await NotifyAsync(address, "apple", Refund([chain[0], chain[2], chain[1]], alice.UserId)));
        Assert.Equal("active", (string?)(await alice.GetAsync("/subscriptions/validate"))["state"]);
        Assert.Equal(200, await NotifyAsync(address, "apple", Refund(chain, alice.UserId)));
        Assert.Equal("revoked", (string?)(await alice.GetAsync("/subscriptions/validate"))["state"]);
        await ExpectNothingLoggedAsync(server, [.. receipt.Split('.'), "1000000000000001"]);
    }

    [Fact]
    public async Task A_purchase_token_is_looked_up_and_acknowledged_and_a_message_only_says_where_to_look()
    {
        await using var google = await GooglePlayStandIn.StartAsync();
        var account = _directory.PathOf("account.json");
        await File.WriteAllTextAsync(account, google.Account);
        var (server, address) = await Program.ServeAsync(_directory.FullName, ("MIMU_SUBSCRIPTIONS__MODE", "stores"), ("MIMU_SUBSCRIPTIONS__GOOGLE__PACKAGE_NAME", GooglePlayStandIn.Package),
            ("MIMU_SUBSCRIPTIONS__GOOGLE__CREDENTIALS_FILE", account), ("MIMU_SUBSCRIPTIONS__GOOGLE__ENDPOINT", google.Endpoint.ToString()),
            ("MIMU_SUBSCRIPTIONS__GOOGLE__NOTIFICATION_TOKEN", "shared-secret-of-the-messages"), ("MIMU_LOG__LEVEL", "trace"));
        await using var program = server;
        var alice = await Client.RegisterAsync(address, "alice");
        google.Subscribe("token-of-a-purchase", "ACTIVE", "plus", DateTimeOffset.UtcNow.AddDays(30), alice.UserId);
        var status = await alice.PostAsync("/subscriptions/purchase", new JsonObject { ["platform"] = "google", ["receipt"] = "token-of-a-purchase" });
        Assert.Equal(("active", "google"), ((string?)status["state"], (string?)status["platform"]));
        // By a worker that looks every half minute.
        await Deadline.Until("the acknowledgement", () => Task.FromResult(google.Calls.Any(call => call.EndsWith(":acknowledge", StringComparison.Ordinal))), TimeSpan.FromSeconds(60));

        google.Subscribe("token-of-a-purchase", "EXPIRED", "plus", DateTimeOffset.UtcNow.AddDays(-1), alice.UserId);
        Assert.Equal(401, await NotifyAsync(address, "google?token=another", Developers("1")));
        Assert.Equal("active", (string?)(await alice.GetAsync("/subscriptions/validate"))["state"]);
        Assert.Equal(200, await NotifyAsync(address, "google?token=shared-secret-of-the-messages", Developers("1")));
        Assert.Equal("expired", (string?)(await alice.GetAsync("/subscriptions/validate"))["state"]);
        await ExpectNothingLoggedAsync(server, ["token-of-a-purchase", "shared-secret-of-the-messages", "?token"]);
    }

    private static async Task ExpectNothingLoggedAsync(Program server, string[] secrets)
    {
        server.Signal("TERM");
        Assert.Equal(0, await server.WaitAsync());
        var log = server.Output + server.Errors;
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
    }

    private static async Task<int> NotifyAsync(Uri server, string path, JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(server, $"/subscriptions/notifications/{path}"), content);
        return (int)answer.StatusCode;
    }

    private static JsonObject Developers(string id)
    {
        var data = new JsonObject
        {
            ["version"] = "1.0",
            ["packageName"] = GooglePlayStandIn.Package,
            ["subscriptionNotification"] = new JsonObject { ["version"] = "1.0", ["notificationType"] = 13, ["purchaseToken"] = "token-of-a-purchase" },
        };
        return new JsonObject { ["message"] = new JsonObject { ["messageId"] = id, ["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(data.ToJsonString())) } };
    }

    private JsonObject Refund(string[] chain, string account) => new()
    {
        ["signedPayload"] = Sign(chain, new JsonObject
        {
            ["notificationType"] = "REFUND",
            ["notificationUUID"] = "0f8fad5b-d9cb-469f-a165-70867728950e",
            ["version"] = "2.0",
            ["signedDate"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            ["data"] = new JsonObject { ["environment"] = "Production", ["bundleId"] = "org.example.app", ["signedTransactionInfo"] = Sign(chain, Transaction(account, isRevoked: true)) },
        }),
    };

    private static JsonObject Transaction(string account, bool isRevoked = false)
    {
        var now = DateTimeOffset.UtcNow;
        var payload = new JsonObject
        {
            ["originalTransactionId"] = "1000000000000001",
            ["transactionId"] = "1000000000000001",
            ["bundleId"] = "org.example.app",
            ["productId"] = "plus",
            ["type"] = "Auto-Renewable Subscription",
            ["purchaseDate"] = now.AddDays(-1).ToUnixTimeMilliseconds(),
            ["expiresDate"] = now.AddDays(29).ToUnixTimeMilliseconds(),
            ["signedDate"] = now.ToUnixTimeMilliseconds(),
            ["appAccountToken"] = account,
            ["environment"] = "Production",
        };
        if (isRevoked)
        {
            payload["revocationDate"] = now.ToUnixTimeMilliseconds();
        }
        return payload;
    }

    private string Sign(string[] chain, JsonObject payload)
    {
        var header = new JsonObject { ["alg"] = "ES256", ["x5c"] = new JsonArray([.. chain.Select(one => JsonValue.Create(one))]) };
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{Base64Url.EncodeToString(_leafKey.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";

        static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>Root, intermediate and leaf with the marks that Apple's have; the root's PEM is written down.</summary>
    private string[] Chain(string pem)
    {
        using var intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var root = Issue("CN=Root", _rootKey, "CN=Root", _rootKey, mark: null, isCa: true);
        using var intermediate = Issue("CN=Intermediate", intermediateKey, "CN=Root", _rootKey, "1.2.840.113635.100.6.2.1", isCa: true);
        using var leaf = Issue("CN=Leaf", _leafKey, "CN=Intermediate", intermediateKey, "1.2.840.113635.100.6.11.1", isCa: false);
        File.WriteAllText(pem, root.ExportCertificatePem());
        return [.. new[] { leaf, intermediate, root }.Select(one => Convert.ToBase64String(one.RawData))];
    }

    private static X509Certificate2 Issue(string name, ECDsa key, string issuer, ECDsa issuerKey, string? mark, bool isCa)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, true));
        if (mark is not null)
        {
            request.CertificateExtensions.Add(new X509Extension(mark, [5, 0], critical: false));
        }
        var now = DateTimeOffset.UtcNow;
        return request.Create(new X500DistinguishedName(issuer), X509SignatureGenerator.CreateForECDsa(issuerKey), now.AddDays(-10), now.AddDays(100), RandomNumberGenerator.GetBytes(8));
    }
}
