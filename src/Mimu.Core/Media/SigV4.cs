using System.Globalization;

namespace Mimu.Core.Media;

/// <summary>
/// The numbers and words of AWS Signature Version 4 as S3 speaks it (Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)").
/// </summary>
public static class SigV4
{
    /// <summary>The one algorithm; also the scheme of the <c>Authorization</c> header.</summary>
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Stands where the body's hash would, when the signature says nothing about the body. Presigned requests have no other ("Authenticating Requests: Using Query Parameters").</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <summary>SHA-256 of no body at all, in lower-case hex.</summary>
    public const string EmptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>The longest that a presigned request can be good: <c>X-Amz-Expires</c> is at most 604800 ("Authenticating Requests: Using Query Parameters").</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    /// <summary>How far the signer's clock may be ahead of ours: S3's <c>RequestTimeTooSkewed</c> ("Error responses").</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);

    internal const string Service = "s3";
    internal const string Terminator = "aws4_request";
    internal const string TimestampFormat = "yyyyMMdd'T'HHmmss'Z'";
    internal const string HeaderPrefix = "x-amz-";

    /// <summary>A moment as the signature has it: ISO 8601's basic form, in whole seconds, in UTC.</summary>
    internal static string Timestamp(DateTimeOffset at) => at.UtcDateTime.ToString(TimestampFormat, CultureInfo.InvariantCulture);

    internal static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    internal static string Scope(string day, string region) => $"{day}/{region}/{Service}/{Terminator}";
}

/// <summary>The query parameters of a presigned request; upper and lower case count.</summary>
internal static class PresignedParameter
{
    public const string Algorithm = "X-Amz-Algorithm";
    public const string Credential = "X-Amz-Credential";
    public const string Date = "X-Amz-Date";
    public const string Expires = "X-Amz-Expires";
    public const string SignedHeaders = "X-Amz-SignedHeaders";
    public const string Signature = "X-Amz-Signature";
    public const string ContentSha256 = "X-Amz-Content-Sha256";
}
