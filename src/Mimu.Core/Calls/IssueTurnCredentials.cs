using System.Security.Cryptography;

namespace Mimu.Core.Calls;

/// <summary>Gives somebody credentials for the TURN servers (protocol 9.1).</summary>
public sealed class IssueTurnCredentials(TurnSettings settings, TimeProvider clock)
{
    /// <summary>As long as a UUID: nobody meets another's by chance.</summary>
    private const int PseudonymSize = 16;

    /// <returns>The credentials, and what they are good for; <c>calls_not_configured</c>.</returns>
    public Result<IssuedTurnCredentials> Run(Caller caller) => settings.Uris.Count == 0 || settings.Secrets.Count == 0
        ? Errors.CallsNotConfigured
        : new IssuedTurnCredentials(
            TurnCredentials.Make(settings.Secrets[0], clock.GetUtcNow() + settings.Lifetime, PseudonymOf(caller.UserId, settings.PseudonymKey.Span)), settings.Lifetime, settings.Uris);

    /// <summary>The same for a user each time, so that a TURN server can count what one takes; who lacks the key can't tell whose it is.</summary>
    internal static string PseudonymOf(UserId user, ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, user.Value.ToByteArray(bigEndian: true), hash);
        return Convert.ToHexStringLower(hash[..PseudonymSize]);
    }
}

/// <summary>Credentials on their way to a client.</summary>
/// <param name="Credentials">The credentials.</param>
/// <param name="Lifetime">How long they are good from now on.</param>
/// <param name="Uris">The servers.</param>
public sealed record IssuedTurnCredentials(TurnCredentials Credentials, TimeSpan Lifetime, IReadOnlyList<string> Uris);
