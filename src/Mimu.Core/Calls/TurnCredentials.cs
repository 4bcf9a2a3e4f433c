using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mimu.Core.Calls;

/// <summary>What lets a client use a TURN server: made so that coturn's <c>use-auth-secret</c> can check it without knowing anybody (draft-uberti-behave-turn-rest-00 section 2.2).</summary>
/// <param name="Username">Until when they are good, in Unix seconds, and for whom.</param>
/// <param name="Password">Proof that who shares the secret has made the name.</param>
public sealed record TurnCredentials(string Username, string Password)
{
    /// <param name="secret">What is shared with the TURN server.</param>
    /// <param name="expiresAt">Until when calls can be started with them. Those that run by then go on: coturn looks at the time when a session begins.</param>
    /// <param name="pseudonym">Who they are for: the TURN server, and whoever listens on the way, reads it.</param>
    public static TurnCredentials Make(string secret, DateTimeOffset expiresAt, string pseudonym)
    {
        var username = string.Create(CultureInfo.InvariantCulture, $"{expiresAt.ToUnixTimeSeconds()}:{pseudonym}");
        return new(username, PasswordOf(username, secret));
    }

    /// <summary>The password that goes with a name.</summary>
    public static string PasswordOf(string username, string secret)
    {
#pragma warning disable CA5350 // TURN's HMAC alone: the draft and coturn have no other. It is not known to be weak as an HMAC.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350
    }

    /// <summary>Without the password, so that it gets into no log.</summary>
    public override string ToString() => Username;
}
