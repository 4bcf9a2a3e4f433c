using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Mimu.Core.Media;

/// <summary>Looks whether a request is one that was presigned (<see cref="Presigned"/>). Throws at nothing that a client can send.</summary>
public static class PresignedCheck
{
    /// <summary>Ours are about 500 characters.</summary>
    private const int MaxQuery = 4096;

    /// <summary>S3's keys have at most 1024 bytes ("Naming Amazon S3 objects"), three characters each when all are encoded; a bucket has 63.</summary>
    private const int MaxPath = 3 * 1024 + 64 + 2;

    /// <summary>Verifies what a client has sent.</summary>
    /// <param name="request">What came.</param>
    /// <param name="accepted">Whose signatures are good: usually one, while the secret is being changed also the former; they may share an id.</param>
    /// <param name="now">When the request began: what expires while its body is under way is still good.</param>
    public static SignatureOutcome Verify(ReceivedRequest request, IReadOnlyList<S3Credentials> accepted, DateTimeOffset now)
    {
        if (request.RawQuery.Length > MaxQuery || request.RawPath.Length > MaxPath)
        {
            return new SignatureRefused(SignatureFault.Malformed, $"The path must have at most {MaxPath} characters and the query at most {MaxQuery}.");
        }
        if (CanonicalQuery.Read(request.RawQuery, out var problem) is not { } query)
        {
            return new SignatureRefused(SignatureFault.Malformed, problem!);
        }
        if (!Presignature.TryRead(query, out var presignature, out var refused))
        {
            return refused;
        }
        var path = new StringBuilder(request.RawPath.Length);
        if (!request.RawPath.StartsWith('/') || !UriEncoding.TryRespell(request.RawPath, path, isPath: true) || request.Method.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            return new SignatureRefused(SignatureFault.Malformed, "The method must be in upper case, and the path begin with a slash and be printable ASCII with two hex digits after each %.");
        }
        if (!TryFindSigners(presignature, accepted, out var signers, out refused)
            || !IsInTime(presignature, now, out refused)
            || !TryCollectHeaders(presignature.SignedHeaders, request, out var headers, out refused))
        {
            return refused;
        }
        var canonical = CanonicalRequest.Of(request.Method, path.ToString(), query.Without(PresignedParameter.Signature), headers, SigV4.UnsignedPayload);
        var sent = Encoding.UTF8.GetBytes(presignature.Signature);
        return signers.Any(signer => CryptographicOperations.FixedTimeEquals(sent, Encoding.ASCII.GetBytes(signer.Sign(presignature.SignedAt, canonical))))
            ? new SignatureVerified(presignature.SignedHeaders)
            : new SignatureRefused(SignatureFault.DoesNotMatch, "The signature is by another secret, or method, host, path, query or a signed header is not as it was signed.")
            {
                CanonicalRequest = canonical,
            };
    }

    private static bool TryFindSigners(
        Presignature presignature, IReadOnlyList<S3Credentials> accepted, out S3Credentials[] signers, [NotNullWhen(false)] out SignatureRefused? refused)
    {
        refused = null;
        var day = SigV4.Day(presignature.SignedAt);
        var known = accepted.Where(credentials => credentials.AccessKeyId == presignature.AccessKeyId).ToArray();
        signers = [.. known.Where(credentials => SigV4.Scope(day, credentials.Region) == presignature.Scope)];
        if (known.Length == 0)
        {
            refused = new SignatureRefused(SignatureFault.UnknownAccessKey, "The access key id in X-Amz-Credential is not known here.");
        }
        else if (signers.Length == 0)
        {
            refused = new SignatureRefused(SignatureFault.WrongScope, $"The scope in X-Amz-Credential must be {SigV4.Scope(day, known[0].Region)}.");
        }
        return refused is null;
    }

    private static bool IsInTime(Presignature presignature, DateTimeOffset now, [NotNullWhen(false)] out SignatureRefused? refused)
    {
        refused = null;
        var age = now - presignature.SignedAt;
        if (age < -SigV4.MaxSkew)
        {
            refused = new SignatureRefused(SignatureFault.NotYetValid, $"It is {SigV4.Timestamp(now)} here, more than 15 minutes before X-Amz-Date.");
        }
        else if (age > presignature.Lifetime)
        {
            refused = new SignatureRefused(SignatureFault.Expired, $"Request has expired: it is {SigV4.Timestamp(now)} here.");
        }
        return refused is null;
    }

    /// <summary>The signed headers as they were sent. One that was sent twice counts as a list (RFC 9110 section 5.3), so that a second value is never one that nobody has signed.</summary>
    private static bool TryCollectHeaders(
        string[] signed, ReceivedRequest request, out List<KeyValuePair<string, string>> headers, [NotNullWhen(false)] out SignatureRefused? refused)
    {
        refused = null;
        headers = new List<KeyValuePair<string, string>>(signed.Length);
        var sent = request.Headers.ToLookup(header => header.Key, header => CanonicalRequest.Value(header.Value), StringComparer.OrdinalIgnoreCase);
        if (!signed.Contains("host"))
        {
            refused = new SignatureRefused(SignatureFault.HostNotSigned, "X-Amz-SignedHeaders must name host.");
        }
        foreach (var name in signed)
        {
            if (name != "host" && !sent.Contains(name))
            {
                refused ??= new SignatureRefused(SignatureFault.SignedHeaderMissing, $"The header {name} is signed and must be sent.");
            }
            headers.Add(new(name, name == "host" ? CanonicalRequest.Value(request.Host) : string.Join(',', sent[name])));
        }
        var unsigned = sent.Select(header => header.Key.ToLowerInvariant())
            .FirstOrDefault(name => name.StartsWith(SigV4.HeaderPrefix, StringComparison.Ordinal) && Array.BinarySearch(signed, name, StringComparer.Ordinal) < 0);
        if (unsigned is not null)
        {
            refused ??= new SignatureRefused(SignatureFault.HeaderNotSigned, $"The header {unsigned} was sent and is not signed.");
        }
        return refused is null;
    }
}
