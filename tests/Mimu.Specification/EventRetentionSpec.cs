using Mimu.Core.Events;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IEventStore"/> promises of cursors that are old: each is served for as long as its place is young enough, and then refused.</summary>
public abstract class EventRetentionSpec : EventStreamSpec
{
    private static readonly DateTimeOffset _now = Sample.Now;

    [Fact]
    public async Task A_cursor_at_the_floor_is_served_and_one_before_it_is_not()
    {
        var places = await SayAsync(Pair, "a", "m:b", "c");
        await MarkAsync(_now);
        await SayAsync(Pair, "d", "m:e");

        Assert.Equal(2, await RetireAsync(_now));

        Assert.Null(await ReadStreamAsync(Alice, Begin));
        Assert.Null(await ReadStreamAsync(Alice, places[1]));
        Assert.Equal("d m:e", Text((await ReadStreamAsync(Alice, places[2]))!));
        // Messages stay.
        Assert.Equal(2, (await ReadAsync(tx => tx.Chats.ViewAsync(Pair.Id, Alice.Id, _now)))!.UnreadCount);
    }

    [Fact]
    public async Task What_is_younger_than_every_mark_is_served()
    {
        await SayAsync(Pair, "a");
        await MarkAsync(_now.AddMilliseconds(1));

        Assert.Equal(0, await RetireAsync(_now));
        Assert.Equal("a", Text((await ReadStreamAsync(Alice, Begin))!));
        Assert.Equal(1, await RetireAsync(_now.AddMilliseconds(1)));
        Assert.Null(await ReadStreamAsync(Alice, Begin));
    }

    [Fact]
    public async Task Without_a_mark_nothing_is_retired()
    {
        await SayAsync(Pair, "a");

        Assert.Equal(0, await RetireAsync(_now.AddYears(10)));

        Assert.Equal("a", Text((await ReadStreamAsync(Alice, Begin))!));
    }

    [Fact]
    public async Task The_floor_is_raised_at_once_and_events_go_piece_by_piece()
    {
        await SayAsync(Pair, "a", "b", "c");
        await MarkAsync(_now);
        var end = await ReadAsync(tx => tx.Events.EndAsync());

        Assert.Equal(2, await RetireAsync(_now, limit: 2));
        Assert.Null(await ReadStreamAsync(Alice, Begin));
        Assert.NotNull(await ReadStreamAsync(Alice, end));
        Assert.Equal(1, await RetireAsync(_now, limit: 2));
        Assert.Equal(0, await RetireAsync(_now, limit: 2));
    }

    [Fact]
    public async Task The_floor_never_sinks()
    {
        await SayAsync(Pair, "a");
        await MarkAsync(_now);
        await SayAsync(Pair, "b");
        await MarkAsync(_now.AddHours(1));
        await RetireAsync(_now.AddHours(1));

        await RetireAsync(_now);

        Assert.Null(await ReadStreamAsync(Alice, Begin with { Position = Begin.Position + 1 }));
    }

    [Fact]
    public async Task A_mark_is_made_no_more_often_than_asked_for()
    {
        await SayAsync(Pair, "a");
        await MarkAsync(_now);
        var first = await ReadAsync(tx => tx.Events.EndAsync());
        await SayAsync(Pair, "b");
        await WriteAsync(tx => tx.Events.MarkAsync(_now.AddMinutes(59), unlessSince: _now.AddMinutes(-1)));

        await RetireAsync(_now.AddMinutes(59));

        Assert.NotNull(await ReadStreamAsync(Alice, first));
        await WriteAsync(tx => tx.Events.MarkAsync(_now.AddMinutes(60), unlessSince: _now));
        await RetireAsync(_now.AddMinutes(60));
        Assert.Null(await ReadStreamAsync(Alice, first));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_marks_on_from_there()
    {
        await SayAsync(Pair, "a");
        await MarkAsync(_now);
        var before = await ReadAsync(tx => tx.Events.EndAsync());
        await SayAsync(Pair, "b");
        // The mark of the hour that is to come again does not stand for the one that there is.
        var setBack = _now.AddHours(-1);
        await WriteAsync(tx => tx.Events.MarkAsync(setBack, unlessSince: setBack.AddMinutes(-5)));
        var after = await ReadAsync(tx => tx.Events.EndAsync());
        await SayAsync(Pair, "c");

        Assert.Equal(2, await RetireAsync(setBack));

        Assert.Null(await ReadStreamAsync(Alice, before));
        Assert.Equal("c", Text((await ReadStreamAsync(Alice, after))!));
        // The mark of before lies under the floor now.
        Assert.Equal(0, await RetireAsync(_now));
        Assert.NotNull(await ReadStreamAsync(Alice, after));
    }

    [Fact]
    public async Task What_somebody_alone_is_told_has_its_time_too()
    {
        await WriteAsync(tx => tx.Events.AppendAsync(Alice.Id, nameof(IdentityChanged), "own"u8.ToArray(), _now));
        await MarkAsync(_now);
        var end = await ReadAsync(tx => tx.Events.EndAsync());
        await WriteAsync(tx => tx.Events.AppendAsync(Alice.Id, nameof(IdentityChanged), "later"u8.ToArray(), _now));

        Assert.Equal(1, await RetireAsync(_now));

        Assert.Equal("later", Text((await ReadStreamAsync(Alice, end))!));
    }

    [Fact]
    public async Task A_stream_in_which_nothing_happens_serves_its_cursor_for_ever()
    {
        for (var day = 0; day < 5; day++)
        {
            await MarkAsync(_now.AddDays(day));
            await RetireAsync(_now.AddDays(day));
        }

        Assert.NotNull(await ReadStreamAsync(Alice, Begin));
    }

    private Task MarkAsync(DateTimeOffset now) => WriteAsync(tx => tx.Events.MarkAsync(now, unlessSince: now.AddMilliseconds(-1)));

    private Task<int> RetireAsync(DateTimeOffset before, int limit = 100) => WriteAsync(tx => tx.Events.RetireAsync(before, limit));
}
