using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Messages;
using Xunit;

namespace Mimu.Specification;

/// <summary>What the stores promise of who comes, goes and comes back: what of the chat and of its stream is theirs (<see cref="IChatStore"/>, <see cref="IEventStore"/>).</summary>
public abstract class ParticipantSpec : EventStreamSpec
{
    private readonly Account _dave = Sample.Account("dave");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(tx => tx.Accounts.AddAsync(_dave));
    }

    [Fact]
    public async Task Somebody_in_a_chat_is_found_with_their_place_and_nobody_else_is()
    {
        Assert.Equal(new Participant(Bob.Id, "bob", "The one called bob", ParticipantRole.Member, Sample.Now), await FindAsync(Bob));
        Assert.Equal(ParticipantRole.Admin, (await FindAsync(Alice))!.Role);
        Assert.Null(await FindAsync(_dave));
        Assert.Null(await ReadAsync(tx => tx.Chats.FindParticipantAsync(Ids.NewChatId(Sample.Now), Bob.Id)));
    }

    [Fact]
    public async Task A_newcomer_is_in_it_from_now_on_and_moves_the_version()
    {
        await SayAsync(Group, "m:before");
        var joined = Sample.Now.AddHours(1);
        await WriteAsync(tx => tx.Chats.AddParticipantAsync(Group.Id, _dave.Id, joined));
        await SayAsync(Group, "m:after");

        Assert.Equal(new Participant(_dave.Id, "dave", "The one called dave", ParticipantRole.Member, joined), await FindAsync(_dave));
        var view = (await ViewAsync(_dave))!;
        Assert.Equal(2, view.Chat.MembershipVersion);
        Assert.Equal(_dave.Id, view.Chat.Participants[^1].UserId);
        Assert.Equal(1, view.UnreadCount);
        Assert.Equal("m:after", await StreamAsync(_dave));
        Assert.Equal("m:before m:after", await StreamAsync(Bob));
    }

    [Fact]
    public async Task A_newcomer_to_a_silent_chat_has_no_last_message()
    {
        await SayAsync(Group, "m:before");
        await WriteAsync(tx => tx.Chats.AddParticipantAsync(Group.Id, _dave.Id, Sample.Now));

        var view = (await ViewAsync(_dave))!;

        Assert.Null(view.LastMessage);
        Assert.Equal(0, view.UnreadCount);
    }

    [Fact]
    public async Task Who_left_keeps_what_was_and_who_comes_back_sees_what_comes_from_then_on()
    {
        await SayAsync(Group, "m:one", "two");
        await LeaveAsync(Carol);
        await SayAsync(Group, "m:three", "four");
        Assert.Equal("m:one two", await StreamAsync(Carol));
        Assert.Null(await FindAsync(Carol));

        await WriteAsync(tx => tx.Chats.AddParticipantAsync(Group.Id, Carol.Id, Sample.Now));
        await SayAsync(Group, "m:five", "six");

        Assert.Equal("m:one two m:five six", await StreamAsync(Carol));
        Assert.Equal("m:one two m:three four m:five six", await StreamAsync(Alice));
        Assert.Equal(3, (await ViewAsync(Carol))!.Chat.MembershipVersion);
        Assert.Equal("m:five", Said((await ViewAsync(Carol))!.LastMessage));
        Assert.Equal(1, (await ViewAsync(Carol))!.UnreadCount);
    }

    [Fact]
    public async Task What_happens_between_removal_and_the_end_of_the_view_is_still_seen()
    {
        await WriteAsync(async tx =>
        {
            await tx.Chats.RemoveParticipantAsync(Group.Id, Carol.Id);
            await tx.AppendEventAsync(Group.Id, "removed");
            await tx.Chats.EndViewAsync(Group.Id, Carol.Id);
            await tx.AppendEventAsync(Group.Id, "after");
        });

        Assert.Equal("removed", await StreamAsync(Carol));
    }

    [Fact]
    public async Task Viewers_are_those_who_are_in_it_and_came_before()
    {
        var first = (await SayAsync(Group, "m:first"))[0];
        await WriteAsync(tx => tx.Chats.AddParticipantAsync(Group.Id, _dave.Id, Sample.Now));
        var second = (await SayAsync(Group, "m:second"))[0];
        await LeaveAsync(Carol);

        Assert.Equal(Set(Alice, Bob), await ViewersAsync(first));
        Assert.Equal(Set(Alice, Bob, _dave), await ViewersAsync(second));
        Assert.Empty(await ReadAsync(tx => tx.Chats.ListViewersAsync(Ids.NewChatId(Sample.Now), second.Position)));

        async Task<HashSet<UserId>> ViewersAsync(Cursor place) => [.. await ReadAsync(tx => tx.Chats.ListViewersAsync(Group.Id, place.Position))];
    }

    [Fact]
    public async Task An_edit_is_told_to_those_who_see_the_message()
    {
        var before = await AddAsync("m:before");
        await WriteAsync(tx => tx.Chats.AddParticipantAsync(Group.Id, _dave.Id, Sample.Now));
        var after = await AddAsync("m:after");

        await EditAsync(before, "m:before 2");
        await EditAsync(after, "m:after 2");

        Assert.Equal("m:before 2|m:after 2|MessageEdited m:before 2|MessageEdited m:after 2", await EditsAsync(Alice));
        Assert.Equal("m:after 2|MessageEdited m:after 2", await EditsAsync(_dave));
    }

    [Fact]
    public async Task What_was_written_into_a_message_when_one_had_left_is_not_ones_to_read()
    {
        var (untouched, early, late) = (await AddAsync("m:untouched"), await AddAsync("m:early"), await AddAsync("m:late"));
        await EditAsync(early, "m:early 2");
        await LeaveAsync(Carol);
        Assert.Equal("m:untouched|m:early 2|m:late|MessageEdited m:early 2", await EditsAsync(Carol));

        await EditAsync(late, "m:late 2");
        Assert.Equal("m:untouched|m:early 2|MessageEdited m:early 2", await EditsAsync(Carol));

        // Nor when one is back: that message was sent before.
        await WriteAsync(tx => tx.Chats.AddParticipantAsync(Group.Id, Carol.Id, Sample.Now));
        await EditAsync(untouched, "m:untouched 2");
        Assert.Equal("m:early 2|MessageEdited m:early 2", await EditsAsync(Carol));
    }

    [Fact]
    public async Task What_is_erased_is_left_out_with_its_edits_and_its_deletion_comes()
    {
        var message = await AddAsync("m:a");
        await EditAsync(message, "m:b");
        await WriteAsync(async tx =>
        {
            await tx.Messages.EraseAsync(message.Id);
            await tx.Events.AppendAsync(Group.Id, nameof(MessageDeleted), "deleted"u8.ToArray(), Sample.Now);
        });

        Assert.Equal("deleted", await StreamAsync(Carol));
    }

    [Fact]
    public async Task A_role_is_set_for_one_alone()
    {
        await WriteAsync(tx => tx.Chats.SetRoleAsync(Group.Id, Bob.Id, ParticipantRole.Admin));
        Assert.Equal([ParticipantRole.Admin, ParticipantRole.Admin, ParticipantRole.Member], [await RoleAsync(Alice), await RoleAsync(Bob), await RoleAsync(Carol)]);
        await WriteAsync(tx => tx.Chats.SetRoleAsync(Group.Id, Alice.Id, ParticipantRole.Member));
        Assert.Equal([ParticipantRole.Member, ParticipantRole.Admin, ParticipantRole.Member], [await RoleAsync(Alice), await RoleAsync(Bob), await RoleAsync(Carol)]);
        Assert.Equal(ParticipantRole.Admin, (await ReadAsync(tx => tx.Chats.FindMembershipAsync(Group.Id, Bob.Id)))!.Role);

        async Task<ParticipantRole> RoleAsync(Account who) => (await FindAsync(who))!.Role;
    }

    [Fact]
    public async Task The_longest_standing_is_made_admin_and_of_those_who_came_at_once_who_stands_first()
    {
        var group = Sample.Chat(ChatType.Group, Alice, _dave);
        await WriteAsync(async tx =>
        {
            await tx.Chats.AddAsync(group);
            foreach (var late in (Account[])[Carol, Bob])
            {
                await tx.AppendEventAsync(group.Id);
                await tx.Chats.AddParticipantAsync(group.Id, late.Id, Sample.Now);
            }
            await tx.Chats.SetRoleAsync(group.Id, Alice.Id, ParticipantRole.Member);
        });
        foreach (var next in (Account[])[Alice, _dave, Carol, Bob])
        {
            Assert.Equal(next.Id, (await ReadAsync(tx => tx.Chats.ViewAsync(group.Id, next.Id, Sample.Now)))!.Chat.Participants[0].UserId);
            Assert.Equal(next.Id, await WriteAsync(tx => tx.Chats.AppointAdminAsync(group.Id)));
            await WriteAsync(tx => tx.Chats.RemoveParticipantAsync(group.Id, next.Id));
        }
        Assert.Null(await WriteAsync(tx => tx.Chats.AppointAdminAsync(group.Id)));
    }

    [Fact]
    public async Task A_chat_changes_in_what_it_says_of_itself_and_in_nothing_else()
    {
        await WriteAsync(tx => tx.Chats.ChangeAsync(Group.Id, [1, 0, 255], 60));
        var view = (await ViewAsync(Bob))!;
        Assert.Equal([1, 0, 255], view.Chat.EncryptedMetadata);
        Assert.Equal(60, view.Chat.MessageTtl);
        Assert.Equal(60, (await ReadAsync(tx => tx.Chats.FindMembershipAsync(Group.Id, Bob.Id)))!.MessageTtl);
        Assert.Equal(Sample.Now, view.Chat.UpdatedAt);
        Assert.Null((await ReadAsync(tx => tx.Chats.ViewAsync(Pair.Id, Bob.Id, Sample.Now)))!.Chat.MessageTtl);

        await WriteAsync(tx => tx.Chats.ChangeAsync(Group.Id, encryptedMetadata: null, messageTtl: null));
        Assert.Null((await ViewAsync(Bob))!.Chat.EncryptedMetadata);
        Assert.Null((await ViewAsync(Bob))!.Chat.MessageTtl);
    }

    [Fact]
    public async Task A_read_marker_moves_forward_only_and_is_ones_own()
    {
        var (one, two, three) = (await AddAsync("m:1"), await AddAsync("m:2"), await AddAsync("m:3"));
        Assert.Null((await ViewAsync(Carol))!.ReadMarker);
        Assert.Equal(3, (await ViewAsync(Carol))!.UnreadCount);

        Assert.True(await ReadAsync(two));
        Assert.False(await ReadAsync(one));
        Assert.False(await ReadAsync(two));
        Assert.Equal(two.Id, (await ViewAsync(Carol))!.ReadMarker);
        Assert.Equal(1, (await ViewAsync(Carol))!.UnreadCount);
        Assert.Null((await ViewAsync(Alice))!.ReadMarker);
        Assert.Equal(3, (await ViewAsync(Alice))!.UnreadCount);

        Assert.True(await ReadAsync(three));
        Assert.Equal(0, (await ViewAsync(Carol))!.UnreadCount);

        Task<bool> ReadAsync(Message message) => WriteAsync(tx => tx.Chats.MoveReadMarkerAsync(Group.Id, Carol.Id, message.Id, message.Position));
    }

    [Fact]
    public async Task A_read_marker_does_not_come_back_with_who_left()
    {
        var message = await AddAsync("m:1");
        await WriteAsync(tx => tx.Chats.MoveReadMarkerAsync(Group.Id, Carol.Id, message.Id, message.Position));
        await LeaveAsync(Carol);
        await WriteAsync(tx => tx.Chats.AddParticipantAsync(Group.Id, Carol.Id, Sample.Now));

        Assert.Null((await ViewAsync(Carol))!.ReadMarker);
        Assert.Equal(0, (await ViewAsync(Carol))!.UnreadCount);
    }

    [Fact]
    public async Task A_chat_that_is_removed_takes_its_messages_and_leaves_what_else_was_told()
    {
        var message = await AddAsync("m:a");
        await SayAsync(Group, "b");
        await SayAsync(Pair, "m:c", "d");
        await LeaveAsync(Carol);
        await WriteAsync(tx => tx.Chats.RemoveAsync(Group.Id));

        Assert.Equal("b m:c d", await StreamAsync(Alice));
        Assert.Equal("b", await StreamAsync(Carol));
        Assert.Null(await ViewAsync(Alice));
        Assert.Empty(await ReadAsync(tx => tx.Chats.ListParticipantsAsync(Group.Id)));
        Assert.Null(await ReadAsync(tx => tx.Messages.FindAsync(message.Id)));
    }

    private static HashSet<UserId> Set(params Account[] people) => [.. people.Select(one => one.Id)];

    private static string Said(Message? message) => System.Text.Encoding.UTF8.GetString(message!.Payload);

    private Task<Participant?> FindAsync(Account who) => ReadAsync(tx => tx.Chats.FindParticipantAsync(Group.Id, who.Id));

    private Task<ChatView?> ViewAsync(Account who) => ReadAsync(tx => tx.Chats.ViewAsync(Group.Id, who.Id, Sample.Now));

    private async Task<string> StreamAsync(Account who) => Text((await ReadStreamAsync(who, Begin))!);

    /// <summary>The stream, with edits told from messages.</summary>
    private async Task<string> EditsAsync(Account who) => string.Join('|', (await ReadStreamAsync(who, Begin))!.Events
        .Select(one => one.Type == nameof(MessageEdited) ? $"{one.Type} {Name(one)}" : Name(one)));

    private Task<Message> AddAsync(string text) =>
        WriteAsync(tx => tx.AddMessageAsync(Sample.Message(Group.Id, Bob.Id, System.Text.Encoding.UTF8.GetBytes(text))));

    private Task EditAsync(Message message, string text) => WriteAsync(async tx =>
    {
        var edited = message with { Payload = System.Text.Encoding.UTF8.GetBytes(text), EditedAt = Sample.Now };
        await tx.Messages.EditAsync(edited, (await tx.Events.AppendEditAsync(edited, Sample.Now)).Position);
    });

    private Task LeaveAsync(Account who) => WriteAsync(async tx =>
    {
        await tx.Chats.RemoveParticipantAsync(Group.Id, who.Id);
        await tx.Chats.EndViewAsync(Group.Id, who.Id);
    });
}
