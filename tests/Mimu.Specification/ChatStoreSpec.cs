using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IChatStore"/> promises.</summary>
public abstract class ChatStoreSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly Account _carol = Sample.Account("carol");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Accounts.AddAsync(_bob);
            await tx.Accounts.AddAsync(_carol);
        });
    }

    [Fact]
    public async Task A_direct_chat_is_found_in_either_order_of_its_pair()
    {
        // Two pairs, so that the lower id stands first in one and last in the other, whichever it is.
        var first = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));
        var second = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _carol, _alice));

        Assert.Equal(first.Id, await FindDirectAsync(_alice, _bob));
        Assert.Equal(first.Id, await FindDirectAsync(_bob, _alice));
        Assert.Equal(second.Id, await FindDirectAsync(_alice, _carol));
        Assert.Equal(second.Id, await FindDirectAsync(_carol, _alice));
        Assert.Null(await FindDirectAsync(_bob, _carol));
    }

    [Fact]
    public async Task A_group_of_two_is_no_direct_chat()
    {
        await WriteAsync(tx => tx.AddChatAsync(ChatType.Group, _alice, _bob));

        Assert.Null(await FindDirectAsync(_alice, _bob));
    }

    [Fact]
    public async Task The_storage_itself_refuses_a_second_direct_chat_of_a_pair()
    {
        var first = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));

        await Assert.ThrowsAnyAsync<Exception>(() => WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _bob, _alice)));

        Assert.Equal(first.Id, await FindDirectAsync(_alice, _bob));
    }

    [Fact]
    public async Task A_participant_has_a_membership_and_others_have_none()
    {
        var chat = Sample.Chat(ChatType.Group, _alice, _bob) with { MembershipVersion = 7, MessageTtl = 60 };
        var end = await WriteAsync(async tx =>
        {
            await tx.AppendEventAsync(Ids.NewChatId(Sample.Now));
            var before = await tx.Events.EndAsync();
            await tx.Chats.AddAsync(chat);
            return before;
        });

        Assert.Equal(new Membership(7, 60, end.Position, IsReadOnly: false, ChatType.Group, ParticipantRole.Member), await ReadAsync(tx => tx.Chats.FindMembershipAsync(chat.Id, _bob.Id)));
        Assert.Null(await ReadAsync(tx => tx.Chats.FindMembershipAsync(chat.Id, _carol.Id)));
        Assert.Null(await ReadAsync(tx => tx.Chats.FindMembershipAsync(Ids.NewChatId(Sample.Now), _bob.Id)));
    }

    [Fact]
    public async Task A_chat_without_a_message_ttl_has_none_in_its_membership()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));

        Assert.Null((await ReadAsync(tx => tx.Chats.FindMembershipAsync(chat.Id, _alice.Id)))!.MessageTtl);
    }

    [Fact]
    public async Task The_participants_of_a_chat_are_those_who_were_added()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Group, _alice, _carol));
        await WriteAsync(tx => tx.AddChatAsync(ChatType.Group, _bob, _carol));

        var listed = await ReadAsync(tx => tx.Chats.ListParticipantsAsync(chat.Id));

        Assert.Equal(listed.Count, listed.Distinct().Count());
        Assert.Equal(new HashSet<UserId> { _alice.Id, _carol.Id }, listed.ToHashSet());
        Assert.Empty(await ReadAsync(tx => tx.Chats.ListParticipantsAsync(Ids.NewChatId(Sample.Now))));
    }

    [Theory]
    [InlineData(ChatType.Direct, null, null)]
    [InlineData(ChatType.Group, 31_536_000, "00")]
    [InlineData(ChatType.Group, 1, "27")]
    [InlineData(ChatType.Direct, null, "00ff00")]
    [InlineData(ChatType.Direct, null, "")]
    public async Task A_chat_is_seen_as_it_was_added(ChatType type, int? messageTtl, string? metadata)
    {
        var chat = Sample.Chat(type, _alice, _bob) with
        {
            MessageTtl = messageTtl,
            EncryptedMetadata = metadata is null ? null : Convert.FromHexString(metadata),
            UpdatedAt = Sample.Now.AddHours(1),
        };
        await WriteAsync(tx => tx.Chats.AddAsync(chat));

        var seen = await ViewAsync(chat, _bob);

        Alike.Equal(
            new ChatView(chat with { Participants = [.. chat.Participants.OrderBy(one => one.PublicId)] }, LastMessage: null, UnreadCount: 0, ReadMarker: null),
            seen! with { Chat = seen.Chat with { Participants = [.. seen.Chat.Participants.OrderBy(one => one.PublicId)] } });
    }

    [Fact]
    public async Task The_largest_metadata_comes_back_byte_for_byte()
    {
        var metadata = Enumerable.Range(0, 16 * 1024).Select(i => (byte)(i * 7)).ToArray();
        var chat = Sample.Chat(ChatType.Direct, _alice, _bob) with { EncryptedMetadata = metadata };
        await WriteAsync(tx => tx.Chats.AddAsync(chat));

        Assert.Equal(metadata, (await ViewAsync(chat, _alice))!.Chat.EncryptedMetadata);
    }

    [Fact]
    public async Task Who_is_not_in_a_chat_does_not_see_it()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));

        Assert.Null(await ViewAsync(chat, _carol));
        Assert.Null(await ReadAsync(tx => tx.Chats.ViewAsync(Ids.NewChatId(Sample.Now), _alice.Id, Sample.Now)));
    }

    [Fact]
    public async Task Unread_is_what_others_sent_and_the_last_message_is_the_newest_of_all()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Group, _alice, _bob, _carol));
        var other = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));
        var last = await WriteAsync(async tx =>
        {
            await tx.AddMessageAsync(Sample.Message(chat.Id, _alice.Id));
            await tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id));
            await tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id));
            var newest = await tx.AddMessageAsync(Sample.Message(chat.Id, _carol.Id));
            await tx.AddMessageAsync(Sample.Message(other.Id, _bob.Id));
            return newest;
        });

        Assert.Equal((3, 2, 3), (await UnreadAsync(chat, _alice), await UnreadAsync(chat, _bob), await UnreadAsync(chat, _carol)));
        foreach (var person in (Account[])[_alice, _bob, _carol])
        {
            Alike.Equal(last, (await ViewAsync(chat, person))!.LastMessage);
        }
    }

    [Fact]
    public async Task What_is_deleted_or_expired_is_neither_unread_nor_the_last_message()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));
        var kept = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id)));
        await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id) with { ExpiresAt = Sample.Now.AddSeconds(10) }));
        var deleted = await WriteAsync(tx => tx.AddMessageAsync(Sample.Message(chat.Id, _bob.Id)));
        Assert.Equal(3, await UnreadAsync(chat, _alice));

        await Backend.BuryAsync(deleted.Id);
        Assert.Equal(2, await UnreadAsync(chat, _alice));

        var later = await ReadAsync(tx => tx.Chats.ViewAsync(chat.Id, _alice.Id, Sample.Now.AddSeconds(10)));
        Assert.Equal(1, later!.UnreadCount);
        Alike.Equal(kept, later.LastMessage);
    }

    [Fact]
    public async Task A_touched_chat_has_a_new_time_and_others_keep_theirs()
    {
        var chat = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _bob));
        var other = await WriteAsync(tx => tx.AddChatAsync(ChatType.Direct, _alice, _carol));

        await WriteAsync(tx => tx.Chats.TouchAsync(chat.Id, Sample.Now.AddMinutes(3), 7));

        Assert.Equal(Sample.Now.AddMinutes(3), (await ViewAsync(chat, _alice))!.Chat.UpdatedAt);
        Assert.Equal(Sample.Now, (await ViewAsync(chat, _alice))!.Chat.CreatedAt);
        Assert.Equal(Sample.Now, (await ViewAsync(other, _alice))!.Chat.UpdatedAt);
    }

    [Fact]
    public async Task A_group_may_have_a_thousand_participants()
    {
        var people = Enumerable.Range(0, 1000).Select(number => Sample.Account($"user{number}")).ToArray();
        var chat = await WriteAsync(async tx =>
        {
            foreach (var person in people)
            {
                await tx.Accounts.AddAsync(person);
            }
            return await tx.AddChatAsync(ChatType.Group, people);
        });

        Assert.Equal(1000, (await ReadAsync(tx => tx.Chats.ListParticipantsAsync(chat.Id))).Count);
        var seen = await ViewAsync(chat, people[999]);
        Assert.Equal(1000, seen!.Chat.Participants.Count);
        Assert.Equal(people[0].Id, Assert.Single(seen.Chat.Participants, one => one.Role is ParticipantRole.Admin).UserId);
    }

    private Task<ChatId?> FindDirectAsync(Account one, Account other) => ReadAsync(tx => tx.Chats.FindDirectAsync(one.Id, other.Id));

    private Task<ChatView?> ViewAsync(Chat chat, Account user) => ReadAsync(tx => tx.Chats.ViewAsync(chat.Id, user.Id, Sample.Now));

    private async Task<long> UnreadAsync(Chat chat, Account user) => (await ViewAsync(chat, user))!.UnreadCount;
}
