using System.Text.Json.Nodes;
using Mimu.Core.Subscriptions;
using Mimu.Core.Subscriptions.Apple;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions.Apple;

/// <summary>An app with one product, an authority that the app trusts, and what it says.</summary>
public abstract class AppleWorld : IDisposable
{
    protected const string Account = "7e3fb20b-4cdb-47cc-936d-99d65f608138";

    private protected AppleAuthority Authority { get; } = new();

    protected static DateTimeOffset Now { get; } = AppleAuthority.At("2026-11-22T10:00:00Z");

    /// <summary>When a period ends that is running.</summary>
    protected static DateTimeOffset Later { get; } = AppleAuthority.At("2026-12-20T10:00:00Z");

    /// <summary>When a period ended.</summary>
    protected static DateTimeOffset Earlier { get; } = AppleAuthority.At("2026-11-20T10:00:00Z");

    protected AppleApp App => field ??= new("org.example.app", ["premium.monthly", "premium.yearly"], AllowSandbox: false, Authority.Root);

    public void Dispose()
    {
        Authority.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A running subscription of <see cref="Account"/>, signed a minute ago.</summary>
    protected static JsonObject Transaction(params (string Name, JsonNode? Value)[] changes) => With(new JsonObject
    {
        ["transactionId"] = "2000000000000002",
        ["originalTransactionId"] = "2000000000000001",
        ["bundleId"] = "org.example.app",
        ["productId"] = "premium.monthly",
        ["purchaseDate"] = AppleAuthority.At("2026-11-20T10:00:00Z").ToUnixTimeMilliseconds(),
        ["expiresDate"] = Later.ToUnixTimeMilliseconds(),
        ["quantity"] = 1,
        ["type"] = "Auto-Renewable Subscription",
        ["appAccountToken"] = Account,
        ["inAppOwnershipType"] = "PURCHASED",
        ["signedDate"] = Now.AddMinutes(-1).ToUnixTimeMilliseconds(),
        ["environment"] = "Production",
        ["aMemberThatCameLater"] = new JsonObject { ["with"] = new JsonArray(1, 2) },
    }, changes);

    /// <summary>The object with other members; null takes one away.</summary>
    protected static JsonObject With(JsonObject json, params (string Name, JsonNode? Value)[] changes)
    {
        foreach (var (name, value) in changes)
        {
            json.Remove(name);
            if (value is not null)
            {
                json[name] = value;
            }
        }
        return json;
    }

    protected AppleResult<StorePurchase> Verify(string jws, AppleApp? app = null) => AppleTransactions.Verify(jws, app ?? App, Now);

    protected StorePurchase Accepted(params (string Name, JsonNode? Value)[] changes) => Accepted(Verify(Authority.Sign(Transaction(changes))));

    protected AppleRefusal Refused(params (string Name, JsonNode? Value)[] changes) => Refused(Verify(Authority.Sign(Transaction(changes))));

    protected static T Accepted<T>(AppleResult<T> result)
        where T : class
    {
        Assert.True(result.Succeeded(out var value, out var refusal), $"refused: {refusal}");
        return value;
    }

    protected static AppleRefusal Refused<T>(AppleResult<T> result)
        where T : class
    {
        Assert.False(result.Succeeded(out _, out var refusal));
        // Each has words for the log.
        Assert.NotEmpty(refusal.Sentence());
        return refusal;
    }
}
