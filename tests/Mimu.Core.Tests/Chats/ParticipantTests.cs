using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Chats;

/// <summary>The rules of who is in a chat and what they are told (protocol 4.3 to 4.7). Each piece of work runs twice, see <see cref="World"/>.</summary>
public sealed class ParticipantTests : IAsyncLifetime
{
    private readonly World _world = new();
    private readonly Dictionary<UserId, Recorder> _told = [];
    private readonly Dictionary<UserId, int> _seen = [];
    private Caller _alice = null!;
    private Caller _bob = null!;
    private Caller _carol = null!;

    private EventWriter Events => new(_world, _world.Clock);

    public async Task InitializeAsync()
    {
        (_alice, _bob, _carol) = (await _world.AddAsync("alice", password: "of alice"), await _world.AddAsync("bob"), await _world.AddAsync("carol"));
        foreach (var user in (UserId[])[_alice.UserId, _bob.UserId, _carol.UserId])
        {
            _told[user] = new Recorder();
            _world.Memory.PubSub.Subscribe(user, _told[user]);
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_newcomer_is_told_of_the_chat_and_the_others_of_the_newcomer()
    {
        var chat = await GroupAsync(_bob);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));

        var added = (await AddAsync(_bob, chat, _carol)).Value;

        Assert.Equal(new AddedParticipant(new Participant(_carol.UserId, "carol", "The one called carol", ParticipantRole.Member, _world.Clock.Now()), IsNew: true), added);
        var expected = new ParticipantAdded(new ParticipantChange(chat, _carol.UserId, Sample.Name("carol"), _bob.UserId, ParticipantRole.Member, 2));
        Assert.Equal([expected], Told(_alice));
        Assert.Equal([expected], Told(_bob));
        var created = Assert.IsType<ChatCreated>(Assert.Single(Told(_carol))).Chat;
        Assert.Equal((2L, _world.Clock.Now(), 3), (created.MembershipVersion, created.UpdatedAt, created.Participants.Count));
        Assert.Equal(["ChatCreated"], await StreamAsync(_carol));
        Assert.Equal(["ChatCreated", "ParticipantAdded"], await StreamAsync(_bob));
    }

    [Fact]
    public async Task Who_is_in_it_already_is_answered_with_their_place_and_a_limit_counts_them_once()
    {
        var chat = await GroupAsync(_bob);
        var before = _world.Memory.State;
        var limits = new Limits { MaxParticipants = 2 };

        var again = (await new AddParticipant(_world.Database, Events, _world.Clock, limits).RunAsync(_alice, chat, _bob.UserId, CancellationToken.None)).Value;
        var over = await new AddParticipant(_world.Database, Events, _world.Clock, limits).RunAsync(_alice, chat, _carol.UserId, CancellationToken.None);

        Assert.Equal((_bob.UserId, false), (again.Participant.UserId, again.IsNew));
        Assert.Equal("limit_reached", over.Error!.Code);
        Assert.Same(before, _world.Memory.State);
        Assert.Empty(Told(_alice));
    }

    [Fact]
    public async Task Who_is_not_known_or_blocks_the_caller_is_not_found_even_where_there_is_no_room()
    {
        var chat = await GroupAsync(_bob);
        var gone = await _world.AddAsync("gone", AccountState.Deleted);
        await _world.Memory.WriteAsync<Done>(async tx =>
        {
            await tx.Blocks.AddAsync(_carol.UserId, _alice.UserId, Sample.Now);
            return default(Done);
        }, CancellationToken.None);
        var full = new AddParticipant(_world.Database, Events, _world.Clock, new Limits { MaxParticipants = 2 });

        foreach (var user in (UserId[])[Ids.NewUserId(), gone.UserId, _carol.UserId])
        {
            Assert.Equal("not_found", (await full.RunAsync(_alice, chat, user, CancellationToken.None)).Error!.Code);
        }
    }

    [Fact]
    public async Task Who_leaves_hears_of_it_also_when_the_chat_is_no_more()
    {
        var chat = await GroupAsync(_bob);
        Assert.Equal(ParticipantRole.Member, (await RemoveAsync(_alice, chat, _bob)).Value.Removed.Role);
        Assert.Equal(["ChatCreated", "ParticipantRemoved"], await StreamAsync(_bob));

        var departed = (await RemoveAsync(_alice, chat, _alice)).Value;

        Assert.Equal((3L, 0, null), (departed.Removed.MembershipVersion, departed.Remaining.Count, departed.Heir));
        Assert.Equal(["ChatCreated", "ParticipantRemoved"], await StreamAsync(_bob));
        Assert.Equal(["ChatCreated", "ParticipantRemoved", "ParticipantRemoved"], await StreamAsync(_alice));
        Assert.Empty(_world.Memory.State.Chats);
    }

