using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mimu.Appliance.Http;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>Keys of the server's own, in the data directory: a line each, <c>id base64</c>, and when it was retired if it was; the last one signs.</summary>
internal sealed class KeyFile
{
    private readonly string _path;
    private readonly string _consequence;

    private KeyFile(string dataDirectory, string name, string consequence) => (_path, _consequence) = (Path.Combine(dataDirectory, name), consequence);

    /// <summary>The keys that sign access tokens.</summary>
    public static KeyFile OfTokens(string dataDirectory) => new(dataDirectory, "token-keys", "clients then refresh their access tokens");

    /// <summary>The keys that sign the built-in store's URLs.</summary>
    public static KeyFile OfMedia(string dataDirectory) => new(dataDirectory, "media-keys", "clients then ask for new URLs of their files");

    /// <summary>The key of the pseudonyms under which TURN servers know people.</summary>
    public static KeyFile OfCalls(string dataDirectory) => new(dataDirectory, "call-keys", "TURN servers then know everybody by another name");

    /// <summary>RFC 7518 section 3.2: at least as long as the hash.</summary>
    private const int KeySize = 32;

    private const int IdSize = 8;

    /// <summary>The keys; on the first start, one is made.</summary>
    /// <exception cref="StorageRefusedException">The file can't be read, or is not what this program wrote.</exception>
    public IReadOnlyList<TokenKey> ReadOrCreate() => Guarded(() =>
    {
        if (!File.Exists(_path))
        {
            WriteWhole(_path, Text([NewKey()]));
        }
        return File.ReadAllLines(_path).Select(Parse).ToList() is { Count: > 0 } keys ? keys : throw new FormatException("it is empty");
    });

    /// <summary>Puts these keys into the place of all that were there.</summary>
    /// <exception cref="StorageRefusedException">The file can't be written; it is as it was.</exception>
    public void Replace(IReadOnlyList<TokenKey> keys) => Guarded(() =>
    {
        WriteWhole(_path, Text(keys));
        return keys;
    });

    /// <summary>A key that nobody has.</summary>
    public static TokenKey NewKey() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdSize)), RandomNumberGenerator.GetBytes(KeySize));

    private IReadOnlyList<TokenKey> Guarded(Func<IReadOnlyList<TokenKey>> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageRefusedException(StorageRefusal.NotWritable, $"The file {_path} can't be used: {e.Message}", e);
        }
        catch (FormatException e)
        {
            throw new StorageRefusedException(StorageRefusal.Damaged,
                $"The file {_path} is damaged: {e.Message}. Remove it to have a new one made: {_consequence}.", e);
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

    private static byte[] Text(IEnumerable<TokenKey> keys) => Encoding.ASCII.GetBytes(string.Concat(keys.Select(Line)));

    /// <summary>Whole or not at all, and synced before it is used: a token that was handed out must still be good after a power cut.</summary>
    internal static void WriteWhole(string path, ReadOnlySpan<byte> bytes)
    {
        var draft = path + ".new";
        using (var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path, overwrite: true);
    }
}
