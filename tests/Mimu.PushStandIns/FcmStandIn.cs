using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;

namespace Mimu.PushStandIns;

/// <summary>Firebase Cloud Messaging's HTTP v1 API, with the token service before it.</summary>
public sealed class FcmStandIn : StandIn
{
    public const string Project = "mimu-test";
    private const string Mail = "push@mimu-test.iam.gserviceaccount.com";
    private const string KeyId = "8f1a2b3c4d";
    private const string Scope = "https://www.googleapis.com/auth/firebase.messaging";

    /// <summary>One for all, as making it takes a while.</summary>
    private static readonly string _pem = MakePem();

    private readonly RSA _key = RSA.Create();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _granted = new(StringComparer.Ordinal);
    private int _tokens;

    private FcmStandIn()
        : base(HttpProtocols.Http1) => _key.ImportFromPem(_pem);

    /// <summary>How many access tokens were asked for.</summary>
    public int TokensAskedFor => _tokens;

    /// <summary>How long access tokens are good.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromSeconds(3599);

    /// <summary>What the token service answers; null: a token.</summary>
    public Func<StandInAnswer?>? TokenAnswer { get; set; }

    /// <summary>What goes into the file of <c>push.fcm.credentials_file</c>.</summary>
    public string Account => new JsonObject
    {
        ["type"] = "service_account",
        ["project_id"] = Project,
        ["private_key_id"] = KeyId,
        ["private_key"] = _pem,
        ["client_email"] = Mail,
        ["token_uri"] = $"{Endpoint}token",
    }.ToJsonString();

    public static async Task<FcmStandIn> StartAsync(TimeProvider? clock = null)
    {
        var service = new FcmStandIn { Clock = clock ?? TimeProvider.System };
        await service.OpenAsync();
        return service;
    }

    /// <summary>Ends all access tokens before their time.</summary>
    public void EndTokens() => _granted.Clear();

    /// <summary>An error as FCM has them.</summary>
    /// <param name="status">HTTP's.</param>
    /// <param name="canonical">The canonical code.</param>
    /// <param name="code">FCM's own; null for none.</param>
    /// <param name="field">The field that is not valid; null for none.</param>
    /// <param name="headers">More headers.</param>
    public static StandInAnswer Error(int status, string canonical, string? code, string? field = null, params (string Name, string Value)[] headers)
    {
        var details = new JsonArray();
        if (code is not null)
        {
            details.Add(new JsonObject { ["@type"] = "type.googleapis.com/google.firebase.fcm.v1.FcmError", ["errorCode"] = code });
        }
        if (field is not null)
        {
            details.Add(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.BadRequest",
                ["fieldViolations"] = new JsonArray(new JsonObject { ["field"] = field, ["description"] = "Invalid value" }),
            });
        }
        var error = new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = "It is not so.", ["status"] = canonical, ["details"] = details } };
        return new StandInAnswer(status, error.ToJsonString(), [("Content-Type", "application/json; charset=UTF-8"), .. headers]);
    }

    private protected override StandInAnswer? ServeOther(ReceivedRequest request) => request.Target == "/token" ? Grant(request) : null;

    private protected override StandInAnswer Accept(ReceivedRequest request) => new(200, $$"""{"name":"projects/{{Project}}/messages/0:{{Pushes.Count}}"}""");

    private protected override StandInAnswer? Check(ReceivedRequest request, out string token, out string kind)
    {
        (token, kind) = ("", "");
        if (request.Method != "POST" || request.Target != $"/v1/projects/{Project}/messages:send")
        {
            return Refuse($"{request.Method} {request.Target}", Error(404, "NOT_FOUND", null));
        }
        var bearer = request.Header("Authorization");
        if (!bearer.StartsWith("Bearer ", StringComparison.Ordinal) || !_granted.TryGetValue(bearer[7..], out var end) || end <= Clock.GetUtcNow())
        {
            // No fault: tokens end.
            return Error(401, "UNAUTHENTICATED", null);
        }
        try
        {
            var message = JsonNode.Parse(request.Body)!["message"]!.AsObject();
            token = (string)message["token"]!;
            var data = message["data"]!.AsObject();
            kind = (string)data["type"]!;
            var wrong = data.Count != 1 || request.Body.Length > 4096 ? "the data"
                : message["notification"] is not null ? "a notification"
                : (string?)message["android"]?["priority"] != "HIGH" ? "the priority"
                : !IsDuration((string?)message["android"]?["ttl"]) ? "the ttl"
                : string.IsNullOrEmpty((string?)message["android"]?["collapse_key"]) ? "the collapse key"
                : IsBadForApple(message["apns"]!) ? "the part for iPhones"
                : !request.Header("Content-Type").StartsWith("application/json", StringComparison.Ordinal) ? "the type"
                : null;
            return wrong is null ? null : Refuse($"{wrong} of {message.ToJsonString()}", Error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message"));
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException)
        {
            return Refuse($"no message: {e.Message}", Error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message"));
        }
    }

    private static string MakePem()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>AndroidConfig.ttl: 0 to 28 days.</summary>
    private static bool IsDuration(string? text) =>
        text is not null && text.EndsWith('s') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 2_419_200;

    /// <summary>What is shown needs its extension; what is only data may not be urgent.</summary>
    private static bool IsBadForApple(JsonNode apns) => (string?)apns["headers"]?["apns-push-type"] != "alert" || (string?)apns["headers"]?["apns-priority"] != "10"
        || (string?)apns["payload"]?["aps"]?["alert"]?["loc-key"] is null || (int?)apns["payload"]?["aps"]?["mutable-content"] != 1;

    private StandInAnswer Grant(ReceivedRequest request)
    {
        Interlocked.Increment(ref _tokens);
        using var reader = new FormReader(System.Text.Encoding.UTF8.GetString(request.Body));
        var form = reader.ReadForm();
        var jws = Jws.Parse(form.GetValueOrDefault("assertion").ToString());
        var now = Clock.GetUtcNow();
        var wrong = request.Method != "POST" || request.Header("Content-Type") != "application/x-www-form-urlencoded" ? "the request"
            : form.GetValueOrDefault("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" ? "grant_type"
            : jws is null ? "the assertion"
            : (string?)jws.Header["alg"] != "RS256" || (string?)jws.Header["typ"] != "JWT" || (string?)jws.Header["kid"] != KeyId ? "the header"
            : !_key.VerifyData(jws.Signed, jws.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? "the signature"
            : jws.Text("iss") != Mail ? "iss"
            : jws.Text("scope") != Scope ? "scope"
            : jws.Text("aud") != $"{Endpoint}token" ? "aud"
            : jws.Claims.ContainsKey("sub") ? "sub"
            : (jws.Time("iat") - now)?.Duration() > TimeSpan.FromMinutes(5) ? "iat"
            : jws.Time("exp") <= now || jws.Time("exp") - jws.Time("iat") > TimeSpan.FromHours(1) ? "exp"
            : null;
        if (wrong is not null)
        {
            return Refuse($"{wrong} of the request for a token", new StandInAnswer(400, """{"error":"invalid_grant","error_description":"Invalid JWT."}"""));
        }
        if (TokenAnswer?.Invoke() is { } answer)
        {
            return answer;
        }
        var token = $"ya29.{Convert.ToHexString(RandomNumberGenerator.GetBytes(20))}";
        _granted[token] = now + TokenLifetime;
        return new StandInAnswer(200, new JsonObject { ["access_token"] = token, ["expires_in"] = (int)TokenLifetime.TotalSeconds, ["token_type"] = "Bearer" }.ToJsonString());
    }
}
