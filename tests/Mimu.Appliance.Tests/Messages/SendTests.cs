using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>Protocol 5.1.</summary>
public class SendTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task A_message_is_stored_and_given_back_byte_for_byte()
    {
        var (alice, bob, chat) = await DirectAsync();
        var payload = RandomNumberGenerator.GetBytes(1000);
        var sent = await alice.SendAsync(chat, payload, body => body["message_type"] = "a-z_0.9");
        Assert.Equal(7, Guid.ParseExact((string)sent["message_id"]!, "D").Version);
        Assert.Equal(chat, (string?)sent["chat_id"]);
        Assert.Equal(alice.UserId, (string?)sent["sender_id"]);
        Assert.Equal(1, (int?)sent["sender_device_id"]);
        Assert.Equal("a-z_0.9", (string?)sent["message_type"]);
        Assert.Equal(Convert.ToBase64String(payload), (string?)sent["encrypted_payload"]);
        Assert.Equal(host.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), (string?)sent["created_at"]);
        foreach (var absent in (string[])["reply_to", "forwarded_from", "edited_at", "expires_at", "client_message_id"])
        {
            Assert.True(sent.ContainsKey(absent) && sent[absent] is null, absent);
        }
        Assert.Equal(sent.ToJsonString(), (await bob.ListMessagesAsync(chat))["messages"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task A_payload_has_one_byte_to_256_KiB()
    {
        var (alice, bob, chat) = await DirectAsync();
        await alice.SendAsync(chat, [0]);
        var largest = RandomNumberGenerator.GetBytes(256 * 1024);
        await alice.SendAsync(chat, largest);
        Assert.Equal(Convert.ToBase64String(largest), (string?)(await bob.ListMessagesAsync(chat, "&limit=1"))["messages"]![0]!["encrypted_payload"]);
        (await alice.TrySendAsync(chat, RandomNumberGenerator.GetBytes(256 * 1024 + 1))).ExpectProblem(413, "payload_too_large");
        (await alice.TrySendAsync(chat, [])).ExpectFaults("encrypted_payload");
        Assert.Equal(2, (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Count);
    }

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        var (alice, _, chat) = await DirectAsync();
        (await alice.Http.PostAsync("/api/v1/messages", new JsonObject())).ExpectFaults("chat_id", "encrypted_payload", "message_type");
        (await alice.Http.PostAsync("/api/v1/messages", $$"""
            { "chat_id": "{{chat.ToUpperInvariant()}}", "encrypted_payload": "AAA", "message_type": "Text", "reply_to": "it", "client_message_id": 5,
              "membership_version": "1", "expires_in": 0 }
            """)).ExpectFaults("chat_id", "encrypted_payload", "message_type", "reply_to", "client_message_id", "membership_version", "expires_in");
        // With something too large among them it is 413, and the detail names it.
        var tooLarge = (await alice.Http.PostAsync("/api/v1/messages", new JsonObject { ["encrypted_payload"] = Convert.ToBase64String(new byte[256 * 1024 + 1]) }))
            .ExpectProblem(413, "payload_too_large");
        Assert.Contains("encrypted_payload", (string)tooLarge["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("message_type", "\"\"")]
    [InlineData("message_type", "\"123456789012345678901234567890123\"")]
    [InlineData("message_type", "\"with space\"")]
    [InlineData("message_type", "\"text\\n\"")]
    [InlineData("message_type", "\"t\\u00e9xt\"")]
    [InlineData("message_type", "\"text\\u0000\"")]
    [InlineData("message_type", "[]")]
    [InlineData("expires_in", "31536001")]
    [InlineData("expires_in", "-1")]
    [InlineData("expires_in", "1.5")]
    [InlineData("expires_in", "\"60\"")]
    [InlineData("membership_version", "-1")]
    [InlineData("membership_version", "9223372036854775808")]
    [InlineData("membership_version", "1e1")]
    [InlineData("client_message_id", "\"5691D293-25e5-42f3-8f74-83447ebfde7f\"")]
    [InlineData("client_message_id", "\"\"")]
    [InlineData("reply_to", "\" 5691d293-25e5-42f3-8f74-83447ebfde7f\"")]
    [InlineData("chat_id", "\"(5691d293-25e5-42f3-8f74-83447ebfde7f)\"")]
    public async Task A_bad_value_is_named(string member, string json)
    {
        var (alice, _, chat) = await DirectAsync();
        (await alice.TrySendAsync(chat, [1], body => body[member] = JsonNode.Parse(json))).ExpectFaults(member);
    }

    [Fact]
    public async Task A_reply_must_be_to_a_message_of_the_same_chat()
    {
        var (alice, bob, chat) = await DirectAsync();
        var first = (string)(await alice.SendAsync(chat, "first"))["message_id"]!;
        Assert.Equal(first, (string?)(await bob.SendAsync(chat, "reply", body => body["reply_to"] = first))["reply_to"]);
        var other = await alice.CreateGroupAsync(bob);
        (await alice.TrySendAsync(other, [1], body => body["reply_to"] = first)).ExpectFaults("reply_to");
        (await alice.TrySendAsync(chat, [1], body => body["reply_to"] = Guid.CreateVersion7().ToString())).ExpectFaults("reply_to");
        (await alice.TrySendAsync(chat, [1], body => body["reply_to"] = chat)).ExpectFaults("reply_to");
    }

    [Fact]
    public async Task A_repeat_is_answered_with_the_first_message_and_stores_nothing()
    {
        var (alice, bob, chat) = await DirectAsync();
        var id = Guid.NewGuid().ToString();
        var first = await alice.SendAsync(chat, "first", body => body["client_message_id"] = id);
        Assert.Equal(id, (string?)first["client_message_id"]);
        await bob.ConnectAsync();
        var repeat = (await alice.TrySendAsync(chat, [9, 9], body => body["client_message_id"] = id)).Expect(200);
        Assert.Equal(first.ToJsonString(), repeat.ToJsonString());
        // Recognised before anything else is looked at.
        (await alice.TrySendAsync(chat, [1], body => (body["client_message_id"], body["membership_version"]) = (id, 77))).Expect(200);
        (await alice.TrySendAsync(Guid.CreateVersion7().ToString(), [1], body => body["client_message_id"] = id)).Expect(200);
        await bob.Socket.ExpectNothingElseAsync();
        Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
        // The same id of somebody else is another one.
        await bob.SendAsync(chat, "mine", body => body["client_message_id"] = id);
    }

    [Fact]
    public async Task Of_many_repeats_at_once_one_is_stored()
    {
        var (alice, bob, chat) = await DirectAsync();
        var id = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => alice.TrySendAsync(chat, [1], body => body["client_message_id"] = id)));
        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(19, answers.Count(answer => answer.Status == 200));
        Assert.Single(answers.Select(answer => answer.Text).Distinct());
        Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
    }

    [Fact]
    public async Task Only_its_sender_is_told_the_client_message_id()
    {
        var (alice, bob, chat) = await DirectAsync();
        var (before, id) = (await alice.CursorAsync(), Guid.NewGuid().ToString());
        var laptop = await alice.SignInAgainAsync();
        await alice.SendAsync(chat, "hello", body => body["client_message_id"] = id);
        foreach (var (reader, expected) in ((Person, string?)[])[(alice, id), (laptop, id), (bob, null)])
        {
            Assert.Equal(expected, (string?)(await reader.ListMessagesAsync(chat))["messages"]![0]!["client_message_id"]);
            Assert.Equal(expected, (string?)Assert.Single(await reader.SyncAllAsync(before))["data"]!["client_message_id"]);
        }
    }

    [Fact]
    public async Task With_stale_membership_nothing_is_stored()
    {
        var (alice, bob, chat) = await DirectAsync();
        var before = await bob.CursorAsync();
        foreach (var stale in (long[])[0, 2, long.MaxValue])
        {
            var problem = (await alice.TrySendAsync(chat, [1], body => body["membership_version"] = stale)).ExpectProblem(409, "stale_membership");
            Assert.Equal(1, (int?)problem["membership_version"]);
        }
        Assert.Empty(await bob.SyncAllAsync(before));
        Assert.Empty((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
        await alice.SendAsync(chat, "fresh", body => body["membership_version"] = 1);
    }

    [Fact]
    public async Task A_chat_that_is_not_one_s_own_is_not_found()
    {
        var (alice, bob, chat) = await DirectAsync();
        var eve = await host.RegisterAsync("eve");
        var message = await alice.SendAsync(chat, "hello");
        (await eve.TrySendAsync(chat, [1])).ExpectProblem(404, "not_found");
        (await eve.TrySendAsync(chat, [1], body => body["membership_version"] = 9)).ExpectProblem(404, "not_found");
        (await eve.TrySendAsync(chat, [1], body => body["reply_to"] = (string)message["message_id"]!)).ExpectProblem(404, "not_found");
        (await eve.TrySendAsync(Guid.CreateVersion7().ToString(), [1])).ExpectProblem(404, "not_found");
        Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
    }

    [Fact]
    public async Task A_message_lives_as_long_as_it_or_its_chat_says_whichever_is_shorter()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = (string)(await alice.CreateChatAsync([bob], body => body["message_ttl"] = 60)).Expect(201)["chat_id"]!;
        var plain = await alice.CreateGroupAsync(bob);
        var before = await bob.CursorAsync();
        Assert.Equal(In(60), (string?)(await alice.SendAsync(chat, "by the chat"))["expires_at"]);
        Assert.Equal(In(30), (string?)(await alice.SendAsync(chat, "by itself", body => body["expires_in"] = 30))["expires_at"]);
        Assert.Equal(In(60), (string?)(await alice.SendAsync(chat, "at most", body => body["expires_in"] = 31_536_000))["expires_at"]);
        Assert.Null((await alice.SendAsync(plain, "for ever"))["expires_at"]);
        Assert.Equal(In(31_536_000), (string?)(await alice.SendAsync(plain, "a year", body => body["expires_in"] = 31_536_000))["expires_at"]);

        host.Clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Count);
        Assert.Equal(5, (await bob.SyncAllAsync(before)).Count);
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Count);
        Assert.Equal(4, (await bob.SyncAllAsync(before)).Count);
        host.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
        Assert.Equal(2, (await bob.SyncAllAsync(before)).Count);
        var view = (await alice.CreateChatAsync([bob])).Expect(200);
        Assert.Null(view["last_message"]);
        Assert.Equal(0, (int?)(await bob.CreateChatAsync([alice])).Expect(200)["unread_count"]);

        string In(int seconds) => host.Clock.GetUtcNow().AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    private async Task<(Person Alice, Person Bob, string Chat)> DirectAsync()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        return (alice, bob, await alice.CreateDirectAsync(bob));
    }
}
