using System.Buffers.Binary;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mimu.Core.Sessions;

/// <summary>A key that signs access tokens.</summary>
/// <param name="Id">The <c>kid</c> header.</param>
/// <param name="Secret">At least 32 bytes (RFC 7518 section 3.2).</param>
/// <param name="RetiredAt">From when on it signs no more; null while it does.</param>
public sealed record TokenKey(string Id, byte[] Secret, DateTimeOffset? RetiredAt = null)
{
    /// <summary>Whether a token that it signed can still be good. Tokens count in whole seconds, hence one more.</summary>
    public bool IsOfUse(DateTimeOffset now, TimeSpan tokenLifetime) => RetiredAt is not { } retired || now <= LastExpiry(retired, tokenLifetime);

    /// <summary>The last moment for which it can have signed a token.</summary>
    internal static DateTimeOffset LastExpiry(DateTimeOffset retired, TimeSpan tokenLifetime) => retired + tokenLifetime + TimeSpan.FromSeconds(1);
}

/// <summary>Access tokens (protocol 2.4): JWTs signed by HS256 with a key of the server's own.</summary>
public sealed class AccessTokens
{
    /// <summary>How far another clock may be ahead: a token from further in the future is refused.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly SessionSettings _settings;
    private readonly TimeProvider _clock;
    private volatile KeyRing _ring;

    /// <param name="keys">Every key whose tokens are good; the last one signs.</param>
    /// <param name="settings">Names and lifetimes.</param>
    /// <param name="clock">What time it is.</param>
    public AccessTokens(IReadOnlyList<TokenKey> keys, SessionSettings settings, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        _ring = new KeyRing(keys, settings);
    }

    /// <summary>From now on these are the keys; the last one signs.</summary>
    public void UseKeys(IReadOnlyList<TokenKey> keys) => _ring = new KeyRing(keys, _settings);

    /// <summary>A token for this session, good for <c>auth.access_token_lifetime</c> from <paramref name="now"/> on.</summary>
    public string Issue(Session session, DateTimeOffset now) => _handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = _settings.Issuer,
        Audience = _settings.Issuer,
        IssuedAt = now.UtcDateTime,
        Expires = (now + _settings.AccessTokenLifetime).UtcDateTime,
        Subject = new ClaimsIdentity(
        [
            new Claim(JwtRegisteredClaimNames.Sub, session.UserId.ToString()),
            new Claim(JwtRegisteredClaimNames.Sid, session.Id.ToString()),
            new Claim("did", session.DeviceId.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer32),
            new Claim(JwtRegisteredClaimNames.Jti, Ids.NewTokenId().ToString()),
        ]),
        SigningCredentials = _ring.Signing,
    });

    /// <summary>What a token says, if it is one of ours and still good; whether its session goes on is for the caller to ask.</summary>
    /// <returns><c>unauthorized</c> or <c>token_expired</c> otherwise.</returns>
    public ValueTask<Result<AccessToken>> ReadAsync(string token)
    {
        var ring = _ring;
        var hash = TokenHash.Of(token);
        return ring.Verified.TryGet(hash, out var known) ? new(StillGood(known)) : VerifyAsync(token, hash, ring);
    }

    private async ValueTask<Result<AccessToken>> VerifyAsync(string token, TokenHash hash, KeyRing ring)
    {
        var result = await _handler.ValidateTokenAsync(token, ring.Validation);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken jwt)
        {
            return Errors.Unauthorized.Because("The access token is not one of this server's.");
        }
        if (!Ids.TryParse(Text(jwt, JwtRegisteredClaimNames.Sub), out var user) || !Ids.TryParse(Text(jwt, JwtRegisteredClaimNames.Sid), out var session)
            || !jwt.TryGetPayloadValue<int>("did", out var device) || jwt.IssuedAt == default || jwt.ValidTo == default || Text(jwt, JwtRegisteredClaimNames.Jti) is null)
        {
            return Errors.Unauthorized.Because("The access token lacks a claim.");
        }
        if (jwt.IssuedAt > _clock.GetUtcNow().UtcDateTime + _tolerance)
        {
            return Errors.Unauthorized.Because("The access token is from the future.");
        }
        var access = new AccessToken(new Caller(new UserId(user), new SessionId(session), device), new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero));
        // A key may be retired because somebody else has it: then it must not make tokens that outlive those which it made here.
        if (ring.RetiredAt(jwt.Kid) is { } retired && access.ExpiresAt > TokenKey.LastExpiry(retired, _settings.AccessTokenLifetime))
        {
            return Errors.Unauthorized.Because("The access token was made with a key that signs no more.");
        }
        var good = StillGood(access);
        if (good.IsOk)
        {
            ring.Verified.TryAdd(hash, access);
        }
        return good;
    }

    /// <summary>A token that was read before, unless it has expired since.</summary>
    /// <returns><c>token_expired</c> otherwise.</returns>
    public Result<AccessToken> StillGood(AccessToken access) => access.ExpiresAt <= _clock.GetUtcNow() ? Errors.TokenExpired : access;

    private static string? Text(JsonWebToken jwt, string claim) => jwt.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    /// <summary>The keys of a time, and the tokens that they were found to have signed: other keys begin with none.</summary>
    private sealed class KeyRing
    {
        /// <summary>About 7 MiB when it is full.</summary>
        private const int MaxVerified = 20_000;

        private readonly IReadOnlyList<TokenKey> _keys;

        public KeyRing(IReadOnlyList<TokenKey> keys, SessionSettings settings)
        {
            _keys = keys;
            var securityKeys = keys.Select(key => new SymmetricSecurityKey(key.Secret) { KeyId = key.Id }).ToArray();
            Signing = new SigningCredentials(securityKeys[^1], SecurityAlgorithms.HmacSha256);
            Validation = new TokenValidationParameters
            {
                ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
                IssuerSigningKeyResolver = (_, _, kid, _) => securityKeys.Where(key => key.KeyId == kid),
                TryAllIssuerSigningKeys = false,
                ValidIssuer = settings.Issuer,
                ValidAudience = settings.Issuer,
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                // Expiry is looked at by our own clock and without the five minutes' grace that is the library's default.
                ValidateLifetime = false,
            };
        }

        public SigningCredentials Signing { get; }

        public TokenValidationParameters Validation { get; }

        /// <summary>Tokens that were verified. They are looked up by their hash, so that how long it takes tells nothing of them.</summary>
        public BoundedCache<TokenHash, AccessToken> Verified { get; } = new(MaxVerified);

        public DateTimeOffset? RetiredAt(string keyId) => _keys.FirstOrDefault(key => key.Id == keyId)?.RetiredAt;
    }

    /// <summary>SHA-256 of a token.</summary>
    private readonly record struct TokenHash(UInt128 High, UInt128 Low)
    {
        /// <summary>Longer ones are none of ours, and are hashed all the same.</summary>
        private const int Usual = 1024;

        public static TokenHash Of(string token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            if (token.Length <= Usual)
            {
                Span<byte> text = stackalloc byte[Usual * 3];
                SHA256.HashData(text[..Encoding.UTF8.GetBytes(token, text)], hash);
            }
            else
            {
                SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
            }
            return new TokenHash(BinaryPrimitives.ReadUInt128LittleEndian(hash), BinaryPrimitives.ReadUInt128LittleEndian(hash[16..]));
        }
    }
}

/// <summary>What a good access token says.</summary>
/// <param name="Caller">Whose it is.</param>
/// <param name="ExpiresAt">When it stops being good.</param>
public sealed record AccessToken(Caller Caller, DateTimeOffset ExpiresAt);
