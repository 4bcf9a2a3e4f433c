using Mimu.Appliance.Auth;
using Mimu.Appliance.Configuration;
using Mimu.Core.Media;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Media;

/// <summary>Who signs the built-in store's URLs: credentials as an outside store has them, made by this server for itself.</summary>
internal sealed class MediaKeys
{
    /// <summary>What clients assume of a store that does not say; ours is nowhere.</summary>
    private const string Region = "us-east-1";

    private volatile IReadOnlyList<S3Credentials> _all = [];

    /// <exception cref="Core.Storage.StorageRefusedException">The file can't be read.</exception>
    public MediaKeys(MimuOptions options) => Use(KeyFile.OfMedia(options.Server.DataDir).ReadOrCreate());

    /// <summary>Who signs.</summary>
    public S3Credentials Signing => _all[^1];

    /// <summary>Whose signatures are good.</summary>
    public IReadOnlyList<S3Credentials> Accepted => _all;

    /// <summary>Goes on with these; the last one signs.</summary>
    public void Use(IReadOnlyList<TokenKey> keys) => _all = [.. keys.Select(key => new S3Credentials(key.Id, Convert.ToBase64String(key.Secret), Region))];
}

/// <summary>Changes the keys that sign the built-in store's URLs.</summary>
internal sealed class MediaKeyChange(MimuOptions options, MediaKeys keys, TimeProvider clock) : KeyChange(
    KeyFile.OfMedia(options.Server.DataDir),
    options.Media.DownloadUrlLifetime > options.Media.UploadUrlLifetime ? options.Media.DownloadUrlLifetime : options.Media.UploadUrlLifetime,
    keys.Use, clock);
