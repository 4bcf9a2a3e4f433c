using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mimu.PushStandIns;

/// <summary>Google's Play Developer API v3, as far as it is about purchases, with the token service before it.</summary>
public sealed partial class GooglePlayStandIn : StandIn
{
    public const string Package = "org.example.mimu";
    public const string PendingAcknowledgement = "ACKNOWLEDGEMENT_STATE_PENDING";
    public const string Acknowledged = "ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED";
    private const string Project = "mimu-test";
    private const string Scope = "https://www.googleapis.com/auth/androidpublisher";

    private GoogleTokens _tokens = null!;

    private GooglePlayStandIn()
        : base(HttpProtocols.Http1)
    {
    }

    /// <summary>What goes into the file of <c>subscriptions.google.credentials_file</c>.</summary>
    public string Account => _tokens.AccountAt(Endpoint);

    /// <summary>How many access tokens were asked for.</summary>
    public int TokensAskedFor => _tokens.AskedFor;

    /// <summary>What the token service answers; null: a token.</summary>
    public Func<StandInAnswer?>? TokenAnswer { get => _tokens.Answer; set => _tokens.Answer = value; }

    /// <summary>What it answers to a request that shows a good access token; null: what it knows. Called from any thread.</summary>
    public Func<ReceivedRequest, StandInAnswer?>? Answer { get; set; }

    /// <summary>Subscriptions by their purchase token. Whoever changes one holds its lock.</summary>
    public ConcurrentDictionary<string, JsonObject> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Products that are bought once by <c>product/token</c>.</summary>
    public ConcurrentDictionary<string, JsonObject> Products { get; } = new(StringComparer.Ordinal);

    /// <summary>All requests that showed a good access token, as <c>GET subscriptionsv2/tokens/…</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public static async Task<GooglePlayStandIn> StartAsync(TimeProvider? clock = null)
    {
        var service = new GooglePlayStandIn { Clock = clock ?? TimeProvider.System };
        service._tokens = new GoogleTokens(Project, "purchases", Scope, service.Clock);
        await service.OpenAsync();
        return service;
    }

    /// <summary>Ends all access tokens before their time.</summary>
    public void EndTokens() => _tokens.End();

    /// <summary>Somebody subscribes, or the subscription changes.</summary>
    /// <param name="token">The purchase token.</param>
    /// <param name="state">Without <c>SUBSCRIPTION_STATE_</c>.</param>
    /// <param name="product">What is subscribed to.</param>
    /// <param name="expires">Until when; null for none.</param>
    /// <param name="account">Whom the app named; null for nobody.</param>
    /// <returns>The resource, to be changed further.</returns>
    public JsonObject Subscribe(string token, string state, string product, DateTimeOffset? expires, string? account = null)
    {
        var subscription = new JsonObject
        {
            ["kind"] = "androidpublisher#subscriptionPurchaseV2",
            ["regionCode"] = "DE",
            ["startTime"] = "2026-01-01T00:00:00.123456789Z",
            ["subscriptionState"] = $"SUBSCRIPTION_STATE_{state}",
            ["latestOrderId"] = "GPA.3333-1111-2222-44444",
            ["acknowledgementState"] = PendingAcknowledgement,
            ["lineItems"] = new JsonArray(LineItem(product, expires)),
        };
        if (account is not null)
        {
            subscription["externalAccountIdentifiers"] = new JsonObject { ["obfuscatedExternalAccountId"] = account };
        }
        return Subscriptions[token] = subscription;
    }

    /// <summary>Somebody buys a product for good.</summary>
    /// <param name="token">The purchase token.</param>
    /// <param name="product">The product.</param>
    /// <param name="state">0 paid for, 1 cancelled, 2 pending.</param>
    /// <param name="account">Whom the app named; null for nobody.</param>
    /// <returns>The resource, to be changed further.</returns>
    public JsonObject Buy(string token, string product, int state, string? account = null)
    {
        var purchase = new JsonObject
        {
            ["kind"] = "androidpublisher#productPurchase",
            ["purchaseTimeMillis"] = "1790000000000",
            ["purchaseState"] = state,
            ["consumptionState"] = 0,
            ["developerPayload"] = "",
            ["orderId"] = "GPA.3333-1111-2222-44445",
            ["acknowledgementState"] = 0,
        };
        if (account is not null)
        {
            purchase["obfuscatedExternalAccountId"] = account;
        }
        return Products[$"{product}/{token}"] = purchase;
    }

