using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Core.Push;
using Mimu.Core.Tests.Messages;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Push;

/// <summary>Who is woken for what (protocol 11.2).</summary>
public sealed class WakeUpTests : MessageStage
{
    private readonly Recorder _workers = new();

    [Fact]
    public async Task A_message_wakes_those_who_are_away_and_not_its_sender()
    {
        var (alice, bob, carol) = (await RegisterAsync(Alice, "a"), await RegisterAsync(Bob, "b"), await RegisterAsync(Carol, "c"));
        World.Online.Connect(Carol);
        using var subscription = World.Memory.PubSub.Subscribe(WakeUps.Workers, _workers);
        await SendAsync(Alice, Group);
        Assert.Equal([bob.Id], World.Memory.State.PushQueue.Keys);
        Assert.IsType<WakeUpsQueued>(Assert.Single(_workers.Told).Event);
        Assert.DoesNotContain(alice.Id, World.Memory.State.PushQueue.Keys);
        Assert.DoesNotContain(carol.Id, World.Memory.State.PushQueue.Keys);

        // A burst is one wake-up.
        await SendAsync(Alice, Group);
        await SendAsync(Carol, Group);
        Assert.Equal(2, World.Memory.State.PushQueue.Count);
        Assert.Equal(2, _workers.Told.Count);
    }

    [Fact]
    public async Task A_message_that_is_not_stored_wakes_nobody()
    {
        await RegisterAsync(Bob, "b");
        var command = new SendMessageCommand(Group.Id, [1], "text", ReplyTo: null, Guid.Empty, MembershipVersion: 99, ExpiresIn: null);
        Assert.False((await World.SendMessage.RunAsync(Alice, command, default)).IsOk);
        Assert.Empty(World.Memory.State.PushQueue);
    }

    [Fact]
    public async Task What_is_forwarded_wakes_too()
    {
        var carol = await RegisterAsync(Carol, "c");
        var message = await SendAsync(Alice, Pair);
        Assert.Empty(World.Memory.State.PushQueue);
        Assert.True((await Forward.RunAsync(Bob, message.Id, [new ForwardTarget(Group.Id, [1], ClientMessageId: null, MembershipVersion: null)], default)).IsOk);
        Assert.Equal([carol.Id], World.Memory.State.PushQueue.Keys);
    }

    [Fact]
    public async Task Nobody_is_woken_by_a_platform_that_is_off()
    {
        await RegisterAsync(Bob, "b");
        World.PushSettings = new PushSettings(TimeSpan.FromDays(7), [PushPlatform.Apns]);
        await SendAsync(Alice, Pair);
        Assert.Empty(World.Memory.State.PushQueue);
    }

    [Fact]
    public async Task A_lost_socket_wakes_for_what_it_may_not_have_got_and_for_nothing_else()
    {
        var bob = await RegisterAsync(Bob, "b");
        World.Online.Connect(Bob);
        await SendAsync(Alice, Pair);
        var taken = World.Memory.State.End;
        await SendAsync(Bob, Pair);
        World.Online.Disconnect(Bob);
        await World.WakeUps.SocketLostAsync(Bob, taken);
        Assert.Empty(World.Memory.State.PushQueue);

        World.Online.Connect(Bob);
        await SendAsync(Alice, Pair);
        Assert.Empty(World.Memory.State.PushQueue);
        await World.WakeUps.SocketLostAsync(Bob, taken);
        Assert.Empty(World.Memory.State.PushQueue);
        World.Online.Disconnect(Bob);
        await World.WakeUps.SocketLostAsync(Bob, taken);
        // With time to come back.
        Assert.Equal(World.Clock.GetUtcNow() + TimeSpan.FromSeconds(5), World.Memory.State.PushQueue[bob.Id].Due);
    }

    [Fact]
    public async Task A_token_belongs_to_whoever_registered_it_last()
    {
        var register = new RegisterForPush(World.Database, World.Clock);
        var target = new PushTarget(PushPlatform.Fcm, "t", VoipToken: null, Sandbox: false, P256dh: null, Auth: null);
        var first = (await register.RunAsync(Alice, target, default)).Value;
        Assert.True(first.IsNew);
        World.Clock.Advance(TimeSpan.FromDays(1));
        var again = (await register.RunAsync(Alice, target, default)).Value;
        Assert.False(again.IsNew);
        Assert.Equal((first.Registration.Id, first.Registration.CreatedAt), (again.Registration.Id, again.Registration.CreatedAt));
        Assert.Equal(World.Clock.Now(), World.Memory.State.Registrations[0].RegisteredAt);

        var moved = (await register.RunAsync(Bob, target, default)).Value;
        Assert.True(moved.IsNew);
        Assert.NotEqual(first.Registration.Id, moved.Registration.Id);
        Assert.Equal(Bob.UserId, Assert.Single(World.Memory.State.Registrations).UserId);
    }

    [Fact]
    public async Task A_device_has_so_many_registrations_and_the_oldest_makes_way()
    {
        var register = new RegisterForPush(World.Database, World.Clock);
        for (var i = 0; i <= RegisterForPush.MaxPerDevice; i++)
        {
            World.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True((await register.RunAsync(Alice, new PushTarget(PushPlatform.Fcm, $"{i}", null, false, null, null), default)).Value.IsNew);
        }
        Assert.Equal(Enumerable.Range(1, RegisterForPush.MaxPerDevice).Select(i => $"{i}"), World.Memory.State.Registrations.Select(one => one.Target.Token));
        // One that is there already is in nobody's way.
        Assert.False((await register.RunAsync(Alice, new PushTarget(PushPlatform.Fcm, "1", null, false, null, null), default)).Value.IsNew);
        Assert.Equal(RegisterForPush.MaxPerDevice, World.Memory.State.Registrations.Count);
    }

    private async Task<PushRegistration> RegisterAsync(Caller caller, string token)
    {
        var registration = Sample.Registration(caller.UserId, token);
        await WriteAsync(tx => tx.Push.PutAsync(registration));
        return registration;
    }
}
