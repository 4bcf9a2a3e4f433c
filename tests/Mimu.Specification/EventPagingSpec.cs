using System.Globalization;
using System.Text;
using Mimu.Core.Events;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IEventStore"/> promises to those who read on and on: every event once, whatever lies between.</summary>
public abstract class EventPagingSpec : EventStreamSpec
{
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
        var all = (await ReadStreamAsync(Alice, Begin, limit: 1000))!;
        var seen = new List<string>();
        var cursor = Begin;
        EventPage page;
        do
        {
            page = (await ReadStreamAsync(Alice, cursor, limit))!;
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
        await SayAsync(Pair, "first");
        await ForeignAsync(25_000);
        await SayAsync(Pair, "m:second", "third");
        await ForeignAsync(9_000);
        await SayAsync(Pair, "m:last");
        await ForeignAsync(5_000);
        var seen = new List<string>();
        var cursor = Begin;
        EventPage page;
        do
        {
            page = (await ReadStreamAsync(Alice, cursor, limit))!;
            seen.Add(Text(page));
            cursor = page.Cursor;
        }
        while (page.HasMore);

        Assert.Equal("first m:second third m:last", string.Join(' ', seen));
        Assert.Equal((4 + limit - 1) / limit, seen.Count);
        Assert.Equal(await ReadAsync(tx => tx.Events.EndAsync()), cursor);
    }

    [Fact]
    public async Task A_page_of_large_messages_ends_early_and_nothing_is_lost()
    {
        var sent = await WriteAsync(async tx =>
        {
            var messages = new List<string>();
            for (var i = 0; i < 12; i++)
            {
                messages.Add((await tx.AddMessageAsync(Sample.Message(Pair.Id, Bob.Id, new byte[256 * 1024]))).Id.ToString());
            }
            return messages;
        });
        var seen = new List<string>();
        var cursor = Begin;
        EventPage page;
        do
        {
            page = (await ReadStreamAsync(Alice, cursor, limit: 100))!;
            Assert.InRange(page.Events.Sum(one => one.Message!.Payload.Length), 1, 1024 * 1024);
            seen.AddRange(page.Events.Select(one => one.Message!.Id.ToString()));
            cursor = page.Cursor;
        }
        while (page.HasMore);

        Assert.Equal(sent, seen);
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
                await SayAsync(writer % 2 == 0 ? Pair : Foreign, string.Create(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? "m:" : "")}{writer}/{i}"));
            }
        })));
        var seen = new List<StreamEvent>();
        var cursor = Begin;
        for (var isOver = false; !isOver;)
        {
            isOver = writing.IsCompleted;
            EventPage page;
            do
            {
                page = (await ReadStreamAsync(Alice, cursor, limit: 3))!;
                seen.AddRange(page.Events);
                cursor = page.Cursor;
            }
            while (page.HasMore);
        }
        await writing.Within("the writers");

        Assert.Equal(writers / 2 * each, seen.Count);
        Assert.Equal(seen.Select(one => one.Cursor.Position).Order().Distinct(), seen.Select(one => one.Cursor.Position));
        Assert.Equal((await ReadStreamAsync(Alice, Begin, limit: 1000))!.Events.Select(Name), seen.Select(Name));
    }

    /// <summary>One of everything, over and over: own and foreign, messages and others, gone and here.</summary>
    private async ValueTask MixAsync(ITransaction tx, int i)
    {
        var chat = (i % 5) switch { 0 => Foreign, 1 or 2 => Group, _ => Pair };
        if (i % 3 == 0)
        {
            await tx.AppendEventAsync(chat.Id, string.Create(CultureInfo.InvariantCulture, $"{i}"));
            return;
        }
        var message = Sample.Message(chat.Id, Bob.Id, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"m:{i}")));
        await tx.AddMessageAsync(i % 7 == 0 ? message with { ExpiresAt = Sample.Now } : message);
    }

    private Task ForeignAsync(int count) => WriteAsync(async tx =>
    {
        for (var i = 0; i < count; i++)
        {
            await tx.AppendEventAsync(Foreign.Id);
        }
    });
}
