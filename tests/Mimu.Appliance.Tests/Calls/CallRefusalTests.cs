using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Calls;

/// <summary>Protocol 9.2: what is not taken.</summary>
public class CallRefusalTests(Host host) : IClassFixture<Host>
{
    private readonly string _call = CallVerbs.NewCall();

    [Fact]
    public async Task Who_shares_no_chat_is_not_found()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var group = await alice.CreateGroupAsync(bob, eve);
        (await eve.LeaveAsync(group)).ExpectNothing();
        var (his, evil) = (await bob.ConnectAsync(), await eve.ConnectAsync());
        await evil.ExpectRefusalAsync("not_found", "CallOffer", bob.UserId, _call);
        await evil.ExpectRefusalAsync("not_found", "IceCandidate", bob.UserId, _call);
        await evil.ExpectRefusalAsync("not_found", "CallOffer", Guid.NewGuid().ToString(), _call);
        await evil.ExpectRefusalAsync("not_found", "CallOffer", eve.UserId, _call);
        await his.ExpectNothingElseAsync();
        // A group is enough.
        Assert.True(await (await alice.ConnectAsync()).SayAsync("CallOffer", bob.UserId, _call));
        await his.ExpectOfCallAsync("CallOffer", _call);
        // And now there is a call, of which she still knows nothing.
        foreach (var word in (string[])["CallOffer", "CallRinging", "CallAnswer", "IceCandidate", "CallDecline", "CallBusy", "CallHangup"])
        {
            await evil.ExpectRefusalAsync("not_found", word, alice.UserId, _call);
            await evil.ExpectRefusalAsync("not_found", word, bob.UserId, _call);
        }
        await his.ExpectNothingElseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_blocks_or_is_blocked_is_not_found(bool isBlocked)
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await alice.CreateGroupAsync(bob);
        await (isBlocked ? bob.BlockAsync(alice) : alice.BlockAsync(bob));
        await (await alice.ConnectAsync()).ExpectRefusalAsync("not_found", "CallOffer", bob.UserId, _call);
    }

    [Fact]
    public async Task Faults_are_told_all_at_once_and_the_socket_lives_on()
    {
        var alice = await host.RegisterAsync("alice");
        await alice.ConnectAsync();
        await alice.Socket.SendAsync($$"""{ "type": "CallOffer", "id": "c", "call_id": "X", "to_device_id": 0, "payload": "{{new string('x', 16 * 1024)}}" }""");
        var errors = (await alice.Socket.ExpectErrorAsync("validation_failed", "c"))["errors"]!;
        Assert.Equal(["call_id", "payload", "to", "to_device_id"], errors.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
        await alice.Socket.SendAsync(new JsonObject { ["type"] = "CallUnavailable", ["id"] = "c" });
        await alice.Socket.ExpectErrorAsync("malformed_request", "c");
        await alice.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_payload_is_measured_as_it_is_written()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await alice.CreateDirectAsync(bob);
        var (hers, his) = (await alice.ConnectAsync(), await bob.ConnectAsync());
        var largest = $"\"{new string('x', (16 * 1024) - 4)}ö\"";
        Assert.True(await hers.SayAsync("CallOffer", bob.UserId, _call, largest));
        Assert.Equal(largest.Length - 2, ((string)(await his.ExpectOfCallAsync("CallOffer", _call))!).Length);
        await hers.ExpectRefusalAsync("validation_failed", "IceCandidate", bob.UserId, _call, $"[{new string(' ', (16 * 1024) - 1)}]");
        await his.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Offers_have_a_rate_and_candidates_have_not()
    {
        await using var strict = await Host.Start(options => options.Limits.Rates.Enabled = true);
        var (alice, bob) = (await strict.RegisterAsync("alice"), await strict.RegisterAsync("bob"));
        await alice.CreateDirectAsync(bob);
        var hers = await alice.ConnectAsync();
        for (var i = 0; i < 30; i++)
        {
            await hers.SayAsync("CallOffer", bob.UserId, _call);
        }
        await hers.ExpectRefusalAsync("rate_limited", "CallOffer", bob.UserId, _call);
        Assert.False(await hers.SayAsync("IceCandidate", bob.UserId, _call));
    }

    [Fact]
    public async Task So_many_calls_of_one_account_ring_at_once()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await alice.CreateDirectAsync(bob);
        var hers = await alice.ConnectAsync();
        for (var i = 0; i < 8; i++)
        {
            Assert.False(await hers.SayAsync("CallOffer", bob.UserId, CallVerbs.NewCall()));
        }
        await hers.ExpectRefusalAsync("limit_reached", "CallOffer", bob.UserId, _call);
    }
}
