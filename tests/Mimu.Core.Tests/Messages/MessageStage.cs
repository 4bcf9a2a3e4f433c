using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Messages;

/// <summary>Three people with a direct chat and a group, whose admin is Alice, and the rules for messages.</summary>
public abstract class MessageStage : IAsyncLifetime
{
    internal World World { get; } = new();

    protected Caller Alice { get; private set; } = null!;

    protected Caller Bob { get; private set; } = null!;

    protected Caller Carol { get; private set; } = null!;

    /// <summary>Of Alice and Bob.</summary>
    protected Chat Pair { get; private set; } = null!;

    /// <summary>Of all three.</summary>
    protected Chat Group { get; private set; } = null!;

    internal EditMessage Edit => new(World.Database, new EventWriter(World, World.Clock), World.Clock, new Limits());

    internal DeleteMessage Delete => new(World.Database, new EventWriter(World, World.Clock), World.Clock);

    internal ForwardMessage Forward => new(World.Database, World.WakeUps, World.Clock);

    public async Task InitializeAsync()
    {
        (Alice, Bob, Carol) = (await World.AddAsync("alice"), await World.AddAsync("bob"), await World.AddAsync("carol"));
        (Pair, Group) = (await AddChatAsync(ChatType.Direct, Alice, Bob), await AddChatAsync(ChatType.Group, Alice, Bob, Carol));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    protected async Task<Chat> AddChatAsync(ChatType type, params Caller[] people)
    {
        var chat = Sample.Chat(type, Array.ConvertAll(people, one => World.Memory.State.Accounts[one.UserId]));
        await WriteAsync(tx => tx.Chats.AddAsync(chat));
        return chat;
    }

    protected async Task<Message> SendAsync(Caller sender, Chat chat, Func<SendMessageCommand, SendMessageCommand>? change = null)
    {
        var command = new SendMessageCommand(chat.Id, [1, 2, 3], "text", ReplyTo: null, ClientMessageId: null, MembershipVersion: null, ExpiresIn: null);
        return (await World.SendMessage.RunAsync(sender, change?.Invoke(command) ?? command, CancellationToken.None)).Value.Message;
    }

    protected async Task<DateTimeOffset> UpdatedAtAsync(Chat chat) =>
        (await World.Memory.ReadAsync(tx => tx.Chats.ViewAsync(chat.Id, Alice.UserId, World.Clock.Now()), CancellationToken.None))!.Chat.UpdatedAt;

    protected Message? Stored(MessageId id) => World.Memory.State.Stream.Find(entry => entry.Message?.Id == id)?.Message;

    protected Task BlockAsync(Caller who, Caller whom) => WriteAsync(async tx => await tx.Blocks.AddAsync(who.UserId, whom.UserId, World.Clock.Now()));

    protected Task LeaveAsync(Caller who, Chat chat) => WriteAsync(async tx =>
    {
        await tx.Chats.RemoveParticipantAsync(chat.Id, who.UserId);
        await tx.Chats.EndViewAsync(chat.Id, who.UserId);
    });

    protected Task JoinAsync(Caller who, Chat chat) => WriteAsync(tx => tx.Chats.AddParticipantAsync(chat.Id, who.UserId, World.Clock.Now()));

    /// <summary>What somebody is told live from now on.</summary>
    protected Recorder Listen(Caller who)
    {
        var recorder = new Recorder();
        World.Memory.PubSub.Subscribe(who.UserId, recorder);
        return recorder;
    }

    /// <summary>That this is refused with the error, and that nothing is stored.</summary>
    protected async Task AssertRefusedAsync<T>(string code, Func<ValueTask<Result<T>>> work)
    {
        var before = World.Memory.State;
        Assert.Equal(code, (await work()).Error?.Code);
        Assert.Same(before, World.Memory.State);
    }

    protected async Task WriteAsync(Func<Storage.ITransaction, ValueTask> work) => await World.Memory.WriteAsync<Done>(async tx =>
    {
        await work(tx);
        return default(Done);
    }, CancellationToken.None);
}
