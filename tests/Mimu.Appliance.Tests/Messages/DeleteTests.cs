using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>Protocol 5.5.</summary>
public class DeleteTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task A_deleted_message_is_gone_and_everybody_is_told_live_and_by_sync()
    {
        var (alice, bob, chat) = await DirectAsync();
        var before = await bob.CursorAsync();
        var first = await alice.SendAsync(chat, "first");
        var second = await alice.SendAsync(chat, "second");
        await alice.EditAsync(second, "edited");
        await alice.ConnectAsync();
        await bob.ConnectAsync();
        Assert.Equal(2, (int?)(await bob.ChatAsync(chat))["unread_count"]);
        var updated = (string)(await bob.ChatAsync(chat))["updated_at"]!;
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        await alice.DeleteAsync(second);

        var told = await bob.Socket.ExpectAsync("MessageDeleted");
        Assert.Equal(new JsonObject { ["chat_id"] = chat, ["message_id"] = second["message_id"]!.DeepClone() }.ToJsonString(), told["data"]!.ToJsonString());
        await alice.Socket.ExpectAsync("MessageDeleted");
        (await alice.GetMessageAsync(second)).ExpectProblem(404, "not_found");
        (await bob.GetMessageAsync(second)).ExpectProblem(404, "not_found");
        Assert.Equal((string?)first["message_id"], (string?)Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray())!["message_id"]);
        var view = await bob.ChatAsync(chat);
        Assert.Equal((string?)first["message_id"], (string?)view["last_message"]!["message_id"]);
        Assert.Equal(1, (int?)view["unread_count"]);
        Assert.Equal(updated, (string?)view["updated_at"]);
        var events = await bob.SyncAllAsync(before);
        Assert.Equal(["NewMessage", "MessageDeleted"], events.Select(happened => (string)happened["type"]!));
        Assert.Equal(told.ToJsonString(), events[1].ToJsonString());
        // Again: nothing changes, nobody is told.
        await alice.DeleteAsync(second);
        await bob.Socket.ExpectNothingElseAsync();
        Assert.Equal(2, (await bob.SyncAllAsync(before)).Count);
    }

    [Fact]
    public async Task The_place_of_a_deleted_message_still_serves()
    {
        var (alice, bob, chat) = await DirectAsync();
        var sent = new List<JsonObject>();
        for (var i = 0; i < 5; i++)
        {
            sent.Add(await alice.SendAsync(chat, [(byte)i]));
        }
        await alice.DeleteAsync(sent[2]);
        Assert.Equal([IdOf(1), IdOf(0)], await ListAsync($"&before={IdOf(2)}"));
        Assert.Equal([IdOf(3), IdOf(4)], await ListAsync($"&after={IdOf(2)}"));
        Assert.Equal(IdOf(2), (string?)(await bob.SendAsync(chat, "reply", body => body["reply_to"] = IdOf(2)))["reply_to"]);

        string IdOf(int i) => (string)sent[i]["message_id"]!;

        async Task<IEnumerable<string>> ListAsync(string more) =>
            (await bob.ListMessagesAsync(chat, more))["messages"]!.AsArray().Select(message => (string)message!["message_id"]!);
    }

    [Fact]
    public async Task Its_sender_and_admins_of_the_group_delete_a_message_and_nobody_else()
    {
        var (alice, bob, carol, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob, carol);
        var sent = await bob.SendAsync(chat, "hello");
        (await carol.TryDeleteAsync(sent)).ExpectProblem(403, "not_sender");
        (await eve.TryDeleteAsync(sent)).ExpectProblem(404, "not_found");
        (await host.Anonymous.DeleteAsync($"/api/v1/messages/{sent["message_id"]}")).ExpectProblem(401, "unauthorized");
        (await alice.Http.DeleteAsync("/api/v1/messages/nonsense")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync($"/api/v1/messages/{Guid.CreateVersion7()}")).ExpectProblem(404, "not_found");
        await alice.DeleteAsync(sent);
        await bob.DeleteAsync(sent);
        var direct = await bob.SendAsync(await bob.CreateDirectAsync(carol), "hello");
        (await carol.TryDeleteAsync(direct)).ExpectProblem(403, "not_sender");
    }

    [Fact]
    public async Task A_session_that_has_ended_changes_nothing()
    {
        var (alice, bob, chat) = await DirectAsync();
        var sent = await alice.SendAsync(chat, "hello");
        var laptop = await alice.SignInAgainAsync();
        (await laptop.Http.PostAsync("/auth/logout")).ExpectNothing();
        (await laptop.TryDeleteAsync(sent)).ExpectProblem(401, "session_ended");
        (await laptop.TryEditAsync(sent, "x")).ExpectProblem(401, "session_ended");
        (await laptop.TryForwardAsync(sent, Person.Target(chat))).ExpectProblem(401, "session_ended");
        (await laptop.GetMessageAsync(sent)).ExpectProblem(401, "session_ended");
        Assert.Equal(sent.ToJsonString(), (await bob.GetMessageAsync(sent)).Expect(200).ToJsonString());
    }

    [Fact]
    public async Task A_repeat_of_what_was_deleted_says_that_it_was_sent_and_nothing_of_what_it_said()
    {
        var (alice, bob, chat) = await DirectAsync();
        var own = Guid.NewGuid().ToString();
        var sent = await alice.SendAsync(chat, "hello", body => body["client_message_id"] = own);
        await alice.DeleteAsync(sent);
        var again = (await alice.TrySendAsync(chat, [1], body => body["client_message_id"] = own)).Expect(200);
        Assert.Equal((string?)sent["message_id"], (string?)again["message_id"]);
        Assert.Equal("", (string?)again["encrypted_payload"]);
        Assert.Empty((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
        (await alice.TryEditAsync(sent, "x")).ExpectProblem(404, "not_found");
        (await alice.TryForwardAsync(sent, Person.Target(chat))).ExpectProblem(404, "not_found");
    }

    private async Task<(Person Alice, Person Bob, string Chat)> DirectAsync()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        return (alice, bob, await alice.CreateDirectAsync(bob));
    }
}
