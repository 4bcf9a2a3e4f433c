using System.Buffers.Text;
using System.Security.Cryptography;

namespace Mimu.Core.Push;

/// <summary>
/// Says to push services who this server is (RFC 8292): one token for each service, renewed before it ends. From any thread.
/// </summary>
public sealed class Vapid : IDisposable
{
    /// <summary>Half of the 24 hours that RFC 8292 section 2 allows: clocks may be wrong.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>What is left of a token's life when another takes its place; a push that waits in a service's queue needs none of it.</summary>
    private static readonly TimeSpan _margin = TimeSpan.FromHours(1);

    /// <summary>Far more than there are push services; endpoints are what clients say they are.</summary>
    private const int MaxServices = 256;

    private readonly BoundedCache<string, Authorization> _authorizations = new(MaxServices);
    private readonly Lock _signing = new();
    private readonly ECDsa _key;
    private readonly string? _subject;
    private readonly TimeProvider _clock;

    /// <param name="key">This server's key, of P-256. Used for nothing else (RFC 8292 section 5). Disposed with this.</param>
    /// <param name="subject">Whom to turn to, a <c>mailto:</c> or <c>https:</c> URI; null or empty for nobody.</param>
    /// <param name="clock">The time.</param>
    public Vapid(ECDsa key, string? subject, TimeProvider clock)
    {
        (_key, _subject, _clock) = (key, string.IsNullOrEmpty(subject) ? null : subject, clock);
        PublicKey = Base64Url.EncodeToString(CurvePoint.Write(key.ExportParameters(includePrivateParameters: false).Q));
    }

    /// <summary>The public key as clients hand it to their push service: an uncompressed point in base64url, 87 characters.</summary>
    public string PublicKey { get; }

    /// <summary>The value of the <c>Authorization</c> header for this endpoint (RFC 8292 section 3).</summary>
    public string Authorize(Uri endpoint)
    {
        var origin = endpoint.GetLeftPart(UriPartial.Authority);
        var now = _clock.GetUtcNow();
        if (_authorizations.TryGet(origin, out var present))
        {
            // Not from the future either: a clock that was wrong and is set right must not be felt for hours.
            if (present.Expires - now is var left && left > _margin && left <= Lifetime)
            {
                return present.Value;
            }
            _authorizations.Remove(origin, present);
        }
        var expires = now + Lifetime;
        string token;
        lock (_signing)
        {
            token = ProviderToken.ForWebPush(_key, origin, _subject, expires);
        }
        var made = new Authorization($"vapid t={token}, k={PublicKey}", expires);
        _authorizations.TryAdd(origin, made);
        return made.Value;
    }

    /// <summary>The service did not like it: the next one is a new one.</summary>
    public void Forget(Uri endpoint)
    {
        var origin = endpoint.GetLeftPart(UriPartial.Authority);
        if (_authorizations.TryGet(origin, out var present))
        {
            _authorizations.Remove(origin, present);
        }
    }

    public void Dispose() => _key.Dispose();

    private sealed record Authorization(string Value, DateTimeOffset Expires);
}
