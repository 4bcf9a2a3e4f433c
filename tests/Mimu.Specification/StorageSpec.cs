using Mimu.Core;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>A back end that a specification is tried on: fresh, empty, and nobody else's.</summary>
public interface IBackendUnderTest : IAsyncDisposable
{
    IDatabase Database { get; }

    IPubSub PubSub { get; }

    /// <summary>Makes a message a tombstone: its row stays, its payload is erased (protocol 5.5). Here for as long as no port can do it.</summary>
    ValueTask BuryAsync(MessageId id);
}

/// <summary>What every specification of a part of the storage begins with. A subclass gives the back end; each test gets one of its own.</summary>
public abstract class StorageSpec : IAsyncLifetime
{
    private IBackendUnderTest? _backend;

    protected IBackendUnderTest Backend => _backend ?? throw new InvalidOperationException("The test has not begun.");

    protected IDatabase Database => Backend.Database;

    /// <summary>A fresh back end. The specification disposes of it.</summary>
    protected abstract ValueTask<IBackendUnderTest> OpenAsync();

    public virtual async Task InitializeAsync() => _backend = await OpenAsync();

    public virtual async Task DisposeAsync() => await Backend.DisposeAsync();

    /// <summary>Writes what can't be refused.</summary>
    protected async Task<T> WriteAsync<T>(Func<ITransaction, ValueTask<T>> work)
    {
        var result = await Database.WriteAsync<T>(async tx => await work(tx));
        return result.Value;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    protected async Task WriteAsync(Func<ITransaction, ValueTask> work) => await WriteAsync(async tx =>
    {
        await work(tx);
        return default(Done);
    });

    protected async Task<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> work) => await Database.ReadAsync(work);
}
