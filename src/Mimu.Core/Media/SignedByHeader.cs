namespace Mimu.Core.Media;

/// <summary>Requests that carry their signature in a header: those that this server sends to an outside store itself ("Authenticating Requests: Using the Authorization Header").</summary>
/// <param name="PathAndQuery">Of the URL, encoded.</param>
/// <param name="Headers">What the signature adds to the request's own headers: <c>Authorization</c>, <c>x-amz-date</c> and <c>x-amz-content-sha256</c>.</param>
public sealed record SignedByHeader(string PathAndQuery, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Signs, with all the headers that the request names.</summary>
    /// <param name="request">What will be sent.</param>
    /// <param name="payloadHash">The body's SHA-256 in lower-case hex; <see cref="SigV4.EmptyPayload"/> when there is none, <see cref="SigV4.UnsignedPayload"/> when it is not known beforehand.</param>
    /// <param name="credentials">Who signs.</param>
    /// <param name="now">The store refuses it when this is more than <see cref="SigV4.MaxSkew"/> from its own time.</param>
    /// <exception cref="ArgumentException">The request is none that could be sent as it is signed.</exception>
    public static SignedByHeader Sign(S3Request request, string payloadHash, S3Credentials credentials, DateTimeOffset now)
    {
        KeyValuePair<string, string> date = new("x-amz-date", SigV4.Timestamp(now));
        KeyValuePair<string, string> hash = new("x-amz-content-sha256", payloadHash);
        var headers = request.CanonicalHeaders(date, hash);
        var path = UriEncoding.EncodePath(request.Path);
        var query = CanonicalQuery.Of(request.Query).ToString();
        var signature = credentials.Sign(now, CanonicalRequest.Of(request.Method, path, query, headers, payloadHash));
        var authorization = $"{SigV4.Algorithm} Credential={credentials.AccessKeyId}/{SigV4.Scope(SigV4.Day(now), credentials.Region)}, "
            + $"SignedHeaders={CanonicalRequest.Names(headers)}, Signature={signature}";
        return new SignedByHeader(query.Length == 0 ? path : $"{path}?{query}", [new("Authorization", authorization), date, hash]);
    }
}
