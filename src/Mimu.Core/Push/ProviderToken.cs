using System.Security.Cryptography;

namespace Mimu.Core.Push;

/// <summary>The tokens by which this server says who it is, one kind for each push service.</summary>
public static class ProviderToken
{
    /// <summary>The longest that Google lets an assertion live ("Using OAuth 2.0 for Server to Server Applications", the claim <c>exp</c>).</summary>
    public static readonly TimeSpan GoogleLifetime = TimeSpan.FromHours(1);

    /// <summary>APNs' ("Establishing a token-based connection to APNs"): ES256, without an end; APNs counts an hour from <c>iat</c>.</summary>
    /// <param name="key">The signing key, of P-256.</param>
    /// <param name="keyId">The key's id.</param>
    /// <param name="teamId">The developer team's id.</param>
    /// <param name="now">The time.</param>
    public static string ForApns(ECDsa key, string keyId, string teamId, DateTimeOffset now) => CompactJws.SignEs256(
        key,
        header => header.WriteString("kid"u8, keyId),
        claims =>
        {
            claims.WriteString("iss"u8, teamId);
            claims.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
        });

    /// <summary>What Google gives an access token for (RFC 7523 section 3): RS256, in the name of a service account.</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="keyId">The key's id.</param>
    /// <param name="account">The account's mail address.</param>
    /// <param name="scope">What the access token is for.</param>
    /// <param name="audience">The URL that it is sent to.</param>
    /// <param name="now">The time.</param>
    public static string ForGoogle(RSA key, string keyId, string account, string scope, string audience, DateTimeOffset now) => CompactJws.SignRs256(
        key,
        header =>
        {
            header.WriteString("typ"u8, "JWT"u8);
            header.WriteString("kid"u8, keyId);
        },
        claims =>
        {
            claims.WriteString("iss"u8, account);
            claims.WriteString("scope"u8, scope);
            claims.WriteString("aud"u8, audience);
            claims.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            claims.WriteNumber("exp"u8, (now + GoogleLifetime).ToUnixTimeSeconds());
        });

    /// <summary>VAPID's (RFC 8292 section 2): ES256, for one push service.</summary>
    /// <param name="key">This server's key, of P-256.</param>
    /// <param name="audience">The push service's origin: scheme, host, and the port if it is not the usual one.</param>
    /// <param name="subject">Whom to turn to; null for nobody.</param>
    /// <param name="expires">Its end, at most 24 hours from now.</param>
    public static string ForWebPush(ECDsa key, string audience, string? subject, DateTimeOffset expires) => CompactJws.SignEs256(
        key,
        header => header.WriteString("typ"u8, "JWT"u8),
        claims =>
        {
            claims.WriteString("aud"u8, audience);
            claims.WriteNumber("exp"u8, expires.ToUnixTimeSeconds());
            if (subject is not null)
            {
                claims.WriteString("sub"u8, subject);
            }
        });
}
