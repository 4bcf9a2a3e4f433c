using Mimu.Appliance.Configuration;
using Mimu.Appliance.Media.S3;
using Mimu.Core.Media;
using Mimu.Core.Storage;
using Mimu.Embedded;

namespace Mimu.Appliance;

/// <summary>The one place that knows which back end there is.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly EmbeddedBackend _embedded;
    private readonly Lazy<IBlobStore> _disk;
    private readonly Lazy<S3BlobStore?> _outside;

    private Backend(EmbeddedBackend embedded, MimuOptions options)
    {
        _embedded = embedded;
        Kept = options.Media.Backend;
        _disk = new Lazy<IBlobStore>(() => embedded.Blobs ?? embedded.OpenBlobs(options.MediaPath));
        // The system's time: what a signature's is compared with is the clock of the store.
        _outside = new Lazy<S3BlobStore?>(() => S3Address.Of(options.Media) is { } address ? new S3BlobStore(new S3Door(address, TimeProvider.System)) : null);
    }

    public IDatabase Database => _embedded.Database;

    public IPubSub PubSub => _embedded.PubSub;

    /// <summary>Where files are kept.</summary>
    public MediaBackend Kept { get; }

    /// <summary>Where the bytes of files lie.</summary>
    public IBlobStore Blobs => FindBlobs(Kept) ?? throw new InvalidOperationException("The settings of the outside store were not checked.");

    /// <param name="options">Where it is.</param>
    /// <param name="writerClock">Measures how far the writer is behind; null for the system's.</param>
    /// <exception cref="StorageRefusedException">One sentence says why it can't be opened.</exception>
    public static Backend Open(MimuOptions options, TimeProvider? writerClock = null) =>
        new(EmbeddedBackend.Open(new EmbeddedOptions(options.Server.DataDir, options.DatabasePath, options.Database.Synchronous is Synchronous.Full)
        {
            BlobsDirectory = options.Media.Backend is MediaBackend.Disk ? options.MediaPath : null,
        }, writerClock), options);

    /// <summary>The store of this kind, also where files are not kept; null if the settings do not say where it is.</summary>
    /// <exception cref="StorageRefusedException">It can't be opened.</exception>
    public IBlobStore? FindBlobs(MediaBackend kind) => kind is MediaBackend.Disk ? _disk.Value : _outside.Value;

    public async ValueTask DisposeAsync()
    {
        await _embedded.DisposeAsync();
        if (_outside.IsValueCreated)
        {
            _outside.Value?.Dispose();
        }
    }
}
