using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Calls;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core;
using Mimu.Core.Devices;

namespace Mimu.Appliance.Tests.Calls;

/// <summary>Protocol 9.2 and 9.3: calls as the sockets of both ends hear of them.</summary>
public class CallTests(ClockHost host) : IClassFixture<ClockHost>
{
    private readonly string _call = CallVerbs.NewCall();

    [Fact]
    public async Task A_call_from_the_offer_to_the_end()
    {
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        Assert.True(await hers.SayAsync("CallOffer", bob.UserId, _call, """{ "sdp": "v=0\r\n", "n": 1.50e+3, "Z": null, "a": [ true ] }"""));
        var offer = await his.ExpectAsync("CallOffer");
        Assert.Equal(["type", "data"], offer.Select(member => member.Key));
        Assert.Equal(
            $$$"""{"from":"{{{alice.UserId}}}","from_device_id":1,"call_id":"{{{_call}}}","payload":{"sdp":"v=0\r\n","n":1.50e+3,"Z":null,"a":[true]}}""",
            offer["data"]!.ToJsonString());
        Assert.True(await his.SayAsync("CallRinging", alice.UserId, _call));
        Assert.Equal("{}", (await hers.ExpectOfCallAsync("CallRinging", _call))!.ToJsonString());
        Assert.True(await hers.SayAsync("IceCandidate", bob.UserId, _call, "\"one\""));
        Assert.Equal("\"one\"", (await his.ExpectOfCallAsync("IceCandidate", _call))!.ToJsonString());
        Assert.True(await his.SayAsync("CallAnswer", alice.UserId, _call, "[2]"));
        Assert.True(await his.SayAsync("IceCandidate", alice.UserId, _call, "3"));
        Assert.Equal("[2]", (await hers.ExpectOfCallAsync("CallAnswer", _call))!.ToJsonString());
        Assert.Equal("3", (await hers.ExpectOfCallAsync("IceCandidate", _call))!.ToJsonString());
        Assert.True(await hers.SayAsync("CallHangup", bob.UserId, _call));
        await his.ExpectOfCallAsync("CallHangup", _call);
        Assert.False(await his.SayAsync("CallHangup", alice.UserId, _call));
        await hers.ExpectNothingElseAsync();
        await his.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Without_an_id_nothing_is_acknowledged_and_without_a_payload_it_is_null()
    {
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        await hers.SendAsync($$"""{ "type": "CallOffer", "to": "{{bob.UserId}}", "call_id": "{{_call}}" }""");
        var data = await his.ExpectDataAsync("CallOffer");
        Assert.True(data.ContainsKey("payload"));
        Assert.Null(data["payload"]);
        await hers.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task All_devices_ring_and_one_answers_or_declines_for_all()
    {
        foreach (var word in (string[])["CallAnswer", "CallDecline", "CallBusy"])
        {
            var (alice, bob, call) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), CallVerbs.NewCall());
            await alice.CreateDirectAsync(bob);
            var (tablet, hers, phone) = (await ConnectTabletAsync(bob), await alice.ConnectAsync(), await bob.ConnectAsync());
            Assert.True(await hers.SayAsync("CallOffer", bob.UserId, call));
            await phone.ExpectOfCallAsync("CallOffer", call);
            await tablet.ExpectOfCallAsync("CallOffer", call);
            Assert.True(await tablet.SayAsync(word, alice.UserId, call));
            Assert.Equal(2, (int?)(await hers.ExpectDataAsync(word))["from_device_id"]);
            await phone.ExpectEndAsync(call, "handled_elsewhere");
            // What comes too late is told so: before the acknowledgement, as everything that has the same cause.
            var id = await phone.SaySomethingAsync("CallAnswer", alice.UserId, call);
            await phone.ExpectEndAsync(call, "handled_elsewhere");
            Assert.False((bool)(await phone.ExpectAckAsync(id))["delivered"]!);
            await hers.ExpectNothingElseAsync();
            await tablet.ExpectNothingElseAsync();
        }
    }

