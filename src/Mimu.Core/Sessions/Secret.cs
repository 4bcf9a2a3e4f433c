using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Mimu.Core.Sessions;

/// <summary>Opaque tokens: 256 random bits for the client, a hash for the server, so that a stolen database opens no session.</summary>
public static class Secret
{
    /// <summary>Protocol 2.3 asks for at least 256 random bits.</summary>
    private const int Size = 32;

    /// <summary>A new token: 43 characters of Base64url.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));

    /// <summary>What is stored of it. A plain hash is enough for what can't be guessed.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
