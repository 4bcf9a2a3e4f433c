using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Mimu.Smoke;

/// <summary>Receipts before the published program: certificates and signatures are checked by the native code, and nothing of them gets into the log (protocol 10.1).</summary>
public sealed class SubscriptionTests : IDisposable
{
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
        var receipt = Sign(chain, alice.UserId);
        var status = await alice.PostAsync("/subscriptions/purchase", new JsonObject { ["platform"] = "apple", ["receipt"] = receipt });
        Assert.Equal(("active", "premium", "plus"), ((string?)status["state"], (string?)status["tier"], (string?)status["product_id"]));

        var (exitCode, output, _) = await Program.RunAsync(_directory.FullName, "admin", "subscription", "grant", "alice", "--until", "2999-12-31", "--json");
        Assert.Equal(0, exitCode);
        Assert.Equal("granted", (string?)JsonNode.Parse(output)!["subscription"]!["state"]);
        (exitCode, output, _) = await Program.RunAsync(_directory.FullName, "admin", "subscription", "revoke", "alice");
        Assert.Equal(0, exitCode);
        Assert.Contains("taken", output, StringComparison.Ordinal);
        Assert.Equal("active", (string?)(await alice.GetAsync("/subscriptions/validate"))["state"]);

        server.Signal("TERM");
        Assert.Equal(0, await server.WaitAsync());
        var log = server.Output + server.Errors;
        Assert.All(receipt.Split('.').Append("1000000000000001"), part => Assert.DoesNotContain(part, log, StringComparison.Ordinal));
    }

    private string Sign(string[] chain, string account)
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
