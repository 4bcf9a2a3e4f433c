using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Messages;

public sealed class EditMessageTests : MessageStage
{
    [Fact]
    public async Task An_edit_is_stored_answered_and_told_to_all_who_see_the_message()
    {
        var message = await SendAsync(Alice, Pair, command => command with { ClientMessageId = Guid.NewGuid() });
        var updated = await UpdatedAtAsync(Pair);
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        var (alice, bob, carol) = (Listen(Alice), Listen(Bob), Listen(Carol));

        var edited = (await RunAsync(Alice, message)).Value;

        Alike.Equal(message with { Payload = [9], EditedAt = World.Clock.Now() }, edited);
        Alike.Equal(edited, Stored(message.Id));
        Assert.Equal(updated, await UpdatedAtAsync(Pair));
        foreach (var recorder in (Recorder[])[alice, bob])
        {
            var told = Assert.Single(recorder.Told);
            Assert.Equal(World.Memory.State.End, told.Cursor);
            Alike.Equal(edited, Assert.IsType<MessageEdited>(told.Event).Message);
        }
        Assert.Empty(carol.Told);
    }

    [Fact]
    public async Task An_edit_may_follow_another()
    {
        var message = await SendAsync(Alice, Pair);
        await RunAsync(Alice, message);
        World.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(World.Clock.Now(), (await RunAsync(Alice, message)).Value.EditedAt);
    }

    [Fact]
    public async Task A_message_can_be_edited_until_it_is_48_hours_old()
    {
        var message = await SendAsync(Alice, Pair);
        World.Clock.Advance(TimeSpan.FromHours(48) - TimeSpan.FromMilliseconds(1));
        Assert.True((await RunAsync(Alice, message)).IsOk);

        World.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await AssertRefusedAsync("edit_window_closed", () => RunAsync(Alice, message));
    }

    [Fact]
    public async Task Somebody_elses_message_is_not_edited_by_an_admin_either()
    {
        var message = await SendAsync(Bob, Group);

        await AssertRefusedAsync("not_sender", () => RunAsync(Alice, message));
    }

    [Fact]
    public async Task What_the_caller_may_not_see_is_not_found()
    {
        var (pair, group) = (await SendAsync(Alice, Pair), await SendAsync(Bob, Group));
        await AssertRefusedAsync("not_found", () => RunAsync(Carol, pair));
        await AssertRefusedAsync("not_found", () => RunAsync(Alice, pair with { Id = Ids.NewMessageId(Sample.Now) }));

        await LeaveAsync(Bob, Group);
        await AssertRefusedAsync("not_found", () => RunAsync(Bob, group));
        // Who comes back sees what comes from then on, their own messages too.
        await JoinAsync(Bob, Group);
        await AssertRefusedAsync("not_found", () => RunAsync(Bob, group));
    }

    [Fact]
    public async Task What_is_gone_is_not_found()
    {
        var (deleted, expiring) = (await SendAsync(Alice, Pair), await SendAsync(Alice, Pair, command => command with { ExpiresIn = 1 }));
        await Delete.RunAsync(Alice, deleted.Id, CancellationToken.None);
        await AssertRefusedAsync("not_found", () => RunAsync(Alice, deleted));

        World.Clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));
        Assert.True((await RunAsync(Alice, expiring)).IsOk);
        World.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await AssertRefusedAsync("not_found", () => RunAsync(Alice, expiring));
    }

    [Fact]
    public async Task A_direct_chat_that_takes_nothing_takes_no_edit()
    {
        var (alices, bobs) = (await SendAsync(Alice, Pair), await SendAsync(Bob, Pair));
        await BlockAsync(Bob, Alice);

        await AssertRefusedAsync("blocked", () => RunAsync(Alice, alices));
        // That somebody blocks does not keep them from writing.
        Assert.True((await RunAsync(Bob, bobs)).IsOk);
        await LeaveAsync(Alice, Pair);
        await AssertRefusedAsync("blocked", () => RunAsync(Bob, bobs));
    }

    [Fact]
    public async Task A_newcomer_is_not_told_what_an_older_message_says()
    {
        var message = await SendAsync(Alice, Group);
        var dave = await World.AddAsync("dave");
        await JoinAsync(dave, Group);
        var (late, carol) = (Listen(dave), Listen(Carol));

        await RunAsync(Alice, message);

        Assert.Empty(late.Told);
        Assert.Single(carol.Told);
    }

    [Fact]
    public async Task A_repeat_of_the_sending_gives_the_message_as_it_is_now()
    {
        var own = Guid.NewGuid();
        var edited = (await RunAsync(Alice, await SendAsync(Alice, Pair, command => command with { ClientMessageId = own }))).Value;

        Alike.Equal(edited, await SendAsync(Alice, Pair, command => command with { ClientMessageId = own }));
    }

    private ValueTask<Result<Message>> RunAsync(Caller caller, Message message) => Edit.RunAsync(caller, message.Id, [9], CancellationToken.None);
}
