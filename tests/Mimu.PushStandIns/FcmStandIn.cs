using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mimu.PushStandIns;

/// <summary>Firebase Cloud Messaging's HTTP v1 API, with the token service before it.</summary>
public sealed class FcmStandIn : PushStandIn
{
    public const string Project = "mimu-test";
    private const string Scope = "https://www.googleapis.com/auth/firebase.messaging";

    private GoogleTokens _tokens = null!;

    private FcmStandIn()
        : base(HttpProtocols.Http1)
    {
    }

    /// <summary>How many access tokens were asked for.</summary>
    public int TokensAskedFor => _tokens.AskedFor;

    /// <summary>How long access tokens are good.</summary>
    public TimeSpan TokenLifetime { get => _tokens.Lifetime; set => _tokens.Lifetime = value; }

    /// <summary>What the token service answers; null: a token.</summary>
    public Func<StandInAnswer?>? TokenAnswer { get => _tokens.Answer; set => _tokens.Answer = value; }

    /// <summary>What goes into the file of <c>push.fcm.credentials_file</c>.</summary>
    public string Account => _tokens.AccountAt(Endpoint);

    public static async Task<FcmStandIn> StartAsync(TimeProvider? clock = null)
    {
        var service = new FcmStandIn { Clock = clock ?? TimeProvider.System };
        service._tokens = new GoogleTokens(Project, "push", Scope, service.Clock);
        await service.OpenAsync();
        return service;
    }

    /// <summary>Ends all access tokens before their time.</summary>
    public void EndTokens() => _tokens.End();

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

    private protected override StandInAnswer? ServeOther(ReceivedRequest request) => request.Target == GoogleTokens.Path ? Grant(request) : null;

    private protected override StandInAnswer Accept(ReceivedRequest request) => new(200, $$"""{"name":"projects/{{Project}}/messages/0:{{Pushes.Count}}"}""");

    private protected override StandInAnswer? Check(ReceivedRequest request, out string token, out string kind)
    {
        (token, kind) = ("", "");
        if (request.Method != "POST" || request.Target != $"/v1/projects/{Project}/messages:send")
        {
            return Refuse($"{request.Method} {request.Target}", Error(404, "NOT_FOUND", null));
        }
        if (!_tokens.AreShownBy(request))
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

    private StandInAnswer Grant(ReceivedRequest request)
    {
        var answer = _tokens.Grant(request, Endpoint, out var fault);
        return fault is null ? answer : Refuse(fault, answer);
    }

    /// <summary>AndroidConfig.ttl: 0 to 28 days.</summary>
    private static bool IsDuration(string? text) =>
        text is not null && text.EndsWith('s') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 2_419_200;

    /// <summary>What is shown needs its extension; what is only data may not be urgent.</summary>
    private static bool IsBadForApple(JsonNode apns) => (string?)apns["headers"]?["apns-push-type"] != "alert" || (string?)apns["headers"]?["apns-priority"] != "10"
        || (string?)apns["payload"]?["aps"]?["alert"]?["loc-key"] is null || (int?)apns["payload"]?["aps"]?["mutable-content"] != 1;
}
