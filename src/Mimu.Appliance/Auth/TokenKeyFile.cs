using System.Security.Cryptography;
using System.Text;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>The keys that sign access tokens, in the data directory: a line each, <c>id base64</c>; the last one signs.</summary>
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
        try
        {
            if (!File.Exists(path))
            {
                var line = $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdSize))} {Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeySize))}\n";
                WriteWhole(path, line);
            }
            return File.ReadAllLines(path).Select(Parse).ToList() is { Count: > 0 } keys ? keys : throw new FormatException("it is empty");
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
        line.Split(' ') is [{ Length: > 0 } id, var secret] && Convert.FromBase64String(secret) is { Length: >= KeySize } bytes
            ? new TokenKey(id, bytes)
            : throw new FormatException("a line is not an id and a key");

    /// <summary>Whole or not at all, and synced before it is used: a token that was handed out must still be good after a power cut.</summary>
    private static void WriteWhole(string path, string text)
    {
        var draft = path + ".new";
        using (var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path);
    }
}
