using System.Security.Cryptography;
using System.Text;
using Mimu.Appliance.Auth;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Push;

/// <summary>
/// This server's key for Web Push (RFC 8292), in the data directory: <c>vapid-key</c>, PKCS #8 in PEM. There is one and it does not change, since every subscription is made for it.
/// </summary>
internal static class VapidKey
{
    private const string Name = "vapid-key";

    /// <summary>Makes the key on the first start, and looks at every start whether it is one, as far as that costs nothing.</summary>
    /// <exception cref="StorageRefusedException">The file can't be read, or is no key.</exception>
    public static void Ensure(string dataDirectory) => Guarded(dataDirectory, path =>
    {
        if (!File.Exists(path))
        {
            Make(path);
        }
        return PemEncoding.TryFind(File.ReadAllText(path), out _) ? path : throw new FormatException("It is no PEM.");
    });

    /// <summary>The key; made if it is not there.</summary>
    /// <exception cref="StorageRefusedException">The file can't be read, or is no such key.</exception>
    public static ECDsa ReadOrCreate(string dataDirectory) => Guarded(dataDirectory, path =>
    {
        if (!File.Exists(path))
        {
            Make(path);
        }
        return ApnsKey.Parse(File.ReadAllText(path));
    });

    private static void Make(string path)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyFile.WriteWhole(path, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + "\n"));
    }

    private static T Guarded<T>(string dataDirectory, Func<string, T> work)
    {
        var path = Path.Combine(dataDirectory, Name);
        try
        {
            return work(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageRefusedException(StorageRefusal.NotWritable, $"The file {path} can't be used: {e.Message}", e);
        }
        catch (FormatException e)
        {
            throw new StorageRefusedException(StorageRefusal.Damaged,
                $"The file {path} is damaged. Bring it back from a backup; or remove it to have a new one made: browsers and UnifiedPush then get no notifications until their apps subscribe again.", e);
        }
    }
}
