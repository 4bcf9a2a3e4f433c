using Mimu.Core.Accounts;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Configuration;

/// <summary><c>[registration]</c>: who may make an account.</summary>
internal sealed class RegistrationOptions
{
    public RegistrationMode Mode = RegistrationMode.Open;
}

/// <summary><c>[auth]</c>: tokens and passwords (protocol section 2).</summary>
internal sealed class AuthOptions
{
    /// <summary>The <c>iss</c> claim of access tokens.</summary>
    public string Issuer = "mimu";

    /// <summary>How long an access token is good for.</summary>
    public TimeSpan AccessTokenLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long a refresh token is good for since its last use.</summary>
    public TimeSpan RefreshTokenLifetime = TimeSpan.FromDays(30);

    /// <summary>For how many seconds a used refresh token may be repeated while its successor is unused (2.3). 0: never.</summary>
    public int RefreshGraceSeconds;

    /// <summary>The fewest Unicode code points of a password.</summary>
    public int PasswordMinLength = 8;

    /// <summary>Argon2id's memory in bytes, a whole number of KiB and at least 8 KiB for each lane (RFC 9106 section 3.1).</summary>
    public long Argon2Memory = 19L << 20;

    /// <summary>Argon2id's passes over its memory.</summary>
    public int Argon2Iterations = 2;

    /// <summary>Argon2id's lanes.</summary>
    public int Argon2Parallelism = 1;

    /// <summary>What of it the rules want to know.</summary>
    public SessionSettings ToSessionSettings() => new(Issuer, AccessTokenLifetime, RefreshTokenLifetime, TimeSpan.FromSeconds(RefreshGraceSeconds));
}
