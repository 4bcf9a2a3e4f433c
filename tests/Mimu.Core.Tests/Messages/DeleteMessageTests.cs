using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Messages;

public sealed class DeleteMessageTests : MessageStage
{
    [Fact]
    public async Task What_a_message_says_is_gone_and_everybody_is_told()
    {
        var message = await SendAsync(Bob, Group, command => command with { ClientMessageId = Guid.NewGuid() });
        var updated = await UpdatedAtAsync(Group);
        World.Clock.Advance(TimeSpan.FromDays(100));
        var recorders = (Recorder[])[Listen(Alice), Listen(Bob), Listen(Carol)];

        Assert.True((await RunAsync(Bob, message)).Value);

        Alike.Equal(message with { Payload = [], IsDeleted = true }, Stored(message.Id));
        Assert.Equal(updated, await UpdatedAtAsync(Group));
        Assert.All(recorders, recorder => Assert.Equal(new MessageDeleted(Group.Id, message.Id), Assert.Single(recorder.Told).Event));
    }

    [Fact]
    public async Task Deleting_again_changes_nothing_and_tells_nobody()
    {
        var message = await SendAsync(Bob, Group);
        await RunAsync(Bob, message);
        var before = World.Memory.State;
        var carol = Listen(Carol);

        Assert.False((await RunAsync(Bob, message)).Value);
        Assert.False((await RunAsync(Alice, message)).Value);

        Assert.Same(before, World.Memory.State);
        Assert.Empty(carol.Told);
    }

    [Fact]
    public async Task An_admin_of_the_group_deletes_what_others_sent_and_no_other_member_does()
    {
        var message = await SendAsync(Bob, Group);

        await AssertRefusedAsync("not_sender", () => RunAsync(Carol, message));
        Assert.True((await RunAsync(Alice, message)).Value);
        // To others it is not there any more.
        await AssertRefusedAsync("not_found", () => RunAsync(Carol, message));
    }

    [Fact]
    public async Task In_a_direct_chat_each_deletes_their_own_even_when_blocked()
    {
        var (alices, bobs) = (await SendAsync(Alice, Pair), await SendAsync(Bob, Pair));
        await BlockAsync(Bob, Alice);

        await AssertRefusedAsync("not_sender", () => RunAsync(Alice, bobs));
        Assert.True((await RunAsync(Alice, alices)).Value);
    }

    [Fact]
    public async Task What_the_caller_may_not_see_is_not_found()
    {
        var (pair, group) = (await SendAsync(Alice, Pair), await SendAsync(Bob, Group));

        await AssertRefusedAsync("not_found", () => RunAsync(Carol, pair));
        await AssertRefusedAsync("not_found", () => RunAsync(Alice, pair with { Id = Ids.NewMessageId(Sample.Now) }));
        await LeaveAsync(Bob, Group);
        await AssertRefusedAsync("not_found", () => RunAsync(Bob, group));
        await JoinAsync(Bob, Group);
        await AssertRefusedAsync("not_found", () => RunAsync(Bob, group));
    }

    [Fact]
    public async Task An_expired_message_that_is_not_erased_yet_can_be_deleted_by_its_sender_alone()
    {
        var message = await SendAsync(Bob, Group, command => command with { ExpiresIn = 1 });
        World.Clock.Advance(TimeSpan.FromSeconds(1));

        await AssertRefusedAsync("not_found", () => RunAsync(Carol, message));
        Assert.True((await RunAsync(Bob, message)).Value);
        Assert.Empty(Stored(message.Id)!.Payload);
    }

    private ValueTask<Result<bool>> RunAsync(Caller caller, Message message) => Delete.RunAsync(caller, message.Id, CancellationToken.None);
}
