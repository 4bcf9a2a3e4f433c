using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>Protocol 5.4, and one message by its id (5.2).</summary>
public class EditTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task An_edit_is_answered_stored_and_told_live_and_by_sync_and_moves_no_chat()
    {
        var (alice, bob, chat) = await DirectAsync();
        var laptop = await alice.SignInAgainAsync();
        var before = await bob.CursorAsync();
        var own = Guid.NewGuid().ToString();
        var sent = await alice.SendAsync(chat, "first", body => body["client_message_id"] = own);
        var updated = (string)(await bob.ChatAsync(chat))["updated_at"]!;
        await alice.ConnectAsync();
        await laptop.ConnectAsync();
        await bob.ConnectAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        var edited = await alice.EditAsync(sent, "second");

        var expected = sent.DeepClone();
        (expected["encrypted_payload"], expected["edited_at"]) = (Person.Base64Of("second"), edited["edited_at"]!.DeepClone());
        Assert.Equal(expected.ToJsonString(), edited.ToJsonString());
        Assert.NotEqual((string?)sent["created_at"], (string?)edited["edited_at"]);
        Assert.Equal(updated, (string?)(await bob.ChatAsync(chat))["updated_at"]);
        Assert.Equal(edited.ToJsonString(), (await alice.GetMessageAsync(sent)).Expect(200).ToJsonString());
        // The session that wrote it is told too: only NewMessage is spared.
        Assert.Equal(edited.ToJsonString(), (await alice.Socket.ExpectDataAsync("MessageEdited")).ToJsonString());
        Assert.Equal(edited.ToJsonString(), (await laptop.Socket.ExpectDataAsync("MessageEdited")).ToJsonString());
        var told = await bob.Socket.ExpectAsync("MessageEdited");
        edited["client_message_id"] = null;
        Assert.Equal(edited.ToJsonString(), told["data"]!.ToJsonString());
        Assert.Equal(edited.ToJsonString(), (await bob.GetMessageAsync(sent)).Expect(200).ToJsonString());
        Assert.Equal(edited.ToJsonString(), (await bob.ListMessagesAsync(chat))["messages"]![0]!.ToJsonString());
        // A replay gives messages as they are now.
        var events = await bob.SyncAllAsync(before);
        Assert.Equal(["NewMessage", "MessageEdited"], events.Select(happened => (string)happened["type"]!));
        Assert.Equal(edited.ToJsonString(), events[0]["data"]!.ToJsonString());
        Assert.Equal(told.ToJsonString(), events[1].ToJsonString());
        Assert.Equal(own, (string?)(await alice.SyncAllAsync(before))[1]["data"]!["client_message_id"]);
        await bob.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_message_is_edited_by_its_sender_alone()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        var sent = await bob.SendAsync(chat, "first");
        // An admin of the group neither.
        (await alice.TryEditAsync(sent, "x")).ExpectProblem(403, "not_sender");
        (await eve.TryEditAsync(sent, "x")).ExpectProblem(404, "not_found");
        (await bob.TryEditAsync(new JsonObject { ["message_id"] = Guid.CreateVersion7().ToString() }, "x")).ExpectProblem(404, "not_found");
        (await bob.TryEditAsync(new JsonObject { ["message_id"] = "it" }, "x")).ExpectProblem(404, "not_found");
        (await host.Anonymous.PostAsync($"/api/v1/messages/{sent["message_id"]}/edit", new JsonObject())).ExpectProblem(401, "unauthorized");
        Assert.Equal(Person.Base64Of("first"), (string?)(await bob.GetMessageAsync(sent)).Expect(200)["encrypted_payload"]);
    }

    [Fact]
    public async Task A_message_is_edited_until_it_is_48_hours_old()
    {
        await using var other = new ClockHost();
        await other.InitializeAsync();
        var (alice, bob) = (await other.RegisterAsync("alice"), await other.RegisterAsync("bob"));
        var sent = await alice.SendAsync(await alice.CreateDirectAsync(bob), "first");
        other.Clock.Advance(TimeSpan.FromHours(48) - TimeSpan.FromMilliseconds(1));
        await alice.RefreshAsync();
        await alice.EditAsync(sent, "second");
        other.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await alice.TryEditAsync(sent, "third")).ExpectProblem(409, "edit_window_closed");
        Assert.Equal(Person.Base64Of("second"), (string?)(await alice.GetMessageAsync(sent)).Expect(200)["encrypted_payload"]);
    }

    [Fact]
    public async Task Faults_of_the_body_are_told()
    {
        var (alice, _, chat) = await DirectAsync();
        var sent = await alice.SendAsync(chat, "first");
        var path = $"/api/v1/messages/{sent["message_id"]}/edit";
        (await alice.Http.PostAsync(path, new JsonObject())).ExpectFaults("encrypted_payload");
        (await alice.Http.PostAsync(path, new JsonObject { ["encrypted_payload"] = "" })).ExpectFaults("encrypted_payload");
        (await alice.Http.PostAsync(path, new JsonObject { ["encrypted_payload"] = "AAA" })).ExpectFaults("encrypted_payload");
        (await alice.Http.PostAsync(path, new JsonObject { ["encrypted_payload"] = Convert.ToBase64String(new byte[256 * 1024 + 1]) })).ExpectProblem(413, "payload_too_large");
        (await alice.Http.PostAsync(path, "[]")).ExpectProblem(400, "malformed_request");
        var largest = Convert.ToBase64String(new byte[256 * 1024]);
        Assert.Equal(largest, (string?)(await alice.Http.PostAsync(path, new JsonObject { ["encrypted_payload"] = largest })).Expect(200)["encrypted_payload"]);
    }

    [Fact]
    public async Task A_chat_that_takes_nothing_from_the_caller_takes_no_edit()
    {
        var (alice, bob, chat) = await DirectAsync();
        var sent = await alice.SendAsync(chat, "first");
        (await bob.Http.PutAsync($"/users/me/blocks/{alice.PublicId}")).ExpectNothing();
        (await alice.TryEditAsync(sent, "second")).ExpectProblem(403, "blocked");
        Assert.Equal(Person.Base64Of("first"), (string?)(await bob.GetMessageAsync(sent)).Expect(200)["encrypted_payload"]);
        // Taking back is not sending.
        await alice.DeleteAsync(sent);
    }

    [Fact]
    public async Task A_message_is_there_for_those_who_see_it_alone()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync(bob);
        var sent = await alice.SendAsync(chat, "first", body => body["expires_in"] = 10);
        Assert.Equal(sent.ToJsonString(), (await bob.GetMessageAsync(sent)).Expect(200).ToJsonString());
        (await carol.GetMessageAsync(sent)).ExpectProblem(404, "not_found");
        // Who comes later sees neither it nor that it changes.
        (await alice.Http.PostAsync($"/api/v1/chats/{chat}/participants", new JsonObject { ["user_id"] = carol.UserId })).Expect(201);
        (await carol.GetMessageAsync(sent)).ExpectProblem(404, "not_found");
        await carol.ConnectAsync();
        var start = await carol.CursorAsync();
        await alice.EditAsync(sent, "second");
        await carol.Socket.ExpectNothingElseAsync();
        Assert.Empty(await carol.SyncAllAsync(start));
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        (await bob.GetMessageAsync(sent)).ExpectProblem(404, "not_found");
        (await alice.TryEditAsync(sent, "third")).ExpectProblem(404, "not_found");
        (await host.Anonymous.GetAsync($"/api/v1/messages/{sent["message_id"]}")).ExpectProblem(401, "unauthorized");
        (await alice.Http.GetAsync("/api/v1/messages/nonsense")).ExpectProblem(404, "not_found");
    }

    private async Task<(Person Alice, Person Bob, string Chat)> DirectAsync()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        return (alice, bob, await alice.CreateDirectAsync(bob));
    }
}