    [Fact]
    public async Task The_heir_of_the_last_admin_is_told_of_after_the_departure()
    {
        var chat = await GroupAsync(_bob, _carol);
        var heir = (await RemoveAsync(_alice, chat, _alice)).Value.Heir!.Value;

        Assert.Equal([nameof(ParticipantRemoved), nameof(ParticipantRoleChanged)], Told(_bob).Select(one => one.Type));
        var change = ((ParticipantRoleChanged)Told(_bob)[1]).Change;
        Assert.Equal((heir, _alice.UserId, ParticipantRole.Admin, 2L), (change.UserId, change.By, change.Role, change.MembershipVersion));
        Assert.Equal([nameof(ParticipantRemoved)], Told(_alice).Select(one => one.Type));
    }

    [Fact]
    public async Task A_member_removes_nobody_and_the_last_admin_stays_one()
    {
        var chat = await GroupAsync(_bob);
        var before = _world.Memory.State;

        Assert.Equal("not_admin", (await RemoveAsync(_bob, chat, _alice)).Error!.Code);
        Assert.Equal("not_found", (await RemoveAsync(_alice, chat, _carol)).Error!.Code);
        Assert.Equal("not_found", (await RemoveAsync(_carol, chat, _carol)).Error!.Code);
        Assert.IsType<ValidationFailed>((await RoleAsync(_alice, chat, _alice, ParticipantRole.Member)).Error);
        Assert.Equal("not_admin", (await RoleAsync(_bob, chat, _bob, ParticipantRole.Admin)).Error!.Code);

        Assert.Same(before, _world.Memory.State);
        Assert.Empty(Told(_bob));
    }

    [Fact]
    public async Task A_role_is_told_with_the_version_as_it_is()
    {
        var chat = await GroupAsync(_bob);

        Assert.Equal(ParticipantRole.Admin, (await RoleAsync(_alice, chat, _bob, ParticipantRole.Admin)).Value.Role);
        Assert.Equal(ParticipantRole.Admin, (await RoleAsync(_alice, chat, _bob, ParticipantRole.Admin)).Value.Role);

        Assert.Equal([new ParticipantRoleChanged(new ParticipantChange(chat, _bob.UserId, Sample.Name("bob"), _alice.UserId, ParticipantRole.Admin, 1))], Told(_bob));
    }

    [Fact]
    public async Task A_change_is_told_as_it_is_answered_and_stored()
    {
        var chat = await GroupAsync(_bob);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        var change = new ChangeChat(_world.Database, Events, _world.Clock);

        var view = (await change.RunAsync(_alice, new ChangeChatCommand(chat, [7], RemovesMetadata: false, 60, RemovesTtl: false), CancellationToken.None)).Value;
        var same = (await change.RunAsync(_alice, new ChangeChatCommand(chat, [7], RemovesMetadata: false, null, RemovesTtl: false), CancellationToken.None)).Value;

        Alike.Equal(view, same);
        Alike.Equal(view, await _world.Memory.ReadAsync(tx => tx.Chats.ViewAsync(chat, _alice.UserId, _world.Clock.Now()), CancellationToken.None));
        Alike.Equal(view.Chat, Assert.IsType<ChatUpdated>(Assert.Single(Told(_bob))).Chat);
        Assert.Equal("not_admin", (await change.RunAsync(_bob, new ChangeChatCommand(chat, null, RemovesMetadata: true, null, RemovesTtl: true), CancellationToken.None)).Error!.Code);
    }

    [Fact]
    public async Task How_far_one_has_read_is_told_once_and_in_private_to_oneself()
    {
        var chat = await GroupAsync(_bob);
        var (one, two) = (await SendAsync(chat), await SendAsync(chat));
        var move = new MoveReadMarker(_world.Database, Events);

        Assert.True((await MoveAsync(one, isPrivate: true)).Value);
        Assert.Equal([new MessageRead(chat, _bob.UserId, one)], Told(_bob).OfType<MessageRead>());
        Assert.Empty(Told(_alice).OfType<MessageRead>());
        Assert.True((await MoveAsync(two, isPrivate: false)).Value);
        Assert.False((await MoveAsync(one, isPrivate: false)).Value);
        Assert.False((await MoveAsync(two, isPrivate: false)).Value);
        Assert.Equal([new MessageRead(chat, _bob.UserId, two)], Told(_alice).OfType<MessageRead>());
        Assert.Equal(2, Told(_bob).OfType<MessageRead>().Count());
        Assert.IsType<ValidationFailed>((await MoveAsync(Ids.NewMessageId(Sample.Now), isPrivate: false)).Error);

        ValueTask<Result<bool>> MoveAsync(MessageId message, bool isPrivate) =>
            move.RunAsync(_bob, new MoveReadMarkerCommand(chat, message, isPrivate), CancellationToken.None);
    }

