using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Mimu.PushStandIns;

/// <summary>Google's token service, which is before each of its services ("Using OAuth 2.0 for Server to Server Applications").</summary>
/// <param name="project">The service account's project.</param>
/// <param name="name">The service account's name.</param>
/// <param name="scope">What is asked for.</param>
/// <param name="clock">What times are compared with.</param>
internal sealed class GoogleTokens(string project, string name, string scope, TimeProvider clock)
{
    public const string Path = "/token";
    private const string KeyId = "8f1a2b3c4d";

    /// <summary>One for all, as making it takes a while.</summary>
    private static readonly string _pem = MakePem();

    private readonly RSA _key = ReadPem();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _granted = new(StringComparer.Ordinal);
    private readonly string _mail = $"{name}@{project}.iam.gserviceaccount.com";
    private int _askedFor;

    /// <summary>How many were asked for.</summary>
    public int AskedFor => _askedFor;

    /// <summary>How long they are good.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(3599);

    /// <summary>What is answered; null: a token.</summary>
    public Func<StandInAnswer?>? Answer { get; set; }

    /// <summary>The service account's file.</summary>
    public string AccountAt(Uri endpoint) => new JsonObject
    {
        ["type"] = "service_account",
        ["project_id"] = project,
        ["private_key_id"] = KeyId,
        ["private_key"] = _pem,
        ["client_email"] = _mail,
        ["token_uri"] = $"{endpoint}token",
    }.ToJsonString();

    /// <summary>Ends all before their time.</summary>
    public void End() => _granted.Clear();

    /// <summary>Whether a request shows one that is good.</summary>
    public bool AreShownBy(ReceivedRequest request)
    {
        var bearer = request.Header("Authorization");
        return bearer.StartsWith("Bearer ", StringComparison.Ordinal) && _granted.TryGetValue(bearer[7..], out var end) && end > clock.GetUtcNow();
    }

    /// <summary>Answers a request for one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="endpoint">Where the service is.</param>
    /// <param name="fault">What is wrong with it; null if nothing is.</param>
    public StandInAnswer Grant(ReceivedRequest request, Uri endpoint, out string? fault)
    {
        Interlocked.Increment(ref _askedFor);
        using var reader = new FormReader(Encoding.UTF8.GetString(request.Body));
        var form = reader.ReadForm();
        var jws = Jws.Parse(form.GetValueOrDefault("assertion").ToString());
        var now = clock.GetUtcNow();
        var wrong = request.Method != "POST" || request.Header("Content-Type") != "application/x-www-form-urlencoded" ? "the request"
            : form.GetValueOrDefault("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" ? "grant_type"
            : jws is null ? "the assertion"
            : (string?)jws.Header["alg"] != "RS256" || (string?)jws.Header["typ"] != "JWT" || (string?)jws.Header["kid"] != KeyId ? "the header"
            : !_key.VerifyData(jws.Signed, jws.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? "the signature"
            : jws.Text("iss") != _mail ? "iss"
            : jws.Text("scope") != scope ? "scope"
            : jws.Text("aud") != $"{endpoint}token" ? "aud"
            : jws.Claims.ContainsKey("sub") ? "sub"
            : (jws.Time("iat") - now)?.Duration() > TimeSpan.FromMinutes(5) ? "iat"
            : jws.Time("exp") <= now || jws.Time("exp") - jws.Time("iat") > TimeSpan.FromHours(1) ? "exp"
            : null;
        fault = wrong is null ? null : $"{wrong} of the request for a token";
        if (fault is not null)
        {
            return new StandInAnswer(400, """{"error":"invalid_grant","error_description":"Invalid JWT."}""");
        }
        if (Answer?.Invoke() is { } answer)
        {
            return answer;
        }
        var token = $"ya29.{Convert.ToHexString(RandomNumberGenerator.GetBytes(20))}";
        _granted[token] = now + Lifetime;
        return new StandInAnswer(200, new JsonObject { ["access_token"] = token, ["expires_in"] = (int)Lifetime.TotalSeconds, ["token_type"] = "Bearer" }.ToJsonString());
    }

    private static string MakePem()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static RSA ReadPem()
    {
        var key = RSA.Create();
        key.ImportFromPem(_pem);
        return key;
    }
}
