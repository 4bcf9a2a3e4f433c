using Mimu.Core.Messages;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Core.Tests.Messages;

public sealed class EraseMessagesTests : MessageStage
{
    [Fact]
    public async Task A_round_erases_all_that_has_expired_however_much_it_is_and_leaves_the_rest()
    {
        var own = Guid.NewGuid();
        var named = await SendAsync(Alice, Pair, command => command with { ExpiresIn = 10, ClientMessageId = own });
        for (var i = 0; i < 1200; i++)
        {
            await SendAsync(Alice, Pair, command => command with { ExpiresIn = 10 });
        }
        var later = await SendAsync(Alice, Pair, command => command with { ExpiresIn = 11 });
        World.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await RunAsync());

        // Expiring is being gone, whether a round has come or not.
        World.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty((await SendAsync(Alice, Pair, command => command with { ClientMessageId = own })).Payload);
        Assert.Equal(1201, await RunAsync());

        Assert.Equal(0, await RunAsync());
        Assert.Equal([1, 2, 3], Stored(later.Id)!.Payload);
        Assert.Equal(World.Memory.State.Stream.Count - 1, World.Memory.State.Stream.Count(entry => entry.Message is { IsDeleted: true, Payload: [] }));
        var again = await SendAsync(Alice, Pair, command => command with { ClientMessageId = own });
        Assert.Equal(named.Id, again.Id);
        Assert.Empty(again.Payload);
    }

    [Fact]
    public async Task With_a_retention_older_messages_are_removed_and_without_none_is()
    {
        var old = await SendAsync(Alice, Pair);
        World.Clock.Advance(TimeSpan.FromDays(30));
        var young = await SendAsync(Alice, Pair);

        Assert.Equal(0, await RunAsync());
        // Exactly as old as they may be.
        Assert.Equal(0, await RunAsync(TimeSpan.FromDays(30)));
        World.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await RunAsync(TimeSpan.FromDays(30)));

        Assert.Null(Stored(old.Id));
        Assert.NotNull(Stored(young.Id));
    }

    [Fact]
    public async Task Cursors_are_served_for_as_long_as_events_are_kept_and_a_twentieth_longer_at_most()
    {
        var start = World.Memory.State.End;
        var message = await SendAsync(Alice, Pair);
        await Delete.RunAsync(Alice, message.Id, CancellationToken.None);
        await RunAsync();
        for (var minutes = 1; minutes < 10; minutes++)
        {
            World.Clock.Advance(TimeSpan.FromMinutes(1));
            await RunAsync();
            Assert.True(await IsServedAsync(start), $"after {minutes} minutes");
        }
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        await RunAsync();

        Assert.False(await IsServedAsync(start));
        Assert.True(await IsServedAsync(World.Memory.State.End));

        async Task<bool> IsServedAsync(Core.Events.Cursor since) =>
            await World.Database.ReadAsync(tx => tx.Events.ReadAsync(Bob.UserId, since, 10, World.Clock.Now()), CancellationToken.None) is not null;
    }

    [Fact]
    public async Task A_round_ends_with_the_files()
    {
        var database = new Scrubbed(World.Database);

        await new EraseMessages(database, World.Clock, new Retention(Messages: null, TimeSpan.FromDays(90))).RunAsync(CancellationToken.None);

        Assert.Equal(1, database.Times);
    }

    /// <summary>One round; events are kept for ten minutes.</summary>
    private ValueTask<int> RunAsync(TimeSpan? messages = null) =>
        new EraseMessages(World.Database, World.Clock, new Retention(messages, TimeSpan.FromMinutes(10))).RunAsync(CancellationToken.None);

    private sealed class Scrubbed(IDatabase inner) : IDatabase
    {
        public int Times { get; private set; }

        public ValueTask<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> read, CancellationToken cancellation) => inner.ReadAsync(read, cancellation);

        public ValueTask<Result<T>> WriteAsync<T>(Func<ITransaction, ValueTask<Result<T>>> write, CancellationToken cancellation) => inner.WriteAsync(write, cancellation);

        public ValueTask ScrubAsync(CancellationToken cancellation)
        {
            Times++;
            return ValueTask.CompletedTask;
        }
    }
}
