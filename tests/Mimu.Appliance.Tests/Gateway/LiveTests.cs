using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol sections 6 and 7: who is told what, live.</summary>
public class LiveTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_message_arrives_at_once_and_only_where_it_should()
    {
        var (alice, bob, chat) = await DirectAsync();
        var eve = await host.RegisterAsync("eve");
        await bob.ConnectAsync();
        await eve.ConnectAsync();
        var sent = await alice.SendAsync(chat, "hello");
        var arrived = await bob.Socket.ExpectAsync("NewMessage");
        Assert.Equal(sent.ToJsonString(), arrived["data"]!.ToJsonString());
        Assert.Equal(await bob.CursorAsync(), (string?)arrived["cursor"]);
        await bob.Socket.ExpectNothingElseAsync();
        await eve.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Push_and_pull_say_the_same()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await bob.ConnectAsync();
        var before = await bob.CursorAsync();
        var chat = (string)(await alice.CreateChatAsync([bob], body => body["encrypted_metadata"] = "AAEC+/8=")).Expect(201)["chat_id"]!;
        await alice.SendAsync(chat, "hello", body => (body["client_message_id"], body["expires_in"]) = (Guid.NewGuid().ToString(), 60));
        foreach (var pulled in await bob.SyncAllAsync(before))
        {
            Assert.Equal(pulled.ToJsonString(), (await bob.Socket.ExpectAsync((string)pulled["type"]!)).ToJsonString());
        }
        await bob.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_session_gets_no_live_message_of_its_own_by_whichever_door_it_went()
    {
        var (alice, bob, chat) = await DirectAsync();
        var before = await alice.CursorAsync();
        await using var one = await alice.ConnectAsync();
        await using var two = await alice.ConnectAsync();
        await bob.ConnectAsync();
        await alice.SendAsync(chat, "by HTTP");
        await one.SendAsync(Frame(chat, "by WebSocket"));
        await one.ExpectAckAsync("f1");
        await one.ExpectNothingElseAsync();
        await two.ExpectNothingElseAsync();
        await bob.Socket.ExpectAsync("NewMessage");
        await bob.Socket.ExpectAsync("NewMessage");
        await bob.Socket.ExpectNothingElseAsync();
        Assert.Equal(["NewMessage", "NewMessage"], (await alice.SyncAllAsync(before)).Select(happened => (string)happened["type"]!));
        await using var replay = await alice.ConnectAsync(before);
        await replay.ExpectAsync("NewMessage");
        await replay.ExpectAsync("NewMessage");
        await replay.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Another_session_of_the_sender_gets_it_with_its_client_message_id_and_others_without()
    {
        var (alice, bob, chat) = await DirectAsync();
        var (laptop, id) = (await alice.SignInAgainAsync(), Guid.NewGuid().ToString());
        await laptop.ConnectAsync();
        await bob.ConnectAsync();
        var sent = await alice.SendAsync(chat, "hello", body => body["client_message_id"] = id);
        Assert.Equal(sent.ToJsonString(), (await laptop.Socket.ExpectDataAsync("NewMessage")).ToJsonString());
        sent["client_message_id"] = null;
        Assert.Equal(sent.ToJsonString(), (await bob.Socket.ExpectDataAsync("NewMessage")).ToJsonString());
        // And one that has no such id.
        Assert.Equal((await alice.SendAsync(chat, "bye")).ToJsonString(), (await laptop.Socket.ExpectDataAsync("NewMessage")).ToJsonString());
        await bob.Socket.ExpectAsync("NewMessage");
        await laptop.Socket.ExpectNothingElseAsync();
        await bob.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Every_session_of_everyone_in_a_group_is_told()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync(bob, carol);
        var people = new List<Person> { bob, carol, await alice.SignInAgainAsync(), await bob.SignInAgainAsync() };
        var sockets = new List<EventSocket>();
        foreach (var person in people)
        {
            sockets.Add(await person.ConnectAsync());
            sockets.Add(await person.ConnectAsync());
        }
        var sent = await alice.SendAsync(chat, "to all of you");
        foreach (var socket in sockets)
        {
            Assert.Equal(sent.ToJsonString(), (await socket.ExpectDataAsync("NewMessage")).ToJsonString());
            await socket.ExpectNothingElseAsync();
        }
    }

    [Fact]
    public async Task Whoever_opens_a_chat_is_told_in_all_sessions_of_their_own_too()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var laptop = await alice.SignInAgainAsync();
        await alice.ConnectAsync();
        await laptop.ConnectAsync();
        await alice.CreateDirectAsync(bob);
        await alice.Socket.ExpectAsync("ChatCreated");
        await laptop.Socket.ExpectAsync("ChatCreated");
    }

    private async Task<(Person Alice, Person Bob, string Chat)> DirectAsync()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        return (alice, bob, await alice.CreateDirectAsync(bob));
    }

    private static JsonObject Frame(string chat, string text)
    {
        var frame = Person.MessageOf(chat, System.Text.Encoding.UTF8.GetBytes(text));
        (frame["type"], frame["id"]) = ("SendMessage", "f1");
        return frame;
    }
}
