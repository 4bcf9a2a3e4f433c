using System.Globalization;

namespace Mimu.Core.Media;

/// <summary>Requests that carry their signature in the query, for a client to send ("Authenticating Requests: Using Query Parameters").</summary>
public static class Presigned
{
    /// <summary>Path and query of the URL, encoded.</summary>
    /// <param name="request">What the client will send.</param>
    /// <param name="credentials">Who signs.</param>
    /// <param name="now">From when on it is good.</param>
    /// <param name="lifetime">How long it is good for, in whole seconds, from one to <see cref="SigV4.MaxLifetime"/>. What counts is when the request begins.</param>
    /// <exception cref="ArgumentException">The lifetime is another, or the request is none that could be sent as it is signed.</exception>
    public static string PathAndQuery(S3Request request, S3Credentials credentials, DateTimeOffset now, TimeSpan lifetime)
    {
        if (lifetime < TimeSpan.FromSeconds(1) || lifetime > SigV4.MaxLifetime || lifetime.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "Must be from 1 to 604800 whole seconds.");
        }
        // The header would say what the body's hash is, and S3 would take it for the hash that was signed.
        if (request.Headers.Any(header => header.Key.Equals("x-amz-content-sha256", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException("A presigned request says nothing about its body: sign x-amz-checksum-sha256.", nameof(request));
        }
        var headers = request.CanonicalHeaders();
        var path = UriEncoding.EncodePath(request.Path);
        var query = CanonicalQuery.Of(
        [
            .. request.Query,
            new(PresignedParameter.Algorithm, SigV4.Algorithm),
            new(PresignedParameter.Credential, $"{credentials.AccessKeyId}/{SigV4.Scope(SigV4.Day(now), credentials.Region)}"),
            new(PresignedParameter.Date, SigV4.Timestamp(now)),
            new(PresignedParameter.Expires, ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            new(PresignedParameter.SignedHeaders, CanonicalRequest.Names(headers)),
        ]).ToString();
        var signature = credentials.Sign(now, CanonicalRequest.Of(request.Method, path, query, headers, SigV4.UnsignedPayload));
        return $"{path}?{query}&{PresignedParameter.Signature}={signature}";
    }
}
