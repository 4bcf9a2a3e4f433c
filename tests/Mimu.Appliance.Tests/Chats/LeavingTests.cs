using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol 4.5: leaving, removing, and what remains.</summary>
public class LeavingTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Who_leaves_is_told_and_so_is_everybody_else()
    {
        var (alice, bob, carol, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob, carol);
        var tablet = await bob.SignInAgainAsync();
        await using var watch = await Watch.OnAsync(alice, carol, eve);
        await using var own = await Watch.OnAsync(bob, tablet);

        (await bob.LeaveAsync(chat)).ExpectNothing();

        var expected = AddParticipantTests.Change(chat, bob, by: bob, "member", version: 2);
        Assert.Equal(expected, (await watch.ExpectAsync("ParticipantRemoved", alice, carol)).ToJsonString());
        Assert.Equal(expected, (await own.ExpectAsync("ParticipantRemoved", bob, tablet)).ToJsonString());
        Assert.Equal([(alice.UserId, "admin"), (carol.UserId, "member")], (await alice.GetChatAsync(chat)).Participants().OrderBy(one => one.Role));
        // It is the last that they hear.
        await alice.SendAsync(chat, "he is gone");
        await own.ExpectNothingAsync();
        await watch.SkipAsync();
        (await bob.LeaveAsync(chat)).ExpectProblem(404, "not_found");
        (await bob.TrySendAsync(chat, [1])).ExpectProblem(404, "not_found");
        await watch.ExpectNothingAsync();
    }

    [Fact]
    public async Task An_admin_removes_somebody_and_a_member_does_not()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync(bob, carol);
        (await bob.RemoveAsync(chat, carol)).ExpectProblem(403, "not_admin");
        (await bob.RemoveAsync(chat, alice)).ExpectProblem(403, "not_admin");
        await using var others = await Watch.OnAsync(alice, bob);
        await using var removed = await Watch.OnAsync(carol);

        (await alice.RemoveAsync(chat, carol)).ExpectNothing();

        var expected = AddParticipantTests.Change(chat, carol, by: alice, "member", version: 2);
        Assert.Equal(expected, (await others.ExpectAsync("ParticipantRemoved", alice, bob)).ToJsonString());
        Assert.Equal(expected, (await removed.ExpectAsync("ParticipantRemoved", carol)).ToJsonString());
        (await alice.RemoveAsync(chat, carol)).ExpectProblem(404, "not_found");
        (await carol.TryGetChatAsync(chat)).ExpectProblem(404, "not_found");
        (await bob.TrySendAsync(chat, [1], message => message["membership_version"] = 1)).ExpectProblem(409, "stale_membership");
    }

    [Fact]
    public async Task A_stranger_removes_nobody_and_nobody_that_is_not_there_is_removed()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        (await eve.RemoveAsync(chat, bob)).ExpectProblem(404, "not_found");
        (await eve.LeaveAsync(chat)).ExpectProblem(404, "not_found");
        (await alice.RemoveAsync(chat, eve)).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync($"/api/v1/chats/{chat}/participants/{Guid.NewGuid()}")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync($"/api/v1/chats/{chat}/participants/bob")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync($"/api/v1/chats/{chat}/participants/{bob.UserId.ToUpperInvariant()}")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync($"/api/v1/chats/none/participants/{bob.UserId}")).ExpectProblem(404, "not_found");
        (await alice.RemoveAsync(Guid.NewGuid().ToString(), bob)).ExpectProblem(404, "not_found");
        Assert.Equal(1, (int?)(await alice.GetChatAsync(chat))["membership_version"]);
    }

    [Fact]
    public async Task A_direct_chat_can_not_be_left()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateDirectAsync(bob);
        (await alice.LeaveAsync(chat)).ExpectProblem(409, "direct_chat");
        (await alice.RemoveAsync(chat, bob)).ExpectProblem(409, "direct_chat");
        (await eve.RemoveAsync(chat, bob)).ExpectProblem(404, "not_found");
    }

    [Fact]
    public async Task When_the_last_admin_leaves_the_longest_standing_becomes_admin()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync();
        (await alice.AddAsync(chat, carol)).Expect(201);
        (await alice.AddAsync(chat, bob)).Expect(201);
        var start = await bob.CursorAsync();

        (await alice.LeaveAsync(chat)).ExpectNothing();

        Assert.Equal([(carol.UserId, "admin"), (bob.UserId, "member")], (await bob.GetChatAsync(chat)).Participants());
        var told = await bob.SyncAllAsync(start);
        Assert.Equal(["ParticipantRemoved", "ParticipantRoleChanged"], told.Select(happened => (string)happened["type"]!));
        Assert.Equal(AddParticipantTests.Change(chat, alice, by: alice, "admin", version: 4), told[0]["data"]!.ToJsonString());
        Assert.Equal(AddParticipantTests.Change(chat, carol, by: alice, "admin", version: 4), told[1]["data"]!.ToJsonString());
        Assert.Equal("ParticipantRemoved", (await alice.SyncTypesAsync(start)).Single());
        Assert.Equal(4, (int?)(await bob.GetChatAsync(chat))["membership_version"]);
    }

    [Fact]
    public async Task As_long_as_there_is_an_admin_nobody_inherits()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync(bob, carol);
        (await alice.GiveRoleAsync(chat, carol, "admin")).Expect(200);
        await using var watch = await Watch.OnAsync(bob, carol);
        (await alice.LeaveAsync(chat)).ExpectNothing();
        await watch.ExpectAsync("ParticipantRemoved", bob, carol);
        // Who comes back is a member like any other.
        (await carol.AddAsync(chat, alice)).Expect(201);
        Assert.Equal("member", (await alice.GetChatAsync(chat)).Participants()[^1].Role);
        // One admin may remove another.
        (await carol.GiveRoleAsync(chat, bob, "admin")).Expect(200);
        (await bob.RemoveAsync(chat, carol)).ExpectNothing();
        Assert.Equal([(bob.UserId, "admin"), (alice.UserId, "member")], (await bob.GetChatAsync(chat)).Participants());
    }

    [Fact]
    public async Task The_last_one_takes_everything_along()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateGroupAsync(bob);
        await alice.SendAsync(chat, "hello");
        (await alice.ChangeChatAsync(chat, new() { ["message_ttl"] = 60 })).Expect(200);
        var start = await bob.CursorAsync();
        (await alice.RemoveAsync(chat, bob)).ExpectNothing();
        var own = await alice.CursorAsync();

        (await alice.LeaveAsync(chat)).ExpectNothing();

        foreach (var (table, column) in ((string, string)[])[("chats", "chat_id"), ("participants", "chat_id"), ("messages", "chat_id")])
        {
            Assert.Equal((table, 0L), (table, (long)host.Sql($"SELECT count(*) FROM {table} WHERE {column} = @chat", ("@chat", Convert.FromHexString(chat.Replace("-", "", StringComparison.Ordinal))))!));
        }
        (await alice.TryGetChatAsync(chat)).ExpectProblem(404, "not_found");
        // Both learn that they are out of it, also who had not looked since.
        Assert.Equal(AddParticipantTests.Change(chat, bob, by: alice, "member", version: 2), (await bob.SyncAllAsync(start)).Single()["data"]!.ToJsonString());
        Assert.Equal(AddParticipantTests.Change(chat, alice, by: alice, "admin", version: 3), (await alice.SyncAllAsync(own)).Single()["data"]!.ToJsonString());
    }

    [Fact]
    public async Task Many_who_leave_at_once_all_hear_of_it_and_the_last_closes_the_door()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.RegisterAsync("one")));
        var chat = await people[0].CreateGroupAsync(people[1..]);
        var start = await people[0].CursorAsync();
        var answers = await Task.WhenAll(people.Select(person => person.LeaveAsync(chat)));
        Assert.All(answers, answer => answer.ExpectNothing());
        var versions = new List<int>();
        foreach (var person in people)
        {
            var last = (await person.SyncAllAsync(start))[^1];
            Assert.Equal(("ParticipantRemoved", person.UserId), ((string?)last["type"], (string?)last["data"]!["user_id"]));
            versions.Add((int)last["data"]!["membership_version"]!);
            Assert.Empty((await person.ListChatsAsync()).Chats);
        }
        Assert.Equal(Enumerable.Range(2, 20), versions.Order());
        Assert.Equal(0L, host.Sql("SELECT count(*) FROM chats WHERE chat_id = @chat", ("@chat", Convert.FromHexString(chat.Replace("-", "", StringComparison.Ordinal)))));
    }

    [Fact]
    public async Task A_deleted_account_leaves_its_chats_and_a_direct_one_stays_to_read()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var (group, direct) = (await alice.CreateGroupAsync(bob), await alice.CreateDirectAsync(bob));
        var sent = await alice.SendAsync(direct, "goodbye");
        var start = await bob.CursorAsync();
        await using var strangers = await Watch.OnAsync(eve);

        await alice.DeleteAccountAsync();

        var told = await bob.SyncAllAsync(start);
        Assert.Equal(3, told.Count);
        Assert.Contains(told, happened => happened["data"]!.ToJsonString() == AddParticipantTests.Change(group, alice, by: alice, "admin", version: 2));
        Assert.Contains(told, happened => happened["data"]!.ToJsonString() == AddParticipantTests.Change(group, bob, by: alice, "admin", version: 2));
        Assert.Contains(told, happened => happened["data"]!.ToJsonString() == AddParticipantTests.Change(direct, alice, by: alice, "member", version: 2));
        Assert.Equal([(bob.UserId, "admin")], (await bob.GetChatAsync(group)).Participants());
        Assert.Equal([(bob.UserId, "member")], (await bob.GetChatAsync(direct)).Participants());
        Assert.Equal(2, (await bob.ListChatsAsync()).Chats.Length);
        Assert.Equal((string?)sent["message_id"], (string?)Assert.Single((await bob.ListMessagesAsync(direct))["messages"]!.AsArray())!["message_id"]);
        (await bob.TrySendAsync(direct, [1])).ExpectProblem(403, "blocked");
        (await bob.MarkReadAsync(direct, (string)sent["message_id"]!)).ExpectNothing();
        await bob.DeleteAccountAsync();
        Assert.Equal(0L, host.Sql("SELECT count(*) FROM chats WHERE chat_id = @chat", ("@chat", Convert.FromHexString(direct.Replace("-", "", StringComparison.Ordinal)))));
        await strangers.ExpectNothingAsync();
    }
}
