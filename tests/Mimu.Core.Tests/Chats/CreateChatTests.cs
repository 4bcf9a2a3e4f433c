using System.Text;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Chats;

public sealed class CreateChatTests : IAsyncLifetime
{
    private readonly World _world = new();
    private Caller _alice = null!;
    private Caller _bob = null!;
    private Caller _carol = null!;

    public async Task InitializeAsync() => (_alice, _bob, _carol) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"), await _world.AddAsync("carol"));

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Create_with_one_other_opens_a_direct_chat()
    {
        var command = new CreateChatCommand([_bob.UserId], Type: null, [1, 2], MessageTtl: 60);

        var created = (await CreateAsync(command)).Value;

        Assert.True(created.IsNew);
        var now = _world.Clock.Now();
        var chat = created.View.Chat;
        Alike.Equal(new ChatView(new Chat(chat.Id, ChatType.Direct, _alice.UserId, now, now, MembershipVersion: 1, [1, 2], 60,
            [
                new Participant(_alice.UserId, "alice", "The one called alice", ParticipantRole.Member, now),
                new Participant(_bob.UserId, "bob", "The one called bob", ParticipantRole.Member, now),
            ]), LastMessage: null, UnreadCount: 0, ReadMarker: null), created.View);
        Alike.Equal(chat, Assert.Single(_world.Memory.State.Chats).Value.Chat);
    }

    [Fact]
    public async Task Create_with_several_others_opens_a_group_with_its_creator_as_admin()
    {
        var chat = (await CreateAsync(_bob.UserId, _carol.UserId)).Value.View.Chat;

        Assert.Equal(ChatType.Group, chat.Type);
        Assert.Equal([ParticipantRole.Admin, ParticipantRole.Member, ParticipantRole.Member], chat.Participants.Select(one => one.Role));
        Assert.Equal([_alice.UserId, .. new[] { _bob.UserId, _carol.UserId }.OrderBy(id => id.Value)], chat.Participants.Select(one => one.UserId));
    }

    [Fact]
    public async Task Create_tells_everybody_in_it_and_stands_in_their_streams()
    {
        var (told, foreign) = (new Recorder(), new Recorder());
        using var first = _world.Memory.PubSub.Subscribe(_bob.UserId, told);
        using var second = _world.Memory.PubSub.Subscribe(_carol.UserId, foreign);

        var chat = (await CreateAsync(_bob.UserId)).Value.View.Chat;

        var publication = Assert.Single(told.Told);
        Alike.Equal(chat, Assert.IsType<ChatCreated>(publication.Event).Chat);
        Assert.Equal(_alice.SessionId, publication.Origin);
        Assert.Empty(foreign.Told);
        foreach (var (user, expected) in ((UserId, int)[])[(_alice.UserId, 1), (_bob.UserId, 1), (_carol.UserId, 0)])
        {
            var page = await _world.Memory.ReadAsync(tx => tx.Events.ReadAsync(user, new Cursor(_world.Memory.State.End.Epoch, 0), 10, Sample.Now), CancellationToken.None);
            Assert.Equal(expected, page!.Events.Count);
            Assert.All(page.Events, one => Assert.Equal((publication.Cursor, "ChatCreated", "ChatCreated"), (one.Cursor, one.Type, Encoding.UTF8.GetString(one.Data.Span))));
        }
    }

    [Fact]
    public async Task A_direct_chat_exists_once_whoever_asks()
    {
        var first = (await CreateAsync(_bob.UserId)).Value;
        var recorder = new Recorder();
        using var subscription = _world.Memory.PubSub.Subscribe(_bob.UserId, recorder);

        var again = (await CreateAsync(_bob.UserId)).Value;
        var other = (await _world.CreateChat().RunAsync(_bob, new CreateChatCommand([_alice.UserId], Type: null, [9], MessageTtl: 5), CancellationToken.None)).Value;

        Assert.False(again.IsNew);
        Assert.False(other.IsNew);
        Alike.Equal(first.View, again.View);
        Alike.Equal(first.View, other.View);
        Assert.Single(_world.Memory.State.Chats);
        Assert.Empty(recorder.Told);
    }

