using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Golden;

/// <summary>The shape of what is told of calls.</summary>
public class CallGoldenTests(Host host) : IClassFixture<Host>
{
    private readonly GoldenFile _golden = new();

    [Fact]
    public async Task Calls()
    {
        var (alice, bob, call) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), CallVerbs.NewCall());
        await alice.CreateDirectAsync(bob);
        _golden.Name(alice.UserId, "Alice");
        _golden.Name(bob.UserId, "Bob");
        _golden.Name(call, "the call");
        await using var hers = await alice.ConnectAsync();
        await using var his = await bob.ConnectAsync();
        await hers.SendAsync($$"""{ "type": "CallOffer", "id": "1", "to": "{{bob.UserId}}", "call_id": "{{call}}", "payload": { "sealed": "AAEC" } }""");
        _golden.Check("frame-ack-call", "frame", await hers.ExpectAsync("Ack"));
        _golden.Check("frame-call-offer", "frame", await his.ExpectAsync("CallOffer"));
        await hers.SendAsync($$"""{ "type": "CallHangup", "to": "{{bob.UserId}}", "call_id": "{{call}}" }""");
        _golden.Check("frame-call-hangup", "frame", await his.ExpectAsync("CallHangup"));
        call = CallVerbs.NewCall();
        _golden.Name(call, "another call");
        await hers.SayAsync("CallOffer", bob.UserId, call);
        await his.ExpectAsync("CallOffer");
        await bob.BlockAsync(alice);
        _golden.Check("frame-call-unavailable", "frame", await hers.ExpectAsync("CallUnavailable"));
        _golden.Check("frame-call-hangup-by-server", "frame", await his.ExpectAsync("CallHangup"));
        _golden.Check("problem-calls-not-configured", await alice.Http.GetAsync("/calls/turn-credentials"));
    }
}
