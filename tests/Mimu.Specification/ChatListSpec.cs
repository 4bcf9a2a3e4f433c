using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IChatStore.PageAsync"/> promises: whoever goes through a list gets each chat that was there when it began, once, however much happens meanwhile.</summary>
public abstract class ChatListSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly Dictionary<ChatId, string> _names = [];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Accounts.AddAsync(_bob);
        });
    }

    [Fact]
    public async Task Who_is_in_no_chat_has_an_empty_list()
    {
        await OpenAsync("foreign", _bob);

        var page = (await PageAsync(before: null, limit: 10))!;

        Assert.Empty(page.Chats);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task The_last_to_be_active_stands_first_whatever_its_time_says()
    {
        var (a, b, _) = (await OpenAsync("a", _alice, _bob), await OpenAsync("b", _alice, _bob), await OpenAsync("c", _alice));
        Assert.Equal("c b a", await ListAsync());

        await WriteAsync(tx => SayAsync(tx, a));
        Assert.Equal("a c b", await ListAsync());
        await WriteAsync(tx => MoveAsync(tx, b, Sample.Now.AddHours(-1)));
        Assert.Equal("b a c", await ListAsync());
    }

    [Fact]
    public async Task A_chat_is_listed_as_it_is_seen()
    {
        var chat = await OpenAsync("a", _alice, _bob);
        await WriteAsync(tx => SayAsync(tx, chat, _bob));
        await WriteAsync(tx => tx.Chats.ChangeAsync(chat, [1, 2], 60));

        var listed = Assert.Single((await PageAsync(before: null, limit: 1))!.Chats);

        Alike.Equal(await ReadAsync(tx => tx.Chats.ViewAsync(chat, _alice.Id, Sample.Now)), listed);
        Assert.Equal(1, listed.UnreadCount);
    }

    [Theory]
    [InlineData(1, "c|b|a")]
    [InlineData(2, "c b|a")]
    [InlineData(3, "c b a")]
    [InlineData(4, "c b a")]
    public async Task A_page_goes_on_where_the_one_before_it_ended(int limit, string expected)
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            await OpenAsync(name, _alice);
        }

        Assert.Equal(expected, await WalkAsync(limit, between: _ => Task.CompletedTask));
    }

    [Fact]
    public async Task Chats_that_move_meanwhile_neither_hide_nor_come_twice()
    {
        var chats = new List<ChatId>();
        foreach (var name in (string[])["a", "b", "c", "d", "e", "f"])
        {
            chats.Add(await OpenAsync(name, _alice, _bob));
        }

        var walked = await WalkAsync(limit: 2, between: page => WriteAsync(async tx =>
        {
            // One that was listed and one that was not, by messages and by other events.
            await SayAsync(tx, chats[5 - page]);
            await SayAsync(tx, chats[page - 1]);
            await MoveAsync(tx, chats[page - 1], Sample.Now);
            await MoveAsync(tx, chats[4 - page], Sample.Now);
        }));

        Assert.Equal("f e|d c|b a", walked);
    }

    [Fact]
    public async Task Chats_that_were_not_there_when_the_list_began_are_not_in_it()
    {
        var foreign = await OpenAsync("foreign", _bob);
        await OpenAsync("a", _alice);
        await OpenAsync("b", _alice);

        var walked = await WalkAsync(limit: 1, between: page => page > 1 ? Task.CompletedTask : WriteAsync(async tx =>
        {
            var later = await tx.AddChatAsync(ChatType.Group, _alice);
            await MoveAsync(tx, later.Id, Sample.Now);
            await MoveAsync(tx, foreign, Sample.Now);
            await tx.Chats.AddParticipantAsync(foreign, _alice.Id, Sample.Now);
            await SayAsync(tx, foreign, _bob);
        }));

        Assert.Equal("b|a", walked);
        Assert.Equal(4, (await PageAsync(before: null, limit: 10))!.Chats.Count);
    }

    [Fact]
    public async Task A_chat_that_is_left_meanwhile_is_gone_and_the_others_are_all_there()
    {
        await OpenAsync("a", _alice);
        var b = await OpenAsync("b", _alice, _bob);
        var c = await OpenAsync("c", _alice, _bob);
        await OpenAsync("d", _alice);

        var walked = await WalkAsync(limit: 1, between: page => WriteAsync(async tx =>
        {
            // The one at which the list stands, and one that is still to come.
            await tx.Chats.RemoveParticipantAsync(page == 2 ? c : b, _alice.Id);
            await tx.Chats.EndViewAsync(page == 2 ? c : b, _alice.Id);
            await MoveAsync(tx, page == 2 ? c : b, Sample.Now);
        }));

        Assert.Equal("d|c|a", walked);
    }

    [Fact]
    public async Task Edits_deletions_and_reading_move_nothing()
    {
        var a = await OpenAsync("a", _alice, _bob);
        var message = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(a, _bob.Id)));
        await WriteAsync(tx => tx.Chats.TouchAsync(a, Sample.Now, message.Position));
        var b = await OpenAsync("b", _alice, _bob);
        await OpenAsync("c", _alice);

        var walked = await WalkAsync(limit: 1, between: page => page > 1 ? Task.CompletedTask : WriteAsync(tx => MoveAsync(tx, b, Sample.Now)));
        Assert.Equal("c|b|a", walked);
        await WriteAsync(async tx =>
        {
            await tx.Events.AppendEditAsync(message, Sample.Now);
            await tx.Events.AppendAsync(a, nameof(MessageDeleted), "{}"u8.ToArray(), Sample.Now);
            await tx.Events.AppendAsync(a, nameof(MessageRead), "{}"u8.ToArray(), Sample.Now);
        });
        Assert.Equal("b|c|a", await WalkAsync(limit: 1, between: page => WriteAsync(tx => SayAsync(tx, a))));
    }

    [Fact]
    public async Task A_cursor_of_another_database_or_from_beyond_the_end_is_not_served()
    {
        await OpenAsync("a", _alice);
        await OpenAsync("b", _alice);
        var next = (await PageAsync(before: null, limit: 1))!.Next!.Value;

        Assert.NotNull(await PageAsync(next, limit: 1));
        Assert.Null(await PageAsync(next with { Epoch = next.Epoch + 1 }, limit: 1));
        Assert.Null(await PageAsync(next with { Snapshot = next.Snapshot + 1 }, limit: 1));
        Assert.Null(await PageAsync(next with { Snapshot = long.MaxValue }, limit: 1));
    }

    [Fact]
    public async Task A_cursor_is_the_same_after_its_text()
    {
        await OpenAsync("a", _alice);
        await OpenAsync("b", _alice);
        var next = (await PageAsync(before: null, limit: 1))!.Next!.Value;

        Assert.True(ChatListCursor.TryParse(next.ToString(), out var parsed));

        Assert.Equal(next, parsed);
    }

    /// <summary>A group that its opening moved to the top, as the rules have it.</summary>
    private async Task<ChatId> OpenAsync(string name, params Account[] people)
    {
        var chat = await WriteAsync(async tx =>
        {
            var added = await tx.AddChatAsync(ChatType.Group, people);
            await MoveAsync(tx, added.Id, Sample.Now);
            return added.Id;
        });
        _names[chat] = name;
        return chat;
    }

    private static async ValueTask MoveAsync(ITransaction tx, ChatId chat, DateTimeOffset now) =>
        await tx.Chats.TouchAsync(chat, now, (await tx.Events.AppendAsync(chat, nameof(ChatUpdated), "{}"u8.ToArray(), now)).Position);

    private async ValueTask SayAsync(ITransaction tx, ChatId chat, Account? sender = null) =>
        await tx.Chats.TouchAsync(chat, Sample.Now, (await tx.AddMessageAsync(Sample.Message(chat, (sender ?? _alice).Id))).Position);

    private Task<ChatPage?> PageAsync(ChatListCursor? before, int limit) => ReadAsync(tx => tx.Chats.PageAsync(_alice.Id, before, limit, Sample.Now));

    private async Task<string> ListAsync() => Text((await PageAsync(before: null, limit: 100))!);

    /// <summary>The names of all pages; after each but the last, something happens.</summary>
    private async Task<string> WalkAsync(int limit, Func<int, Task> between)
    {
        var pages = new List<string>();
        ChatListCursor? next = null;
        do
        {
            if (pages.Count > 0)
            {
                await between(pages.Count);
            }
            var page = (await PageAsync(next, limit))!;
            pages.Add(Text(page));
            next = page.Next;
        }
        while (next is not null);
        return string.Join('|', pages);
    }

    private string Text(ChatPage page) => string.Join(' ', page.Chats.Select(view => _names.GetValueOrDefault(view.Chat.Id, "?")));
}