    [Fact]
    public async Task Of_twenty_who_ask_for_a_direct_chat_at_once_one_opens_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => _world.CreateChat().RunAsync(
            i % 2 == 0 ? _alice : _bob, new CreateChatCommand([i % 2 == 0 ? _bob.UserId : _alice.UserId], Type: null, EncryptedMetadata: null, MessageTtl: null),
            CancellationToken.None).AsTask())));

        Assert.Single(answers, answer => answer.Value.IsNew);
        Assert.Single(answers.Select(answer => answer.Value.View.Chat.Id).Distinct());
    }

    [Fact]
    public async Task Groups_of_the_same_people_are_many()
    {
        var command = new CreateChatCommand([_bob.UserId], ChatType.Group, EncryptedMetadata: null, MessageTtl: null);

        Assert.True((await CreateAsync(command)).Value.IsNew);
        Assert.True((await CreateAsync(command)).Value.IsNew);
        Assert.True((await CreateAsync(_bob.UserId)).Value.IsNew);

        Assert.Equal(3, _world.Memory.State.Chats.Count);
    }

    [Fact]
    public async Task The_caller_is_in_it_once_whether_named_or_not()
    {
        Assert.Equal(ChatType.Direct, (await CreateAsync(_alice.UserId, _bob.UserId, _bob.UserId)).Value.View.Chat.Type);

        var alone = (await CreateAsync()).Value.View.Chat;
        Assert.Equal(ChatType.Group, alone.Type);
        Assert.Equal(_alice.UserId, Assert.Single(alone.Participants).UserId);
    }

    [Fact]
    public async Task A_direct_chat_needs_exactly_one_other()
    {
        var before = _world.Memory.State;

        foreach (var others in (UserId[][])[[], [_alice.UserId], [_bob.UserId, _carol.UserId]])
        {
            var answer = await CreateAsync(new CreateChatCommand(others, ChatType.Direct, EncryptedMetadata: null, MessageTtl: null));
            Assert.Equal(["participant_ids"], Paths(answer));
        }

        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task Unknown_and_deleted_people_are_named_and_nothing_is_stored()
    {
        var gone = await _world.AddAsync("gone", AccountState.Deleted);
        var before = _world.Memory.State;
        var unknown = Ids.NewUserId();

        var answer = await CreateAsync(_bob.UserId, unknown, _carol.UserId, gone.UserId);

        Assert.Equal(["participant_ids[1]", "participant_ids[3]"], Paths(answer));
        Assert.Contains(unknown.ToString(), ((ValidationFailed)answer.Error!).Faults[0].Sentence, StringComparison.Ordinal);
        Assert.Equal(["participant_ids[0]"], Paths(await CreateAsync(unknown)));
        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task A_disabled_account_can_be_written_to()
    {
        var disabled = await _world.AddAsync("disabled", AccountState.Disabled);

        Assert.True((await CreateAsync(disabled.UserId)).IsOk);
    }

    [Fact]
    public async Task A_group_has_room_for_as_many_as_the_limit_says_and_no_more()
    {
        var limits = new Limits { MaxParticipants = 3 };
        var dave = await _world.AddAsync("dave");

        var full = await _world.CreateChat(limits).RunAsync(_alice, Group(_bob.UserId, _carol.UserId, _bob.UserId, _alice.UserId), CancellationToken.None);
        var over = await _world.CreateChat(limits).RunAsync(_alice, Group(_bob.UserId, _carol.UserId, dave.UserId), CancellationToken.None);

        Assert.Equal(3, full.Value.View.Chat.Participants.Count);
        Assert.Equal(["participant_ids"], Paths(over));
        Assert.Single(_world.Memory.State.Chats);
    }

    private static CreateChatCommand Group(params UserId[] others) => new(others, ChatType.Group, EncryptedMetadata: null, MessageTtl: null);

    private ValueTask<Result<CreatedChat>> CreateAsync(params UserId[] others) =>
        CreateAsync(new CreateChatCommand(others, Type: null, EncryptedMetadata: null, MessageTtl: null));

    private ValueTask<Result<CreatedChat>> CreateAsync(CreateChatCommand command) => _world.CreateChat().RunAsync(_alice, command, CancellationToken.None);

    private static IEnumerable<string> Paths(Result<CreatedChat> answer) => Assert.IsType<ValidationFailed>(answer.Error).Faults.Select(fault => fault.Path);
}
