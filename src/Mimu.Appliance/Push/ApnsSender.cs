using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Outside;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>The Apple Push Notification service, by a provider token ("Sending notification requests to APNs").</summary>
internal sealed class ApnsSender : IPushSender, IDisposable
{
    private const string Service = "APNs";
    private const string ProductionHost = "https://api.push.apple.com";
    private const string SandboxHost = "https://api.sandbox.push.apple.com";

    /// <summary>The least that services in trouble are left alone.</summary>
    private static readonly TimeSpan _afterFault = TimeSpan.FromSeconds(10);

    private readonly ApnsProviderToken _tokens;
    private readonly string _topic;
    private readonly TimeProvider _clock;
    private readonly (ApnsLine Line, string Url) _production;
    private readonly (ApnsLine Line, string Url) _sandbox;

    /// <param name="tokens">Who this server is; disposed with this.</param>
    /// <param name="topic">The app's bundle id.</param>
    /// <param name="endpoint">The service's URL, for both of Apple's environments; "" for Apple's own.</param>
    /// <param name="clock">The time.</param>
    /// <param name="limit">How long a request may take; null as usual.</param>
    public ApnsSender(ApnsProviderToken tokens, string topic, string endpoint, TimeProvider clock, TimeSpan? limit = null)
    {
        (_tokens, _topic, _clock) = (tokens, topic, clock);
        _production = Open(endpoint.Length > 0 ? endpoint : ProductionHost);
        _sandbox = endpoint.Length > 0 ? _production : Open(SandboxHost);

        (ApnsLine Line, string Url) Open(string host) => (new ApnsLine(clock, limit ?? OutsideDoor.Patience), $"{host.TrimEnd('/')}/3/device/");
    }

    public PushPlatform Platform => PushPlatform.Apns;

    /// <exception cref="FormatException">The key changed since it was checked.</exception>
    public static ApnsSender Of(ApnsOptions options, TimeProvider clock) =>
        new(new ApnsProviderToken(ApnsKey.Parse(File.ReadAllText(options.KeyFile)), options.KeyId, options.TeamId, clock), options.Topic, options.Endpoint, clock);

    public async Task<PushOutcome> SendAsync(PushTarget target, PushKind kind, TimeSpan ttl, CancellationToken cancellation)
    {
        var voip = kind is PushKind.Call ? target.VoipToken : null;
        if (!DeviceTokens.IsApns(voip ?? target.Token))
        {
            return new PushOutcome(PushResult.Dead, "no token of APNs") { IsVoipToken = voip is not null };
        }
        var (line, url) = target.Sandbox ? _sandbox : _production;
        var address = new Uri(url + (voip ?? target.Token));
        var token = _tokens.Get();
        for (var isFirst = true; ; isFirst = false)
        {
            var (answer, connection) = await line.SendAsync(() => Request(address, kind, voip is not null, ttl, token), cancellation);
            var reason = answer.Status is 0 or 200 ? null : answer.Read(json => OutsideAnswer.Word(json, "reason"));
            if (reason is "UnrelatedKeyIdInToken" or "IdleTimeout" or "Shutdown" || answer.Status is 500 or 503)
            {
                line.Leave(connection);
            }
            if (isFirst && reason is "UnrelatedKeyIdInToken")
            {
                continue;
            }
            if (isFirst && reason is "ExpiredProviderToken" && _tokens.Replace(token) is { } another)
            {
                token = another;
                continue;
            }
            return OutcomeOf(answer, reason, voip is not null);
        }
    }

    public void Dispose()
    {
        _production.Line.Dispose();
        _sandbox.Line.Dispose();
        _tokens.Dispose();
    }

    private HttpRequestMessage Request(Uri address, PushKind kind, bool isVoip, TimeSpan ttl, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(isVoip ? ApnsMessage.Voip : ApnsMessage.AlertOf(kind)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("authorization", $"bearer {token}");
        headers.TryAddWithoutValidation("apns-topic", isVoip ? $"{_topic}.voip" : _topic);
        headers.TryAddWithoutValidation("apns-push-type", isVoip ? "voip" : "alert");
        headers.TryAddWithoutValidation("apns-priority", "10");
        headers.TryAddWithoutValidation("apns-expiration", ApnsMessage.Expiration(ttl, _clock.GetUtcNow()));
        if (!isVoip)
        {
            headers.TryAddWithoutValidation("apns-collapse-id", PushText.Word(kind));
        }
        return request;
    }

    /// <summary>"Handling notification responses from APNs".</summary>
    private static PushOutcome OutcomeOf(OutsideAnswer answer, string? reason, bool isVoip) => (answer.Status, reason) switch
    {
        (410, _) => new PushOutcome(PushResult.Dead, answer.Tell(Service, reason)) { DeadSince = answer.Read(Timestamp)?.Value, IsVoipToken = isVoip },
        (400, "BadDeviceToken") => new PushOutcome(PushResult.Dead, answer.Tell(Service, reason)) { IsVoipToken = isVoip },
        // A wrong topic would otherwise cost every registration there is.
        (400, "DeviceTokenNotForTopic" or "TopicDisallowed" or "BadTopic") => new PushOutcome(PushResult.Rejected, $"{answer.Tell(Service, reason)}: check push.apns.topic"),
        (400, "IdleTimeout") => new PushOutcome(PushResult.Retry, answer.Tell(Service, reason)),
        (403, "ExpiredProviderToken") => new PushOutcome(PushResult.Unauthorized, $"{answer.Tell(Service, reason)}: check this server's clock"),
        // A key of one environment alone: a developer's sandbox must not stop everybody's notifications.
        (403, "BadEnvironmentKeyIdInToken") => new PushOutcome(PushResult.Rejected, $"{answer.Tell(Service, reason)}: push.apns.key_file is not for the environment of this registration"),
        (403, _) => new PushOutcome(PushResult.Unauthorized, $"{answer.Tell(Service, reason)}: check push.apns.key_file, key_id and team_id"),
        // The token at hand stays good; it is only not to be renewed for a while.
        (429, _) => answer.ByStatus(Service, reason),
        (503, _) => answer.ByStatus(Service, reason, _afterFault) with { IsServicewide = true },
        _ => answer.ByStatus(Service, reason, _afterFault),
    };

    private static Moment? Timestamp(JsonElement json) => json.TryGetProperty("timestamp", out var value) && value.ValueKind is JsonValueKind.Number
        && value.TryGetInt64(out var milliseconds) && milliseconds is > 0 and < 253_402_300_800_000
        ? new Moment(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))
        : null;

    private sealed record Moment(DateTimeOffset Value);
}
