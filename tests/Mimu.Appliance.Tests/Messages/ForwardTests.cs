using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>Protocol 5.3.</summary>
public class ForwardTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task A_message_goes_into_every_target_and_is_told_there()
    {
        var (alice, bob, carol) = await PeopleAsync();
        var (pair, group) = (await alice.CreateDirectAsync(bob), await alice.CreateGroupAsync(bob, carol));
        var original = await bob.SendAsync(pair, "hello", body => body["message_type"] = "sticker");
        await alice.ConnectAsync();
        await carol.ConnectAsync();
        var (before, own) = (await carol.CursorAsync(), Guid.NewGuid().ToString());

        var messages = (await alice.TryForwardAsync(original, Person.Target(group, "one", own), Person.Target(pair, "two"))).Expect(201)["messages"]!.AsArray();

        Assert.Equal([group, pair], messages.Select(message => (string)message!["chat_id"]!));
        foreach (var (message, text) in messages.Zip(["one", "two"]))
        {
            Assert.Equal((string?)original["message_id"], (string?)message!["forwarded_from"]);
            Assert.Equal("sticker", (string?)message["message_type"]);
            Assert.Equal(Person.Base64Of(text), (string?)message["encrypted_payload"]);
            Assert.Equal(alice.UserId, (string?)message["sender_id"]);
            Assert.Null(message["reply_to"]);
        }
        Assert.Equal(own, (string?)messages[0]!["client_message_id"]);
        var told = await carol.Socket.ExpectDataAsync("NewMessage");
        messages[0]!["client_message_id"] = null;
        Assert.Equal(messages[0]!.ToJsonString(), told.ToJsonString());
        Assert.Equal(told.ToJsonString(), Assert.Single(await carol.SyncAllAsync(before))["data"]!.ToJsonString());
        await carol.Socket.ExpectNothingElseAsync();
        await alice.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task All_targets_take_it_or_none_and_the_first_that_refuses_is_named()
    {
        var (alice, bob, carol) = await PeopleAsync();
        var (pair, group) = (await alice.CreateDirectAsync(bob), await alice.CreateGroupAsync(bob));
        var (foreign, blocked) = (await bob.CreateDirectAsync(carol), await alice.CreateDirectAsync(carol));
        (await carol.Http.PutAsync($"/users/me/blocks/{alice.PublicId}")).ExpectNothing();
        var original = await alice.SendAsync(pair, "hello");
        var before = await bob.CursorAsync();
        var stale = Person.Target(group);
        stale["membership_version"] = 9;

        AssertNamed((await alice.TryForwardAsync(original, Person.Target(group), Person.Target(foreign))).ExpectProblem(404, "not_found"));
        AssertNamed((await alice.TryForwardAsync(original, Person.Target(group), Person.Target(blocked))).ExpectProblem(403, "blocked"));
        var problem = (await alice.TryForwardAsync(original, Person.Target(group), stale)).ExpectProblem(409, "stale_membership");
        AssertNamed(problem);
        Assert.Equal(1, (int?)problem["membership_version"]);
        Assert.Empty(await bob.SyncAllAsync(before));

        static void AssertNamed(JsonObject problem) => Assert.Contains("targets[1]", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeats_store_nothing_and_are_recognised_before_anything_else()
    {
        var (alice, bob, _) = await PeopleAsync();
        var (pair, group) = (await alice.CreateDirectAsync(bob), await alice.CreateGroupAsync(bob));
        var original = await alice.SendAsync(pair, "hello");
        var (one, two) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var first = (await alice.TryForwardAsync(original, Person.Target(group, "a", one))).Expect(201);
        var both = (await alice.TryForwardAsync(original, Person.Target(group, "x", one), Person.Target(pair, "b", two))).Expect(201);
        Assert.Equal(first["messages"]![0]!.ToJsonString(), both["messages"]![0]!.ToJsonString());
        await alice.DeleteAsync(original);
        var again = (await alice.TryForwardAsync(original, Person.Target(Guid.CreateVersion7().ToString(), "y", one), Person.Target(pair, "y", two))).Expect(200);
        Assert.Equal(both.ToJsonString(), again.ToJsonString());
        (await alice.TryForwardAsync(original, Person.Target(group, "y", one), Person.Target(pair))).ExpectProblem(404, "not_found");
        Assert.Single((await bob.ListMessagesAsync(group))["messages"]!.AsArray());
    }

    [Fact]
    public async Task What_the_caller_may_not_see_can_not_be_forwarded()
    {
        var (alice, bob, carol) = await PeopleAsync();
        var (pair, group) = (await alice.CreateDirectAsync(bob), await alice.CreateGroupAsync(carol));
        var original = await alice.SendAsync(pair, "hello", body => body["expires_in"] = 5);
        (await carol.TryForwardAsync(original, Person.Target(group))).ExpectProblem(404, "not_found");
        (await carol.Http.PostAsync("/api/v1/messages/nonsense/forward", new JsonObject())).ExpectProblem(404, "not_found");
        (await host.Anonymous.PostAsync($"/api/v1/messages/{original["message_id"]}/forward", new JsonObject())).ExpectProblem(401, "unauthorized");
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        (await alice.TryForwardAsync(original, Person.Target(group))).ExpectProblem(404, "not_found");
    }

    [Fact]
    public async Task Faults_are_told_all_at_once()
    {
        var (alice, bob, _) = await PeopleAsync();
        var chat = await alice.CreateDirectAsync(bob);
        var original = await alice.SendAsync(chat, "hello");
        var own = Guid.NewGuid().ToString();
        (await alice.Http.PostAsync($"/api/v1/messages/{original["message_id"]}/forward", new JsonObject())).ExpectFaults("targets");
        (await alice.TryForwardAsync(original)).ExpectFaults("targets");
        (await alice.TryForwardAsync(original, [.. Enumerable.Range(0, 33).Select(_ => Person.Target(chat))])).ExpectFaults("targets");
        (await alice.TryForwardAsync(original, Person.Target("x", ""), JsonValue.Create(5), Person.Target(chat, "a", own), Person.Target(chat, "b", own)))
            .ExpectFaults("targets[0].chat_id", "targets[0].encrypted_payload", "targets[1]", "targets[3].client_message_id");
    }

    [Fact]
    public async Task A_body_has_room_for_32_of_the_largest_payloads_and_12_MiB_at_most()
    {
        var (alice, bob, _) = await PeopleAsync();
        var chat = await alice.CreateDirectAsync(bob);
        var original = await alice.SendAsync(chat, "hello");
        var payload = Convert.ToBase64String(RandomNumberGenerator.GetBytes(256 * 1024));
        var messages = (await alice.TryForwardAsync(original, Targets(payload))).Expect(201)["messages"]!.AsArray();
        Assert.Equal(32, messages.Count);
        Assert.Equal(payload, (string?)(await bob.GetMessageAsync(messages[31]!)).Expect(200)["encrypted_payload"]);
        (await alice.TryForwardAsync(original, Targets(Convert.ToBase64String(new byte[256 * 1024 + 1])))).ExpectProblem(413, "payload_too_large");
        (await alice.Http.PostAsync($"/api/v1/messages/{original["message_id"]}/forward", new string(' ', (12 << 20) + 1))).ExpectProblem(413, "payload_too_large");

        JsonNode[] Targets(string payload) => [.. Enumerable.Range(0, 32).Select(_ => new JsonObject { ["chat_id"] = chat, ["encrypted_payload"] = payload })];
    }

    [Fact]
    public async Task Each_target_takes_one_from_the_rate_of_sending_and_a_repeat_is_answered_all_the_same()
    {
        await using var limited = await Host.Start(options => (options.Limits.Rates.Enabled, options.Limits.Rates.Send) = (true, new Rate(10, 0.1)));
        var (alice, bob) = (await limited.RegisterAsync("alice"), await limited.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var (own, sentAs) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var original = await alice.SendAsync(chat, "hello", body => body["client_message_id"] = sentAs);
        (await alice.TryForwardAsync(original, [Person.Target(chat, "a", own), .. Enumerable.Range(0, 5).Select(_ => Person.Target(chat))])).Expect(201);
        // Three are left, of which the refused one takes one.
        var refused = await alice.TryForwardAsync(original, [.. Enumerable.Range(0, 4).Select(_ => Person.Target(chat))]);
        refused.ExpectProblem(429, "rate_limited");
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 3600);
        (await alice.TryForwardAsync(original, Person.Target(chat), Person.Target(chat))).Expect(201);
        (await alice.TryForwardAsync(original, Person.Target(chat))).ExpectProblem(429, "rate_limited");
        (await alice.TryEditAsync(original, "x")).ExpectProblem(429, "rate_limited");
        (await alice.Http.PostAsync("/api/v1/messages", new JsonObject())).ExpectProblem(429, "rate_limited");

        (await alice.TryForwardAsync(original, Person.Target(chat, "a", own))).Expect(200);
        (await alice.TryForwardAsync(original, Person.Target(chat, "a", own), Person.Target(chat))).ExpectProblem(429, "rate_limited");
        Assert.Equal(original.ToJsonString(), (await alice.TrySendAsync(chat, [1], body => body["client_message_id"] = sentAs)).Expect(200).ToJsonString());
        (await alice.TrySendAsync(chat, [1], body => body["client_message_id"] = Guid.NewGuid().ToString())).ExpectProblem(429, "rate_limited");
        await using var socket = await alice.ConnectAsync();
        var frame = Person.MessageOf(chat, [1]);
        (frame["type"], frame["id"], frame["client_message_id"]) = ("SendMessage", "again", sentAs);
        await socket.SendAsync(frame);
        Assert.Equal(original.ToJsonString(), (await socket.ExpectAckAsync("again")).ToJsonString());
        Assert.Equal(9, (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Count);
    }

    private async Task<(Person Alice, Person Bob, Person Carol)> PeopleAsync() =>
        (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
}
