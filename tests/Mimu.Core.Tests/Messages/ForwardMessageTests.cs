using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Messages;

public sealed class ForwardMessageTests : MessageStage
{
    [Fact]
    public async Task A_message_is_stored_in_every_target_in_order_and_told_there()
    {
        var original = await SendAsync(Bob, Pair, command => command with { Type = "sender_key", ClientMessageId = Guid.NewGuid() });
        var note = await AddChatAsync(ChatType.Group, Alice);
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        var (carol, own) = (Listen(Carol), Guid.NewGuid());

        var forwarded = (await RunAsync(Alice, original, To(Group) with { Payload = [7], ClientMessageId = own }, To(note) with { Payload = [8] }, To(Pair))).Value;

        Assert.True(forwarded.AnyNew);
        Assert.Equal([Group.Id, note.Id, Pair.Id], forwarded.Messages.Select(one => one.ChatId));
        var first = forwarded.Messages[0];
        Alike.Equal(new Message(first.Id, first.Position, Group.Id, Alice.UserId, 1, "sender_key", [7], ReplyTo: null, original.Id, World.Clock.Now(),
            EditedAt: null, ExpiresAt: null, own), first);
        Assert.All(forwarded.Messages, one => Alike.Equal(one, Stored(one.Id)));
        Alike.Equal(first, Assert.IsType<NewMessage>(Assert.Single(carol.Told).Event).Message);
        Assert.Equal(World.Clock.Now(), await UpdatedAtAsync(Group));
    }

    [Fact]
    public async Task What_is_forwarded_again_names_what_it_was_forwarded_from()
    {
        var first = (await RunAsync(Alice, await SendAsync(Bob, Pair), To(Group))).Value.Messages[0];

        Assert.Equal(first.Id, (await RunAsync(Carol, first, To(Group))).Value.Messages[0].ForwardedFrom);
    }

    [Fact]
    public async Task It_lives_as_long_as_its_new_chat_says()
    {
        var original = await SendAsync(Alice, Pair, command => command with { ExpiresIn = 5 });
        var chat = Sample.Chat(ChatType.Group, World.Memory.State.Accounts[Alice.UserId]) with { MessageTtl = 60 };
        await World.Memory.WriteAsync<Done>(async tx =>
        {
            await tx.Chats.AddAsync(chat);
            return default(Done);
        }, CancellationToken.None);

        var messages = (await RunAsync(Alice, original, To(chat), To(Pair))).Value.Messages;

        Assert.Equal(World.Clock.Now().AddSeconds(60), messages[0].ExpiresAt);
        Assert.Null(messages[1].ExpiresAt);
    }

    [Fact]
    public async Task The_first_target_that_refuses_is_named_and_none_is_stored()
    {
        var original = await SendAsync(Alice, Pair);
        var foreign = await AddChatAsync(ChatType.Direct, Bob, Carol);
        var blocked = await AddChatAsync(ChatType.Direct, Alice, Carol);
        await BlockAsync(Carol, Alice);
        var bob = Listen(Bob);

        foreach (var (code, target) in ((string, ForwardTarget)[])[("not_found", To(foreign)), ("blocked", To(blocked)), ("stale_membership", To(Group) with { MembershipVersion = 7 })])
        {
            await AssertRefusedAsync(code, () => RunAsync(Alice, original, To(Pair), target, To(foreign)));
            Assert.StartsWith("targets[1]: ", (await RunAsync(Alice, original, To(Pair), target, To(foreign))).Error!.Detail, StringComparison.Ordinal);
        }
        var stale = Assert.IsType<StaleMembership>((await RunAsync(Alice, original, To(Group) with { MembershipVersion = 7 })).Error);
        Assert.Equal(1, stale.MembershipVersion);
        Assert.Empty(bob.Told);
    }

    [Fact]
    public async Task An_original_that_the_caller_may_not_see_is_not_found()
    {
        var (pair, group) = (await SendAsync(Alice, Pair), await SendAsync(Alice, Group, command => command with { ExpiresIn = 1 }));
        await AssertRefusedAsync("not_found", () => RunAsync(Carol, pair, To(Group)));
        await AssertRefusedAsync("not_found", () => RunAsync(Alice, pair with { Id = Ids.NewMessageId(Sample.Now) }, To(Group)));

        var dave = await World.AddAsync("dave");
        await JoinAsync(dave, Group);
        await AssertRefusedAsync("not_found", () => RunAsync(dave, group, To(Group)));
        World.Clock.Advance(TimeSpan.FromSeconds(1));
        await AssertRefusedAsync("not_found", () => RunAsync(Carol, group, To(Group)));
        await Delete.RunAsync(Alice, pair.Id, CancellationToken.None);
        await AssertRefusedAsync("not_found", () => RunAsync(Alice, pair, To(Group)));
    }

    [Fact]
    public async Task Repeats_are_recognised_before_anything_else_and_store_nothing()
    {
        var original = await SendAsync(Alice, Pair);
        var targets = (ForwardTarget[])[To(Group) with { ClientMessageId = Guid.NewGuid() }, To(Pair) with { ClientMessageId = Guid.NewGuid() }];
        var first = (await RunAsync(Alice, original, targets)).Value;
        await Delete.RunAsync(Alice, original.Id, CancellationToken.None);
        await LeaveAsync(Alice, Group);
        await BlockAsync(Bob, Alice);
        var before = World.Memory.State;

        var again = (await RunAsync(Alice, original, [.. targets.Select(target => target with { MembershipVersion = 99 })])).Value;

        Assert.False(again.AnyNew);
        Alike.Equal(first.Messages, again.Messages);
        Alike.Equal(again, await Forward.FindRepeatsAsync(Alice, targets, CancellationToken.None));
        Assert.Same(before, World.Memory.State);
        Assert.Null(await Forward.FindRepeatsAsync(Alice, [.. targets, To(Pair)], CancellationToken.None));
        Assert.Null(await Forward.FindRepeatsAsync(Bob, targets, CancellationToken.None));
        await AssertRefusedAsync("not_found", () => RunAsync(Alice, original, [.. targets, To(Pair)]));
    }

    [Fact]
    public async Task With_some_repeats_the_others_are_stored()
    {
        var original = await SendAsync(Alice, Pair);
        var target = To(Group) with { ClientMessageId = Guid.NewGuid() };
        var first = (await RunAsync(Alice, original, target)).Value.Messages[0];
        var count = World.Memory.State.Stream.Count;

        var both = (await RunAsync(Alice, original, To(Pair), target)).Value;

        Assert.True(both.AnyNew);
        Assert.Equal(first.Id, both.Messages[1].Id);
        Assert.Equal(count + 1, World.Memory.State.Stream.Count);
    }

    [Fact]
    public async Task A_repeat_of_what_is_gone_has_an_empty_payload()
    {
        var original = await SendAsync(Alice, Pair);
        var target = To(Group) with { ClientMessageId = Guid.NewGuid() };
        var first = (await RunAsync(Alice, original, target)).Value.Messages[0];
        await Delete.RunAsync(Alice, first.Id, CancellationToken.None);

        var again = Assert.Single((await RunAsync(Alice, original, target)).Value.Messages);

        Assert.Equal(first.Id, again.Id);
        Assert.Empty(again.Payload);
    }

    private static ForwardTarget To(Chat chat) => new(chat.Id, [5], ClientMessageId: null, MembershipVersion: null);

    private ValueTask<Result<ForwardedMessages>> RunAsync(Caller caller, Message original, params ForwardTarget[] targets) =>
        Forward.RunAsync(caller, original.Id, targets, CancellationToken.None);
}
