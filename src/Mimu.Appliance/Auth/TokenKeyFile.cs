using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mimu.Appliance.Http;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>
/// The keys that sign access tokens, in the data directory: a line each, <c>id base64</c>, and when it was retired if it was; the last one signs.
/// </summary>
internal static class TokenKeyFile
{
    private const string Name = "token-keys";

    /// <summary>RFC 7518 section 3.2: at least as long as the hash.</summary>
    private const int KeySize = 32;

    private const int IdSize = 8;

    /// <summary>The keys; on the first start, one is made.</summary>
    /// <exception cref="StorageRefusedException">The file can't be read, or is not what this program wrote.</exception>
    public static IReadOnlyList<TokenKey> ReadOrCreate(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, Name);
        return Guarded(path, () =>
        {
            if (!File.Exists(path))
            {
                WriteWhole(path, [NewKey()]);
            }
            return File.ReadAllLines(path).Select(Parse).ToList() is { Count: > 0 } keys ? keys : throw new FormatException("it is empty");
        });
    }

    /// <summary>Puts these keys into the place of all that were there.</summary>
    /// <exception cref="StorageRefusedException">The file can't be written; it is as it was.</exception>
    public static void Replace(string dataDirectory, IReadOnlyList<TokenKey> keys)
    {
        var path = Path.Combine(dataDirectory, Name);
        Guarded(path, () =>
        {
            WriteWhole(path, keys);
            return keys;
        });
    }

    /// <summary>A key that nobody has.</summary>
    public static TokenKey NewKey() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdSize)), RandomNumberGenerator.GetBytes(KeySize));

    private static IReadOnlyList<TokenKey> Guarded(string path, Func<IReadOnlyList<TokenKey>> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageRefusedException(StorageRefusal.NotWritable, $"The file {path} can't be used: {e.Message}", e);
        }
        catch (FormatException e)
        {
            throw new StorageRefusedException(StorageRefusal.Damaged,
                $"The file {path} is damaged: {e.Message}. Remove it to have a new one made: clients then refresh their access tokens.", e);
        }
    }

    private static TokenKey Parse(string line) =>
        line.Split(' ') is [{ Length: > 0 } id, var secret, .. var rest] && Convert.FromBase64String(secret) is { Length: >= KeySize } bytes
            ? rest switch
            {
                [] => new TokenKey(id, bytes),
                [var retired] => new TokenKey(id, bytes, DateTimeOffset.Parse(retired, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)),
                _ => throw new FormatException("a line has more than an id, a key and a time"),
            }
            : throw new FormatException("a line is not an id and a key");

    private static string Line(TokenKey key) =>
        $"{key.Id} {Convert.ToBase64String(key.Secret)}{(key.RetiredAt is { } retired ? $" {Wire.Time(retired)}" : "")}\n";

    /// <summary>Whole or not at all, and synced before it is used: a token that was handed out must still be good after a power cut.</summary>
    private static void WriteWhole(string path, IEnumerable<TokenKey> keys)
    {
        var draft = path + ".new";
        using (var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(Encoding.ASCII.GetBytes(string.Concat(keys.Select(Line))));
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path, overwrite: true);
    }
}