    [Fact]
    public async Task One_device_alone_can_be_called()
    {
        var (alice, bob) = await FriendsAsync();
        var (tablet, hers, phone) = (await ConnectTabletAsync(bob), await alice.ConnectAsync(), await bob.ConnectAsync());
        Assert.True(await hers.SayAsync("CallOffer", bob.UserId, _call, more: ", \"to_device_id\": 2"));
        await tablet.ExpectOfCallAsync("CallOffer", _call);
        await phone.ExpectRefusalAsync("not_found", "CallAnswer", alice.UserId, _call);
        Assert.True(await tablet.SayAsync("CallAnswer", alice.UserId, _call));
        await phone.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Who_wakes_up_gets_what_was_missed_and_then_the_offer_and_its_candidates()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var (since, hers) = (await bob.CursorAsync(), await alice.ConnectAsync());
        await alice.SendAsync(chat, "pick up");
        // The answer to her sending is her own: her session is told of nothing.
        Assert.False(await hers.SayAsync("IceCandidate", bob.UserId, _call, "0"));
        Assert.False(await hers.SayAsync("CallOffer", bob.UserId, _call, "\"offer\""));
        Assert.False(await hers.SayAsync("IceCandidate", bob.UserId, _call, "1"));
        await PassAsync(59);
        foreach (var cursor in (string?[])[since, null])
        {
            await using var his = await bob.OpenAsync(cursor);
            await his.ExpectHelloAsync();
            if (cursor is not null)
            {
                await his.ExpectAsync("NewMessage");
            }
            Assert.Equal("\"offer\"", (await his.ExpectOfCallAsync("CallOffer", _call))!.ToJsonString());
            Assert.Equal("0", (await his.ExpectOfCallAsync("IceCandidate", _call))!.ToJsonString());
            Assert.Equal("1", (await his.ExpectOfCallAsync("IceCandidate", _call))!.ToJsonString());
            await his.ExpectNothingElseAsync();
        }
        await hers.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Nobody_takes_it()
    {
        var (alice, bob) = await FriendsAsync();
        var hers = await alice.ConnectAsync();
        Assert.False(await hers.SayAsync("CallOffer", bob.UserId, _call));
        await PassAsync(59);
        await hers.ExpectNothingElseAsync();
        await PassAsync(1);
        Assert.Equal($$"""{"from":"{{bob.UserId}}","call_id":"{{_call}}","payload":null}""", (await hers.ExpectDataAsync("CallUnavailable")).ToJsonString());
        await bob.ConnectAsync();
    }

    [Fact]
    public async Task Nobody_answers()
    {
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        Assert.True(await hers.SayAsync("CallOffer", bob.UserId, _call));
        await his.ExpectOfCallAsync("CallOffer", _call);
        await PassAsync(60);
        await hers.ExpectOfCallAsync("CallUnavailable", _call);
        await his.ExpectEndAsync(_call, "timeout");
    }

    [Fact]
    public async Task Who_hung_up_before_the_callee_woke_up_rings_nowhere()
    {
        var (alice, bob) = await FriendsAsync();
        var hers = await alice.ConnectAsync();
        Assert.False(await hers.SayAsync("CallOffer", bob.UserId, _call));
        Assert.False(await hers.SayAsync("CallHangup", bob.UserId, _call));
        await bob.ConnectAsync();
    }

    [Fact]
    public async Task When_both_call_at_once_the_lower_id_survives()
    {
        var (lower, higher) = ("00000000" + _call[8..], "f0000000" + _call[8..]);
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        Assert.True(await hers.SayAsync("CallOffer", bob.UserId, lower));
        await his.ExpectOfCallAsync("CallOffer", lower);
        var id = await his.SaySomethingAsync("CallOffer", alice.UserId, higher);
        await his.ExpectEndAsync(higher, "glare");
        Assert.False((bool)(await his.ExpectAckAsync(id))["delivered"]!);
        await hers.ExpectEndAsync(higher, "glare");
        Assert.True(await his.SayAsync("CallAnswer", alice.UserId, lower));
        await hers.ExpectOfCallAsync("CallAnswer", lower);

        // And the other way round.
        var (carol, dave) = await FriendsAsync();
        (hers, his) = (await carol.ConnectAsync(), await dave.ConnectAsync());
        (lower, higher) = ("00000001" + _call[8..], "f0000001" + _call[8..]);
        Assert.True(await hers.SayAsync("CallOffer", dave.UserId, higher));
        await his.ExpectOfCallAsync("CallOffer", higher);
        id = await his.SaySomethingAsync("CallOffer", carol.UserId, lower);
        await his.ExpectEndAsync(higher, "glare");
        Assert.True((bool)(await his.ExpectAckAsync(id))["delivered"]!);
        await hers.ExpectEndAsync(higher, "glare");
        await hers.ExpectOfCallAsync("CallOffer", lower);
    }

    [Fact]
    public async Task A_caller_whose_socket_is_gone_has_some_seconds()
    {
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        Assert.True(await hers.SayAsync("CallOffer", bob.UserId, _call));
        await his.ExpectOfCallAsync("CallOffer", _call);
        await LoseAsync(alice);
        await PassAsync(14);
        Assert.False(await his.SayAsync("CallRinging", alice.UserId, _call));
        hers = await alice.OpenAsync();
        await hers.ExpectHelloAsync();
        await hers.ExpectOfCallAsync("CallRinging", _call);
        await PassAsync(15);
        await his.ExpectNothingElseAsync();
        hers.Abort();
        await GoneAsync(alice);
        await PassAsync(15);
        await his.ExpectEndAsync(_call, "caller_gone");
        await his.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_hang_up_waits_for_who_is_between_two_networks()
    {
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        await hers.SayAsync("CallOffer", bob.UserId, _call);
        await his.ExpectOfCallAsync("CallOffer", _call);
        await his.SayAsync("CallAnswer", alice.UserId, _call);
        await hers.ExpectOfCallAsync("CallAnswer", _call);
        await LoseAsync(bob);
        Assert.False(await hers.SayAsync("CallOffer", bob.UserId, _call, "\"again\""));
        his = await bob.OpenAsync();
        await his.ExpectHelloAsync();
        Assert.Equal("again", (string?)await his.ExpectOfCallAsync("CallOffer", _call));
        his.Abort();
        await GoneAsync(bob);
        Assert.False(await hers.SayAsync("CallHangup", bob.UserId, _call));
        his = await bob.OpenAsync();
        await his.ExpectHelloAsync();
        await his.ExpectOfCallAsync("CallHangup", _call);
        await his.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_blocked_caller_rings_no_more()
    {
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        await hers.SayAsync("CallOffer", bob.UserId, _call);
        await his.ExpectOfCallAsync("CallOffer", _call);
        await bob.BlockAsync(alice);
        await hers.ExpectOfCallAsync("CallUnavailable", _call);
        await his.ExpectEndAsync(_call, "ended");
        await hers.ExpectRefusalAsync("not_found", "CallOffer", bob.UserId, CallVerbs.NewCall());
        await his.ExpectRefusalAsync("not_found", "CallOffer", alice.UserId, CallVerbs.NewCall());
        await his.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Who_signs_out_while_it_rings_is_gone()
    {
        var (alice, bob) = await FriendsAsync();
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        await hers.SayAsync("CallOffer", bob.UserId, _call);
        await his.ExpectOfCallAsync("CallOffer", _call);
        (await alice.Http.PostAsync("/auth/logout")).ExpectNothing();
        await hers.ExpectCloseAsync(4401);
        await GoneAsync(alice);
        await PassAsync(15);
        await his.ExpectEndAsync(_call, "caller_gone");
    }

    /// <summary>Neither twice nor never, whatever moment it goes live at.</summary>
    [Fact]
    public async Task A_socket_that_opens_while_somebody_calls_is_told_once()
    {
        var (alice, bob) = await FriendsAsync();
        var hers = await alice.ConnectAsync();
        for (var round = 0; round < 12; round++)
        {
            var call = CallVerbs.NewCall();
            var opening = bob.OpenAsync();
            await hers.SayAsync("CallOffer", bob.UserId, call);
            await hers.SayAsync("IceCandidate", bob.UserId, call);
            await using var his = await opening;
            await his.ExpectHelloAsync();
            await his.ExpectOfCallAsync("CallOffer", call);
            await his.ExpectOfCallAsync("IceCandidate", call);
            await his.ExpectNothingElseAsync();
            await hers.SayAsync("CallHangup", bob.UserId, call);
            // So that the next socket is not told of this end.
            await PassAsync(60);
        }
    }

    private async Task<(Person, Person)> FriendsAsync()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await alice.CreateDirectAsync(bob);
        return (alice, bob);
    }

    /// <summary>Another device, with as few prekeys as it is told.</summary>
    private static async Task<EventSocket> ConnectTabletAsync(Person bob)
    {
        var tablet = await (await bob.LinkAsync()).OpenAsync();
        await tablet.ExpectHelloAsync();
        await tablet.ExpectAsync("PrekeysLow");
        await tablet.ExpectNothingElseAsync();
        return tablet;
    }

    private async Task PassAsync(int seconds)
    {
        host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        await host.Services.GetRequiredService<CallWorker>().RunOnceAsync(CancellationToken.None);
    }

    private Task LoseAsync(Person person)
    {
        person.Socket.Abort();
        return GoneAsync(person);
    }

    private Task GoneAsync(Person person) => Deadline.Until("the socket to be missed",
        () => host.Services.GetRequiredService<IPresence>().OnlineDevices(new UserId(Guid.Parse(person.UserId))).IsEmpty);
}
