using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol 4.3.</summary>
public class ChangeChatTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task An_admin_changes_a_group_and_everybody_is_told()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        await alice.SendAsync(chat, "hello");
        await using var watch = await Watch.OnAsync(alice, bob, eve);
        host.Clock.Advance(TimeSpan.FromSeconds(7));

        var changed = (await alice.ChangeChatAsync(chat, new JsonObject { ["encrypted_metadata"] = "AAEC", ["message_ttl"] = 31_536_000 })).Expect(200);

        Assert.Equal(("AAEC", 31_536_000, 1), ((string?)changed["encrypted_metadata"], (int?)changed["message_ttl"], (int?)changed["membership_version"]));
        Assert.NotNull(changed["last_message"]);
        Assert.Equal(changed.ToJsonString(), (await alice.GetChatAsync(chat)).ToJsonString());
        var told = await watch.ExpectAsync("ChatUpdated", alice, bob);
        changed.Remove("last_message");
        changed.Remove("unread_count");
        Assert.Equal(changed.ToJsonString(), told.ToJsonString());
    }

    [Fact]
    public async Task What_is_absent_stays_and_null_removes()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = (string)(await alice.CreateChatAsync([bob], body => (body["encrypted_metadata"], body["message_ttl"]) = ("AAEC", 60))).Expect(201)["chat_id"]!;
        Assert.Equal(("AAEC", 5), await ChangeAsync("""{ "message_ttl": 5 }"""));
        Assert.Equal(("/w==", 5), await ChangeAsync("""{ "encrypted_metadata": "/w==" }"""));
        Assert.Equal(("/w==", null), await ChangeAsync("""{ "message_ttl": null }"""));
        Assert.Equal((null, 9), await ChangeAsync("""{ "encrypted_metadata": null, "message_ttl": 9 }"""));
        Assert.Equal((null, null), await ChangeAsync("""{ "encrypted_metadata": null, "message_ttl": null }"""));

        async Task<(string?, int?)> ChangeAsync(string body)
        {
            var changed = (await bob.ChangeChatAsync(chat, JsonNode.Parse(body)!.AsObject())).Expect(200);
            var seen = await alice.GetChatAsync(chat);
            Assert.Equal(((string?)changed["encrypted_metadata"], (int?)changed["message_ttl"]), ((string?)seen["encrypted_metadata"], (int?)seen["message_ttl"]));
            return ((string?)seen["encrypted_metadata"], (int?)seen["message_ttl"]);
        }
    }

    [Fact]
    public async Task What_changes_nothing_is_told_to_nobody()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = (await alice.CreateChatAsync([bob], body => (body["encrypted_metadata"], body["message_ttl"]) = ("AAEC", 60))).Expect(201);
        await using var watch = await Watch.OnAsync(alice, bob);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var body in (string[])["{}", """{ "encrypted_metadata": "AAEC" }""", """{ "message_ttl": 60, "encrypted_metadata": "AAEC" }""", """{ "name": "unknown" }"""])
        {
            Assert.Equal(chat.ToJsonString(), (await alice.ChangeChatAsync((string)chat["chat_id"]!, JsonNode.Parse(body)!.AsObject())).Expect(200).ToJsonString());
        }
        await watch.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_member_of_a_group_may_not_and_a_stranger_finds_nothing()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        await using var watch = await Watch.OnAsync(alice, bob);
        var body = new JsonObject { ["message_ttl"] = 60 };
        (await bob.ChangeChatAsync(chat, body)).ExpectProblem(403, "not_admin");
        (await eve.ChangeChatAsync(chat, body)).ExpectProblem(404, "not_found");
        (await alice.ChangeChatAsync(Guid.NewGuid().ToString(), body)).ExpectProblem(404, "not_found");
        (await alice.ChangeChatAsync("chat", body)).ExpectProblem(404, "not_found");
        await watch.ExpectNothingAsync();
        Assert.Null((await alice.GetChatAsync(chat))["message_ttl"]);
    }

    [Fact]
    public async Task Either_side_changes_a_direct_chat_unless_it_is_read_only_for_them()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await alice.BlockAsync(bob);
        (await bob.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = 60 })).ExpectProblem(403, "blocked");
        (await alice.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = 60 })).Expect(200);
        await bob.DeleteAccountAsync();
        (await alice.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = 5 })).ExpectProblem(403, "blocked");
        Assert.Equal(60, (int?)(await alice.GetChatAsync(chat))["message_ttl"]);
    }

    [Fact]
    public async Task Faults_are_told_all_at_once()
    {
        var alice = await host.RegisterAsync("alice");
        var chat = await alice.CreateGroupAsync();
        foreach (var ttl in (JsonNode[])[0, 31_536_001, 1.5, "60", true])
        {
            (await alice.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = ttl, ["encrypted_metadata"] = "" })).ExpectFaults("message_ttl", "encrypted_metadata");
        }
        (await alice.ChangeChatAsync(chat, new JsonObject { ["encrypted_metadata"] = "AAE" })).ExpectFaults("encrypted_metadata");
        (await alice.ChangeChatAsync(chat, new JsonObject { ["encrypted_metadata"] = Convert.ToBase64String(new byte[(16 << 10) + 1]) })).ExpectProblem(413, "payload_too_large");
        (await alice.ChangeChatAsync(chat, new JsonObject { ["encrypted_metadata"] = Convert.ToBase64String(new byte[16 << 10]) })).Expect(200);
    }

    [Fact]
    public async Task A_change_of_the_life_of_messages_counts_for_those_that_are_sent_after_it()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var before = await alice.SendAsync(chat, "before");
        (await bob.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = 60 })).Expect(200);
        var after = await alice.SendAsync(chat, "after");
        var shorter = await alice.SendAsync(chat, "shorter", body => body["expires_in"] = 30);
        (await bob.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = null })).Expect(200);
        var last = await alice.SendAsync(chat, "last");
        Assert.Null(before["expires_at"]);
        Assert.Null(last["expires_at"]);
        Assert.Equal(TimeSpan.FromSeconds(60), Life(after));
        Assert.Equal(TimeSpan.FromSeconds(30), Life(shorter));
        host.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal([(string?)last["message_id"], (string?)before["message_id"]],
            (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Select(message => (string?)message!["message_id"]));

        static TimeSpan Life(JsonObject message) => Time(message, "expires_at") - Time(message, "created_at");

        static DateTimeOffset Time(JsonObject message, string member) =>
            DateTimeOffset.Parse((string)message[member]!, System.Globalization.CultureInfo.InvariantCulture);
    }
}
