using System.Security.Cryptography;
using Mimu.Core.Accounts;
using Mimu.Core.Sessions;

namespace Mimu.Core.Invites;

/// <summary>An invitation to register that can still be used (protocol section 15).</summary>
/// <param name="Id">Its number, by which an administrator names it: the code itself is not kept.</param>
/// <param name="UsesLeft">How many may still register with it, at least one.</param>
/// <param name="PublicId">The only name that may be registered with it; null for any.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on it is good for nothing.</param>
public sealed record Invite(long Id, int UsesLeft, PublicId? PublicId, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>The words that people pass on.</summary>
public static class InviteCode
{
    /// <summary>Crockford's Base32: letters and digits that are not taken for each other (https://www.crockford.com/base32.html).</summary>
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>130 random bits.</summary>
    private const int Length = 26;

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>What is stored of a code. Keyboards like to begin with a capital letter.</summary>
    public static byte[] Hash(string code) => Secret.Hash(code.Trim().ToLowerInvariant());
}
