using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mimu.PushStandIns;

/// <summary>A browser's push service and the browsers behind it: it decrypts what comes with the subscriptions' private keys (RFC 8030, RFC 8188, RFC 8291, RFC 8292).</summary>
public sealed class WebPushStandIn : PushStandIn
{
    private readonly ConcurrentDictionary<string, Client> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _authorizations = new(StringComparer.Ordinal);

    private WebPushStandIn()
        : base(HttpProtocols.Http1)
    {
    }

    /// <summary>The server's key, as clients were told it; null: any.</summary>
    public string? ServerKey { get; set; }

    /// <summary>How many VAPID tokens there were.</summary>
    public int Authorizations => _authorizations.Count;

    public static async Task<WebPushStandIn> StartAsync(TimeProvider? clock = null)
    {
        var service = new WebPushStandIn { Clock = clock ?? TimeProvider.System };
        await service.OpenAsync();
        return service;
    }

    /// <summary>A client subscribes.</summary>
    /// <param name="host">The host's name in the endpoint; null for 127.0.0.1.</param>
    public StandInSubscription Subscribe(string? host = null)
    {
        var path = $"/push/{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18))}";
        var client = new Client(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), RandomNumberGenerator.GetBytes(16));
        _clients[path] = client;
        return new StandInSubscription(new UriBuilder(new Uri(Endpoint, path)) { Host = host ?? Endpoint.Host }.Uri.ToString(), path, Base64Url.EncodeToString(client.Point), Base64Url.EncodeToString(client.Auth));
    }

    private protected override StandInAnswer Accept(ReceivedRequest request) => new(201, "", ("Location", new Uri(Endpoint, "/message/1").ToString()), ("TTL", request.Header("TTL")));

    private protected override StandInAnswer? Check(ReceivedRequest request, out string token, out string kind)
    {
        (token, kind) = (request.Target, "");
        if (request.Method != "POST" || !_clients.TryGetValue(request.Target, out var client))
        {
            return Refuse($"{request.Method} to no subscription", new StandInAnswer(404));
        }
        if (!long.TryParse(request.Header("TTL"), NumberStyles.None, CultureInfo.InvariantCulture, out var ttl) || ttl > 2_592_000
            || request.Header("Urgency") is not ("very-low" or "low" or "normal" or "high")
            || (request.Header("Topic") is { Length: > 0 } topic && (topic.Length > 32 || !Base64Url.IsValid(topic)))
            || request.Header("Content-Encoding") != "aes128gcm" || request.Header("Content-Type") != "application/octet-stream")
        {
            return Refuse("the headers", new StandInAnswer(400));
        }
        if (CheckAuthorization(request) is { } refusal)
        {
            return refusal;
        }
        if (request.Body.Length > 4096)
        {
            return Refuse("the length", new StandInAnswer(413));
        }
        try
        {
            kind = (string)JsonNode.Parse(client.Decrypt(request.Body))!["type"]!;
            return null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException or ArgumentException or NullReferenceException)
        {
            return Refuse($"the body: {e.Message}", new StandInAnswer(400));
        }
    }

    private StandInAnswer? CheckAuthorization(ReceivedRequest request)
    {
        var authorization = request.Header("Authorization");
        if (!authorization.StartsWith("vapid t=", StringComparison.Ordinal) || authorization["vapid t=".Length..].Split(", k=") is not [var text, var key] || Jws.Parse(text) is not { } jws)
        {
            return Refuse("no VAPID", new StandInAnswer(401));
        }
        _authorizations[authorization] = true;
        var now = Clock.GetUtcNow();
        // The name that the client's endpoint has, whatever address it leads to.
        var wrong = key.Length != 87 || (ServerKey ?? key) != key ? "k"
            : (string?)jws.Header["alg"] != "ES256" || (string?)jws.Header["typ"] != "JWT" ? "the header"
            : jws.Text("aud") != $"http://{request.Header("Host")}" ? $"aud {jws.Text("aud")}"
            : jws.Time("exp") is not { } end || end <= now || end > now.AddHours(24) ? "exp"
            : jws.Claims["sub"] is { } subject && !((string)subject!).StartsWith("mailto:", StringComparison.Ordinal) && !((string)subject!).StartsWith("https:", StringComparison.Ordinal) ? "sub"
            : !IsSigned(jws, Base64Url.DecodeFromChars(key)) ? "the signature"
            : null;
        return wrong is null ? null : Refuse($"{wrong} of VAPID", new StandInAnswer(403));
    }

    private static bool IsSigned(Jws jws, byte[] point)
    {
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } });
        return key.VerifyData(jws.Signed, jws.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private sealed record Client(ECDiffieHellman Key, byte[] Auth)
    {
        public byte[] Point { get; } = PointOf(Key);

        public string Decrypt(byte[] body)
        {
            if (body.Length < 86 + 17 || body[20] != 65 || BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)) < body.Length - 86)
            {
                throw new CryptographicException("It is not one record after its header.");
            }
            var (salt, server) = (body[..16], body[21..86]);
            using var other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = server[1..33], Y = server[33..] } });
            var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, Key.DeriveRawSecretAgreement(other.PublicKey), 32, Auth, [.. "WebPush: info\0"u8, .. Point, .. server]);
            using var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray()), 16);
            var text = new byte[body.Length - 86 - 16];
            aes.Decrypt(HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt, "Content-Encoding: nonce\0"u8.ToArray()), body.AsSpan(86, text.Length), body.AsSpan(86 + text.Length), text);
            var end = text.AsSpan().LastIndexOfAnyExcept((byte)0);
            return end >= 0 && text[end] == 2 ? Encoding.UTF8.GetString(text, 0, end) : throw new CryptographicException("The record is not the last one.");
        }

        private static byte[] PointOf(ECDiffieHellman key)
        {
            var point = key.ExportParameters(false).Q;
            return [4, .. point.X!, .. point.Y!];
        }
    }
}

/// <summary>What a client gives to its server.</summary>
/// <param name="Endpoint">The URL.</param>
/// <param name="Path">Its path: what <see cref="ReceivedPush.Token"/> has.</param>
/// <param name="P256dh">Its public key, in base64url.</param>
/// <param name="Auth">Its secret, in base64url.</param>
public sealed record StandInSubscription(string Endpoint, string Path, string P256dh, string Auth);
