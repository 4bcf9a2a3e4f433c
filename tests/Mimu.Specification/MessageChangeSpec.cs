using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Messages;
using Xunit;

namespace Mimu.Specification;

/// <summary>What the stores promise of messages that change and go, and of what the stream tells of them.</summary>
public abstract class MessageChangeSpec : EventStreamSpec
{
    [Fact]
    public async Task A_message_is_found_by_its_id_whole_until_it_is_erased()
    {
        var message = await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { ClientMessageId = Guid.NewGuid(), ExpiresAt = Sample.Now.AddSeconds(1) });

        Alike.Equal(message, await FindAsync(message));
        Assert.Null(await ReadAsync(tx => tx.Messages.FindAsync(Ids.NewMessageId(Sample.Now))));
    }

    [Fact]
    public async Task An_edit_changes_what_a_message_says_and_when_it_did_and_nothing_else()
    {
        var message = await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { ClientMessageId = Guid.NewGuid(), ReplyTo = Ids.NewMessageId(Sample.Now) });
        var other = await AddAsync(Sample.Message(Pair.Id, Bob.Id));

        foreach (var payload in (byte[][])[[9], new byte[20_000], [7, 7]])
        {
            var edited = message with { Payload = payload, EditedAt = Sample.Now.AddSeconds(payload.Length) };
            await EditAsync(edited);

            Alike.Equal(edited, await FindAsync(message));
            Alike.Equal(other, await FindAsync(other));
            Alike.Equal((Message[])[edited, other], (await ListAsync(Pair)).Messages);
        }
    }

    [Fact]
    public async Task A_tombstone_says_nothing_and_has_its_place_its_sender_and_its_client_message_id()
    {
        var own = Guid.NewGuid();
        var message = await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { ClientMessageId = own });
        var other = await AddAsync(Sample.Message(Pair.Id, Bob.Id));

        await WriteAsync(tx => tx.Messages.EraseAsync(message.Id));

        var tombstone = message with { Payload = [], IsDeleted = true };
        Alike.Equal(tombstone, await FindAsync(message));
        Alike.Equal(tombstone, await ReadAsync(tx => tx.Messages.FindSentAsync(Bob.Id, own)));
        Assert.Equal(message.Position, await ReadAsync(tx => tx.Messages.FindPositionAsync(Pair.Id, message.Id)));
        Assert.Equal([other.Id], (await ListAsync(Pair)).Messages.Select(one => one.Id));
    }

    [Fact]
    public async Task Of_expired_messages_those_that_are_due_are_erased_as_many_as_allowed_and_once()
    {
        var due = new List<Message>();
        for (var i = 0; i < 5; i++)
        {
            due.Add(await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { ExpiresAt = Sample.Now.AddSeconds(-i) }));
        }
        var deleted = await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { ExpiresAt = Sample.Now });
        var later = await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { ExpiresAt = Sample.Now.AddMilliseconds(1) });
        var never = await AddAsync(Sample.Message(Pair.Id, Bob.Id));
        await WriteAsync(tx => tx.Messages.EraseAsync(deleted.Id));

        Assert.Equal(2, await WriteAsync(tx => tx.Messages.EraseExpiredAsync(Sample.Now, 2)));
        Assert.Equal(3, await WriteAsync(tx => tx.Messages.EraseExpiredAsync(Sample.Now, 5)));
        Assert.Equal(0, await WriteAsync(tx => tx.Messages.EraseExpiredAsync(Sample.Now, 5)));

        foreach (var message in due)
        {
            Alike.Equal(message with { Payload = [], IsDeleted = true }, await FindAsync(message));
        }
        Alike.Equal(later, await FindAsync(later));
        Alike.Equal(never, await FindAsync(never));
    }

    [Fact]
    public async Task Messages_of_before_a_time_are_removed_the_oldest_first_and_leave_nothing()
    {
        var sent = new List<Message>();
        for (var i = 0; i < 6; i++)
        {
            sent.Add(await AddAsync(Sample.Message(i % 2 == 0 ? Pair.Id : Group.Id, Bob.Id) with { CreatedAt = Sample.Now.AddSeconds(i), ClientMessageId = Guid.NewGuid() }));
        }
        await WriteAsync(tx => tx.Messages.EraseAsync(sent[1].Id));
        var before = Sample.Now.AddSeconds(4);

        Assert.Equal(0, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(Sample.Now, 10)));
        Assert.Equal(3, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(before, 3)));
        Assert.Null(await FindAsync(sent[2]));
        Assert.NotNull(await FindAsync(sent[3]));
        Assert.Equal(1, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(before, 3)));
        Assert.Equal(0, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(before, 3)));

        Assert.Null(await FindAsync(sent[3]));
        Assert.Null(await ReadAsync(tx => tx.Messages.FindPositionAsync(Pair.Id, sent[0].Id)));
        Assert.Null(await ReadAsync(tx => tx.Messages.FindSentAsync(Bob.Id, sent[0].ClientMessageId!.Value)));
        Assert.Equal([sent[4].Id], (await ListAsync(Pair)).Messages.Select(one => one.Id));
        Assert.Equal([sent[5].Id], (await ListAsync(Group)).Messages.Select(one => one.Id));
        Assert.Equal([sent[4].Id, sent[5].Id], (await ReadStreamAsync(Alice, Begin))!.Events.Select(one => one.Message!.Id));
    }

    [Fact]
    public async Task A_chat_stays_where_its_messages_have_put_it_when_they_are_removed()
    {
        await AddAsync(Sample.Message(Group.Id, Bob.Id) with { CreatedAt = Sample.Now.AddSeconds(1) });
        await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { CreatedAt = Sample.Now.AddSeconds(2) });
        await AddAsync(Sample.Message(Group.Id, Bob.Id) with { CreatedAt = Sample.Now.AddSeconds(9) });
        await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { CreatedAt = Sample.Now.AddSeconds(8) });
        var before = await ListChatsAsync();
        Assert.Equal([(Pair.Id, Sample.Now.AddSeconds(8)), (Group.Id, Sample.Now.AddSeconds(9))], before);

        Assert.Equal(3, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(Sample.Now.AddHours(1), 3)));
        Assert.Equal(before, await ListChatsAsync());
        Assert.Equal(1, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(Sample.Now.AddHours(1), 3)));
        Assert.Equal(before, await ListChatsAsync());

        async Task<IEnumerable<(ChatId, DateTimeOffset)>> ListChatsAsync() =>
            (await ReadAsync(tx => tx.Chats.PageAsync(Alice.Id, before: null, 10, Sample.Now)))!.Chats.Select(view => (view.Chat.Id, view.Chat.UpdatedAt)).ToList();
    }

    [Fact]
    public async Task The_stream_tells_of_an_edit_what_the_message_says_by_now()
    {
        var message = await AddAsync(Sample.Message(Pair.Id, Bob.Id, 1));
        await EditAsync(message with { Payload = [2], EditedAt = Sample.Now });
        await SayAsync(Pair, "between");
        var last = message with { Payload = [3], EditedAt = Sample.Now.AddSeconds(1) };
        await EditAsync(last);

        var events = (await ReadStreamAsync(Alice, Begin))!.Events;

        Assert.Equal(["NewMessage", "MessageEdited", "ChatCreated", "MessageEdited"], events.Select(one => one.Type));
        Assert.All(events.Where(one => one.Type != "ChatCreated"), one => Alike.Equal(last, one.Message));
        Assert.Equal(4, events.Select(one => one.Cursor.Position).Distinct().Count());
        Assert.Equal("MessageEdited", Assert.Single((await ReadStreamAsync(Alice, events[2].Cursor))!.Events).Type);
    }

    [Fact]
    public async Task The_stream_leaves_out_the_edits_of_what_is_gone_and_goes_on_behind_them()
    {
        var deleted = await AddAsync(Sample.Message(Pair.Id, Bob.Id));
        var expired = await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { ExpiresAt = Sample.Now });
        var removed = await AddAsync(Sample.Message(Pair.Id, Bob.Id) with { CreatedAt = Sample.Now.AddDays(-1) });
        foreach (var message in (Message[])[deleted, expired, removed])
        {
            await EditAsync(message with { Payload = [2] });
        }
        await SayAsync(Pair, "last");
        await WriteAsync(tx => tx.Messages.EraseAsync(deleted.Id));
        Assert.Equal(0, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(Sample.Now, 1)));
        Assert.Equal(1, await WriteAsync(tx => tx.Messages.RemoveOlderAsync(Sample.Now, 3)));

        var page = (await ReadStreamAsync(Alice, Begin, limit: 1))!;

        Assert.Equal("last", Text(page));
        Assert.False(page.HasMore);
    }

    [Fact]
    public async Task An_edit_is_told_to_those_who_see_its_message_and_not_to_who_came_later()
    {
        var late = Sample.Account("late");
        var message = await AddAsync(Sample.Message(Group.Id, Bob.Id));
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(late);
            await tx.Chats.AddParticipantAsync(Group.Id, late.Id, Sample.Now);
        });
        var after = await AddAsync(Sample.Message(Group.Id, Bob.Id));
        await EditAsync(message with { Payload = [2] });
        await EditAsync(after with { Payload = [2] });

        Assert.Equal([after.Id, after.Id], (await ReadStreamAsync(late, Begin))!.Events.Select(one => one.Message!.Id));
        Assert.Equal([message.Id, after.Id, message.Id, after.Id], (await ReadStreamAsync(Carol, Begin))!.Events.Select(one => one.Message!.Id));
        Assert.Equal(new HashSet<UserId> { Alice.Id, Bob.Id, Carol.Id }, (await ReadAsync(tx => tx.Chats.ListViewersAsync(Group.Id, message.Position))).ToHashSet());
    }

    [Fact]
    public async Task Who_has_left_is_not_given_what_was_written_into_a_message_afterwards()
    {
        var message = await AddAsync(Sample.Message(Group.Id, Bob.Id, 1));
        var untouched = await AddAsync(Sample.Message(Group.Id, Bob.Id, 1));
        await WriteAsync(async tx =>
        {
            await tx.Chats.RemoveParticipantAsync(Group.Id, Carol.Id);
            await tx.Chats.EndViewAsync(Group.Id, Carol.Id);
        });
        await EditAsync(message with { Payload = [2] });

        Assert.Equal([untouched.Id], (await ReadStreamAsync(Carol, Begin))!.Events.Select(one => one.Message!.Id));
        Assert.Equal(3, (await ReadStreamAsync(Alice, Begin))!.Events.Count);
    }

    [Fact]
    public async Task What_is_gone_is_nobodys_last_message_and_not_unread()
    {
        var first = await AddAsync(Sample.Message(Pair.Id, Bob.Id));
        var second = await AddAsync(Sample.Message(Pair.Id, Bob.Id));
        await AssertViewAsync(second, unread: 2);
        await WriteAsync(tx => tx.Messages.EraseAsync(second.Id));
        await AssertViewAsync(first, unread: 1);
        await WriteAsync(tx => tx.Messages.EraseAsync(first.Id));
        await AssertViewAsync(last: null, unread: 0);

        async Task AssertViewAsync(Message? last, long unread)
        {
            var view = (await ReadAsync(tx => tx.Chats.ViewAsync(Pair.Id, Alice.Id, Sample.Now)))!;
            Assert.Equal(last?.Id, view.LastMessage?.Id);
            Assert.Equal(unread, view.UnreadCount);
        }
    }

    private Task<Message> AddAsync(Message message) => WriteAsync(tx => tx.AddMessageAsync(message));

    private Task EditAsync(Message edited) => WriteAsync(async tx =>
    {
        var cursor = await tx.Events.AppendEditAsync(edited, Sample.Now);
        await tx.Messages.EditAsync(edited, cursor.Position);
    });

    private Task<Message?> FindAsync(Message message) => ReadAsync(tx => tx.Messages.FindAsync(message.Id));

    private Task<MessagePage> ListAsync(Chat chat) =>
        ReadAsync(tx => tx.Messages.ListAsync(chat.Id, new MessageRange(After: 0, Before: long.MaxValue, OldestFirst: true, Limit: 100), Sample.Now));
}
