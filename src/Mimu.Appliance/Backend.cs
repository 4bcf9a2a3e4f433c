using Mimu.Appliance.Configuration;
using Mimu.Core.Media;
using Mimu.Core.Storage;
using Mimu.Embedded;

namespace Mimu.Appliance;

/// <summary>The one place that knows which back end there is.</summary>
internal sealed class Backend(EmbeddedBackend embedded) : IAsyncDisposable
{
    public IDatabase Database => embedded.Database;

    public IPubSub PubSub => embedded.PubSub;

    /// <summary>Where the bytes of files lie.</summary>
    public IBlobStore Blobs => embedded.Blobs ?? throw new InvalidOperationException("Files are kept elsewhere.");

    /// <param name="options">Where it is.</param>
    /// <param name="writerClock">Measures how far the writer is behind; null for the system's.</param>
    /// <exception cref="StorageRefusedException">One sentence says why it can't be opened.</exception>
    public static Backend Open(MimuOptions options, TimeProvider? writerClock = null) =>
        new(EmbeddedBackend.Open(new EmbeddedOptions(options.Server.DataDir, options.DatabasePath, options.Database.Synchronous is Synchronous.Full)
        {
            BlobsDirectory = options.Media.Backend is MediaBackend.Disk ? options.MediaPath : null,
        }, writerClock));

    public ValueTask DisposeAsync() => embedded.DisposeAsync();
}
