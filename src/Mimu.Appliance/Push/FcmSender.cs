using System.Net;
using System.Net.Http.Headers;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Google;
using Mimu.Appliance.Outside;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>Firebase Cloud Messaging by its HTTP v1 API. With a renewal of the access token a push takes up to four times the door's limit.</summary>
internal sealed class FcmSender : IPushSender, IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/firebase.messaging";
    private const string Service = "FCM";

    /// <summary>"FCM error codes": what QUOTA_EXCEEDED without a Retry-After waits.</summary>
    private static readonly TimeSpan _afterQuota = TimeSpan.FromMinutes(1);

    /// <summary>"Best practices when sending FCM messages at scale": at least 10 s before the first retry.</summary>
    private static readonly TimeSpan _afterFault = TimeSpan.FromSeconds(10);

    private readonly GoogleAccount _account;
    private readonly OutsideDoor _door;
    private readonly GoogleAccessToken _tokens;
    private readonly Uri _url;
    private readonly TimeProvider _clock;

    /// <param name="account">Who this server is; disposed with this.</param>
    /// <param name="endpoint">The service's URL.</param>
    /// <param name="clock">The time.</param>
    /// <param name="limit">How long a request may take; null as usual.</param>
    public FcmSender(GoogleAccount account, string endpoint, TimeProvider clock, TimeSpan? limit = null)
    {
        (_account, _clock) = (account, clock);
        _door = new OutsideDoor(OutsideDoor.Handler(), clock) { Limit = limit ?? OutsideDoor.Patience };
        _tokens = new GoogleAccessToken(account, Scope, "push.fcm.credentials_file", _door, clock);
        _url = new Uri($"{endpoint.TrimEnd('/')}/v1/projects/{Uri.EscapeDataString(account.Project)}/messages:send");
    }

    public PushPlatform Platform => PushPlatform.Fcm;

    /// <exception cref="FormatException">The credentials changed since they were checked.</exception>
    public static FcmSender Of(FcmOptions options, TimeProvider clock) => new(GoogleAccount.Parse(File.ReadAllText(options.CredentialsFile)), options.Endpoint, clock);

    public async Task<PushOutcome> SendAsync(PushTarget target, PushKind kind, TimeSpan ttl, CancellationToken cancellation)
    {
        var body = FcmMessage.Write(target.Token, kind, ttl, _clock.GetUtcNow());
        string? stale = null;
        while (true)
        {
            var grant = await _tokens.GetAsync(stale, cancellation);
            if (grant.Refusal is { } refusal)
            {
                return refusal.ToOutcome();
            }
            var answer = await SendAsync(body, grant.Token!, cancellation);
            var error = answer.Status is 0 or (>= 200 and < 300) ? FcmError.Unknown : FcmError.Read(answer);
            // Ended early, for whatever reason: another is fetched, once.
            if (answer.Status == 401 && error.Code is null && stale is null)
            {
                stale = grant.Token;
                continue;
            }
            return OutcomeOf(answer, error);
        }
    }

    public void Dispose()
    {
        _door.Dispose();
        _account.Dispose();
    }

    private async Task<OutsideAnswer> SendAsync(ReadOnlyMemory<byte> body, string token, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            // Many at a time on one connection; without TLS, which is for loopback alone, HTTP/1.1.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _door.SendAsync(request, cancellation);
    }

    /// <summary>"ErrorCode" of the FCM v1 API, which is read and not HTTP's status: an unregistered token and an unknown project are both 404.</summary>
    private static PushOutcome OutcomeOf(OutsideAnswer answer, FcmError error) => (answer.Status, error.Code) switch
    {
        (_, "UNREGISTERED") => new PushOutcome(PushResult.Dead, answer.Tell(Service, error.Code)),
        (_, "SENDER_ID_MISMATCH") => new PushOutcome(PushResult.Dead, $"{answer.Tell(Service, error.Code)}: the token is of another Firebase project"),
        (400, _) when error.IsOfToken => new PushOutcome(PushResult.Dead, $"{answer.Tell(Service, error.Word)} of the token"),
        // Apple's or a browser's key within the Firebase project: Android goes on.
        (_, "THIRD_PARTY_AUTH_ERROR" or "APNS_AUTH_ERROR") => new PushOutcome(PushResult.Rejected, $"{answer.Tell(Service, error.Code)}: the APNs key in the Firebase project is not right"),
        (401 or 403, _) => new PushOutcome(PushResult.Unauthorized,
            $"{answer.Tell(Service, error.Word)}: the service account of push.fcm.credentials_file may not send. It needs the role Firebase Cloud Messaging API Admin, and the API to be enabled"),
        (404, null) => new PushOutcome(PushResult.Unauthorized, $"{answer.Tell(Service, error.Word)}: there is no such project. Check push.fcm.credentials_file and push.fcm.endpoint"),
        (429, _) => answer.ByStatus(Service, error.Word, _afterQuota) with { IsServicewide = true },
        (503, _) => answer.ByStatus(Service, error.Word, _afterFault) with { IsServicewide = true },
        _ => answer.ByStatus(Service, error.Word, _afterFault),
    };
}
