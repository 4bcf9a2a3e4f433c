using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Mimu.Core.Accounts;

/// <summary>Argon2id (RFC 9106) in PHC string form: <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>. The password's UTF-8 bytes are what is hashed.</summary>
internal static class Argon2id
{
    /// <summary>RFC 9106 section 3.1 recommends 16 bytes of salt.</summary>
    private const int SaltSize = 16;

    /// <summary>RFC 9106 section 4 recommends a tag of 32 bytes.</summary>
    private const int HashSize = 32;

    /// <summary>A shorter tag is none that was stored here, and one without bytes would equal that of every password.</summary>
    private const int MinHashSize = 16;

    private const string Prefix = "$argon2id$v=19$";

    public static string Hash(string password, PasswordSettings settings)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        var hash = Derive(password, salt, settings.MemoryKiB, settings.Iterations, settings.Parallelism, HashSize);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Prefix}m={settings.MemoryKiB},t={settings.Iterations},p={settings.Parallelism}${Encode(salt)}${Encode(hash)}");
    }

    /// <summary>Whether the hash was made of this password. An empty one never was: Konscious refuses to hash it, and no account has it (protocol 2.1).</summary>
    public static bool Verify(string password, string stored)
    {
        var (memory, iterations, parallelism, salt, hash) = Parse(stored);
        return password.Length > 0 && CryptographicOperations.FixedTimeEquals(hash, Derive(password, salt, memory, iterations, parallelism, hash.Length));
    }

    /// <summary>Whether a hash was made with less than the setting asks for today.</summary>
    public static bool IsWeaker(string stored, PasswordSettings settings)
    {
        var (memory, iterations, parallelism, _, _) = Parse(stored);
        return memory < settings.MemoryKiB || iterations < settings.Iterations || parallelism < settings.Parallelism;
    }

    /// <summary>NSec's derivation is four times as fast but knows one lane only; Konscious serves the hashes made with more.</summary>
    private static byte[] Derive(string password, byte[] salt, int memoryKiB, int iterations, int parallelism, int size)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        try
        {
            if (parallelism == 1 && salt.Length == SaltSize)
            {
                var parameters = new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memoryKiB, NumberOfPasses = iterations };
                return PasswordBasedKeyDerivationAlgorithm.Argon2id(parameters).DeriveBytes(bytes, salt, size);
            }
            using var argon2 = new Konscious.Security.Cryptography.Argon2id(bytes)
            {
                Salt = salt,
                MemorySize = memoryKiB,
                Iterations = iterations,
                DegreeOfParallelism = parallelism,
            };
            return argon2.GetBytes(size);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static (int Memory, int Iterations, int Parallelism, byte[] Salt, byte[] Hash) Parse(string stored)
    {
        var parts = stored.Split('$');
        var costs = parts is ["", "argon2id", "v=19", _, _, _] ? parts[3].Split(',') : [];
        return costs.Length == 3 && Decode(parts[5]) is { Length: >= MinHashSize } hash
            ? (Number(costs[0], "m="), Number(costs[1], "t="), Number(costs[2], "p="), Decode(parts[4]), hash)
            : throw new FormatException("A stored password hash is not in the PHC form of Argon2id.");
    }

    private static int Number(string cost, string name) => cost.StartsWith(name, StringComparison.Ordinal)
        ? int.Parse(cost.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture)
        : throw new FormatException("A stored password hash has costs in an unknown order.");

    /// <summary>PHC's Base64 has no padding.</summary>
    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Decode(string text) => Convert.FromBase64String(text + new string('=', (4 - text.Length % 4) % 4));
}
