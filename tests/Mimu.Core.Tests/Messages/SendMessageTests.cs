using System.Collections.Immutable;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Messages;

public sealed class SendMessageTests : IAsyncLifetime
{
    private readonly World _world = new();
    private Caller _alice = null!;
    private Caller _bob = null!;
    private Chat _chat = null!;
    private Chat _other = null!;

    public async Task InitializeAsync()
    {
        (_alice, _bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        _chat = await AddChatAsync(ttl: null);
        _other = await AddChatAsync(ttl: null);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Send_stores_the_message_and_tells_every_participant()
    {
        var recorder = new Recorder();
        using var subscription = _world.Memory.PubSub.Subscribe(_bob.UserId, recorder);
        var command = Command() with { ClientMessageId = Guid.NewGuid(), Type = "sender_key" };
        _world.Clock.Advance(TimeSpan.FromSeconds(5));

        var sent = (await SendAsync(command)).Value;

        Assert.True(sent.IsNew);
        var message = sent.Message;
        Alike.Equal(new Message(message.Id, message.Position, _chat.Id, _alice.UserId, 1, "sender_key", command.Payload, ReplyTo: null, ForwardedFrom: null,
            _world.Clock.Now(), EditedAt: null, ExpiresAt: null, command.ClientMessageId), message);
        Alike.Equal(message, _world.Memory.State.Stream[^1].Message);
        Assert.Equal(_world.Clock.Now(), (await _world.Memory.ReadAsync(tx => tx.Chats.ViewAsync(_chat.Id, _alice.UserId, _world.Clock.Now()), default))!.Chat.UpdatedAt);
        var told = Assert.Single(recorder.Told);
        Assert.Equal(new Cursor(_world.Memory.State.End.Epoch, message.Position), told.Cursor);
        Alike.Equal(message, Assert.IsType<NewMessage>(told.Event).Message);
        Assert.Equal(_alice.SessionId, told.Origin);
        Assert.Equal(new HashSet<UserId> { _alice.UserId, _bob.UserId }, told.Audience.ToHashSet());
    }

    [Fact]
    public async Task Send_says_from_which_device() =>
        Assert.Equal(5, (await _world.SendMessage.RunAsync(_alice with { DeviceId = 5 }, Command(), CancellationToken.None)).Value.Message.SenderDeviceId);

    [Fact]
    public async Task Send_with_stale_membership_stores_nothing()
    {
        var before = _world.Memory.State;

        foreach (var version in (long[])[0, 2, 4, long.MaxValue])
        {
            var refusal = Assert.IsType<StaleMembership>((await SendAsync(Command() with { MembershipVersion = version })).Error);
            Assert.Equal(3, refusal.MembershipVersion);
        }

        Assert.Same(before, _world.Memory.State);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3L)]
    public async Task Send_for_the_present_members_or_without_saying_is_taken(long? version) =>
        Assert.True((await SendAsync(Command() with { MembershipVersion = version })).IsOk);

    [Fact]
    public async Task Send_into_a_chat_that_is_not_ones_own_finds_nothing_and_stores_nothing()
    {
        var carol = await _world.AddAsync("carol");
        var before = _world.Memory.State;

        Assert.Same(Errors.NotFound, (await _world.SendMessage.RunAsync(carol, Command(), CancellationToken.None)).Error);
        Assert.Same(Errors.NotFound, (await SendAsync(Command() with { ChatId = Ids.NewChatId(Sample.Now) })).Error);
        // Who is not in it is not told its version.
        Assert.Same(Errors.NotFound, (await _world.SendMessage.RunAsync(carol, Command() with { MembershipVersion = 1 }, CancellationToken.None)).Error);

        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task A_repeat_gives_the_first_message_stores_nothing_and_tells_nobody()
    {
        var command = Command() with { ClientMessageId = Guid.NewGuid() };
        var first = (await SendAsync(command)).Value;
        var before = _world.Memory.State;
        var recorder = new Recorder();
        using var subscription = _world.Memory.PubSub.Subscribe(_alice.UserId, recorder);

        // Whatever else is in it: the id alone says that it is the same.
        foreach (var repeat in (SendMessageCommand[])[command, command with { Payload = [9, 9] }, command with { ChatId = _other.Id }, command with { MembershipVersion = 1 }])
        {
            var again = (await SendAsync(repeat)).Value;
            Assert.False(again.IsNew);
            Alike.Equal(first.Message, again.Message);
        }

        Assert.Same(before, _world.Memory.State);
        Assert.Empty(recorder.Told);
    }

    [Fact]
    public async Task A_repeat_is_recognised_before_membership_is_looked_at()
    {
        var command = Command() with { ClientMessageId = Guid.NewGuid() };
        var first = (await SendAsync(command)).Value;
        await _world.Memory.ChangeAsync(state => state with
        {
            Chats = state.Chats.SetItem(_chat.Id, state.Chats[_chat.Id] with { Chat = _chat with { Participants = [.. _chat.Participants.Where(one => one.UserId != _alice.UserId)] } }),
        });

        Assert.Equal(first.Message.Id, (await SendAsync(command)).Value.Message.Id);
        Assert.Same(Errors.NotFound, (await SendAsync(Command())).Error);
    }

    [Fact]
    public async Task The_id_of_one_sender_says_nothing_of_another()
    {
        var command = Command() with { ClientMessageId = Guid.NewGuid() };
        await SendAsync(command);

        Assert.True((await _world.SendMessage.RunAsync(_bob, command, CancellationToken.None)).Value.IsNew);
    }

    [Fact]
    public async Task Of_twenty_repeats_at_once_one_is_stored()
    {
        var command = Command() with { ClientMessageId = Guid.NewGuid() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => SendAsync(command).AsTask())));

        Assert.Single(answers, answer => answer.Value.IsNew);
        Assert.Single(answers.Select(answer => answer.Value.Message.Id).Distinct());
        Assert.Single(_world.Memory.State.Stream);
    }

