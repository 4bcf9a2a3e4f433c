using System.Globalization;
using System.Text;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IEventStore"/> promises: each user's own events, all of them, in order, from wherever they left off.</summary>
public abstract class EventStoreSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly Account _carol = Sample.Account("carol");
    private readonly Chat _pair;
    private readonly Chat _group;
    private readonly Chat _foreign;
    private Cursor _begin;

    protected EventStoreSpec()
    {
        _pair = Sample.Chat(ChatType.Direct, _alice, _bob);
        _group = Sample.Chat(ChatType.Group, _alice, _bob, _carol);
        _foreign = Sample.Chat(ChatType.Direct, _bob, _carol);
    }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _begin = await WriteAsync(async tx =>
        {
            foreach (var account in (Account[])[_alice, _bob, _carol])
            {
                await tx.Accounts.AddAsync(account);
            }
            foreach (var chat in (Chat[])[_pair, _group, _foreign])
            {
                await tx.Chats.AddAsync(chat);
            }
            return await tx.Events.EndAsync();
        });
    }

    [Fact]
    public async Task A_stream_in_which_nothing_happened_is_empty()
    {
        var page = (await ReadStreamAsync(_alice, _begin))!;

        Assert.Empty(page.Events);
        Assert.Equal(_begin, page.Cursor);
        Assert.False(page.HasMore);
    }

    [Fact]
    public async Task Messages_and_other_events_are_in_one_order()
    {
        await SayAsync(_pair, "a", "m:b", "c", "d", "m:e", "m:f");

        Assert.Equal("a m:b c d m:e m:f", await TextAsync(_alice));
    }

    [Fact]
    public async Task An_event_comes_back_as_it_was_appended()
    {
        byte[] data = [0x00, 0x7B, 0xFF, 0x27, 0x00];
        var cursor = await WriteAsync(tx => tx.Events.AppendAsync(_pair.Id, "ChatUpdated", data, Sample.Now));

        var one = Assert.Single((await ReadStreamAsync(_alice, _begin))!.Events);

        Alike.Equal(new StreamEvent(cursor, "ChatUpdated", Message: null, data), one);
    }

    [Fact]
    public async Task A_message_is_its_own_event()
    {
        var message = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(_pair.Id, _bob.Id) with { ClientMessageId = Guid.NewGuid() }));

        var one = Assert.Single((await ReadStreamAsync(_alice, _begin))!.Events);

        Alike.Equal(new StreamEvent(new Cursor(_begin.Epoch, message.Position), "NewMessage", message, default), one);
    }

    [Fact]
    public async Task Everyone_sees_the_chats_they_are_in_and_no_others()
    {
        await SayAsync(_pair, "pair", "m:pair");
        await SayAsync(_group, "m:group", "group");
        await SayAsync(_foreign, "foreign", "m:foreign");
        await SayAsync(_pair, "m:last");

        Assert.Equal("pair m:pair m:group group m:last", await TextAsync(_alice));
        Assert.Equal("pair m:pair m:group group foreign m:foreign m:last", await TextAsync(_bob));
        Assert.Equal("m:group group foreign m:foreign", await TextAsync(_carol));
        Assert.Equal("", await TextAsync(Sample.Account("dave")));
    }

    [Fact]
    public async Task What_happened_before_one_came_is_not_ones_own()
    {
        var late = Sample.Chat(ChatType.Group, _alice);
        await WriteAsync(async tx =>
        {
            await tx.AppendEventAsync(late.Id, "before");
            await tx.Chats.AddAsync(late);
            await tx.AppendEventAsync(late.Id, "after");
        });

        Assert.Equal("after", await TextAsync(_alice));
    }

    [Fact]
    public async Task Reading_goes_on_strictly_after_the_cursor()
    {
        var places = await SayAsync(_pair, "a", "m:b", "c");

        Assert.Equal("m:b c", await TextAsync(_alice, places[0]));
        Assert.Equal("c", await TextAsync(_alice, places[1]));
        Assert.Equal("", await TextAsync(_alice, places[2]));
    }

    [Theory]
    [InlineData(1, "a", true)]
    [InlineData(2, "a m:b", true)]
    [InlineData(3, "a m:b c", false)]
    [InlineData(100, "a m:b c", false)]
    public async Task A_page_has_at_most_as_many_as_asked_for_and_says_where_to_go_on(int limit, string expected, bool hasMore)
    {
        var places = await SayAsync(_pair, "a", "m:b", "c");
        await SayAsync(_foreign, "foreign");

        var page = (await ReadStreamAsync(_alice, _begin, limit))!;

        Assert.Equal(expected, Text(page));
        Assert.Equal(hasMore, page.HasMore);
        Assert.Equal(hasMore ? places[limit - 1] : await ReadAsync(tx => tx.Events.EndAsync()), page.Cursor);
    }

    [Fact]
    public async Task Messages_that_are_gone_are_left_out_and_what_is_behind_them_is_not()
    {
        await SayAsync(_pair, "a");
        var deleted = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(_pair.Id, _bob.Id)));
        await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(_pair.Id, _bob.Id) with { ExpiresAt = Sample.Now.AddSeconds(1) }));
        await SayAsync(_pair, "m:b");
        await Backend.BuryAsync(deleted.Id);

        var page = (await ReadAsync(tx => tx.Events.ReadAsync(_alice.Id, _begin, 2, Sample.Now.AddSeconds(1))))!;

        Assert.Equal("a m:b", Text(page));
        Assert.False(page.HasMore);
        Assert.Equal(3, (await ReadStreamAsync(_alice, _begin))!.Events.Count);
    }

    [Fact]
    public async Task A_whole_page_of_messages_that_are_gone_does_not_end_the_stream()
    {
        await WriteAsync(async tx =>
        {
            for (var i = 0; i < 50; i++)
            {
                await tx.AddMessageAsync(Sample.Message(_pair.Id, _bob.Id) with { ExpiresAt = Sample.Now });
            }
        });
        await SayAsync(_pair, "still there");

        var page = (await ReadStreamAsync(_alice, _begin, limit: 1))!;

        Assert.Equal("still there", Text(page));
        Assert.False(page.HasMore);
    }

    [Fact]
    public async Task What_is_gone_does_not_count_as_more()
    {
        await SayAsync(_pair, "a", "b");
        await WriteAsync(async tx =>
        {
            for (var i = 0; i < 3; i++)
            {
                await tx.AddMessageAsync(Sample.Message(_pair.Id, _bob.Id) with { ExpiresAt = Sample.Now });
            }
        });

        var page = (await ReadStreamAsync(_alice, _begin, limit: 2))!;

        Assert.Equal("a b", Text(page));
        Assert.False(page.HasMore);
        Assert.Equal(await ReadAsync(tx => tx.Events.EndAsync()), page.Cursor);
    }

    [Fact]
    public async Task A_cursor_of_another_database_or_from_beyond_the_end_is_not_served()
    {
        await SayAsync(_pair, "a");
        var end = await ReadAsync(tx => tx.Events.EndAsync());

        Assert.NotNull(await ReadStreamAsync(_alice, end));
        Assert.Null(await ReadStreamAsync(_alice, end with { Position = end.Position + 1 }));
        Assert.Null(await ReadStreamAsync(_alice, end with { Position = long.MaxValue }));
        Assert.Null(await ReadStreamAsync(_alice, end with { Epoch = end.Epoch + 1 }));
        Assert.Null(await ReadStreamAsync(_alice, new Cursor(Epoch: 0, _begin.Position)));
    }

    [Fact]
    public async Task A_place_that_was_undone_is_taken_by_the_next()
    {
        Cursor undone = default;
        await Database.WriteAsync<Done>(async tx =>
        {
            undone = await tx.AppendEventAsync(_pair.Id, "undone");
            return Errors.NotFound;
        });

        var places = await SayAsync(_pair, "kept");

        Assert.Equal(undone, places[0]);
        Assert.Equal("kept", await TextAsync(_alice));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task Paging_through_gives_what_one_large_page_gives(int limit)
    {
        await WriteAsync(async tx =>
        {
            for (var i = 0; i < 300; i++)
            {
                await MixAsync(tx, i);
            }
        });
        var all = (await ReadStreamAsync(_alice, _begin, limit: 1000))!;
        var seen = new List<string>();
        var cursor = _begin;
        EventPage page;
        do
        {
            page = (await ReadStreamAsync(_alice, cursor, limit))!;
            Assert.True(page.Events.Count <= limit && (page.Events.Count == limit || !page.HasMore), $"A page of {page.Events.Count} says that there are more: {page.HasMore}.");
            seen.AddRange(page.Events.Select(Name));
            cursor = page.Cursor;
        }
        while (page.HasMore);

        Assert.NotEmpty(seen);
        Assert.Equal(all.Events.Select(Name), seen);
        Assert.Equal(all.Cursor, cursor);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    public async Task Events_that_are_far_apart_are_found_over_everything_between(int limit)
    {
        await SayAsync(_pair, "first");
        await ForeignAsync(25_000);
        await SayAsync(_pair, "m:second", "third");
        await ForeignAsync(9_000);
        await SayAsync(_pair, "m:last");
        await ForeignAsync(5_000);
        var seen = new List<string>();
        var cursor = _begin;
        EventPage page;
        do
        {
            page = (await ReadStreamAsync(_alice, cursor, limit))!;
            seen.Add(Text(page));
            cursor = page.Cursor;
        }
        while (page.HasMore);

        Assert.Equal("first m:second third m:last", string.Join(' ', seen));
        Assert.Equal((4 + limit - 1) / limit, seen.Count);
        Assert.Equal(await ReadAsync(tx => tx.Events.EndAsync()), cursor);
    }

    [Fact]
    public async Task Who_follows_the_stream_while_others_write_misses_nothing_and_sees_nothing_twice()
    {
        const int writers = 8;
        const int each = 50;
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await SayAsync(writer % 2 == 0 ? _pair : _foreign, string.Create(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? "m:" : "")}{writer}/{i}"));
            }
        })));
        var seen = new List<StreamEvent>();
        var cursor = _begin;
        for (var isOver = false; !isOver;)
        {
            isOver = writing.IsCompleted;
            EventPage page;
            do
            {
                page = (await ReadStreamAsync(_alice, cursor, limit: 3))!;
                seen.AddRange(page.Events);
                cursor = page.Cursor;
            }
            while (page.HasMore);
        }
        await writing.Within("the writers");

        Assert.Equal(writers / 2 * each, seen.Count);
        Assert.Equal(seen.Select(one => one.Cursor.Position).Order().Distinct(), seen.Select(one => one.Cursor.Position));
        Assert.Equal((await ReadStreamAsync(_alice, _begin, limit: 1000))!.Events.Select(Name), seen.Select(Name));
    }

    /// <summary>Appends to a chat: a message where the name begins with <c>m:</c>, else another event.</summary>
    private Task<List<Cursor>> SayAsync(Chat chat, params string[] names) => WriteAsync(async tx =>
    {
        var places = new List<Cursor>();
        foreach (var name in names)
        {
            places.Add(name.StartsWith("m:", StringComparison.Ordinal)
                ? await tx.Messages.AddAsync(Sample.Message(chat.Id, _bob.Id, Encoding.UTF8.GetBytes(name)))
                : await tx.AppendEventAsync(chat.Id, name));
        }
        return places;
    });

    /// <summary>One of everything, over and over: own and foreign, messages and others, gone and here.</summary>
    private async ValueTask MixAsync(ITransaction tx, int i)
    {
        var chat = (i % 5) switch { 0 => _foreign, 1 or 2 => _group, _ => _pair };
        if (i % 3 == 0)
        {
            await tx.AppendEventAsync(chat.Id, string.Create(CultureInfo.InvariantCulture, $"{i}"));
            return;
        }
        var message = Sample.Message(chat.Id, _bob.Id, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"m:{i}")));
        await tx.AddMessageAsync(i % 7 == 0 ? message with { ExpiresAt = Sample.Now } : message);
    }

    private Task ForeignAsync(int count) => WriteAsync(async tx =>
    {
        for (var i = 0; i < count; i++)
        {
            await tx.AppendEventAsync(_foreign.Id);
        }
    });

    private Task<EventPage?> ReadStreamAsync(Account user, Cursor since, int limit = 100) =>
        ReadAsync(tx => tx.Events.ReadAsync(user.Id, since, limit, Sample.Now));

    private async Task<string> TextAsync(Account user, Cursor? since = null) => Text((await ReadStreamAsync(user, since ?? _begin))!);

    private static string Text(EventPage page) => string.Join(' ', page.Events.Select(Name));

    private static string Name(StreamEvent one) => Encoding.UTF8.GetString(one.Message is { } message ? message.Payload : one.Data.Span);
}