    /// <summary>One item of a subscription.</summary>
    public static JsonObject LineItem(string product, DateTimeOffset? expires, bool renews = true)
    {
        var item = new JsonObject
        {
            ["productId"] = product,
            ["autoRenewingPlan"] = renews ? new JsonObject { ["autoRenewEnabled"] = true } : [],
            ["offerDetails"] = new JsonObject { ["basePlanId"] = "monthly" },
        };
        if (expires is { } time)
        {
            // Nine digits, as Google has them.
            item["expiryTime"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", System.Globalization.CultureInfo.InvariantCulture);
        }
        return item;
    }

    /// <summary>An error as Google has them.</summary>
    /// <param name="status">HTTP's.</param>
    /// <param name="reason">Google's word.</param>
    /// <param name="headers">More headers.</param>
    public static StandInAnswer Error(int status, string reason, params (string Name, string Value)[] headers)
    {
        var error = new JsonObject
        {
            ["code"] = status,
            ["message"] = "It is not so.",
            ["errors"] = new JsonArray(new JsonObject { ["message"] = "It is not so.", ["domain"] = "androidpublisher", ["reason"] = reason, ["location"] = "token" }),
        };
        return Json(status, new JsonObject { ["error"] = error }, headers);
    }

    private protected override StandInAnswer Decide(ReceivedRequest request)
    {
        if (request.Target == GoogleTokens.Path)
        {
            var answer = _tokens.Grant(request, Endpoint, out var fault);
            return fault is null ? answer : Refuse(fault, answer);
        }
        if (Route().Match(request.Target) is not { Success: true } route || !IsCall(request.Method, route))
        {
            // As Google's front end does.
            return Refuse($"{request.Method} {request.Target}", new StandInAnswer(404, "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>"));
        }
        if (!_tokens.AreShownBy(request))
        {
            // No fault: tokens end.
            return Error(401, "authError");
        }
        Calls.Enqueue($"{request.Method} {route.Groups["call"].Value}");
        if (Answer?.Invoke(request) is { } other)
        {
            return other;
        }
        if (route.Groups["package"].Value != Package)
        {
            return Error(404, "applicationNotFound");
        }
        var (kind, product, token) = (route.Groups["kind"].Value, route.Groups["product"].Value, route.Groups["token"].Value);
        var purchase = (kind == "products" ? Products.GetValueOrDefault($"{product}/{token}") : Subscriptions.GetValueOrDefault(token));
        if (purchase is null)
        {
            return kind == "subscriptionsv2" ? Error(404, "purchaseTokenNotFound") : Error(400, "invalid");
        }
        lock (purchase)
        {
            return route.Groups["acknowledge"].Success ? Acknowledge(request, purchase, kind, product) : Json(200, purchase);
        }
    }

    /// <summary>Which routes there are: the older resource of subscriptions only acknowledges here.</summary>
    private static bool IsCall(string method, Match route) => (route.Groups["kind"].Value, route.Groups["product"].Success, route.Groups["acknowledge"].Success, method)
        is ("subscriptionsv2", false, false, "GET") or ("products", true, false, "GET") or ("products" or "subscriptions", true, true, "POST");

    private StandInAnswer Acknowledge(ReceivedRequest request, JsonObject purchase, string kind, string product)
    {
        if (request.Header("Content-Type") != "application/json" || JsonNode.Parse(request.Body) is not JsonObject { Count: 0 })
        {
            return Refuse("the body of an acknowledgement", Error(400, "badRequest"));
        }
        if (kind == "products")
        {
            return (int)purchase["purchaseState"]! != 0 ? Refuse("a purchase is acknowledged that is not paid for", Error(400, "productNotOwnedByUser"))
                : (int)purchase["acknowledgementState"]! == 1 ? Error(400, "alreadyAcknowledged")
                : Set(1);
        }
        var items = purchase["lineItems"]!.AsArray();
        return (string?)purchase["subscriptionState"] == "SUBSCRIPTION_STATE_PENDING" ? Refuse("a subscription is acknowledged that is not paid for", Error(400, "subscriptionNotOwnedByUser"))
            : !items.Any(item => (string?)item!["productId"] == product) ? Refuse("another subscription is acknowledged", Error(400, "invalid"))
            : (string?)purchase["acknowledgementState"] == Acknowledged ? Error(400, "alreadyAcknowledged")
            : Set(Acknowledged);

        StandInAnswer Set(JsonNode state)
        {
            purchase["acknowledgementState"] = state;
            return new StandInAnswer(204);
        }
    }

    private static StandInAnswer Json(int status, JsonObject body, params (string Name, string Value)[] headers) =>
        new(status, body.ToJsonString(new JsonSerializerOptions { WriteIndented = true }), [("Content-Type", "application/json; charset=UTF-8"), .. headers]);

    [GeneratedRegex("^/androidpublisher/v3/applications/(?<package>[^/?]+)/purchases/(?<call>(?<kind>subscriptionsv2|subscriptions|products)(/(?<product>[^/?]+))?/tokens/(?<token>[^/?:]+)(?<acknowledge>:acknowledge)?)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Route();
}
