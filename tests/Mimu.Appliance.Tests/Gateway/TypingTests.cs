using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol section 7: telling that one writes.</summary>
public class TypingTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task The_others_who_are_online_are_told_and_it_is_kept_nowhere()
    {
        var (alice, bob, carol, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob, carol);
        var (tablet, laptop) = (await bob.SignInAgainAsync(), await alice.SignInAgainAsync());
        var start = await bob.CursorAsync();
        foreach (var person in (Person[])[alice, laptop, bob, tablet, carol, eve])
        {
            await person.ConnectAsync();
        }
        foreach (var active in (bool[])[true, false])
        {
            await alice.Socket.SendAsync(Frame(chat, active, id: "t"));
            Assert.Empty(await alice.Socket.ExpectAckAsync("t"));
            var expected = new JsonObject { ["chat_id"] = chat, ["user_id"] = alice.UserId, ["active"] = active };
            foreach (var person in (Person[])[bob, tablet, carol])
            {
                var told = await person.Socket.ExpectAsync("TypingIndicator");
                Assert.Equal(["type", "data"], told.Select(member => member.Key));
                Assert.Equal(expected.ToJsonString(), told["data"]!.ToJsonString());
            }
        }
        foreach (var person in (Person[])[alice, laptop, bob, tablet, carol, eve])
        {
            await person.Socket.ExpectNothingElseAsync();
        }
        Assert.Empty(await bob.SyncAllAsync(start));
        Assert.Equal(start, await bob.CursorAsync());
        await using var late = await bob.ConnectAsync(start);
        await late.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Without_an_id_it_is_not_acknowledged()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await alice.ConnectAsync();
        await bob.ConnectAsync();
        await alice.Socket.SendAsync(Frame(chat, active: true));
        await bob.Socket.ExpectAsync("TypingIndicator");
        await alice.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_stranger_and_who_has_left_find_no_chat()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob, eve);
        (await eve.LeaveAsync(chat)).ExpectNothing();
        await bob.ConnectAsync();
        await eve.ConnectAsync();
        await eve.Socket.SendAsync(Frame(chat, active: true, id: "t"));
        await eve.Socket.ExpectErrorAsync("not_found", "t");
        await eve.Socket.SendAsync(Frame(Guid.NewGuid().ToString(), active: true));
        await eve.Socket.ExpectErrorAsync("not_found");
        await bob.Socket.ExpectNothingElseAsync();
        // Nor is who has left told of others.
        await alice.ConnectAsync();
        await alice.Socket.SendAsync(Frame(chat, active: true, id: "t"));
        await alice.Socket.ExpectAckAsync("t");
        await bob.Socket.ExpectAsync("TypingIndicator");
        await eve.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Who_is_blocked_types_for_nobody()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await alice.BlockAsync(bob);
        await alice.ConnectAsync();
        await bob.ConnectAsync();
        await bob.Socket.SendAsync(Frame(chat, active: true, id: "t"));
        await bob.Socket.ExpectErrorAsync("blocked", "t");
        await alice.Socket.ExpectNothingElseAsync();
        await alice.Socket.SendAsync(Frame(chat, active: true, id: "t"));
        await alice.Socket.ExpectAckAsync("t");
        await bob.Socket.ExpectAsync("TypingIndicator");
    }

    [Fact]
    public async Task Faults_are_told_all_at_once_and_the_socket_lives_on()
    {
        var alice = await host.RegisterAsync("alice");
        await alice.ConnectAsync();
        foreach (var frame in (string[])["""{ "type": "Typing", "id": "t" }""", """{ "type": "Typing", "id": "t", "chat_id": "none", "active": "true" }""", """{ "type": "Typing", "id": "t", "chat_id": 1, "active": null }"""])
        {
            await alice.Socket.SendAsync(frame);
            var errors = (await alice.Socket.ExpectErrorAsync("validation_failed", "t"))["errors"]!;
            Assert.Equal(["active", "chat_id"], errors.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
        }
        await alice.Socket.ExpectNothingElseAsync();
    }

    private static JsonObject Frame(string chat, bool active, string? id = null)
    {
        var frame = new JsonObject { ["type"] = "Typing", ["chat_id"] = chat, ["active"] = active };
        if (id is not null)
        {
            frame["id"] = id;
        }
        return frame;
    }
}