    [Fact]
    public async Task That_one_types_is_told_to_the_others_and_stands_in_no_stream()
    {
        var chat = await GroupAsync(_bob);
        var before = _world.Memory.State;
        var type = new IndicateTyping(_world.Database, _world.Memory.PubSub);

        Assert.Equal(1, (await type.RunAsync(_alice, chat, active: true, CancellationToken.None)).Value);
        Assert.Equal("not_found", (await type.RunAsync(_carol, chat, active: true, CancellationToken.None)).Error!.Code);

        Assert.Equal([new TypingIndicator(chat, _alice.UserId, Active: true)], Told(_bob));
        Assert.Null(_told[_bob.UserId].Told[^1].Cursor);
        Assert.Empty(Told(_alice));
        Assert.Empty(Told(_carol));
        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task A_deleted_account_leaves_groups_and_direct_chats_and_nothing_in_its_stream()
    {
        var group = await GroupAsync(_bob);
        var direct = (await _world.CreateChat().RunAsync(_bob, new CreateChatCommand([_alice.UserId], Type: null, EncryptedMetadata: null, MessageTtl: null), CancellationToken.None)).Value.View.Chat.Id;
        Forget();

        var deleted = (await new DeleteAccount(_world.Database, new PasswordCheck(_world.Database, _world.Passwords), Events).RunAsync(_alice, "of alice", CancellationToken.None)).Value;

        Assert.Equal(2, deleted.Chats);
        Assert.Equal(2, Told(_bob).OfType<ParticipantRemoved>().Count());
        Assert.Equal(_bob.UserId, Assert.Single(Told(_bob).OfType<ParticipantRoleChanged>()).Change.UserId);
        Assert.Empty(await StreamAsync(_alice));
        foreach (var chat in (ChatId[])[group, direct])
        {
            var view = await _world.Memory.ReadAsync(tx => tx.Chats.ViewAsync(chat, _bob.UserId, Sample.Now), CancellationToken.None);
            Assert.Equal(_bob.UserId, Assert.Single(view!.Chat.Participants).UserId);
            Assert.Equal(2, view.Chat.MembershipVersion);
        }
        Assert.Equal("blocked", (await new IndicateTyping(_world.Database, _world.Memory.PubSub).RunAsync(_bob, direct, active: true, CancellationToken.None)).Error!.Code);
    }

    private async Task<ChatId> GroupAsync(params Caller[] others)
    {
        var command = new CreateChatCommand([.. others.Select(other => other.UserId)], ChatType.Group, EncryptedMetadata: null, MessageTtl: null);
        var chat = (await _world.CreateChat().RunAsync(_alice, command, CancellationToken.None)).Value.View.Chat.Id;
        Forget();
        return chat;
    }

    /// <summary>What was told so far is of no interest any more.</summary>
    private void Forget()
    {
        foreach (var (user, told) in _told)
        {
            _seen[user] = told.Told.Count;
        }
    }

    private List<Event> Told(Caller caller) => [.. _told[caller.UserId].Told.Skip(_seen.GetValueOrDefault(caller.UserId)).Select(publication => publication.Event)];

    private async Task<IEnumerable<string>> StreamAsync(Caller caller) => (await _world.Memory.ReadAsync(
        tx => tx.Events.ReadAsync(caller.UserId, new Cursor(_world.Memory.State.End.Epoch, 0), 100, Sample.Now), CancellationToken.None))!.Events.Select(one => one.Type);

    private async Task<MessageId> SendAsync(ChatId chat) => (await _world.SendMessage.RunAsync(_alice,
        new SendMessageCommand(chat, [1], "text", ReplyTo: null, ClientMessageId: null, MembershipVersion: null, ExpiresIn: null), CancellationToken.None)).Value.Message.Id;

    private ValueTask<Result<AddedParticipant>> AddAsync(Caller caller, ChatId chat, Caller whom) =>
        new AddParticipant(_world.Database, Events, _world.Clock, new Limits()).RunAsync(caller, chat, whom.UserId, CancellationToken.None);

    private ValueTask<Result<Departed>> RemoveAsync(Caller caller, ChatId chat, Caller whom) =>
        new RemoveParticipant(_world.Database, Events).RunAsync(caller, chat, whom.UserId, CancellationToken.None);

    private ValueTask<Result<Participant>> RoleAsync(Caller caller, ChatId chat, Caller whom, ParticipantRole role) =>
        new ChangeRole(_world.Database, Events).RunAsync(caller, chat, whom.UserId, role, CancellationToken.None);
}
