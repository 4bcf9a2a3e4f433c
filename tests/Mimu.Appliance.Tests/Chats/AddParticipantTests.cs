using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol 4.4.</summary>
public class AddParticipantTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Anyone_in_a_group_takes_somebody_in_and_all_are_told_what_concerns_them()
    {
        var (alice, bob, carol, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        var start = await carol.CursorAsync();
        await using var watch = await Watch.OnAsync(alice, bob, eve);
        var newcomer = await carol.ConnectAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(9));

        var place = (await bob.AddAsync(chat, carol)).Expect(201);

        var seen = await carol.GetChatAsync(chat);
        Assert.Equal(seen["participants"]![2]!.ToJsonString(), place.ToJsonString());
        Assert.Equal([(alice.UserId, "admin"), (bob.UserId, "member"), (carol.UserId, "member")], seen.Participants());
        Assert.Equal((string?)seen["updated_at"], (string?)place["joined_at"]);
        Assert.Equal(2, (int?)seen["membership_version"]);
        var added = await watch.ExpectAsync("ParticipantAdded", alice, bob);
        Assert.Equal(Change(chat, carol, by: bob, "member", version: 2), added.ToJsonString());

        var created = await newcomer.ExpectAsync("ChatCreated");
        await newcomer.ExpectNothingElseAsync();
        Assert.Equal(created.ToJsonString(), Assert.Single(await carol.SyncAllAsync(start)).ToJsonString());
        seen.Remove("last_message");
        seen.Remove("unread_count");
        Assert.Equal(seen.ToJsonString(), created["data"]!.ToJsonString());
    }

    [Fact]
    public async Task Who_is_in_it_already_stays_as_they_are()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateGroupAsync(bob);
        await using var watch = await Watch.OnAsync(alice, bob);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var before = await alice.GetChatAsync(chat);
        Assert.Equal(before["participants"]![1]!.ToJsonString(), (await alice.AddAsync(chat, bob)).Expect(200).ToJsonString());
        Assert.Equal(before["participants"]![0]!.ToJsonString(), (await alice.AddAsync(chat, alice)).Expect(200).ToJsonString());
        // Also one who blocks the caller: that they are here is known to all.
        await bob.BlockAsync(alice);
        (await alice.AddAsync(chat, bob)).Expect(200);
        Assert.Equal(before.ToJsonString(), (await alice.GetChatAsync(chat)).ToJsonString());
        await watch.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_stranger_takes_nobody_in()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        (await eve.AddAsync(chat, eve)).ExpectProblem(404, "not_found");
        (await alice.AddAsync(Guid.NewGuid().ToString(), eve)).ExpectProblem(404, "not_found");
        (await alice.AddAsync("chat", eve)).ExpectProblem(404, "not_found");
        (await bob.LeaveAsync(chat)).ExpectNothing();
        (await bob.AddAsync(chat, bob)).ExpectProblem(404, "not_found");
        Assert.Equal(2, (int?)(await alice.GetChatAsync(chat))["membership_version"]);
    }

    [Fact]
    public async Task A_direct_chat_stays_one_of_two()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateDirectAsync(bob);
        (await alice.AddAsync(chat, carol)).ExpectProblem(409, "direct_chat");
        (await alice.AddAsync(chat, bob)).ExpectProblem(409, "direct_chat");
        (await carol.AddAsync(chat, carol)).ExpectProblem(404, "not_found");
    }

    [Fact]
    public async Task Nobody_of_that_id_and_who_blocks_the_caller_are_the_same()
    {
        var (alice, bob, carol, gone) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"), await host.RegisterAsync("gone"));
        var chat = await alice.CreateGroupAsync(bob);
        await carol.BlockAsync(alice);
        await gone.DeleteAccountAsync();
        await using var watch = await Watch.OnAsync(alice, bob, carol);
        var blocked = (await alice.AddAsync(chat, carol)).ExpectProblem(404, "not_found");
        var unknown = (await alice.AddAsync(chat, Guid.NewGuid().ToString())).ExpectProblem(404, "not_found");
        Assert.Equal((string?)unknown["detail"], (string?)blocked["detail"]);
        (await alice.AddAsync(chat, gone)).ExpectProblem(404, "not_found");
        await watch.ExpectNothingAsync();
        // By somebody else they can be taken in, and who blocks may take in whom they block.
        (await bob.AddAsync(chat, carol)).Expect(201);
        var own = await carol.CreateGroupAsync();
        (await carol.AddAsync(own, alice)).Expect(201);
    }

    [Fact]
    public async Task Faults_are_told()
    {
        var alice = await host.RegisterAsync("alice");
        var chat = await alice.CreateGroupAsync();
        foreach (var body in (string[])["{}", """{ "user_id": null }""", """{ "user_id": 1 }""", """{ "user_id": "alice" }""", $$"""{ "user_id": "{{Guid.NewGuid().ToString().ToUpperInvariant()}}" }"""])
        {
            (await alice.Http.PostAsync($"/api/v1/chats/{chat}/participants", body)).ExpectFaults("user_id");
        }
        (await alice.Http.PostAsync($"/api/v1/chats/{chat}/participants", "[]")).ExpectProblem(400, "malformed_request");
    }

    [Fact]
    public async Task A_full_group_takes_nobody_until_somebody_leaves()
    {
        await using var small = await Host.Start(options => options.Chats.MaxParticipants = 3);
        var (alice, bob, carol, dave) = (await small.RegisterAsync("alice"), await small.RegisterAsync("bob"), await small.RegisterAsync("carol"), await small.RegisterAsync("dave"));
        var chat = await alice.CreateGroupAsync(bob);
        (await alice.AddAsync(chat, carol)).Expect(201);
        (await alice.AddAsync(chat, dave)).ExpectProblem(409, "limit_reached");
        (await alice.AddAsync(chat, carol)).Expect(200);
        Assert.Equal(2, (int?)(await alice.GetChatAsync(chat))["membership_version"]);
        (await carol.LeaveAsync(chat)).ExpectNothing();
        (await alice.AddAsync(chat, dave)).Expect(201);
    }

    [Fact]
    public async Task A_newcomer_sees_what_comes_from_now_on()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync(bob);
        var start = await carol.CursorAsync();
        var before = (string)(await alice.SendAsync(chat, "before"))["message_id"]!;
        (await alice.AddAsync(chat, carol)).Expect(201);
        Assert.Empty((await carol.ListMessagesAsync(chat))["messages"]!.AsArray());
        Assert.Null((await carol.GetChatAsync(chat))["last_message"]);
        Assert.Equal(0, (int?)(await carol.GetChatAsync(chat))["unread_count"]);

        var after = (string)(await alice.SendAsync(chat, "after"))["message_id"]!;
        await EditAsync(before);
        await EditAsync(after);

        Assert.Equal(["ChatCreated", "NewMessage", "MessageEdited"], await carol.SyncTypesAsync(start));
        Assert.All((await carol.SyncAllAsync(start)).Skip(1), happened => Assert.Equal(after, (string?)happened["data"]!["message_id"]));
        (await carol.Http.GetAsync($"/api/v1/messages/{before}")).ExpectProblem(404, "not_found");
        (await carol.Http.GetAsync($"/api/v1/messages/{after}")).Expect(200);
        Assert.Equal(1, (int?)(await carol.GetChatAsync(chat))["unread_count"]);

        async Task EditAsync(string message) =>
            (await alice.Http.PostAsync($"/api/v1/messages/{message}/edit", new JsonObject { ["encrypted_payload"] = "AQ==" })).Expect(200);
    }

    [Fact]
    public async Task Who_comes_back_sees_what_was_until_they_left_and_what_comes_from_then_on()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var start = await bob.CursorAsync();
        var chat = await alice.CreateGroupAsync(bob);
        await alice.SendAsync(chat, "one");
        (await bob.LeaveAsync(chat)).ExpectNothing();
        await alice.SendAsync(chat, "while away");
        (await alice.AddAsync(chat, bob)).Expect(201);
        var last = await alice.SendAsync(chat, "two");

        Assert.Equal(["ChatCreated", "NewMessage", "ParticipantRemoved", "ChatCreated", "NewMessage"], await bob.SyncTypesAsync(start));
        Assert.Equal((string?)last["message_id"], (string?)Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray())!["message_id"]);
        Assert.Equal((3, 1), ((int?)(await bob.GetChatAsync(chat))["membership_version"], (int?)(await bob.GetChatAsync(chat))["unread_count"]));
    }

    [Fact]
    public async Task Of_many_at_once_each_adds_one_to_the_version()
    {
        var alice = await host.RegisterAsync("alice");
        var chat = await alice.CreateGroupAsync();
        var others = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.RegisterAsync("other")));
        var start = await alice.CursorAsync();
        // Each is taken in twice at once: one of the two is the first.
        var answers = await Task.WhenAll(others.Concat(others).Select(other => alice.AddAsync(chat, other)));
        Assert.Equal(20, answers.Count(answer => answer.Status == 201));
        Assert.Equal(20, answers.Count(answer => answer.Status == 200));
        Assert.Equal(21, (int?)(await alice.GetChatAsync(chat))["membership_version"]);
        Assert.Equal(Enumerable.Range(2, 20), (await alice.SyncAllAsync(start)).Select(happened => (int)happened["data"]!["membership_version"]!));
        foreach (var other in others)
        {
            Assert.Equal(21, (await other.GetChatAsync(chat)).Participants().Length);
        }

        start = await alice.CursorAsync();
        answers = await Task.WhenAll(others.Select(other => other.LeaveAsync(chat)));
        Assert.All(answers, answer => answer.ExpectNothing());
        Assert.Equal(41, (int?)(await alice.GetChatAsync(chat))["membership_version"]);
        Assert.Equal(Enumerable.Range(22, 20), (await alice.SyncAllAsync(start)).Select(happened => (int)happened["data"]!["membership_version"]!));
        Assert.Equal([(alice.UserId, "admin")], (await alice.GetChatAsync(chat)).Participants());
    }

    internal static string Change(string chat, Person whom, Person by, string role, int version) => new JsonObject
    {
        ["chat_id"] = chat,
        ["user_id"] = whom.UserId,
        ["public_id"] = whom.PublicId,
        ["by"] = by.UserId,
        ["role"] = role,
        ["membership_version"] = version,
    }.ToJsonString();
}
