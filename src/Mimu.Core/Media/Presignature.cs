using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mimu.Core.Media;

/// <summary>What the query of a presigned request says, before anybody has looked whether it is true.</summary>
internal sealed record Presignature
{
    /// <summary>A token's characters (RFC 9110 section 5.6.2), as far as they are lower case.</summary>
    private static readonly SearchValues<char> _headerName = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~");

    public required string AccessKeyId { get; init; }

    /// <summary>All that follows the id: <c>day/region/service/aws4_request</c>.</summary>
    public required string Scope { get; init; }

    public required DateTimeOffset SignedAt { get; init; }

    public required TimeSpan Lifetime { get; init; }

    /// <summary>In lower case, sorted, each once.</summary>
    public required string[] SignedHeaders { get; init; }

    public required string Signature { get; init; }

    /// <summary>Reads the parameters; says which one is at fault and what it should be.</summary>
    public static bool TryRead(CanonicalQuery query, [NotNullWhen(true)] out Presignature? presignature, [NotNullWhen(false)] out SignatureRefused? refused)
    {
        (presignature, refused) = (null, null);
        var algorithm = query[PresignedParameter.Algorithm];
        var credential = query[PresignedParameter.Credential];
        var date = query[PresignedParameter.Date];
        var expires = query[PresignedParameter.Expires];
        var names = query[PresignedParameter.SignedHeaders];
        var signature = query[PresignedParameter.Signature];
        if (algorithm is null && credential is null && date is null && expires is null && names is null && signature is null)
        {
            refused = new SignatureRefused(SignatureFault.NoSignature, "The request has no signature in its query.");
        }
        else if (algorithm is not SigV4.Algorithm)
        {
            refused = Malformed(PresignedParameter.Algorithm, SigV4.Algorithm);
        }
        else if (credential is null || SplitCredential(credential) is not { } parts)
        {
            refused = Malformed(PresignedParameter.Credential, "<access key id>/<yyyyMMdd>/<region>/s3/aws4_request");
        }
        else if (date is null || !TryReadTimestamp(date, out var signedAt))
        {
            refused = Malformed(PresignedParameter.Date, "a time in UTC as in 20130524T000000Z");
        }
        else if (string.IsNullOrEmpty(expires) || expires.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            refused = Malformed(PresignedParameter.Expires, "a number of seconds");
        }
        else if (!int.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < 1 || seconds > SigV4.MaxLifetime.TotalSeconds)
        {
            refused = new SignatureRefused(SignatureFault.LifetimeOutOfRange, $"{PresignedParameter.Expires} must be from 1 to 604800 seconds.");
        }
        else if (names is null || SplitNames(names) is not { } signedHeaders)
        {
            refused = Malformed(PresignedParameter.SignedHeaders, "names of headers in lower case, sorted, each once, with semicolons between them");
        }
        else if (string.IsNullOrEmpty(signature))
        {
            refused = Malformed(PresignedParameter.Signature, "64 hex digits");
        }
        else if (query[PresignedParameter.ContentSha256] is not (null or SigV4.UnsignedPayload))
        {
            refused = Malformed(PresignedParameter.ContentSha256, $"absent or {SigV4.UnsignedPayload}; a body's hash belongs into x-amz-checksum-sha256");
        }
        else
        {
            presignature = new Presignature
            {
                AccessKeyId = parts.AccessKeyId,
                Scope = parts.Scope,
                SignedAt = signedAt,
                Lifetime = TimeSpan.FromSeconds(seconds),
                SignedHeaders = signedHeaders,
                Signature = signature,
            };
        }
        return refused is null;
    }

    private static SignatureRefused Malformed(string parameter, string expected) => new(SignatureFault.Malformed, $"{parameter} must be {expected}.");

    private static (string AccessKeyId, string Scope)? SplitCredential(string credential)
    {
        var end = credential.IndexOf('/');
        return end > 0 && credential.AsSpan(end + 1).Count('/') == 3 ? (credential[..end], credential[(end + 1)..]) : null;
    }

    private static bool TryReadTimestamp(string text, out DateTimeOffset at)
        => DateTimeOffset.TryParseExact(text, SigV4.TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at) && SigV4.Timestamp(at) == text;

    private static string[]? SplitNames(string text)
    {
        var names = text.Split(';');
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0 || names[i].AsSpan().ContainsAnyExcept(_headerName) || (i > 0 && string.CompareOrdinal(names[i - 1], names[i]) >= 0))
            {
                return null;
            }
        }
        return names;
    }
}
