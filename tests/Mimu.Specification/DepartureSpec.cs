using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Xunit;

namespace Mimu.Specification;

/// <summary>What the stores promise of who goes: from a chat (<see cref="IChatStore"/>), from the stream, and altogether.</summary>
public abstract class DepartureSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly Account _carol = Sample.Account("carol");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            foreach (var account in (Account[])[_alice, _bob, _carol])
            {
                await tx.Accounts.AddAsync(account);
            }
        });
    }

    [Fact]
    public async Task Who_is_removed_is_in_it_no_more_and_sees_what_was_before()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Group, _alice, _bob));
        var start = await ReadAsync(tx => tx.Events.EndAsync());
        var before = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id)));

        Assert.Equal(new RemovedParticipant(ParticipantRole.Admin, 2), await RemoveAsync(chat, _alice));
        Assert.Null(await RemoveAsync(chat, _alice));
        await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id)));

        Assert.Null(await ReadAsync(tx => tx.Chats.FindMembershipAsync(chat.Id, _alice.Id)));
        Assert.Equal(2, (await ReadAsync(tx => tx.Chats.FindMembershipAsync(chat.Id, _bob.Id)))!.MembershipVersion);
        Assert.Equal(before.Id, Assert.Single((await ReadAsync(tx => tx.Events.ReadAsync(_alice.Id, start, 10, Sample.Now)))!.Events).Message?.Id);
        Assert.Equal(2, (await ReadAsync(tx => tx.Events.ReadAsync(_bob.Id, start, 10, Sample.Now)))!.Events.Count);
    }

    [Fact]
    public async Task A_group_without_an_admin_gets_one_and_no_other_chat_does()
    {
        var group = await WriteAsync(tx => tx.AddChatAsync(ChatType.Group, _alice, _bob, _carol));
        var direct = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _bob, _carol));
        Assert.Null(await WriteAsync(tx => tx.Chats.AppointAdminAsync(group.Id)));
        await RemoveAsync(group, _alice);
        var heir = await WriteAsync(tx => tx.Chats.AppointAdminAsync(group.Id));
        Assert.Contains(heir!.Value, new[] { _bob.Id, _carol.Id });
        Assert.Null(await WriteAsync(tx => tx.Chats.AppointAdminAsync(group.Id)));
        Assert.Null(await WriteAsync(tx => tx.Chats.AppointAdminAsync(direct.Id)));
        Assert.Equal(heir, (await ReadAsync(tx => tx.Chats.ViewAsync(group.Id, _bob.Id, Sample.Now)))!.Chat.Participants.Single(one => one.Role is ParticipantRole.Admin).UserId);
    }

    [Fact]
    public async Task A_direct_chat_is_read_only_for_who_is_blocked_and_for_who_is_left()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));
        Assert.False(await IsReadOnlyAsync(_alice));
        await WriteAsync(tx => tx.Blocks.AddAsync(_bob.Id, _alice.Id, Sample.Now));
        Assert.True(await IsReadOnlyAsync(_alice));
        Assert.False(await IsReadOnlyAsync(_bob));
        await RemoveAsync(chat, _alice);
        Assert.True(await IsReadOnlyAsync(_bob));
        Assert.Equal(chat.Id, await ReadAsync(tx => tx.Chats.FindDirectAsync(_alice.Id, _bob.Id)));

        async Task<bool> IsReadOnlyAsync(Account who) => (await ReadAsync(tx => tx.Chats.FindMembershipAsync(chat.Id, who.Id)))!.IsReadOnly;
    }

    [Fact]
    public async Task Contacts_are_told_once_however_many_chats_are_shared()
    {
        var chats = await WriteAsync<Chat[]>(async tx => [await tx.AddChatAsync(ChatType.Direct, _alice, _bob), await tx.AddChatAsync(ChatType.Group, _bob, _alice)]);
        Assert.Equal([_bob.Id], await ReadAsync(tx => tx.Chats.ListContactsAsync(_alice.Id)));
        Assert.Empty(await ReadAsync(tx => tx.Chats.ListContactsAsync(_carol.Id)));
        Assert.Equal(chats.Select(chat => chat.Id).ToHashSet(), (await ReadAsync(tx => tx.Chats.ListChatsAsync(_alice.Id))).ToHashSet());
        await WriteAsync(tx => tx.Chats.RemoveAsync(chats[1].Id));
        Assert.Equal([chats[0].Id], await ReadAsync(tx => tx.Chats.ListChatsAsync(_alice.Id)));
    }

    [Fact]
    public async Task People_share_a_chat_for_as_long_as_both_are_in_one()
    {
        Assert.False(await ShareAsync(_alice, _bob));
        var chats = await WriteAsync<Chat[]>(async tx => [await tx.AddChatAsync(ChatType.Direct, _alice, _bob), await tx.AddChatAsync(ChatType.Group, _bob, _alice, _carol)]);
        foreach (var (one, other) in ((Account, Account)[])[(_alice, _bob), (_bob, _alice), (_carol, _alice)])
        {
            Assert.True(await ShareAsync(one, other));
        }
        await WriteAsync(tx => tx.Chats.RemoveParticipantAsync(chats[1].Id, _carol.Id));
        Assert.False(await ShareAsync(_carol, _alice));
        Assert.False(await ShareAsync(_alice, _carol));
        await WriteAsync(tx => tx.Chats.RemoveAsync(chats[1].Id));
        Assert.True(await ShareAsync(_alice, _bob));
        await WriteAsync(tx => tx.Chats.RemoveParticipantAsync(chats[0].Id, _bob.Id));
        Assert.False(await ShareAsync(_alice, _bob));
    }

    [Fact]
    public async Task Of_a_chat_that_is_removed_the_streams_of_who_was_in_it_lack_the_messages_alone()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Group, _alice, _bob));
        var start = await ReadAsync(tx => tx.Events.EndAsync());
        await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id)));
        await WriteAsync(tx => tx.Events.AppendAsync(chat.Id, "ParticipantRemoved", "{}"u8.ToArray(), Sample.Now));
        await RemoveAsync(chat, _alice);
        await WriteAsync(tx => tx.Events.AppendAsync(chat.Id, "ParticipantRemoved", "{}"u8.ToArray(), Sample.Now));
        await RemoveAsync(chat, _bob);
        await WriteAsync(tx => tx.Chats.RemoveAsync(chat.Id));

        Assert.Equal(["ParticipantRemoved"], await ReadEventsAsync(_alice));
        Assert.Equal(["ParticipantRemoved", "ParticipantRemoved"], await ReadEventsAsync(_bob));
        Assert.Empty(await ReadEventsAsync(_carol));

        async Task<IEnumerable<string>> ReadEventsAsync(Account who) =>
            (await ReadAsync(tx => tx.Events.ReadAsync(who.Id, start, 10, Sample.Now)))!.Events.Select(happened => happened.Type);
    }

    [Fact]
    public async Task What_is_for_one_alone_nobody_else_sees_and_it_goes_with_them()
    {
        var start = await ReadAsync(tx => tx.Events.EndAsync());
        await WriteAsync(tx => tx.Events.AppendAsync(_alice.Id, "IdentityChanged", "{}"u8.ToArray(), Sample.Now));
        Assert.Equal("IdentityChanged", Assert.Single(await ReadEventsAsync(_alice)));
        Assert.Empty(await ReadEventsAsync(_bob));
        await WriteAsync(tx => tx.Events.ForgetAsync(_alice.Id));
        Assert.Empty(await ReadEventsAsync(_alice));

        async Task<IEnumerable<string>> ReadEventsAsync(Account who) =>
            (await ReadAsync(tx => tx.Events.ReadAsync(who.Id, start, 10, Sample.Now)))!.Events.Select(happened => happened.Type);
    }

    [Fact]
    public async Task A_tombstone_keeps_the_name_and_nothing_else()
    {
        await WriteAsync(tx => tx.Accounts.ChangeProfileAsync(_alice.Id, "Alice in full", "a-file-key"));
        Alike.Equal(_alice with { DisplayName = "Alice in full", Avatar = "a-file-key" }, await ReadAsync(tx => tx.Accounts.FindAsync(_alice.Id)));
        await WriteAsync(tx => tx.Accounts.ReplaceIdentityAsync(_alice.Id, [7], [8]));
        Alike.Equal(_alice with { DisplayName = "Alice in full", Avatar = "a-file-key", IdentityKey = [7], SigningKey = [8] },
            await ReadAsync(tx => tx.Accounts.FindAsync(_alice.Id)));
        await WriteAsync(tx => tx.Accounts.BuryAsync(_alice.Id));
        Alike.Equal(new Account(_alice.Id, _alice.PublicId, "alice", Avatar: null, [], [], "", AccountState.Deleted, _alice.CreatedAt),
            await ReadAsync(tx => tx.Accounts.FindAsync(_alice.PublicId)));
        Alike.Equal(_bob, await ReadAsync(tx => tx.Accounts.FindAsync(_bob.Id)));
    }

    private Task<RemovedParticipant?> RemoveAsync(Chat chat, Account who) => WriteAsync(async tx =>
    {
        var removed = await tx.Chats.RemoveParticipantAsync(chat.Id, who.Id);
        await tx.Chats.EndViewAsync(chat.Id, who.Id);
        return removed;
    });

    private Task<bool> ShareAsync(Account one, Account other) => ReadAsync(tx => tx.Chats.ShareChatAsync(one.Id, other.Id));
}
