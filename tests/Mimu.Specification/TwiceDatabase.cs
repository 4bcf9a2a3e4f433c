using Mimu.Core;
using Mimu.Core.Storage;

namespace Mimu.Specification;

/// <summary>
/// Does every piece of work twice, and has the first go undone, as a back end may that must try again (docs/adr/0002).
/// Whoever sees a difference has a closure with effects outside of its transaction.
/// </summary>
public sealed class TwiceDatabase(IDatabase database) : IDatabase
{
    private static readonly Error _again = new("again", "Once more", "The first go is undone.");

    public ValueTask ScrubAsync(CancellationToken cancellation) => database.ScrubAsync(cancellation);

    public async ValueTask<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> read, CancellationToken cancellation)
    {
        await database.ReadAsync(read, cancellation);
        return await database.ReadAsync(read, cancellation);
    }

    public async ValueTask<Result<T>> WriteAsync<T>(Func<ITransaction, ValueTask<Result<T>>> write, CancellationToken cancellation)
    {
        await database.WriteAsync<T>(async tx =>
        {
            await write(tx);
            return _again;
        }, cancellation);
        return await database.WriteAsync(write, cancellation);
    }
}
