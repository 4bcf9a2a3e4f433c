using System.Collections.Immutable;
using Mimu.Core.Chats;
using Mimu.Core.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Messages;

public sealed class ListMessagesTests : IAsyncLifetime
{
    private readonly World _world = new();
    private readonly List<Message> _sent = [];
    private Caller _alice = null!;
    private Chat _chat = null!;
    private Message _elsewhere = null!;

    public async Task InitializeAsync()
    {
        _alice = await _world.AddAsync("alice");
        var account = _world.Memory.State.Accounts[_alice.UserId];
        await _world.Memory.WriteAsync<Done>(async tx =>
        {
            _chat = await tx.AddChatAsync(ChatType.Group, account);
            var other = await tx.AddChatAsync(ChatType.Group, account);
            _elsewhere = await tx.AddMessageAsync(Sample.Message(other.Id, _alice.UserId));
            for (var i = 0; i < 6; i++)
            {
                _sent.Add(await tx.AddMessageAsync(Sample.Message(_chat.Id, _alice.UserId) with { ExpiresAt = i == 3 ? Sample.Now : null }));
            }
            return default(Done);
        }, CancellationToken.None);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Without_a_place_the_newest_come_first() => Assert.Equal("5 4 more", await ListAsync(limit: 2));

    [Fact]
    public async Task Before_a_message_the_newest_come_first() => Assert.Equal("1 0", await ListAsync(before: _sent[2].Id));

    [Fact]
    public async Task After_a_message_the_oldest_come_first() => Assert.Equal("2 4 more", await ListAsync(after: _sent[1].Id, limit: 2));

    [Fact]
    public async Task A_message_that_is_gone_still_has_its_place()
    {
        await _world.Memory.BuryAsync(_sent[4].Id);

        Assert.Equal("2 1 0", await ListAsync(before: _sent[3].Id));
        Assert.Equal("5", await ListAsync(after: _sent[4].Id));
    }

    [Fact]
    public async Task What_was_said_before_one_joined_is_not_listed()
    {
        await _world.Memory.ChangeAsync(state => state with
        {
            Chats = state.Chats.SetItem(_chat.Id, state.Chats[_chat.Id] with { Joined = state.Chats[_chat.Id].Joined.ToImmutableDictionary(one => one.Key, _ => _sent[1].Position) }),
        });

        Assert.Equal("5 4 2", await ListAsync());
        Assert.Equal("2", await ListAsync(before: _sent[4].Id));
        Assert.Equal("2 4 5", await ListAsync(after: _sent[0].Id));
        Assert.Equal("", await ListAsync(before: _sent[0].Id));
    }

    [Fact]
    public async Task Both_places_at_once_are_refused() => Assert.Equal("after", await FaultAsync(_sent[4].Id, _sent[1].Id));

    [Fact]
    public async Task A_place_in_another_chat_is_refused()
    {
        Assert.Equal("before", await FaultAsync(before: _elsewhere.Id));
        Assert.Equal("after", await FaultAsync(after: _elsewhere.Id));
        Assert.Equal("after", await FaultAsync(after: Ids.NewMessageId(Sample.Now)));
    }

    [Fact]
    public async Task Who_is_not_in_the_chat_finds_nothing()
    {
        var bob = await _world.AddAsync("bob");

        var answer = await _world.ListMessages.RunAsync(bob, new ListMessagesQuery(_chat.Id, Before: _elsewhere.Id, After: null, Limit: 10), CancellationToken.None);

        Assert.Same(Errors.NotFound, answer.Error);
    }

    /// <summary>Which of those that were sent, and whether there are more.</summary>
    private async Task<string> ListAsync(MessageId? before = null, MessageId? after = null, int limit = 50)
    {
        var page = (await _world.ListMessages.RunAsync(_alice, new ListMessagesQuery(_chat.Id, before, after, limit), CancellationToken.None)).Value;
        var places = page.Messages.Select(message => $"{_sent.FindIndex(sent => sent.Id == message.Id)}");
        return string.Join(' ', page.HasMore ? places.Append("more") : places);
    }

    private async Task<string> FaultAsync(MessageId? before = null, MessageId? after = null)
    {
        var answer = await _world.ListMessages.RunAsync(_alice, new ListMessagesQuery(_chat.Id, before, after, Limit: 10), CancellationToken.None);
        return Assert.Single(Assert.IsType<ValidationFailed>(answer.Error).Faults).Path;
    }
}
