using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IEventStore"/> promises: each user's own events, in order, from wherever they left off. See <see cref="EventPagingSpec"/> for all of them.</summary>
public abstract class EventStoreSpec : EventStreamSpec
{
    [Fact]
    public async Task A_stream_in_which_nothing_happened_is_empty()
    {
        var page = (await ReadStreamAsync(Alice, Begin))!;

        Assert.Empty(page.Events);
        Assert.Equal(Begin, page.Cursor);
        Assert.False(page.HasMore);
    }

    [Fact]
    public async Task Messages_and_other_events_are_in_one_order()
    {
        await SayAsync(Pair, "a", "m:b", "c", "d", "m:e", "m:f");

        Assert.Equal("a m:b c d m:e m:f", await TextAsync(Alice));
    }

    [Fact]
    public async Task An_event_comes_back_as_it_was_appended()
    {
        byte[] data = [0x00, 0x7B, 0xFF, 0x27, 0x00];
        var cursor = await WriteAsync(tx => tx.Events.AppendAsync(Pair.Id, "ChatUpdated", data, Sample.Now));

        var one = Assert.Single((await ReadStreamAsync(Alice, Begin))!.Events);

        Alike.Equal(new StreamEvent(cursor, "ChatUpdated", Message: null, data), one);
    }

    [Fact]
    public async Task A_message_is_its_own_event()
    {
        var message = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(Pair.Id, Bob.Id) with { ClientMessageId = Guid.NewGuid() }));

        var one = Assert.Single((await ReadStreamAsync(Alice, Begin))!.Events);

        Alike.Equal(new StreamEvent(new Cursor(Begin.Epoch, message.Position), "NewMessage", message, default), one);
    }

    [Fact]
    public async Task Everyone_sees_the_chats_they_are_in_and_no_others()
    {
        await SayAsync(Pair, "pair", "m:pair");
        await SayAsync(Group, "m:group", "group");
        await SayAsync(Foreign, "foreign", "m:foreign");
        await SayAsync(Pair, "m:last");

        Assert.Equal("pair m:pair m:group group m:last", await TextAsync(Alice));
        Assert.Equal("pair m:pair m:group group foreign m:foreign m:last", await TextAsync(Bob));
        Assert.Equal("m:group group foreign m:foreign", await TextAsync(Carol));
        Assert.Equal("", await TextAsync(Sample.Account("dave")));
    }

    [Fact]
    public async Task What_happened_before_one_came_is_not_ones_own()
    {
        var late = Sample.Chat(ChatType.Group, Alice);
        await WriteAsync(async tx =>
        {
            await tx.AppendEventAsync(late.Id, "before");
            await tx.Chats.AddAsync(late);
            await tx.AppendEventAsync(late.Id, "after");
        });

        Assert.Equal("after", await TextAsync(Alice));
    }

    [Fact]
    public async Task Reading_goes_on_strictly_after_the_cursor()
    {
        var places = await SayAsync(Pair, "a", "m:b", "c");

        Assert.Equal("m:b c", await TextAsync(Alice, places[0]));
        Assert.Equal("c", await TextAsync(Alice, places[1]));
        Assert.Equal("", await TextAsync(Alice, places[2]));
    }

    [Theory]
    [InlineData(1, "a", true)]
    [InlineData(2, "a m:b", true)]
    [InlineData(3, "a m:b c", false)]
    [InlineData(100, "a m:b c", false)]
    public async Task A_page_has_at_most_as_many_as_asked_for_and_says_where_to_go_on(int limit, string expected, bool hasMore)
    {
        var places = await SayAsync(Pair, "a", "m:b", "c");
        await SayAsync(Foreign, "foreign");

        var page = (await ReadStreamAsync(Alice, Begin, limit))!;

        Assert.Equal(expected, Text(page));
        Assert.Equal(hasMore, page.HasMore);
        Assert.Equal(hasMore ? places[limit - 1] : await ReadAsync(tx => tx.Events.EndAsync()), page.Cursor);
    }

    [Fact]
    public async Task Messages_that_are_gone_are_left_out_and_what_is_behind_them_is_not()
    {
        await SayAsync(Pair, "a");
        var deleted = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(Pair.Id, Bob.Id)));
        await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(Pair.Id, Bob.Id) with { ExpiresAt = Sample.Now.AddSeconds(1) }));
        await SayAsync(Pair, "m:b");
        await Backend.BuryAsync(deleted.Id);

        var page = (await ReadAsync(tx => tx.Events.ReadAsync(Alice.Id, Begin, 2, Sample.Now.AddSeconds(1))))!;

        Assert.Equal("a m:b", Text(page));
        Assert.False(page.HasMore);
        Assert.Equal(3, (await ReadStreamAsync(Alice, Begin))!.Events.Count);
    }

    [Fact]
    public async Task A_whole_page_of_messages_that_are_gone_does_not_end_the_stream()
    {
        await WriteAsync(async tx =>
        {
            for (var i = 0; i < 50; i++)
            {
                await tx.AddMessageAsync(Sample.Message(Pair.Id, Bob.Id) with { ExpiresAt = Sample.Now });
            }
        });
        await SayAsync(Pair, "still there");

        var page = (await ReadStreamAsync(Alice, Begin, limit: 1))!;

        Assert.Equal("still there", Text(page));
        Assert.False(page.HasMore);
    }

    [Fact]
    public async Task What_is_gone_does_not_count_as_more()
    {
        await SayAsync(Pair, "a", "b");
        await WriteAsync(async tx =>
        {
            for (var i = 0; i < 3; i++)
            {
                await tx.AddMessageAsync(Sample.Message(Pair.Id, Bob.Id) with { ExpiresAt = Sample.Now });
            }
        });

        var page = (await ReadStreamAsync(Alice, Begin, limit: 2))!;

        Assert.Equal("a b", Text(page));
        Assert.False(page.HasMore);
        Assert.Equal(await ReadAsync(tx => tx.Events.EndAsync()), page.Cursor);
    }

    [Fact]
    public async Task A_cursor_of_another_database_or_from_beyond_the_end_is_not_served()
    {
        await SayAsync(Pair, "a");
        var end = await ReadAsync(tx => tx.Events.EndAsync());

        Assert.NotNull(await ReadStreamAsync(Alice, end));
        Assert.Null(await ReadStreamAsync(Alice, end with { Position = end.Position + 1 }));
        Assert.Null(await ReadStreamAsync(Alice, end with { Position = long.MaxValue }));
        Assert.Null(await ReadStreamAsync(Alice, end with { Epoch = end.Epoch + 1 }));
        Assert.Null(await ReadStreamAsync(Alice, new Cursor(Epoch: 0, Begin.Position)));
    }

    [Fact]
    public async Task A_place_that_was_undone_is_taken_by_the_next()
    {
        Cursor undone = default;
        await Database.WriteAsync<Done>(async tx =>
        {
            undone = await tx.AppendEventAsync(Pair.Id, "undone");
            return Errors.NotFound;
        });

        var places = await SayAsync(Pair, "kept");

        Assert.Equal(undone, places[0]);
        Assert.Equal("kept", await TextAsync(Alice));
    }

    private async Task<string> TextAsync(Account user, Cursor? since = null) => Text((await ReadStreamAsync(user, since ?? Begin))!);
}