    [Fact]
    public async Task A_reply_to_a_message_of_the_same_chat_is_taken()
    {
        var first = (await SendAsync(Command())).Value.Message;

        Assert.Equal(first.Id, (await SendAsync(Command() with { ReplyTo = first.Id })).Value.Message.ReplyTo);
    }

    [Fact]
    public async Task A_reply_to_another_chat_or_to_nothing_is_refused_and_stores_nothing()
    {
        var elsewhere = (await SendAsync(Command() with { ChatId = _other.Id })).Value.Message;
        var before = _world.Memory.State;

        foreach (var replyTo in (MessageId[])[elsewhere.Id, Ids.NewMessageId(Sample.Now)])
        {
            var refusal = Assert.IsType<ValidationFailed>((await SendAsync(Command() with { ReplyTo = replyTo })).Error);
            Assert.Equal("reply_to", Assert.Single(refusal.Faults).Path);
        }

        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task A_reply_to_what_was_said_before_one_joined_is_refused()
    {
        var early = (await SendAsync(Command())).Value.Message;
        await _world.Memory.ChangeAsync(state => state with
        {
            Chats = state.Chats.SetItem(_chat.Id, state.Chats[_chat.Id] with { Joined = state.Chats[_chat.Id].Joined.ToImmutableDictionary(one => one.Key, _ => state.End.Position) }),
        });

        Assert.IsType<ValidationFailed>((await SendAsync(Command() with { ReplyTo = early.Id })).Error);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(60, null, 60)]
    [InlineData(null, 60, 60)]
    [InlineData(60, 30, 30)]
    [InlineData(30, 60, 30)]
    [InlineData(60, 60, 60)]
    [InlineData(31_536_000, null, 31_536_000)]
    public async Task A_message_lives_for_the_shorter_of_its_own_time_and_the_chats(int? own, int? chats, int? expected)
    {
        var chat = await AddChatAsync(chats);

        var message = (await SendAsync(Command() with { ChatId = chat.Id, ExpiresIn = own })).Value.Message;

        Assert.Equal(expected, (message.ExpiresAt - message.CreatedAt)?.TotalSeconds);
    }

    [Fact]
    public async Task The_order_of_a_chat_is_the_order_of_the_answers_and_the_same_for_everyone()
    {
        var sent = new List<MessageId>();
        for (var i = 0; i < 5; i++)
        {
            sent.Add((await _world.SendMessage.RunAsync(i % 2 == 0 ? _alice : _bob, Command(), CancellationToken.None)).Value.Message.Id);
        }

        foreach (var reader in (Caller[])[_alice, _bob])
        {
            var page = await _world.ListMessages.RunAsync(reader, new ListMessagesQuery(_chat.Id, Before: null, After: null, Limit: 50), CancellationToken.None);
            Assert.Equal(Enumerable.Reverse(sent), page.Value.Messages.Select(message => message.Id));
        }
    }

    private SendMessageCommand Command() => new(_chat.Id, [1, 2, 3], "text", ReplyTo: null, ClientMessageId: null, MembershipVersion: null, ExpiresIn: null);

    private ValueTask<Result<SentMessage>> SendAsync(SendMessageCommand command) => _world.SendMessage.RunAsync(_alice, command, CancellationToken.None);

    private async Task<Chat> AddChatAsync(int? ttl)
    {
        var accounts = _world.Memory.State.Accounts;
        var chat = Sample.Chat(ChatType.Group, accounts[_alice.UserId], accounts[_bob.UserId]) with { MembershipVersion = 3, MessageTtl = ttl };
        await _world.Memory.WriteAsync<Done>(async tx =>
        {
            await tx.Chats.AddAsync(chat);
            return default(Done);
        }, CancellationToken.None);
        return chat;
    }
}
