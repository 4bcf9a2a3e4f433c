using System.Globalization;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mimu.Core.Sessions;

/// <summary>A key that signs access tokens.</summary>
/// <param name="Id">The <c>kid</c> header.</param>
/// <param name="Secret">At least 32 bytes (RFC 7518 section 3.2).</param>
public sealed record TokenKey(string Id, byte[] Secret);

/// <summary>Access tokens (protocol 2.4): JWTs signed by HS256 with a key of the server's own.</summary>
public sealed class AccessTokens
{
    /// <summary>How far another clock may be ahead: a token from further in the future is refused.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly SessionSettings _settings;
    private readonly TimeProvider _clock;
    private readonly SigningCredentials _signing;
    private readonly TokenValidationParameters _validation;

    /// <param name="keys">Every key whose tokens are good; the last one signs.</param>
    /// <param name="settings">Names and lifetimes.</param>
    /// <param name="clock">What time it is.</param>
    public AccessTokens(IReadOnlyList<TokenKey> keys, SessionSettings settings, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        var securityKeys = keys.Select(key => new SymmetricSecurityKey(key.Secret) { KeyId = key.Id }).ToArray();
        _signing = new SigningCredentials(securityKeys[^1], SecurityAlgorithms.HmacSha256);
        _validation = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeyResolver = (_, _, kid, _) => securityKeys.Where(key => key.KeyId == kid),
            TryAllIssuerSigningKeys = false,
            ValidIssuer = settings.Issuer,
            ValidAudience = settings.Issuer,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            // Expiry is looked at below, by our own clock and without the five minutes' grace that is the library's default.
            ValidateLifetime = false,
        };
    }

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
        SigningCredentials = _signing,
    });

    /// <summary>What a token says, if it is one of ours and still good; whether its session goes on is for the caller to ask.</summary>
    /// <returns><c>unauthorized</c> or <c>token_expired</c> otherwise.</returns>
    public async ValueTask<Result<AccessToken>> ReadAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _validation);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken jwt)
        {
            return Errors.Unauthorized.Because("The access token is not one of this server's.");
        }
        if (!Ids.TryParse(Text(jwt, JwtRegisteredClaimNames.Sub), out var user) || !Ids.TryParse(Text(jwt, JwtRegisteredClaimNames.Sid), out var session)
            || !jwt.TryGetPayloadValue<int>("did", out var device) || jwt.IssuedAt == default || jwt.ValidTo == default || Text(jwt, JwtRegisteredClaimNames.Jti) is null)
        {
            return Errors.Unauthorized.Because("The access token lacks a claim.");
        }
        var now = _clock.GetUtcNow().UtcDateTime;
        if (jwt.IssuedAt > now + _tolerance)
        {
            return Errors.Unauthorized.Because("The access token is from the future.");
        }
        return jwt.ValidTo <= now
            ? Errors.TokenExpired
            : new AccessToken(new Caller(new UserId(user), new SessionId(session), device), new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero));
    }

    private static string? Text(JsonWebToken jwt, string claim) => jwt.TryGetPayloadValue<string>(claim, out var value) ? value : null;
}

/// <summary>What a good access token says.</summary>
/// <param name="Caller">Whose it is.</param>
/// <param name="ExpiresAt">When it stops being good.</param>
public sealed record AccessToken(Caller Caller, DateTimeOffset ExpiresAt);
