using System.Net;
using System.Security.Authentication;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>The outside store can't be reached or does not do what it is asked. The message is for the administrator: what is wrong and what to do, without secrets or queries.</summary>
/// <param name="sentence">One sentence or two.</param>
/// <param name="inner">What was behind it.</param>
internal sealed class S3Exception(string sentence, Exception? inner = null) : BlobStoreException(sentence, inner)
{
    /// <summary>S3's word for what is wrong ("Error responses: List of error codes"); null if it did not get to say one.</summary>
    public string? Code { get; private init; }

    /// <summary>Nobody answers, or not in time.</summary>
    public static S3Exception Unreachable(S3Address address, Exception e) => new($"The file store {address.Host} can't be reached: {Cause(e)}", e);

    /// <summary>It answers, and not as it was asked to.</summary>
    /// <param name="address">The store.</param>
    /// <param name="status">The status of its answer.</param>
    /// <param name="code">S3's word, if the answer had one.</param>
    public static S3Exception Refused(S3Address address, HttpStatusCode status, string? code)
    {
        var word = code ?? status.ToString();
        return new S3Exception($"The file store {address.Host} answers {(int)status} {word}: {Advice(address, status, code)}") { Code = code };
    }

    private static string Advice(S3Address address, HttpStatusCode status, string? code) => code switch
    {
        "InvalidAccessKeyId" => "it does not know the key pair. Check media.s3.access_key.",
        "SignatureDoesNotMatch" => "the signature is not right. Check media.s3.access_key and media.s3.secret_key, and that no proxy changes the Host header.",
        "NoSuchBucket" => $"it has no bucket {address.Bucket}. Make it, or name another in media.bucket.",
        "AccessDenied" or "AllAccessDisabled" or "AccountProblem" => "the key pair may not do this. It needs s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on the bucket.",
        "RequestTimeTooSkewed" => "its clock and this server's differ by more than 15 minutes. Set the clock.",
        "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "PermanentRedirect" or "TemporaryRedirect" =>
            $"the bucket may be in another region. Check media.s3.region ({address.Credentials.Region}) and media.s3.endpoint.",
        "NotImplemented" => "it can't do what is needed. Uploads need conditional PUTs (If-None-Match: *).",
        _ when status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => "the key pair is wrong or may not do this. Check media.s3.access_key and media.s3.secret_key.",
        _ when status is HttpStatusCode.NotFound => "there is no S3 store or no such bucket. Check media.s3.endpoint and media.bucket.",
        _ when (int)status is >= 300 and < 400 => "it points elsewhere, which is not followed. Check media.s3.endpoint and media.s3.region.",
        _ when (int)status is >= 500 or 429 => "it can't do this right now.",
        _ => "it does not understand this server. Check that media.s3.endpoint is an S3 store.",
    };

    private static string Cause(Exception e) => e switch
    {
        OperationCanceledException => "it does not answer in time.",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known. Check media.s3.endpoint and the DNS.",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"TLS fails: {(e.InnerException as AuthenticationException ?? e).Message}",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => $"{e.Message}. Check media.s3.endpoint, and that the store runs.",
        _ => e.Message,
    };
}
