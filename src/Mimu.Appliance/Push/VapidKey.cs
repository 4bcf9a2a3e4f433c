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

    /// <summary>The key; on the first start, it is made.</summary>
    /// <exception cref="StorageRefusedException">The file can't be read, or is no such key.</exception>
    public static ECDsa ReadOrCreate(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, Name);
        try
        {
            if (!File.Exists(path))
            {
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                KeyFile.WriteWhole(path, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + "\n"));
            }
            return ApnsKey.Parse(File.ReadAllText(path));
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
