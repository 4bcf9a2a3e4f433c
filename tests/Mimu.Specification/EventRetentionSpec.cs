using Mimu.Core.Events;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IEventStore"/> promises of cursors that are too old, and of the events that only they could reach.</summary>
public abstract class EventRetentionSpec : EventStreamSpec
{
    [Fact]
    public async Task Cursors_of_before_the_mark_are_served_no_longer_and_their_events_go()
    {
        var old = await SayAsync(Pair, "a", "m:b", "c");
        await MarkAsync(Sample.Now);
        var young = await SayAsync(Pair, "d", "m:e");

        Assert.Equal(2, await RetireAsync(Sample.Now));

        Assert.Null(await ReadStreamAsync(Alice, Begin));
        Assert.Null(await ReadStreamAsync(Alice, old[1]));
        Assert.Equal("d m:e", Text((await ReadStreamAsync(Alice, old[2]))!));
        Assert.Equal("m:e", Text((await ReadStreamAsync(Alice, young[0]))!));
        Assert.Equal(0, await RetireAsync(Sample.Now));
    }

    [Fact]
    public async Task Messages_have_a_retention_of_their_own()
    {
        await SayAsync(Pair, "m:a", "b");
        await MarkAsync(Sample.Now);
        await RetireAsync(Sample.Now);

        Assert.Single((await ReadAsync(tx => tx.Messages.ListAsync(Pair.Id, new(0, long.MaxValue, OldestFirst: true, 10), Sample.Now))).Messages);
    }

    [Fact]
    public async Task Without_a_mark_of_that_age_nothing_goes()
    {
        await SayAsync(Pair, "a");
        await MarkAsync(Sample.Now);

        Assert.Equal(0, await RetireAsync(Sample.Now.AddMilliseconds(-1)));

        Assert.Equal("a", Text((await ReadStreamAsync(Alice, Begin))!));
    }

    [Fact]
    public async Task The_youngest_mark_of_that_age_counts_and_cursors_stay_refused_when_it_is_gone()
    {
        var places = await SayAsync(Pair, "a");
        await MarkAsync(Sample.Now);
        places.AddRange(await SayAsync(Pair, "b"));
        await MarkAsync(Sample.Now.AddMinutes(1));
        places.AddRange(await SayAsync(Pair, "c"));
        await MarkAsync(Sample.Now.AddMinutes(2));

        Assert.Equal(2, await RetireAsync(Sample.Now.AddMinutes(1)));

        Assert.Null(await ReadStreamAsync(Alice, places[0]));
        Assert.Equal("c", Text((await ReadStreamAsync(Alice, places[1]))!));
        // A clock that was set back gives nothing back.
        Assert.Equal(0, await RetireAsync(Sample.Now));
        Assert.Null(await ReadStreamAsync(Alice, places[0]));
        Assert.Equal(1, await RetireAsync(Sample.Now.AddMinutes(2)));
    }

    [Fact]
    public async Task Events_go_in_pieces()
    {
        await SayAsync(Pair, "a", "b", "c", "d", "e");
        await MarkAsync(Sample.Now);

        Assert.Equal(2, await RetireAsync(Sample.Now, limit: 2));
        Assert.Equal(2, await RetireAsync(Sample.Now, limit: 2));
        Assert.Equal(1, await RetireAsync(Sample.Now, limit: 2));
    }

    [Fact]
    public async Task A_mark_is_not_made_again_so_soon()
    {
        await MarkAsync(Sample.Now);
        await SayAsync(Pair, "a");
        await WriteAsync(tx => tx.Events.MarkAsync(Sample.Now.AddMinutes(1), Sample.Now.AddMinutes(-1)));

        Assert.Equal(0, await RetireAsync(Sample.Now.AddMinutes(1)));

        await WriteAsync(tx => tx.Events.MarkAsync(Sample.Now.AddMinutes(2), Sample.Now.AddMinutes(1)));
        Assert.Equal(1, await RetireAsync(Sample.Now.AddMinutes(2)));
    }

    [Fact]
    public async Task A_stream_in_which_nothing_happens_serves_its_cursor_for_ever()
    {
        for (var day = 0; day < 5; day++)
        {
            await MarkAsync(Sample.Now.AddDays(day));
            await RetireAsync(Sample.Now.AddDays(day));
        }

        Assert.NotNull(await ReadStreamAsync(Alice, Begin));
    }

    private Task MarkAsync(DateTimeOffset now) => WriteAsync(tx => tx.Events.MarkAsync(now, now));

    private Task<int> RetireAsync(DateTimeOffset before, int limit = 100) => WriteAsync(tx => tx.Events.RetireAsync(before, limit));
}
