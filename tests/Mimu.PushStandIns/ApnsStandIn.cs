using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mimu.PushStandIns;

/// <summary>
/// The Apple Push Notification service: HTTP/2 alone, without TLS since it is on loopback. It also counts how many requests are under way on a connection before one has succeeded.
/// </summary>
public sealed class ApnsStandIn : PushStandIn
{
    public const string KeyId = "ABC123DEFG";
    public const string TeamId = "DEF123GHIJ";
    public const string Topic = "org.example.mimu";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _providerTokens = new(StringComparer.Ordinal);

    private ApnsStandIn()
        : base(HttpProtocols.Http2)
    {
    }

    /// <summary>What goes into the file of <c>push.apns.key_file</c>.</summary>
    public string Key => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>How many connections brought requests.</summary>
    public int Connections => _connections.Count;

    /// <summary>How many provider tokens there were.</summary>
    public int ProviderTokens => _providerTokens.Count;

    public static async Task<ApnsStandIn> StartAsync(TimeProvider? clock = null)
    {
        var service = new ApnsStandIn { Clock = clock ?? TimeProvider.System };
        await service.OpenAsync();
        return service;
    }

    /// <summary>An error as APNs has them.</summary>
    /// <param name="status">HTTP's.</param>
    /// <param name="reason">APNs' word.</param>
    /// <param name="timestamp">Since when a token is dead; null for none.</param>
    public static StandInAnswer Error(int status, string reason, DateTimeOffset? timestamp = null)
    {
        var body = new JsonObject { ["reason"] = reason };
        if (timestamp is { } at)
        {
            body["timestamp"] = at.ToUnixTimeMilliseconds();
        }
        return new StandInAnswer(status, body.ToJsonString());
    }

    private protected override StandInAnswer Accept(ReceivedRequest request) => new(200, "", ("apns-id", Guid.NewGuid().ToString()));

    private protected override void Enter(ReceivedRequest request)
    {
        var connection = _connections.GetOrAdd(request.Connection, _ => new Connection());
        if (Interlocked.Increment(ref connection.UnderWay) > 1 && !connection.IsProven)
        {
            Faults.Enqueue("a second request before one had succeeded on the connection");
        }
    }

    private protected override void Exit(ReceivedRequest request, StandInAnswer answer)
    {
        var connection = _connections[request.Connection];
        connection.IsProven |= answer.Status == 200;
        Interlocked.Decrement(ref connection.UnderWay);
    }

    private protected override StandInAnswer? Check(ReceivedRequest request, out string token, out string kind)
    {
        (token, kind) = ("", "");
        if (request.Protocol != "HTTP/2" || request.Method != "POST" || !request.Target.StartsWith("/3/device/", StringComparison.Ordinal))
        {
            return Refuse($"{request.Protocol} {request.Method} {request.Target}", Error(404, "BadPath"));
        }
        token = request.Target["/3/device/".Length..];
        return CheckToken(request) ?? CheckHeaders(request) ?? CheckBody(request, out kind);
    }

    private StandInAnswer? CheckToken(ReceivedRequest request)
    {
        var authorization = request.Header("authorization");
        var jws = authorization.StartsWith("bearer ", StringComparison.Ordinal) ? Jws.Parse(authorization[7..]) : null;
        if (jws is null)
        {
            return Refuse("no provider token", Error(403, "MissingProviderToken"));
        }
        _providerTokens[authorization] = true;
        var isGood = (string?)jws.Header["alg"] == "ES256" && (string?)jws.Header["kid"] == KeyId && jws.Text("iss") == TeamId && jws.Claims.Count == 2
            && _key.VerifyData(jws.Signed, jws.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        if (!isGood)
        {
            return Refuse("the provider token", Error(403, "InvalidProviderToken"));
        }
        var age = Clock.GetUtcNow() - jws.Time("iat");
        return age is null || age < TimeSpan.FromMinutes(-1) || age > TimeSpan.FromHours(1) ? Refuse($"the provider token is {age} old", Error(403, "ExpiredProviderToken")) : null;
    }

    private StandInAnswer? CheckHeaders(ReceivedRequest request)
    {
        var type = request.Header("apns-push-type");
        var reason = type is not ("alert" or "voip") ? "InvalidPushType"
            : request.Header("apns-topic") != (type == "voip" ? $"{Topic}.voip" : Topic) ? "BadTopic"
            : request.Header("apns-priority") != "10" ? "BadPriority"
            : !long.TryParse(request.Header("apns-expiration"), NumberStyles.None, CultureInfo.InvariantCulture, out _) ? "BadExpirationDate"
            : request.Header("apns-collapse-id").Length > 64 ? "BadCollapseId"
            : null;
        return reason is null ? null : Refuse(reason, Error(400, reason));
    }

    private StandInAnswer? CheckBody(ReceivedRequest request, out string kind)
    {
        kind = "";
        try
        {
            var body = JsonNode.Parse(request.Body)!.AsObject();
            kind = (string)body["type"]!;
            var aps = body["aps"]!.AsObject();
            var isAlert = request.Header("apns-push-type") == "alert";
            // With nothing to show in it a VoIP push is as it should be; an alert needs its text, and the extension that makes a better one.
            var isGood = body.Count == 2 && request.Body.Length <= 4096 && (isAlert ? aps["alert"]!["loc-key"] is not null && (int)aps["mutable-content"]! == 1 : kind == "call" && aps.Count == 0);
            return isGood ? null : Refuse($"the body {body.ToJsonString()}", Error(400, "PayloadEmpty"));
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException)
        {
            return Refuse("the body", Error(400, "PayloadEmpty"));
        }
    }

    private sealed class Connection
    {
        public volatile bool IsProven;
        public int UnderWay;
    }
}
