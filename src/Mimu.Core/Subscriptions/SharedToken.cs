using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Mimu.Core.Subscriptions;

/// <summary>A secret that a caller shows in the query, as Google's push messages do (<c>?token=</c>).</summary>
public static class SharedToken
{
    /// <summary>Whether a caller shows the secret. How long it takes tells nothing about the secret, its length neither.</summary>
    /// <param name="shown">What the caller shows; null for nothing.</param>
    /// <param name="secret">The secret; "": there is none, and nobody shows it.</param>
    public static bool IsShown([NotNullWhen(true)] string? shown, string secret)
    {
        if (shown is null || secret.Length == 0)
        {
            return false;
        }
        Span<byte> one = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> other = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(shown), one);
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), other);
        return CryptographicOperations.FixedTimeEquals(one, other);
    }
}
