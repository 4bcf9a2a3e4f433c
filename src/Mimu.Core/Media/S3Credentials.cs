using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Mimu.Core.Media;

/// <summary>Who signs, and with what. Has no text form that would tell the secret to a log.</summary>
public sealed class S3Credentials
{
    /// <summary>What would end an id or a region early in the scope, in the header or in a list of parameters.</summary>
    private static readonly SearchValues<char> _separators = SearchValues.Create("/,;=&\"");

    private readonly byte[] _secret;
    private volatile DerivedKey? _latest;

    /// <param name="accessKeyId">The public name of the secret.</param>
    /// <param name="secret">The secret access key.</param>
    /// <param name="region">Where the bucket is, as in <c>us-east-1</c>.</param>
    /// <exception cref="ArgumentException">One is empty, or <paramref name="accessKeyId"/> or <paramref name="region"/> is not printable ASCII or has one of <c>/ , ; = &amp; "</c> in it.</exception>
    public S3Credentials(string accessKeyId, string secret, string region)
    {
        if (!IsName(accessKeyId))
        {
            throw new ArgumentException("Not an access key id.", nameof(accessKeyId));
        }
        if (!IsName(region))
        {
            throw new ArgumentException("Not a region.", nameof(region));
        }
        ArgumentException.ThrowIfNullOrEmpty(secret);
        AccessKeyId = accessKeyId;
        Region = region;
        _secret = Encoding.UTF8.GetBytes("AWS4" + secret);
    }

    /// <summary>The public name of the secret.</summary>
    public string AccessKeyId { get; }

    /// <summary>The region that the signatures are good for.</summary>
    public string Region { get; }

    /// <summary>The signature of a canonical request, in 64 characters of lower-case hex ("Signature Calculations", tasks 2 and 3).</summary>
    internal string Sign(DateTimeOffset at, string canonicalRequest)
    {
        var day = SigV4.Day(at);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)));
        var text = $"{SigV4.Algorithm}\n{SigV4.Timestamp(at)}\n{SigV4.Scope(day, Region)}\n{hash}";
        return Convert.ToHexStringLower(Hmac(KeyOf(day), text));
    }

    /// <summary>The key that signs on a day (<c>yyyyMMdd</c>). The latest is kept, since nearly all that comes is of one day.</summary>
    internal byte[] KeyOf(string day)
    {
        if (_latest is { } latest && latest.Day == day)
        {
            return latest.Key;
        }
        var key = Hmac(Hmac(Hmac(Hmac(_secret, day), Region), SigV4.Service), SigV4.Terminator);
        _latest = new DerivedKey(day, key);
        return key;
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static bool IsName(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny(_separators);

    private sealed record DerivedKey(string Day, byte[] Key);
}
